"""One sample of points in words and numbers of the original image."""

from __future__ import annotations

import math

import numpy as np

from inspector.artifacts.dumps.points.all_points import SamplePoints
from inspector.core.arrays import FloatArray
from inspector.core.language import tr, tr_counted
from inspector.core.texts import visible
from inspector.core.units import number_text, pixels_text, whole_text
from inspector.display.points.scene import UNKNOWN, DetailRow, SampleLine

_MOST_NAME = 34
"""Letters of a sample's name: a line of the panel."""


def sample_lines(sample: SamplePoints, name: str = "") -> tuple[SampleLine, ...]:
    """A sample of one object: where that is and was seen, and the error; of several how many; then the done signal.

    Coordinates stand as the file keeps them, and in pixels of the original image.
    """
    objects = len(sample.errors_px)
    found = [SampleLine(tr("name"), _end_of(name))] if name else []
    found += [SampleLine(tr("all"), _counts_text(sample))] if objects != 1 else _object_lines(sample)
    done, step = _done_text(sample), _step_text(sample)
    if done or step:
        found.append(SampleLine(tr("done") if done else tr("step"), _joined(done, step)))
    return tuple(found)


def _step_text(sample: SamplePoints) -> str:
    """`k = 3 of 7`, empty where it is of no sequence."""
    if math.isnan(sample.sequence_step):
        return ""
    step = number_text(sample.sequence_step)
    if math.isnan(sample.count):
        return f"k = {step}"
    return tr("k = {step} of {count}").format(step=step, count=number_text(sample.count))


def _end_of(name: str) -> str:
    """A name, or of a long one its end: folders are alike in all of them."""
    shown = visible(name)
    return shown if len(shown) <= _MOST_NAME else f"…{shown[1 - _MOST_NAME :]}"


def _object_lines(sample: SamplePoints) -> list[SampleLine]:
    distance = float(np.abs(sample.gt_stored[0] - sample.prediction_stored[0]).sum())
    found = [
        SampleLine(tr("gt"), _point_text(sample.gt_stored[0], sample.gt_original[0])),
        SampleLine(tr("pred"), _point_text(sample.prediction_stored[0], sample.prediction_original[0])),
        SampleLine(tr("err"), _joined(_error_text(float(sample.errors_px[0])), _named("L1", distance))),
    ]
    confidence = float(sample.confidence[0])
    return found if math.isnan(confidence) else [*found, SampleLine(tr("conf"), _short(confidence))]


def detail_rows(sample: SamplePoints) -> tuple[DetailRow, ...]:
    """The objects of a sample, worst first."""
    return tuple(
        DetailRow(
            f"{int(sample.numbers[place]) + 1}",
            _pixel_text(sample.gt_original[place]),
            _pixel_text(sample.prediction_original[place]),
            _error_text(float(sample.errors_px[place])).removesuffix(" px"),
            "" if math.isnan(sample.confidence[place]) else _short(float(sample.confidence[place])),
        )
        for place in range(len(sample.errors_px))
    )


def _error_text(error_px: float) -> str:
    return UNKNOWN if math.isnan(error_px) else pixels_text(error_px)


def _counts_text(sample: SamplePoints) -> str:
    parts = [tr_counted(int(np.isfinite(sample.gt).all(axis=1).sum()), "object")]
    parts += [tr("{count} missed").format(count=number_text(sample.missed))] if sample.missed > 0 else []
    parts += [tr("{count} spurious").format(count=number_text(sample.spurious))] if sample.spurious > 0 else []
    return ", ".join(parts)


def _done_text(sample: SamplePoints) -> str:
    if math.isnan(sample.done) and math.isnan(sample.gt_done):
        return ""
    done = UNKNOWN if math.isnan(sample.done) else f"{sample.done:.2f}"
    if math.isnan(sample.gt_done):
        return done
    return tr("{done} (gt {truth})").format(done=done, truth=number_text(round(sample.gt_done, 2)))


def _point_text(stored: FloatArray, original: FloatArray) -> str:
    """`(0.31, -0.42) → 251, 111 px`; without what the file keeps where that is the same."""
    if not np.isfinite(original).all():
        return UNKNOWN
    pixels = f"{_pixel_text(original)} px"
    if np.allclose(stored, original, atol=0.5):
        return pixels
    return f"({_short(float(stored[0]))}, {_short(float(stored[1]))}) → {pixels}"


def _pixel_text(point: FloatArray) -> str:
    return ", ".join(map(whole_text, point.tolist())) if np.isfinite(point).all() else UNKNOWN


def _short(value: float) -> str:
    return f"{value:.2f}" if abs(value) < 10 else whole_text(value)


def _named(name: str, value: float) -> str:
    return "" if math.isnan(value) else f"{name} {_short(value)}"


def _joined(*parts: str) -> str:
    return "  ".join(part for part in parts if part)

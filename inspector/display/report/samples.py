"""The worst samples of a run's dumps, with their points, or with the masks of their slots."""

from __future__ import annotations

import itertools
from pathlib import Path

import msgspec
import numpy as np

from inspector.artifacts.dumps.dump import opened
from inspector.artifacts.dumps.points.patterns import points_without_pattern
from inspector.core.arrays import AnyArray, FloatArray, Rgba, ShapeError
from inspector.core.errors import FileError
from inspector.core.pulse import Pulse
from inspector.core.units import counted, number_text, pixels_text
from inspector.display.gallery.samples import numbers_of
from inspector.display.gallery.scene import ThumbsScene
from inspector.display.points.judge import ask as points_ask
from inspector.display.points.overlay import overlay_of
from inspector.display.points.scene import PointThumbsAsk
from inspector.display.points.thumbs import prepare as point_thumbs
from inspector.display.report.values import Samples, Shot
from inspector.display.slots.judge import ask as slots_ask
from inspector.display.slots.thumb_ask import SlotThumbsAsk
from inspector.display.slots.thumbs import prepare as slot_thumbs
from inspector.formats.sample_table import SampleTable
from inspector.runs.values import Run
from inspector.session.values import RunState, ViewState

MOST_SHOTS = 8
LONGEST_PX = 240

SCAN_S = 20.0
"""So long the samples of a large dump are looked through for the worst."""

_SCORES = {"fg_ari": False, "ari": False, "miou": False, "mbo": False, "reconstruction_mse": True}
"""By which the masks of a sample are judged, the most telling first; whether the greatest is the worst."""


def worst_samples(run: Run, pulse: Pulse) -> tuple[tuple[Samples, ...], tuple[str, ...]]:
    """The worst samples by points and by masks, as far as the run has them, and why those of a dump are missing.

    Raises:
        WorkCancelled: the pulse says so.
    """
    found: list[Samples] = []
    notes: list[str] = []
    for make in (_by_points, _by_masks):
        try:
            made = make(run, RunState(key=run.key, paths=run.paths), pulse)
        except (FileError, ShapeError) as error:
            notes.append(str(error))
        else:
            found += [made] if made is not None else []
    return tuple(found), tuple(notes)


def _by_points(run: Run, state: RunState, pulse: Pulse) -> Samples | None:
    ask = points_ask(run, state, ViewState())
    if ask is None:
        return None
    pulse.beat(what="looking for the worst points")
    points = points_without_pattern(opened(Path(ask.path), pulse), pulse, None)
    order = _worst(points.worst_px, greatest=True)
    if not len(order):
        return None
    wanted = PointThumbsAsk(path=ask.path, samples=tuple(order.tolist()), longest_px=LONGEST_PX)
    thumbs = point_thumbs(wanted, pulse)
    shots = [
        Shot(
            caption=f"sample {sample + 1:,} · {pixels_text(float(points.worst_px[sample]))}",
            pictures=(picture,),
            pairs=overlay_of(rows).pairs,
            problem=thumbs.problems.get(sample, ""),
        )
        for sample, picture, rows in zip(thumbs.samples, _pictures(thumbs), _rows(thumbs), strict=True)
    ]
    known = int(np.isfinite(points.worst_px).sum())
    median = pixels_text(float(np.nanmedian(points.worst_px)))
    return Samples(
        title="Points far from where they belong",
        sentence=f"The {len(shots)} with the largest error of {counted(known, 'sample')} of {ask.place}; half of them"
        f" have none above {median}",
        shots=tuple(shots),
    )


def _by_masks(run: Run, state: RunState, pulse: Pulse) -> Samples | None:
    ask = slots_ask(run, state, ViewState())
    if ask is None:
        return None
    pulse.beat(what="looking for the worst masks")
    source = "" if ask.choice.source == "tokens" else ask.choice.dataset
    table = numbers_of(opened(Path(ask.path), pulse), source, pulse.within(SCAN_S))
    name = next((name for name in _SCORES if (one := table.column(name)) and np.isfinite(one.values).any()), "")
    column = table.column(name)
    if column is None:
        return None
    order = _worst(column.values, greatest=_SCORES[name])
    plain = SlotThumbsAsk(
        path=ask.path, samples=tuple(order.tolist()), longest_px=LONGEST_PX // 2, choice=ask.choice, style="image"
    )
    images = slot_thumbs(plain, pulse)
    masks = slot_thumbs(msgspec.structs.replace(plain, style="masks"), pulse)
    shots = [
        Shot(
            caption=f"sample {sample + 1:,} · {column.label} {number_text(column.values[sample], 3)}",
            pictures=(image, mask),
            problem=masks.problems.get(sample, ""),
        )
        for sample, image, mask in zip(images.samples, _pictures(images), _pictures(masks), strict=True)
    ]
    median = number_text(np.nanmedian(column.values), 3)
    best = "largest" if _SCORES[name] else "least"
    return Samples(
        title="Masks that fit worst",
        sentence=f"The {len(shots)} with the {best} {column.label} of {_of(table)} of {ask.place}, the image and what"
        f" its slots claim; the median is {median}",
        shots=tuple(shots),
    )


def _of(table: SampleTable) -> str:
    every = counted(table.samples, "sample")
    return every if table.whole else f"the first {table.scanned:,} of {every}"


def _worst(values: FloatArray, *, greatest: bool) -> AnyArray:
    """Numbers of the worst samples, the worst first; those without a value are left out."""
    order = np.argsort(-values if greatest else values, kind="stable")
    worst: AnyArray = order[np.isfinite(values[order])][:MOST_SHOTS]
    return worst


def _rows(thumbs: ThumbsScene) -> list[AnyArray]:
    first = thumbs.first_point.tolist()
    return [thumbs.points[begin:end] for begin, end in itertools.pairwise(first)]


def _pictures(thumbs: ThumbsScene) -> list[Rgba]:
    """The pictures without what is transparent around them, red, green, blue and alpha."""
    height, width = thumbs.pictures.shape[1:3]
    found: list[Rgba] = []
    for cell, inside in zip(thumbs.pictures, thumbs.inside.tolist(), strict=True):
        left, top = round(inside[0] * width), round(inside[1] * height)
        right, foot = left + round(inside[2] * width), top + round(inside[3] * height)
        found.append(np.ascontiguousarray(cell[top:foot, left:right][..., [2, 1, 0, 3]]))
    return found

"""The statistics of a tensor as the lines of its card."""

from __future__ import annotations

import math

import numpy as np

from inspector.artifacts.tensors.tensor_statistics import PERCENTS, TensorStatistics
from inspector.core.arrays import FloatArray
from inspector.core.language import tr
from inspector.core.units import number_text, percent_text
from inspector.display.weights.tensor.outputs import Outputs, copies_text, named
from inspector.display.weights.tensor.scene import Line

# Below this share zeros are chance and not worth a colour.
_ZERO_SHARE = 0.01
_POSITIONS = 4


def statistic_lines(found: TensorStatistics) -> tuple[Line, ...]:
    """Extremes, moments, percentiles, zeros, and what is not finite with its first positions."""
    if not found.count:
        return (Line(name=tr("elements"), value=tr("none")),)
    pairs = [
        (tr("min"), found.minimum), (tr("max"), found.maximum), (tr("mean"), found.mean), (tr("std"), found.std),
    ]  # fmt: skip
    lines = [Line(name=name, value=number_text(value)) for name, value in pairs]
    zeros = percent_text(found.zeros / found.count)
    lines.append(Line(name=tr("zero"), value=zeros, worrying=found.zeros == found.count))
    lines.append(Line(name=tr("norm"), value=number_text(found.norm)))
    if found.percentiles is not None and np.isfinite(found.percentiles).any():
        lines.extend(_percentile_lines(found.percentiles))
    lines.extend(_not_finite_lines(found))
    return tuple(lines)


def _percentile_lines(percentiles: FloatArray) -> list[Line]:
    """`1%` beside `99%`, `5%` beside `95%`, ..., the median last."""
    by_percent = dict(zip(PERCENTS, percentiles.tolist(), strict=True))
    outward = [(low, 100 - low) for low in PERCENTS if low < 50]
    lines = [Line(name=f"{one}%", value=number_text(by_percent[one])) for pair in outward for one in pair]
    return [*lines, Line(name=tr("median"), value=number_text(by_percent[50]))]


def _not_finite_lines(found: TensorStatistics) -> list[Line]:
    if not found.not_finite:
        return [Line(name=tr("not finite"), value="0")]
    counts = [(found.nans, tr("{count} NaN")), (found.infinities, tr("{count} infinite"))]
    said = ", ".join(text.format(count=f"{count:,}") for count, text in counts if count)
    lines = [Line(name=tr("not finite"), value=said, worrying=True, wide=True)]
    if found.first_not_finite:
        places = ", ".join(_place(place) for place in found.first_not_finite[:_POSITIONS])
        more = ", …" if found.not_finite > _POSITIONS else ""
        lines.append(Line(name=tr("first at"), value=f"{places}{more}", worrying=True, wide=True))
    return lines


def _place(place: tuple[int, ...]) -> str:
    return f"[{', '.join(str(index) for index in place)}]"


def rank_line(rank: float, side: int) -> tuple[Line, ...]:
    """`31.2 of 32`; nothing where it is not known."""
    if not math.isfinite(rank):
        return ()
    value = tr("{rank:.3g} of {side}").format(rank=rank, side=side)
    return (Line(name=tr("effective rank"), value=value, wide=True),)


def output_lines(outputs: Outputs | None) -> tuple[Line, ...]:
    """Which outputs are dead, which are copies; nothing where all are well."""
    lines = []
    if outputs and outputs.dead:
        lines.append(Line(name=tr("dead outputs"), value=named(outputs.dead), worrying=True, wide=True))
    if outputs and outputs.copies:
        lines.append(Line(name=tr("copied outputs"), value=copies_text(outputs.copies), worrying=True, wide=True))
    return tuple(lines)


def zero_bin_of(edges: FloatArray, share: float) -> int | None:
    """The bin of a histogram with `edges`, (bins + 1,), in which zeros lie; None where there are hardly any."""
    if share < _ZERO_SHARE or edges.size < 2 or not edges[0] <= 0 <= edges[-1]:
        return None
    return min(int(np.searchsorted(edges, 0.0, "right")) - 1, edges.size - 2)

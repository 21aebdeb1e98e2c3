"""What is drawn over one sample, as values, and as the rows of numbers that thumbnails carry."""

from __future__ import annotations

import math
from enum import IntEnum
from typing import NamedTuple

import msgspec

from inspector.core.arrays import AnyArray
from inspector.core.units import whole_text

Place = tuple[float, float]
"""x and y as shares of the picture's width and height, its corner at 0, 0; outside 0..1 beside it."""


class PointKind(IntEnum):
    """What a row is."""

    OBJECT = 0
    MISSED = 1
    SPURIOUS = 2
    MARKED = 3
    OTHER = 4


class PointPair(msgspec.Struct, frozen=True, kw_only=True):
    """One object, or a prediction without one.

    Attributes:
        gt, prediction: where they are; None where there is none.
        label: `err=23px` in pixels of the original image, empty where one of the two is not known.
        confidence: of the prediction; None where unknown.
        gt_outside_px, prediction_outside_px: how far outside the picture they lie, in pixels of the original image.
        kind: `MISSED` and `SPURIOUS` only where the dump has true points and predictions, to be matched.
    """

    gt: Place | None
    prediction: Place | None
    label: str = ""
    confidence: float | None = None
    gt_outside_px: float = 0.0
    prediction_outside_px: float = 0.0
    kind: PointKind = PointKind.OBJECT


class MarkedPoint(msgspec.Struct, frozen=True):
    """An object that was counted before, and its number from 1."""

    place: Place
    number: int


class Overlay(NamedTuple):
    """All that is drawn over one sample, the worst pair first.

    Attributes:
        others: predictions of another dump for it.
    """

    pairs: tuple[PointPair, ...] = ()
    marked: tuple[MarkedPoint, ...] = ()
    others: tuple[Place, ...] = ()


class Row(NamedTuple):
    """The columns of a row; that of a marked object has its place as the truth's, and nothing else but its number.

    One of another dump has its place as the prediction's, and nothing else.
    """

    gt_x: float
    gt_y: float
    prediction_x: float
    prediction_y: float
    error_px: float
    confidence: float
    gt_outside_px: float
    prediction_outside_px: float
    kind: float
    number: float


def overlay_of(rows: AnyArray) -> Overlay:
    """What the rows of a sample stand for, (rows, 10)."""
    every = [Row._make(row) for row in rows.tolist()]
    return Overlay(
        tuple(_pair(row) for row in every if row.kind not in (PointKind.MARKED, PointKind.OTHER)),
        tuple(
            MarkedPoint((row.gt_x, row.gt_y), int(row.number) + 1)
            for row in every
            if row.kind == PointKind.MARKED and not math.isnan(row.gt_x + row.gt_y)
        ),
        tuple((row.prediction_x, row.prediction_y) for row in every if row.kind == PointKind.OTHER),
    )


def error_label(error_px: float) -> str:
    """`err=23px`, `err=4e+12px`, empty where undefined."""
    return f"err={whole_text(error_px)}px" if math.isfinite(error_px) else ""


def _pair(row: Row) -> PointPair:
    return PointPair(
        gt=_place(row.gt_x, row.gt_y),
        prediction=_place(row.prediction_x, row.prediction_y),
        label=error_label(row.error_px),
        confidence=None if math.isnan(row.confidence) else row.confidence,
        gt_outside_px=row.gt_outside_px,
        prediction_outside_px=row.prediction_outside_px,
        kind=PointKind(int(row.kind)),
    )


def _place(x: float, y: float) -> Place | None:
    return (x, y) if math.isfinite(x) and math.isfinite(y) else None

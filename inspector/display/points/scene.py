"""What the Points viewer asks for, and what it draws."""

from __future__ import annotations

import msgspec

from inspector.core.arrays import Rgba
from inspector.display.gallery.scene import ThumbsAsk


class PointsAsk(msgspec.Struct, frozen=True, kw_only=True):
    """The points of one dump, and the chosen sample.

    Attributes:
        generous: read on where the usual limits left something out.
        radius_px: up to which distance a prediction is matched to an object; the usual radius at 0.
    """

    path: str
    place: str
    sample: int
    generous: bool = False
    radius_px: float = 0.0


class PointThumbsAsk(ThumbsAsk, frozen=True, kw_only=True):
    """Thumbnails with points, `radius_px` as in `PointsAsk`."""

    radius_px: float = 0.0


class PointPair(msgspec.Struct, frozen=True, kw_only=True):
    """One object.

    Attributes:
        gt, prediction: (x, y) as shares of width and height, None where there is none; they may lie outside 0..1.
        label: `err=23px` in pixels of the original image, empty where the object lacks one of the two.
    """

    gt: tuple[float, float] | None
    prediction: tuple[float, float] | None
    label: str = ""


class PointTile(msgspec.Struct, frozen=True, kw_only=True):
    """One sample.

    Attributes:
        error_px: of its worst object, NaN where no object has both points.
        pairs: worst first.
    """

    sample: int
    error_px: float
    error_text: str
    count_text: str
    picture: Rgba
    pairs: tuple[PointPair, ...]


class HistogramBin(msgspec.Struct, frozen=True, array_like=True):
    """Objects whose error is at least `low_px` and below `high_px`."""

    low_px: float
    high_px: float
    count: int


class DetailRow(msgspec.Struct, frozen=True, array_like=True):
    """One object of the chosen sample, in words and numbers of the original image."""

    object: str
    gt: str
    prediction: str
    error: str


class PointsScene(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the Points view paints.

    Attributes:
        tile: the chosen sample.
        median_px, p90_px: over the errors of all objects; NaN where there is none.
        details: the chosen sample's objects, worst first.
        limited: whether reading on generously shows more.
    """

    place: str
    sample: int
    samples: int
    tile: PointTile
    bins: tuple[HistogramBin, ...]
    median_px: float
    p90_px: float
    histogram_text: str
    space_text: str
    detail_title: str
    details: tuple[DetailRow, ...]
    notes: tuple[str, ...] = ()
    limited: bool = False

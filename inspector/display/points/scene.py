"""What the Points viewer asks for, and what it draws."""

from __future__ import annotations

import msgspec

from inspector.core.arrays import Rgba
from inspector.display.gallery.scene import ThumbsAsk
from inspector.display.points.overlay import MarkedPoint, Place, PointPair
from inspector.display.points.reading import Reading

UNKNOWN = "–"
"""What stands for a number that is not known."""


class PointsAsk(msgspec.Struct, frozen=True, kw_only=True):
    """The points of one dump, and the chosen sample.

    Attributes:
        following: the sample that is likely to be shown next; below 0 for none.
        generous: read on where the usual limits left something out.
        radius_px: up to which distance a prediction is matched to an object; None for the usual radius.
        threshold: of the loss, where the sides of an image run from -1 to 1; 0 where it is not known.
        undo: predictions are shown without the one mistake behind their errors, where there is one.
        compared: path of the dump whose predictions are held against these; empty for none.
        outside: `compared` again where it does not belong to the run.
        change_limit_px: the largest error that is good enough, by which samples are fixed or broken; the usual at 0.
    """

    path: str
    place: str
    sample: int
    following: int = -1
    generous: bool = False
    radius_px: float | None = None
    threshold: float = 0.0
    undo: bool = False
    compared: str = ""
    outside: tuple[str, ...] = ()
    change_limit_px: float = 0.0


class PointThumbsAsk(ThumbsAsk, frozen=True, kw_only=True):
    """Thumbnails with points; fields as in `PointsAsk`."""

    radius_px: float | None = None
    undo: bool = False
    compared: str = ""
    outside: tuple[str, ...] = ()


class PointTile(msgspec.Struct, frozen=True, kw_only=True):
    """One sample.

    Attributes:
        error_px: of its worst object, NaN where no object has both points.
        pairs, marked: as in `Overlay`, the worst pair first.
        others: as in `Overlay`.
        problem: why its picture cannot be shown; empty where it is.
    """

    sample: int
    error_px: float
    picture: Rgba
    pairs: tuple[PointPair, ...]
    marked: tuple[MarkedPoint, ...] = ()
    others: tuple[Place, ...] = ()
    problem: str = ""


class SampleLine(msgspec.Struct, frozen=True, array_like=True):
    """One line on the chosen sample: a short name, and what is said."""

    name: str
    text: str


class DetailRow(msgspec.Struct, frozen=True, array_like=True):
    """One object of the chosen sample, in words; places and error in pixels of the original image."""

    object: str
    gt: str
    prediction: str
    error: str
    confidence: str = ""


class PointsScene(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the Points view paints.

    Attributes:
        tile: the chosen sample.
        threshold: as in `PointsAsk`.
        has_marked: whether any sample has marked objects.
        about: which dump it is, what errors are measured in, and up to which distance points are matched.
        lines: the chosen sample in numbers, with its worst object.
        details: the chosen sample's objects, worst first.
        reading: how the points of the dump are read and paired.
        limited: whether reading on generously shows more.
    """

    sample: int
    tile: PointTile
    threshold: float
    has_marked: bool
    about: str
    detail_title: str
    lines: tuple[SampleLine, ...]
    details: tuple[DetailRow, ...]
    reading: Reading
    notes: tuple[str, ...] = ()
    limited: bool = False

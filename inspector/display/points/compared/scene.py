"""What is asked of two dumps together, and what is said of them."""

from __future__ import annotations

import msgspec

from inspector.display.points.overlay import Place


class ComparedAsk(msgspec.Struct, frozen=True, kw_only=True):
    """The points of a dump against those of another.

    Attributes:
        sample: the chosen one.
        generous, radius_px: as in `PointsAsk`; undo: the shown predictions are without their mistake.
        other, place: path of the other dump, and the words for it.
        outside: `other` again where it does not belong to the run, so that a reader is let read it.
        limit_px: the largest error that is good enough; the usual at 0.
    """

    path: str
    sample: int
    generous: bool = False
    radius_px: float | None = None
    undo: bool = False
    other: str
    place: str
    outside: tuple[str, ...] = ()
    limit_px: float = 0.0


class ComparedScene(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the samples from the other dump to the shown one.

    Attributes:
        place: the words for the other dump.
        limit_px: by which samples are fixed or broken.
        fixed, broken, same, unknown: how many samples of the shown dump.
        text: the median errors of both; matched_text: how samples were matched.
        sample: the chosen one; change_text: what became of it.
        predictions: those of the other dump for it.
    """

    place: str
    limit_px: float
    fixed: int
    broken: int
    same: int
    unknown: int
    text: str
    matched_text: str
    sample: int
    change_text: str
    predictions: tuple[Place, ...] = ()
    notes: tuple[str, ...] = ()

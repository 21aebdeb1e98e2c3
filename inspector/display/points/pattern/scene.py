"""What is asked of all points of a dump together, and what is said of them."""

from __future__ import annotations

import msgspec


class DumpChoice(msgspec.Struct, frozen=True, array_like=True):
    """A dump that the one shown can be held against, and the words for it."""

    path: str
    text: str


class PatternAsk(msgspec.Struct, frozen=True, kw_only=True):
    """The points of a dump.

    Attributes:
        generous: as in `PointsAsk`.
        undo: whether predictions are shown without the mistake that there may be.
        others: further dumps with predicted points.
    """

    path: str
    generous: bool = False
    undo: bool = False
    others: tuple[DumpChoice, ...] = ()


class PatternScene(msgspec.Struct, frozen=True, kw_only=True):
    """One mistake behind the errors of the points, if there is one.

    Attributes:
        title: what it is, empty where there is none.
        text: the figures that show it.
        can_undo: predictions can be shown without it; undone: they are.
        others: as in `PatternAsk`.
    """

    title: str = ""
    text: str = ""
    can_undo: bool = False
    undone: bool = False
    others: tuple[DumpChoice, ...] = ()

"""How the coordinates of a dump are read and its points are paired, as the Points view shows and asks it."""

from __future__ import annotations

import msgspec

from inspector.formats.point_conventions import Convention


class ReadSide(msgspec.Struct, frozen=True, kw_only=True):
    """How the points of one kind are read.

    Attributes:
        name: `Truth` or `Predictions`.
        dataset: that holds them.
        by_hand: a person said so.
    """

    name: str
    dataset: str
    convention: Convention
    by_hand: bool = False


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """How the points of a dump are read and paired.

    Attributes:
        file: its name.
        sides: those that it has.
        text: how coordinates are read in words, and why.
        sure: whether other ways to read them are far less likely, or it was said by hand.
        size_known: whether the sizes of some images are.
        pairing_text: how predictions and objects were paired, and why.
        radius_px: up to which distance they were matched; NaN where they are paired by their order.
    """

    file: str
    sides: tuple[ReadSide, ...]
    text: str
    sure: bool
    size_known: bool
    pairing_text: str
    radius_px: float

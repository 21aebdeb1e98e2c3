"""In which coordinates the points of a file are kept."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from inspector.core.language import tr_later


class Unit(StrEnum):
    """What a coordinate counts."""

    PIXELS = "pixels"
    SHARES = "0 to 1"
    SIGNED = "-1 to 1"


class Frame(StrEnum):
    """Which image a coordinate belongs to: the original one, or what the network was given."""

    ORIGINAL = tr_later("original image")
    RESIZED = tr_later("resized image")
    LETTERBOXED = tr_later("letterboxed image")


class Convention(msgspec.Struct, frozen=True, kw_only=True):
    """How coordinates are to be read.

    Attributes:
        is_yx: the row comes first.
        given_hw: height and width of what the network was given, where the file does not tell.
    """

    unit: Unit = Unit.PIXELS
    frame: Frame = Frame.ORIGINAL
    is_yx: bool = False
    given_hw: tuple[int, int] | None = None


class GuessedConvention(msgspec.Struct, frozen=True, kw_only=True):
    """A convention that the values themselves suggest.

    Attributes:
        sure: whether every other one is far less likely, but for which coordinate comes first.
        sure_of_order: whether the values tell which coordinate comes first.
        because: what speaks for it.
    """

    convention: Convention
    sure: bool
    sure_of_order: bool
    because: str


_UNITS = {Unit.PIXELS: "pixels of the", Unit.SHARES: "0 to 1 over the", Unit.SIGNED: "−1 to 1 over the"}


def convention_text(convention: Convention) -> str:
    """How coordinates are read, in English: `−1 to 1 over the original image, x first`."""
    size = convention.given_hw
    given = f" of {size[1]:,} × {size[0]:,} px" if size and convention.frame is not Frame.ORIGINAL else ""
    order = "y" if convention.is_yx else "x"
    return f"{_UNITS[convention.unit]} {convention.frame}{given}, {order} first"

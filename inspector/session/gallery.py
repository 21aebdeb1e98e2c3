"""How a gallery of samples is sorted and filtered, as a value."""

from __future__ import annotations

import sys
from typing import Any

import msgspec

WORST_FIRST: dict[str, tuple[str, bool]] = {"slots": ("fg_ari", False), "points": ("err_px", True)}
"""The column that a viewer's gallery is sorted by until another is chosen, and whether the largest comes first."""


class NumberRange(msgspec.Struct, frozen=True):
    """Samples whose number lies within both ends; an undefined number lies in no range."""

    column: str
    low: float
    high: float


class GalleryState(msgspec.Struct, frozen=True, kw_only=True):
    """One viewer's gallery.

    Attributes:
        viewer: the key of the tab that it belongs to.
        order: the column that it is sorted by; empty for the number of the sample.
        descending: the largest comes first; undefined numbers come last either way.
        ranges: at most one of a column; a sample lies in all of them.
        filter: terms between spaces, as `display.gallery.filters` reads them.
        histogram: the column whose histogram is shown; empty for the one that it is sorted by.
        wanted: samples whose thumbnails are to be made.
    """

    viewer: str
    order: str = ""
    descending: bool = False
    ranges: tuple[NumberRange, ...] = ()
    filter: str = ""
    histogram: str = ""
    wanted: tuple[int, ...] = ()

    def range_of(self, column: str) -> NumberRange | None:
        """The range that is set of a column."""
        return next((one for one in self.ranges if one.column == column), None)


def gallery_of(galleries: tuple[GalleryState, ...], viewer: str) -> GalleryState:
    """The gallery of a viewer, as it is at first where it has not been changed."""
    order, descending = WORST_FIRST.get(viewer, ("", False))
    first = GalleryState(viewer=viewer, order=order, descending=descending)
    return next((gallery for gallery in galleries if gallery.viewer == viewer), first)


def with_gallery(galleries: tuple[GalleryState, ...], viewer: str, changes: dict[str, Any]) -> tuple[GalleryState, ...]:
    """The galleries with new values for fields of one; the same tuple where nothing changes.

    They stand in the order of their viewers, without those that are as at first.
    """
    before = gallery_of(galleries, viewer)
    after = msgspec.structs.replace(before, **changes)
    if after == before:
        return galleries
    others = tuple(gallery for gallery in galleries if gallery.viewer != viewer)
    if after == gallery_of((), viewer):
        return others
    return tuple(sorted((*others, after), key=lambda gallery: gallery.viewer))


def with_range(
    ranges: tuple[NumberRange, ...], column: str, ends: tuple[float, float] | None
) -> tuple[NumberRange, ...]:
    """The ranges with that of one column set, or taken away; an end that is infinite becomes the largest number.

    The session is kept as JSON, which has no infinities.
    """
    rest = tuple(one for one in ranges if one.column != column)
    most = sys.float_info.max
    return rest if ends is None else (*rest, NumberRange(column, *(min(max(end, -most), most) for end in ends)))

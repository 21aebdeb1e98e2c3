"""Tensors that were laid end to end in one long vector, and the vector cut among ranks."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from functools import partial
from itertools import accumulate
from typing import NamedTuple

import msgspec

from inspector.artifacts.tensors.pieces import Piece, stitched_storage
from inspector.artifacts.tensors.windows import Storage, TensorWindow, Unreadable, contiguous_strides


class Stretch(NamedTuple):
    """A stretch of a vector.

    Attributes:
        window: of the one-dimensional tensor that holds it, or why there is none.
        start: its first element there.
        length: its elements.
    """

    window: TensorWindow | Unreadable
    start: int
    length: int


class FlatVector:
    """Stretches end to end, as one vector; `size` counts its elements."""

    __slots__ = ("_ends", "_stretches", "size")

    def __init__(self, stretches: Sequence[Stretch]) -> None:
        self._stretches = [stretch for stretch in stretches if stretch.length]
        self._ends = list(accumulate(stretch.length for stretch in self._stretches))
        self.size = self._ends[-1] if self._ends else 0

    def cut(self, start: int, count: int) -> list[Stretch]:
        """The stretches that hold `count` elements from `start`; fewer where the vector ends."""
        found: list[Stretch] = []
        number = bisect_right(self._ends, start)
        while count > 0 and number < len(self._stretches):
            stretch = self._stretches[number]
            into = start - (self._ends[number] - stretch.length)
            taken = min(count, stretch.length - into)
            found.append(Stretch(stretch.window, stretch.start + into, taken))
            start, count, number = start + taken, count - taken, number + 1
        return found


def shaped(name: str, shape: tuple[int, ...], stretches: Sequence[Stretch]) -> TensorWindow | Unreadable:
    """A tensor whose elements are those stretches in order: a view on one, or several put together."""
    wanted, there = math.prod(shape), sum(stretch.length for stretch in stretches)
    if there != wanted:
        told = f"reaches beyond the flat vector, which has {there:,} of its {wanted:,} elements"
        return Unreadable(told, "lost")
    for stretch in stretches:
        if isinstance(stretch.window, Unreadable):
            return stretch.window
    windows = [stretch.window for stretch in stretches if isinstance(stretch.window, TensorWindow)]
    if not windows:
        return Unreadable("has no elements", "unread")
    first = windows[0]
    if any((window.dtype, window.item_bytes) != (first.dtype, first.item_bytes) for window in windows):
        return Unreadable("has elements of several types", "unread")
    strides = contiguous_strides(shape)
    if len(stretches) == 1:
        return msgspec.structs.replace(_alone(first, stretches[0]), name=name, shape=shape, strides=strides)
    pieces: list[Piece] = []
    place = 0
    for window, stretch in zip(windows, stretches, strict=True):
        part = _alone(window, stretch)
        pieces.append(Piece(((place, place + stretch.length),), partial(_known, part)))
        place += stretch.length
    return msgspec.structs.replace(
        first,
        name=name,
        shape=shape,
        strides=strides,
        offset=0,
        byteorder="little",
        storage=stitched_storage((wanted,), first.item_bytes, pieces),
    )


def _alone(window: TensorWindow, stretch: Stretch) -> TensorWindow:
    """The window of one stretch, on a storage of its own where its bytes stand in the file as they are."""
    start, storage = window.offset + stretch.start, window.storage
    part = msgspec.structs.replace(window, shape=(stretch.length,), offset=start)
    if storage.source is not None or storage.packing != "plain":
        return part
    length = stretch.length * window.item_bytes
    own = Storage(storage.start + start * window.item_bytes, length, length)
    return msgspec.structs.replace(part, offset=0, storage=own)


def _known(window: TensorWindow) -> TensorWindow:
    return window

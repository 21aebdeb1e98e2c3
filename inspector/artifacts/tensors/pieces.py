"""A tensor whose elements are spread over several files, as one run of bytes.

Each piece is a box of the whole tensor and has a window of its own; the whole is read as if it stood row by row in
one storage. Nothing is read before someone asks for bytes, and no more than those.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from inspector.artifacts.tensors.windows import Storage, TensorWindow, Unreadable, contiguous_strides
from inspector.core.pulse import QUIET, Pulse

_BEAT_PIECES = 512
_REACH_OUT = Unreadable("has pieces that reach out of it", "unread")

Box = tuple[tuple[int, int], ...]
"""First and last position plus one, of each axis."""


class Piece(NamedTuple):
    """A box of a tensor, and what gives the window of its elements once they are wanted."""

    box: Box
    window: Callable[[], TensorWindow]


class Stitched:
    """The pieces of a tensor as a source of bytes, in the order of a tensor stored row by row.

    Args:
        shape: of the whole.
        item_bytes: of one element.
        pieces: which together hold every element, none twice.

    Attributes:
        pieces: how many there are.
    """

    __slots__ = ("_item", "_pieces", "_shape", "pieces", "size")

    def __init__(self, shape: tuple[int, ...], item_bytes: int, pieces: Sequence[Piece]) -> None:
        self._shape = shape
        self._item = item_bytes
        self._pieces = tuple(sorted(pieces, key=lambda piece: piece.box))
        self.pieces = len(self._pieces)
        self.size = math.prod(shape) * item_bytes

    def read(self, offset: int, count: int) -> bytes:
        """As `Source.read`.

        Raises:
            FileError: a piece is not what it was when the tensor was listed, or cannot be read.
        """
        count = min(count, self.size - offset)
        if offset < 0 or count <= 0:
            return b""
        first, last = offset // self._item, -(-(offset + count) // self._item)
        data = b"".join(self._box_bytes(box) for box in boxes_of(self._shape, first, last))
        start = offset - first * self._item
        return data[start : start + count]

    def place(self, offset: int) -> int | None:  # noqa: ARG002 - no single file holds them in order
        """As `Source.place`."""
        return None

    def _box_bytes(self, box: Box) -> bytes:
        """The elements of a box, row by row."""
        import numpy as np

        from inspector.artifacts.tensors.elements import load

        out = np.empty(0)
        for piece in self._pieces:
            if box and piece.box[0][0] >= box[0][1]:
                break
            common = shared(box, piece.box)
            if common is None:
                continue
            part = load(_as_stored(piece.window()), _within(common, piece.box))
            if common == box:
                return part.tobytes()
            if not out.size:
                out = np.empty([last - first for first, last in box], f"V{self._item}")
            out[_within(common, box)] = part.view(out.dtype)
        return out.tobytes()


def _within(part: Box, box: Box) -> tuple[slice, ...]:
    """Where a part of a box is in it."""
    return tuple(slice(first - start, last - start) for (first, last), (start, _) in zip(part, box, strict=True))


def _as_stored(window: TensorWindow) -> TensorWindow:
    """The same bytes under a type that loading leaves as they are."""
    return msgspec.structs.replace(window, dtype="uint32") if window.dtype == "complex32" else window


def stitched_storage(shape: tuple[int, ...], item_bytes: int, pieces: Sequence[Piece]) -> Storage:
    """The storage of a tensor that is put together from pieces."""
    source = Stitched(shape, item_bytes, pieces)
    return Storage(0, source.size, source.size, source=source)


def shared(one: Box, other: Box) -> Box | None:
    """The box that two boxes have in common; None where there is none."""
    common = tuple((max(a, c), min(b, d)) for (a, b), (c, d) in zip(one, other, strict=True))
    return common if all(first < last for first, last in common) else None


def boxes_of(shape: tuple[int, ...], first: int, last: int) -> Iterator[Box]:
    """The elements from number `first` up to `last`, counted row by row, as boxes in that order."""
    if first >= last:
        return
    if not shape:
        yield ()
        return
    row = contiguous_strides(shape)[0]
    top, into = divmod(first, row)
    bottom, beyond = divmod(last, row)
    if top == bottom:
        yield from (((top, top + 1), *box) for box in boxes_of(shape[1:], into, beyond))
        return
    if into:
        yield from (((top, top + 1), *box) for box in boxes_of(shape[1:], into, row))
        top += 1
    if top < bottom:
        yield ((top, bottom), *((0, length) for length in shape[1:]))
    yield from (((bottom, bottom + 1), *box) for box in boxes_of(shape[1:], 0, beyond))


def uncovered(shape: tuple[int, ...], boxes: Sequence[Box], pulse: Pulse = QUIET) -> Unreadable | None:
    """Why boxes are not a tensor cut into pieces; None where they are."""
    total = sum(math.prod(last - first for first, last in box) for box in boxes)
    wanted = math.prod(shape)
    if total != wanted:
        told = f"has {total:,} of {wanted:,} elements in its {len(boxes):,} pieces"
        return Unreadable(told, "lost" if total < wanted else "unread")
    if not shape or len(boxes) < 2:
        return None if all(fits(box, shape) for box in boxes) else _REACH_OUT
    cut_axis = max(range(len(shape)), key=lambda axis: len({box[axis] for box in boxes}))
    beside: list[Box] = []  # those that reach as far along that axis as the one looked at
    for number, box in enumerate(sorted(boxes, key=lambda box: box[cut_axis])):
        if number % _BEAT_PIECES == 0:
            pulse.beat(number, len(boxes), "looking at pieces")
        if not fits(box, shape):
            return _REACH_OUT
        beside = [other for other in beside if other[cut_axis][1] > box[cut_axis][0]]
        if any(shared(box, other) for other in beside):
            return Unreadable("has pieces that overlap", "unread")
        beside.append(box)
    return None


def fits(box: Box, shape: tuple[int, ...]) -> bool:
    """Whether a box lies within a tensor."""
    return len(box) == len(shape) and all(
        0 <= first <= last <= length for (first, last), length in zip(box, shape, strict=True)
    )

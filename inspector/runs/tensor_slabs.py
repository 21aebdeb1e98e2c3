"""Tensors of one shape in several files, read side by side in slabs, so that any size takes constant memory."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import msgspec

from inspector.analysis.tensor_change import Change, TensorChange
from inspector.artifacts.tensors.elements import MAX_LOADED_BYTES, load
from inspector.artifacts.tensors.windows import TensorWindow
from inspector.core.arrays import AnyArray
from inspector.core.errors import LimitError, UnsupportedError
from inspector.core.pulse import Progress, Pulse

SLAB_BYTES = 1 << 22
"""Read at a time of each tensor; a few milliseconds of work."""

PIECE_ELEMENTS = 1 << 20

SCATTERED_SLAB_BYTES = 1 << 26
"""Where the tensors lie in different orders of axes: each slab of one then spans most of another."""

MAX_REPETITION = 4
"""A view that shows its storage more often than this is made to keep a reader busy."""

Index = tuple[int | slice, ...]


def change_between(first: TensorWindow, second: TensorWindow, pulse: Pulse) -> TensorChange:
    """The change from one tensor to another of the same shape; where both repeat elements, each counts once.

    Raises:
        LimitError: a packed storage is larger than 256 MB, or a view repeats its storage many times.
        DamagedError: a file is not what it was when it was opened, or ends too early.
        UnsupportedError: elements of a type that is not compared.
    """
    gathered = Change()
    walk = JointWalk((first, second))
    for index in walk.slabs():
        for a, b in in_pieces((walk.read(0, index, pulse), walk.read(1, index, pulse)), pulse):
            gathered.add(a, b)
    found = gathered.finished(walk.shape)
    at = found.largest_at
    return found if at is None else msgspec.structs.replace(found, largest_at=walk.index_of(at))


def in_pieces(arrays: Sequence[AnyArray], pulse: Pulse) -> Iterator[list[AnyArray]]:
    """The same stretch of several (count,) arrays, so short that it is worked through between two beats."""
    for start in range(0, arrays[0].size, PIECE_ELEMENTS):
        pulse.beat(what="comparing")
        yield [array[start : start + PIECE_ELEMENTS] for array in arrays]


class JointWalk:
    """How tensors of one shape are gone over together: along the first one's longest strides first.

    Attributes:
        shape: of what is read, without axes along which all of them repeat.

    Raises:
        UnsupportedError: elements of a type that is not compared.
        LimitError: as `change_between`.
    """

    def __init__(self, windows: Sequence[TensorWindow]) -> None:
        lead = windows[0]
        for window in windows:
            if window.dtype[:1] in ("S", "U"):
                raise UnsupportedError(window.path, f"numbers in {window.name}", "text")
        self._axes_total = len(lead.shape)
        axes = [axis for axis in range(self._axes_total) if any(window.strides[axis] for window in windows)]
        axes.sort(key=lambda axis: -lead.strides[axis])
        self._axes = axes
        self.shape = tuple(lead.shape[axis] for axis in axes)
        self._windows = [_view(window, axes) for window in windows]
        self._check()

    def _check(self) -> None:
        count = math.prod(self.shape)
        stored = sum(window.storage.plain_bytes // window.item_bytes for window in self._windows)
        if count > MAX_REPETITION * stored:
            lead = self._windows[0]
            raise LimitError(
                lead.path, f"{lead.name} to show each element of its storage a few times", f"{count:,} of {stored:,}"
            )

    def slabs(self) -> Iterator[Index]:
        """Indices that cut the tensors into slabs, row by row."""
        if 0 in self.shape:
            return
        item_bytes = max(window.item_bytes for window in self._windows)
        most = max(1, self._slab_bytes() // item_bytes)
        inner = 1
        axis = len(self.shape)
        while axis and inner * self.shape[axis - 1] <= most:
            axis -= 1
            inner *= self.shape[axis]
        if not axis:
            yield ()
            return
        cut, step = axis - 1, max(1, most // inner)
        outer = self.shape[:cut]
        for number in range(math.prod(outer)):
            rest, prefix = number, []
            for length in reversed(outer):
                rest, at = divmod(rest, length)
                prefix.append(at)
            for start in range(0, self.shape[cut], step):
                yield (*reversed(prefix), slice(start, min(start + step, self.shape[cut])))

    def read(self, side: int, index: Index, pulse: Pulse) -> AnyArray:
        """One tensor's elements in a slab, (count,) row by row."""
        return load(self._windows[side], index, pulse).reshape(-1)

    def index_of(self, at: tuple[int, ...]) -> tuple[int, ...]:
        """The index in the tensors' own order of axes; 0 along those left out."""
        index = [0] * self._axes_total
        for axis, place in zip(self._axes, at, strict=True):
            index[axis] = place
        return tuple(index)

    def _slab_bytes(self) -> int:
        if any(window.storage.packing != "plain" for window in self._windows):
            return MAX_LOADED_BYTES  # unpacked whole for each slab, so there must be only one
        in_order = all(_in_order(window) for window in self._windows)
        return SLAB_BYTES if in_order else SCATTERED_SLAB_BYTES


def _view(window: TensorWindow, axes: Sequence[int]) -> TensorWindow:
    """The tensor with some of its axes, in that order; numpy's times as the integers that they are kept as."""
    shape = tuple(window.shape[axis] for axis in axes)
    strides = tuple(window.strides[axis] for axis in axes)
    dtype = "int64" if window.dtype[:2] in ("M8", "m8") else window.dtype
    return msgspec.structs.replace(window, dtype=dtype, shape=shape, strides=strides)


def _in_order(window: TensorWindow) -> bool:
    """Whether the tensor's own longest strides come first, so that a slab lies close together."""
    strides = [stride for stride, length in zip(window.strides, window.shape, strict=True) if length > 1]
    return strides == sorted(strides, reverse=True)


class ByteProgress:
    """Progress over the bytes of many tensors, whatever the reading of each one reports.

    Attributes:
        pulse: to hand to that reading; its beats report the whole.
        what: shown with the progress.
    """

    def __init__(self, pulse: Pulse, total_bytes: int) -> None:
        self.what = "comparing"
        self._outer = pulse
        self._total_bytes = total_bytes
        self._done_bytes = 0
        self.pulse = Pulse(self._report)

    def _report(self, _progress: Progress) -> None:
        self._outer.beat(self._done_bytes, self._total_bytes, self.what)

    def finish(self, count: int) -> None:
        """So many bytes are done."""
        self._done_bytes += count
        self._outer.beat(self._done_bytes, self._total_bytes, self.what)

"""The parts of a curve, one from each file of a logger, put together without copying anew what stands."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from inspector.analysis.attempts import attempts_of
from inspector.core.arrays import AnyArray, FloatArray
from inspector.formats.series import Series

_AXES = ("steps", "values", "epochs", "times")
_SPARE = 1.25
"""Room kept for what comes, as a factor: a joined curve that grows is copied whole only now and then."""


class JoinedCurve:
    """One curve out of parts that follow each other; asked again, only what came since is copied and looked at."""

    def __init__(self) -> None:
        self._stamps: tuple[_Stamp, ...] = ()
        self._buffers: dict[str, FloatArray] = {}
        self._series: Series | None = None

    def of(self, parts: Sequence[Series]) -> Series:
        """The curve of all parts, its attempts found; a single part's own arrays are not copied.

        Args:
            parts: of one tag, in the order in which they were logged; at least one; all stepless or none.
        """
        if len(parts) == 1:  # nothing is copied, so nothing is kept
            self._stamps, self._buffers, self._series = (), {}, None
            return _with_attempts(parts[0], parts)
        known = 0
        for stamp, part in zip(self._stamps, parts, strict=False):
            if not stamp.is_begin_of(part):
                break
            known += stamp.points
            if stamp.points < len(part.values):
                break
        before = 0 if self._series is None else len(self._series.values)
        if self._series is not None and known == before == sum(len(part.values) for part in parts):
            return self._series
        whole = self._joined(parts, known if known == before else 0)
        self._stamps = tuple(map(_Stamp, parts))
        self._series = _with_attempts(whole, parts)
        return self._series

    def _joined(self, parts: Sequence[Series], known: int) -> Series:
        """All parts in one; the first `known` points stand in the buffers already."""
        total = sum(len(part.values) for part in parts)
        axes = [axis for axis in _AXES if any(getattr(part, axis) is not None for part in parts)]
        if set(axes) != self._buffers.keys():
            self._buffers, known = {}, 0
        for axis in axes:
            self._fill(axis, [(getattr(part, axis), len(part.values)) for part in parts], known, total)
        cut = {axis: buffer[:total] for axis, buffer in self._buffers.items()}
        if parts[0].stepless:
            cut["steps"] = np.arange(total, dtype=np.float64)
        return msgspec.structs.replace(parts[0], starts=None, **cut)

    def _fill(self, axis: str, parts: Sequence[tuple[FloatArray | None, int]], known: int, total: int) -> None:
        buffer = self._buffers.get(axis)
        if buffer is None or not known or len(buffer) < total:
            roomy = np.empty(int(total * _SPARE))
            if buffer is not None:
                roomy[:known] = buffer[:known]
            self._buffers[axis] = buffer = roomy
        end = 0
        for values, count in parts:
            start, end = max(end, known), end + count
            if start < end:
                buffer[start:end] = np.nan if values is None else values[start - end :]


def _with_attempts(whole: Series, parts: Sequence[Series]) -> Series:
    """A series with the attempts that its readers state and those that its steps show."""
    if whole.stepless:
        return whole
    starts = attempts_of(whole.steps, whole.times, whole.epochs)
    if any(part.starts is not None for part in parts):
        offsets = np.cumsum([0, *(len(part.values) for part in parts[:-1])])
        stated = [part.starts + offset for part, offset in zip(parts, offsets, strict=True) if part.starts is not None]
        starts = np.unique(np.concatenate([starts, *(some[some > 0] for some in stated)]))
    return msgspec.structs.replace(whole, starts=starts if len(starts) > 1 else None)


class _Stamp:
    """The memory that a part lies in, without keeping it alive.

    The arrays of a log that was read on share their memory with those before, and what they share is unchanged.
    """

    __slots__ = ("_places", "points")

    def __init__(self, part: Series) -> None:
        self.points = len(part.values)
        self._places = _places(part)

    def is_begin_of(self, part: Series) -> bool:
        """Whether a part is this one, perhaps with further points behind."""
        if len(part.values) < self.points:
            return False
        return all(
            (then is None and now is None)
            or (
                then is not None
                and now is not None
                and then[0]() is not None
                and then[0]() is now[0]()
                and then[1] == now[1]
            )
            for then, now in zip(self._places, _places(part), strict=True)
        )


_Place = tuple["weakref.ref[Any]", int] | None


def _places(part: Series) -> tuple[_Place, ...]:
    return tuple(_place(getattr(part, axis)) for axis in _AXES)


def _place(array: AnyArray | None) -> _Place:
    """Who owns an array's memory, and its address; an owner that allows no weak reference is taken for a new one."""
    if array is None:
        return None
    owner = array if array.base is None else array.base
    try:
        return weakref.ref(owner), array.ctypes.data
    except TypeError:
        return weakref.ref(np.empty(0)), 0

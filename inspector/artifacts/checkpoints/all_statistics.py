"""The statistics of every tensor of a checkpoint: cut into parts, gathered in two threads, in constant memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.checkpoints.checkpoint import Checkpoint
from inspector.artifacts.tensors.blocks import BLOCK_ELEMENTS, READ_BYTES, Walk, blocks, walk_of
from inspector.artifacts.tensors.buffers import Buffers
from inspector.artifacts.tensors.element_types import BFLOAT16, number_dtype_of, real
from inspector.artifacts.tensors.histograms import Histogram
from inspector.artifacts.tensors.pattern_counts import PatternCounts
from inspector.artifacts.tensors.storage_bytes import Fetch, opened_storage
from inspector.artifacts.tensors.tensor_statistics import BINS, Moments, TensorStatistics, finish
from inspector.artifacts.tensors.windows import TensorWindow, Unreadable
from inspector.artifacts.threads import results_in_order
from inspector.core.arrays import AnyArray
from inspector.core.errors import FileError
from inspector.core.pulse import Pulse
from inspector.formats.checkpoint_summary import COLUMNS, INTEGER_COLUMNS, CheckpointSummary

PART_ELEMENTS = 16 * BLOCK_ELEMENTS
"""A larger tensor is cut into parts of so much; small ones go together up to it."""

_FEW_ELEMENTS = 1 << 14
"""Below it, numbers of one or two bytes are cheaper to calculate with than to count by their patterns."""

MOST_READ = 8
"""How often the bytes of a file are gone over at most, where its tensors overlap."""

_WHAT = "reading all tensors"
_BEAT_TENSORS = 1024

Gathered = Moments | PatternCounts


class _View(NamedTuple):
    """What at least one tensor shows."""

    window: TensorWindow
    dtype: np.dtype[np.generic]
    walk: Walk

    @property
    def elements(self) -> int:
        """How many are gone over."""
        return self.walk.elements

    @property
    def cut(self) -> bool:
        """Whether parts of it can be read apart; what is unpacked is read from its beginning."""
        return self.walk.whole and self.window.storage.source is None


class _Part(NamedTuple):
    """A stretch of a view's positions; `moments` where only its histogram is wanted."""

    view: int
    first: int
    last: int
    moments: Moments | None = None


Outcome = TensorStatistics | Gathered | Histogram | FileError


def statistics_of_all(checkpoint: Checkpoint, pulse: Pulse, *, histograms: bool = False) -> CheckpointSummary:
    """Statistics of every tensor that has elements in the file; why another has none is told in `unread`.

    Args:
        checkpoint: an opened one.
        pulse: of this work.
        histograms: whether histograms are wanted too, which takes about twice as long.

    Raises:
        WorkCancelled: it was asked to stop.
    """
    names: dict[str, int] = {}
    unread: dict[str, str] = {}
    views = _views(checkpoint, names, unread, pulse)
    found = _statistics_of(views, pulse, histograms=histograms)
    rows: list[TensorStatistics] = []
    read: list[str] = []
    for name, view in names.items():
        one = found[view]
        if isinstance(one, FileError):
            unread[name] = str(one)
        else:
            read.append(name)
            rows.append(one)
    columns: dict[str, Any] = {
        column: np.array([getattr(row, column) for row in rows], np.int64 if column in INTEGER_COLUMNS else np.float64)
        for column in COLUMNS
    }
    if histograms:
        columns["histograms"] = np.array([row.histogram for row in rows], np.int64).reshape(-1, BINS)
    return CheckpointSummary(names=tuple(read), unread=unread, **columns)


def _views(checkpoint: Checkpoint, names: dict[str, int], unread: dict[str, str], pulse: Pulse) -> list[_View]:
    """What is to be read: tensors that show the same elements are one view.

    No file makes more work than a few times its bytes, however many of its tensors overlap.
    """
    views: list[_View] = []
    known: dict[Any, int] = {}
    stored: set[Any] = set()
    stored_bytes = shown_bytes = 0
    for number, (name, window) in enumerate(checkpoint.windows.items()):
        if number % _BEAT_TENSORS == 0:
            pulse.beat(what=_WHAT)
        if isinstance(window, Unreadable):
            unread[name] = f"{name} {window.reason}"
            continue
        try:
            dtype = number_dtype_of(window)
        except FileError as error:
            unread[name] = str(error)
            continue
        walk = walk_of(window)
        storage = window.storage
        place = (window.path, id(storage.source), storage.start, storage.packing)
        key = (*place, window.offset, window.byteorder, window.dtype, walk.shape, walk.strides, walk.elements)
        if place not in stored:
            stored.add(place)
            stored_bytes += storage.plain_bytes
        if key not in known:
            shown_bytes += walk.elements * dtype.itemsize
            if shown_bytes > MOST_READ * stored_bytes:
                unread[name] = f"{name} shares its elements with more tensors than are looked at"
                continue
            known[key] = len(views)
            views.append(_View(window, dtype, walk))
        names[name] = known[key]
    return views


def _statistics_of(views: list[_View], pulse: Pulse, *, histograms: bool) -> list[TensorStatistics | FileError]:
    """The statistics of each view."""
    total = sum(view.elements * view.dtype.itemsize for view in views) * (2 if histograms else 1)
    free: list[_Worker] = []
    done = 0

    def work(task: list[_Part], inner: Pulse) -> list[Outcome]:
        worker = free.pop() if free else _Worker()
        try:
            return [worker.outcome(views[part.view], part, inner, histogram=histograms) for part in task]
        finally:
            worker.rest()
            free.append(worker)

    def swept(parts: list[_Part]) -> Iterator[tuple[_Part, Outcome]]:
        nonlocal done
        tasks = _tasks(parts)
        for task, outcomes in zip(tasks, results_in_order(work, tasks, pulse, _WHAT), strict=True):
            done += sum((part.last - part.first) * views[part.view].dtype.itemsize for part in task)
            pulse.beat(done, total, _WHAT)
            yield from zip(task, outcomes, strict=True)

    found: dict[int, Any] = {}
    for part, outcome in swept(_parts(views)):
        _join(found, part.view, outcome)
        one = found[part.view]
        if isinstance(one, PatternCounts) and part.last == views[part.view].elements:
            found[part.view] = one.statistics(histogram=histograms)  # its table is large
    again: list[_Part] = []
    histogram_of: dict[int, Any] = {}
    for number, one in found.items():
        if isinstance(one, Moments) and histograms:
            again += [part._replace(moments=one) for part in _parts(views[number : number + 1], number)]
    for part, outcome in swept(again):
        _join(histogram_of, part.view, outcome)
    for number, one in found.items():
        if isinstance(one, Moments):
            bins = histogram_of.get(number)
            found[number] = bins if isinstance(bins, FileError) else finish(one, bins.counts() if bins else None)
    return [found[number] for number in range(len(views))]


def _join(found: dict[int, Any], view: int, outcome: Outcome) -> None:
    """Put what a part gave to what the parts before it gave; an error stays."""
    known = found.get(view)
    if known is None or isinstance(outcome, FileError):
        found[view] = outcome
    elif not isinstance(known, FileError):
        known.join(outcome)


def _parts(views: list[_View], number: int = 0) -> list[_Part]:
    parts: list[_Part] = []
    for view in views:
        step = PART_ELEMENTS if view.cut else max(1, view.elements)
        parts += [
            _Part(number, first, min(first + step, view.elements)) for first in range(0, max(1, view.elements), step)
        ]
        number += 1
    return parts


def _tasks(parts: list[_Part]) -> list[list[_Part]]:
    """Parts put together so that each task has about as much to do."""
    tasks: list[list[_Part]] = []
    room = 0
    for part in parts:
        if room <= 0:
            tasks.append([])
            room = PART_ELEMENTS
        tasks[-1].append(part)
        room -= part.last - part.first + _FEW_ELEMENTS
    return tasks


class _Worker:
    """What one thread needs at a time."""

    def __init__(self) -> None:
        self._buffers = Buffers()
        self._raw = np.empty(READ_BYTES, np.uint8)
        self._file: ByteFile | None = None

    def rest(self) -> None:
        """Keep no file open."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _opened(self, window: TensorWindow) -> ByteFile | None:
        """The window's file, open from the part before where that was of the same."""
        if window.storage.source is None and (self._file is None or self._file.path != window.path):
            self.rest()
            self._file = ByteFile(window.path)
        return self._file

    def outcome(self, view: _View, part: _Part, pulse: Pulse, *, histogram: bool) -> Outcome:
        """What a part gives: statistics where it is the whole view, else what is to be joined."""
        try:
            with opened_storage(view.window, pulse, self._opened(view.window)) as fetch:
                return self._outcome(view, part, fetch, histogram=histogram)
        except FileError as error:
            return error

    def _outcome(self, view: _View, part: _Part, fetch: Fetch, *, histogram: bool) -> Outcome:
        if part.moments is not None:
            return self._histogram(self._blocks(view, part, fetch), part.moments)
        gathered = self._gatherer(view, histogram=histogram)
        elements: Iterable[AnyArray] = self._blocks(view, part, fetch)
        if view.walk.whole and view.elements * view.dtype.itemsize <= READ_BYTES:
            elements = list(elements)  # one read has them all
        for block in elements:
            gathered.add(block if isinstance(gathered, PatternCounts) else real(block, self._buffers))
        if part.last - part.first < view.elements:
            return gathered
        if isinstance(gathered, PatternCounts):
            return gathered.statistics(histogram=histogram)
        if not histogram:
            return finish(gathered)
        again = elements if isinstance(elements, list) else self._blocks(view, part, fetch)
        return finish(gathered, self._histogram(again, gathered).counts())

    def _blocks(self, view: _View, part: _Part, fetch: Fetch) -> Iterator[AnyArray]:
        found = blocks(view.window, fetch, view.dtype, (part.first, part.last), self._raw, view.walk)
        return (block for _, block in found)

    def _gatherer(self, view: _View, *, histogram: bool) -> Gathered:
        # bfloat16 is float32 cut short: calculating with it is faster than counting, and as exact.
        by_pattern = view.dtype.itemsize <= 2 and view.dtype.kind != "c" and view.elements > _FEW_ELEMENTS
        if by_pattern and (histogram or view.dtype != BFLOAT16):
            return PatternCounts(view.dtype, self._buffers)
        return Moments(self._buffers)

    def _histogram(self, elements: Iterable[AnyArray], moments: Moments) -> Histogram:
        bins = Histogram(moments, self._buffers)
        if moments.finite:
            for block in elements:
                bins.add(real(block, self._buffers))
        return bins

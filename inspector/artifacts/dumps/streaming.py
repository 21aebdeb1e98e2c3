"""A dataset of a dump from its first sample to its last, a few samples at a time that end with a chunk."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, TypeVar

from inspector.artifacts.dumps.contents import Hdf5Content
from inspector.artifacts.dumps.dump_file import WHOLE, Dump, part_at
from inspector.artifacts.threads import results_in_order
from inspector.core.arrays import AnyArray
from inspector.core.pulse import Progress, Pulse
from inspector.formats.facts import DatasetFacts

Result = TypeVar("Result")

BATCH_BYTES = 4 * 10**6
"""About what is decoded between two beats: some 10 ms where it is packed with gzip."""


class Batch(NamedTuple):
    """Some samples; `values` are (stop - start, ...) in the dataset's own dtype, the samples first."""

    start: int
    stop: int
    values: AnyArray


def batches(dump: Dump, dataset: DatasetFacts, pulse: Pulse, first: int = 0) -> Iterator[Batch]:
    """The samples of a dataset; while one batch is looked at, the next is decoded.

    Args:
        dump: the dataset's.
        dataset: with an axis of samples.
        pulse: beats once a batch.
        first: sample to begin with, at which a batch ended before.

    Raises:
        FileError: they cannot be read.
        WorkCancelled: the pulse says so.
    """
    count = dataset.samples
    bounds = [bound for bound in _bounds(dataset, count) if bound >= first]
    for place, (start, stop) in enumerate(itertools.pairwise(bounds)):
        pulse.beat(start, count, dataset.path)
        if place + 2 < len(bounds):
            decode_ahead(dump, dataset, stop, bounds[place + 2])
        yield Batch(start, stop, dump.rows(dataset, start, stop))


def worked(
    dump: Dump, dataset: DatasetFacts, work: Callable[[Batch], Result], pulse: Pulse, first: int = 0
) -> Iterator[tuple[int, Result]]:
    """What `work` makes of the samples of a dataset, batch by batch, and where each batch ends.

    Batches are worked on in two threads, and read there where the storage lets them. At least one is; once the pulse
    is due no further one is begun.

    Args:
        dump: the dataset's.
        dataset: with an axis of samples.
        work: called in another thread; what it gives is handed on in order.
        pulse: beats while the threads work.
        first: sample to begin with, at which a batch ended before.

    Raises:
        FileError: they cannot be read.
        WorkCancelled: the pulse says so; the threads have ended by then.
    """
    count = dataset.samples
    stops = [bound for bound in _bounds(dataset, count) if bound >= first]
    read, begun = batches(dump, dataset, pulse, first), first

    def say(_progress: Progress) -> None:
        pulse.beat(begun, count, dataset.path)

    def tasks() -> Iterator[tuple[int, int] | Batch]:
        # The first one finds out how the dataset is read.
        yield from itertools.islice(read, 1)
        apart = len(stops) > 2 and dump.rows_apart(dataset, stops[1], stops[1] + 1) is not None
        rest = itertools.pairwise(stops[1:]) if apart else read
        while not pulse.due() and (task := next(rest, None)) is not None:
            yield task

    def done(task: tuple[int, int] | Batch, _pulse: Pulse) -> tuple[tuple[int, int], Result | None]:
        if isinstance(task, Batch):
            return (task.start, task.stop), work(task)
        values = dump.rows_apart(dataset, *task)
        return task, None if values is None else work(Batch(*task, values))

    for (start, stop), result in results_in_order(done, tasks(), Pulse(say), dataset.path):
        begun = stop
        yield stop, work(Batch(start, stop, dump.rows(dataset, start, stop))) if result is None else result


def decode_ahead(dump: Dump, dataset: DatasetFacts, start: int, stop: int, at: Mapping[str, int] = WHOLE) -> None:
    """Have samples of a dataset decoded while something else is done, those that it holds; at once done here.

    Args:
        dump: the dataset's.
        dataset: with an axis of samples.
        start: the first of them.
        stop: the one after the last.
        at: the only entries of some axes, as `Dump.read` takes them.
    """
    stop = min(stop, dataset.samples)
    if isinstance(dump.content, Hdf5Content) and 0 <= start < stop:
        dump.content.ahead(dataset, start, stop, part_at(dataset, at))


def _bounds(dataset: DatasetFacts, count: int) -> list[int]:
    each = max(1, dataset.bytes // max(1, count))
    chunk = dataset.chunks[dataset.sample_axis] if dataset.chunks else 1
    step = max(1, BATCH_BYTES // (each * chunk)) * chunk
    return [*range(0, count, step), count]

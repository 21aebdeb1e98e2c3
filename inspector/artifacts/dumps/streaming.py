"""A dataset of a dump from its first sample to its last, a few samples at a time that end with a chunk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from inspector.artifacts.dumps.contents import Hdf5Content
from inspector.artifacts.dumps.dump_file import WHOLE, Dump, part_at
from inspector.core.arrays import AnyArray
from inspector.core.pulse import Pulse
from inspector.formats.facts import DatasetFacts

BATCH_BYTES = 4 * 10**6
"""About what is decoded between two beats: some 10 ms where it is packed with gzip."""


class Batch(NamedTuple):
    """Some samples; `values` have the samples first."""

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
    count = samples_in(dataset)
    bounds = [bound for bound in _bounds(dataset, count) if bound >= first]
    for place, (start, stop) in enumerate(pairwise(bounds)):
        pulse.beat(start, count, dataset.path)
        if place + 2 < len(bounds):
            decode_ahead(dump, dataset, stop, bounds[place + 2])
        yield Batch(start, stop, dump.rows(dataset, start, stop))


def samples_in(dataset: DatasetFacts) -> int:
    """How many samples a dataset holds."""
    return dataset.shape[max(dataset.layout.find("N"), 0)] if dataset.shape else 0


def decode_ahead(dump: Dump, dataset: DatasetFacts, start: int, stop: int, at: Mapping[str, int] = WHOLE) -> None:
    """Have samples of a dataset decoded while something else is done, those that it holds; at once done here.

    Args:
        dump: the dataset's.
        dataset: with an axis of samples.
        start: the first of them.
        stop: the one after the last.
        at: the only entries of some axes, as `Dump.read` takes them.
    """
    stop = min(stop, samples_in(dataset))
    if isinstance(dump.content, Hdf5Content) and 0 <= start < stop:
        dump.content.ahead(dataset, start, stop, part_at(dataset, at))


def _bounds(dataset: DatasetFacts, count: int) -> list[int]:
    axis = max(dataset.layout.find("N"), 0)
    each = max(1, dataset.bytes // max(1, count))
    chunk = dataset.chunks[axis] if dataset.chunks else 1
    step = max(1, BATCH_BYTES // (each * chunk)) * chunk
    return [*range(0, count, step), count]

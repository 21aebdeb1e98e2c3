"""Which sample of one dump is which of another: by their names, by their index in the data, else by their order."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np

from inspector.artifacts.dumps.dump_file import Dump
from inspector.artifacts.dumps.truth_beside import SAMPLE_NAMES
from inspector.core.arrays import IntArray
from inspector.core.errors import FileError
from inspector.formats.dump import SAMPLE_INDEX


class SamplePairs(NamedTuple):
    """The samples that two dumps share.

    Attributes:
        here, there: (pairs,) int64, places in the one dump, ascending, and in the other.
        by: what they are matched by: `name`, `index` or `order`.
        unmatched: samples of either that the other lacks, or that cannot be told apart.
    """

    here: IntArray
    there: IntArray
    by: str
    unmatched: int


def sample_names(dump: Dump) -> tuple[str, ...]:
    """What a dump calls its samples, one each; empty where it does not."""
    return tuple(str(name) for name in _kept(dump, SAMPLE_NAMES, dump.facts.samples or 1))


def sample_pairs(dump: Dump, other: Dump) -> SamplePairs:
    """The samples of a dump that another one has, too."""
    counts = dump.facts.samples or 1, other.facts.samples or 1
    for by, paths in (("name", SAMPLE_NAMES), ("index", (SAMPLE_INDEX,))):
        kept = tuple(_kept(one, paths, count) for one, count in zip((dump, other), counts, strict=True))
        if kept[0] and kept[1] and (pairs := _matched(kept[0], kept[1])):
            here, there = np.array(pairs, np.int64).T
            return SamplePairs(here, there, by, sum(counts) - 2 * len(pairs))
    both = np.arange(min(counts), dtype=np.int64)
    return SamplePairs(both, both, "order", abs(counts[0] - counts[1]))


def _matched(here: Sequence[Hashable], there: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Places of what occurs as often in either list, in the order of the first.

    A sequence goes over one image step by step: the first of a name is the first, and so on.
    """
    places = _places(here), _places(there)
    pairs = (
        zip(mine, other, strict=True)
        for one, mine in places[0].items()
        if len(other := places[1].get(one, [])) == len(mine)
    )
    return sorted(pair for several in pairs for pair in several)


def _places(keys: Sequence[Hashable]) -> dict[Hashable, list[int]]:
    found: dict[Hashable, list[int]] = {}
    for place, one in enumerate(keys):
        found.setdefault(one, []).append(place)
    return found


def _kept(dump: Dump, paths: Sequence[str], samples: int) -> list[Hashable]:
    """What a dump keeps of each sample under the first of the paths that it has; empty where it has none."""
    for path in paths:
        dataset = dump.dataset(path)
        if dataset is not None and dataset.shape == (samples,):
            try:
                values = dump.read(path).tolist()
            except FileError:
                continue
            return [one.decode("utf-8", "replace") if isinstance(one, bytes) else one for one in values]
    return []

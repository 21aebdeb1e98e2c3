"""An open activation dump: its datasets by role, and bounded reads of one sample."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from inspector.artifacts.annotations.annotation_content import AnnotationContent
from inspector.artifacts.dumps.contents import (
    Content,
    Hdf5Content,
    identity_as_read,
    identity_of_dump,
    open_content,
    own_identity,
)
from inspector.artifacts.dumps.hdf5_elsewhere import close_others
from inspector.artifacts.dumps.known_corrections import with_known_corrections
from inspector.artifacts.dumps.part_places import Part, whole_of
from inspector.artifacts.dumps.truth_beside import TruthBeside, keys_of, truth_beside
from inspector.artifacts.identity import Identity
from inspector.artifacts.photographs import Photograph
from inspector.core.arrays import AnyArray
from inspector.core.errors import DamagedError, FileError, UnsupportedError
from inspector.core.pulse import QUIET, Pulse
from inspector.formats import dump as names
from inspector.formats.dump import Role
from inspector.formats.facts import DatasetFacts, DumpFacts

MAX_OPEN = 4
"""Dumps whose files stay open; a file takes about a millisecond to open again."""

WHOLE: Mapping[str, int] = {}
"""No axis of which only one entry is read."""


class Dump:
    """A file or folder by the roles of its datasets.

    Args:
        path: the file.
        pulse: for the walk over its links; a generous one opens generously.

    Attributes:
        content: what it is kept in; None once it was closed, until the next read.
        generous: whether reads go past the usual limits.

    Raises:
        FileError: it cannot be opened.
    """

    def __init__(self, path: Path, pulse: Pulse = QUIET) -> None:
        self.path = path
        self.generous = pulse.generous
        own = own_identity(path)
        self.content: Content | None = open_content(path)
        try:
            facts = with_known_corrections(path, self.content.facts(pulse))
            beside = self._truth_beside(facts, pulse)
            self.facts: DumpFacts = beside.facts if beside else facts
            self.identity: Identity = identity_as_read(own, self.content, (beside.identity,) if beside else ())
            self._beside: Mapping[str, AnyArray] = beside.arrays if beside else {}
        except BaseException:
            self.close()
            raise
        self._by_path = {dataset.path: dataset for dataset in self.facts.datasets}
        self.remembered: dict[str, Any] = {}

    @property
    def stamp(self) -> tuple[Identity, bool]:
        """What results are kept under: another where the file has changed, or where more of it may be read."""
        return self.identity, self.generous

    def one(self, role: str) -> DatasetFacts | None:
        """The dataset of a role: the one that `ri-dump/1` names, else the first; None where there is none."""
        found = self.all(role)
        return next((dataset for dataset in found if dataset.path in names.ROLE_OF_PATH), found[0] if found else None)

    def all(self, role: str) -> tuple[DatasetFacts, ...]:
        """Every dataset of a role, in the order of the file."""
        return tuple(dataset for dataset in self.facts.datasets if dataset.role == role)

    def dataset(self, path: str) -> DatasetFacts | None:
        """The dataset of a path."""
        return self._by_path.get(path)

    def of(self, wanted: str) -> DatasetFacts | None:
        """The dataset of a path, or the one of a role; None where there is neither."""
        return self.dataset(wanted) or self.one(wanted)

    def lacking(self, wanted: str) -> UnsupportedError:
        """The error that it holds none of what is wanted, with what is wrong with it, which may be why."""
        found = f"none ({self.facts.notes[0]})" if self.facts.notes else "none"
        return UnsupportedError(self.path, f"{wanted} in this dump", found, "choose another dump")

    def read(self, dataset_path: str, sample: int | None = None, at: Mapping[str, int] = WHOLE) -> AnyArray:
        """The values of a dataset: of one sample without the sample axis, or the whole.

        In the dataset's own axes and dtype, texts as objects; what is not defined is as the file has it.

        Args:
            dataset_path: its path.
            sample: from 0; all without it.
            at: of one sample, the only entry that is read of an axis, by the letter of its layout; the axis stays, as
                one of one entry. The last below 0, and where there are fewer.

        Raises:
            LimitError: it would take more than 256 MB.
            UnsupportedError: there is no such sample, or the values cannot be read by design.
            DamagedError: they cannot be decoded, or the file changed.
        """
        dataset = self._by_path.get(dataset_path)
        if dataset is None:
            raise UnsupportedError(self.path, f"a dataset {dataset_path}", "none of that name")
        if sample is None:
            return self._read(dataset, None)
        axis = dataset.sample_axis
        row = self._row(dataset, sample, axis)
        part = part_at(dataset, at)
        part[axis] = slice(row, row + 1)
        values: AnyArray = self._read(dataset, tuple(part)).take(0, axis=axis)
        return values

    def picture(self, sample: int, longest_px: int = 0) -> Photograph:
        """The image of a sample that is a file of its own.

        Args:
            sample: from 0.
            longest_px: the longer side that is wanted; 0 for all there is.

        Raises:
            FileError: it is not there, or cannot be read.
        """
        content = self._content()
        if not isinstance(content, AnnotationContent):
            raise UnsupportedError(self.path, "pictures that are files of their own", "none")
        return content.picture(sample, longest_px)

    def rows(self, dataset: DatasetFacts, start: int, stop: int) -> AnyArray:
        """Some samples of a dataset, (stop - start, ...) in its own dtype, the samples first; raises as `read`."""
        return np.moveaxis(self._read(dataset, _rows_of(dataset, start, stop)), dataset.sample_axis, 0)

    def rows_apart(self, dataset: DatasetFacts, start: int, stop: int) -> AnyArray | None:
        """As `rows`, of a dataset of which some were read before, in any thread; None where it cannot be read so.

        What a thread gets is written over by its next call.
        """
        if dataset.merged_slots or not isinstance(self.content, Hdf5Content):
            return None
        values = self.content.apart(dataset, _rows_of(dataset, start, stop))
        if values is None or identity_of_dump(self.path) != self.identity:
            return None
        return np.moveaxis(values, dataset.sample_axis, 0)

    def close(self) -> None:
        """Let go of the file; reading opens it again."""
        if self.content is not None:
            self.content.close()
            self.content = None

    def _truth_beside(self, facts: DumpFacts, pulse: Pulse) -> TruthBeside | None:
        keys = keys_of(facts)
        if keys is None or self.content is None or isinstance(self.content, AnnotationContent):
            return None
        try:
            called = self.content.read(keys, None, generous=self.generous)
        except FileError:  # said when they are read for another reason; what is shown lacks its truth
            return None
        return truth_beside(facts, called, self.path, pulse)

    def _read(self, dataset: DatasetFacts, part: Part | None) -> AnyArray:
        if dataset.path in self._beside:
            values = self._beside[dataset.path]
            return values if part is None else values[part]
        if dataset.y_path:
            return self._pairs(dataset, part)
        values = self._content().read(dataset, _as_stored(dataset, part), generous=self.generous)
        if dataset.merged_slots:
            values = values.reshape(-1, dataset.merged_slots, *values.shape[1:])
            values = values if part is None else values[:, part[1]]
        now = identity_of_dump(self.path)
        if now.bytes < self.identity.bytes or now.inode != self.identity.inode:
            # What is beyond the end of a file that shrank reads as zeros, without an error.
            self._check(now)
        return values

    def _pairs(self, dataset: DatasetFacts, part: Part | None) -> AnyArray:
        """Points of which x and y are kept apart, as pairs."""
        halves = (msgspec.structs.replace(dataset, shape=dataset.shape[:-1], y_path=""), self._by_path[dataset.y_path])
        pairs = np.stack([self._read(half, None if part is None else part[:-1]) for half in halves], axis=-1)
        return pairs if part is None else pairs[..., part[-1]]

    def _content(self) -> Content:
        """What it is kept in, opened again where it was closed."""
        if self.content is None:
            self._check(identity_of_dump(self.path))
            self.content = open_content(self.path)
        return self.content

    def _check(self, now: Identity) -> None:
        if now != self.identity:
            raise DamagedError(self.path, "the file as it was listed", "another one", "reload it")

    def _row(self, dataset: DatasetFacts, sample: int, axis: int) -> int:
        """Where a dataset keeps a sample; some hold only those of their SAMPLE_SUBSET."""
        subset = dataset.attributes.get(names.SAMPLE_SUBSET)
        if isinstance(subset, str):
            raise UnsupportedError(self.path, f"a list of the samples in {dataset.path}", subset)
        row = sample
        if isinstance(subset, list):
            if sample not in subset:
                raise UnsupportedError(self.path, _EACH_SAMPLE.format(dataset.path), f"only {len(subset)} others")
            row = subset.index(sample)
        count = dataset.shape[axis] if dataset.shape else 0
        if not 0 <= row < count:
            raise UnsupportedError(self.path, _EACH_SAMPLE.format(dataset.path), f"only the first {count}")
        return row


_EACH_SAMPLE = "every sample in {}"
"""Told without its number, so that what many samples lack is said once."""


def part_at(dataset: DatasetFacts, at: Mapping[str, int]) -> list[slice]:
    """The part of a dataset with one entry of some axes, as `Dump.read` takes them, and the whole of the others."""
    part = list(whole_of(dataset.shape))
    for letter, index in at.items():
        axis = dataset.layout.find(letter)
        if axis >= 0 and dataset.shape[axis]:
            last = dataset.shape[axis] - 1
            entry = last if index < 0 else min(index, last)
            part[axis] = slice(entry, entry + 1)
    return part


def _rows_of(dataset: DatasetFacts, start: int, stop: int) -> Part:
    """Some samples of a dataset, and the whole of its other axes."""
    part = part_at(dataset, WHOLE)
    part[dataset.sample_axis] = slice(start, stop)
    return tuple(part)


def _as_stored(dataset: DatasetFacts, part: Part | None) -> Part | None:
    """The part of a dataset in the file's own axes, where samples and slots may share the first."""
    if part is None or not dataset.merged_slots:
        return part
    rows, _slots, *rest = part
    return (slice(rows.start * dataset.merged_slots, rows.stop * dataset.merged_slots), *rest)


_cache: OrderedDict[Path, Dump] = OrderedDict()


def opened(path: Path, pulse: Pulse = QUIET, *, generous: bool = False) -> Dump:
    """The dump of a path, kept until its file changes.

    Args:
        path: the file.
        pulse: of this work.
        generous: read past the usual limits; what was opened so stays so for all.

    Raises:
        FileError: it cannot be opened.
    """
    pulse = pulse.made_generous() if generous else pulse
    known = _cache.pop(path, None)
    if known is not None:
        if known.identity == identity_of_dump(path) and known.generous >= pulse.generous:
            _cache[path] = known
            return known
        # The library would answer from the state it holds of a file that is still open.
        known.close()
    while len(_cache) >= MAX_OPEN:
        _cache.popitem(last=False)[1].close()
    _cache[path] = Dump(path, pulse)
    return _cache[path]


def close_all() -> None:
    """Let go of every dump."""
    while _cache:
        _cache.popitem()[1].close()
    close_others()


def picture_size(dump: Dump) -> tuple[int, int] | None:
    """Height and width of the images, None where there are none, or where each is of its own size."""
    dataset = dump.one(Role.IMAGE)
    if dataset is None or not {"H", "W"} <= set(dataset.layout):
        return None
    return dataset.shape[dataset.layout.index("H")], dataset.shape[dataset.layout.index("W")]

"""What a dump can be kept in: HDF5, numpy arrays, pictures, annotations. Each opens, lists and reads alike."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

from inspector.artifacts.annotations.annotation_content import AnnotationContent
from inspector.artifacts.annotations.logged_paths import identity_of_logged, logged_images
from inspector.artifacts.annotations.truth_files import chosen_for
from inspector.artifacts.dumps import hdf5, hdf5_open
from inspector.artifacts.dumps.direct_reads import DirectReads
from inspector.artifacts.dumps.hdf5_window import open_dataset, read
from inspector.artifacts.dumps.neighbours import Neighbours
from inspector.artifacts.dumps.numpy_content import NumpyContent, is_numpy
from inspector.artifacts.dumps.part_places import Part
from inspector.artifacts.dumps.picture_folder import PictureContent
from inspector.artifacts.identity import Identity, identity_of, identity_of_all, stamp_of
from inspector.core.arrays import AnyArray
from inspector.core.pulse import Pulse
from inspector.formats.facts import DatasetFacts, DumpFacts

_TEXT_ENDINGS = frozenset((".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".txt", ".log", ".out"))
"""No file of arrays is called so."""

_LOGGED_IMAGES = "inspector.artifacts.logs.logged_images"
"""By its name, as telling what a log is needs what tells what a dump is."""


class Content(Protocol):
    """An open dump."""

    def facts(self, pulse: Pulse) -> DumpFacts:
        """What it holds."""
        ...

    def read(self, dataset: DatasetFacts, part: Part | None, *, generous: bool) -> AnyArray:
        """A part of a dataset in the file's own axes and dtype, texts as objects; the whole without one."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


class Hdf5Content:
    """An HDF5 file.

    Attributes:
        file: the `h5py.File`.
        direct: reads of it past the library.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened = hdf5_open.open_file(path)
        self.file: Any = self._opened.file
        self.direct = DirectReads(path)
        self._neighbours = Neighbours(self.direct)

    def facts(self, pulse: Pulse) -> DumpFacts:
        """As `Content.facts`."""
        return hdf5.facts_of(self._path, self._opened, pulse)

    def read(self, dataset: DatasetFacts, part: Part | None, *, generous: bool) -> AnyArray:
        """As `Content.read`."""
        keep = self._neighbours.note(dataset, part)
        if part is not None and (known := self.direct.again(dataset.path, part, keep=keep)) is not None:
            return known
        item = open_dataset(self._path, self.file, dataset.path)
        direct = partial(self.direct.read, dataset.path, keep=keep)
        return read(self._path, item, part, generous=generous, direct=direct)

    def apart(self, dataset: DatasetFacts, part: Part) -> AnyArray | None:
        """As `read`, of a dataset that was read before, in any thread; None where it cannot be read so."""
        return self.direct.apart(dataset.path, part)

    def ahead(self, dataset: DatasetFacts, start: int, stop: int, part: list[slice]) -> None:
        """Have some samples decoded in other threads, of a dataset that was read before; at once done here.

        Args:
            dataset: of the file.
            start: the first of them.
            stop: the one after the last.
            part: of its other axes; that of the samples is overwritten.
        """
        rows = max(1, dataset.merged_slots)
        part[dataset.sample_axis] = slice(start * rows, stop * rows)
        if dataset.merged_slots:
            del part[1]
        self.direct.ahead(dataset.path, tuple(part))

    def close(self) -> None:
        """As `Content.close`."""
        self.direct.close()
        hdf5_open.close(self.file)


def open_content(path: Path) -> Content:
    """A dump, opened as what its first bytes say it is kept in.

    Raises:
        FileError: it cannot be opened.
    """
    if path.is_dir():
        return PictureContent(path)
    if logged_images(path) is not None:
        return cast("Content", import_module(_LOGGED_IMAGES).open_logged(path))
    if path.suffix.lower() in _TEXT_ENDINGS:
        return AnnotationContent(path)
    return NumpyContent(path) if is_numpy(path) else Hdf5Content(path)


def identity_of_dump(path: Path) -> Identity:
    """The identity of a dump's file, with that whose truth is read with it, or of its folder's list of names.

    Raises:
        FileError: as `identity_of`.
    """
    truth = chosen_for(path)
    beside = stamp_of(truth) if truth else None
    return _together(own_identity(path), (beside,) if beside else ())


def own_identity(path: Path) -> Identity:
    """As `identity_of_dump`, of a file by itself."""
    logged = logged_images(path)
    if logged is not None:
        return identity_of_logged(logged)
    folder = stamp_of(path) if path.is_dir() else None
    return folder or identity_of(path)


def identity_as_read(own: Identity, content: Content, others: tuple[Identity, ...] = ()) -> Identity:
    """The identity of a dump whose content was read.

    Args:
        own: of its file by itself, before it was read.
        content: what was read.
        others: of other files that were read with it.
    """
    return _together(own, (*others, *(content.read_too if isinstance(content, AnnotationContent) else ())))


def _together(own: Identity, others: tuple[Identity, ...]) -> Identity:
    return identity_of_all((own, *others)) if others else own

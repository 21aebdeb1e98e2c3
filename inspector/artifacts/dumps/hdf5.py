"""HDF5 files: opened beside whoever writes them, and what they hold."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.dumps import roles
from inspector.artifacts.dumps.hdf5_library import FAILURES, h5py, sentence_of
from inspector.artifacts.dumps.hdf5_objects import Part
from inspector.artifacts.dumps.hdf5_superblock import mended, superblock_offset
from inspector.artifacts.dumps.hdf5_values import attributes_of, shown
from inspector.artifacts.dumps.hdf5_walk import walk
from inspector.artifacts.dumps.hdf5_window import open_dataset, read, touched_bytes
from inspector.artifacts.dumps.shown_file import ShownFile
from inspector.artifacts.identity import identity_of
from inspector.core.arrays import AnyArray
from inspector.core.errors import DamagedError, FileError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.formats.facts import DatasetFacts, DumpFacts
from inspector.formats.samples import samples_of

PROBE_BYTES = 8 * 10**6
"""The most that is read of a dataset to find out which of its axes is which."""

_LEFT_OPEN = "already open for"
_TRUNCATED = re.compile(r"truncated file: eof = (\d+).*stored_eof = (\d+)")

PROBED_BYTES = 64 * 10**6
"""The most that is decoded of all datasets together for that: about a quarter of a second."""


class Opened(NamedTuple):
    """An open `h5py.File`, and what was the matter with it."""

    file: Any
    notes: tuple[str, ...]


def open_file(path: Path) -> Opened:
    """A file open for reading, without a lock that would stop its writer, beside a writer that still has it open.

    One that breaks off, or that its writer left open, is read through a file object that shows its superblock mended;
    a note says so. The file stays as it is.

    Raises:
        UnknownKindError: it is no HDF5 file.
        DamagedError: it cannot be opened.
        MissingError: it is not there, or may not be read.
    """
    base = superblock_offset(path)
    try:
        return Opened(h5py.File(path, "r", locking=False), ())
    except FAILURES as error:
        if _LEFT_OPEN in str(error):
            return _beside_its_writer(path) or _mended(path, base, error)
        if _TRUNCATED.search(str(error)):
            return _mended(path, base, error)
        raise _refused(path, error) from error


def _beside_its_writer(path: Path) -> Opened | None:
    """The file as one that another program may be writing to, where that one keeps it readable."""
    try:
        return Opened(h5py.File(path, "r", libver="latest", swmr=True, locking=False), (_BEING_WRITTEN,))
    except FAILURES:
        return None


_BEING_WRITTEN = "its writer has it open, or did not close it: what it has written out is shown"


def _mended(path: Path, base: int, error: BaseException) -> Opened:
    file = ByteFile(path)
    how = mended(file, base)
    shown_file = ShownFile(file, how.patches if how else (), file.close)
    if how is not None:
        try:
            return Opened(h5py.File(shown_file, "r"), how.notes)
        except FAILURES as still:
            error = still
    shown_file.close()
    raise _refused(path, error, how.notes if how else ()) from error


def _refused(path: Path, error: BaseException, notes: tuple[str, ...] = ()) -> DamagedError:
    found = "; ".join((*notes, shown(sentence_of(error))))
    return DamagedError(path, "an HDF5 file that opens", found, "copy it again from its source")


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """An open file for the length of a block; raises as `open_file`."""
    found = open_file(path)
    try:
        yield found
    finally:
        close(found.file)


def close(file: Any) -> None:
    """Let go of a file; a damaged one may fail at that, and is gone all the same."""
    try:
        file.close()
    except FAILURES:
        return


def facts(path: Path, pulse: Pulse) -> DumpFacts:
    """What an HDF5 file holds: datasets with their guessed roles, links, attributes, and notes on what is damaged.

    Raises:
        FileError: it cannot be opened at all.
    """
    with opened(path) as found:
        return facts_of(path, found, pulse)


def facts_of(path: Path, found: Opened, pulse: Pulse) -> DumpFacts:
    """As `facts`, of a file that is open."""
    file = found.file
    notes = Notes()
    for note in found.notes:
        notes.add(note)
    try:
        root = h5py.h5g.open(file.id, b"/")
        datasets, links = walk(root, notes, pulse)
    except FAILURES as error:
        raise _refused(path, error, found.notes) from error
    attributes = attributes_of(file, "the file", notes)

    left_bytes = PROBED_BYTES

    def probe(dataset: DatasetFacts, rows: int) -> AnyArray | None:
        nonlocal left_bytes
        needed = _probe_bytes(dataset, rows)
        if not 0 < needed <= min(PROBE_BYTES, left_bytes):
            return None
        left_bytes -= needed
        return _first_rows(path, file, dataset, rows)

    guessed = roles.with_roles(datasets, attributes, probe, pulse)
    samples, doubt = samples_of(guessed, attributes)
    for note in (*roles.format_notes(attributes), doubt):
        if note:
            notes.add(note)
    return DumpFacts(
        bytes=identity_of(path).bytes,
        datasets=guessed,
        links=links,
        attributes=attributes,
        samples=samples,
        notes=notes.texts(),
        limited=notes.limited,
    )


def _first_part(dataset: DatasetFacts, rows: int) -> Part:
    return (slice(0, min(rows, dataset.shape[0])), *(slice(0, length) for length in dataset.shape[1:]))


def _probe_bytes(dataset: DatasetFacts, rows: int) -> int:
    """What must be decoded for the first rows of a dataset; 0 where it has none."""
    if not dataset.shape or 0 in dataset.shape:
        return 0
    item_bytes = dataset.bytes // math.prod(dataset.shape)
    return touched_bytes(dataset.shape, dataset.chunks, _first_part(dataset, rows), item_bytes)


def _first_rows(path: Path, file: Any, dataset: DatasetFacts, rows: int) -> AnyArray | None:
    """The first entries along the first axis, None where they cannot be read."""
    try:
        return read(path, open_dataset(path, file, dataset.path), _first_part(dataset, rows))
    except FileError:
        return None

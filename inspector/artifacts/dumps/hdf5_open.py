"""HDF5 files opened for reading beside whoever writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.dumps.hdf5_library import FAILURES, h5py, sentence_of
from inspector.artifacts.dumps.hdf5_superblock import mended, superblock_offset
from inspector.artifacts.dumps.hdf5_values import shown
from inspector.artifacts.dumps.shown_file import ShownFile
from inspector.core.errors import DamagedError

_LEFT_OPEN = "already open for"
_TRUNCATED = re.compile(r"truncated file: eof = (\d+).*stored_eof = (\d+)")


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
        raise refused(path, error) from error


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
    try:
        # With nothing to mend, its writer was between two writes, and has made the second since.
        return Opened(h5py.File(shown_file, "r"), how.notes if how else ())
    except FAILURES as still:
        error = still
    shown_file.close()
    raise refused(path, error, how.notes if how else ()) from error


def refused(path: Path, error: BaseException, notes: tuple[str, ...] = ()) -> DamagedError:
    """What is said of a file that the library does not open."""
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

"""The only module that opens a file for writing.

A file that replaces another is written beside it, synced and renamed, so that a reader or a crash sees the old
one or the new one whole. The operating system is reached through `_os`, which tests replace to fail at any call.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

_os = os

TEMPORARY = ".tmp-"
"""What stands between a file's name and its writer's process id while it is being written."""


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable."""
    descriptor = _os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _os.fsync(descriptor)
    finally:
        _os.close(descriptor)


class _Descriptor(io.RawIOBase):
    """A raw file over a descriptor that goes through `_os`."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def write(self, data: object) -> int:
        return _os.write(self._descriptor, memoryview(data).cast("B"))  # type: ignore[arg-type]  # any buffer

    def readinto(self, buffer: object) -> int:
        return _os.readv(self._descriptor, [buffer])  # type: ignore[list-item]  # any writable buffer

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return _os.lseek(self._descriptor, offset, whence)

    def truncate(self, size: int | None = None) -> int:
        length = self.tell() if size is None else size
        _os.ftruncate(self._descriptor, length)
        return length


@contextmanager
def atomic_file(path: Path) -> Iterator[BinaryIO]:
    """A binary file, readable and writable, that takes the place of `path` when the block ends well.

    Raises:
        OSError: the disk is full, the folder may not be written; `path` is then as it was.
    """
    temporary = path.with_name(f".{path.name}{TEMPORARY}{os.getpid()}")
    descriptor = _os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    try:
        try:
            stream = io.BufferedRandom(_Descriptor(descriptor))
            yield cast("BinaryIO", stream)
            stream.flush()
            _os.fsync(descriptor)
        finally:
            _os.close(descriptor)
        _os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_atomically(path: Path, data: bytes) -> None:
    """Replace the whole content of `path`.

    Raises:
        OSError: as `atomic_file`.
    """
    with atomic_file(path) as stream:
        stream.write(data)


def append_line(descriptor: int, line: bytes) -> None:
    """Write one line, newline added, in one call so that readers see whole lines."""
    _os.write(descriptor, line + b"\n")


def open_append(path: Path) -> int:
    """A descriptor that appends to `path`, made if need be."""
    return _os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)


def sweep_temporaries(folder: Path) -> None:
    """Remove what dead writers left half-written in a folder."""
    for path in folder.glob(f".*{TEMPORARY}*"):
        owner = path.name.rpartition(TEMPORARY)[2]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            path.unlink(missing_ok=True)

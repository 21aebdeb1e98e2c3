"""The only module that opens a file for writing.

A file that replaces another is written beside it, synced and renamed, so that a reader or a crash sees the old
one or the new one whole. The operating system is reached through `_os`, which tests replace to fail at any call.
"""

from __future__ import annotations

import errno
import io
import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

_os = os

TEMPORARY = ".tmp-"
"""What stands between a file's name and its writer's process id while it is being written."""

_serial = itertools.count()


class naming:  # noqa: N801 - read as the function that it would be, were it not entered at every step of a training
    """Within it, a failure of the system names the file that a user knows, not its temporary one or none.

    Raises:
        OSError: of the same kind, with that name.
    """

    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, OSError):
            raise OSError(error.errno, error.strerror, str(self._path)) from error


def sync(descriptor: int) -> None:
    """Make what was written to a file durable.

    Raises:
        OSError: the disk fails.
    """
    _os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable.

    Raises:
        OSError: the disk fails.
    """
    with naming(folder):
        descriptor = _os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            _os.fsync(descriptor)
        finally:
            _os.close(descriptor)


def remove(path: Path) -> None:
    """Remove a file, if it is there.

    Raises:
        OSError: the folder may not be written.
    """
    with suppress(FileNotFoundError):
        _os.unlink(path)


class _Descriptor(io.RawIOBase):
    """A raw file over a descriptor that goes through `_os`."""

    def __init__(self, descriptor: int, path: Path) -> None:
        self._descriptor = descriptor
        self._path = path

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def let_go(self) -> None:
        """Write nothing any more: the number of a closed descriptor is soon another file's."""
        self._descriptor = -1

    def write(self, data: object) -> int:
        buffer = memoryview(data).cast("B")  # type: ignore[arg-type]  # any buffer
        if self._descriptor < 0:
            return len(buffer)
        with naming(self._path):
            return _os.write(self._descriptor, buffer)

    def readinto(self, buffer: object) -> int:
        return _os.readv(self._descriptor, [buffer])  # type: ignore[list-item]  # any writable buffer

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return _os.lseek(self._descriptor, offset, whence)

    def truncate(self, size: int | None = None) -> int:
        length = self.tell() if size is None else size
        with naming(self._path):
            _os.ftruncate(self._descriptor, length)
        return length


class Draft:
    """A temporary file beside `path` that takes its place once committed.

    Whoever is given the descriptor writes; the old file stays as it was until `commit`.

    Attributes:
        path: what it will replace.
        descriptor: open for reading and writing; of the draft, which closes it.

    Raises:
        OSError: the folder may not be written, or a folder stands at `path`.
    """

    def __init__(self, path: Path) -> None:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        self.path = path
        self._temporary = path.with_name(f".{path.name}{TEMPORARY}{os.getpid()}-{next(_serial)}")
        with naming(path):
            self.descriptor = _os.open(self._temporary, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)

    @property
    def open(self) -> bool:
        """Whether it is neither committed nor discarded yet."""
        return self.descriptor >= 0

    def commit(self, *, durable: bool = True, modified_s: float | None = None) -> None:
        """Make what was written durable and put it in place; what may be lost with the power need not wait for it.

        Args:
            durable: whether it is to outlive a power cut.
            modified_s: when it is to be said to have been written, seconds since 1970; now where it is None.

        Raises:
            OSError: the disk is full or fails; the draft is then gone and `path` as it was.
        """
        try:
            with naming(self.path):
                if modified_s is not None:
                    _os.utime(self.descriptor, (modified_s, modified_s))
                if durable:
                    _os.fsync(self.descriptor)
                self._close()
                _os.replace(self._temporary, self.path)
        except BaseException:
            self.discard()
            raise
        if durable:
            sync_folder(self.path.parent)

    def discard(self) -> None:
        """Remove it, if it is still there; nothing after `commit` or a second time."""
        with suppress(OSError):  # what came first is what is told; the rest is swept later
            if self.open:
                self._close()
        with suppress(OSError):
            remove(self._temporary)

    def _close(self) -> None:
        descriptor, self.descriptor = self.descriptor, -1
        _os.close(descriptor)


class DraftFolder:
    """A folder of files that is filled under another name beside `path`, and takes its place once committed.

    Attributes:
        path: where it will stand: nothing, or an empty folder, may be there.

    Raises:
        OSError: something stands there, or the folder around it may not be written.
    """

    def __init__(self, path: Path) -> None:
        if path.exists() and not (path.is_dir() and next(path.iterdir(), None) is None):
            raise FileExistsError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY), str(path))
        self.path = path
        self._temporary = path.with_name(f".{path.name}{TEMPORARY}{os.getpid()}-{next(_serial)}")
        self._temporary.mkdir(mode=0o755)
        self._open = True

    def write(self, name: str, data: bytes) -> None:
        """Add a file.

        Raises:
            OSError: the disk is full; the draft is to be discarded then.
        """
        descriptor = _os.open(self._temporary / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        try:
            write_all(descriptor, data)
        finally:
            _os.close(descriptor)

    def commit(self) -> None:
        """Put it in place.

        Raises:
            OSError: something has come to stand there; the draft is then gone.
        """
        try:
            _os.replace(self._temporary, self.path)
        except BaseException:
            self.discard()
            raise
        self._open = False
        sync_folder(self.path.parent)

    def discard(self) -> None:
        """Remove it with all in it, if it is still there; nothing after `commit` or a second time."""
        if self._open:
            self._open = False
            remove_flat(self._temporary)


@contextmanager
def atomic_file(path: Path, *, durable: bool = True) -> Iterator[BinaryIO]:
    """A binary file, readable and writable, that takes the place of `path` when the block ends well.

    Raises:
        OSError: the disk is full, the folder may not be written; `path` is then as it was.
    """
    draft = Draft(path)
    raw = _Descriptor(draft.descriptor, path)
    try:
        stream = io.BufferedRandom(raw)
        yield cast("BinaryIO", stream)
        stream.flush()
    except BaseException:
        draft.discard()
        raise
    finally:
        raw.let_go()
    draft.commit(durable=durable)


def write_atomically(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Replace the whole content of `path`; with `durable` it outlives a power cut.

    Raises:
        OSError: as `atomic_file`.
    """
    with atomic_file(path, durable=durable) as stream:
        stream.write(data)


def write_all(descriptor: int, data: bytes) -> None:
    """Write bytes where a descriptor stands, all of them.

    Raises:
        OSError: the disk is full.
    """
    left = memoryview(data)
    while left:
        left = left[_os.write(descriptor, left) :]


def append_line(descriptor: int, line: bytes) -> None:
    """Write one line, newline added, in one call so that readers see whole lines.

    Raises:
        OSError: the disk is full; no part of the line is left where that can be helped.
    """
    data = line + b"\n"
    written = _os.write(descriptor, data)
    if written == len(data):
        return
    start = _os.lseek(descriptor, 0, os.SEEK_CUR) - written
    try:
        write_all(descriptor, data[written:])
    except OSError:
        with suppress(OSError):
            _os.ftruncate(descriptor, start)
        raise


def open_append(path: Path) -> int:
    """A descriptor that appends to `path`, made if need be."""
    return _os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)


def remove_flat(folder: Path) -> None:
    """Remove a folder that holds nothing but files, as far as that may be done."""
    with suppress(OSError):
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()

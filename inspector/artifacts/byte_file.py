"""Files read by offset: never mapped, never past their end, short-lived descriptors.

A mapped file that shrinks kills the process that reads it; `pread` only comes back short.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from inspector.artifacts.identity import Identity, check_same, identity_of_status, missing
from inspector.core.errors import DamagedError


class Source(Protocol):
    """Bytes that can be read by offset."""

    @property
    def size(self) -> int:
        """How many bytes there are."""
        ...

    def read(self, offset: int, count: int) -> bytes:
        """At most `count` bytes from `offset`; fewer where the bytes end."""
        ...

    def place(self, offset: int) -> int | None:
        """Where in the file the byte at `offset` is; None when it is not there as it is."""
        ...


class ReadableFile(Source, Protocol):
    """A source that is a file, or read as one: with the path and identity that errors and windows name."""

    @property
    def path(self) -> Path:
        """The file on disk."""
        ...

    @property
    def identity(self) -> Identity:
        """Which file that was when it was opened."""
        ...


class ByteFile:
    """A regular file open for reading by offset.

    Raises:
        FileError: as `identity.identity_of`.
    """

    __slots__ = ("_descriptor", "identity", "path", "size")

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = -1
        try:
            # O_NONBLOCK: opening a named pipe must not wait for its writer.
            self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            status = os.fstat(self._descriptor)
        except (OSError, ValueError) as error:
            self.close()
            raise missing(path, error) from error
        try:
            self.identity: Identity = identity_of_status(path, status)
        except Exception:
            self.close()
            raise
        self.size = self.identity.bytes

    def read(self, offset: int, count: int) -> bytes:
        """At most `count` bytes from `offset`, fewer at the end of the file.

        Raises:
            DamagedError: the disk gives an error.
        """
        count = min(count, self.size - offset)
        if count <= 0 or offset < 0:
            return b""
        try:
            data = os.pread(self._descriptor, count, offset)
            while len(data) < count and (more := os.pread(self._descriptor, count - len(data), offset + len(data))):
                data += more
        except OSError as error:
            raise DamagedError(self.path, "readable bytes", f"{error.strerror} at byte {offset}") from error
        return data

    def place(self, offset: int) -> int | None:
        """As `Source.place`."""
        return offset

    def read_into(self, offset: int, buffer: memoryview) -> int:
        """Fill a buffer from `offset`; how many bytes came before the end of the file.

        Raises:
            DamagedError: the disk gives an error.
        """
        done = 0
        try:
            while done < len(buffer) and (count := os.preadv(self._descriptor, [buffer[done:]], offset + done)):
                done += count
        except OSError as error:
            raise DamagedError(self.path, "readable bytes", f"{error.strerror} at byte {offset}") from error
        return done

    def will_need(self, offset: int, count: int) -> None:
        """Ask the system to fetch bytes that are soon read; it does that while something else is done."""
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(self._descriptor, offset, count, os.POSIX_FADV_WILLNEED)

    def close(self) -> None:
        """Give the descriptor back."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Reopened:
    """A file as a source that holds no descriptor: it is opened for each read, and must still be the same file."""

    __slots__ = ("identity", "path", "size")

    def __init__(self, path: Path, identity: Identity) -> None:
        self.path = path
        self.identity = identity
        self.size = identity.bytes

    def read(self, offset: int, count: int) -> bytes:
        """As `Source.read`.

        Raises:
            DamagedError: the file is not what it was when it was opened.
        """
        with ByteFile(self.path) as file:
            check_same(self.path, file.identity, self.identity)
            return file.read(offset, count)

    def place(self, offset: int) -> int | None:
        """As `Source.place`."""
        return offset


class Section:
    """A stretch of another source, as a source of its own; `start` is its first byte there."""

    __slots__ = ("_source", "size", "start")

    def __init__(self, source: Source, start: int, size: int) -> None:
        self._source = source
        self.start = start
        self.size = max(0, min(size, source.size - start))

    def read(self, offset: int, count: int) -> bytes:
        """As `Source.read`."""
        if offset < 0:
            return b""
        return self._source.read(self.start + offset, min(count, self.size - offset))

    def place(self, offset: int) -> int | None:
        """As `Source.place`."""
        return self._source.place(self.start + offset)


class InnerFile:
    """A source inside a file, such as a member of an archive, read as a file of its own."""

    __slots__ = ("_source", "identity", "path", "size")

    def __init__(self, outer: ReadableFile, source: Source) -> None:
        self._source = source
        self.path = outer.path
        self.identity = outer.identity
        self.size = source.size

    def read(self, offset: int, count: int) -> bytes:
        """As `Source.read`."""
        return self._source.read(offset, count)

    def place(self, offset: int) -> int | None:
        """As `Source.place`."""
        return self._source.place(offset)


class Memory:
    """Bytes in memory as a source."""

    __slots__ = ("_data", "size")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size = len(data)

    def read(self, offset: int, count: int) -> bytes:
        """As `Source.read`."""
        return self._data[offset : offset + count] if offset >= 0 and count > 0 else b""

    def place(self, offset: int) -> int | None:  # noqa: ARG002 - no byte of memory is in a file
        """As `Source.place`."""
        return None

"""A file as the object from which the HDF5 library reads, some of its bytes shown otherwise; nothing is copied."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from typing import Any, NamedTuple

from inspector.artifacts.byte_file import Source
from inspector.core.errors import FileError


class Patch(NamedTuple):
    """Bytes that are shown instead of those at an offset."""

    offset: int
    content: bytes


class ShownFile(io.RawIOBase):
    """A source of bytes as a read-only file object.

    Args:
        source: what is read, as long as it was when this was made.
        patches: which of its bytes are shown otherwise.
        close: gives back what the source holds.
    """

    def __init__(
        self, source: Source, patches: tuple[Patch, ...] = (), close: Callable[[], None] | None = None
    ) -> None:
        super().__init__()
        self._source = source
        self._patches = patches
        self._close = close
        self._place = 0

    def readable(self) -> bool:
        """It can be read."""
        return True

    def seekable(self) -> bool:
        """It can be read anywhere."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place counted from the start, the present place or the end."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._source.size}[whence]
        self._place = max(0, base + offset)
        return self._place

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer from the present place on; how many bytes came before the end.

        Raises:
            OSError: the source cannot be read.
        """
        view = memoryview(buffer).cast("B")
        try:
            data = self._source.read(self._place, len(view))
        except FileError as error:
            raise OSError(str(error)) from error
        view[: len(data)] = data
        for offset, content in self._patches:
            first, last = max(offset, self._place), min(offset + len(content), self._place + len(data))
            if first < last:
                view[first - self._place : last - self._place] = content[first - offset : last - offset]
        self._place += len(data)
        return len(data)

    def close(self) -> None:
        """Give back what the source holds."""
        if not self.closed and self._close is not None:
            self._close()
        super().close()

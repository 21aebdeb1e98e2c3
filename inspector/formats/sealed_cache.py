"""Entries of the cache folder, each a file: a line that says what it is, a checksum, and a body.

What is not exactly as it should be is not there. An entry need not outlive a power cut, so nothing waits for the disk.
"""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from inspector.core.files import write_atomically
from inspector.core.places import cache_folder

_CHECKSUM_BYTES = 32


class SealedCache(NamedTuple):
    """A folder of entries of one kind.

    Attributes:
        name: of the folder in the cache folder.
        suffix: of its files.
        magic: the line that each begins with.
        max_entries: the oldest are removed where there are more.
        max_bytes: and where they are larger together.
        max_entry_bytes: a larger entry is neither kept nor read.
    """

    name: str
    suffix: str
    magic: bytes
    max_entries: int
    max_bytes: int
    max_entry_bytes: int

    def folder(self) -> Path:
        """Where the entries are; not made here."""
        return cache_folder() / self.name

    def known(self, name: str) -> bytes | None:
        """The body of an entry, None where there is none that is sound."""
        try:
            path = self.folder() / f"{name}{self.suffix}"
            if path.stat().st_size > self.max_entry_bytes:
                return None
            data = path.read_bytes()
        except OSError:
            return None
        start = len(self.magic) + _CHECKSUM_BYTES
        body = data[start:]
        return body if data[:start] == self._seal(body) else None

    def keep(self, name: str, body: bytes) -> None:
        """Put an entry in, and the oldest out where the folder grows too large."""
        data = self._seal(body) + body
        if len(data) > self.max_entry_bytes:
            return
        try:
            self.folder().mkdir(parents=True, exist_ok=True)
            write_atomically(self.folder() / f"{name}{self.suffix}", data, durable=False)
            self._prune()
        except OSError:
            return  # a cache that cannot be written is no cache

    def _seal(self, body: bytes) -> bytes:
        return self.magic + blake2b(body, digest_size=_CHECKSUM_BYTES).digest()

    def _prune(self) -> None:
        """Remove the oldest until the rest is few and small enough."""
        found = self.folder().glob(f"*{self.suffix}")
        entries = sorted(((path.stat().st_mtime_ns, path) for path in found), reverse=True)
        total = 0
        for place, (_, path) in enumerate(entries):
            total += path.stat().st_size
            if place >= self.max_entries or total > self.max_bytes:
                path.unlink(missing_ok=True)

"""Rows of runs in the cache folder, all of one folder of runs together: the window writes, readers read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b

import msgspec

from inspector.formats.fleet import FleetRow
from inspector.formats.sealed_cache import SealedCache

CACHE = SealedCache("fleets", ".fleet", b"run-inspector fleet 1\n", 64, 256_000_000, 64_000_000)


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in a file: encoded rows by the key of their run."""

    folder: str
    rows: dict[str, msgspec.Raw]


class KnownRows:
    """The rows that are kept of a folder; each is decoded when it is asked for."""

    def __init__(self, rows: Mapping[str, msgspec.Raw]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def row(self, key: str, stamp: str) -> FleetRow | None:
        """The row of a run as it is now, None where none is kept or it was another then."""
        kept = self._rows.get(key)
        if kept is None or not stamp:
            return None
        try:
            row = msgspec.msgpack.decode(kept, type=FleetRow)
        except (ValueError, RecursionError):
            return None
        return row if row.stamp == stamp and row.run.key == key else None


def known_fleet(folder: str) -> KnownRows:
    """What is kept of a folder of runs; nothing where there is no sound entry."""
    body = CACHE.known(_name(folder))
    try:
        entry = None if body is None else msgspec.msgpack.decode(body, type=_Entry)
    except (ValueError, RecursionError):
        entry = None
    return KnownRows(entry.rows if entry is not None and entry.folder == folder else {})


def keep_fleet(folder: str, rows: Iterable[FleetRow]) -> None:
    """Put the rows of a folder into the cache, in the place of those that it had; rows without a stamp stay out."""
    kept = {row.run.key: msgspec.Raw(msgspec.msgpack.encode(row)) for row in rows if row.stamp}
    CACHE.keep(_name(folder), msgspec.msgpack.encode(_Entry(folder=folder, rows=kept)))


def _name(folder: str) -> str:
    return blake2b(folder.encode(errors="surrogateescape"), digest_size=32).hexdigest()

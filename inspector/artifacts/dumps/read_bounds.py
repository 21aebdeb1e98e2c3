"""How much of a dump is read at once: unasked, and at most where someone asks for it."""

from __future__ import annotations

from pathlib import Path

from inspector.artifacts.reading_limits import READ_ON
from inspector.core.errors import LimitError
from inspector.core.notes import Notes
from inspector.core.units import bytes_text

MAX_BYTES = 256 * 10**6
"""The largest part, and the largest chunk, that is decoded without being asked."""

MAX_DECODED_BYTES = 10**9
"""The most that chunks overlapping a part may decode to: chunks across the samples make every sample cost all."""

GENEROUS_BYTES = 800 * 10**6
GENEROUS_DECODED_BYTES = 64 * 10**9
"""The same where someone asked for it: decoding a chunk takes twice its size of the 2 GB that a reader has."""

SUSPECT_BYTES = 64 * 10**6
SUSPECT_RATIO = 4000
"""A larger part that declares this much more than the file stores for all of it is read only when asked for.

Source: gzip reaches 1,032 at most; Keras refuses above 1,000 from 4 GiB on.
"""

PROBE_BYTES = 8 * 10**6
"""The most that is read of a dataset to find out which of its axes is which."""

_ONE_A_CHUNK = "store it with one sample a chunk"


def check_at_once(path: Path, name: str, needed_bytes: int, *, generous: bool) -> None:
    """Refuse a part that is too large.

    Raises:
        LimitError: it is.
    """
    if needed_bytes > (GENEROUS_BYTES if generous else MAX_BYTES):
        more = needed_bytes <= GENEROUS_BYTES
        most = bytes_text(MAX_BYTES if more else GENEROUS_BYTES)
        advice = READ_ON if more else ""
        raise LimitError(path, f"at most {most} of {name} at once", bytes_text(needed_bytes), advice, more=more)


def check_chunk(path: Path, name: str, chunk_bytes: int, *, generous: bool) -> None:
    """Refuse a chunk that decodes to too much; raises as `check_at_once`."""
    if chunk_bytes > (GENEROUS_BYTES if generous else MAX_BYTES):
        more = chunk_bytes <= GENEROUS_BYTES
        most = bytes_text(MAX_BYTES if more else GENEROUS_BYTES)
        limit = f"chunks of {name} of at most {most}"
        raise LimitError(path, limit, bytes_text(chunk_bytes), _or_read_on(_ONE_A_CHUNK, more=more), more=more)


def note_chunk(notes: Notes, name: str, chunk_bytes: int, *, generous: bool) -> None:
    """Say of a dataset that `check_chunk` will refuse, before anything of it is read."""
    found = f"a chunk of {name} decodes to {bytes_text(chunk_bytes)}"
    if chunk_bytes > GENEROUS_BYTES:
        notes.add(f"{found}, and at most {bytes_text(GENEROUS_BYTES)} are read; {_ONE_A_CHUNK}")
    elif chunk_bytes > MAX_BYTES and not generous:
        notes.limit(f"{found}; {READ_ON}")


def check_decoded(path: Path, name: str, decoded_bytes: int, *, generous: bool) -> None:
    """Refuse a part whose chunks decode to too much; raises as `check_at_once`."""
    if decoded_bytes > (GENEROUS_DECODED_BYTES if generous else MAX_DECODED_BYTES):
        more = decoded_bytes <= GENEROUS_DECODED_BYTES
        limit = f"a part of {name} to need little more than itself"
        found = f"chunks that decode to {bytes_text(decoded_bytes)}"
        raise LimitError(path, limit, found, _or_read_on(_ONE_A_CHUNK, more=more), more=more)


def check_stored(path: Path, name: str, declared_bytes: int, stored_bytes: int) -> None:
    """Refuse a part that declares far more than is stored; raises as `check_at_once`."""
    if declared_bytes > SUSPECT_BYTES and declared_bytes > SUSPECT_RATIO * stored_bytes:
        found = f"{bytes_text(declared_bytes)} declared and {bytes_text(stored_bytes)} stored"
        raise LimitError(path, f"{name} to store what it declares", found, READ_ON, more=True)


def _or_read_on(advice: str, *, more: bool) -> str:
    return f"{advice} or {READ_ON}" if more else advice

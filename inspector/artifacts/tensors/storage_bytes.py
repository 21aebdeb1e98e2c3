"""The bytes of a tensor's storage, however it is kept: one function for each kind."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import RLock
from typing import TypeAlias

import numpy as np

from inspector.artifacts.byte_file import ByteFile, Source
from inspector.artifacts.identity import check_same
from inspector.artifacts.packings import DEFLATE
from inspector.artifacts.tensors.windows import Packing, Storage, TensorWindow
from inspector.core.arrays import AnyArray
from inspector.core.errors import DamagedError, LimitError
from inspector.core.pulse import Pulse

MAX_UNPACKED_BYTES = 512_000_000
"""A packed storage is unpacked as a whole, and only up to so much."""

READ_BYTES = 1 << 23
"""Bytes between two beats: a few milliseconds from memory."""

Fetch: TypeAlias = Callable[[int, int, AnyArray | None], AnyArray]
"""(first byte of the storage, count, buffer to reuse) to (count,) uint8."""


_one_at_a_time = RLock()
"""Sources keep where they are, which files do not; one that is stitched together reads others."""


@contextmanager
def opened_storage(window: TensorWindow, pulse: Pulse, file: ByteFile | None = None) -> Iterator[Fetch]:
    """A function that reads bytes of the window's storage.

    Args:
        window: a tensor.
        pulse: of this work.
        file: the window's, where it is open already.

    Raises:
        DamagedError: the file is not what it was when it was opened, ends too early, or does not unpack.
        LimitError: the storage is packed and too large.
    """
    storage = window.storage
    if storage.source is not None:
        yield _unpacked(window, storage, _source_fetch(window, storage.source, pulse))
        return
    if file is None:
        with ByteFile(window.path) as own:
            yield _opened(window, own, pulse)
    else:
        yield _opened(window, file, pulse)


def _opened(window: TensorWindow, file: ByteFile, pulse: Pulse) -> Fetch:
    check_same(window.path, file.identity, window.identity)
    return _unpacked(window, window.storage, _file_fetch(window, file, pulse))


def _file_fetch(window: TensorWindow, file: ByteFile, pulse: Pulse) -> Fetch:
    base = window.storage.start

    def fetch(start: int, count: int, out: AnyArray | None) -> AnyArray:
        data = np.empty(count, np.uint8) if out is None else out[:count]
        view = data.data
        done = 0
        while done < count:
            pulse.beat(start + done, window.storage.packed_bytes, "reading")
            got = file.read_into(base + start + done, view[done : done + READ_BYTES])
            if not got:
                raise _cut_off(window, count, done)
            done += got
        return data

    return fetch


def _source_fetch(window: TensorWindow, source: Source, pulse: Pulse) -> Fetch:
    base = window.storage.start

    def fetch(start: int, count: int, _out: AnyArray | None) -> AnyArray:
        pieces: list[bytes] = []
        done = 0
        while done < count:
            pulse.beat(start + done, window.storage.packed_bytes, "reading")
            with _one_at_a_time:
                pieces.append(source.read(base + start + done, min(READ_BYTES, count - done)))
            if not pieces[-1]:
                raise _cut_off(window, count, done)
            done += len(pieces[-1])
        return np.frombuffer(pieces[0] if len(pieces) == 1 else b"".join(pieces), np.uint8)

    return fetch


def _cut_off(window: TensorWindow, wanted: int, found: int) -> DamagedError:
    return DamagedError(window.path, f"{wanted:,} bytes of {window.name}", f"{found:,}", "the file was cut off")


def _unpacked(window: TensorWindow, storage: Storage, packed: Fetch) -> Fetch:
    """The bytes of a storage out of those that are kept."""
    unpack = _UNPACKERS.get(storage.packing)
    if unpack is None:
        return packed
    if max(storage.plain_bytes, storage.packed_bytes) > MAX_UNPACKED_BYTES:
        raise LimitError(window.path, f"at most {MAX_UNPACKED_BYTES:,} packed bytes", f"{storage.plain_bytes:,}")
    try:
        plain = unpack(packed(0, storage.packed_bytes, None).tobytes(), storage.plain_bytes)
    except (zlib.error, UnicodeError) as error:
        raise DamagedError(window.path, f"packed bytes of {window.name}", "bytes that do not unpack") from error
    if len(plain) < storage.plain_bytes:
        raise DamagedError(window.path, f"{storage.plain_bytes:,} bytes of {window.name}", f"{len(plain):,}")
    data = np.frombuffer(plain, np.uint8)
    return lambda start, count, _out: data[start : start + count]


def _inflated(packed: bytes, plain_bytes: int) -> bytes:
    return zlib.decompressobj(DEFLATE).decompress(packed, plain_bytes)


def _code_points(packed: bytes, _plain_bytes: int) -> bytes:
    return packed.decode("utf-8", "surrogatepass").encode("latin-1")


_UNPACKERS: dict[Packing, Callable[[bytes, int], bytes]] = {"deflate": _inflated, "latin1": _code_points}
"""How what is not kept as it is becomes so."""

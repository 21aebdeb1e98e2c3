"""The bytes of a storage, block by block, however the file keeps them."""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Iterator
from typing import TypeAlias

from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.packings import DEFLATE
from inspector.artifacts.tensors.windows import Storage
from inspector.core.errors import DamagedError

BLOCK_BYTES = 1 << 22
"""Some milliseconds from memory; a multiple of every element's size."""

Block: TypeAlias = bytes | memoryview


def storage_blocks(file: ByteFile, storage: Storage) -> Iterator[Block]:
    """The unpacked bytes of a storage in order, `plain_bytes` altogether; each block is valid until the next.

    Raises:
        DamagedError: there are fewer, or they cannot be unpacked.
    """
    left = storage.plain_bytes
    try:
        for block in _UNPACK[storage.packing](file, storage):
            yield block[:left]
            left -= min(left, len(block))
            if not left:
                return
    except (zlib.error, UnicodeError) as error:
        raise DamagedError(file.path, f"packed bytes at byte {storage.start:,}", "bytes that do not unpack") from error
    if left:
        found = f"{storage.plain_bytes - left:,}"
        raise DamagedError(file.path, f"{storage.plain_bytes:,} bytes from byte {storage.start:,} on", found)


def swapped(blocks: Iterator[Block], unit_bytes: int) -> Iterator[bytes]:
    """The blocks with the bytes of every number turned round; each number is whole in its block."""
    for block in blocks:
        turned = bytearray(len(block))
        for i in range(unit_bytes):
            turned[i::unit_bytes] = block[unit_bytes - 1 - i :: unit_bytes]
        yield bytes(turned)


def _raw(file: ByteFile, storage: Storage) -> Iterator[Block]:
    """The bytes as they are kept."""
    place, end = storage.start, storage.start + storage.packed_bytes
    buffer = memoryview(bytearray(min(BLOCK_BYTES, storage.packed_bytes)))
    while place < end:
        wanted = min(BLOCK_BYTES, end - place)
        if storage.source is not None:
            block: Block = storage.source.read(place, wanted)
        else:
            block = buffer[: file.read_into(place, buffer[:wanted])]
        if not block:
            return
        place += len(block)
        yield block


def _inflated(file: ByteFile, storage: Storage) -> Iterator[Block]:
    inflater = zlib.decompressobj(DEFLATE)
    for raw in _raw(file, storage):
        packed: Block = raw
        while packed and not inflater.eof:
            yield inflater.decompress(packed, BLOCK_BYTES)
            packed = inflater.unconsumed_tail
    yield inflater.flush()


def _from_text(file: ByteFile, storage: Storage) -> Iterator[Block]:
    decoder = codecs.getincrementaldecoder("utf-8")("surrogatepass")
    for raw in _raw(file, storage):
        yield decoder.decode(raw).encode("latin-1")


_UNPACK = {"plain": _raw, "deflate": _inflated, "latin1": _from_text}

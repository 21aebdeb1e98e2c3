"""The names of the attributes on an HDF5 file's root, from its bytes alone: telling what a file is loads no library.

Source: HDF5 File Format Specification 3.0, sections IV.A.1 (headers), IV.A.2.m (attributes).
"""

from __future__ import annotations

from typing import NamedTuple

from inspector.artifacts.byte_file import Source
from inspector.artifacts.dumps.hdf5_superblock import SUPERBLOCK_BYTES, superblock_of

MAX_BLOCKS = 64
MAX_BLOCK_BYTES = 1 << 20

_CONTINUATION = 0x10
_ATTRIBUTE = 0x0C


class _Layout(NamedTuple):
    """How a file writes addresses and lengths, and where its root's header is."""

    address_bytes: int
    length_bytes: int
    base: int
    header: int


def root_attribute_names(source: Source, base: int) -> frozenset[str]:
    """The attributes that stand in the header of the root group; empty where it cannot be read.

    Args:
        source: the file.
        base: where its signature is.
    """
    layout = _layout(source, base)
    if layout is None:
        return frozenset()
    names: set[str] = set()
    start = layout.base + layout.header
    prefix = source.read(start, 40)
    modern = prefix[:4] == b"OHDR"
    flags = prefix[5] if modern and len(prefix) > 5 else 0
    if modern:
        at = 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
        width = 1 << (flags & 3)
        blocks = [(start + at + width, int.from_bytes(prefix[at : at + width], "little"))]
    elif prefix[:1] == b"\x01" and len(prefix) >= 16:
        blocks = [(start + 16, int.from_bytes(prefix[8:12], "little"))]
    else:
        return frozenset()
    for _ in range(MAX_BLOCKS):
        if not blocks:
            break
        place, size = blocks.pop()
        data = source.read(place, min(size, MAX_BLOCK_BYTES))
        for kind, content in _messages(data, flags if modern else None):
            if kind == _ATTRIBUTE:
                names.add(_attribute_name(content))
            elif kind == _CONTINUATION and len(content) >= layout.address_bytes + layout.length_bytes:
                address = int.from_bytes(content[: layout.address_bytes], "little")
                length = int.from_bytes(content[layout.address_bytes :][: layout.length_bytes], "little")
                # A later block of the newer form has a signature before its messages and a checksum after them.
                blocks.append((layout.base + address + (4 if modern else 0), length - (8 if modern else 0)))
    return frozenset(names)


def _layout(source: Source, base: int) -> _Layout | None:
    raw = source.read(base, SUPERBLOCK_BYTES)
    fields = superblock_of(raw) if len(raw) >= 96 else None
    if fields is None or fields.length_bytes not in (2, 4, 8):
        return None
    header = int.from_bytes(raw[fields.root : fields.root + fields.address_bytes], "little")
    return _Layout(fields.address_bytes, fields.length_bytes, base, header)


def _messages(data: bytes, flags: int | None) -> list[tuple[int, bytes]]:
    """Type and content of each message of a block; `flags` are those of a header of the newer form."""
    found: list[tuple[int, bytes]] = []
    at = 0
    head = 8 if flags is None else 6 if flags & 4 else 4
    while at + head <= len(data):
        kind = int.from_bytes(data[at : at + 2], "little") if flags is None else data[at]
        size_at = at + 2 if flags is None else at + 1
        size = int.from_bytes(data[size_at : size_at + 2], "little")
        found.append((kind, data[at + head : at + head + size]))
        at += head + size
    return found


def _attribute_name(content: bytes) -> str:
    start = 9 if content[:1] == b"\x03" else 8
    length = int.from_bytes(content[2:4], "little")
    return content[start : start + length].partition(b"\0")[0].decode("utf-8", "replace")

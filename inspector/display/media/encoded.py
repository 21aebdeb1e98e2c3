"""What a picture's first bytes say of its format and size, so that nothing large is made for a small file."""

from __future__ import annotations

import struct
from typing import NamedTuple

MAX_PIXELS = 16_000_000
"""A larger picture would hold the window up while it is unpacked."""


class Declared(NamedTuple):
    """What a picture says of itself; pixels."""

    format: str
    width: int
    height: int


def declared(data: bytes) -> Declared | None:
    """Format and size of a PNG, JPEG, GIF or WebP picture; None for anything else, and where they are not told.

    Source: the formats' specifications (W3C PNG, ITU T.81 B.2.2, GIF89a 18, RFC 9649).
    """
    found = None
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR" and len(data) >= 24:
        found = Declared("png", *struct.unpack_from(">II", data, 16))
    elif data.startswith((b"GIF87a", b"GIF89a")) and len(data) >= 10:
        found = Declared("gif", *struct.unpack_from("<HH", data, 6))
    elif data.startswith(b"\xff\xd8"):
        found = _jpeg(data)
    elif data.startswith(b"RIFF") and data[8:12] == b"WEBP" and len(data) >= 30:
        found = _webp(data)
    return found if found and found.width > 0 and found.height > 0 else None


def _jpeg(data: bytes) -> Declared | None:
    """The size stands in the frame header, behind segments that say how long they are."""
    place = 2
    while place + 9 <= len(data) and data[place] == 0xFF:
        marker, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, place + 5)
            return Declared("jpeg", width, height)
        place += 1 if marker == 0xFF else 2 + max(length, 2)
    return None


def _webp(data: bytes) -> Declared | None:
    kind = data[12:16]
    if kind == b"VP8X":
        return Declared("webp", *(1 + int.from_bytes(data[place : place + 3], "little") for place in (24, 27)))
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return Declared("webp", 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return Declared("webp", width & 0x3FFF, height & 0x3FFF)
    return None

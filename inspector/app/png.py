"""A PNG file, packed a few rows at a time, so that a large picture holds nothing up.

Source: Portable Network Graphics (Second Edition), W3C Recommendation, sections 5, 9 and 11.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Generator

import numpy as np

from inspector.core.arrays import Rgba, check_axes

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_EIGHT_BITS, _RGB = 8, 2
_ABOVE = 2
_METRE = 1
_INCH_M = 0.0254
_PIECE_BYTES = 1 << 18
_LEVEL = 6


def packing(rgba: Rgba, *, dpi: float, title: str = "") -> Generator[None, None, bytes]:
    """The bytes of an opaque picture as a PNG file; each turn packs a few rows.

    Args:
        rgba: (height, width, 4) uint8; alpha is dropped.
        dpi: pixels an inch.
        title: what the file says of itself.
    """
    check_axes(rgba, "HWC", "a picture")
    height, width, _ = rgba.shape
    per_metre = round(dpi / _INCH_M)
    pieces = [
        _SIGNATURE,
        _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, _EIGHT_BITS, _RGB, 0, 0, 0)),
        _chunk(b"pHYs", struct.pack(">IIB", per_metre, per_metre, _METRE)),
        _chunk(b"iTXt", b"Title\0\0\0\0\0" + title.encode("utf-8", "replace")),
    ]
    packer = zlib.compressobj(_LEVEL)
    above = np.zeros((1, width, 3), np.uint8)
    step = max(_PIECE_BYTES // max(3 * width, 1), 1)
    for begin in range(0, height, step):
        rows = rgba[begin : begin + step, :, :3]
        # Each row as what it differs from the one above by.
        told = np.full((len(rows), 1 + 3 * width), _ABOVE, np.uint8)
        told[:, 1:] = (rows - np.concatenate([above, rows[:-1]])).reshape(len(rows), -1)
        above = rows[-1:]
        packed = packer.compress(told.tobytes())
        if packed:
            pieces.append(_chunk(b"IDAT", packed))
        yield
    pieces += [_chunk(b"IDAT", packer.flush()), _chunk(b"IEND", b"")]
    return b"".join(pieces)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))

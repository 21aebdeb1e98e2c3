"""A PNG file, packed a few rows at a time, so that a large picture holds nothing up.

Source: Portable Network Graphics (Second Edition), W3C Recommendation, sections 5, 9 and 11.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Generator, Iterator

import numpy as np

from inspector.core.arrays import Rgba, check_axes

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_EIGHT_BITS = 8
_KINDS = {3: 2, 4: 6}
"""The format's word for colours, and for colours with alpha, by how many channels there are."""

_ABOVE = 2
_METRE = 1
_INCH_M = 0.0254
_PIECE_BYTES = 1 << 17
_LEVEL = 6
_SCREEN_DPI = 96.0


class Packer:
    """A picture as the pieces of a PNG file, its rows as they come.

    Args:
        width, height: of the whole, in pixels.
        dpi: pixels an inch.
        title: what the file says of itself.
        alpha: keep how opaque each pixel is; without it all are.
    """

    def __init__(self, width: int, height: int, *, dpi: float, title: str = "", alpha: bool = False) -> None:
        self._head = width, height, round(dpi / _INCH_M), title
        self._packer = zlib.compressobj(_LEVEL)
        self._channels = 4 if alpha else 3
        self._above = np.zeros((1, width, self._channels), np.uint8)

    def head(self) -> bytes:
        """What comes first."""
        width, height, per_metre, title = self._head
        return b"".join(
            [
                _SIGNATURE,
                _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, _EIGHT_BITS, _KINDS[self._channels], 0, 0, 0)),
                _chunk(b"pHYs", struct.pack(">IIB", per_metre, per_metre, _METRE)),
                _chunk(b"iTXt", b"Title\0\0\0\0\0" + title.encode("utf-8", "replace")),
            ]
        )

    def rows(self, rgba: Rgba) -> Iterator[bytes]:
        """The next rows, a few in each piece; some pieces are empty.

        Args:
            rgba: (rows, width, 4) uint8, straight alpha.
        """
        width, channels = self._above.shape[1], self._channels
        step = max(_PIECE_BYTES // max(channels * width, 1), 1)
        for begin in range(0, len(rgba), step):
            rows = rgba[begin : begin + step, :, :channels]
            # Each row as what it differs from the one above by.
            told = np.full((len(rows), 1 + channels * width), _ABOVE, np.uint8)
            told[:, 1:] = (rows - np.concatenate([self._above, rows[:-1]])).reshape(len(rows), -1)
            self._above = rows[-1:].copy()
            packed = self._packer.compress(told.tobytes())
            yield _chunk(b"IDAT", packed) if packed else b""

    def end(self) -> bytes:
        """What comes last."""
        return _chunk(b"IDAT", self._packer.flush()) + _chunk(b"IEND", b"")


def packing(rgba: Rgba, *, dpi: float, title: str = "") -> Generator[None, None, bytes]:
    """The bytes of an opaque picture as a PNG file; each turn packs a few rows.

    Args:
        rgba: (height, width, 4) uint8; alpha is dropped.
        dpi: pixels an inch.
        title: what the file says of itself.
    """
    check_axes(rgba, "HWC", "a picture")
    packer = Packer(rgba.shape[1], rgba.shape[0], dpi=dpi, title=title)
    pieces = [packer.head()]
    for piece in packer.rows(rgba):
        pieces.append(piece)
        yield
    return b"".join([*pieces, packer.end()])


def png_of(rgba: Rgba, *, alpha: bool = False) -> bytes:
    """The bytes of a small picture as a PNG file.

    Args:
        rgba: (height, width, 4) uint8, straight alpha, which is dropped unless it is asked for.
        alpha: keep it.
    """
    check_axes(rgba, "HWC", "a picture")
    packer = Packer(rgba.shape[1], rgba.shape[0], dpi=_SCREEN_DPI, alpha=alpha)
    return b"".join([packer.head(), *packer.rows(rgba), packer.end()])


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))

"""Pixels of PNG files, as numbers: indices of a palette stay indices, so that a label stays its number.

Source: PNG Specification (Third Edition), sections 5 (structure), 7.2 (filters), 8 (interlacing).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from inspector.core.arrays import AnyArray
from inspector.core.errors import DamagedError, LimitError
from inspector.core.units import bytes_text

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER_BYTES = 33
"""The signature and the first chunk, which tells sizes and kinds."""

MAX_BYTES = 256 * 10**6
"""The largest picture that is unpacked; one of 8,000 × 8,000 pixels in colour takes 192 MB."""

GREY, COLOUR, PALETTE, GREY_ALPHA, COLOUR_ALPHA = 0, 2, 3, 4, 6
CHANNELS = {GREY: 1, COLOUR: 3, PALETTE: 1, GREY_ALPHA: 2, COLOUR_ALPHA: 4}
_BITS = {GREY: (1, 2, 4, 8, 16), COLOUR: (8, 16), PALETTE: (1, 2, 4, 8), GREY_ALPHA: (8, 16), COLOUR_ALPHA: (8, 16)}
_UNFILTERED, _LEFT, _UP, _AVERAGE, _PAETH = range(5)

_PASSES = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
"""First row and column, and steps, of each of the seven passes of an interlaced picture."""


class PngHeader(NamedTuple):
    """What the first chunk says; `kind` is one of the colour types above."""

    height: int
    width: int
    bits: int
    kind: int
    interlaced: bool

    @property
    def channels(self) -> int:
        """Numbers a pixel has."""
        return CHANNELS[self.kind]

    @property
    def dtype(self) -> str:
        """The type of its numbers."""
        return "uint16" if self.bits == 16 else "uint8"


def png_header(path: Path, start: bytes) -> PngHeader:
    """The header in the first bytes of a file.

    Raises:
        DamagedError: they are no PNG's.
    """
    if start[:8] != SIGNATURE or start[12:16] != b"IHDR" or len(start) < HEADER_BYTES:
        raise DamagedError(path, "a PNG picture", "other bytes")
    width, height, bits, kind, packing, filters, interlace = struct.unpack(">2I5B", start[16:29])
    if bits not in _BITS.get(kind, ()) or packing or filters or interlace > 1 or not 0 < width * height < 2**62:
        raise DamagedError(path, "a PNG header", "one whose numbers have no meaning")
    return PngHeader(height, width, bits, kind, bool(interlace))


def png_pixels(path: Path, data: bytes) -> AnyArray:
    """The numbers of a picture, (height, width) or (height, width, channels), uint8 or uint16.

    Raises:
        DamagedError: it breaks off, or its bytes do not unpack to as many pixels as it says.
        LimitError: it is larger than what is unpacked.
    """
    header = png_header(path, data[:HEADER_BYTES])
    shapes = _pass_shapes(header)
    sizes = [rows * (1 + _row_bytes(header, columns)) for rows, columns in shapes]
    if sum(sizes) > MAX_BYTES:
        raise LimitError(path, f"a picture of at most {bytes_text(MAX_BYTES)}", bytes_text(sum(sizes)))
    raw = np.frombuffer(_unpacked(path, data, sum(sizes)), np.uint8)
    pixels = np.zeros((header.height, header.width, header.channels), header.dtype)
    place = 0
    for (rows, columns), size, (top, left, down, right) in zip(
        shapes, sizes, _PASSES if header.interlaced else ((0, 0, 1, 1),), strict=True
    ):
        if size:
            lines = raw[place : place + size].reshape(rows, -1)
            pixels[top::down, left::right] = _numbers(header, _unfiltered(path, header, lines), columns)
            place += size
    return pixels[..., 0] if header.channels == 1 else pixels


def _pass_shapes(header: PngHeader) -> list[tuple[int, int]]:
    """Rows and columns of each pass; those of an empty one are 0."""
    if not header.interlaced:
        return [(header.height, header.width)]
    found = [(len(range(top, header.height, down)), len(range(left, header.width, right)))
             for top, left, down, right in _PASSES]  # fmt: skip
    return [(rows, columns) if rows and columns else (0, 0) for rows, columns in found]


def _row_bytes(header: PngHeader, columns: int) -> int:
    return (columns * header.channels * header.bits + 7) // 8


def _chunks(path: Path, data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(SIGNATURE)
    while place + 12 <= len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        kind, content = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        stated = data[place + 8 + length : place + 12 + length]
        if len(stated) < 4:
            return
        if zlib.crc32(kind + content) != int.from_bytes(stated, "big"):
            raise DamagedError(path, "a PNG picture whose checksums hold", f"another one at byte {place:,}")
        yield kind, content
        place += 12 + length


def _unpacked(path: Path, data: bytes, size: int) -> bytes:
    """The filtered rows: exactly as many bytes as the header asks for, never more."""
    unpacker = zlib.decompressobj()
    pieces, got = [], 0
    try:
        for kind, content in _chunks(path, data):
            if kind == b"IDAT" and got < size:
                pieces.append(unpacker.decompress(content, size - got))
                got += len(pieces[-1])
    except zlib.error as error:
        raise DamagedError(path, "a PNG picture that unpacks", "bytes that do not") from error
    if got < size:
        raise DamagedError(path, f"a PNG picture of {size:,} bytes", f"{got:,}", "copy it again from its source")
    return b"".join(pieces)


def _unfiltered(path: Path, header: PngHeader, lines: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Rows of bytes as they were before each was written as differences; `lines` begin with their filter."""
    filters, rows = lines[:, 0], lines[:, 1:]
    if filters.max() > _PAETH:
        raise DamagedError(path, "filters 0 to 4 in a PNG picture", f"filter {filters.max()}")
    if not filters.any():
        return rows
    back = max(1, header.channels * header.bits // 8)
    if filters.max() <= _UP:
        return _rows_by_sums(filters, rows, back)
    return _rows_by_diagonals(filters, rows, back)


def _rows_by_sums(filters: npt.NDArray[np.uint8], rows: npt.NDArray[np.uint8], back: int) -> npt.NDArray[np.uint8]:
    """Where rows differ from the pixel before or the row above alone."""
    found = rows.copy()
    for index, kind in enumerate(filters):
        if kind == _LEFT:
            for channel in range(back):
                np.cumsum(rows[index, channel::back], dtype=np.uint8, out=found[index, channel::back])
        elif kind == _UP and index:
            found[index] += found[index - 1]
    return found


def _rows_by_diagonals(filters: npt.NDArray[np.uint8], rows: npt.NDArray[np.uint8], back: int) -> npt.NDArray[np.uint8]:
    """Any filters: a pixel needs those left, above and above left, so all pixels of one diagonal are made at once."""
    height, width = len(rows), -(-rows.shape[1] // back)
    padded = np.zeros((height, width * back), np.uint8)
    padded[:, : rows.shape[1]] = rows
    pixels = padded.reshape(height, width, back)
    # One line a diagonal, so that what lies left, above and above left are slices of the two lines before; the first
    # two lines and the first entry of each stand for what is outside the picture.
    lines = np.zeros((height + width + 1, height + 1, back), np.int16)
    for row in range(height):
        lines[row + 2 : row + 2 + width, row + 1] = pixels[row]
    is_left, is_up, is_average, is_paeth = (filters[:, None] == kind for kind in (_LEFT, _UP, _AVERAGE, _PAETH))
    for diagonal in range(height + width - 1):
        first, last = max(0, diagonal - width + 1), min(height, diagonal + 1)
        here, before = slice(first + 1, last + 1), slice(first, last)
        left, up, corner = lines[diagonal + 1, here], lines[diagonal + 1, before], lines[diagonal, before]
        to_left, to_up = np.abs(up - corner), np.abs(left - corner)
        to_corner = np.abs(left + up - 2 * corner)
        paeth = np.where((to_left <= to_up) & (to_left <= to_corner), left, np.where(to_up <= to_corner, up, corner))
        guess = left * is_left[before] + up * is_up[before] + paeth * is_paeth[before]
        guess += ((left + up) >> 1) * is_average[before]
        lines[diagonal + 2, here] += guess
        lines[diagonal + 2, here] &= 0xFF
    for row in range(height):
        pixels[row] = lines[row + 2 : row + 2 + width, row + 1]
    return padded[:, : rows.shape[1]]


def _numbers(header: PngHeader, rows: npt.NDArray[np.uint8], columns: int) -> AnyArray:
    """Bytes as the numbers of pixels, (rows, columns, channels)."""
    if header.bits == 16:
        return rows.reshape(len(rows), -1).copy().view(">u2").reshape(len(rows), columns, -1)
    if header.bits == 8:
        return rows.reshape(len(rows), columns, -1)
    bits = np.unpackbits(rows, axis=1).reshape(len(rows), -1, header.bits)
    places = 1 << np.arange(header.bits - 1, -1, -1, dtype=np.uint8)
    numbers: AnyArray = (bits * places).sum(axis=2, dtype=np.uint8)
    return numbers[:, :columns, None]


def png_palette(data: bytes) -> npt.NDArray[np.uint8]:
    """The colours of a picture's palette, (256, 3); black where it has fewer."""
    colours = np.zeros((256, 3), np.uint8)
    for kind, content in _chunks(Path(), data):
        if kind == b"PLTE":
            found = np.frombuffer(content[: len(content) // 3 * 3][:768], np.uint8).reshape(-1, 3)
            colours[: len(found)] = found
    return colours

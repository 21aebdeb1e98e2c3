"""Pixels of PNG files are those that Pillow reads, whatever their kind, depth, filters and interlacing."""

from __future__ import annotations

import io
import random
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from inspector.artifacts.dumps import png_pixels
from inspector.core.errors import DamagedError, LimitError
from tests.conftest import sample_files

Image = pytest.importorskip("PIL.Image")
GENERATOR = np.random.default_rng(4)
PATH = Path("picture.png")


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(header: tuple[int, ...], rows: bytes, palette: bytes = b"") -> bytes:
    head = chunk(b"IHDR", struct.pack(">2I5B", *header))
    return png_pixels.SIGNATURE + head + palette + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def smooth(*shape: int) -> np.ndarray:
    return (
        np.add.outer(np.arange(shape[0]) ** 1.3, np.arange(shape[1]))[..., None] * np.arange(1, 1 + shape[2])
    ).astype(np.uint8)


MODES = {
    "L": smooth(37, 29, 1)[..., 0], "RGB": smooth(37, 29, 3), "RGBA": smooth(20, 31, 4), "LA": smooth(9, 8, 2),
    "P": GENERATOR.integers(0, 16, (33, 21), np.uint8), "1": smooth(19, 27, 1)[..., 0] > 99,
    "I;16": (np.arange(19 * 17).reshape(19, 17) * 199).astype(np.uint16),
    "noise": GENERATOR.integers(0, 256, (40, 50, 3), np.uint8),
}  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
def test_pixels_are_those_of_pillow(mode: str) -> None:
    values = MODES[mode]
    if mode == "P":
        picture = Image.new("P", values.shape[::-1])
        picture.putdata(values.ravel().tolist())
        picture.putpalette(list(range(48)))
    else:
        picture = Image.fromarray(values)
    stream = io.BytesIO()
    picture.save(stream, "PNG", optimize=mode == "RGB")
    found = png_pixels.png_pixels(PATH, stream.getvalue())
    np.testing.assert_array_equal(found, values)
    assert found.dtype == (np.uint16 if mode == "I;16" else np.uint8)


@pytest.mark.parametrize("kind", range(5))
@pytest.mark.parametrize(("bits", "colour"), [(8, 0), (8, 2), (16, 6), (2, 0)])
def test_every_filter_is_undone_as_pillow_does(kind: int, bits: int, colour: int) -> None:
    width, height = 13, 11
    row_bytes = (width * png_pixels.CHANNELS[colour] * bits + 7) // 8
    picks = random.Random(kind)
    rows = b"".join(
        bytes([kind if row else picks.choice((0, kind))]) + picks.randbytes(row_bytes) for row in range(height)
    )
    data = png((width, height, bits, colour, 0, 0, 0), rows)
    theirs = np.asarray(Image.open(io.BytesIO(data)))
    found = png_pixels.png_pixels(PATH, data)
    if bits == 16:  # Pillow keeps 8 of 16 bits in colour
        found = found >> 8
    if bits == 2:  # and spreads small numbers over 0..255
        found = found * 85
    np.testing.assert_array_equal(found, theirs)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (3, 2), (8, 8), (13, 21)])
@pytest.mark.parametrize(("bits", "colour"), [(8, 2), (1, 0)])
def test_interlaced_pictures_are_read_too(width: int, height: int, bits: int, colour: int) -> None:
    rows = b""
    picks = random.Random(width)
    for top, left, down, right in ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2),
                                   (1, 0, 2, 1)):  # fmt: skip
        columns = len(range(left, width, right))
        for _ in range(top, height, down) if columns else ():
            row_bytes = (columns * png_pixels.CHANNELS[colour] * bits + 7) // 8
            rows += bytes([picks.randrange(5)]) + picks.randbytes(row_bytes)
    data = png((width, height, bits, colour, 0, 0, 1), rows)
    theirs = np.asarray(Image.open(io.BytesIO(data)))
    np.testing.assert_array_equal(png_pixels.png_pixels(PATH, data), theirs)


def test_damage_is_told_and_no_other_exception_comes() -> None:
    good = png((6, 5, 8, 2, 0, 0, 0), bytes(5 * 19))
    for size in range(len(good) - 12):
        with pytest.raises(DamagedError):
            png_pixels.png_pixels(PATH, good[:size])
    picks = random.Random(0)
    told = 0
    for _ in range(300):
        broken = bytearray(good)
        broken[picks.randrange(len(good))] ^= 1 << picks.randrange(8)
        try:
            found = png_pixels.png_pixels(PATH, bytes(broken))
        except (DamagedError, LimitError):
            told += 1
        else:
            assert not found.any(), "only behind the pixels may damage go unseen"
    assert told > 200


def test_a_bomb_is_not_unpacked() -> None:
    with pytest.raises(LimitError, match="at most 256.0 MB, found 10"):
        png_pixels.png_pixels(PATH, png((10**5, 10**5, 8, 0, 0, 0, 0), b""))
    more = png((2, 2, 8, 0, 0, 0, 0), bytes(10**7))
    assert png_pixels.png_pixels(PATH, more).shape == (2, 2)


@pytest.mark.samples
def test_real_pictures_are_those_of_pillow() -> None:
    files = sample_files("**/*.png")
    if not files:
        pytest.skip("the real sample files are not beside this checkout")
    for path in files:
        theirs = np.asarray(Image.open(path))
        np.testing.assert_array_equal(png_pixels.png_pixels(path, path.read_bytes()), theirs, str(path))

"""Pictures that are files of their own have the pixels that were saved, and damage costs no more than its part."""

from __future__ import annotations

import io
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from inspector.artifacts import photographs
from inspector.artifacts.photographs import MAX_PIXELS, photograph, photograph_size
from inspector.core.errors import DamagedError, FileError, LimitError, MissingError, UnsupportedError

COLOURS = np.random.default_rng(0).integers(0, 256, (30, 50, 3), np.uint8)


def saved(path: Path, pixels: np.ndarray = COLOURS) -> Path:
    Image.fromarray(pixels).save(path)
    return path


@pytest.mark.parametrize("ending", ["png", "bmp", "tiff", "ppm"])
def test_what_was_saved_without_loss_comes_back(tmp_path: Path, ending: str) -> None:
    path = saved(tmp_path / f"a.{ending}")
    found = photograph(path)
    np.testing.assert_array_equal(found.pixels, COLOURS)
    assert found.size == photograph_size(path) == (30, 50)
    assert not found.note


@pytest.mark.parametrize("ending", ["jpg", "webp", "gif"])
def test_other_formats_come_back_about_as_they_were(tmp_path: Path, ending: str) -> None:
    plain = np.full((30, 50, 3), (200, 30, 90), np.uint8)
    found = photograph(saved(tmp_path / f"a.{ending}", plain))
    assert found.size == (30, 50)
    assert np.abs(found.pixels.astype(int) - plain).max() < 6


def test_a_large_jpeg_is_decoded_smaller_where_less_is_wanted(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.jpg", np.full((1600, 2400, 3), 77, np.uint8))
    found = photograph(path, 300)
    assert found.size == (1600, 2400)
    assert 300 <= max(found.pixels.shape) < 2400


def test_grey_of_sixteen_bits_floats_and_transparency_are_shown(tmp_path: Path) -> None:
    deep = saved(tmp_path / "deep.png", np.array([[0, 65_535, 257 * 100]], np.uint16))
    assert photograph(deep).pixels[0, :, 0].tolist() == [0, 255, 100]
    shares = saved(tmp_path / "shares.tiff", np.array([[0, 1, 0.5]], np.float32))
    assert photograph(shares).pixels[0, :, 0].tolist() == [0, 255, 128]
    clear = saved(tmp_path / "clear.png", np.array([[[255, 255, 255, 0], [9, 8, 7, 255]]], np.uint8))
    assert photograph(clear).pixels[0].tolist() == [[0, 0, 0], [9, 8, 7]]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "I;16"])
def test_strips_make_one_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    path = tmp_path / "a.png"
    if mode == "I;16":
        saved(path, np.random.default_rng(1).integers(0, 65_536, (30, 50), np.uint16))
    else:
        Image.fromarray(COLOURS).convert(mode).save(path, transparency=3 if mode == "P" else None)
    whole = photograph(path).pixels
    monkeypatch.setattr(photographs, "_STRIP_PIXELS", 350)
    np.testing.assert_array_equal(photograph(path).pixels, whole)


def test_a_deep_picture_takes_little_more_than_its_pixels(tmp_path: Path) -> None:
    path = saved(tmp_path / "deep.png", np.zeros((2000, 2000), np.uint16))
    tracemalloc.start()
    try:
        pixels = photograph(path).pixels
        assert tracemalloc.get_traced_memory()[1] < pixels.nbytes + 48 * (1 << 20)  # as float64 it is 32 MB, and copied
    finally:
        tracemalloc.stop()


def test_a_torn_picture_is_shown_as_far_as_it_goes(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.jpg", np.tile(COLOURS, (10, 10, 1)))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found = photograph(path)
    assert found.pixels.shape == (300, 500, 3)
    assert "breaks off" in found.note
    assert found.pixels[:100].std() > 20


def test_what_is_no_picture_is_said(tmp_path: Path) -> None:
    text = tmp_path / "a.jpg"
    text.write_text("not a picture")
    with pytest.raises(UnsupportedError, match="picture"):
        photograph(text)
    with pytest.raises(MissingError):
        photograph(tmp_path / "gone.jpg")
    with pytest.raises(FileError):
        photograph_size(tmp_path)


def test_a_bomb_is_refused_by_its_declared_size(tmp_path: Path) -> None:
    def chunk(name: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")

    header = (60_000).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(10**6)))
        + chunk(b"IEND", b"")
    )
    path = tmp_path / "a.png"
    path.write_bytes(bomb)
    assert MAX_PIXELS < 60_000**2
    with pytest.raises((LimitError, DamagedError), match="pixels"):
        photograph(path)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"]), st.data())
def test_any_damage_is_an_error_of_a_kind_or_a_picture(tmp_path: Path, kind: str, data: st.DataObject) -> None:
    buffer = io.BytesIO()
    Image.fromarray(COLOURS).save(buffer, kind)
    content = bytearray(buffer.getvalue())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    path = tmp_path / f"damaged.{kind}"
    path.write_bytes(bytes(content[:cut]) or b"\0")
    try:
        assert photograph(path).pixels.shape[2] == 3
    except FileError as error:
        assert path.name in str(error)

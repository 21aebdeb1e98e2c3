"""Packed bytes read by offset: equal to what gzip and zlib give, from any place, in any order; damage and bombs."""

from __future__ import annotations

import gzip
import random
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspector.artifacts import inflated
from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.inflated import Inflated
from inspector.artifacts.packings import DEFLATE, GZIP
from inspector.artifacts.reading_limits import INFLATION_FREE_BYTES, MAX_INFLATION
from inspector.core.errors import DamagedError
from inspector.core.pulse import QUIET


def opened(path: Path, content: bytes, wbits: int = GZIP, size: int | None = None, before: bytes = b"") -> Inflated:
    path.write_bytes(before + content)
    with ByteFile(path) as file:
        return Inflated(file, len(before), len(content), wbits, QUIET, size)


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inflated, "BLOCK_BYTES", 10_000)


def noise(count: int) -> bytes:
    return np.random.default_rng(0).integers(0, 16, count, np.uint8).tobytes()


@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize("wbits", [GZIP, DEFLATE])
def test_any_stretch_in_any_order_is_that_of_the_plain_bytes(tmp_path: Path, wbits: int, lazy: bool) -> None:
    plain = noise(123_456)
    packer = zlib.compressobj(6, zlib.DEFLATED, wbits)
    packed = packer.compress(plain) + packer.flush()
    found = opened(tmp_path / "a", packed, wbits, len(plain) if lazy else None, before=b"x" * 77)
    assert (found.size, found.problem) == (len(plain), "")
    draw = random.Random(1)
    for _ in range(60):
        start, count = draw.randrange(len(plain) + 10), draw.randrange(30_000)
        assert found.read(start, count) == plain[start : start + count]
    assert found.read(-1, 5) == b""


def test_several_gzip_streams_in_a_row_are_one(tmp_path: Path) -> None:
    first, second = noise(25_000), b"second" * 3000
    found = opened(tmp_path / "a", gzip.compress(first) + gzip.compress(second) + bytes(20))
    assert found.read(0, 10**6) == first + second
    assert found.problem == ""


@pytest.mark.parametrize("end", [5, 400, 9_000, -1])
def test_what_comes_before_a_cut_is_read(tmp_path: Path, end: int) -> None:
    plain = noise(40_000)
    found = opened(tmp_path / "a", gzip.compress(plain, mtime=0)[:end])
    assert "breaks off" in found.problem
    assert plain.startswith(found.read(0, 10**6))
    if end == 9_000:
        assert found.size > 15_000


def test_what_comes_before_bytes_that_do_not_unpack_is_read(tmp_path: Path) -> None:
    plain = noise(60_000)
    packed = bytearray(zlib.compress(plain, wbits=DEFLATE))
    # A stored block whose length does not agree with its complement is refused wherever it stands.
    middle = zlib.compressobj(wbits=DEFLATE)
    head = middle.compress(plain[:30_000]) + middle.flush(zlib.Z_FULL_FLUSH)
    found = opened(tmp_path / "a", head + b"\x00\x05\x00\x00\x00" + bytes(packed), DEFLATE)
    assert "do not unpack" in found.problem
    assert found.read(0, 10**6) == plain[:30_000]


def test_a_wrong_checksum_is_told_and_every_byte_is_there(tmp_path: Path) -> None:
    plain = noise(25_000)
    packed = bytearray(gzip.compress(plain))
    packed[-6] ^= 1
    found = opened(tmp_path / "a", bytes(packed))
    assert "checksum" in found.problem
    assert found.read(0, 10**6) == plain


def test_a_bomb_is_read_up_to_a_limit_in_little_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    packed = gzip.compress(bytes(60_000_000), 9)
    tracemalloc.start()
    try:
        found = opened(tmp_path / "a", packed)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.limited
    assert found.size == max(INFLATION_FREE_BYTES, MAX_INFLATION * len(packed))
    assert "grows to more than" in found.problem
    assert found.read(found.size - 5, 100) == bytes(5)
    assert peak < 40_000_000


def test_many_sources_together_keep_few_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inflated, "BLOCK_BYTES", 200_000)
    plain = noise(400_000)
    packed = zlib.compress(plain, 1, DEFLATE)
    sources = [opened(tmp_path / str(i), packed, DEFLATE, len(plain)) for i in range(60)]
    tracemalloc.start()
    try:
        for source in sources:
            assert source.read(300_000, 10) == plain[300_000:300_010]
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert held < 60 * 100_000  # 60 kB of zlib's state each, and four blocks


def test_the_beginning_is_read_without_the_rest_of_its_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    plain = noise(1_000_000)
    found = opened(tmp_path / "a", zlib.compress(plain, 1, DEFLATE), DEFLATE, len(plain))
    taken: list[int] = []
    unpacked = Inflated._unpacked

    def counted(self: Inflated, state: Any, count: int) -> Any:
        taken.append(count)
        return unpacked(self, state, count)

    monkeypatch.setattr(Inflated, "_unpacked", counted)
    assert found.read(0, 10) == plain[:10]
    assert taken == [inflated.HEAD_BYTES]
    assert found.read(70_000, 10) == plain[70_000:70_010]


def test_a_file_that_was_replaced_is_not_read(tmp_path: Path) -> None:
    found = opened(tmp_path / "a", gzip.compress(noise(50_000)))
    (tmp_path / "a").write_bytes(gzip.compress(b"other"))
    with pytest.raises(DamagedError, match="as it was when it was opened"):
        found.read(30_000, 10)


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_end_in_a_problem_or_in_what_gzip_gives(tmp_path: Path, content: bytes) -> None:
    found = opened(tmp_path / "a", b"\x1f\x8b\x08\x00" + content)
    assert len(found.read(0, 10**7)) == found.size
    try:
        expected = gzip.decompress(b"\x1f\x8b\x08\x00" + content)
    except (OSError, EOFError, zlib.error):
        return
    assert found.read(0, 10**7) == expected

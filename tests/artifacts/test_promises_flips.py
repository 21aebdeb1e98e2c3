"""Damage is found: every single bit that is turned inside a record of an archive."""

from __future__ import annotations

import io
import struct
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inspector.artifacts.byte_file import ByteFile, InnerFile, Memory
from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.artifacts.checkpoints.record_checks import ProgressOfAll, checked_zip
from inspector.artifacts.checkpoints.verify import verify
from inspector.core.errors import FileError
from inspector.core.notes import Notes
from inspector.core.pulse import QUIET

torch = pytest.importorskip("torch")


def saved() -> bytes:
    """A small checkpoint as torch writes it."""
    stream = io.BytesIO()
    torch.save({"w": torch.arange(40.0), "b": torch.ones(9, dtype=torch.float16), "epoch": 3}, stream)
    return stream.getvalue()


def repacked(data: bytes, method: int) -> bytes:
    """The same entries as Python's own module writes them."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", method) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return stream.getvalue()


def records(data: bytes) -> Iterator[tuple[str, int, int]]:
    """Each entry's name and the first and last byte of its content, by zipfile's own account of where it is."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.infolist():
            names = sum(struct.unpack_from("<HH", data, entry.header_offset + 26))
            start = entry.header_offset + 30 + names
            yield entry.filename, start, start + entry.compress_size


def record_bits(data: bytes) -> Iterator[int]:
    """The bits of the entries' contents."""
    for _, start, end in records(data):
        yield from range(8 * start, 8 * end)


def contents(data: bytes) -> list[bytes]:
    """What Python's own module reads from the entries."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [archive.read(name) for name in archive.namelist()]


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_every_bit_turned_inside_a_record_is_found(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    whole = saved()
    (tmp_path / "x.pt").write_bytes(whole)
    inside = outside = 0
    told: Counter[str] = Counter()
    with ByteFile(tmp_path / "x.pt") as file:
        for data in (whole, repacked(whole, zipfile.ZIP_STORED), repacked(whole, zipfile.ZIP_DEFLATED)):
            inside_records = set(record_bits(data))
            for bit in inside_records:
                found = checked_zip(InnerFile(file, Memory(flipped(data, bit))), ProgressOfAll(QUIET, 0), Notes())
                # The last byte of a deflated stream may have bits to spare.
                assert found.damaged or contents(flipped(data, bit)) == contents(whole), f"bit {bit}"
                inside += bool(found.damaged)
            for bit in range(0, 8 * len(data), 7):
                if bit not in inside_records:
                    told[_outside(InnerFile(file, Memory(flipped(data, bit))))] += 1
                    outside += 1
    assert inside >= 10_000
    record_property("faults injected", inside + outside)
    record_property("turned bits found inside records", inside)
    # A header that contradicts the directory is said; only fields that no reader heeds go unsaid.
    assert told["said"] > outside / 4


def _outside(file: InnerFile) -> str:
    """What is said of a bit turned between the records."""
    notes = Notes()
    try:
        found = checked_zip(file, ProgressOfAll(QUIET, 0), notes)
    except FileError:
        return "said"
    return "said" if found.damaged or notes.texts() else "nothing"


def test_the_whole_way_finds_them_too_and_names_the_record(tmp_path: Path) -> None:
    whole = saved()
    path = tmp_path / "x.pt"
    bits = sorted(record_bits(whole))
    for bit in bits[:: len(bits) // 60]:
        path.unlink(missing_ok=True)
        path.write_bytes(flipped(whole, bit))
        found = verify(path)
        assert found.checked == "crc32"
        (damaged,) = found.damaged
        (record,) = (one for one in records(whole) if one[1] <= bit // 8 < one[2])
        assert (damaged.name, damaged.start, damaged.start + damaged.bytes) == record
    path.unlink()
    path.write_bytes(whole)
    assert verify(path).damaged == ()
    opened(path)

"""Files that a writer holds open or left open are read, and neither the file nor its writer notices."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np
import pytest

from inspector.artifacts.byte_file import Memory
from inspector.artifacts.dumps import hdf5_open, hdf5_superblock, hdf5_window
from inspector.artifacts.dumps.shown_file import Patch, ShownFile

WRITER = """
import sys, h5py
path, libver, swmr = sys.argv[1:]
file = h5py.File(path, "w", libver=libver)
rows = file.create_dataset("x", (0, 4), maxshape=(None, 4), chunks=(1, 4), dtype="f8")
file.flush()
if swmr:
    file.swmr_mode = True
for line in sys.stdin:
    count = len(rows)
    rows.resize(count + 1, 0)
    rows[count] = count
    rows.flush()
    file.flush()
    print(count + 1, flush=True)
file.close()
"""


@contextmanager
def writer(path: Path, libver: str, swmr: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the file open and adds a row whenever it is asked to."""
    command = [sys.executable, "-c", WRITER, str(path), libver, swmr]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        yield child


def add_row(child: subprocess.Popen[str]) -> int:
    child.stdin.write("\n")
    child.stdin.flush()
    return int(child.stdout.readline())


def descriptor_count() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def rows_of(path: Path) -> tuple[np.ndarray, tuple[str, ...]]:
    with hdf5_open.opened(path) as found:
        dataset = hdf5_window.open_dataset(path, found.file, "x")
        return hdf5_window.read(path, dataset)[:, 0], found.notes


@pytest.mark.parametrize(("libver", "swmr"), [("earliest", ""), ("latest", ""), ("latest", "swmr")])
def test_a_live_writer_is_read_beside_and_never_disturbed(tmp_path: Path, libver: str, swmr: str) -> None:
    path = tmp_path / "file.h5"
    with writer(path, libver, swmr) as child:
        for count in (1, 2):
            assert add_row(child) == count
            values, notes = rows_of(path)
            assert values.tolist() == list(range(count))
            assert bool(notes) == (libver == "latest")
        with hdf5_open.opened(path) as held:
            assert add_row(child) == 3
            assert hdf5_window.open_dataset(path, held.file, "x").shape[1] == 4
            child.stdin.close()
            assert child.wait(60) == 0
    with h5py.File(path) as file:
        np.testing.assert_array_equal(file["x"][:, 0], [0, 1, 2])
    assert rows_of(path)[1] == ()


@pytest.mark.parametrize("swmr", ["", "swmr"])
def test_what_a_killed_writer_left_is_read_and_left_as_it_is(tmp_path: Path, swmr: str) -> None:
    path = tmp_path / "file.h5"
    with writer(path, "latest", swmr) as child:
        add_row(child)
        child.kill()
    before, descriptors = path.read_bytes(), descriptor_count()
    values, notes = rows_of(path)
    assert values.tolist() == [0]
    assert "did not close it" in notes[0]
    assert path.read_bytes() == before
    assert descriptor_count() == descriptors


SPARSE_BYTES = 20 * 10**9
ROW_BYTES = 10**6

LOOK = """
import json, resource, sys
from pathlib import Path
from inspector.artifacts.dumps import hdf5, hdf5_open, hdf5_window
from inspector.core.pulse import QUIET

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

before = peak()
found = []
for name in sys.argv[1:]:
    path = Path(name)
    facts = hdf5.facts(path, QUIET)
    with hdf5_open.opened(path) as opened:
        dataset = hdf5_window.open_dataset(path, opened.file, "image")
        last = len(dataset) - 1
        part = (slice(last, last + 1), slice(0, dataset.shape[1]))
        found.append([list(facts.datasets[0].shape), facts.notes, int(hdf5_window.read(path, dataset, part).sum())])
print(json.dumps([found, peak() - before]))
"""


def test_twenty_gigabytes_open_in_little_memory_also_where_a_writer_left_them_open(tmp_path: Path) -> None:
    whole, left, cut = (tmp_path / name for name in ("whole.h5", "left.h5", "cut.h5"))
    for path in (whole, left, cut):
        with h5py.File(path, "w", libver="latest") as file:
            dataset = file.create_dataset(
                "image", (SPARSE_BYTES // ROW_BYTES, ROW_BYTES), "u1", fill_time="never", track_times=False
            )
            dataset[-1] = 1
            offset = dataset.id.get_offset()
    assert whole.stat().st_size > SPARSE_BYTES
    if whole.stat().st_blocks * 512 > SPARSE_BYTES:
        pytest.skip("this disk keeps no holes")
    with left.open("r+b") as stream:
        raw = bytearray(stream.read(48))
        raw[11] = 1
        raw[44:] = struct.pack("<I", hdf5_superblock.lookup3(bytes(raw[:44])))
        stream.seek(0)
        stream.write(raw)
    os.truncate(cut, offset + SPARSE_BYTES)
    with pytest.raises(OSError, match="already open for"):
        h5py.File(left)
    done = subprocess.run(
        [sys.executable, "-c", LOOK, str(whole), str(left), str(cut)], check=True, capture_output=True, text=True
    )
    found, grown_bytes = json.loads(done.stdout)
    shape = [SPARSE_BYTES // ROW_BYTES, ROW_BYTES]
    assert [(one[0], one[2]) for one in found] == [(shape, ROW_BYTES)] * 3
    assert found[0][1] == []
    assert "did not close it" in found[1][1][0]
    assert grown_bytes < 50 * 10**6


def test_a_shown_file_is_its_source_but_for_the_patches() -> None:
    data = bytes(range(200))
    file = ShownFile(Memory(data), (Patch(10, b"AAAA"), Patch(50, b"BB")))
    expected = data[:10] + b"AAAA" + data[14:50] + b"BB" + data[52:]
    assert file.read() == expected
    for start in range(0, 60, 3):
        for count in (1, 2, 5, 100):
            file.seek(start)
            assert file.read(count) == expected[start : start + count]
    assert file.seek(-3, os.SEEK_END) == 197
    assert file.read(10) == data[197:]
    assert file.read(1) == b""
    assert not file.writable()


def test_a_file_that_was_between_two_writes_of_its_writer_is_read_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        file["x"] = np.arange(5)
    real, asked = h5py.File, []

    def between(name: object, *arguments: object, **named: object) -> object:
        asked.append(name)
        if len(asked) == 1:
            message = "Unable to open file (truncated file: eof = 10, sblock->base_addr = 0, stored_eof = 20)"
            raise OSError(message)
        return real(name, *arguments, **named)

    monkeypatch.setattr(hdf5_open.h5py, "File", between)
    with hdf5_open.opened(path) as found:
        assert found.file["x"][...].tolist() == [0, 1, 2, 3, 4]
    assert (found.notes, len(asked)) == ((), 2)

"""A damaged file gives what is there and a sentence, or a sentence; never another exception."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from inspector.artifacts.dumps import hdf5, hdf5_open, hdf5_superblock, hdf5_window
from inspector.core.errors import DamagedError
from inspector.core.pulse import QUIET

VALUES = np.arange(5000.0)


def write(path: Path, libver: str, **options: object) -> bytes:
    with h5py.File(path, "w", libver=libver, **options) as file:
        file.attrs["run"] = "r1"
        file.create_dataset("first", data=np.arange(12).reshape(3, 4), chunks=(1, 4), compression="gzip")
        file["group/inner/second"] = VALUES
        file["group/text"] = "words"
        file["soft"] = h5py.SoftLink("/first")
    return path.read_bytes()


@pytest.mark.parametrize("libver", ["earliest", "latest"])
@pytest.mark.parametrize("userblock", [0, 512])
def test_a_cut_file_shows_what_is_there_and_both_sizes(tmp_path: Path, libver: str, userblock: int) -> None:
    path = tmp_path / "file.h5"
    raw = write(path, libver, userblock_size=userblock)
    path.write_bytes(raw[:-1000])
    found = hdf5.facts(path, QUIET)
    assert found.notes[0] == (
        f"it breaks off: {len(raw) - 1000:,} of {len(raw):,} bytes are there, what lies in them is shown"
    )
    assert found.attributes["run"] == "r1"
    assert path.read_bytes() == raw[:-1000]


def test_a_cut_that_takes_the_root_is_refused_with_both_sizes(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    raw = write(path, "latest")
    path.write_bytes(raw[:200])
    with pytest.raises(DamagedError, match=f"200 of {len(raw):,} bytes"):
        hdf5.facts(path, QUIET)


DYING = """
import os, sys, h5py, numpy as np
f = h5py.File(sys.argv[1], "w", libver="latest")
f["x"] = np.arange(10.0)
f.flush()
os._exit(9)
"""


def test_what_a_killed_writer_had_flushed_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    subprocess.run([sys.executable, "-c", DYING, str(path)], check=False)
    before = path.read_bytes()
    with pytest.raises(OSError, match="already open for write"):
        h5py.File(path, locking=False)
    found = hdf5.facts(path, QUIET)
    assert [dataset.path for dataset in found.datasets] == ["x"]
    assert found.notes == ("its writer did not close it: what it had written out is shown",)
    with hdf5_open.opened(path) as opened:
        values = hdf5_window.read(path, hdf5_window.open_dataset(path, opened.file, "x"))
    np.testing.assert_array_equal(values, np.arange(10.0))
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("data", "checksum"),
    [
        (b"", 0xDEADBEEF),
        (b"Four score and seven years ago", 0x17770551),  # as Jenkins publishes it beside lookup3.c
    ],
)
def test_the_checksum_is_lookup3(data: bytes, checksum: int) -> None:
    assert hdf5_superblock.lookup3(data) == checksum


def test_the_checksum_is_the_one_the_library_writes(tmp_path: Path) -> None:
    raw = write(tmp_path / "file.h5", "latest")
    assert hdf5_superblock.lookup3(raw[:44]) == int.from_bytes(raw[44:48], "little")


def test_a_damaged_chunk_spoils_only_its_own_values(tmp_path: Path) -> None:
    path = tmp_path / "file.h5"
    with h5py.File(path, "w") as file:
        dataset = file.create_dataset("x", data=np.arange(40).reshape(4, 10), chunks=(1, 10), fletcher32=True)
        offset = dataset.id.get_chunk_info(2).byte_offset
    raw = bytearray(path.read_bytes())
    raw[offset + 3] ^= 0xFF
    path.write_bytes(raw)
    with hdf5_open.opened(path) as found:
        open_one = hdf5_window.open_dataset(path, found.file, "x")
        np.testing.assert_array_equal(
            hdf5_window.read(path, open_one, (slice(1, 2), slice(0, 10)))[0], np.arange(10, 20)
        )
        with pytest.raises(DamagedError, match="values of x to be readable"):
            hdf5_window.read(path, open_one, (slice(2, 3), slice(0, 10)))


CHILD = """
import json, os, resource, signal, sys
from pathlib import Path
from inspector.artifacts.dumps import hdf5, hdf5_open
from inspector.artifacts.dumps import hdf5_window
from inspector.core.errors import FileError
from inspector.core.pulse import QUIET

def look(path):
    try:
        facts = hdf5.facts(path, QUIET)
    except FileError:
        return 1
    with hdf5_open.opened(path) as found:
        for dataset in facts.datasets:
            try:
                hdf5_window.read(path, hdf5_window.open_dataset(path, found.file, dataset.path))
            except FileError:
                pass
    return 0

resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
scratch = Path(sys.argv[1])
outcomes = []
for variant in sorted(scratch.glob("*.h5")):
    pid = os.fork()
    if pid == 0:
        signal.alarm(10)
        resource.setrlimit(resource.RLIMIT_CPU, (4, 4))
        code = 70
        try:
            code = look(variant)
        except BaseException:
            import traceback
            traceback.print_exc()
        os._exit(code)
    _, status = os.waitpid(pid, 0)
    outcomes.append((variant.name, os.waitstatus_to_exitcode(status)))
print(json.dumps(outcomes))
"""

LISTED, REFUSED, BROKEN = 0, 1, 70


def outcomes_of(folder: Path) -> dict[str, int]:
    """How each file of a folder ended: listed, refused in a sentence, another exception, or minus a signal."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder)], capture_output=True, text=True, check=True, timeout=300
    )
    found: dict[str, int] = dict(json.loads(done.stdout))
    broken = [name for name, code in found.items() if code not in (LISTED, REFUSED) and code >= 0]
    assert not broken, done.stderr[-3000:]
    return found


@pytest.mark.parametrize("libver", ["earliest", "latest"])
def test_a_file_cut_anywhere_is_listed_or_refused(tmp_path: Path, libver: str) -> None:
    raw = write(tmp_path / "whole.h5", libver)
    folder = tmp_path / "cut"
    folder.mkdir()
    for size in sorted({*range(0, 900, 37), *range(900, len(raw), 1871)}):
        (folder / f"{size:06}.h5").write_bytes(raw[:size])
    found = outcomes_of(folder)
    assert set(found.values()) == {LISTED, REFUSED}


@pytest.mark.slow
@pytest.mark.parametrize("libver", ["earliest", "latest"])
def test_random_damage_is_listed_refused_or_ends_a_reader_of_its_own(tmp_path: Path, libver: str) -> None:
    raw = write(tmp_path / "whole.h5", libver)
    generator = random.Random(11)
    folder = tmp_path / "damaged"
    folder.mkdir()
    # The structure, not the bulk of the values.
    places = [*range(min(len(raw), 6000)), *range(max(0, len(raw) - 3000), len(raw))]
    for index in range(120):
        damaged = bytearray(raw)
        for _ in range(generator.choice((1, 1, 2, 8))):
            damaged[generator.choice(places)] = generator.choice((0, 0xFF, generator.randrange(256)))
        (folder / f"{index:03}.h5").write_bytes(damaged)
    found = outcomes_of(folder)
    killed = [code for code in found.values() if code < 0]
    assert {-code for code in killed} <= {
        signal.SIGSEGV,
        signal.SIGALRM,
        signal.SIGXCPU,
        signal.SIGKILL,
        signal.SIGABRT,
    }
    assert len(killed) <= 0.1 * len(found)
    assert REFUSED in found.values()


def test_bytes_after_a_signature_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "noise"
    folder.mkdir()
    for index in range(30):
        noise = random.Random(index).randbytes(64 * (index + 1))
        (folder / f"{index:02}.h5").write_bytes(hdf5_superblock.SIGNATURE + bytes([index % 4]) + noise)
    found = outcomes_of(folder)
    assert len(found) == 30
    assert set(found.values()) == {REFUSED}

"""Small files of every container of one file that would grow without end: read in part, in bounded time and memory."""

from __future__ import annotations

import gzip
import json
import pickle  # makes the files that are read
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.artifacts.hdf5_files import declared_texts
from tests.artifacts.packed import tar_of, zip_of
from tests.artifacts.tars import Reference, Stored, Tensor, members

MAX_SECONDS = 10
"""Of processor time, start of Python included; promised are two, and machines differ."""

MAX_BYTES = 512_000_000

_CHILD = """
import json, resource, sys
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
from pathlib import Path
from inspector.artifacts.facts import facts_of
from inspector.core.errors import FileError
answers = {}
for path in map(Path, sys.argv[1:]):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    try:
        notes = list(facts_of(path).notes)
    except FileError as error:
        notes = [str(error)]
    # The peak in getrusage may be that of the parent before it was replaced; this one is of the program itself.
    peak = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]
    seconds = resource.getrusage(resource.RUSAGE_SELF).ru_utime - before
    answers[path.name] = [seconds, int(peak) * 1024, notes[:3]]
print(json.dumps(answers))
"""


def _zip(entries: dict[str, bytes]) -> bytes:
    return zip_of(entries, zipfile.ZIP_DEFLATED)


def _npy(text: str, data: bytes = b"") -> bytes:
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + data


def _laughs() -> bytes:
    """A pickle of lists that hold one another twice, thirty deep."""
    value: list[object] = []
    for _ in range(30):
        value = [value, value]
    return pickle.dumps(value, 2)


def _of_zeros(size: int) -> dict[str, bytes]:
    return {"policy.pth": bytes(size), "w.npy": bytes(size)}


_SHAPE = "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000000,), }"
_MANY = [Tensor(i, 1, (10**6, 10**6), (0, 0)) for i in range(2000)]

_FILES: dict[str, Callable[[], bytes]] = {
    "zeros.tar.gz": lambda: gzip.compress(tar_of({"w.th": bytes(60_000_000)}), 9),
    "zeros.zip": lambda: _zip(_of_zeros(60_000_000)),
    "many.zip": lambda: _zip({f"{i}.pth": b"\x80\x02]." for i in range(3000)}),
    "many.tar.gz": lambda: gzip.compress(tar_of({f"{i}.th": b"" for i in range(3000)}), 9),
    "laughs.zip": lambda: _zip({f"{i}.pkl": _laughs() for i in range(40)}),
    "nested.zip": lambda: _zip({"data": b"[" * 100_000, "policy.pth": b"\x80\x02]."}),
    "lists.zip": lambda: _zip({"data": b"[" + b"[]," * 1_000_000 + b"[]]", "policy.pth": b"\x80\x02]."}),
    "empty lists.npy": lambda: _npy("{'descr': " + "[" * 20_000 + "}"),
    "shape.npy": lambda: _npy(_SHAPE, bytes(8)),
    "shape.npz": lambda: _zip({f"{i}.npy": _npy(_SHAPE, bytes(8)) for i in range(500)}),
    "objects.npy": lambda: _npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", _laughs()),
    "zeros.npz": lambda: _zip({f"{i}.npy": _npy(_SHAPE, bytes(20_000_000)) for i in range(3)}),
    "expanded.pt": lambda: tar_of(members([Reference(t.key) for t in _MANY], [Stored(1, np.ones(1, "f4"))], _MANY)),
    "model.pt": lambda: _zip(
        {"m/model.json": b'{"mainModule": {"submodules": [' + b"{}," * 300_000 + b"{}]}}", "m/tensors/0": b""}
    ),
    "code.pt": lambda: _zip(
        {"m/data.pkl": b"\x80\x02].", "m/constants.pkl": b"\x80\x02]."}
        | {f"m/code/{i}.py": b"x = 1\n" * 10_000 for i in range(2500)}
    ),
    "text.h5": declared_texts,
    "operators.ptl": lambda: _zip({"m/data.pkl": b"\x80\x02].", "m/bytecode.pkl": _laughs()}),
}


pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[object]]:
    """Seconds, peak memory and notes of each file, all opened by one child process."""
    folder = tmp_path_factory.mktemp("bombs")
    for name, made in _FILES.items():
        (folder / name).write_bytes(made())
    with h5py.File(folder / "zeros.h5", "w") as file:
        file.attrs["keras_version"] = "2"
        file.create_dataset("w", (10**9, 1000), "f4", chunks=(1000, 1000), compression="gzip")
        for i in range(2000):
            file[f"layer_{i}/kernel:0"] = np.float32(i)
    paths = [str(path) for path in sorted(folder.iterdir())]
    answer = subprocess.run(
        [sys.executable, "-c", _CHILD, *paths], capture_output=True, text=True, check=True, timeout=300, cwd=folder
    )
    found: dict[str, list[object]] = json.loads(answer.stdout)
    assert sorted(found) == sorted(Path(path).name for path in paths)
    return found


@pytest.mark.parametrize("name", [*_FILES, "zeros.h5"])
def test_a_bomb_costs_little(answers: dict[str, list[object]], name: str) -> None:
    seconds, peak_bytes, _ = answers[name]
    assert isinstance(seconds, float)
    assert seconds < MAX_SECONDS
    assert isinstance(peak_bytes, int)
    assert peak_bytes < MAX_BYTES


def test_what_is_left_out_is_said(answers: dict[str, list[object]]) -> None:
    for name in (
        "zeros.tar.gz",
        "zeros.zip",
        "many.zip",
        "many.tar.gz",
        "zeros.npz",
        "model.pt",
        "code.pt",
        "shape.npy",
        "text.h5",
    ):
        assert answers[name][2], name

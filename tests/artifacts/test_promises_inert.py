"""Opening a file never runs anything in it: over all hostile samples, crafted streams, and 200,000 damaged ones."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from tests.artifacts.hostile_streams import BENIGN, CONTAINERS, MARK, STREAMS
from tests.artifacts.pickle_words import archive, entries, pickled, tensor
from tests.artifacts.safetensors_files import write_safetensors
from tests.conftest import sample_files
from tests.long import pickle_mutants

MUTANTS = 200_000
"""`python -m tests.long small_mutants` goes on to millions."""


def watched(benign: list[Path], hostile: list[Path]) -> dict[str, Any]:
    """What happened while these files were opened in a process of their own."""
    answer = subprocess.run(
        [sys.executable, "-m", "tests.artifacts.watched_child"],
        input=json.dumps({"benign": [str(path) for path in benign], "hostile": [str(path) for path in hostile]}),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert answer.returncode == 0, answer.stderr[-2000:]
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def benign_files(folder: Path) -> list[Path]:
    """One good file of each kind that any of the hostile ones may be taken for."""
    folder.mkdir()
    for i, stream in enumerate(BENIGN.values()):
        for end, put in CONTAINERS.items():
            (folder / f"good{i}{end}").write_bytes(put(stream))
    whole = archive(pickled(entries(("w", tensor((2, 2), (2, 1))))))
    (folder / "w.pt").write_bytes(whole)
    write_safetensors(folder / "s.safetensors", {"a": [0.0]})
    np.save(folder / "a.npy", np.ones(3))
    np.savez(folder / "a.npz", a=np.ones(3))
    np.savez_compressed(folder / "b.npz", a=np.ones(3000))
    with h5py.File(folder / "k.h5", "w") as file:
        file["layer/kernel"] = np.ones((2, 2))
    with tarfile.open(folder / "t.tar", "w") as tar:
        tar.add(folder / "w.pt", "w.pt")
    (folder / "log.txt").write_text("epoch 1 loss 0.5\n")
    (folder / "a.yaml").write_text("a: 1\n")
    (folder / "a.json").write_text('{"a": 1}')
    return sorted(folder.iterdir())


def test_nothing_happens_when_hostile_files_are_opened(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    folder = tmp_path / "hostile"
    folder.mkdir()
    for i, stream in enumerate(STREAMS.values()):
        for end, put in CONTAINERS.items():
            (folder / f"{i}{end}").write_bytes(put(stream))
    hostile = [*sorted(folder.iterdir()), *sample_files("hostile/**/*")]
    before = {path: path.stat().st_mtime_ns for path in hostile}
    found = watched(benign_files(tmp_path / "benign"), hostile)
    record_property("inputs tried", len(hostile))
    assert found["events"] == {}
    assert found["unexpected"] == []
    assert found["modules"] == []
    assert found["shown"] >= 0.8 * len(STREAMS) * len(CONTAINERS)
    assert not Path(MARK).exists()
    assert {path: path.stat().st_mtime_ns for path in hostile} == before


def test_the_watch_hears_what_a_file_could_do(tmp_path: Path) -> None:
    """The same child on a benign file that was not named to it: opening it is an event."""
    (tmp_path / "a.pkl").write_bytes(pickled(b"N"))
    (tmp_path / "link.pkl").symlink_to(tmp_path / "a.pkl")
    code = "import tests.artifacts.watched_child as child; child.open_whole = lambda path: open('/dev/null').close()"
    answer = subprocess.run(
        [sys.executable, "-c", f"{code}; child.main()"],
        input=json.dumps({"benign": [], "hostile": [str(tmp_path / "a.pkl")]}),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    (events,) = json.loads(answer.stdout)["events"].values()
    assert events[0].startswith("open ('/dev/null'")


def test_damaged_pickles_neither_raise_nor_do_anything(record_property: Callable[[str, object], None]) -> None:
    figures = pickle_mutants.small_mutants(MUTANTS)
    assert figures["mutants"] == MUTANTS
    assert figures["listed"] >= MUTANTS // 20
    record_property("inputs tried", MUTANTS)
    assert figures["audit_events"] == 0
    assert 0.02 * MUTANTS < figures["read_to_the_end"] < 0.9 * MUTANTS

"""A file leads to others only where the user opened the folder that holds them, and never by another way."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from inspector.artifacts.dumps import dump, hdf5
from inspector.artifacts.opened_paths import lead_to
from inspector.core.errors import DamagedError, UnsupportedError
from inspector.core.pulse import QUIET
from inspector.runs.scan import scan

VALUES = np.arange(48.0).reshape(4, 12)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of parts and a file that leads to them in every way."""
    folder = tmp_path / "run"
    (folder / "parts").mkdir(parents=True)
    layout = h5py.VirtualLayout((4, 12), "f8")
    for index in range(4):
        with h5py.File(folder / "parts" / f"{index}.h5", "w") as file:
            file["group/x"] = VALUES[index]
        layout[index] = h5py.VirtualSource(f"parts/{index}.h5", "group/x", (12,))
    VALUES.ravel()[:20].tofile(folder / "parts" / "a.bin")
    (folder / "parts" / "b.bin").write_bytes(b"12345678" + VALUES.ravel()[20:].tobytes())
    with h5py.File(folder / "all.h5", "w", libver="latest") as file:
        file.create_virtual_dataset("view", layout)
        file["link"] = h5py.ExternalLink("parts/2.h5", "/group")
        file["dataset"] = h5py.ExternalLink(str(folder / "parts" / "3.h5"), "group/x")
        files = [("parts/a.bin", 0, 160), ("parts/b.bin", 8, h5py.h5f.UNLIMITED)]
        file.create_dataset("raw", (4, 12), "f8", external=files)
    return folder


def test_the_folder_that_was_opened_is_followed_into(folder: Path) -> None:
    run = scan((folder,), QUIET)
    facts = next(file.facts for file in run.files if file.name == "all.h5")
    assert {dataset.path for dataset in facts.datasets} == {"view", "link/x", "dataset", "raw"}
    assert {(link.path, link.kind) for link in facts.links} >= {("link", "external"), ("raw", "external storage")}
    assert all(link.followed for link in facts.links)
    assert facts.notes == ()
    found = dump.opened(folder / "all.h5")
    np.testing.assert_array_equal(found.read("view"), VALUES)
    np.testing.assert_array_equal(found.read("raw"), VALUES)
    for row in range(4):
        np.testing.assert_array_equal(found.read("view", row), VALUES[row])
        np.testing.assert_array_equal(found.read("raw", row), VALUES[row])
    np.testing.assert_array_equal(found.read("link/x"), VALUES[2])
    np.testing.assert_array_equal(found.read("dataset"), VALUES[3])


def test_a_file_that_was_opened_by_itself_leads_nowhere(folder: Path) -> None:
    lead_to((folder / "all.h5",))
    scan((folder / "all.h5",), QUIET)
    facts = hdf5.facts(folder / "all.h5", QUIET)
    assert [dataset.path for dataset in facts.datasets] == ["raw", "view"]
    assert not any(link.followed for link in facts.links)
    assert len(facts.notes) == 2
    for name in ("view", "raw"):
        with pytest.raises(UnsupportedError, match="open the folder that holds all of its files"):
            dump.opened(folder / "all.h5").read(name)


def test_a_run_that_is_read_beside_another_takes_nothing_from_it(folder: Path, tmp_path: Path) -> None:
    scan((folder,), QUIET)
    (tmp_path / "parent").mkdir()
    (tmp_path / "parent/train.log").write_text("epoch 1 loss 0.5\n")
    scan((tmp_path / "parent",), QUIET)
    np.testing.assert_array_equal(dump.opened(folder / "all.h5").read("view"), VALUES)


@pytest.mark.parametrize("way", ["../secret.h5", "absolute", "link", "pipe", "missing.h5", "folder"])
def test_nothing_beside_the_folder_is_reached(
    folder: Path, way: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["x"] = VALUES[0]
    target = {"absolute": str(secret)}.get(way, way)
    if way == "link":
        (folder / "link").symlink_to(secret)
    if way == "pipe":
        os.mkfifo(folder / "pipe")
    if way == "folder":
        (folder / "folder").mkdir()
    layout = h5py.VirtualLayout((12,), "f8")
    layout[:] = h5py.VirtualSource(target, "x", (12,))
    path = folder / "odd.h5"
    with h5py.File(path, "w", libver="latest") as file:
        file.create_virtual_dataset("view", layout)
        file["out"] = h5py.ExternalLink(target, "/x")
        file.create_dataset("raw", (12,), "f8", external=[(target, 0, 96)])
    lead_to((folder,))
    assert {dataset.path for dataset in hdf5.facts(path, QUIET).datasets} == {"view", "raw"}
    names = ("view", "raw", "out")
    for name in names:
        with pytest.raises((UnsupportedError, DamagedError)):
            dump.opened(path).read(name)
    record_property("inputs tried", len(names))


def test_a_source_that_itself_leads_out_is_not_read(folder: Path, tmp_path: Path) -> None:
    VALUES.tofile(tmp_path / "secret.bin")
    with h5py.File(folder / "middle.h5", "w", libver="latest") as file:
        file.create_dataset("raw", (12,), "f8", external=[(str(tmp_path / "secret.bin"), 0, 96)])
        file["deep"] = h5py.ExternalLink("../secret.h5", "/x")
        file["soft"] = h5py.SoftLink("/deep")
    for inside in ("raw", "deep", "soft"):
        layout = h5py.VirtualLayout((12,), "f8")
        layout[:] = h5py.VirtualSource("middle.h5", inside, (12,))
        with h5py.File(folder / "odd.h5", "w", libver="latest") as file:
            file.create_virtual_dataset("view", layout)
            file["out"] = h5py.ExternalLink("middle.h5", f"/{inside}")
        lead_to((folder,))
        for name in ("view", "out"):
            with pytest.raises(UnsupportedError):
                dump.opened(folder / "odd.h5").read(name)
        dump.close_all()


def test_files_that_lead_to_each_other_are_walked_once(folder: Path) -> None:
    for name, other in (("a.h5", "b.h5"), ("b.h5", "a.h5")):
        with h5py.File(folder / name, "w") as file:
            file["x"] = VALUES
            file["other"] = h5py.ExternalLink(other, "/")
    lead_to((folder,))
    facts = hdf5.facts(folder / "a.h5", QUIET)
    assert [dataset.path for dataset in facts.datasets] == ["other/x", "x"]


def test_virtual_datasets_that_lead_to_each_other_are_not_read(folder: Path) -> None:
    path = folder / "circle.h5"
    with h5py.File(path, "w", libver="latest") as file:
        for name, other in (("a", "b"), ("b", "a")):
            layout = h5py.VirtualLayout((12,), "f8")
            layout[:] = h5py.VirtualSource(".", other, (12,))
            file.create_virtual_dataset(name, layout)
    done = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "refused", done.stderr


READ = """
import sys
from pathlib import Path
from inspector.artifacts.dumps import dump
from inspector.core.errors import FileError
try:
    print(dump.opened(Path(sys.argv[1])).read("a"))
except FileError:
    print("refused")
"""


def test_files_that_are_led_to_are_read_without_a_lock(folder: Path) -> None:
    lead_to((folder,))
    found = dump.opened(folder / "all.h5")
    found.read("view")
    found.read("link/x")
    program = "import h5py, sys\nfor name in sys.argv[1:]:\n    h5py.File(name, 'a').close()"
    parts = [str(folder / "parts" / f"{index}.h5") for index in range(4)]
    done = subprocess.run([sys.executable, "-c", program, *parts], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_other_files_that_end_early_are_told(folder: Path) -> None:
    with (folder / "parts" / "b.bin").open("r+b") as stream:
        stream.truncate(50)
    lead_to((folder,))
    found = dump.opened(folder / "all.h5")
    np.testing.assert_array_equal(found.read("raw", 0), VALUES[0])
    with pytest.raises(DamagedError, match="files that end before them"):
        found.read("raw", 3)

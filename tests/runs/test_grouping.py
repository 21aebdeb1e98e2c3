"""What was dropped, told apart as runs: under which folder, by which name, and what must be unpacked first."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path

import pytest

from inspector.core.pulse import QUIET
from inspector.runs.grouping import grouping_of

ROWS = "step,loss\n1,2\n2,1\n"


def _csv(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(ROWS)
    return path


def test_a_folder_of_many_runs_gives_its_name_to_all(tmp_path: Path) -> None:
    sweep = tmp_path / "lightning_logs"
    for number in (0, 1, 10):
        _csv(sweep / f"version_{number}" / "metrics.csv")
    groups = grouping_of((sweep,), QUIET).groups
    assert [(group.name, group.folder) for group in groups] == [
        ("version_0", str(sweep)),
        ("version_1", str(sweep)),
        ("version_10", str(sweep)),
    ]
    assert [group.paths for group in groups] == [(str(sweep / group.name),) for group in groups]


def test_runs_that_were_dropped_one_by_one_have_no_heading(tmp_path: Path) -> None:
    first, second = _csv(tmp_path / "a" / "metrics.csv").parent, _csv(tmp_path / "b" / "metrics.csv").parent
    groups = grouping_of((first, second), QUIET).groups
    assert [(group.paths, group.folder) for group in groups] == [((str(first),), ""), ((str(second),), "")]


def test_a_packed_run_is_a_run_of_its_own(tmp_path: Path) -> None:
    log = _csv(tmp_path / "metrics.csv")
    packed = tmp_path / "run.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("run/metrics.csv", ROWS)
    groups = grouping_of((log, packed), QUIET).groups
    assert [(group.name, group.archive) for group in groups] == [("metrics.csv", False), ("run.zip", True)]


@pytest.mark.parametrize("name", ["sweep.zip", "sweep.tar.gz"])
def test_a_packed_sweep_is_its_several_runs(tmp_path: Path, name: str) -> None:
    files = [f"outer/seed_{seed}/{file}" for seed in (0, 1, 10) for file in ("metrics.csv", "checkpoints/a.txt")]
    packed = tmp_path / name
    if name.endswith(".zip"):
        with zipfile.ZipFile(packed, "w") as archive:
            for file in files:
                archive.writestr(file, ROWS)
    else:
        with tarfile.open(packed, "w:gz") as archive:
            for file in files:
                archive.add(_csv(tmp_path / "source" / "metrics.csv"), file)
    groups = grouping_of((packed,), QUIET).groups
    assert [(group.name, group.folder, group.archive) for group in groups] == [
        (f"seed_{seed}", str(packed), True) for seed in (0, 1, 10)
    ]
    assert [group.paths for group in groups] == [(str(packed / "outer" / group.name),) for group in groups]


def test_an_archive_that_cannot_be_looked_into_is_one_run(tmp_path: Path) -> None:
    packed = tmp_path / "run.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(5_001):
            archive.writestr(f"run_{number}/metrics.csv", "")
    (group,) = grouping_of((packed,), QUIET).groups
    assert (group.paths, group.archive) == ((str(packed),), True)


def test_what_is_not_there_is_still_a_run_so_that_its_reader_can_say_so(tmp_path: Path) -> None:
    assert [group.paths for group in grouping_of((tmp_path / "gone",), QUIET).groups] == [(str(tmp_path / "gone"),)]

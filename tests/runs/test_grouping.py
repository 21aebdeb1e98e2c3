"""What was dropped, told apart as runs: under which folder, by which name, and what must be unpacked first."""

from __future__ import annotations

import zipfile
from pathlib import Path

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


def test_what_is_not_there_is_still_a_run_so_that_its_reader_can_say_so(tmp_path: Path) -> None:
    assert [group.paths for group in grouping_of((tmp_path / "gone",), QUIET).groups] == [(str(tmp_path / "gone"),)]

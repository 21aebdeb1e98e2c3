"""What dead processes left is removed, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from inspector.core import leftovers
from inspector.core.leftovers import is_running, sweep_temporaries


def test_temporaries_of_dead_writers_are_swept(tmp_path: Path) -> None:
    dead = tmp_path / ".a.pt.tmp-999999999-0"
    alive = tmp_path / f".b.pt.tmp-{os.getpid()}-3"
    dead.write_bytes(b"")
    alive.write_bytes(b"")
    sweep_temporaries(tmp_path)
    assert not dead.exists()
    assert alive.exists()


def test_of_one_file_what_was_left_lately_stays(tmp_path: Path) -> None:
    old, late, other = (
        tmp_path / f".{name}-999999999-0" for name in ("a.json.tmp", "a.json.tmp-999999998", "b.json.tmp")
    )
    for path in (old, late, other):
        path.write_bytes(b"")
    for path in (old, other):
        os.utime(path, (1.0, 1.0))
    sweep_temporaries(tmp_path, "a.json", older_than_s=3600.0)
    assert [path.exists() for path in (old, late, other)] == [False, True, True]


def test_folders_of_dead_writers_are_swept(tmp_path: Path) -> None:
    dead = tmp_path / ".pictures.tmp-999999999-0"
    dead.mkdir()
    (dead / "a.png").write_bytes(b"")
    sweep_temporaries(tmp_path)
    assert not dead.exists()


def test_what_is_no_process_number_is_nobodys_to_sweep() -> None:
    assert [is_running(name) for name in (str(os.getpid()), "999999999", "self", "")] == [True, False, True, True]


def test_where_no_process_can_be_looked_up_nothing_is_anybodys_leftover(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = tmp_path / ".a.pt.tmp-999999999-0"
    left.write_bytes(b"")
    monkeypatch.setattr(leftovers, "_PROCESSES", tmp_path / "no proc")
    sweep_temporaries(tmp_path)
    assert left.exists()

"""`triage` of a folder of several runs: a table of them, the same answer as of many paths, and its exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inspector.reader import triage_command
from inspector.reader.fleet_command import many_runs


def write_runs(folder: Path) -> Path:
    """A healthy run, one whose loss is no number from step 20 on, and one that cannot be read."""
    for name, losses in (("a", [3.0, 2.0, 1.5, 1.25]), ("b", [3.0, 2.0, "NaN", "NaN"]), ("c", [])):
        place = folder / name
        place.mkdir(parents=True)
        rows = [{"step": 10 * number, "val/loss": loss} for number, loss in enumerate(losses)]
        (place / "metrics.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows) or "garbage\n")
        (place / "config.json").write_text(json.dumps({"lr": 0.1 if name == "b" else 0.01, "model": "tiny"}))
    (folder / "c" / "config.json").unlink()
    return folder


def triage(monkeypatch: pytest.MonkeyPatch, folder: Path, form: str, fail_on: str | None = None) -> int:
    monkeypatch.setattr(triage_command, "shut_in", lambda _paths: None)  # the lock would hold for all other tests too
    return triage_command.triage((folder,), form=form, fail_on=fail_on)  # type: ignore[arg-type]


def test_only_a_folder_of_several_runs_is_many(tmp_path: Path) -> None:
    write_runs(tmp_path)
    assert [run.name for run in many_runs((tmp_path,))] == ["a", "b", "c"]
    assert many_runs((tmp_path / "a",)) == ()
    assert many_runs((tmp_path / "a", tmp_path / "b")) == ()


def test_runs_are_lines_of_a_table_with_the_settings_that_differ(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert triage(monkeypatch, write_runs(tmp_path), "text") == 0
    told = capsys.readouterr()
    head, *lines, end = told.out.splitlines()
    assert head.split()[-2:] == ["Epochs", "lr"]
    assert [line.split()[0] for line in lines] == ["a", "b", "c"]
    assert (lines[0].split()[-1], lines[1].split()[-1]) == ("0.01", "0.1")
    assert "1 critical" in lines[1]
    assert "not read" in lines[2]
    assert end == "3 runs · 1 with errors · 1 could not be read"
    assert "curves and settings alone" in told.err


def test_the_answer_as_json_says_that_not_all_was_looked_at_and_the_worst_run_sets_the_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert triage(monkeypatch, write_runs(tmp_path), "json", "critical") == 1
    runs = json.loads(capsys.readouterr().out)["runs"]
    assert [(run["name"], run["worst"], run["complete"]) for run in runs] == [
        ("a", None, False),
        ("b", "critical", False),
        ("c", None, False),
    ]
    assert runs[1]["path"] == str(tmp_path / "b")

"""`diff` as a user runs it: what it prints, the shape of its JSON, how it ends."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import msgspec
import pytest

from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.core.pulse import QUIET
from inspector.core.resources import resource
from inspector.reader.diff_text import checkpoint_lines
from inspector.runs.checkpoint_diff import diff_of
from inspector.runs.diff_values import CheckpointDiff, FileRow, MetricRow, ValueRow
from tests.reader.command import call

EARLY, LATE = (f"sample_run/checkpoints/step_{step:07d}.pt" for step in (700, 1400))


@pytest.fixture(scope="module")
def sample_diff() -> CheckpointDiff:
    return diff_of(opened(resource(EARLY)), opened(resource(LATE)), QUIET)


def test_json_of_two_checkpoints_has_the_documented_shape(sample_diff: CheckpointDiff) -> None:
    found = json.loads(call("diff", resource(EARLY), resource(LATE), "--json").stdout)
    assert found.keys() == {"kind", "first", "second", "settings", "metrics", "files", "tensors", "notes"}
    assert (found["kind"], found["first"], found["metrics"]) == ("checkpoints", str(resource(EARLY)), [])
    tensors = msgspec.convert(found["tensors"], CheckpointDiff, strict=False)
    assert {row.name: row.state for row in tensors.rows} == {row.name: row.state for row in sample_diff.rows}
    values = [*found["settings"], *found["tensors"]["values"]]
    assert sorted(value["path"] for value in values) == sorted(value.path for value in sample_diff.values)
    changed = next(value for value in values if value["path"] == "step")
    assert (changed["first"], changed["second"]) == (700, 1400)


def test_json_of_two_runs_has_the_same_shape(tmp_path: Path) -> None:
    shutil.copytree(resource("sample_run"), tmp_path / "run")
    settings = tmp_path / "run" / "settings.json"
    edited = json.loads(settings.read_text())
    edited["optim"]["lr"] = 0.5
    settings.write_text(json.dumps(edited))
    (tmp_path / "run" / "checkpoints" / "step_0001400.pt").unlink()
    found = json.loads(call("diff", resource("sample_run"), tmp_path / "run", "--json").stdout)
    assert found.keys() == {"kind", "first", "second", "settings", "metrics", "files", "tensors", "notes"}
    assert found["kind"] == "runs"
    rows = msgspec.convert(found["settings"], list[ValueRow])
    assert [(row.path, row.second) for row in rows] == [("optim.lr", 0.5)]
    assert msgspec.convert(found["metrics"], list[MetricRow], strict=False)
    names = [row.name for row in msgspec.convert(found["files"], list[FileRow])]
    assert sorted(names) == ["checkpoints/step_0001400.pt", "settings.json"]
    assert found["tensors"]["second"]["name"].endswith("step_0000780.pt")


def test_text_is_sorted_by_the_largest_change_and_cut_unless_all_is_asked(sample_diff: CheckpointDiff) -> None:
    short = list(checkpoint_lines(sample_diff, every=False))
    every = list(checkpoint_lines(sample_diff, every=True))
    start = short.index("Changes, the largest changes first")
    names = [line.split()[0] for line in short[start + 2 : start + 22]]
    compared = [row for row in sample_diff.rows if row.change is not None and row.state == "changed"]
    compared.sort(key=lambda row: -row.change.relative if row.change else 0)
    assert names == [row.name for row in compared[:20]]
    assert any("shown with --all" in line for line in short)
    assert not any("shown with --all" in line for line in every)
    assert all(any(row.name in line for line in every) for row in sample_diff.rows)
    assert any(line.split() == ["step", "700", "→", "1400"] for line in every)


def test_a_file_against_itself_is_one_sentence() -> None:
    done = call("diff", resource(EARLY), resource(EARLY))
    assert (done.returncode, done.stdout) == (0, "step_0000700.pt: both paths name one file\n")


def test_a_copy_is_the_same_also_when_all_is_read(tmp_path: Path) -> None:
    shutil.copy(resource(EARLY), tmp_path / "copy.pt")
    done = call("diff", resource(EARLY), tmp_path / "copy.pt", "--read-all", "--optimizer")
    assert done.stdout.splitlines()[0].startswith("step_0000700.pt and copy.pt are the same: 183 tensors and ")
    assert "CRC-32" not in done.stdout


def test_a_checkpoint_is_compared_with_the_last_one_of_a_run() -> None:
    done = call("diff", resource(EARLY), resource("sample_run"))
    assert done.returncode == 0
    assert done.stdout.splitlines()[0] == "step_0000700.pt → step_0001400.pt"


@pytest.mark.parametrize("content", [None, b"", b"\x00\x01\xfe\xff" * 64, b"PK\x03\x04 torn"])
def test_bad_input_is_one_sentence_and_exit_code_two(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "thing.pt"
    if content is not None:
        path.write_bytes(content)
    done = call("diff", resource(EARLY), path)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.strip().splitlines()) == 1
    assert "thing.pt" in done.stderr


def test_a_log_or_an_empty_folder_beside_a_checkpoint_is_one_sentence(tmp_path: Path) -> None:
    for path in (resource("sample_run/metrics.jsonl"), tmp_path):
        done = call("diff", path, resource(EARLY))
        assert (done.returncode, done.stdout, len(done.stderr.strip().splitlines())) == (2, "", 1)


def test_text_in_files_is_made_visible(sample_diff: CheckpointDiff) -> None:
    row = ValueRow(path="a\x1b[31m", state="changed", first="x\ny", second=["\x07"])
    hostile = msgspec.structs.replace(sample_diff, values=(row,))
    printed = "\n".join(checkpoint_lines(hostile, every=True))
    assert "\x1b" not in printed
    assert "\x07" not in printed
    assert "x\\x0ay" in printed

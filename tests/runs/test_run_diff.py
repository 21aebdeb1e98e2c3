"""Two runs compared: settings, metrics by their last and best values, files, last checkpoints."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path
from typing import Any

import pytest

from inspector.core.pulse import QUIET
from inspector.core.resources import resource
from inspector.formats.metric_names import better_of
from inspector.runs.diff_values import MetricRow, RunDiff
from inspector.runs.run_diff import last_checkpoint, runs_diff
from inspector.runs.scan import scan


def run_folder(folder: Path, records: list[dict[str, Any]], settings: dict[str, Any] | None = None) -> Path:
    folder.mkdir()
    (folder / "metrics.jsonl").write_text("".join(f"{json.dumps(record)}\n" for record in records))
    if settings is not None:
        (folder / "settings.json").write_text(json.dumps(settings))
    return folder


def compared(first: Path, second: Path) -> RunDiff:
    return runs_diff(scan((first,), QUIET), scan((second,), QUIET), QUIET)


def metric(diff: RunDiff, tag: str) -> MetricRow:
    return next(row for row in diff.metrics if row.tag == tag)


def test_metrics_have_their_last_and_best_values_with_steps(tmp_path: Path) -> None:
    first = [
        {"step": step, "val/loss": loss, "val/acc": acc} for step, loss, acc in ((1, 3, 0.1), (2, 1, 0.5), (3, 2, 0.4))
    ]
    second = [{"step": step, "val/loss": loss, "lr": 1} for step, loss in ((10, 0.5), (20, "NaN"))]
    diff = compared(run_folder(tmp_path / "a", first), run_folder(tmp_path / "b", second))
    loss = metric(diff, "val/loss")
    assert (loss.last[0], loss.last_steps, loss.better) == (2, (3, 20), "low")
    assert loss.last[1] is not None
    assert math.isnan(loss.last[1])
    assert (loss.best, loss.best_steps) == ((1, 0.5), (2, 10))
    acc = metric(diff, "val/acc")
    assert (acc.last, acc.better, acc.best, acc.best_steps) == ((0.4, None), "high", (0.5, None), (2, None))
    assert metric(diff, "lr").last == (None, 1)
    assert [row.tag for row in diff.metrics] == ["val/loss", "val/acc", "lr"]


@pytest.mark.parametrize(
    ("tag", "better"),
    [
        ("val/loss", "low"), ("ValFgAri", "high"), ("train/loss_weight", ""), ("grad_norm/total", ""), ("mIoU", ""),
        ("val_accuracy", "high"), ("MAE", "low"), ("lr/encoder", ""), ("top1_acc_error", ""),
    ],
)  # fmt: skip
def test_a_name_tells_which_direction_is_better_or_nothing(tag: str, better: str) -> None:
    assert better_of(tag) == better


def test_settings_that_differ_are_told_with_exact_numbers(tmp_path: Path) -> None:
    record = [{"step": 1, "loss": 1}, {"step": 2, "loss": 1}]
    first = run_folder(tmp_path / "a", record, {"optim": {"lr": 1e-3, "eps": 1e-8}, "seed": 1})
    second = run_folder(tmp_path / "b", record, {"optim": {"lr": 1.1e-3, "eps": 1e-8}, "name": "x"})
    diff = compared(first, second)
    found = [(row.path, row.state, row.first, row.second) for row in diff.settings]
    assert found == [
        ("optim.lr", "changed", 1e-3, 1.1e-3), ("seed", "removed", 1, None), ("name", "added", None, "x"),
    ]  # fmt: skip
    assert diff.settings_same == 1
    assert any("no checkpoint with tensors" in note for note in diff.notes)


def test_files_of_one_run_alone_or_of_another_size_are_told(tmp_path: Path) -> None:
    record = [{"step": 1, "loss": 1}, {"step": 2, "loss": 1}]
    first, second = run_folder(tmp_path / "a", record), run_folder(tmp_path / "b", [*record, {"step": 3, "loss": 1}])
    (first / "notes.txt").write_text("one")
    sizes = {row.name: row.bytes for row in compared(first, second).files}
    assert sizes.keys() == {"metrics.jsonl", "notes.txt"}
    assert sizes["notes.txt"] == (3, None)


def test_a_run_against_its_copy_is_the_same(tmp_path: Path) -> None:
    shutil.copytree(resource("sample_run"), tmp_path / "copy")
    diff = compared(resource("sample_run"), tmp_path / "copy")
    assert (diff.settings, diff.files) == ((), ())
    assert diff.metrics
    assert all(row.last[0] == row.last[1] and row.best[0] == row.best[1] for row in diff.metrics)
    assert diff.tensors is not None
    assert (diff.tensors.identical, diff.tensors.same_file) == (True, False)
    assert diff.tensors.first.name.endswith("step_0001400.pt")


def test_the_last_checkpoint_is_the_named_one_else_the_latest(tmp_path: Path) -> None:
    shutil.copytree(resource("sample_run"), tmp_path / "run")
    entry = last_checkpoint(scan((tmp_path / "run",), QUIET))
    assert entry is not None
    assert entry.step == 1400
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    (tmp_path / "run" / "run.json").write_text(json.dumps({**record, "last": "step_0000700.pt"}))
    named = last_checkpoint(scan((tmp_path / "run",), QUIET))
    assert named is not None
    assert named.step == 700


def test_a_damaged_last_checkpoint_is_a_note(tmp_path: Path) -> None:
    shutil.copytree(resource("sample_run"), tmp_path / "run")
    run = scan((tmp_path / "run",), QUIET)
    (tmp_path / "run" / "checkpoints" / "step_0001400.pt").write_bytes(b"")
    diff = runs_diff(scan((resource("sample_run"),), QUIET), run, QUIET)
    assert diff.tensors is None
    assert any(note.startswith("step_0001400.pt: ") for note in diff.notes)

"""Histories in JSON documents, stores of MLflow, and the tables that loggers are known for."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inspector.artifacts.facts import facts_of
from inspector.artifacts.logs import json_history
from inspector.artifacts.logs.logs import series_of
from inspector.artifacts.sniff import sniff
from inspector.core.errors import DamagedError, LimitError, UnsupportedError
from inspector.core.pulse import QUIET
from inspector.formats.facts import MetricsFacts, SettingsFacts
from inspector.formats.series import SeriesSet
from inspector.runs.scan import scan
from tests.artifacts.series_checks import by_tag

TRAINER_STATE = {
    "best_metric": 0.5,
    "epoch": 2.0,
    "global_step": 20,
    "log_history": [
        {"epoch": 0.5, "grad_norm": 1.25, "learning_rate": 5e-5, "loss": 2.5, "step": 5},
        {"epoch": 1.0, "eval_loss": 2.25, "eval_runtime": 1.5, "step": 10},
        {"epoch": 1.5, "grad_norm": math.nan, "learning_rate": 2.5e-5, "loss": 1.5, "step": 15},
        {"epoch": 2.0, "step": 20, "total_flos": 10**15, "train_loss": 2.0},
    ],
    "max_steps": 20,
}
HISTORY = [
    {"epoch": epoch, "train_total": 1 / epoch, "val_ari": epoch / 10, "val_slot_similarity": 0.5}
    for epoch in range(1, 6)
]


def read(name: str, value: Any, folder: Path) -> SeriesSet:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return series_of(path, QUIET)


def test_the_history_in_a_trainers_state_has_its_steps_and_epochs(tmp_path):
    tags = by_tag(read("checkpoint-20/trainer_state.json", TRAINER_STATE, tmp_path))
    assert list(tags) == ["grad_norm", "learning_rate", "loss", "eval_loss", "eval_runtime", "total_flos", "train_loss"]
    np.testing.assert_array_equal(tags["loss"].steps, [5, 15])
    np.testing.assert_array_equal(tags["loss"].values, [2.5, 1.5])
    np.testing.assert_array_equal(tags["grad_norm"].values, [1.25, math.nan])
    np.testing.assert_array_equal(tags["eval_loss"].epochs, [1])
    assert sniff(tmp_path / "checkpoint-20/trainer_state.json").kind == "metrics"


def test_a_list_of_records_is_a_history(tmp_path):
    found = read("fixed_history_20251104_101500.json", HISTORY, tmp_path)
    assert list(by_tag(found)) == ["train_total", "val_ari", "val_slot_similarity"]
    np.testing.assert_array_equal(found.series[0].values, [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5])
    np.testing.assert_array_equal(found.series[0].epochs, [1, 2, 3, 4, 5])


def test_keras_history_is_a_history(tmp_path):
    history = {"loss": [2.0, 1.0, 0.5], "val_accuracy": [0.1, 0.2, 0.3], "lr": [1, 1, 0.5]}
    found = read("history.json", history, tmp_path)
    assert {tag: one.values.tolist() for tag, one in by_tag(found).items()} == history
    assert found.series[0].stepless


def test_a_history_that_breaks_off_is_read_as_far_as_it_is_whole(tmp_path):
    for name, value in (("trainer_state.json", TRAINER_STATE), ("history.json", HISTORY)):
        text = json.dumps(value)
        found = read(name, text[: text.rindex("{") + 12], tmp_path)
        assert found.notes[0] == "the file breaks off, what is whole was read"
        assert found.series[0].values.tolist()[:1] == [1.25 if name.startswith("trainer") else 1]
        assert max(len(one.values) for one in found.series) == (2 if name.startswith("trainer") else 4)


def test_a_large_history_is_known_by_its_beginning(tmp_path):
    records = [{"step": step, "loss": step / 7, "text": "x" * 50} for step in range(2000)]
    found = read("log.json", {**TRAINER_STATE, "log_history": records}, tmp_path)
    np.testing.assert_array_equal(by_tag(found)["loss"].values, np.arange(2000) / 7)
    assert len(by_tag(read("losses.json", records, tmp_path))["loss"].values) == 2000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("config.json", {"mean": [0.5, 0.5, 0.5], "std": [0.2, 0.2, 0.2], "lr": 0.1}),
        ("annotations.json", [{"id": 1, "area": 20}, {"id": 2, "area": 30}]),
        ("task.json", {"train": [{"input": [[1]], "output": [[2]]}], "test": []}),
        ("boxes.json", [[1, 2], [3, 4]]),
        ("optimizer.json", {"lr": [0.1], "betas": [0.9]}),
        ("groups.json", [{"lr": 0.1, "name": "a"}, {"lr": 0.2, "name": "b"}]),
    ],
)
def test_other_documents_stay_settings(name, value, tmp_path):
    (tmp_path / name).write_text(json.dumps(value))
    assert sniff(tmp_path / name).kind == "settings"


def test_a_history_that_is_none_is_a_typed_error(tmp_path, monkeypatch):
    path = tmp_path / "history.json"
    path.write_text('{"a": 1}')
    with pytest.raises(DamagedError, match="neither a list of records"):
        json_history.series(path, QUIET)
    monkeypatch.setattr(json_history, "MAX_BYTES", 4)
    path.write_text('{"loss": [1, 2]}')
    with pytest.raises(LimitError, match="a history of at most"):
        json_history.series(path, QUIET)


def test_one_line_of_a_log_of_json_lines_is_a_log(tmp_path):
    line = {"train_lr": 1e-4, "train_loss": 2.5, "test_coco_eval_bbox": [0.1, 0.2], "epoch": 0, "n_parameters": 41}
    found = read("log.txt", json.dumps(line) + "\n", tmp_path)
    assert sniff(tmp_path / "log.txt").container == "jsonl"
    assert by_tag(found)["train_loss"].values.tolist() == [2.5]
    assert found.skipped == ("test_coco_eval_bbox (1 × list)",)
    found = read("log.txt", (json.dumps(line) + "\n") * 3, tmp_path)
    assert by_tag(found)["train_loss"].values.tolist() == [2.5] * 3


def store(folder: Path) -> Path:
    """A run as MLflow's file store keeps it."""
    run = folder / "mlruns/0/0a1b2c3d4e5f60718293a4b5c6d7e8f9"
    files = {
        "meta.yaml": "run_name: calm-fox-1\nstatus: 3\nstart_time: 1700000000000\n",
        "metrics/train/loss": "".join(f"{1700000000000 + 1000 * n} {1 / (n + 1)!r} {n}\n" for n in range(5)),
        "metrics/val.acc": "1700000001500 nan 2\n1700000003500 0.25 4\n1700000004500 1e-05 3\n",
        "params/lr": "0.001",
        "params/optimizer": "AdamW",
        "tags/mlflow.runName": "calm-fox-1",
    }
    for name, text in files.items():
        (run / name).parent.mkdir(parents=True, exist_ok=True)
        (run / name).write_text(text)
    return run


def test_a_run_of_mlflows_file_store_has_its_metrics_and_parameters(tmp_path):
    run = store(tmp_path)
    loss = series_of(run / "metrics/train/loss", QUIET).series[0]
    assert loss.tag == "train/loss"
    np.testing.assert_array_equal(loss.steps, range(5))
    np.testing.assert_array_equal(loss.times, 1.7e9 + np.arange(5))
    np.testing.assert_array_equal(loss.values, [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5])
    acc = series_of(run / "metrics/val.acc", QUIET).series[0]
    np.testing.assert_array_equal(acc.values, [math.nan, 0.25, 1e-5])
    np.testing.assert_array_equal(acc.steps, [2, 4, 3])
    values = {}
    for name in ("params/lr", "params/optimizer", "tags/mlflow.runName"):
        facts = facts_of(run / name)
        assert isinstance(facts, SettingsFacts)
        values |= facts.values
    assert values == {"lr": 0.001, "optimizer": "AdamW", "tags.mlflow.runName": "calm-fox-1"}


def test_a_folder_of_mlflow_is_one_run(tmp_path):
    whole = scan((store(tmp_path),), QUIET)
    assert sorted(one.tag for one in whole.series) == ["train/loss", "val.acc"]
    assert whole.notes == ()


def test_damaged_lines_of_a_metric_of_mlflow_cost_themselves(tmp_path):
    path = store(tmp_path) / "metrics/train/loss"
    path.write_text("1700000000000 0.5 0\n1700000001000 x.5 1\n1700000002000 0.25 2\n170000000")
    found = series_of(path, QUIET)
    np.testing.assert_array_equal(found.series[0].values, [0.5, 0.25])
    assert found.notes == (
        "line 2 is no time, value and step and was left out",
        "line 4, the last, has no end and was left out",
    )
    path.write_text("1700000000000 0.5\n1700000001000 0.25\n")
    np.testing.assert_array_equal(series_of(path, QUIET).series[0].steps, [0, 0])


TABLES = {
    "yolo/results.csv": (
        (
            "                  epoch,         train/box_loss,      metrics/mAP_0.5,                  x/lr0\n"
            "                      0,                0.11021,             0.001277,                   0.07\n"
            "                      1,                 0.0982,               0.0521,                 0.0402\n"
        ),
        {"train/box_loss": [0.11021, 0.0982], "metrics/mAP_0.5": [0.001277, 0.0521], "x/lr0": [0.07, 0.0402]},
    ),
    "keras/training.log": (
        "epoch,acc,loss,val_acc,val_loss\n0,0.25,2.5,NA,NA\n1,0.5,1.25,0.125,2.75\n",
        {"acc": [0.25, 0.5], "loss": [2.5, 1.25], "val_acc": [0.125], "val_loss": [2.75]},
    ),
    "sb3/progress.csv": (
        "rollout/ep_rew_mean,time/fps,time/total_timesteps,train/loss\n20.5,900,2048,\n25.25,850,4096,0.5\n",
        {"rollout/ep_rew_mean": [20.5, 25.25], "time/fps": [900, 850], "train/loss": [0.5]},
    ),
    "timm/summary.csv": (
        "epoch,train_loss,eval_loss,eval_top1\n0,6.9,6.8,0.5\n1,6.5,6.25,2.25\n",
        {"train_loss": [6.9, 6.5], "eval_loss": [6.8, 6.25], "eval_top1": [0.5, 2.25]},
    ),
    "famnet/stats.txt": (
        "train_loss,train_mae,train_rmse,val_mae,val_rmse\n1e-05,20.5,60.25,24,70\n8e-06,19.5,59,23.5,69\n",
        {"train_loss": [1e-5, 8e-6], "train_mae": [20.5, 19.5], "train_rmse": [60.25, 59], "val_mae": [24, 23.5]},
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_the_table_of_each_logger_is_read(name, tmp_path):
    text, wanted = TABLES[name]
    found = by_tag(read(name, text, tmp_path))
    for tag, values in wanted.items():
        np.testing.assert_array_equal(found[tag].values, values)


def test_stores_that_are_not_read_say_what_helps(tmp_path):
    path = tmp_path / "mlflow.db"
    path.write_bytes(b"SQLite format 3\0" + bytes(100))
    with pytest.raises(UnsupportedError, match="MLflow, trackio and Optuna keep; export its runs"):
        facts_of(path)


def test_facts_of_a_history_list_its_curves(tmp_path):
    read("history.json", HISTORY, tmp_path)
    facts = facts_of(tmp_path / "history.json")
    assert isinstance(facts, MetricsFacts)
    assert [one.tag for one in facts.series] == ["train_total", "val_ari", "val_slot_similarity"]

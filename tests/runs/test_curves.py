"""All logs of a run make one set of curves, each once, its attempts in order, nothing dropped."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from inspector.core.pulse import QUIET
from inspector.formats.series import Series
from inspector.runs.curves import RunCurve, RunCurves, run_series
from inspector.runs.joining import JoinedCurve
from inspector.runs.loggers import loggers_of
from inspector.runs.same_curve import is_same_curve
from inspector.runs.stepless import StepsBy, step_tables
from tests.artifacts.event_files import event_file


def _events(path: Path, steps: range, begin_s: float, slope: float = 0.1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(event_file([(step, begin_s + step - steps.start, slope * step) for step in steps]))
    return path


def _jsonl(path: Path, rows: list[dict[str, float]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def _only(found: RunCurves) -> RunCurve:
    (curve,) = found.curves
    return curve


def _starts(series: Series) -> list[int]:
    return [0] if series.starts is None else series.starts.tolist()


@pytest.mark.parametrize(
    ("names", "loggers"),
    [
        (["train.log", "train.log.1", "train.log.10", "train.log.2"], [[2, 3, 1, 0]]),
        (["a.log.2026-01-02", "a.log", "a.log.2026-01-01"], [[2, 0, 1]]),
        (["version_10/metrics.csv", "version_9/metrics.csv", "metrics.csv"], [[1, 0], [2]]),
        (["events.out.tfevents.1700000001.h.v2", "val/events.out.tfevents.1600000000.h"], [[0], [1]]),
        (["events.out.tfevents.1700000001.h", "events.out.tfevents.999999999.h"], [[1, 0]]),
        (
            [
                "run-20260103_030405-ab/run-ab.wandb",
                "run-20260102_030405-ab/run-ab.wandb",
                "run-20260102_030405-x/run-x.wandb",
            ],
            [[1, 0], [2]],
        ),
        (["20240102_120000.log", "20240101_120000.log", "20240101_120000.log.json"], [[1, 0], [2]]),
        (["fold_1.csv", "fold_2.csv", "train.csv", "val.csv"], [[0], [1], [2], [3]]),
    ],
)
def test_files_of_one_logger_are_told_by_their_names(names: list[str], loggers: list[list[int]]) -> None:
    paths = [Path("/run", name) for name in names]
    assert [[paths.index(path) for path in group] for group in loggers_of(paths)] == loggers


def test_event_files_of_one_folder_make_one_curve_with_attempts(tmp_path: Path) -> None:
    newer = _events(tmp_path / "events.out.tfevents.1700000900.h", range(60, 150), 1.7e9 + 900)
    older = _events(tmp_path / "events.out.tfevents.1700000000.h", range(100), 1.7e9)
    curve = _only(run_series([newer, older], QUIET))
    assert curve.series.steps.tolist() == [*range(100), *range(60, 150)]
    assert _starts(curve.series) == [0, 100]
    assert curve.file == newer.name
    assert not curve.apart


def test_rotated_logs_make_one_curve_without_a_seam(tmp_path: Path) -> None:
    old = _jsonl(tmp_path / "train.jsonl.1", [{"step": step, "loss": 1 / (step + 1)} for step in range(50)])
    new = _jsonl(tmp_path / "train.jsonl", [{"step": step, "loss": 1 / (step + 1)} for step in range(50, 80)])
    curve = _only(run_series([new, old], QUIET))
    assert curve.series.steps.tolist() == list(range(80))
    assert curve.series.starts is None


def test_writers_of_one_time_are_curves_of_their_own(tmp_path: Path) -> None:
    one = _events(tmp_path / "events.out.tfevents.1700000000.a", range(50), 1.7e9)
    two = _events(tmp_path / "events.out.tfevents.1700000001.b", range(50), 1.7e9 + 1, slope=0.3)
    found = run_series([one, two], QUIET)
    assert [(curve.file, curve.apart) for curve in found.curves] == [(one.name, True), (two.name, True)]
    assert all(curve.series.starts is None for curve in found.curves)


def test_a_curve_that_three_loggers_wrote_is_shown_once_from_the_fullest(tmp_path: Path) -> None:
    events = _events(tmp_path / "tb" / "events.out.tfevents.1700000000.h", range(0, 200, 2), 1.7e9, slope=1 / 7)
    rows = ["epoch,step,loss", *(f"{step // 20},{step},{step / 7:.4f}" for step in range(0, 200, 10))]
    (tmp_path / "metrics.csv").write_text("\n".join(rows) + "\n")
    lines = [f"epoch {step // 20} step {step} loss={step / 7:.2f}" for step in range(0, 200, 20)]
    (tmp_path / "train.log").write_text("\n".join(lines) + "\n")
    found = run_series([tmp_path / "train.log", tmp_path / "metrics.csv", events], QUIET)
    curve = _only(found)
    assert curve.file == events.name
    assert len(curve.series.values) == 100
    assert sorted(found.joining) == [
        f"metrics.csv repeats curves of {events.name}, which are shown once",
        f"train.log repeats curves of {events.name}, which are shown once",
    ]


def test_curves_of_one_name_with_other_values_stand_apart(tmp_path: Path) -> None:
    one = _jsonl(tmp_path / "train.jsonl", [{"step": step, "loss": 1.0 / (step + 1)} for step in range(50)])
    two = _jsonl(tmp_path / "val.jsonl", [{"step": step, "loss": 2.0 / (step + 1)} for step in range(40)])
    found = run_series([one, two], QUIET)
    assert [(curve.file, curve.apart, len(curve.series.values)) for curve in found.curves] == [
        ("train.jsonl", True, 50),
        ("val.jsonl", True, 40),
    ]


def test_event_files_of_several_folders_are_named_by_them(tmp_path: Path) -> None:
    paths = [
        _events(tmp_path / folder / "events.out.tfevents.1700000000.h", range(50), 1.7e9, slope=slope)
        for folder, slope in (("train", 0.1), ("val", 0.2))
    ]
    assert [(curve.file, curve.apart) for curve in run_series(paths, QUIET).curves] == [("train", True), ("val", True)]


def test_a_log_without_steps_is_placed_by_its_epochs(tmp_path: Path) -> None:
    stepped = _jsonl(tmp_path / "steps.jsonl", [{"step": n, "epoch": n // 10, "loss": n / 3} for n in range(40)])
    (tmp_path / "val.csv").write_text("epoch,accuracy\n0,0.5\n1,0.6\n2,0.7\n")
    (tmp_path / "far.csv").write_text("epoch,recall\n0,0.5\n70,0.6\n")
    found = run_series([stepped, tmp_path / "val.csv", tmp_path / "far.csv"], QUIET)
    series = {curve.series.tag: curve.series for curve in found.curves}
    assert series["accuracy"].steps.tolist() == [9, 19, 29]
    assert not series["accuracy"].stepless
    assert series["recall"].stepless, "epoch 70 lies where no log tells the steps"
    assert "val.csv: no steps, placed by its epochs" in found.joining


def test_a_log_without_steps_is_placed_up_to_an_epoch_after_the_table_and_to_no_second_after_it() -> None:
    steps = np.arange(4.0)
    by_epoch, by_time = step_tables([Series(tag="a", steps=steps, values=steps, epochs=steps / 2, times=10 * steps)])

    def placed(table: StepsBy, **axes: list[float]) -> list[float] | None:
        known = {axis: np.array(points) for axis, points in axes.items()}
        found = table.placed(Series(tag="b", steps=np.zeros(2), values=np.zeros(2), stepless=True, **known))
        return None if found is None else found.steps.tolist()

    assert placed(by_epoch, epochs=[0.6, 2.5]) == [1, 3]
    assert placed(by_epoch, epochs=[0.6, 2.6]) is None
    assert placed(by_epoch, epochs=[-0.1, 1.0]) is None
    assert placed(by_epoch, times=[0.0, 1.0]) is None
    assert placed(by_time, times=[0.0, 30.0]) == [0, 3]
    assert placed(by_time, times=[0.0, 30.5]) is None
    assert step_tables([Series(tag="a", steps=steps[:1], values=steps[:1], epochs=steps[:1])]) == ()


def test_a_log_that_cannot_be_read_leaves_the_others(tmp_path: Path) -> None:
    good = _jsonl(tmp_path / "a.jsonl", [{"step": 1, "loss": 1.0}, {"step": 2, "loss": 1.0}])
    found = run_series([good, tmp_path / "gone.csv"], QUIET)
    assert len(found.curves) == 1
    assert any("gone.csv" in note for note in found.notes)


def test_what_has_not_changed_is_not_joined_again(tmp_path: Path) -> None:
    one = _jsonl(tmp_path / "a.jsonl.1", [{"step": step, "loss": 1.0} for step in range(50)])
    two = _jsonl(tmp_path / "a.jsonl", [{"step": step, "loss": 1.0} for step in range(50, 60)])
    first = run_series([one, two], QUIET)
    assert run_series([one, two], QUIET) is first
    with two.open("a") as file:
        file.write('{"step": 60, "loss": 2.0}\n')
    grown = run_series([one, two], QUIET)
    assert _only(grown).series.steps.tolist() == list(range(61))
    assert _only(first).series.steps.tolist() == list(range(60)), "an answer does not change behind its owner's back"


def _part(values: np.ndarray) -> Series:
    return Series(tag="loss", steps=values, values=values)


def test_parts_that_grow_in_place_are_copied_only_where_they_grew() -> None:
    memory = np.arange(1000.0)
    joined = JoinedCurve()
    first = joined.of([_part(memory[:100]), _part(memory[100:500])])
    second = joined.of([_part(memory[:100]), _part(memory[100:520])])
    assert np.shares_memory(first.values, second.values)
    assert second.values.tolist() == list(range(520))
    assert joined.of([_part(memory[:100]), _part(memory[100:520])]) is second
    anew = joined.of([_part(memory[:100]), _part(np.arange(7.0, 9.0))])
    assert anew.values.tolist() == [*range(100), 7, 8]
    assert anew.starts is not None
    assert second.values.tolist() == list(range(520))
    alone = joined.of([_part(memory)])
    assert np.shares_memory(alone.values, memory)


@pytest.mark.parametrize(
    ("full", "other", "same"),
    [
        ([0.123456, 0.5, 7.25], [0.1235, 0.5, 7.25], True),
        ([0.123456, 0.5, 7.25], [0.1234, 0.5, 7.25], False),
        ([1.25e-5, 0.51, 312.7], [1.3e-5, 0.51, 310.0], True),
        ([1, 2, 3], [1, 2, 4], False),
        ([0.1, np.nan, np.inf], [float(np.float32(0.1)), np.nan, np.inf], True),
        ([0.1, np.nan, 1], [0.1, 1, 1], False),
        ([0.0, 0.0, 0.0], [0.0, 0.0, 0.0], True),
        ([0.0, 0.0, 0.0], [0.0, 0.0, 1e-9], False),
    ],
)
def test_values_are_compared_as_far_as_they_are_printed(full: list[float], other: list[float], same: bool) -> None:
    steps = np.arange(3.0)
    one, two = (Series(tag="a", steps=steps, values=np.array(values, np.float64)) for values in (full, other))
    assert is_same_curve(one, two) is same


def test_of_a_step_logged_again_the_last_value_is_compared() -> None:
    steps = np.array([0.0, 1, 2, 1, 2, 3])
    full = Series(tag="a", steps=steps, values=np.array([5.0, 6, 7, 8, 9, 10]))
    assert is_same_curve(full, Series(tag="a", steps=np.array([1.0, 2, 3]), values=np.array([8.0, 9, 10])))
    assert not is_same_curve(full, Series(tag="a", steps=np.array([1.0, 2, 3]), values=np.array([6.0, 7, 10])))
    assert not is_same_curve(full, Series(tag="a", steps=np.array([7.0, 8, 3]), values=np.array([6.0, 7, 10])))

"""Weights followed over the checkpoints of a run, against norms that torch takes of the same tensors."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from inspector.core.errors import WorkCancelled
from inspector.core.pulse import QUIET, Progress, Pulse
from inspector.formats.facts import CheckpointFacts, OtherFacts, TensorFacts
from inspector.runs.diff_values import StoppedLayer, WeightTrend
from inspector.runs.scan import scan
from inspector.runs.values import FileEntry
from inspector.runs.weight_trend import MOST_CHECKPOINTS, plan_of, trend_of

State = dict[str, torch.Tensor]


def saved_run(folder: Path, count: int = 6, *, legacy: bool = False) -> list[State]:
    """Checkpoints in which `frozen` never moves, `early` stops at the third, and `late` comes with the second."""
    torch.manual_seed(0)
    state = {
        "frozen.weight": torch.randn(4, 5),
        "early.weight": torch.randn(3, 3),
        "early.bias": torch.zeros(3),
        "moving.weight": torch.randn(70_000),
    }
    states = []
    for number in range(count):
        if number:
            state = {**state, "moving.weight": state["moving.weight"] + 0.1 * torch.randn(70_000)}
            state.setdefault("late.weight", torch.ones(2))
        if 0 < number < 3:
            state = {**state, "early.weight": state["early.weight"] * 1.5, "early.bias": state["early.bias"] + 1}
        states.append(state)
        content = {"model": {name: tensor.clone() for name, tensor in state.items()}, "step": number * 100}
        path = folder / f"step_{number * 100:05d}.pt"
        torch.save(content, path, _use_new_zipfile_serialization=not legacy)
    return states


def followed(folder: Path) -> WeightTrend:
    return trend_of(scan((folder,), QUIET).files, QUIET)


def layer_of(states: list[State], layer: str, number: int) -> torch.Tensor:
    return torch.cat([tensor.double().flatten() for name, tensor in states[number].items() if name.startswith(layer)])


@pytest.mark.parametrize("legacy", [False, True], ids=["with checksums", "without"])
def test_norms_and_changes_agree_with_torch(tmp_path: Path, legacy: bool) -> None:
    states = saved_run(tmp_path, legacy=legacy)
    trend = followed(tmp_path)
    assert trend.layers == ("model.frozen", "model.early", "model.moving", "model.late")
    assert trend.steps.tolist() == [0, 100, 200, 300, 400, 500]
    assert trend.elements == (20, 12, 70_000, 2)
    for row, layer in enumerate(trend.layers):
        name = layer.removeprefix("model.")
        for column in range(6):
            if name == "late" and column == 0:
                assert np.isnan(trend.norms[row, 0])
                continue
            now = layer_of(states, name, column)
            assert trend.norms[row, column] == pytest.approx(float(now.norm()), rel=1e-12)
            first = 1 if name == "late" else 0
            start = layer_of(states, name, first)
            assert trend.from_first[row, column] == pytest.approx(float((now - start).norm() / start.norm()), rel=1e-12)
            if column == first:
                assert np.isnan(trend.from_previous[row, column])
                continue
            before = layer_of(states, name, column - 1)
            wanted = float((now - before).norm() / before.norm())
            assert trend.from_previous[row, column] == pytest.approx(wanted, rel=1e-12)


def test_layers_that_never_move_and_those_that_stop_are_named(tmp_path: Path) -> None:
    saved_run(tmp_path)
    trend = followed(tmp_path)
    assert trend.still == ("model.frozen", "model.late")
    assert trend.stopped == (StoppedLayer(layer="model.early", checkpoint=2),)


def test_equal_storages_are_read_once_where_archives_have_checksums(tmp_path: Path) -> None:
    saved_run(tmp_path)
    moving, early, frozen, late = 6 * 70_000 * 4, 3 * 12 * 4, 20 * 4, 2 * 4
    assert followed(tmp_path).read_bytes == moving + early + frozen + late
    assert plan_of(scan((tmp_path,), QUIET).files).read_bytes == 6 * (70_000 + 12 + 20) * 4 + 5 * late


def test_a_layer_whose_shape_changes_begins_anew(tmp_path: Path) -> None:
    for number, rows in enumerate((4, 4, 6, 6)):
        torch.save(
            {"model": {"head.weight": torch.full((rows, 2), float(number + 1))}, "step": number},
            tmp_path / f"{number}.pt",
        )
    trend = followed(tmp_path)
    assert trend.norms[0] == pytest.approx([math.sqrt(8), 2 * math.sqrt(8), 3 * math.sqrt(12), 4 * math.sqrt(12)])
    assert trend.from_previous[0] == pytest.approx([math.nan, 1, math.nan, 1 / 3], nan_ok=True)
    assert trend.from_first[0] == pytest.approx([0, 1, 0, 1 / 3])
    assert trend.elements == (12,)


def test_values_that_are_not_finite_leave_a_gap_and_a_note(tmp_path: Path) -> None:
    for number, value in enumerate((1.0, 2.0, math.nan, math.inf)):
        torch.save({"model": {"a.weight": torch.tensor([value, 1.0])}, "step": number}, tmp_path / f"{number}.pt")
    trend = followed(tmp_path)
    assert np.isnan(trend.norms[0]).tolist() == [False, False, True, True]
    assert trend.still == ()
    assert trend.notes == ("model.a is not finite, or not there, from 2.pt on",)


@pytest.mark.parametrize("values", [(1.0, 1.0, 1.0, math.nan), (1.0, 2.0, 2.0, math.nan)])
def test_a_layer_that_is_not_finite_at_the_end_came_to_no_rest(tmp_path: Path, values: tuple[float, ...]) -> None:
    for number, value in enumerate(values):
        torch.save({"model": {"a.weight": torch.tensor([value, 1.0])}, "step": number}, tmp_path / f"{number}.pt")
    trend = followed(tmp_path)
    assert (trend.still, trend.stopped) == ((), ())


def test_a_change_from_all_zero_is_infinite(tmp_path: Path) -> None:
    for number in range(3):
        torch.save({"model": {"a.bias": torch.full((2,), float(number))}, "step": number}, tmp_path / f"{number}.pt")
    assert followed(tmp_path).from_previous[0] == pytest.approx([math.nan, math.inf, 1], nan_ok=True)


def test_wrapped_checkpoints_of_one_folder_are_one_model(tmp_path: Path) -> None:
    state = {"a.weight": torch.ones(3), "b.weight": torch.ones(3)}
    wrapped = {f"module.{name}": 2 * tensor for name, tensor in state.items()}
    torch.save({"model": wrapped, "step": 1}, tmp_path / "1.pt")
    torch.save({"state_dict": state, "step": 2}, tmp_path / "2.pt")
    trend = followed(tmp_path)
    assert trend.layers == ("state_dict.a", "state_dict.b")
    assert trend.from_previous[:, 1].tolist() == [0.5, 0.5]


@pytest.mark.parametrize("kept_bytes", [0, 300])
def test_a_damaged_checkpoint_is_left_out_with_a_note(tmp_path: Path, kept_bytes: int) -> None:
    saved_run(tmp_path, 3)
    run = scan((tmp_path,), QUIET)
    path = tmp_path / "step_00100.pt"
    path.write_bytes(path.read_bytes()[:kept_bytes])
    trend = trend_of(run.files, QUIET)
    assert trend.names == ("step_00000.pt", "step_00200.pt")
    assert trend.left_out == 1
    assert any(note.startswith("step_00100.pt: ") for note in trend.notes)


def entry(name: str, *, step: int | None = None, epoch: float | None = None, modified_s: float = 0.0) -> FileEntry:
    weight = TensorFacts(name="w", shape=(5,), dtype="float32", bytes=20, role="weight")
    facts = CheckpointFacts(container="torch-zip", bytes=100, tensors=(weight,))
    return FileEntry(path=f"/{name}", name=name, facts=facts, bytes=100, modified_s=modified_s, step=step, epoch=epoch)


def test_many_checkpoints_are_thinned_evenly_with_both_ends_kept() -> None:
    plan = plan_of([entry(f"step_{step}.pt", step=step) for step in range(100)])
    steps = [int(path[6:-3]) for path in plan.paths]
    assert len(steps) == MOST_CHECKPOINTS
    assert (steps[0], steps[-1], plan.left_out) == (0, 99, 76)
    assert max(np.diff(steps)) - min(np.diff(steps)) <= 1
    assert plan.read_bytes == MOST_CHECKPOINTS * 20
    assert plan.notes == (f"{MOST_CHECKPOINTS} of 100 checkpoints are shown, evenly chosen",)


def test_another_name_of_a_step_is_left_out_and_numbers_are_preferred() -> None:
    plan = plan_of(
        [entry("best.pt", step=10), entry("step_10.pt", step=10), entry("step_20.pt", step=20), entry("x.pt")]
    )
    assert plan.paths == ("/step_10.pt", "/step_20.pt")
    assert plan.left_out == 2
    assert len(plan.notes) == 2


def test_several_numbered_checkpoints_of_one_epoch_all_stay() -> None:
    plan = plan_of(
        [
            entry("iter_1000.pt", epoch=1),
            entry("iter_900.pt", epoch=1),
            entry("last.pt", epoch=1),
            entry("iter_9.pt", epoch=0),
        ]
    )
    assert plan.paths == ("/iter_9.pt", "/iter_900.pt", "/iter_1000.pt")


def test_checkpoints_without_steps_stand_by_epoch_and_else_by_time() -> None:
    assert plan_of([entry("b.pt", epoch=2), entry("a.pt", epoch=10), entry("c.pt", epoch=1)]).paths == (
        "/c.pt",
        "/b.pt",
        "/a.pt",
    )
    by_time = plan_of([entry("b.pt", modified_s=5), entry("a.pt", modified_s=9), entry("c.pt", modified_s=1)])
    assert by_time.paths == ("/c.pt", "/b.pt", "/a.pt")
    assert "modification times" in by_time.notes[0]


def test_a_folder_without_checkpoints_gives_an_empty_trend() -> None:
    other = FileEntry(path="/x", name="x", facts=OtherFacts(bytes=1, because="no"), bytes=1, modified_s=0)
    trend = trend_of([other], QUIET)
    assert (trend.layers, trend.norms.shape, trend.paths) == ((), (0, 0), ())
    assert trend.notes == ("a trend needs at least two checkpoints with weights",)


def test_progress_grows_and_a_cancel_is_seen(tmp_path: Path) -> None:
    saved_run(tmp_path, legacy=True)
    files = scan((tmp_path,), QUIET).files
    reports: list[Progress] = []
    trend_of(files, Pulse(reports.append))
    following = [report for report in reports if report.what.startswith("following")]
    assert following[-1].done == following[-1].total > 0
    seen = iter((False,) * 30)
    with pytest.raises(WorkCancelled):
        trend_of(files, Pulse(cancelled=lambda: next(seen, True)))

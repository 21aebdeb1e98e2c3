"""The one mistake behind the point errors of a dump is told, and undone in all that the tab shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from inspector.core.pulse import QUIET
from inspector.display.gallery import samples
from inspector.display.gallery.scene import SamplesAsk
from inspector.display.points import prepare, thumbs
from inspector.display.points.overlay import Row
from inspector.display.points.pattern.judge import ask as pattern_ask
from inspector.display.points.pattern.prepare import prepare as pattern_scene
from inspector.display.points.pattern.scene import DumpChoice, PatternAsk, PatternScene
from inspector.display.points.plots.prepare import prepare as plots_scene
from inspector.display.points.plots.scene import PlotsAsk
from inspector.display.points.scene import PointsAsk, PointThumbsAsk
from inspector.runs.scan import scan
from inspector.session.values import RunState, ViewState
from tests.diagnosis.folders import write_dump

SAMPLES, SIZE = 40, np.array([192.0, 256.0])


def truth() -> np.ndarray:
    return np.random.default_rng(0).uniform(0.1, 0.9, (SAMPLES, 2)) * SIZE[::-1]


def noise() -> np.ndarray:
    return np.random.default_rng(1).normal(0, 2, (SAMPLES, 2))


def write(folder: Path, predicted: np.ndarray, step: int = 500) -> Path:
    path = folder / f"step_{step:07d}.h5"
    kept = {"gt/points": truth(), "pred/points": predicted, "samples/size": np.tile(SIZE, (SAMPLES, 1))}
    write_dump(path, step, kept)
    return path


@pytest.fixture
def swapped(tmp_path: Path) -> str:
    return str(write(tmp_path, truth()[:, ::-1] + noise()))


def errors(predicted: np.ndarray) -> np.ndarray:
    return np.hypot(*(predicted - truth()).T)


def test_it_is_told_with_the_median_error_before_and_after(swapped: str) -> None:
    scene = pattern_scene(PatternAsk(path=swapped), QUIET)
    predicted = truth()[:, ::-1] + noise()
    before, after = np.median(errors(predicted)), np.median(errors(predicted[:, ::-1]))
    assert scene.title == "Predicted points have x and y swapped"
    assert scene.text.startswith(f"The median error of {before:.1f} px falls to {after:.1f} px")
    assert scene.can_undo
    assert not scene.undone


def test_undone_the_predictions_lie_where_they_belong(swapped: str) -> None:
    right = (truth()[:, ::-1] + noise())[:, ::-1]
    table = samples.prepare(SamplesAsk(path=swapped, undo=True), QUIET).table
    column = table.column("err_px")
    assert column is not None
    assert column.values.tolist() == pytest.approx(errors(right).tolist())
    ask = PointsAsk(path=swapped, place="d", sample=3, undo=True)
    (pair,) = prepare.prepare(ask, QUIET).tile.pairs
    assert pair.prediction == pytest.approx(((right[3] + 0.5) / SIZE[::-1]).tolist(), abs=1e-5)
    shown = thumbs.prepare(PointThumbsAsk(path=swapped, samples=(3,), undo=True), QUIET)
    assert Row._make(shown.points[0]).error_px == pytest.approx(errors(right)[3], rel=1e-4)
    assert pattern_scene(PatternAsk(path=swapped, undo=True), QUIET).undone


def test_the_plots_are_of_what_is_shown(swapped: str) -> None:
    texts = [plots_scene(PlotsAsk(path=swapped, undo=undo), QUIET).plots[0].summary for undo in (False, True)]
    assert texts[0] != texts[1]


def test_predictions_in_one_place_cannot_be_undone(tmp_path: Path) -> None:
    path = str(write(tmp_path, np.full((SAMPLES, 2), -0.5)))
    scene = pattern_scene(PatternAsk(path=path, undo=True), QUIET)
    assert scene.title == "Predictions are stuck in the corner (−1.00, −1.00)"
    assert not scene.can_undo
    assert not scene.undone
    tables = [samples.prepare(SamplesAsk(path=path, undo=undo), QUIET).table for undo in (False, True)]
    first, second = (table.column("err_px") for table in tables)
    assert first is not None
    assert second is not None
    assert first.values.tolist() == second.values.tolist()


def test_a_healthy_set_is_told_nothing(tmp_path: Path) -> None:
    path = str(write(tmp_path, truth() + noise()))
    assert pattern_scene(PatternAsk(path=path, undo=True), QUIET) == PatternScene()


def test_the_other_dumps_of_the_run_can_be_compared_with(tmp_path: Path) -> None:
    paths = [str(write(tmp_path, truth() + noise(), step)) for step in (250, 500, 750)]
    run = scan((tmp_path,), QUIET)
    state = RunState(key=run.key, paths=run.paths)
    asked = pattern_ask(run, state, ViewState(undo_point_pattern=True))
    assert asked is not None
    assert asked.path == paths[2]
    assert asked.undo
    assert asked.others == (
        DumpChoice(paths[0], "step_0000250.h5 · epoch 2"),
        DumpChoice(paths[1], "step_0000500.h5 · epoch 4"),
    )

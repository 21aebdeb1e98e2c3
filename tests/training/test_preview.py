"""The window's preview of a resume, made of the opened run, against the rates that the trainer then records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inspector.analysis.schedules.resumed import RateMeaning
from inspector.app.rate_check import expected_rates
from inspector.app.resume_checkpoints import checkpoint_named
from inspector.app.resume_rows import checkpoint_values, held_schedulers
from inspector.core.pulse import QUIET
from inspector.display.preview.prepare import prepare
from inspector.display.preview.scene import PreviewAsk, PreviewScene
from inspector.display.training import prepare as training
from inspector.display.training.scene import RunStart, TrainingAsk
from inspector.formats.run_folder import METRICS_FILE
from inspector.runs.log_paths import log_paths_of
from inspector.runs.scan import scan
from tests.training.matrix import child_run, matrix_recipe, words_of
from tests.training.runs import call, values_by_step

FACTORS = {"first": 0.3, "second": 2.0}
SHORT = {
    "model.layout": "two groups", "train.checkpoint_steps": 1, "train.keep_checkpoints": 9, "schedule.min_lr": 1e-5,
    "schedule.warmup_epochs": 1.5, **{f"optim.groups.{name}.lr_mult": factor for name, factor in FACTORS.items()},
}  # fmt: skip
PARENT_STEP = 4
"""One of three steps into the second epoch."""


@pytest.fixture(autouse=True)
def _recipe():
    with matrix_recipe():
        yield


def parent_run(folder: Path, edits: dict[str, Any]) -> Path:
    code, _ = call("train", "matrix", "-o", folder, "--device", "cpu", "--epochs", 2, *words_of({**SHORT, **edits}))
    assert code == 0
    return folder


def preview(parent: Path, edits: dict[str, Any], rate: RateMeaning) -> PreviewScene:
    run = scan([parent], QUIET)
    entry = checkpoint_named(run, f"step_{PARENT_STEP:07d}.pt")
    assert entry is not None
    assert run.record is not None
    before = checkpoint_values(run.settings, entry)
    ask = PreviewAsk(
        logs=log_paths_of(run), recipe="matrix", before=before, after=before | edits, epoch=entry.epoch or 0.0,
        step=PARENT_STEP, rate=rate, epochs=None, schedulers=held_schedulers(entry),
    )  # fmt: skip
    return prepare(ask, QUIET)


def worst_error(scene: PreviewScene, child: Path) -> tuple[float, int]:
    """The largest share by which a recorded rate is another than was told, and how many were compared."""
    expected, errors = expected_rates(scene, None), []
    for name in FACTORS:
        for step, rate in values_by_step(child, f"lr/{name}").items():
            told = expected.of(name, step)
            errors += [] if told is None else [abs(told - rate) / rate]
    (line,) = [one for one in scene.lines if one.label == "new future"]
    recorded = values_by_step(child, "lr/first")
    known = line.steps < (scene.assumed_from or np.inf)
    for step, rate in zip(line.steps[known].tolist(), line.rates[known].tolist(), strict=True):
        errors.append(abs(rate - recorded[int(step)]) / recorded[int(step)])
    return max(errors), len(errors)


def worked_out_error(child: Path, parent: Path, *, parent_is_open: bool = True) -> tuple[float, int]:
    """As `worst_error`, of the rates that a window works out which has not seen the start."""
    run, entry = scan([child], QUIET), checkpoint_named(scan([parent], QUIET), f"step_{PARENT_STEP:07d}.pt")
    assert run.record is not None
    assert run.record.samples is not None
    held = held_schedulers(entry) if parent_is_open else {}
    start = RunStart(values=run.settings.values, samples=run.record.samples, schedulers=held)
    record = child / METRICS_FILE
    scene = training.prepare(
        TrainingAsk(path=str(record), bytes=record.stat().st_size, logs=log_paths_of(run), start=start), QUIET
    )
    errors = []
    for group, rates in scene.expected.items():
        recorded = values_by_step(child, f"lr/{group}")
        errors += [abs(rate - recorded[step]) / recorded[step] for step, rate in rates]
    return max(errors, default=0.0), len(errors)


@pytest.mark.parametrize("family", ["cosine", "cosine_restarts", "step"])
def test_a_compounding_warm_up_is_previewed_for_every_group_whatever_its_factor(family, tmp_path):
    parent = parent_run(tmp_path / "parent", {"schedule.family": family, "schedule.warmup": "compound"})
    for rate in ("rescale", "restart"):
        child = child_run(parent, tmp_path / rate, {"optim.lr": 4e-4}, rate)
        error, compared = worst_error(preview(parent, {"optim.lr": 4e-4}, rate), child)
        assert error <= 1e-12
        assert compared == 3 * 8
        error, compared = worked_out_error(child, parent)
        assert error <= 1e-12
        assert compared == 2 * 8


@pytest.mark.parametrize(
    ("patience", "meaning", "assumed_from"),
    # A validation after steps 3, 6, 9; the first one of a plateau is always better, and no other is.
    [(0, "rescale", 7), (1, "rescale", 10), (2, "rescale", None), (0, "restart", 7)],
)
def test_a_plateau_is_previewed_up_to_the_first_loss_that_may_change_it(patience, meaning, assumed_from, tmp_path):
    edits = {"schedule.family": "plateau", "schedule.plateau_patience": patience, "schedule.decay_factor": 0.5}
    parent = parent_run(tmp_path / "parent", edits)
    child = child_run(parent, tmp_path / "child", {"optim.lr": 4e-4}, meaning)
    scene = preview(parent, {"optim.lr": 4e-4}, meaning)
    assert scene.assumed_from == assumed_from
    assert bool(scene.assumption) == (assumed_from is not None)
    error, compared = worst_error(scene, child)
    assert error <= 1e-12
    assert compared == 3 * ((assumed_from or 13) - 5)
    error, compared = worked_out_error(child, parent)
    assert error <= 1e-12
    assert compared == 2 * ((assumed_from or 13) - 5)
    assert worked_out_error(child, parent, parent_is_open=False)[1] == (compared if meaning == "restart" else 0)
    if meaning == "rescale" and assumed_from:
        recorded = values_by_step(child, "lr/first")
        assert recorded[assumed_from] < recorded[assumed_from - 1], "what came was not what would have been assumed"


def test_a_plateau_that_has_fallen_at_the_checkpoints_own_validation_goes_on_from_there(tmp_path):
    edits = {"schedule.family": "plateau", "schedule.plateau_patience": 0, "schedule.decay_factor": 0.5}
    parent = parent_run(tmp_path / "parent", edits)
    entry = checkpoint_named(scan([parent], QUIET), "step_0000006.pt")
    assert entry is not None
    held = held_schedulers(entry)["main"]["state"]
    assert held["unwarmed_lrs"] == [pytest.approx(0.5 * 1e-3 * factor) for factor in FACTORS.values()]
    assert values_by_step(parent, "lr/first")[6] == pytest.approx(0.3e-3), "the record alone does not tell it"

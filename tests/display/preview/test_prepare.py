"""The preview of a resume: of the group that was recorded, down as far as a plateau is, from where training begins."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from inspector.core.pulse import QUIET
from inspector.display.preview.prepare import prepare
from inspector.display.preview.scene import PreviewAsk, PreviewScene
from inspector.formats.recipes.catalogue import settings_of
from inspector.formats.recipes.own import Settings
from inspector.formats.recipes.schedule import Schedule
from inspector.formats.settings import values_of

SHORT = {"data.train_scenes": 12, "data.batch_size": 4, "schedule.epochs": 4, "schedule.warmup_epochs": 0.0,
         "optim.lr": 1e-3, "optim.groups.encoder.lr_mult": 0.5}  # fmt: skip


def preview(folder: Any, before: dict[str, Any], after: dict[str, Any], epoch: float, **ask: Any) -> PreviewScene:
    step = round(epoch * 3)
    log = folder / "metrics.jsonl"
    recorded = ask.pop("recorded", 5e-4)
    lines = [{"step": at, "epoch": at / 3, "time": 1.0, "lr/encoder": recorded} for at in range(1, step + 1)]
    log.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    old = values_of(settings_of("slots", edits={**SHORT, **before}))
    return prepare(
        PreviewAsk(logs=(str(log),), recipe="slots", before=old, after={**old, **after}, epoch=epoch, step=step,
                   rate=ask.pop("rate", "rescale"), epochs=None, **ask), QUIET)  # fmt: skip


def line(scene: PreviewScene, label: str) -> np.ndarray:
    return next(one.rates for one in scene.lines if one.label == label)


def test_the_future_is_that_of_the_recorded_group_and_the_first_rates_are_the_bases(tmp_path):
    scene = preview(tmp_path, {"schedule.family": "constant"}, {"optim.lr": 4e-4}, 2.0)
    np.testing.assert_allclose(line(scene, "new future"), np.full(6, 2e-4), rtol=1e-12)
    np.testing.assert_allclose(line(scene, "old future"), np.full(6, 5e-4), rtol=1e-12)
    assert scene.first == pytest.approx([4e-4] * 6, rel=1e-12)


@pytest.mark.parametrize(("rate", "share"), [("rescale", 0.25), ("restart", 1.0), ("pin", 1.0)])
def test_a_plateau_is_as_far_down_as_it_was_unless_it_starts_anew(tmp_path, rate, share):
    scene = preview(tmp_path, {"schedule.family": "plateau"}, {"optim.lr": 4e-4}, 2.0, recorded=1.25e-4, rate=rate)
    np.testing.assert_allclose(line(scene, "new future"), np.full(6, 2e-4 * share), rtol=1e-12)
    np.testing.assert_allclose(line(scene, "old future"), np.full(6, 1.25e-4), rtol=1e-12)


def test_an_epoch_that_starts_over_is_drawn_whole(tmp_path):
    scene = preview(tmp_path, {"schedule.family": "linear"}, {"data.batch_size": 6}, 4 / 3)
    # Two steps an epoch, from epoch 1 on: six steps, down from three quarters.
    np.testing.assert_allclose(line(scene, "new future"), 5e-4 * (1 - np.arange(2, 8) / 8), rtol=1e-12)
    drawn = next(one for one in scene.lines if one.label == "new future")
    assert drawn.epochs is not None
    assert drawn.epochs[0] == pytest.approx(1.5)


def test_the_rates_of_a_recipe_file_are_told_without_running_it(tmp_path):
    known = values_of(Settings(schedule=Schedule(family="linear", epochs=4, warmup_epochs=0.0)))
    before = {**known, "optim.lr": 1e-3, "model.channels": 8, "data.batch_size": 4}
    scene = prepare(
        PreviewAsk(logs=(), recipe="lines.py", before=before, after={**before, "optim.lr": 2e-3}, epoch=2.0, step=6,
                   rate="rescale", epochs=None, samples=12), QUIET)  # fmt: skip
    assert scene.problem == ""
    np.testing.assert_allclose(line(scene, "new future"), 2e-3 * (1 - np.arange(6, 12) / 12), rtol=1e-12)


@pytest.mark.parametrize(("rate", "labels"), [("rescale", []), ("restart", []), ("pin", ["new future"])])
def test_a_scheduler_of_a_recipe_file_is_left_to_the_trainer(tmp_path, rate, labels):
    before = values_of(Settings(schedule=Schedule(family="own", epochs=4)))
    after = {**before, "optim.lr": 2e-3}
    scene = prepare(
        PreviewAsk(logs=(), recipe="lines.py", before=before, after=after, epoch=2.0, step=6, rate=rate, epochs=None,
                   samples=12), QUIET)  # fmt: skip
    assert scene.problem == ""
    assert [one.label for one in scene.lines] == labels
    assert set(scene.first) == ({2e-3} if labels else set())

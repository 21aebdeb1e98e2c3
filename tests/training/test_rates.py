"""The rate that a resumed run uses is the one that was previewed, for the faulty warm-ups too, and in checkpoints."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

from inspector.analysis.schedules.planned import planned_rates
from inspector.analysis.schedules.recursions import overwritten_rate
from inspector.analysis.schedules.resumed import resumed_rates
from inspector.analysis.schedules.torch_forms import closed_form
from inspector.formats.recipes.schedule import Schedule
from inspector.training.rates import Rates
from tests.training.matrix import FAMILIES, matrix_recipe, words_of
from tests.training.runs import call, last_content, values_by_step

STEPS_PER_EPOCH = 3


def optimizer(lr: float = 1e-3) -> torch.optim.Optimizer:
    groups = [{"params": [torch.nn.Parameter(torch.zeros(1))], "name": name, "lr": lr * factor}
              for name, factor in (("encoder", 1.0), ("decoder", 0.5))]  # fmt: skip
    return torch.optim.Adam(groups, lr=lr)


def used(rates: Rates, steps: int, opt: torch.optim.Optimizer, first: int = 0) -> list[float]:
    found = []
    for step in range(first, first + steps):
        found.append(rates.before_step(step)["encoder"])
        opt.step()
        rates.after_step()
        if (step + 1) % STEPS_PER_EPOCH == 0:
            rates.after_epoch()
    return found


@pytest.fixture(autouse=True, scope="module")
def _recipe():
    with matrix_recipe():
        yield


def trained(folder, edits, *more):
    every = {"model.layout": "two groups", "train.checkpoint_every": 1, **edits}
    code, _ = call("train", "matrix", "-o", folder, "--device", "cpu", *words_of(every), *more)
    assert code == 0
    return folder


def resumed(parent, folder, *words):
    code, _ = call("resume", parent, "-o", folder, "--device", "cpu", *words)
    assert code == 0
    return folder


def rates_of(run, group="first"):
    return list(values_by_step(run, f"lr/{group}").values())


@pytest.fixture(
    scope="module", params=[(family, warmup) for family in ("cosine", "step") for warmup in ("overwrite", "compound")]
)
def parent(request, tmp_path_factory):
    family, warmup = request.param
    edits = {"schedule.family": family, "schedule.warmup": warmup, "schedule.warmup_epochs": 1.5, **FAMILIES[family]}
    run = trained(tmp_path_factory.mktemp("parent") / "run", edits, "--epochs", "2")
    values = {path.removeprefix("schedule."): value for path, value in edits.items()}
    return run, Schedule(**{"epochs": 4, **values})


def test_the_metrics_hold_the_rate_that_was_planned(parent):
    run, schedule = parent
    np.testing.assert_allclose(rates_of(run), planned_rates(schedule, 1e-3, 3, 1, 6), rtol=1e-12)
    planned = planned_rates(schedule, 1e-3, 3, 1, 6, lr_mult=0.5)
    np.testing.assert_allclose(rates_of(run, "second"), planned, rtol=1e-12)


@pytest.mark.parametrize("meaning", ["rescale", "restart", "pin"])
def test_an_edited_rate_is_used_as_previewed_and_as_planned(parent, tmp_path, meaning):
    run, schedule = parent
    words = ("--from", "step_0000004", "--set", "optim.lr=4e-4", "--rate", meaning)
    child = resumed(run, tmp_path / "child", *words)
    _, out = call("plan", run, *words, "--device", "cpu")
    plan = json.loads(out)
    assert plan["steps"] == list(values_by_step(child, "lr/first")) == list(range(5, 13))
    for group, factor in (("first", 1.0), ("second", 0.5)):
        preview = resumed_rates(schedule, 4e-4, STEPS_PER_EPOCH, 4 / 3, 8, meaning, lr_mult=factor)
        np.testing.assert_allclose(rates_of(child, group), preview, rtol=1e-12)
        np.testing.assert_allclose(plan["rates"][group], preview, rtol=1e-12)
    assert not np.allclose(rates_of(child), planned_rates(schedule, 1e-3, STEPS_PER_EPOCH, 5, 12), rtol=1e-3)


@pytest.mark.parametrize("meaning", ["restart", "pin"])
def test_a_run_resumed_from_a_restarted_or_pinned_one_keeps_to_its_plan(tmp_path, meaning):
    whole = trained(tmp_path / "whole", {}, "--epochs", "2")
    child = resumed(whole, tmp_path / "child", "--from", "step_0000004", "--rate", meaning,
                    "--set", "train.checkpoint_steps=7")  # fmt: skip
    grandchild = resumed(child, tmp_path / "grandchild", "--from", "step_0000007")
    planned = values_by_step(child, "lr/second")
    assert values_by_step(grandchild, "lr/second") == {step: planned[step] for step in range(8, 13)}


def test_an_overwritten_checkpoint_carries_the_trace_and_a_right_one_does_not(tmp_path):
    wrong = trained(tmp_path / "wrong", {"schedule.warmup": "overwrite"}, "--epochs", "3")
    content = last_content(wrong)
    scheduler, group = content["schedulers"]["main"], content["optimizers"]["main"]["param_groups"][0]
    assert scheduler["class"] == "CosineAnnealingLR"
    assert scheduler["state"]["last_epoch"] == 3
    trace = overwritten_rate("CosineAnnealingLR", scheduler["state"], 1e-3, 3)
    planned = closed_form("CosineAnnealingLR", scheduler["state"], 1e-3, 3)
    assert group["lr"] == pytest.approx(trace, rel=1e-12)
    assert group["lr"] != pytest.approx(float(planned), rel=0.1)
    assert set(rates_of(wrong)[3:]) == {1e-3}

    right = trained(tmp_path / "right", {}, "--epochs", "3")
    content = last_content(right)
    scheduler, group = content["schedulers"]["main"], content["optimizers"]["main"]["param_groups"][0]
    planned = closed_form(scheduler["class"], scheduler["state"], group["initial_lr"], scheduler["state"]["last_epoch"])
    assert group["lr"] == pytest.approx(float(planned), rel=1e-12)


def test_curing_the_overwritten_rate_on_resume_takes_effect_at_once(tmp_path):
    wrong = trained(tmp_path / "wrong", {"schedule.warmup": "overwrite"}, "--epochs", "3")
    child = resumed(wrong, tmp_path / "child", "--set", "schedule.warmup=multiply")
    planned = planned_rates(Schedule(epochs=4, warmup_epochs=0.5), 1e-3, STEPS_PER_EPOCH, 10, 12)
    np.testing.assert_allclose(rates_of(child), planned, rtol=1e-12)


def test_moving_the_scheduler_is_the_same_as_stepping_it():
    schedule = Schedule(epochs=9, warmup_epochs=2.0, min_lr=1e-5)
    walked_optimizer, moved_optimizer = optimizer(), optimizer()
    walked = Rates({"main": walked_optimizer}, schedule, 1e-3, STEPS_PER_EPOCH)
    used(walked, 14, walked_optimizer)
    moved = Rates({"main": moved_optimizer}, schedule, 1e-3, STEPS_PER_EPOCH)
    moved.advance(4, 2)
    assert moved.states() == walked.states()
    assert moved_optimizer.state_dict() == walked_optimizer.state_dict()


def test_the_scheduler_agrees_with_torchs_own_product_of_warm_up_and_cosine():
    schedule = Schedule(epochs=8, warmup_epochs=0.0)
    opt = optimizer()
    rates = used(Rates({"main": opt}, schedule, 1e-3, STEPS_PER_EPOCH), 24, opt)
    other = optimizer()
    reference = lr_scheduler.CosineAnnealingLR(other, T_max=24)
    expected = []
    for _ in range(24):
        expected.append(other.param_groups[0]["lr"])
        other.step()
        reference.step()
    np.testing.assert_allclose(rates, expected, rtol=1e-10)

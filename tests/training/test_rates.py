"""The rate that a resumed run uses is the one that was previewed, for every family, meaning and warm-up."""

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
from tests.training.runs import STEPS_PER_EPOCH, TINY, call, last_content, resumed, trained, values_by_step

SCHEDULES = {
    "cosine": {"schedule.family": "cosine", "schedule.min_lr": 1e-5},
    "halving": {"schedule.family": "halving", "schedule.half_life_epochs": 1.5},
    "constant": {"schedule.family": "constant"},
}


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


@pytest.fixture(
    scope="module", params=[(family, warmup) for family in SCHEDULES for warmup in ("multiply", "overwrite")]
)
def parent(request, tmp_path_factory):
    family, warmup = request.param
    edits = {**SCHEDULES[family], "schedule.warmup": warmup, "optim.groups.slots.lr_mult": 0.5}
    run = trained(tmp_path_factory.mktemp("parent") / "run", {**edits, "train.checkpoint_steps": 7}, "--epochs", "2")
    schedule = Schedule(**{path.removeprefix("schedule."): value for path, value in {
        "schedule.epochs": TINY["schedule.epochs"], "schedule.warmup_epochs": 1.0, "schedule.warmup": warmup,
        **SCHEDULES[family]}.items()})  # fmt: skip
    return run, schedule


def test_the_metrics_hold_the_rate_that_was_planned(parent):
    run, schedule = parent
    recorded = values_by_step(run, "lr/encoder")
    np.testing.assert_allclose(list(recorded.values()), planned_rates(schedule, 1e-3, 5, 1, 10), rtol=1e-12)
    halved = values_by_step(run, "lr/slots")
    np.testing.assert_allclose(list(halved.values()), planned_rates(schedule, 1e-3, 5, 1, 10) / 2, rtol=1e-12)


@pytest.mark.parametrize("meaning", ["rescale", "restart", "pin"])
def test_an_edited_rate_is_used_as_previewed_and_as_planned(parent, tmp_path, meaning):
    run, schedule = parent
    words = ["--from", "step_0000007", "--set", "optim.lr=4e-4", "--rate", meaning]
    child = resumed(run, tmp_path / "child", *words)
    recorded = values_by_step(child, "lr/encoder")
    assert list(recorded) == list(range(8, 21))
    preview = resumed_rates(schedule, 4e-4, STEPS_PER_EPOCH, 1.4, 13, meaning)
    np.testing.assert_allclose(list(recorded.values()), preview, rtol=1e-12)
    _, out = call("plan", run, *words)
    plan = json.loads(out)
    assert plan["steps"] == list(recorded)
    np.testing.assert_allclose(plan["rates"]["encoder"], preview, rtol=1e-12)
    np.testing.assert_allclose(plan["rates"]["slots"], preview / 2, rtol=1e-12)
    assert not np.allclose(preview, planned_rates(schedule, 1e-3, STEPS_PER_EPOCH, 8, 20), rtol=1e-3)


@pytest.mark.parametrize("meaning", ["restart", "pin"])
def test_a_run_resumed_from_a_restarted_or_pinned_one_keeps_to_its_plan(tmp_path, whole, meaning):
    child = resumed(whole, tmp_path / "child", "--from", "step_0000007", "--rate", meaning,
                    "--set", "train.checkpoint_steps=13")  # fmt: skip
    grandchild = resumed(child, tmp_path / "grandchild", "--from", "step_0000013")
    planned = values_by_step(child, "lr/decoder")
    assert values_by_step(grandchild, "lr/decoder") == {step: planned[step] for step in range(14, 21)}


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
    assert set(list(values_by_step(wrong, "lr/encoder").values())[5:]) == {1e-3}

    right = trained(tmp_path / "right", {}, "--epochs", "3")
    content = last_content(right)
    scheduler, group = content["schedulers"]["main"], content["optimizers"]["main"]["param_groups"][0]
    planned = closed_form(scheduler["class"], scheduler["state"], group["initial_lr"], scheduler["state"]["last_epoch"])
    assert group["lr"] == pytest.approx(float(planned), rel=1e-12)


def test_curing_the_overwritten_rate_on_resume_takes_effect_at_once(tmp_path):
    wrong = trained(tmp_path / "wrong", {"schedule.warmup": "overwrite"}, "--epochs", "3")
    child = resumed(wrong, tmp_path / "child", "--set", "schedule.warmup=multiply")
    planned = planned_rates(Schedule(epochs=4, warmup_epochs=1.0), 1e-3, STEPS_PER_EPOCH, 16, 20)
    np.testing.assert_allclose(list(values_by_step(child, "lr/encoder").values()), planned, rtol=1e-12)


def test_moving_the_scheduler_is_the_same_as_stepping_it():
    schedule = Schedule(epochs=9, warmup_epochs=2.0, min_lr=1e-5)
    walked_optimizer, moved_optimizer = optimizer(), optimizer()
    walked = Rates({"main": walked_optimizer}, schedule, 1e-3, STEPS_PER_EPOCH)
    used(walked, 23, walked_optimizer)
    moved = Rates({"main": moved_optimizer}, schedule, 1e-3, STEPS_PER_EPOCH)
    moved.advance(4, 3)
    assert moved.states() == walked.states()
    assert moved_optimizer.state_dict() == walked_optimizer.state_dict()


def test_the_scheduler_agrees_with_torchs_own_product_of_warm_up_and_cosine():
    schedule = Schedule(epochs=8, warmup_epochs=0.0)
    opt = optimizer()
    rates = used(Rates({"main": opt}, schedule, 1e-3, STEPS_PER_EPOCH), 40, opt)
    other = optimizer()
    reference = lr_scheduler.CosineAnnealingLR(other, T_max=40)
    expected = []
    for _ in range(40):
        expected.append(other.param_groups[0]["lr"])
        other.step()
        reference.step()
    np.testing.assert_allclose(rates, expected, rtol=1e-10)

"""The schedules of the recipes against torch's own schedulers, and against values worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler as ls

from inspector.analysis.schedules.planned import planned_rates
from inspector.analysis.schedules.resumed import resumed_rates, resumed_schedule
from inspector.core.errors import SettingsError
from inspector.formats.recipes.schedule import STEPPED_BY_EPOCHS, Schedule, check

BASE = 1e-4
PER_EPOCH = 10
EXACT = {"rtol": 0.0, "atol": 1e-12 * BASE}


def optimizer(lr: float = BASE) -> torch.optim.Optimizer:
    return torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], lr=lr)


def used_rates(make, steps):
    """The rate of each step under one of torch's schedulers."""
    opt = optimizer()
    scheduler = make(opt)
    used = []
    for _ in range(steps):
        used.append(opt.param_groups[0]["lr"])
        opt.step()
        scheduler.step()
    return used


def test_warm_up_multiplies_the_decay_that_runs_from_the_first_step():
    schedule = Schedule(epochs=10, warmup_epochs=2.0)
    by_hand = [min((t + 1) / 8, 1) * (1 + math.cos(math.pi * t / 40)) / 2 for t in range(40)]
    np.testing.assert_allclose(planned_rates(schedule, 1.0, 4, 1, 40), by_hand, rtol=1e-12)


def test_an_overwriting_warm_up_leaves_the_base_for_ever():
    schedule = Schedule(epochs=10, warmup_epochs=1.0, warmup="overwrite")
    np.testing.assert_allclose(planned_rates(schedule, 1.0, 4, 1, 6), [0.25, 0.5, 0.75, 1, 1, 1])


def test_any_window_of_the_plan_is_part_of_the_whole():
    schedule = Schedule(epochs=10, warmup_epochs=2.0, min_lr=1e-5)
    whole = planned_rates(schedule, 1e-3, 4, 1, 40)
    np.testing.assert_array_equal(planned_rates(schedule, 1e-3, 4, 11, 20), whole[10:20])


def test_a_rescaled_resume_is_the_plan_as_if_the_rate_had_been_new_from_the_start():
    schedule = Schedule(epochs=10, warmup_epochs=2.0)
    np.testing.assert_array_equal(
        resumed_rates(schedule, 5e-4, 4, 2.5, 12, "rescale"), planned_rates(schedule, 5e-4, 4, 11, 22)
    )


def test_a_restarted_resume_warms_up_again_and_decays_over_what_is_left():
    schedule = Schedule(epochs=10, warmup_epochs=1.0)
    by_hand = [5e-4 * min((t + 1) / 4, 1) * (1 + math.cos(math.pi * t / 30)) / 2 for t in range(30)]
    np.testing.assert_allclose(resumed_rates(schedule, 5e-4, 4, 2.5, 30, "restart"), by_hand, rtol=1e-12)
    assert resumed_schedule(schedule, 2.5, "restart").origin_epoch == 2.5


def test_a_pinned_resume_is_constant_from_the_first_step_on():
    schedule = Schedule(epochs=10, warmup_epochs=5.0, warmup="overwrite")
    np.testing.assert_array_equal(resumed_rates(schedule, 5e-4, 4, 2.5, 9, "pin"), np.full(9, 5e-4))


def noam(opt):
    return ls.LambdaLR(opt, lambda t: 20**0.5 * min((t + 1) ** -0.5, (t + 1) * 20**-1.5))


FAMILIES = {
    "constant": ({}, lambda o: ls.ConstantLR(o, 1.0, 0)),
    "linear": ({"min_lr": 2e-6}, lambda o: ls.LinearLR(o, 1.0, 0.02, 50)),
    "cosine": ({"min_lr": 2e-6}, lambda o: ls.CosineAnnealingLR(o, 50, 2e-6)),
    "halving": ({"half_life_epochs": 2.0}, lambda o: ls.ExponentialLR(o, 0.5 ** (1 / 20))),
    "exponential": ({"decay_factor": 0.3, "decay_epochs": 2.0}, lambda o: ls.ExponentialLR(o, 0.3 ** (1 / 20))),
    "step": ({"decay_factor": 0.3, "decay_epochs": 1.2}, lambda o: ls.StepLR(o, 12, 0.3)),
    "multistep": ({"decay_factor": 0.5, "milestones_epochs": (1.5, 3.0)}, lambda o: ls.MultiStepLR(o, [15, 30], 0.5)),
    "polynomial": ({"power": 1.7}, lambda o: ls.PolynomialLR(o, 50, 1.7)),
    "cosine_restarts": (
        {"cycle_epochs": 0.7, "cycle_factor": 2, "min_lr": 2e-6},
        lambda o: ls.CosineAnnealingWarmRestarts(o, 7, 2, 2e-6),
    ),
    "cosine_restarts, equal cycles": ({"cycle_epochs": 1.1}, lambda o: ls.CosineAnnealingWarmRestarts(o, 11)),
    "one_cycle": (
        {"pct_start": 0.25, "div_factor": 10.0, "final_div_factor": 100.0},
        lambda o: ls.OneCycleLR(
            o, BASE, 50, pct_start=0.25, div_factor=10.0, final_div_factor=100.0, cycle_momentum=False
        ),
    ),
    "inverse_sqrt": ({"warmup_epochs": 2.0}, noam),
}


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_is_torchs_own(name):
    settings, make = FAMILIES[name]
    schedule = Schedule(**{"family": name.partition(",")[0], "epochs": 5, "warmup_epochs": 0.0, **settings})
    check(schedule, BASE)
    planned = planned_rates(schedule, BASE, PER_EPOCH, 1, 50)
    np.testing.assert_allclose(planned, used_rates(make, 50), **EXACT)


@pytest.mark.parametrize("name", [name for name in FAMILIES if name != "inverse_sqrt"])
def test_warm_up_multiplies_every_family(name):
    settings, _ = FAMILIES[name]
    bare = Schedule(**{"family": name.partition(",")[0], "epochs": 5, "warmup_epochs": 0.0, **settings})
    warmed = Schedule(**{"family": name.partition(",")[0], "epochs": 5, "warmup_epochs": 1.5, **settings})
    share = np.minimum(np.arange(1, 51) / 15, 1.0)
    expected = planned_rates(bare, BASE, PER_EPOCH, 1, 50) * share
    np.testing.assert_allclose(planned_rates(warmed, BASE, PER_EPOCH, 1, 50), expected, **EXACT)


def test_one_cycle_of_a_few_steps_stays_between_its_ends():
    for total in (1, 2, 3, 4):
        schedule = Schedule(family="one_cycle", epochs=total, warmup_epochs=0.0)
        rates = planned_rates(schedule, 1.0, 1, 1, total)
        assert np.isfinite(rates).all()
        assert rates.min() >= 1 / 25 / 1e4 * 0.999
        assert rates.max() <= 1.0


def compounding_loop(make, epochs: int, warmup: int, base: float = BASE) -> list[float]:
    """The faulty loop as found in the wild: one scheduler step an epoch, its product with the warm-up fed back."""
    opt = optimizer(base)
    scheduler = make(opt)
    used = []
    for epoch in range(epochs):
        if epoch < warmup:
            current = scheduler.get_last_lr()[0] * (epoch + 1) / warmup
            opt.param_groups[0]["lr"] = current
        used.append(opt.param_groups[0]["lr"])
        opt.step()
        scheduler.step()
    return used


COMPOUNDED = {
    "constant": ({}, lambda o: ls.ConstantLR(o, 1.0, 0)),
    "linear": ({"min_lr": 2e-6}, lambda o: ls.LinearLR(o, 1.0, 0.02, 30)),
    "cosine": ({"min_lr": 2e-6}, lambda o: ls.CosineAnnealingLR(o, 30, 2e-6)),
    "halving": ({"half_life_epochs": 5.0}, lambda o: ls.ExponentialLR(o, 0.5**0.2)),
    "exponential": ({"decay_factor": 0.5, "decay_epochs": 5.0}, lambda o: ls.ExponentialLR(o, 0.5**0.2)),
    "step": ({"decay_factor": 0.5, "decay_epochs": 4.0}, lambda o: ls.StepLR(o, 4, 0.5)),
    "multistep": ({"decay_factor": 0.5, "milestones_epochs": (2.0, 9.0)}, lambda o: ls.MultiStepLR(o, [2, 9], 0.5)),
    "polynomial": ({"power": 1.5}, lambda o: ls.PolynomialLR(o, 30, 1.5)),
    "cosine_restarts": (
        {"cycle_epochs": 4.0, "cycle_factor": 2},
        lambda o: ls.CosineAnnealingWarmRestarts(o, 4, 2),
    ),
}


@pytest.mark.parametrize("family", STEPPED_BY_EPOCHS)
def test_a_compounding_warm_up_is_what_the_faulty_loop_does_with_torchs_scheduler(family):
    settings, make = COMPOUNDED[family]
    schedule = Schedule(family=family, epochs=30, warmup_epochs=5.0, warmup="compound", **settings)
    expected = np.repeat(compounding_loop(make, 30, 5), 3)
    np.testing.assert_allclose(planned_rates(schedule, BASE, 3, 1, 90), expected, **EXACT)


def test_the_compounding_warm_up_gives_the_measured_rates_and_keeps_its_share_for_ever():
    """T 100, base 1e-4, W 3: 3.33e-5, 2.22e-5, 2.22e-5 instead of 3.33e-5, 6.67e-5, 9.99e-5."""
    schedule = Schedule(epochs=100, warmup_epochs=3.0, warmup="compound")
    rates = planned_rates(schedule, 1e-4, 1, 1, 100)
    np.testing.assert_allclose(rates[:3], [3.33e-5, 2.22e-5, 2.22e-5], rtol=2e-3)
    cosine = planned_rates(Schedule(epochs=100, warmup_epochs=0.0), 1e-4, 1, 1, 100)
    np.testing.assert_allclose(rates[2:] / cosine[2:], math.factorial(3) / 3**3, rtol=1e-9)
    right = planned_rates(Schedule(epochs=100, warmup_epochs=3.0), 1e-4, 1, 1, 3)
    np.testing.assert_allclose(right, [3.33e-5, 6.67e-5, 9.99e-5], rtol=2e-3)


def test_groups_have_their_own_factor_and_a_compounded_cosine_one_floor_for_all():
    right = Schedule(epochs=5, warmup_epochs=1.0, min_lr=1e-6)
    np.testing.assert_array_equal(
        planned_rates(right, BASE, 4, 1, 20, lr_mult=0.5), 0.5 * planned_rates(right, BASE, 4, 1, 20)
    )
    schedule = Schedule(epochs=30, warmup_epochs=5.0, warmup="compound", min_lr=2e-6)
    used = compounding_loop(lambda o: ls.CosineAnnealingLR(o, 30, 2e-6), 30, 5, BASE * 0.1)
    np.testing.assert_allclose(planned_rates(schedule, BASE, 1, 1, 30, lr_mult=0.1), used, **EXACT)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"min_lr": 1.0}, "schedule.min_lr"),
        ({"epochs": 3, "origin_epoch": 3.0}, "raise schedule.epochs"),
        ({"family": "multistep", "milestones_epochs": ()}, "ascending"),
        ({"family": "multistep", "milestones_epochs": (3.0, 2.0)}, "ascending"),
        ({"family": "multistep", "milestones_epochs": (0.0, 2.0)}, "above 0"),
        ({"family": "inverse_sqrt", "warmup_epochs": 0.0}, "schedule.warmup_epochs"),
        ({"family": "plateau", "warmup": "compound"}, "choose multiply"),
        ({"family": "one_cycle", "warmup": "overwrite"}, "choose multiply"),
    ],
)
def test_settings_that_contradict_each_other_are_refused_in_a_sentence(settings, said):
    with pytest.raises(SettingsError, match=said):
        check(Schedule(**settings), BASE)

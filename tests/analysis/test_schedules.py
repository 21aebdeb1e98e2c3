"""Schedules against torch's own schedulers, and the recipe's plan against values worked by hand."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler as ls

from inspector.analysis.schedules.planned import planned_rates
from inspector.analysis.schedules.recursions import overwritten_rate
from inspector.analysis.schedules.scheduler_state import scheduler_class
from inspector.analysis.schedules.torch_forms import closed_form
from inspector.formats.recipes.schedule import Schedule

BASE = 1e-4


def optimizer(lr: float = BASE) -> torch.optim.Optimizer:
    return torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], lr=lr)


FAMILIES = {
    "CosineAnnealingLR": lambda o: ls.CosineAnnealingLR(o, T_max=20, eta_min=1e-6),
    "StepLR": lambda o: ls.StepLR(o, step_size=7, gamma=0.3),
    "MultiStepLR": lambda o: ls.MultiStepLR(o, milestones=[5, 9, 9, 30], gamma=0.5),
    "ExponentialLR": lambda o: ls.ExponentialLR(o, gamma=0.9),
    "PolynomialLR": lambda o: ls.PolynomialLR(o, total_iters=25, power=1.7),
    "LinearLR": lambda o: ls.LinearLR(o, start_factor=0.1, end_factor=0.8, total_iters=12),
    "ConstantLR": lambda o: ls.ConstantLR(o, factor=0.25, total_iters=6),
    "CosineAnnealingWarmRestarts": lambda o: ls.CosineAnnealingWarmRestarts(o, T_0=4, T_mult=2, eta_min=1e-6),
    "OneCycleLR": lambda o: ls.OneCycleLR(o, max_lr=BASE * 10, total_steps=60, pct_start=0.3),
    "CyclicLR": lambda o: ls.CyclicLR(o, BASE, BASE * 5, step_size_up=4, step_size_down=7, cycle_momentum=False),
    "SequentialLR": lambda o: ls.SequentialLR(
        o, [ls.LinearLR(o, 0.1, 1.0, 6), ls.CosineAnnealingLR(o, T_max=30), ls.ExponentialLR(o, 0.8)], [6, 30]
    ),
    "ChainedScheduler": lambda o: ls.ChainedScheduler([ls.ConstantLR(o, 0.5, 8), ls.ExponentialLR(o, 0.95)]),
}
MORE = {
    "CosineAnnealingWarmRestarts, equal cycles": lambda o: ls.CosineAnnealingWarmRestarts(o, T_0=6),
    "CosineAnnealingWarmRestarts, tripling": lambda o: ls.CosineAnnealingWarmRestarts(o, T_0=1, T_mult=3),
    "OneCycleLR, linear": lambda o: ls.OneCycleLR(
        o, BASE * 10, total_steps=60, anneal_strategy="linear", three_phase=True
    ),
    "CyclicLR, triangular2": lambda o: ls.CyclicLR(o, BASE, BASE * 5, 5, mode="triangular2", cycle_momentum=False),
    "CyclicLR, exp_range": lambda o: ls.CyclicLR(
        o, BASE, BASE * 5, 5, mode="exp_range", gamma=0.9, cycle_momentum=False
    ),
    "SequentialLR, constant first": lambda o: ls.SequentialLR(
        o, [ls.ConstantLR(o, 0.1, 5), ls.MultiStepLR(o, [4, 8], 0.1)], [5]
    ),
    "ChainedScheduler, cosine": lambda o: ls.ChainedScheduler(
        [ls.LinearLR(o, 0.2, 1.0, 5), ls.CosineAnnealingLR(o, 40)]
    ),
}


def observed(make, steps: int = 50):
    """The rates that torch gives, its state half-way, and the group's keys."""
    opt = optimizer()
    with warnings.catch_warnings():
        # SequentialLR calls its children with an epoch, which torch itself deprecates.
        warnings.simplefilter("ignore")
        scheduler = make(opt)
        rates = [opt.param_groups[0]["lr"]]
        state = {}
        for step in range(steps):
            opt.step()
            scheduler.step()
            rates.append(opt.param_groups[0]["lr"])
            if step == 17:
                state = scheduler.state_dict()
                state = {key: dict(value) if key == "milestones" else value for key, value in state.items()}
    group = {key: value for key, value in opt.param_groups[0].items() if key != "params"}
    base = state.get("base_lrs", [BASE])[0]
    return np.asarray(rates), state, base, group


@pytest.mark.parametrize("name", [*FAMILIES, *MORE])
def test_the_closed_form_is_what_torch_does(name):
    rates, state, base, group = observed({**FAMILIES, **MORE}[name])
    planned = closed_form(name.partition(",")[0], state, base, np.arange(51), group)
    assert planned is not None
    np.testing.assert_allclose(planned, rates, rtol=1e-10)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_state_tells_its_class_by_its_keys(name):
    _, state, _, _ = observed(FAMILIES[name])
    assert scheduler_class(state) == name


def test_a_plateau_scheduler_and_a_plain_function_have_no_plan():
    plateau = ls.ReduceLROnPlateau(optimizer()).state_dict()
    assert scheduler_class(plateau) == "ReduceLROnPlateau"
    assert closed_form("ReduceLROnPlateau", plateau, BASE, 3) is None
    function = ls.LambdaLR(optimizer(), lambda t: 1 / (t + 1)).state_dict()
    assert closed_form("LambdaLR", function, BASE, 3) is None


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("CosineAnnealingLR", {"T_max": 0, "eta_min": "low"}),
        ("CosineAnnealingWarmRestarts", {"T_0": 0, "T_mult": 1, "eta_min": 0}),
        ("MultiStepLR", {"milestones": 3, "gamma": 0.1}),
        ("OneCycleLR", {"total_steps": 3, "_schedule_phases": [{}]}),
        ("SequentialLR", {"_schedulers": [3], "_milestones": [2]}),
        ("StepLR", {}),
        ("LambdaLR", {"lr_lambdas": [{"schedule": {"epochs": "many"}, "steps_per_epoch": 3, "floor": 0.0}]}),
        ("Nonsense", {"gamma": 1.0}),
    ],
)
def test_a_state_that_makes_no_sense_has_no_plan(name, state):
    assert closed_form(name, state, BASE, 2) is None


def test_cycles_that_grow_end_where_steps_without_end_are_asked_for():
    state = {"T_0": 1, "T_mult": 2, "eta_min": 0}
    rates = closed_form("CosineAnnealingWarmRestarts", state, BASE, [2.0, np.inf, np.nan])
    # In the second cycle, of two steps, one is done.
    np.testing.assert_allclose(rates, [BASE / 2, np.nan, np.nan])
    schedule = {"family": "cosine_restarts", "cycle_epochs": 1.0, "cycle_factor": 2, "warmup_epochs": 0.0}
    state = {"lr_lambdas": [{"schedule": schedule, "steps_per_epoch": 1, "floor": 0.0}]}
    np.testing.assert_allclose(closed_form("LambdaLR", state, BASE, [2.0, np.inf]), [BASE / 2, np.nan])


def test_a_chain_that_holds_itself_has_no_plan():
    state = {"_schedulers": [], "_milestones": []}
    state["_schedulers"].append(state)
    assert closed_form("SequentialLR", state, BASE, 2) is None


def test_published_values_of_the_cosine_and_of_its_overwritten_trace():
    state = {"T_max": 100, "eta_min": 0}
    np.testing.assert_allclose(
        closed_form("CosineAnnealingLR", state, 1e-4, [25, 50, 75]), [8.536e-5, 5.0e-5, 1.464e-5], rtol=1e-3
    )
    assert overwritten_rate("CosineAnnealingLR", state, 1e-4, 50) == pytest.approx(9.695458e-5, rel=1e-6)
    assert overwritten_rate("CosineAnnealingLR", state, 1e-4, 75) == pytest.approx(9.28e-5, rel=1e-3)


RECURSIVE = ("CosineAnnealingLR", "StepLR", "MultiStepLR", "ExponentialLR", "PolynomialLR", "LinearLR")


@pytest.mark.parametrize("name", RECURSIVE)
def test_the_overwritten_trace_is_what_torch_leaves_when_the_loop_writes_the_base(name):
    opt = optimizer()
    scheduler = FAMILIES[name](opt)
    for t in range(1, 19):
        opt.param_groups[0]["lr"] = BASE
        opt.step()
        scheduler.step()
        state = scheduler.state_dict()
        assert overwritten_rate(name, state, BASE, t) == pytest.approx(opt.param_groups[0]["lr"], rel=1e-12)


def test_families_without_recursion_leave_no_trace():
    assert overwritten_rate("CosineAnnealingWarmRestarts", {"T_0": 3}, BASE, 3) is None
    assert overwritten_rate("CosineAnnealingLR", {"T_max": 3}, BASE, 0) is None
    assert overwritten_rate("CosineAnnealingLR", {}, BASE, 1) is None


def test_the_plan_can_be_read_back_from_the_state_of_its_own_scheduler():
    schedule = {"family": "cosine", "epochs": 10, "warmup_epochs": 2.0, "warmup": "multiply", "min_lr": 1e-5}
    state = {"lr_lambdas": [{"schedule": schedule, "steps_per_epoch": 4, "floor": 1e-2}]}
    planned = closed_form("LambdaLR", state, 1e-3, np.arange(40))
    np.testing.assert_allclose(planned, planned_rates(Schedule(**schedule), 1e-3, 4, 1, 40), rtol=1e-12)

"""Every family of torch 2.13, walked by torch itself: the replay gives the same rates, from a state of any moment."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from inspector.analysis.schedule_replay import MAX_STEPS, planned_rate_at, replayed
from inspector.analysis.schedules.torch_forms import closed_form

torch = pytest.importorskip("torch")
L = torch.optim.lr_scheduler
BASES = (1e-3, 3e-4, 0.1)
STEPS = 119
SAVED_AFTER = (1, 38)

FAMILIES: dict[str, Callable[[Any], Any]] = {
    "StepLR": lambda o: L.StepLR(o, 7, 0.3),
    "StepLR of each step": lambda o: L.StepLR(o, 1, 0.99),
    "MultiStepLR": lambda o: L.MultiStepLR(o, [3, 10, 10, 40], 0.3),
    "MultiStepLR from 0": lambda o: L.MultiStepLR(o, [0, 10], 0.3),
    "ConstantLR": lambda o: L.ConstantLR(o, 0.3, 7),
    "ConstantLR of nothing": lambda o: L.ConstantLR(o, 1.0, 0),
    "LinearLR up": lambda o: L.LinearLR(o, 0.1, 1.0, 13),
    "LinearLR down": lambda o: L.LinearLR(o, 1.0, 0.01, 29),
    "LinearLR to 0": lambda o: L.LinearLR(o, 1.0, 0.0, 29),
    "ExponentialLR": lambda o: L.ExponentialLR(o, 0.97),
    "PolynomialLR": lambda o: L.PolynomialLR(o, 30, 2.0),
    "PolynomialLR, straight": lambda o: L.PolynomialLR(o, 90, 1.0),
    "PolynomialLR, a root": lambda o: L.PolynomialLR(o, 31, 0.5),
    "CosineAnnealingLR": lambda o: L.CosineAnnealingLR(o, 30),
    "CosineAnnealingLR with a floor": lambda o: L.CosineAnnealingLR(o, 20, 1e-5),
    "CosineAnnealingLR, long": lambda o: L.CosineAnnealingLR(o, 1000),
    "CosineAnnealingLR of one": lambda o: L.CosineAnnealingLR(o, 1),
    "CosineAnnealingWarmRestarts": lambda o: L.CosineAnnealingWarmRestarts(o, 10),
    "CosineAnnealingWarmRestarts, longer": lambda o: L.CosineAnnealingWarmRestarts(o, 5, 2, 1e-6),
    "CosineAnnealingWarmRestarts, thrice": lambda o: L.CosineAnnealingWarmRestarts(o, 1, 3),
    "OneCycleLR": lambda o: L.OneCycleLR(o, 0.1, total_steps=120),
    "OneCycleLR, straight": lambda o: L.OneCycleLR(o, [0.1, 0.2, 0.3], total_steps=120, anneal_strategy="linear"),
    "OneCycleLR of three": lambda o: L.OneCycleLR(o, 0.1, total_steps=120, three_phase=True, pct_start=0.2),
    "CyclicLR": lambda o: L.CyclicLR(o, 1e-4, 1e-2, 9),
    "CyclicLR halving": lambda o: L.CyclicLR(o, 1e-4, 1e-2, 9, 5, mode="triangular2"),
    "CyclicLR shrinking": lambda o: L.CyclicLR(o, 1e-4, [1e-2, 2e-2, 3e-2], 9, 5, mode="exp_range", gamma=0.99),
    "SequentialLR": lambda o: L.SequentialLR(o, [L.LinearLR(o, 0.1, 1, 5), L.CosineAnnealingLR(o, 60)], [5]),
    "SequentialLR of three": lambda o: L.SequentialLR(
        o, [L.ConstantLR(o, 0.1, 20), L.ExponentialLR(o, 0.9), L.CosineAnnealingWarmRestarts(o, 10)], [5, 20]
    ),
    "SequentialLR of four": lambda o: L.SequentialLR(
        o,
        [L.LinearLR(o, 0.1, 1, 5), L.StepLR(o, 9, 0.5), L.PolynomialLR(o, 50, 1.5), L.MultiStepLR(o, [0, 4])],
        [5, 30, 60],
    ),
    "SequentialLR from 0": lambda o: L.SequentialLR(o, [L.LinearLR(o, 0.1, 1, 5), L.StepLR(o, 9, 0.5)], [0]),
    "SequentialLR to a cycle": lambda o: L.SequentialLR(
        o, [L.LinearLR(o, 0.1, 1, 5), L.CyclicLR(o, 1e-4, 1e-2, 9)], [12]
    ),
    "SequentialLR in SequentialLR": lambda o: L.SequentialLR(
        o,
        [
            L.SequentialLR(o, [L.LinearLR(o, 0.1, 1, 5), L.CosineAnnealingLR(o, 20)], [5]),
            L.ExponentialLR(o, 0.95),
        ],
        [20],
    ),
    "ChainedScheduler in SequentialLR": lambda o: L.SequentialLR(
        o,
        [
            L.ChainedScheduler([L.LinearLR(o, 0.1, 1, 5), L.ExponentialLR(o, 0.99)]),
            L.CosineAnnealingLR(o, 60, 1e-6),
        ],
        [20],
    ),
    "ChainedScheduler": lambda o: L.ChainedScheduler([L.ConstantLR(o, 0.1, 4), L.ExponentialLR(o, 0.95)]),
    "ChainedScheduler with a floor": lambda o: L.ChainedScheduler(
        [L.LinearLR(o, 0.1, 1, 9), L.CosineAnnealingLR(o, 50, 1e-5)]
    ),
    "ChainedScheduler of three": lambda o: L.ChainedScheduler(
        [L.LinearLR(o, 0.1, 1, 9), L.StepLR(o, 10, 0.5), L.PolynomialLR(o, 80)]
    ),
    "SequentialLR in ChainedScheduler": lambda o: L.ChainedScheduler(
        [
            L.SequentialLR(o, [L.LinearLR(o, 0.1, 1, 5), L.CosineAnnealingLR(o, 60)], [5]),
            L.ExponentialLR(o, 0.99),
        ]
    ),
    "ChainedScheduler in ChainedScheduler": lambda o: L.ChainedScheduler(
        [L.ChainedScheduler([L.LinearLR(o, 0.2, 1, 6), L.ExponentialLR(o, 0.99)]), L.StepLR(o, 10, 0.5)]
    ),
    "ChainedScheduler to restarts": lambda o: L.ChainedScheduler(
        [L.StepLR(o, 10, 0.5), L.CosineAnnealingWarmRestarts(o, 10)]
    ),
}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def _bases(state: Mapping[str, Any]) -> list[float]:
    own = state.get("base_lrs")
    return own or next((found for child in state.get("_schedulers", []) if (found := _bases(child))), [])


def _walked(make: Callable[[Any], Any]) -> tuple[np.ndarray, list[tuple[dict[str, Any], list[dict[str, Any]]]]]:
    """(steps + 1, groups) rates, and the scheduler's state with the groups after some steps."""
    weights = [torch.nn.Parameter(torch.zeros(2)) for _ in BASES]
    groups = [{"params": [weight], "lr": base} for weight, base in zip(weights, BASES, strict=True)]
    optimizer = torch.optim.SGD(groups, lr=1.0, momentum=0.9)
    saved = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        scheduler = make(optimizer)
        rates = [[group["lr"] for group in optimizer.param_groups]]
        for done in range(1, STEPS + 1):
            optimizer.step()
            scheduler.step()
            rates.append([group["lr"] for group in optimizer.param_groups])
            if done in SAVED_AFTER:
                kept = [{key: _plain(one) for key, one in group.items() if key != "params"} for group in groups]
                saved.append((_plain(scheduler.state_dict()), kept))
    return np.array(rates), saved


@pytest.mark.parametrize("name", FAMILIES)
def test_the_replay_is_what_torch_did_and_will_do(name: str) -> None:
    rates, saved = _walked(FAMILIES[name])
    for state, groups in saved:
        for index, base in enumerate(_bases(state)):
            found = replayed("", state, base, STEPS, groups[index], index)
            assert found is not None
            np.testing.assert_allclose(found, rates[:, index], rtol=1e-12, atol=0.0)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_closed_form_is_the_same_or_says_nothing(name: str) -> None:
    rates, saved = _walked(FAMILIES[name])
    state, groups = saved[-1]
    for index, base in enumerate(_bases(state)):
        found = closed_form("", state, base, np.arange(STEPS + 1), groups[index], index)
        if found is None:
            assert "_schedulers" in state
        else:
            np.testing.assert_allclose(found, rates[:, index], rtol=1e-12, atol=1e-13 * base)
        now = planned_rate_at("", state, base, 77.0, groups[index], index)
        assert now == pytest.approx(rates[77, index], rel=1e-12, abs=1e-13 * base)


def test_functions_and_metrics_are_not_guessed() -> None:
    for make in (
        lambda o: L.LambdaLR(o, lambda t: 0.9**t),
        lambda o: L.MultiplicativeLR(o, lambda _t: 0.9),
        lambda o: L.ChainedScheduler([L.LambdaLR(o, lambda t: 0.9**t), L.ExponentialLR(o, 0.9)]),
    ):
        _, saved = _walked(make)
        assert replayed("", saved[0][0], 1e-3, 10) is None


@pytest.mark.parametrize("t", [math.inf, math.nan, 2.5])
def test_what_only_a_replay_tells_is_not_told_between_steps_or_without_end(t: float) -> None:
    plain = {"_schedulers": [{"gamma": 0.9, "step_size": 2}, {"gamma": 0.5, "step_size": 2}], "_milestones": [2]}
    state = {"_schedulers": [plain, {"gamma": 0.9, "step_size": 2}], "_milestones": [4]}
    assert planned_rate_at("SequentialLR", state, 1e-3, t) is None
    assert planned_rate_at("SequentialLR", state, 1e-3, 2.0) is not None


def test_a_cycle_that_ended_has_no_further_plan() -> None:
    _, saved = _walked(FAMILIES["OneCycleLR"])
    state, groups = saved[0]
    assert replayed("", state, 0.004, 120, groups[0], 0) is not None
    assert replayed("", state, 0.004, 121, groups[0], 0) is None


@pytest.mark.parametrize(
    "state",
    [
        {"T_max": 0, "eta_min": 0.0},
        {"T_max": "many", "eta_min": 0.0},
        {"step_size": 0, "gamma": 0.1},
        {"milestones": {"x": 1}, "gamma": 0.1},
        {"milestones": {"1": 10**9}, "gamma": 1e300},
        {"_schedulers": [7], "_milestones": []},
        {"_schedulers": [], "_milestones": []},
        {"_schedulers": None},
        {"total_iters": math.nan, "power": 1.0},
        {},
    ],
)
def test_a_state_that_makes_no_sense_has_no_plan(state: dict[str, Any]) -> None:
    found = replayed("", state, 1e-3, 5)
    assert found is None or np.isfinite(found).any()


def test_a_scheduler_that_holds_itself_many_times_ends() -> None:
    state: dict[str, Any] = {"gamma": 0.9}
    for _ in range(100):
        state = {"_schedulers": [state]}
    assert replayed("", state, 1e-3, 5) is None
    assert replayed("", {"gamma": 0.9}, 1e-3, MAX_STEPS + 1) is None


def test_a_second_writer_is_played_along() -> None:
    """By hand: handed back with 1/2 and 2/2, an exponential loses half for good."""
    found = replayed("", {"gamma": 0.5}, 1.0, 3, write=lambda done, rate: rate * min((done + 1) / 2, 1.0))
    assert found is not None
    assert found.tolist() == [1.0, 0.25, 0.125, 0.0625]


def test_several_second_writers_are_played_at_once() -> None:
    share = np.array([0.5, 1.0])
    found = replayed("", {"gamma": 0.5}, 1.0, 2, write=lambda _done, rate: rate * share)
    assert found is not None
    assert found.tolist() == [[1.0, 1.0], [0.25, 0.5], [0.0625, 0.25]]

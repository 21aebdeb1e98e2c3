"""A schedule that is cut off and begun again, against torch's schedulers that start again by design."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from torch.optim import Optimizer
from torch.optim import lr_scheduler as torch_rates

from inspector.diagnosis.rates import rate_spike
from inspector.diagnosis.seams import schedule_restarted
from inspector.diagnosis.values import Severity, Sureness
from tests.diagnosis.folders import diagnosed, write_curves, write_own

Make = Callable[[Optimizer], torch_rates.LRScheduler]


def _cosine(optimizer: Optimizer) -> torch_rates.LRScheduler:
    return torch_rates.CosineAnnealingLR(optimizer, 60)


def _warmed(optimizer: Optimizer) -> torch_rates.LRScheduler:
    warmup = torch_rates.LinearLR(optimizer, 0.01, 1.0, 12)
    return torch_rates.SequentialLR(optimizer, [warmup, torch_rates.CosineAnnealingLR(optimizer, 48)], [12])


def _rates(make: Make, count: int) -> list[float]:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is stepped without its optimizer
        scheduler = make(optimizer)
        rates = []
        for _ in range(count):
            rates.append(float(optimizer.param_groups[0]["lr"]))
            scheduler.step()
    return rates


def _write(folder: Path, rates: Sequence[float], loss: Callable[[int], float] = lambda step: 2.0 / step) -> list[str]:
    """A rate and a loss every ten steps."""
    write_curves(folder, range(10, 10 * len(rates) + 1, 10), lr=lambda step: rates[step // 10 - 1], train__loss=loss)
    return [one.id for one in diagnosed(folder).findings]


@pytest.mark.parametrize("make", [_cosine, _warmed])
@pytest.mark.parametrize(("rest", "sure"), [(45, Sureness.LIKELY), (20, Sureness.POSSIBLE)])
def test_a_schedule_cut_off_and_begun_again_is_told(tmp_path: Path, make: Make, rest: int, sure: Sureness) -> None:
    """31 values, then as many of a new one; those beyond 31 show that it was no cycle."""
    _write(tmp_path, [*_rates(make, 31), *_rates(make, rest)])
    (found,) = [one for one in diagnosed(tmp_path).findings if one.id == schedule_restarted.ABOUT.id]
    assert (found.severity, found.sureness, found.since_step) == (Severity.WARNING, sure, 320)
    assert ("past the place" in found.summary) == (sure is Sureness.LIKELY)


@pytest.mark.parametrize("rest", [10, 40])
def test_a_rate_in_steps_that_is_back_at_its_first_is_told_as_possible(tmp_path: Path, rest: int) -> None:
    """A plateau falls when its loss does not, so that nothing of its course is repeated but the first value."""
    _write(tmp_path, [*[0.1] * 20, *[0.01] * 12, *([0.1] * 35 + [0.01] * 5)[:rest]])
    (found,) = [one for one in diagnosed(tmp_path).findings if one.id == schedule_restarted.ABOUT.id]
    assert (found.sureness, found.since_step) == (Sureness.POSSIBLE, 330)


@pytest.mark.parametrize(
    "make",
    [
        lambda one: torch_rates.CosineAnnealingWarmRestarts(one, 10),
        lambda one: torch_rates.CosineAnnealingWarmRestarts(one, 9, 2),
        lambda one: torch_rates.CyclicLR(one, 0.01, 0.1, 7, mode="triangular2"),
        lambda one: torch_rates.CyclicLR(one, 0.05, 0.1, 1, 9),
        lambda one: torch_rates.CosineAnnealingLR(one, 10),
        lambda one: torch_rates.OneCycleLR(one, 0.1, 70),
        lambda one: torch_rates.StepLR(one, 20),
        _cosine,
        _warmed,
    ],
    ids=["restarts", "longer restarts", "triangles", "saws", "past its end", "one cycle", "steps", "cosine", "warm-up"],
)
def test_schedules_that_do_as_they_are_meant_are_healthy(tmp_path: Path, make: Make) -> None:
    for count in (15, 55, 70):
        assert schedule_restarted.ABOUT.id not in _write(tmp_path, _rates(make, count))


def test_a_cosine_that_came_to_its_end_and_is_run_once_more_is_healthy(tmp_path: Path) -> None:
    assert schedule_restarted.ABOUT.id not in _write(
        tmp_path, [*_rates(_cosine, 60), *_rates(_cosine, 58), 0.0, 0.0, 0.0]
    )


def test_what_follows_from_it_is_told_with_it_and_a_run_of_this_program_is_asked_otherwise(tmp_path: Path) -> None:
    rates = [*_rates(_cosine, 45), *_rates(_cosine, 50)]
    told = _write(tmp_path, rates, lambda step: 2.0 / step if step < 470 else float("nan"))
    assert told == [schedule_restarted.ABOUT.id]
    write_own(tmp_path)
    assert rate_spike.ABOUT.id in _write(tmp_path, rates, lambda step: 2.0 / step if step < 470 else float("nan"))

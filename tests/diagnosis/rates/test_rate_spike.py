"""A rate that jumps within a step explains the loss that leaves its course; what schedules do explains nothing."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from inspector.diagnosis.rates import rate_range, rate_spike
from inspector.diagnosis.values import Severity
from tests.diagnosis.folders import cosine, cured_paths, diagnosed, write_curves, write_own

_STEPS = range(1, 301)


def _falling(step: int) -> float:
    return 2.0 * math.exp(-step / 200)


def _decaying(step: int) -> float:
    return cosine(step, base=1e-3, total=300)


def _ids(folder: Path) -> list[str]:
    return [one.id for one in diagnosed(folder).findings]


def _told(folder: Path, rate: Callable[[int], float], loss: Callable[[int], float]) -> list[str]:
    write_curves(folder, _STEPS, lr=rate, train__loss=loss)
    return _ids(folder)


def test_a_nan_after_a_spike_is_the_spikes(tmp_path: Path) -> None:
    """At step 200 the cosine plans 2.5e-4; a hundred times that is 0.025."""
    spike = lambda step: (100 if step == 200 else 1) * _decaying(step)  # noqa: E731 - as short as it is read
    write_curves(tmp_path, _STEPS, lr=spike, train__loss=lambda step: _falling(step) if step < 202 else math.nan)
    (found,) = diagnosed(tmp_path).findings
    assert (found.id, found.severity, found.since_step) == (rate_spike.ABOUT.id, Severity.CRITICAL, 200)
    assert "jumps from 0.0002545 to 0.025 at step 200, 98.2 times as much; train/loss is not finite" in found.summary
    assert found.consequences[0].startswith("Loss is not finite: ")
    assert cured_paths(found) == set()


@pytest.mark.parametrize(("recovers", "severity"), [(True, Severity.WARNING), (False, Severity.ERROR)])
def test_a_loss_that_leaps_is_told_by_whether_it_comes_back(tmp_path: Path, recovers: bool, severity: Severity) -> None:
    def loss(step: int) -> float:
        since = max(step - 150, 0)
        return _falling(step) + (2.0 * math.exp(-since / 20) if recovers else 2.0) * (since > 0)

    write_curves(tmp_path, _STEPS, lr=lambda step: 1e-3 if step < 151 else 1e-2, train__loss=loss)
    found = next(one for one in diagnosed(tmp_path).findings if one.id == rate_spike.ABOUT.id)
    assert found.severity is severity
    assert ("Training loss rises" in " ".join(found.consequences)) == (not recovers)


def test_settings_that_ask_for_more_than_held_are_put_back(tmp_path: Path) -> None:
    write_own(tmp_path, optim__lr=0.009, schedule__family="constant", schedule__warmup_epochs=0.0)
    write_curves(
        tmp_path,
        _STEPS,
        lr__main=lambda step: 1e-3 if step < 200 else 9e-3,
        train__loss=lambda step: _falling(step) + 3 * (step >= 200),
    )
    found = next(one for one in diagnosed(tmp_path).findings if one.id == rate_spike.ABOUT.id)
    assert [(edit.path, edit.new) for edit in found.cures[0].edits] == [("optim.lr", 1e-3)]


@pytest.mark.parametrize(
    "rate",
    [
        lambda step: 1e-3 * min(1.0, step / 3),
        lambda step: 1e-3 * (0.1 if step <= 20 else 1.0),
        lambda step: cosine(step % 50, base=1e-3, total=50),
        lambda step: 1e-3 * (0.05 + 0.95 * ((7 * step) % 50) / 50),
        lambda step: 1e-3 * (0.1 + 0.9 * (1 - abs(2 * (step % 9) / 9 - 1))),
        lambda step: 1e-3 if step < 150 else 1e-2,
    ],
    ids=["warm-up", "constant warm-up", "restarts", "a cycle seen anywhere", "triangles", "a jump that harms nothing"],
)
def test_what_a_schedule_does_and_what_the_loss_bears_is_healthy(tmp_path: Path, rate: Callable[[int], float]) -> None:
    """The loss rises by a tenth with the rate, and falls on."""
    told = _told(tmp_path, rate, lambda step: _falling(step) * (1 + 0.1 * rate(step) / 1e-2))
    assert not {rate_spike.ABOUT.id, "overwritten-rate"} & set(told)


def test_a_nan_right_after_a_restart_is_the_rates(tmp_path: Path) -> None:
    rate = lambda step: cosine(step % 50, base=1e-3, total=50)  # noqa: E731 - as short as it is read
    told = _told(tmp_path, rate, lambda step: _falling(step) if step < 101 else math.nan)
    assert told == [rate_spike.ABOUT.id]


def test_a_loss_that_breaks_once_the_rate_is_high_is_the_rates_and_before_it_is_not(tmp_path: Path) -> None:
    """The warm-up passes a hundredth at step 101."""
    (tmp_path / "config.json").write_text('{"optimizer": "adam"}')
    rate = lambda step: 1e-4 * step  # noqa: E731 - as short as it is read
    assert _told(tmp_path, rate, lambda step: _falling(step) if step < 150 else math.nan) == [rate_range.HIGH.id]
    both = _told(tmp_path, rate, lambda step: _falling(step) if step < 90 else math.nan)
    assert set(both) == {"loss-not-finite", rate_range.HIGH.id}

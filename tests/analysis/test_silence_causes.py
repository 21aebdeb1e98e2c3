"""Hints of what silenced a channel hold where they were planted, and nowhere else."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from inspector.analysis.silence_causes import (
    CauseHint,
    Death,
    bias_hint,
    death_of,
    rate_hint,
    shift_hint,
    spike_hint,
    weights_hint,
)


def test_a_shift_far_below_zero_leaves_little() -> None:
    found = shift_hint(0.5, -1.0)
    assert found == CauseHint("shift", pytest.approx(norm.cdf(2.0)), 0.95)
    assert shift_hint(-0.5, -1.0) == found
    assert shift_hint(1.0, -1.0) is None
    assert shift_hint(1.0, 3.0) is None


def test_a_vanished_scale_leaves_the_shift_alone() -> None:
    assert shift_hint(1e-6, -0.1) == CauseHint("scale", 1e-6, 1e-4)
    assert shift_hint(0.0, 0.0) == CauseHint("scale", 0.0, 1e-4)
    assert shift_hint(1e-6, 0.1) is None


def test_a_bias_is_measured_by_the_weights() -> None:
    assert bias_hint(-3.0, 1.2) == CauseHint("bias", -2.5, -2.0)
    assert bias_hint(-3.0, 2.0) is None
    assert bias_hint(3.0, 0.1) is None
    assert bias_hint(-3.0, 0.0) is None
    # What it stands for: normal inputs of unit mean square pass once in 44 times at most.
    inputs = np.random.default_rng(0).normal(size=(20_000, 32))
    weights = np.random.default_rng(1).normal(size=32)
    assert np.mean(inputs @ weights - 2 * np.linalg.norm(weights) > 0) == pytest.approx(1 / 44, abs=4e-3)


def test_weights_are_measured_by_their_layer() -> None:
    lengths = np.array([1.0, 1.1, 0.9, 2e-5, math.nan])
    assert weights_hint(2e-5, lengths) == CauseHint("weights", pytest.approx(2e-5 / 1.1), 1e-4)
    assert weights_hint(0.9, lengths) is None
    assert weights_hint(0.0, np.zeros(3)) is None


def test_the_rate_at_the_time_is_held_against_the_largest_before() -> None:
    steps = np.arange(0, 1000, 10)
    rates = np.minimum(steps / 200, 1.0) * np.where(steps < 600, 1e-3, 1e-5)
    early = rate_hint(steps, rates, last_alive=200, first_dead=300)
    assert early == CauseHint("rate", 1.0, 0.5)
    assert rate_hint(steps, rates, last_alive=700, first_dead=800) is None
    assert rate_hint(steps, rates, last_alive=-math.inf, first_dead=50) == CauseHint("rate", 1.0, 0.5)
    assert rate_hint(steps, rates, last_alive=451, first_dead=455).value == 1.0
    assert rate_hint(steps[:0], rates[:0], 0, 10) is None
    assert rate_hint(steps, np.full(100, np.nan), 0, 500) is None
    assert rate_hint(steps, np.zeros(100), 0, 500) is None


def test_spikes_of_the_loss_count_only_in_between() -> None:
    steps = np.arange(0, 3000, 10)
    losses = np.exp(-steps / 1000) * np.exp(0.03 * np.random.default_rng(2).normal(size=300))
    losses[[100, 104, 250]] *= 4
    losses[40] = np.nan
    assert spike_hint(steps, losses, 900, 1100) == CauseHint("spike", 2.0, 1.0)
    assert spike_hint(steps, losses, 1100, 2400) is None
    assert spike_hint(steps[:0], losses[:0], 0, 1) is None


@pytest.mark.parametrize("numbers", [(math.nan, 1.0), (1.0, math.nan), (math.inf, -1.0)])
def test_numbers_that_are_not_finite_hint_at_nothing(numbers: tuple[float, float]) -> None:
    assert shift_hint(*numbers) is None
    assert bias_hint(*numbers) is None


def test_a_channel_died_when_its_last_silence_began() -> None:
    steps = [100.0, 200.0, 300.0, 400.0]
    assert death_of(steps, [False, True, False, True]) == Death(300.0, 400.0)
    assert death_of(steps, [False, True, True, True]) == Death(100.0, 200.0)
    assert death_of(steps, [True] * 4) == Death(None, 100.0)
    assert death_of(steps, [True, True, True, False]) is None
    assert death_of([], []) is None

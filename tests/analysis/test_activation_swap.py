"""The same values are sparse under one activation and not under another, as measured and as torch gives them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from inspector.analysis.activation_swap import rectified_shift, sparsity_under
from inspector.analysis.sparsity import channel_statistics


def test_sixty_percent_under_relu_are_two_under_gelu() -> None:
    """Figures measured by the reference on the same pre-activations at 0.01: 60.5, 37.7 and 2.3 %."""
    found = sparsity_under(0.605, 0.01, ("relu", "leaky_relu", "GELU"))
    assert found["relu"] == pytest.approx(0.605, abs=1e-6)
    assert found["leaky_relu"] == pytest.approx(0.377, abs=0.003)
    assert found["GELU"] == pytest.approx(0.023, abs=0.002)


def test_what_is_told_is_what_planted_values_show() -> None:
    before = np.random.default_rng(0).normal(-0.256, 1.0, (64, 4, 32, 32))
    after = {
        "ReLU": np.maximum(before, 0),
        "LeakyReLU": np.where(before > 0, before, 0.01 * before),
        "GELU": before * norm.cdf(before),
        "SiLU": before / (1 + np.exp(-before)),
    }
    measured = {name: channel_statistics(values).sparsity(0.01) for name, values in after.items()}
    told = sparsity_under(measured["ReLU"], 0.01)
    for name, share in measured.items():
        assert told[name] == pytest.approx(share, abs=3e-3)


def test_all_or_nothing_tells_no_shift() -> None:
    assert math.isnan(rectified_shift(0.0, 0.0))
    assert math.isnan(rectified_shift(1.0, 0.0))
    assert math.isnan(sparsity_under(1.0, 0.01)["GELU"])
    assert rectified_shift(0.5, 0.0) == pytest.approx(0.0)
    assert math.isnan(sparsity_under(0.5, 0.01, ("Mystery",))["Mystery"])

"""The axis that attention sums to one over is told from the sums, whatever was recorded."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from inspector.analysis.attention_axis import TOLERANCE, TOLERANCE_HALF, attention_axis
from inspector.core.arrays import ShapeError


def softmax(shape: tuple[int, ...], axis: int | tuple[int, ...]) -> np.ndarray:
    exponents = np.exp(np.random.default_rng(0).normal(0, 2, shape))
    weights: np.ndarray = exponents / exponents.sum(axis=axis, keepdims=True)
    return weights


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_slots_compete_where_each_position_sums_to_one(dtype: Any) -> None:
    found = attention_axis(softmax((7, 900), 0).astype(dtype))
    assert (found.over, found.competes) == ("slots", True)
    # The reference's figure for N = 900, K = 7: an average slot holds 128.6 positions' worth.
    assert found.positions > 100


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_softmax_over_positions_is_told_as_such(dtype: Any) -> None:
    found = attention_axis(softmax((5, 144), 1).astype(dtype))
    assert (found.over, found.competes) == ("positions", False)
    assert found.slots > 0.5
    assert found.positions <= (TOLERANCE_HALF if dtype is np.float16 else TOLERANCE)


def test_weights_of_the_mean_of_slot_attention_still_compete() -> None:
    weights = softmax((5, 144), 0)
    found = attention_axis(weights / weights.sum(axis=1, keepdims=True))
    assert (found.over, found.competes) == ("slots, then positions", True)


def test_heads_sum_to_one_by_themselves_or_with_the_slots() -> None:
    assert attention_axis(softmax((2, 5, 144), 1)).over == "slots"
    together = attention_axis(softmax((2, 5, 144), (0, 1)))
    assert (together.over, together.competes) == ("heads and slots", True)
    assert together.slots < 1e-9
    assert attention_axis(softmax((2, 5, 144), 2)).over == "positions"


def test_logits_sum_to_nothing() -> None:
    logits = np.random.default_rng(1).normal(size=(5, 144))
    assert attention_axis(logits).over == "neither"
    assert not attention_axis(logits).competes


def test_what_is_not_finite_is_neither() -> None:
    weights = softmax((5, 144), 0)
    weights[2, 3] = np.nan
    found = attention_axis(weights)
    assert found.over == "neither"
    assert found.slots == math.inf
    weights[:, 5] = (np.inf, -np.inf, 0, 0, 0)
    assert attention_axis(weights.astype(np.float16)).slots == math.inf
    assert math.isnan(attention_axis(np.zeros((3, 0))).positions)


def test_the_tolerance_can_be_set() -> None:
    weights = softmax((5, 144), 0) * 1.005
    assert attention_axis(weights).over == "neither"
    assert attention_axis(weights, tolerance=0.01).over == "slots"


def test_other_arrays_are_refused() -> None:
    with pytest.raises(ShapeError, match="2 or 3 axes"):
        attention_axis(np.zeros(4))

"""Samples become right, wrong or neither by a limit, counted by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from inspector.analysis.point_changes import Change, ChangeCounts, change_counts, point_changes
from inspector.core.arrays import ShapeError

BEFORE = [30.0, 5.0, 5.0, 30.0, math.nan, 5.0, math.inf, 10.0]
NOW = [5.0, 30.0, 6.0, 90.0, 5.0, math.nan, 3.0, 10.1]


def test_each_sample_is_fixed_broken_or_same_by_the_limit() -> None:
    expected = [Change.FIXED, Change.BROKEN, Change.SAME, Change.SAME, math.nan, math.nan, Change.FIXED, Change.BROKEN]
    np.testing.assert_array_equal(point_changes(np.array(BEFORE), np.array(NOW), 10.0), expected)


def test_they_are_counted() -> None:
    assert change_counts(point_changes(np.array(BEFORE), np.array(NOW), 10.0)) == ChangeCounts(2, 2, 2, 2)
    assert change_counts(np.empty(0)) == ChangeCounts(0, 0, 0, 0)


def test_a_checkpoint_beside_itself_changes_nothing() -> None:
    errors = np.random.default_rng(0).uniform(0, 50, 100)
    assert change_counts(point_changes(errors, errors, 10.0)) == ChangeCounts(0, 0, 100, 0)


def test_lists_of_other_lengths_are_refused() -> None:
    with pytest.raises(ShapeError, match="two lists"):
        point_changes(np.zeros(3), np.zeros(4), 1.0)

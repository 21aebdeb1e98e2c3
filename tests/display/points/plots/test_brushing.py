"""What is brushed on an axis keeps the samples whose values lie there, those beyond its ends too."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.display.points.plots.brushing import brushed_ends, kept_range
from inspector.display.points.plots.measures import MOST_BARS, room_for, round_edges
from inspector.display.points.plots.scene import Axis
from inspector.session.gallery import NumberRange

ERRORS = Axis(label="error", low=0.0, high=90.0, most=222.0, column="err_px")


def test_a_range_within_the_axis_is_that_range_in_either_direction() -> None:
    assert kept_range(ERRORS, (10.0, 20.0)) == kept_range(ERRORS, (20.0, 10.0)) == NumberRange("err_px", 10.0, 20.0)


def test_the_right_end_stands_for_all_that_is_larger() -> None:
    assert kept_range(ERRORS, (60.0, 95.0)) == NumberRange("err_px", 60.0, 222.0)
    both = Axis(label="dx", low=-30.0, high=30.0, least=-80.0, most=math.nan, column="dx_px")
    assert kept_range(both, (-30.0, 30.0)) == NumberRange("dx_px", -80.0, 30.0)


def test_a_range_of_the_column_lies_on_the_axis_as_far_as_it_reaches() -> None:
    assert brushed_ends(ERRORS, NumberRange("err_px", 60.0, 222.0)) == (60.0, 90.0)
    assert brushed_ends(ERRORS, NumberRange("err_px", 100.0, 222.0)) is None
    assert brushed_ends(ERRORS, None) is None


def test_recall_is_brushed_through_the_limits_that_lead_to_it() -> None:
    steps = np.array([[0.0, 0.25, 0.5, 1.0], [1.0, 0.9, 0.6, 0.1]])
    recall = Axis(label="recall", low=0.0, high=1.0, column="done", steps=steps)
    kept = kept_range(recall, (0.25, 0.5))
    assert kept == NumberRange("done", 0.6, 0.9)
    assert brushed_ends(recall, kept) == (0.25, 0.5)
    assert brushed_ends(recall, NumberRange("done", 0.2, 0.3)) is None


@given(st.floats(1e-6, 1e9))
def test_bins_have_round_widths_and_reach_the_end(high: float) -> None:
    edges = round_edges(high)
    width = edges[1]
    assert 2 <= len(edges) <= MOST_BARS + 1
    assert edges[-1] >= high * (1 - 1e-5)
    assert edges[-2] < high
    digit = float(f"{width:e}".partition("e")[0])
    assert digit == pytest.approx(round(digit))


@pytest.mark.parametrize("high", [0.0, math.nan, math.inf])
def test_without_an_end_there_is_one_bin(high: float) -> None:
    assert round_edges(high).tolist() == [0.0, 1.0]


def test_room_is_made_for_what_is_wanted_unless_it_is_far_beyond() -> None:
    values = np.linspace(0, 30, 1_000)
    assert room_for(values) == 30
    assert room_for(values, 57.0) == pytest.approx(57 * 1.1)
    assert room_for(values, 384.0) == 30
    assert room_for(values, math.nan) == 30
    assert room_for(np.append(values, 5_000.0)) < 40

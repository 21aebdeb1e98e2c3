"""Axis ticks."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.display.ticks import linear_ticks, log_ticks, time_ticks


def texts(ticks):
    return [tick.text for tick in ticks]


def test_linear_ticks_stand_at_round_values():
    assert texts(linear_ticks(0, 1, 5)) == ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]
    assert texts(linear_ticks(0, 96, 6)) == ["0", "20", "40", "60", "80"]
    assert texts(linear_ticks(-1, 1, 2)) == ["−1", "0", "1"]


def test_small_and_large_numbers_are_short():
    assert texts(linear_ticks(0, 3e-4, 3)) == ["0", "1e-4", "2e-4", "3e-4"]
    assert texts(linear_ticks(0, 120_000, 3)) == ["0", "50 k", "100 k"]
    assert texts(linear_ticks(0, 3e6, 3)) == ["0", "1 M", "2 M", "3 M"]


def test_counted_axes_have_whole_ticks_only():
    assert texts(linear_ticks(0, 2, 8, whole=True)) == ["0", "1", "2"]


def test_neighbouring_ticks_never_read_the_same():
    ticks = linear_ticks(0.6234, 0.6239, 5)
    assert len(set(texts(ticks))) == len(ticks) >= 3


@pytest.mark.parametrize(("low", "high"), [(1, 1), (2, 1), (math.nan, 1), (0, math.inf)])
def test_an_empty_or_infinite_range_has_no_ticks(low, high):
    assert linear_ticks(low, high) == log_ticks(low, high) == time_ticks(low, high) == ()


def test_log_ticks_are_decades_with_two_and_five_where_there_is_room():
    assert texts(log_ticks(1e-7, 1e2, 9)) == [
        "1e-7",
        "1e-6",
        "1e-5",
        "1e-4",
        "0.001",
        "0.01",
        "0.1",
        "1",
        "10",
        "100",
    ]
    assert texts(log_ticks(0.1, 10, 6)) == ["0.1", "0.2", "0.5", "1", "2", "5", "10"]
    assert len(log_ticks(1e-30, 1e30, 5)) <= 6


def test_a_narrow_log_axis_falls_back_to_linear_ticks():
    assert texts(log_ticks(0.60, 0.74, 4)) == ["0.60", "0.65", "0.70"]


def test_time_ticks_read_as_a_clock():
    assert texts(time_ticks(0, 3600, 6)) == ["0 min", "10 min", "20 min", "30 min", "40 min", "50 min", "60 min"]
    assert texts(time_ticks(0, 200_000, 3)) == ["0 d", "1 d", "2 d"]
    assert texts(time_ticks(0, 0.4, 4)) == ["0 s", "0.1 s", "0.2 s", "0.3 s", "0.4 s"]


def test_neighbours_on_a_narrow_stretch_of_large_numbers_read_differently():
    assert texts(linear_ticks(113_600, 113_900, 3)) == ["113,600", "113,700", "113,800", "113,900"]
    assert texts(linear_ticks(1.5e24, 1.7e24, 2)) == ["1.5e24", "1.6e24", "1.7e24"]


@given(st.floats(-1e15, 1e15), st.floats(1e-6, 1e6), st.integers(2, 10))
def test_no_two_ticks_of_an_axis_read_the_same(low, share, count):
    high = low + max(abs(low), 1e-9) * share
    ticks = linear_ticks(low, high, count)
    assert len(set(texts(ticks))) == len(ticks)


@given(st.floats(-1e12, 1e12), st.floats(1e-9, 1e12), st.integers(1, 12))
def test_ticks_lie_on_the_axis_and_are_not_too_many(low, span, count):
    high = low + span
    ticks = linear_ticks(low, high, count)
    slack = abs(high - low) * 1e-6
    assert len(ticks) <= count + 1
    assert all(low - slack <= tick.value <= high + slack for tick in ticks)

"""Where values stand on linear, logarithmic and symlog axes, and their ticks."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from inspector.display.curves.scales import axis_ticks, clock_ticks, from_axis, symlog_threshold, to_axis

VALUES = np.array([-1000.0, -1.0, -1e-3, 0.0, 1e-3, 1.0, 1000.0])


def test_values_stand_where_their_logarithm_is_and_nowhere_at_or_below_0():
    places = to_axis(VALUES, "log")
    assert places[4:].tolist() == pytest.approx([-3, 0, 3])
    assert np.isnan(places[:4]).all()


def test_symlog_is_linear_near_0_and_logarithmic_far_from_it():
    """By hand: sign · log10(1 + |v| / t), so 999 t stands at 3 and a hundredth of t close to 0.01 / ln 10."""
    assert to_axis(np.array([999.0, -999.0, 0.0]), "symlog", 1.0).tolist() == pytest.approx([3, -3, 0])
    assert to_axis(np.array([0.01]), "symlog", 1.0)[0] == pytest.approx(0.01 / math.log(10), rel=0.01)
    assert to_axis(np.array([9.99]), "symlog", 0.01)[0] == pytest.approx(3)


@pytest.mark.parametrize("scale", ["linear", "log", "symlog"])
def test_going_to_the_axis_and_back_changes_nothing(scale):
    known = VALUES if scale != "log" else VALUES[VALUES > 0]
    assert from_axis(to_axis(known, scale, 0.1), scale, 0.1) == pytest.approx(known)


def test_the_threshold_is_a_power_of_ten_that_leaves_small_values_apart():
    assert symlog_threshold(np.array([0.0, math.nan, math.inf, *[0.05] * 5, *[500.0] * 5])) == 0.01
    assert symlog_threshold(np.zeros(4)) == 1.0
    assert symlog_threshold(np.zeros(0)) == 1.0


def test_ticks_of_a_logarithmic_axis_stand_at_powers_of_ten_in_its_coordinates():
    ticks = axis_ticks(-6.0, 0.0, 7, "log")
    assert [tick.value for tick in ticks] == pytest.approx([-6, -5, -4, -3, -2, -1, 0])
    assert [tick.text for tick in ticks][:4] == ["1e-6", "1e-5", "1e-4", "0.001"]


def test_ticks_of_a_symlog_axis_stand_on_both_sides_of_0():
    low, high = to_axis(np.array([-1000.0, 1000.0]), "symlog", 1.0)
    ticks = axis_ticks(float(low), float(high), 9, "symlog", threshold=1.0)
    texts = [tick.text for tick in ticks]
    assert "0" in texts
    assert "100" in texts
    assert "−100" in texts
    values = [tick.value for tick in ticks]
    assert values == sorted(values)
    assert len(values) <= 9
    places = dict(zip(texts, values, strict=True))
    assert places["100"] == pytest.approx(math.log10(101))
    assert places["−100"] == -places["100"]


def test_a_symlog_axis_of_one_side_has_ticks_of_that_side():
    low, high = to_axis(np.array([0.0, 1e4]), "symlog", 1.0)
    texts = [tick.text for tick in axis_ticks(float(low), float(high), 8, "symlog")]
    assert texts == ["0", "10", "100", "1,000", "1e4"]
    assert [tick.text for tick in axis_ticks(float(low), float(high), 3, "symlog")] == ["0", "100", "1e4"]


def test_ranges_that_are_none_have_no_ticks():
    for low, high in ((1.0, 1.0), (math.nan, 1.0), (2.0, 1.0), (-400.0, 400.0)):
        assert axis_ticks(low, high, 5, "log") == ()
    assert clock_ticks(5.0, 4.0) == ()
    assert clock_ticks(-1e30, 1e30) == ()


def test_ticks_of_wall_time_stand_at_round_local_times_with_the_date_at_midnight():
    begin = time.mktime((2024, 3, 5, 21, 50, 0, 0, 0, -1))
    ticks = clock_ticks(begin, begin + 4 * 3600, 5)
    assert [tick.text for tick in ticks] == ["22:00", "23:00", "06 Mar", "01:00"]
    assert ticks[0].value == begin + 600
    days = clock_ticks(begin, begin + 4 * 86_400, 5)
    assert [tick.text for tick in days] == ["06 Mar", "07 Mar", "08 Mar", "09 Mar"]
    assert len(clock_ticks(0.0, 30_000_000_000.0, 5)) <= 21


def test_elapsed_and_wall_time_have_their_own_ticks_on_a_linear_axis():
    assert axis_ticks(0.0, 3600.0, 4, kind="time")[-1].text == "60 min"
    assert axis_ticks(1.5e9, 1.5e9 + 60, 4, kind="wall")[0].text.count(":") == 2
    assert [tick.text for tick in axis_ticks(0.0, 3.0, 20, kind="step")] == ["0", "1", "2", "3"]

"""What the soak counts with: lags as who comes at any time would meet them, and a slope that one odd minute leaves."""

from __future__ import annotations

import numpy as np
import pytest

from tests.long.soak import late, rise, verdict


def test_a_long_turn_counts_for_all_that_came_meanwhile() -> None:
    assert late(np.array([0.5, 12.0, 5.0])).tolist() == [0.5, 12.0, 7.0, 2.0, 5.0, 0.0]


def test_half_a_second_in_ten_is_seen_in_the_99th_percentile() -> None:
    turns_ms = np.array([500.0, *[0.1] * 1900])
    assert np.quantile(turns_ms, 0.99) < 1
    assert np.quantile(late(turns_ms), 0.99) == pytest.approx(400, abs=10)


def test_one_odd_minute_makes_no_rise() -> None:
    assert rise([100.0, 100.0, 190.0, 100.0, 100.0, 100.0]) == 0.0
    assert rise([100.0, 102.0, 104.0, 900.0, 108.0, 110.0]) == pytest.approx(10 / 107, rel=0.1)
    assert rise([4.0, 4.0, 4.0]) == 0.0


def test_few_minutes_are_not_judged() -> None:
    row = dict.fromkeys(("rss_mb", "threads", "handles", "children", "widgets", "objects"), 5)
    minute = {**row, "lag_cpu_ms": {"p99": 7.0}}
    assert not verdict([minute] * 7)["judged"]
    found = verdict([minute] * 8)
    assert found["judged"]
    assert set(found["rises"].values()) == {0.0}
    assert found["lag_cpu_p99_ms"] == 7.0

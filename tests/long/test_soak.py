"""What the soak counts with: lags as who comes at any time would meet them, and a slope that one odd minute leaves."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.long import harness
from tests.long.soak import Standing, is_chance, late, rise, verdict


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


def test_a_rise_that_chance_makes_too_is_none() -> None:
    assert is_chance([1105, 1192, 1143, 1174, 1154, 1170])
    assert is_chance([5, 5, 5, 5, 5, 5])
    assert not is_chance([1, 2, 3, 4, 6, 5])


def test_few_minutes_are_not_judged() -> None:
    row = dict.fromkeys(("rss_mb", "threads", "handles", "children", "widgets", "objects"), 5)
    minute = {**row, "lag_cpu_ms": {"p99": 7.0}, "lag_wall_ms": {"p99": 90.0}}
    assert not verdict([minute] * 7)["judged"]
    found = verdict([minute] * 8)
    assert found["judged"]
    assert set(found["rises"].values()) == {0.0}
    assert found["rising"] == []
    assert (found["lag_cpu_p99_ms"], found["lag_wall_p99_ms"]) == (7.0, 90.0)
    assert verdict([{**minute, "handles": 50 + 2 * number} for number in range(8)])["rising"] == ["handles"]


def test_a_window_that_falls_or_hangs_leaves_its_stack() -> None:
    child = "import faulthandler, os, time; faulthandler.enable(); input(); {}"
    falls = ("os.kill(os.getpid(), 11)", 60.0, "ended by SIGSEGV")
    hangs = ("time.sleep(60)", 0.3, "hung and ended by SIGABRT")
    for what, patience_s, how in (falls, hangs):
        standing = Standing((sys.executable, "-c", child.format(what)))
        ended, stack = standing.use(0.0, patience_s)["wrong"]
        standing.close()
        assert ended == f"the window's process {how}"
        assert 'File "<string>", line 1 in <module>' in stack


def test_a_round_that_fails_is_kept_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fall(number: int, figures: dict[str, int]) -> None:
        figures["rounds"] = number + 1
        if number == 2:
            raise AssertionError("the third is too many")

    monkeypatch.setattr(harness, "RESULTS", tmp_path)
    with pytest.raises(AssertionError, match="third"):
        harness.run(harness.Check("falls", "a check that falls", fall, target_rounds=5, quick_rounds=1), minutes=1.0)
    kept = json.loads((tmp_path / "falls.json").read_text())
    assert (kept["rounds"], kept["failed"], kept["figures"]) == (2, "the third is too many", {"rounds": 3})

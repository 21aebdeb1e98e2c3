"""What a reader keeps between two asks changes no scene, and saves reading a curve again."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from inspector.core.pulse import QUIET
from inspector.display.curves import kept as kept_module
from inspector.display.curves.kept import Kept, Smoothing, smoothing_of
from inspector.display.curves.panels import curves_of
from inspector.display.curves.scene import CurvesAsk
from inspector.formats.messages import encode
from inspector.formats.series import Series

STEPS = np.concatenate([np.arange(400.0), np.arange(300.0, 900.0)])
VALUES = np.random.default_rng(0).normal(size=1000)
VALUES[[5, 450, 800]] = [np.nan, np.inf, 1e6]


def grown_to(points: int, starts=(0, 400), values=VALUES) -> Series:
    known = np.array([start for start in starts if start < points], np.int64)
    return Series(tag="loss", steps=STEPS[:points], values=values[:points], starts=known)


def message(series: Series, kept: Kept | None, **changes) -> tuple[bytes, list[bytes]]:
    scene = curves_of([("m", series)], CurvesAsk(paths=(), **changes), QUIET, (), kept)
    body, arrays = encode(scene)
    return body, [array.tobytes() for array in arrays]


@pytest.mark.parametrize("smoothing", [{}, {"smoothing": 0.9}, {"smoothing": 0.9, "smoothing_kind": "median"}], ids=str)
@pytest.mark.parametrize("copied", [False, True])
def test_a_curve_that_grows_gives_the_scenes_of_curves_read_anew(smoothing, copied):
    kept = Kept()
    for points in (10, 16, 300, 400, 401, 460, 461, 1000, 1000):
        values = VALUES.copy() if copied else VALUES
        series = grown_to(points, values=values)
        assert message(series, kept, **smoothing) == message(series, None, **smoothing)


def test_a_curve_that_was_written_anew_is_not_taken_for_the_old_one():
    kept = Kept()
    message(grown_to(1000), kept)
    other = VALUES.copy()
    other[17] = 3.0
    for series in (grown_to(1000, values=other), grown_to(200, values=other), grown_to(1000, starts=(0,))):
        assert message(series, kept) == message(series, None)


def test_a_change_of_what_is_wanted_changes_what_is_shown():
    kept = Kept()
    wanted = ({}, {"smoothing": 0.5}, {"smoothing": 0.6}, {"smoothing_kind": "gaussian", "smoothing": 0.6})
    shown = []
    for changes in (*wanted, {}):
        shown.append(message(grown_to(1000), kept, **changes))
        assert shown[-1] == message(grown_to(1000), None, **changes)
    assert all(one != other for one, other in combinations(shown[:-1], 2))
    assert shown[-1] == shown[0]


def test_smoothing_and_arranging_are_done_once(monkeypatch):
    calls = []
    for name in ("smoothed", "pyramid_of"):
        true = getattr(kept_module, name)
        monkeypatch.setattr(kept_module, name, lambda *args, true=true, name=name: calls.append(name) or true(*args))
    kept = Kept()
    message(grown_to(1000), kept, smoothing=0.5)
    first = len(calls)
    assert first == 2 + 3 + 3  # two attempts; three stretches, as logged and smoothed
    message(grown_to(1000), kept, smoothing=0.5, y_scale="log", filter="loss")
    assert len(calls) == first
    message(grown_to(1000), kept, smoothing=0.7)
    assert len(calls) == first + 2 + 3


def test_what_is_kept_is_bounded(monkeypatch):
    monkeypatch.setattr(kept_module, "_MOST_POINTS", 100)
    kept = Kept()
    zero = np.zeros(1, np.int64)
    for number in range(20):
        kept.curve(("m", f"t{number}", "step", ""), np.arange(40.0), np.ones(40), zero)
    assert len(kept._curves) == 2


@pytest.mark.parametrize(
    ("kind", "amount", "text"),
    [
        ("ema", 0.6, "exponential average of 0.6"),
        ("gaussian", 0.9, "Gaussian mean of 19 points"),
        ("median", 0.99, "median of 199 points"),
        ("ema", 0.0, ""),
        ("median", 0.01, ""),
        ("ema", 5.0, "exponential average of 0.999"),
        ("ema", float("nan"), ""),
    ],
)
def test_a_smoothing_says_what_it_does(kind, amount, text):
    assert smoothing_of(kind, amount).text == text
    assert (smoothing_of(kind, amount) == Smoothing(kind, 0.0)) == (not amount > 0)

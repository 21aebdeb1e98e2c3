"""A place of the x axis in words."""

from __future__ import annotations

from datetime import datetime

import pytest

from inspector.display.x_texts import clock_text, duration_text, x_text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0 s"),
        (0.25, "0.25 s"),
        (59.0, "59 s"),
        (60.0, "1 min 00 s"),
        (185.4, "3 min 05 s"),
        (3_720.0, "1 h 02 min"),
        (183_600.0, "2 d 03 h"),
        (-90.0, "−1 min 30 s"),
        (59.99, "60 s"),
    ],
)
def test_durations_have_two_units(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


def test_a_clock_is_local_and_what_is_no_time_stays_a_number() -> None:
    moment = datetime(2024, 5, 1, 13, 5, 7).astimezone()
    assert clock_text(moment.timestamp()) == "2024-05-01 13:05:07"
    assert clock_text(1e15) == "1e15"


@pytest.mark.parametrize(
    ("x", "axis", "text"),
    [
        (12_400.0, "step", "12,400"),
        (3.25, "epoch", "3.25"),
        (640_000.0, "samples", "640,000"),
        (0.125, "metric", "0.125"),
        (float("nan"), "wall", "NaN"),
        (1e300, "step", "1e300"),
    ],
)
def test_each_axis_has_its_own_words(x: float, axis: object, text: str) -> None:
    assert x_text(x, axis) == text

"""A zoomed view of curves that grow."""

from __future__ import annotations

import pytest

from inspector.views.curves.grid import _gone_on


def test_a_stretch_goes_on_with_the_newest_record_and_keeps_its_width() -> None:
    low, high = _gone_on((50.0, 100.0), 100.0, 120.0)
    assert high - low == pytest.approx(50.0)
    assert 120.0 < high < 125.0


def test_a_stretch_of_the_past_stays_and_one_with_room_stays() -> None:
    assert _gone_on((10.0, 40.0), 100.0, 120.0) == (10.0, 40.0)
    assert _gone_on((50.0, 130.0), 100.0, 120.0) == (50.0, 130.0)
    assert _gone_on((50.0, 130.0), 100.0, float("nan")) == (50.0, 130.0)

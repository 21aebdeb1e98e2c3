"""Many small things are done in their order, none is lost, and no turn is longer than it may be."""

from __future__ import annotations

import pytest

from inspector.views import few_a_turn
from inspector.views.few_a_turn import FewATurn


@pytest.fixture
def few(qtbot):
    return FewATurn()


def test_without_time_each_turn_makes_one_call_and_the_order_stays(qtbot, few, monkeypatch):
    monkeypatch.setattr(few_a_turn, "_TURN_S", 0.0)
    made: list[int] = []
    for number in range(4):
        few.add(number, lambda number=number: made.append(number))
    few.go_on()
    assert made == [0]
    assert few.busy
    qtbot.waitUntil(lambda: not few.busy)
    assert made == [0, 1, 2, 3]


def test_of_one_name_the_newest_call_is_made_where_the_first_one_stood(few, monkeypatch):
    monkeypatch.setattr(few_a_turn, "_TURN_S", 60.0)
    made: list[str] = []
    few.add("a", lambda: made.append("old"))
    few.add("b", lambda: made.append("b"))
    few.add("a", lambda: made.append("new"))
    few.go_on()
    assert made == ["new", "b"]


def test_a_call_that_fails_does_not_keep_the_others_back(qtbot, few):
    made: list[str] = []
    few.add("a", lambda: 1 // 0)
    few.add("b", lambda: made.append("b"))
    with pytest.raises(ZeroDivisionError):
        few.go_on()
    qtbot.waitUntil(lambda: made == ["b"])


def test_what_was_stopped_is_not_done(qtbot, few):
    made: list[str] = []
    few.add("a", lambda: made.append("a"))
    few.stop()
    qtbot.wait(10)
    assert not few.busy
    assert not made

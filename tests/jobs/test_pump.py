"""The pump hears everyone, also where a turn has no time for all."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from inspector.jobs.pump import Pump
from tests.reader.processes import open_descriptors


@pytest.fixture
def pump() -> Iterator[Pump]:
    with closing(Pump()) as pump:
        yield pump


def _always_ready(pump: Pump, count: int) -> tuple[list[int], list[socket.socket]]:
    """Descriptors that stay readable, and who was heard."""
    heard: list[int] = []
    ends: list[socket.socket] = []
    for number in range(count):
        ours, theirs = socket.socketpair()
        theirs.send(b"x")
        ends += [ours, theirs]
        pump.watch(ours.fileno(), lambda number=number: heard.append(number))
    return heard, ends


def test_a_turn_without_time_hears_one_and_the_next_turns_hear_the_others(pump):
    heard, ends = _always_ready(pump, 3)
    for _ in range(6):
        pump.short_turn(0.0)
    assert sorted(heard[:3]) == sorted(heard[3:]) == [0, 1, 2]
    for end in ends:
        end.close()


def test_a_turn_with_time_hears_all_and_makes_all_calls(pump):
    heard, ends = _always_ready(pump, 3)
    called: list[int] = []
    for number in range(5):
        pump.later(lambda number=number: called.append(number))
    pump.turn()
    assert sorted(heard) == [0, 1, 2]
    assert called == [0, 1, 2, 3, 4]
    for end in ends:
        end.close()


def test_calls_for_which_a_turn_has_no_time_are_made_in_order_one_a_turn_and_before_more_is_heard(pump):
    heard, ends = _always_ready(pump, 1)
    called: list[int] = []
    for number in range(3):
        pump.later(lambda number=number: called.append(number))
    for made in range(1, 4):
        assert select.select([pump], [], [], 5.0)[0]
        pump.short_turn(0.0)
        assert called == list(range(made))
    assert not heard
    pump.short_turn(0.0)
    assert heard == [0]
    for end in ends:
        end.close()


def test_a_turn_that_made_every_call_is_not_wanted_again(pump):
    pump.later(lambda: None)
    pump.short_turn(5.0)
    assert not select.select([pump], [], [], 0.0)[0]


def test_a_closed_pump_holds_nothing():
    before = open_descriptors()
    pump = Pump()
    assert open_descriptors() > before
    pump.close()
    assert open_descriptors() == before

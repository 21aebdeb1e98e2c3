"""Cycles are looked for in one thread alone, as often as the interpreter would and no more than it can spare."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

from inspector.core import collector
from inspector.core.collector import Collecting


@pytest.fixture
def rounds() -> Iterator[list[tuple[threading.Thread, int]]]:
    """Of each collection its thread and its generation; the interpreter's collector is on, as it is in a program."""
    seen: list[tuple[threading.Thread, int]] = []

    def note(phase: str, info: dict[str, Any]) -> None:
        if phase == "start":
            seen.append((threading.current_thread(), info["generation"]))

    gc.collect()
    gc.enable()
    gc.callbacks.append(note)
    yield seen
    gc.callbacks.remove(note)
    gc.disable()


class Ring:
    """Refers to itself."""

    def __init__(self) -> None:
        self.itself = self


def make_objects() -> None:
    kept = [[] for _ in range(5000)]
    del kept


def test_another_thread_that_makes_objects_collects_none(rounds):
    collecting = Collecting()
    gone = weakref.ref(Ring())
    other = threading.Thread(target=make_objects)
    other.start()
    other.join()
    assert rounds == []
    assert gone() is not None
    kept = [[] for _ in range(5000)]
    assert rounds == []
    collecting.look()
    assert gone() is None
    assert {thread for thread, _ in rounds} == {threading.main_thread()}
    del kept


def test_without_it_the_other_thread_collects(rounds):
    other = threading.Thread(target=make_objects)
    other.start()
    other.join()
    assert other in {thread for thread, _ in rounds}


def test_nothing_is_looked_through_where_few_objects_were_made(rounds):
    collecting = Collecting()
    gc.collect()
    rounds.clear()
    collecting.look()
    assert rounds == []


def test_all_objects_are_looked_through_when_the_time_allows_it(rounds, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(collector.time, "perf_counter", lambda: clock[0])
    collecting = Collecting()

    def full_rounds(looks: int) -> int:
        rounds.clear()
        for _ in range(looks):
            kept = [[] for _ in range(1000)]
            collecting.look()
            del kept
        return sum(generation == 2 for _, generation in rounds)

    assert full_rounds(40) >= 2

    def slow(_phase: str, info: dict[str, Any]) -> None:
        clock[0] += 0.05 * (info["generation"] == 2)

    gc.callbacks.append(slow)  # told at its start and its end
    try:
        assert full_rounds(80) == 1
        clock[0] += 9.8
        assert full_rounds(80) == 0
        clock[0] += 0.3
        assert full_rounds(20) == 1
    finally:
        gc.callbacks.remove(slow)

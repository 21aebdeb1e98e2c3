"""Cycles are looked for in one thread alone, as often as the interpreter would and no more than it can spare."""

from __future__ import annotations

import ctypes
import gc
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
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


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="the C library is not GNU's")
def test_a_full_collection_gives_freed_memory_back_to_the_system():
    program = (
        "import gc\n"
        "from inspector.core.collector import Collecting\n"
        "from tests.core.test_collector import resident_bytes\n"
        "collecting = Collecting()\n"
        "kept = [bytes(3_000) for _ in range(20_000)]\n"
        "last = bytes(3_000)  # above them, so that the heap cannot shrink by itself\n"
        "full = resident_bytes()\n"
        "del kept\n"
        "freed = resident_bytes()\n"
        "gc.set_threshold(700, 10, 0)\n"
        "gc.collect(1)\n"
        "collecting.look()\n"
        "print(full, freed, resident_bytes())"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    full, freed, given_back = map(int, told.stdout.split())
    assert freed > full - 5_000_000, "the allocator itself gave it back: this shows nothing"
    assert given_back < full - 50_000_000


def resident_bytes() -> int:
    """Memory of this process that lies in RAM."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE")

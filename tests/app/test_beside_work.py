"""Work beside the window's thread gives its result once, and the newest piece is the one that counts."""

from __future__ import annotations

import threading

import pytest

from inspector.app.beside_work import BesideWork


def test_the_result_is_there_once_the_work_is_done_and_the_window_is_told(qtbot):
    told, threads = [], []
    hold = threading.Event()
    beside = BesideWork(told.append)

    def work():
        hold.wait(5)
        threads.append(threading.current_thread())
        return 42

    assert beside.result((1, "a"), work, "run") is None
    hold.set()
    qtbot.waitUntil(lambda: told == ["run"], timeout=5000)
    assert beside.result((1, "a"), work, "run") == 42
    assert threads[0] is not threading.main_thread()
    assert len(threads) == 1


def test_a_newer_piece_takes_the_place_of_an_older_one(qtbot):
    told = []
    hold = threading.Event()
    beside = BesideWork(told.append)
    assert beside.result(1, lambda: hold.wait(5), "old") is None
    assert beside.result(2, lambda: "new", "new") is None
    hold.set()
    qtbot.waitUntil(lambda: told == ["new"], timeout=5000)
    assert beside.result(2, lambda: "again", "new") == "new"


def test_a_fault_of_the_work_is_raised_where_its_result_is_wanted(qtbot):
    told = []
    hold = threading.Event()
    beside = BesideWork(told.append)

    def work():
        hold.wait(5)
        raise ZeroDivisionError

    assert beside.result(1, work, "run") is None
    hold.set()
    qtbot.waitUntil(lambda: told == ["run"], timeout=5000)
    with pytest.raises(ZeroDivisionError):
        beside.result(1, work, "run")

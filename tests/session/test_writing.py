"""What is written by turns: at once where the disk answers, without holding anybody up where it does not."""

from __future__ import annotations

import threading
import time
from functools import partial

import pytest

from inspector.core.outcome import Done
from inspector.session import writing as module
from inspector.session.writing import Writing

LONG_S = 60.0


class Disk:
    """What is written in its order, and a gate that the disk may stand behind."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.answers = threading.Event()

    def write(self, what: str) -> str:
        self.written.append(what)
        return what.upper()

    def hang(self, what: str) -> str:
        assert self.answers.wait(LONG_S)
        return self.write(what)

    def fail(self, what: str) -> str:
        self.hang(what)
        raise OSError(28, "No space left on device")


def test_what_is_written_is_there_before_anything_else_is_done_and_no_thread_stays() -> None:
    writing, disk = Writing(), Disk()
    disk.answers.set()
    for count in range(100):
        assert writing(partial(disk.write, f"{count}")) == Done(f"{count}")
    assert disk.written == [f"{count}" for count in range(100)]
    with pytest.raises(OSError, match="No space"):
        writing(partial(disk.fail, "x"))
    assert writing(lambda: writing(partial(disk.write, "from within"))) == Done(Done("FROM WITHIN"))
    assert writing.finish(LONG_S)
    assert "writing" not in {thread.name for thread in threading.enumerate()}


def test_a_disk_that_hangs_holds_nobody_up_and_gets_all_in_order_when_it_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    writing, disk = Writing(), Disk()
    assert writing.held_s == 0.0
    monkeypatch.setattr(module, "PATIENCE_S", 0.0)
    assert writing(partial(disk.hang, "first")) is None
    monkeypatch.setattr(module, "PATIENCE_S", LONG_S)
    begun_s = time.thread_time()
    for what in ("second", "session", "third", "session again"):
        assert writing(partial(disk.write, what), instead_of=what[:7] if "session" in what else "") is None
    writing.later(partial(disk.write, "fourth"))
    assert time.thread_time() - begun_s < 1.0
    assert disk.written == []
    assert writing.held_s > 0.0
    assert not writing.finish(0.0)
    disk.answers.set()
    assert writing.finish(LONG_S)
    assert disk.written == ["first", "second", "third", "session again", "fourth"], "the newer in place of the older"
    assert writing.held_s == 0.0
    assert writing(partial(disk.write, "fifth")) == Done("FIFTH"), "and it is waited for again"


@pytest.mark.logs
def test_what_could_not_be_written_when_nobody_waited_any_more_is_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    writing, disk = Writing(), Disk()
    monkeypatch.setattr(module, "PATIENCE_S", 0.0)
    assert writing(partial(disk.fail, "lost")) is None
    disk.answers.set()
    assert writing.finish(LONG_S)
    assert "No space left on device" in caplog.text


def test_what_nobody_waits_for_is_bounded_and_where_there_can_be_no_thread_all_is_written_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    writing, disk = Writing(), Disk()
    monkeypatch.setattr(module, "PATIENCE_S", 0.0)
    assert writing(partial(disk.hang, "first")) is None
    for count in range(2 * module._MOST_LATER):
        writing.later(partial(disk.write, f"{count}"))
    disk.answers.set()
    assert writing.finish(LONG_S)
    assert len(disk.written) in {module._MOST_LATER, 1 + module._MOST_LATER}, "the first may have been begun or not"

    def none(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", none)
    assert writing(partial(disk.write, "alone")) == Done("ALONE")


def test_a_thread_that_waits_for_the_processor_is_waited_for_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    writing, disk = Writing(), Disk()
    looks = iter(range(5))

    def works(_thread: threading.Thread) -> bool:
        if next(looks, None) is None:
            disk.answers.set()
        return True

    monkeypatch.setattr(module, "works", works)
    monkeypatch.setattr(module, "PATIENCE_S", 1e-3)
    monkeypatch.setattr(module, "_SINCE_IT_WORKED_S", LONG_S)
    monkeypatch.setattr(module, "_BUSY_S", LONG_S)
    assert writing(partial(disk.hang, "late")) == Done("LATE")

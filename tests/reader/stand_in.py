"""A launcher whose readers answer what the tests need; run as `python -I stand_in.py FD`."""

from __future__ import annotations

import ctypes
import os
import socket
import sys
import time
from pathlib import Path

import msgspec
import numpy as np

from inspector.core.errors import DamagedError
from inspector.core.pulse import Pulse
from inspector.display.offer import Fit, Offer, Verdict
from inspector.reader.answers import ANSWERS, Answer, Desk, SpareWork
from inspector.reader.launcher import Launcher, warm


class Text(msgspec.Struct, frozen=True):
    text: str = ""


class Count(msgspec.Struct, frozen=True):
    count: int


def echo(_desk: Desk, body: Text, _pulse: Pulse) -> str:
    return body.text


def pid(_desk: Desk, _body: Text, _pulse: Pulse) -> int:
    return os.getpid()


def beating(_desk: Desk, body: Count, pulse: Pulse) -> int:
    """Beats for so many ms, a hundred times between moments of rest; says how often."""
    until = time.monotonic() + body.count / 1000
    beats = 0
    while time.monotonic() < until:
        pulse.beat(beats, 0, "working")
        beats += 1
        if beats % 100 == 0:
            time.sleep(0.01)
    return beats


def deaf(_desk: Desk, _body: Text, _pulse: Pulse) -> str:
    """Works in C and never beats."""
    ctypes.CDLL(None).sleep(3600)
    return "woke"


def spin(_desk: Desk, _body: Text, _pulse: Pulse) -> str:
    while True:
        pass


def burn(_desk: Desk, body: Count, _pulse: Pulse) -> int:
    """Uses so many ms of processor time."""
    until = time.process_time() + body.count / 1000
    while time.process_time() < until:
        pass
    return body.count


def crash(_desk: Desk, _body: Text, _pulse: Pulse) -> str:
    return ctypes.string_at(0).decode()


def damaged(desk: Desk, _body: Text, _pulse: Pulse) -> str:
    raise DamagedError(desk.paths[0], "an index", "nothing")


def surprise(_desk: Desk, _body: Text, _pulse: Pulse) -> str:
    return {}["missing"]


def shout(_desk: Desk, body: Count, _pulse: Pulse) -> str:
    raise ValueError("x" * body.count)


def nested(_desk: Desk, body: Text, pulse: Pulse) -> str:
    return nested(_desk, body, pulse)


def bomb(_desk: Desk, body: Count, _pulse: Pulse) -> int:
    return int(np.ones(body.count, np.uint8)[-1])


def arrays(_desk: Desk, body: Count, _pulse: Pulse) -> dict[str, np.ndarray]:
    return {"ramp": np.arange(body.count, dtype=np.int64), "none": np.zeros((0, 3), np.float32)}


def first_line(desk: Desk, _body: Text, _pulse: Pulse) -> str:
    return desk.paths[0].read_text()


def other_file(_desk: Desk, body: Text, _pulse: Pulse) -> str:
    return Path(body.text).read_text()


def long_text(_desk: Desk, body: Count, _pulse: Pulse) -> str:
    return "x" * body.count


def unsendable(_desk: Desk, _body: Text, _pulse: Pulse) -> object:
    return object()


def fill(desk: Desk, body: Count, pulse: Pulse) -> int:
    """Writes so many MB, each after a beat and a moment."""
    assert desk.output is not None
    for done in range(body.count):
        pulse.beat(done, body.count, "filling")
        os.write(desk.output, bytes(1_000_000))
        time.sleep(0.002)
    return body.count


def fill_and_crash(desk: Desk, body: Count, pulse: Pulse) -> str:
    """Dies in the middle of its file."""
    fill(desk, body, pulse)
    return crash(desk, Text(), pulse)


def output(desk: Desk, _body: Text, _pulse: Pulse) -> int | None:
    """The inode of the file that it is to write."""
    return None if desk.output is None else os.fstat(desk.output).st_ino


SPARE_WORK: list[str] = []


def begin_spare() -> None:
    SPARE_WORK.append("begun")


def stop_spare() -> None:
    SPARE_WORK.append("stopped")


def spare(_desk: Desk, _body: Text, _pulse: Pulse) -> list[str]:
    """What became of the work between requests so far."""
    return SPARE_WORK


PREPARED: list[int] = []


def prepare(ask: Count, pulse: Pulse) -> None:
    """Stands for a viewer's."""
    pulse.beat()
    PREPARED.append(ask.count)
    if ask.count < 0:
        raise KeyError(ask.count)


VIEWER = Offer(
    key="stand in",
    title="",
    judge=lambda _run: Verdict(Fit.NO, ""),
    ask=lambda _run, _state, _view: None,
    ask_type=Count,
    scene_type=Text,
    prepare=__name__,
    next_ask=lambda ask, before: Count(ask.count + (1 if before is None else ask.count - before.count)),
)


def follow(desk: Desk, body: Count, _pulse: Pulse) -> str:
    """As if a view of this had been shown."""
    desk.ahead.follow(VIEWER, body)
    return ""


def prepared(_desk: Desk, _body: Text, _pulse: Pulse) -> list[int]:
    """What was prepared between requests so far."""
    return PREPARED


TEST_ANSWERS = {
    **ANSWERS,
    "echo": Answer(Text, echo, "echoing"),
    "pid": Answer(Text, pid, "telling its pid"),
    "spare": Answer(Text, spare, "telling", spare=SpareWork(begin_spare, stop_spare)),
    "follow": Answer(Count, follow, "following"),
    "prepared": Answer(Text, prepared, "telling"),
    "beating": Answer(Count, beating, "beating"),
    "deaf": Answer(Text, deaf, "sleeping"),
    "spin": Answer(Text, spin, "spinning", cpu_s=1),
    "burn": Answer(Count, burn, "burning", cpu_s=1),
    "crash": Answer(Text, crash, "crashing"),
    "damaged": Answer(Text, damaged, "reading"),
    "surprise": Answer(Text, surprise, "reading"),
    "shout": Answer(Count, shout, "reading"),
    "nested": Answer(Text, nested, "descending"),
    "bomb": Answer(Count, bomb, "unpacking"),
    "arrays": Answer(Count, arrays, "counting"),
    "first_line": Answer(Text, first_line, "reading"),
    "other_file": Answer(Text, other_file, "reading another file"),
    "long_text": Answer(Count, long_text, "writing"),
    "fill": Answer(Count, fill, "writing its copy"),
    "fill_and_crash": Answer(Count, fill_and_crash, "writing its copy"),
    "output": Answer(Text, output, "telling its output"),
    "unsendable": Answer(Text, unsendable, "giving"),
}


if __name__ == "__main__":
    warm()
    Launcher(socket.socket(fileno=int(sys.argv[1])), TEST_ANSWERS).run()

"""Real launchers and readers for tests: the stand-in's answers, waited for with a bound."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from inspector.core.outcome import Outcome
from inspector.jobs.readers import Launcher, Reader

COMMAND = [sys.executable, "-I", str(Path(__file__).with_name("stand_in.py"))]

BOUND_S = 60.0
"""Far beyond what anything here takes; a test that gets there hangs."""


def wait_until(launcher: Launcher, reached: Callable[[], object]) -> None:
    """Turn until something holds."""
    until = time.monotonic() + BOUND_S
    while not reached():
        assert time.monotonic() < until, "it never came"
        launcher.wait(1.0)


def answer(reader: Reader, kind: str, answer_type: type = str, **body: Any) -> Outcome[Any]:
    """The outcome of one request to a reader of the stand-in."""
    outcomes: list[Outcome[Any]] = []
    reader.ask(kind, body, answer_type, outcomes.append)
    assert isinstance(reader.launcher, Launcher)
    wait_until(reader.launcher, lambda: outcomes)
    return outcomes[0]


def alive(pid: int) -> bool:
    """Whether a process still runs; one that only waits for a stranger to bury it does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_gone(*pids: int) -> None:
    """Wait until none of these processes runs; the system needs a moment to take them away."""
    until = time.monotonic() + BOUND_S
    while left := [pid for pid in pids if alive(pid)]:
        assert time.monotonic() < until, f"{left} still run"
        time.sleep(0.01)


def open_descriptors(pid: int | str = "self") -> int:
    """How many descriptors a process holds."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))

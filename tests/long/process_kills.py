"""Kill -9 of a window, a supervisor, its guardian or a trainer at a random moment: nothing that they started is left.

The window is the real one, off screen, with the bundled run open. Beside it a trainer is at work under its supervisor
with four processes of its own that hear no SIGTERM. All that is orphaned becomes a child of this process, so that
nothing can hide.
"""

from __future__ import annotations

import ctypes
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from inspector.formats.run_folder import ALIVE_FILE
from inspector.jobs.descendants import descendants
from inspector.jobs.reach import reach
from inspector.jobs.supervisor import HEARTBEAT_S
from inspector.jobs.trainers import attach
from tests.long.harness import Check, Figures
from tests.reader.processes import BOUND_S, alive

_SUBREAPER = 36
_MOST_S = 1.5
_GONE_S = 5.0
"""What is promised."""

_WINDOW = """
import sys
from pathlib import Path
from inspector.app.launch import first_window, start_qt
application = start_qt("offscreen")
from inspector.core.resources import resource
from inspector.jobs.trainers import start
from inspector.session.values import State
window = first_window(application, State(), remember=False)
window.open_paths((str(resource("sample_run")),))
run, program, choice = sys.argv[1:]
handle = start([sys.executable, "-I", "-c", program, run, choice], Path(run), keep_running=choice == "keep")
print(handle.pid, flush=True)
application.exec()
"""

_TRAINER = """
import json, os, pathlib, signal, subprocess, sys, time
run = pathlib.Path(sys.argv[1])
deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(3600)"
for away in (False, False, True, True):
    subprocess.Popen([sys.executable, "-I", "-c", deaf], start_new_session=away)
def stop(*_):
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
record = {"id": "1", "name": "run", "recipe": "slots", "seed": 0, "host": "here", "started": time.time()}
(run / "run.json").write_text(json.dumps(record))
(run / "begun").write_text(str(os.getpid()))
time.sleep(3600)
"""

_VICTIMS = ("window", "keep", "supervisor", "window", "guardian", "keep", "trainer")


@contextmanager
def _heir() -> Iterator[Callable[[], list[int]]]:
    """Orphans come to this process; gives a function that lists all that lives below it and was not there before."""
    system = ctypes.CDLL(None)
    system.prctl(_SUBREAPER, 1, 0, 0, 0)
    before = set(descendants(os.getpid()))

    def living() -> list[int]:
        return [pid for pid in descendants(os.getpid()) if pid not in before and alive(pid)]

    try:
        yield living
    finally:
        for pid in living():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        system.prctl(_SUBREAPER, 0, 0, 0, 0)
        for pid in descendants(os.getpid()):
            if pid not in before:
                with suppress(ChildProcessError):
                    os.waitpid(pid, 0)


def _wait(reached: Callable[[], Any], most_s: float = BOUND_S) -> float:
    began_s = time.monotonic()
    while not reached() and time.monotonic() - began_s < most_s:
        time.sleep(0.02)
    return time.monotonic() - began_s


def round_of(number: int, figures: Figures) -> None:
    """One kill."""
    victim = _VICTIMS[number % len(_VICTIMS)]
    with tempfile.TemporaryDirectory(prefix="process-kills-") as place, _heir() as living:
        run = Path(place) / "run"
        run.mkdir()
        window = subprocess.Popen(
            [sys.executable, "-c", _WINDOW, str(run), _TRAINER, victim],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"RUN_INSPECTOR_HOME": str(Path(place) / "home")},
        )
        assert window.stdout is not None
        guardian = int(window.stdout.readline())
        window.stdout.close()
        _wait(lambda: (run / "begun").exists() and (run / "begun").read_text())
        supervisor, trainer = descendants(guardian)[0], int((run / "begun").read_text())
        time.sleep(random.Random(number).uniform(0.0, _MOST_S))
        most = len(living())
        assert most >= 8, "window, guardian, supervisor, trainer and its four are not all at work"
        killed = {"guardian": guardian, "supervisor": supervisor, "trainer": trainer}.get(victim, window.pid)
        os.kill(killed, signal.SIGKILL)
        if killed != window.pid:
            # What stays with the window, its readers and those who ask it, is no concern of the trainer's.
            theirs = (guardian, supervisor, trainer)
            gone_s = _wait(lambda: not any(map(alive, theirs)) and not _workers(living()), _GONE_S)
            assert not (left := _workers(living())), f"{len(left)} of the trainer's are left"
            os.kill(window.pid, signal.SIGKILL)
        elif victim == "keep":
            window.wait()
            _wait(lambda: (run / ALIVE_FILE).exists(), HEARTBEAT_S * 2)  # the trainer may have begun just now
            handle = attach(run)
            assert handle is not None, "the trainer that was to go on was not found again"
            assert handle.poll() is None
            figures["found again"] = figures.get("found again", 0) + 1
            handle.stop()
            handle.wait(BOUND_S)
            handle.close()
            reach.close()  # the child that this process asked
            gone_s = 0.0
        else:
            gone_s = 0.0
        window.wait()
        gone_s = max(gone_s, _wait(lambda: not living(), _GONE_S))
        assert not (left := living()), f"after the kill of the {victim}: {[_name(pid) for pid in left]}"
    kind = "window" if victim == "keep" else victim
    figures[f"kills of a {kind}"] = figures.get(f"kills of a {kind}", 0) + 1
    figures["processes"] = figures.get("processes", 0) + most
    figures["longest_s"] = round(max(figures.get("longest_s", 0.0), gone_s), 2)


def _name(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")[:200]
    return "gone"


def _workers(pids: list[int]) -> list[int]:
    return [pid for pid in pids if "time.sleep" in _name(pid) and "first_window" not in _name(pid)]


CHECK = Check(
    name="process_kills",
    title="kill -9 of windows, supervisors, guardians, trainers with four deaf workers: what is left after 5 seconds",
    round=round_of,
    target_rounds=350,
    quick_rounds=1,
    skip=lambda: "" if Path("/proc/self/stat").exists() else "processes are counted in /proc",
)
"""Of each seven, four kill a window, two of those with a trainer that is to keep running."""

"""A run opened, looked at and closed five hundred times in one window: what each cycle leaves.

`python -m tests.long.open_close CYCLES` is the window's own process; it prints what it counted.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.long.harness import Check, Figures
from tests.long.live_follow import children

_CYCLES, _QUICK_CYCLES = 500, 3
_SETTLED = 50
"""Cycles after which what is kept on purpose is there."""

_MOST_KB = 20.0
_PATIENCE_S = 60.0
_PAGE_KB = os.sysconf("SC_PAGE_SIZE") / 1024


def window_cycles(cycles: int, scratch: Path) -> dict[str, Any]:
    """Open and close the bundled run so often, each time with the next of the tabs, and count after each."""
    from inspector.app.launch import first_window, start_qt

    application = start_qt("offscreen")
    from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, qInstallMessageHandler

    from inspector.app.tabs import TABBED
    from inspector.core.resources import resource
    from inspector.session.intents import RunClosed, TabChosen
    from inspector.session.values import State

    warnings: list[str] = []
    qInstallMessageHandler(lambda _kind, _context, text: warnings.append(text))
    window = first_window(application, State(), remember=False)
    window.show()
    desk, sample = window.desk, str(resource("sample_run"))

    def wait(reached: Callable[[], object]) -> None:
        until_s = time.monotonic() + _PATIENCE_S
        while not reached():
            assert time.monotonic() < until_s, "the window never came to rest"
            application.processEvents()
            time.sleep(0.001)

    def is_settled() -> bool:
        return not desk.opening and not desk.busy and not window.tabs.view(desk.state.tab).pending()

    def readers() -> int:
        return len(children(desk._launcher.pid)) if desk._launcher.pid else 0

    counts: list[dict[str, float]] = []
    for cycle in range(cycles):
        window.open_paths((sample,))
        wait(lambda: desk.chosen() is not None)
        desk.dispatch(TabChosen(TABBED[cycle % len(TABBED)].key))
        wait(is_settled)
        application.processEvents()  # it is painted
        desk.dispatch(RunClosed(sample))
        wait(lambda: readers() == 0 and not desk.busy)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()
        launcher = desk._launcher.pid
        assert launcher is not None
        parts: tuple[QObject, ...] = (window, desk)
        counts.append(
            {
                "memory_kb": _resident_kb("self"),
                "memory of the launcher_kb": _resident_kb(launcher),
                "descriptors": len(list(Path("/proc/self/fd").iterdir())),
                "descriptors of the launcher": len(list(Path(f"/proc/{launcher}/fd").iterdir())),
                "threads": len(list(Path("/proc/self/task").iterdir())),
                "threads of Python": threading.active_count(),
                "child processes": len(children(os.getpid())),
                "widgets": len(application.allWidgets()),
                "top levels": len(application.topLevelWidgets()),
                "objects of Qt": sum(len(part.findChildren(QObject)) for part in parts),
                "timers": sum(one.isActive() for part in parts for one in part.findChildren(QTimer)),
                "files": sum(path.is_file() for path in scratch.rglob("*")),
            }
        )
    window.close()
    return {"counts": counts, "warnings": warnings}


def _resident_kb(process: object) -> float:
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * _PAGE_KB


def _grown(values: list[float], tabs: int) -> int:
    """By how much the last round of all tabs has more than the first that is counted."""
    return int(max(values[-tabs:]) - max(values[:tabs]))


def _slope(values: list[float]) -> float:
    """By how much values rise from one cycle to the next, by least squares."""
    return round(float(np.polyfit(np.arange(len(values)), values, 1)[0]), 2)


def round_of(number: int, figures: Figures) -> None:
    """The first round is short."""
    cycles = _CYCLES if number else _QUICK_CYCLES
    with tempfile.TemporaryDirectory(prefix="open-close-") as place:
        scratch = Path(place)
        answer = subprocess.run(
            [sys.executable, "-m", "tests.long.open_close", str(cycles), place],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"RUN_INSPECTOR_HOME": str(scratch / "home"), "TMPDIR": place},
        )
        assert answer.returncode == 0, answer.stderr[-3000:]
    told = json.loads(answer.stdout.splitlines()[-1])
    first = min(_SETTLED, cycles // 2)
    counts = {key: [row[key] for row in told["counts"][first:]] for key in told["counts"][0]}
    memory, launcher = counts.pop("memory_kb"), counts.pop("memory of the launcher_kb")
    found: Figures = {
        "cycles": cycles,
        "memory_mb": [round(memory[0] / 1024, 1), round(memory[-1] / 1024, 1)],
        "more_kb_a_cycle": _slope(memory),
        "more_kb_a_cycle_of_the_launcher": _slope(launcher),
        "warnings": len(told["warnings"]),
        "more": {key: _grown(values, min(12, len(values) // 2)) for key, values in counts.items()},
    }
    figures["whole" if number else "quick"] = found
    assert not told["warnings"], told["warnings"][:5]
    if number:
        assert max(found["more_kb_a_cycle"], found["more_kb_a_cycle_of_the_launcher"]) <= _MOST_KB, found
        assert not any(more > 0 for more in found["more"].values()), found


CHECK = Check(
    name="open_close",
    title="a run opened, looked at and closed 500 times in one window: memory, and whatever else could be left",
    round=round_of,
    target_rounds=2,
    quick_rounds=1,
    skip=lambda: "" if Path("/proc/self/statm").exists() else "what a window holds is read in /proc",
)

if __name__ == "__main__":
    print(json.dumps(window_cycles(int(sys.argv[1]), Path(sys.argv[2]))))

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
    from PySide6.QtCore import QCoreApplication, QEvent, QTimer, qInstallMessageHandler

    from inspector.app.tabs import TABBED
    from inspector.core.resources import resource
    from inspector.session.intents import RunClosed, TabChosen
    from inspector.session.values import State

    warnings: list[str] = []
    qInstallMessageHandler(lambda _kind, _context, text: warnings.append(text))
    window = first_window(application, State(), remember=False)
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
        launcher = desk._launcher.pid
        return len(Path(f"/proc/{launcher}/task/{launcher}/children").read_text().split()) if launcher else 0

    counts: list[dict[str, float]] = []
    for cycle in range(cycles):
        window.open_paths((sample,))
        wait(lambda: desk.chosen() is not None)
        desk.dispatch(TabChosen(TABBED[cycle % len(TABBED)].key))
        wait(is_settled)
        desk.dispatch(RunClosed(sample))
        wait(lambda: readers() == 0 and not desk.busy)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()
        counts.append(
            {
                "memory_kb": int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_KB,
                "descriptors": len(list(Path("/proc/self/fd").iterdir())),
                "threads": len(list(Path("/proc/self/task").iterdir())),
                "threads of Python": threading.active_count(),
                "widgets": len(application.allWidgets()),
                "top levels": len(application.topLevelWidgets()),
                "timers": len([one for one in window.findChildren(QTimer) if one.isActive()]),
                "files": sum(path.is_file() for path in scratch.rglob("*")),
            }
        )
    window.close()
    return {"counts": counts, "warnings": warnings}


def _grown(values: list[float], tabs: int) -> int:
    """By how much the last round of all tabs has more than the first that is counted."""
    return int(max(values[-tabs:]) - max(values[:tabs]))


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
    memory = counts.pop("memory_kb")
    found: Figures = {
        "cycles": cycles,
        "memory_mb": [round(memory[0] / 1024, 1), round(memory[-1] / 1024, 1)],
        "more_kb_a_cycle": round(float(np.polyfit(np.arange(len(memory)), memory, 1)[0]), 2),
        "warnings": len(told["warnings"]),
        "more": {key: _grown(values, min(12, len(values) // 2)) for key, values in counts.items()},
    }
    figures["whole" if number else "quick"] = found
    assert not told["warnings"], told["warnings"][:5]
    if number:
        assert found["more_kb_a_cycle"] <= _MOST_KB, found
        assert not any(more > 0 for more in found["more"].values()), found


CHECK = Check(
    name="open_close",
    title="a run opened and closed 500 times in one window: memory, descriptors, threads, timers, widgets, files",
    round=round_of,
    target_rounds=2,
    quick_rounds=1,
    skip=lambda: "" if Path("/proc/self/statm").exists() else "what a window holds is read in /proc",
)

if __name__ == "__main__":
    print(json.dumps(window_cycles(int(sys.argv[1]), Path(sys.argv[2]))))

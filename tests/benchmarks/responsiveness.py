"""`python -m tests.benchmarks.responsiveness [FILE]`: the window's worst pause while it opens a large checkpoint.

The window is the real one, off screen; a timer of 1 ms tells how long each turn of the event loop took, and how much
of that the window itself worked; the rest it waited for a processor.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from inspector.app.launch import start_qt
from tests.benchmarks.checkpoints import make_checkpoint

_LARGE_MATRIX = 819 * 1024
_PATIENCE_S = 300.0


def measure(path: Path) -> str:
    """One line: the worst and the usual pause, from the order to open until all statistics are there."""
    application = start_qt("offscreen")
    from PySide6.QtCore import QTimer

    from inspector.app.desk import Desk
    from inspector.app.window import Window
    from inspector.session.intents import TabChosen
    from inspector.session.values import State
    from inspector.views.theme import apply_theme

    apply_theme(application, "dark")
    desk = Desk(State())
    window = Window(desk, remember=False)
    window.show()
    application.processEvents()
    gaps_ms: list[float] = []
    works_ms: list[float] = []
    last, worked = time.perf_counter(), time.thread_time()
    marks: dict[str, float] = {}

    def turn() -> None:
        nonlocal last, worked
        now, used = time.perf_counter(), time.thread_time()
        gaps_ms.append((now - last) * 1000)
        works_ms.append((used - worked) * 1000)
        last, worked = now, used

    def mark(name: str, *_told: object) -> None:
        marks.setdefault(name, time.perf_counter())

    timer = QTimer()
    timer.setInterval(1)
    timer.timeout.connect(turn)
    desk.run_changed.connect(partial(mark, "opened"))
    desk.scene_ready.connect(partial(mark, "first view"))
    desk.summarized.connect(partial(mark, "statistics"))
    began = last = time.perf_counter()
    worked = time.thread_time()
    timer.start()
    desk.dispatch(TabChosen("weights"))
    desk.open((str(path),))
    desk.summarize("key", str(path))
    while "statistics" not in marks or "first view" not in marks or desk.busy:
        application.processEvents()
        time.sleep(0.0005)
        if time.perf_counter() - began > _PATIENCE_S:
            break
    timer.stop()
    window.close()
    told = ", ".join(f"{name} after {when - began:.2f} s" for name, when in marks.items())
    return (
        f"worst pause {max(gaps_ms):.0f} ms, median {statistics.median(gaps_ms):.1f} ms, "
        f"{sum(gap > 50 for gap in gaps_ms)} above 50 ms of {len(gaps_ms):,}; "
        f"worst work of the window itself {max(works_ms):.0f} ms; {told}; load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["RUN_INSPECTOR_HOME"] = folder
        given = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "checkpoint.pt"
        if len(sys.argv) == 1:
            make_checkpoint(given, matrix_elements=_LARGE_MATRIX)
        print(measure(given))

"""`python -m tests.benchmarks.comparison [RUNS [POINTS [OUT.png]]]`: many long runs side by side in the window.

Makes RUNS run folders of one curve of POINTS records, opens all of them off screen, compares them, and prints how long
that took, what memory it takes, how long a frame is while the card is panned, and the longest time that the window did
not answer. With OUT.png the window is painted into a picture, to be looked at.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from inspector.app.desk import Desk
from inspector.app.launch import start_qt
from inspector.app.pictures import png_of, save_bytes
from inspector.app.window import Window
from inspector.display.curves.export_forms import number_texts
from inspector.session.intents import RunChosen, RunsCompared
from inspector.session.values import State
from inspector.views.theme import apply_theme

_HEARTBEAT_MS = 2
_FRAMES = 60
_PATIENCE_S = 600.0


def make_runs(folder: Path, runs: int, points: int) -> list[Path]:
    """Run folders, each with a `metrics.csv` of a falling, noisy loss with a few spikes."""
    steps = number_texts(np.arange(points, dtype=np.float64))
    made = []
    for run in range(runs):
        rng = np.random.default_rng(run)
        values = np.exp(-np.arange(points) / points * (2 + run / runs)) + 0.02 * rng.standard_normal(points)
        values[rng.integers(0, points, 5)] += 0.5
        place = folder / f"run_{run:02d}"
        place.mkdir()
        rows = b"\n".join(map(b",".join, zip(steps, number_texts(values), strict=True)))
        (place / "metrics.csv").write_bytes(b"step,train/loss\n" + rows + b"\n")
        made.append(place)
    return made


class Heart:
    """How long the window's loop did not turn."""

    def __init__(self) -> None:
        self.longest_s = 0.0
        self._last_s = time.perf_counter()
        self._timer = QTimer(interval=_HEARTBEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        now_s = time.perf_counter()
        self.longest_s = max(self.longest_s, now_s - self._last_s)
        self._last_s = now_s


def memory_mb() -> tuple[float, float]:
    """Proportional memory of this process, and of all that it started, in MB."""
    own = os.getpid()
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    tree = {own}
    while more := {pid for pid, parent in parents.items() if parent in tree} - tree:
        tree |= more
    return _share_mb(own), sum(_share_mb(pid) for pid in tree - {own})


def _share_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1000 for line in lines if line.startswith("Pss:")), 0.0)


def measure(runs: int, points: int, out: str = "") -> dict[str, float]:
    """Open, compare and pan; the figures by what they are of."""
    app = start_qt("offscreen")
    apply_theme(app, "dark")
    with tempfile.TemporaryDirectory(prefix="runs-") as folder:
        paths = make_runs(Path(folder), runs, points)
        window = Window(Desk(State(tab="curves")), remember=False, keep_tab=True)
        window.resize(1600, 1000)
        window.show()
        try:
            return _measured(app, window, paths, out)
        finally:
            window.close()


def _measured(app: QApplication, window: Window, paths: list[Path], out: str) -> dict[str, float]:
    desk = window.desk
    heart = Heart()
    began_s, cpu_s = time.perf_counter(), time.process_time()
    for path in paths:
        desk.open((str(path),))
    _turn_until(app, lambda: not desk.opening)
    opening_stall_s, heart.longest_s = heart.longest_s, 0.0
    opened_s = time.perf_counter() - began_s
    keys = [run.key for run in desk.state.runs]
    assert len(keys) == len(paths), window.messages.sentences()
    desk.dispatch(RunChosen(keys[0]))
    desk.dispatch(RunsCompared(tuple(keys[1:])))
    view = window.tabs.view("curves")

    def whole() -> bool:
        scene = view.scene
        lines = sum(len(panel.lines) for panel in scene.panels) if scene is not None else 0
        return lines == len(paths) and not desk.busy and not view.pending()

    _turn_until(app, whole)
    shown_s, window_cpu_s = time.perf_counter() - began_s, time.process_time() - cpu_s
    stall_s = heart.longest_s
    if out:
        save_bytes(png_of(window.grab()), out)
    canvas = view.grid().canvases()[0]
    low, high = canvas.x_range()
    frames: list[float] = []
    for frame in range(_FRAMES):
        left = low + (high - low) * frame / _FRAMES / 2
        start_s = time.process_time()
        canvas.set_x_range(left, left + (high - low) / 2)
        canvas.repaint()
        frames.append(time.process_time() - start_s)
    own_mb, readers_mb = memory_mb()
    return {
        "opened, s": opened_s,
        "all curves shown, s": shown_s,
        "CPU of the window until then, s": window_cpu_s,
        "longest stall while opening, ms": opening_stall_s * 1e3,
        "longest stall while comparing, ms": stall_s * 1e3,
        "frame while panning, median CPU ms": statistics.median(frames) * 1e3,
        "slowest frame, CPU ms": max(frames) * 1e3,
        "memory of the window, MB": own_mb,
        "memory of the readers, MB": readers_mb,
    }


def _turn_until(app: QApplication, ready: Callable[[], bool]) -> None:
    give_up_s = time.perf_counter() + _PATIENCE_S
    while not ready():
        assert time.perf_counter() < give_up_s, "it takes too long"
        app.processEvents()
        time.sleep(0.001)


if __name__ == "__main__":
    wanted = [int(argument) for argument in sys.argv[1:3]]
    count, length = (*wanted, *(50, 200_000)[len(wanted) :])
    for name, value in measure(count, length, *sys.argv[3:4]).items():
        print(f"{name:<38} {value:10.1f}")

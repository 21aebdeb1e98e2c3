"""`python -m tests.benchmarks.comparison [RUNS [POINTS [OUT.png]]]`: many long runs side by side in the window.

Makes RUNS run folders of one curve of POINTS records, opens all of them off screen, compares them, pans, points,
smooths and closes one. Prints, action by action, the longest turn of the window's event loop, then how long opening
took, what memory it takes, and how long a panned frame is. With OUT.png the window is painted into a picture, to be
looked at.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from inspector.app.launch import first_window, start_qt
from inspector.app.pictures import png_of, save_bytes
from inspector.app.window import Window
from inspector.display.curves.export_forms import number_texts
from inspector.session.intents import RunChosen, RunClosed, RunCompared, RunsCompared, ViewChanged
from inspector.session.values import State
from inspector.views.canvas import CurveCanvas
from tests.benchmarks.pauses import HEADING, Pauses

_FRAMES = 60
_TICK_MS = 15


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


class Steps:
    """Something done a little at a time, as a hand does it."""

    def __init__(self, steps: Iterator[object]) -> None:
        self._steps = steps
        self.busy = True
        self._timer = QTimer(interval=_TICK_MS)
        self._timer.timeout.connect(self._go_on)
        self._timer.start()

    def _go_on(self) -> None:
        if next(self._steps, self) is self:
            self.busy = False
            self._timer.stop()


def measure(runs: int, points: int, out: str = "") -> None:
    """Open, compare, pan, point, smooth and close; print what it took."""
    app = start_qt("offscreen")
    with tempfile.TemporaryDirectory(prefix="runs-") as folder:
        paths = make_runs(Path(folder), runs, points)
        window = first_window(app, State(tab="curves"), remember=False)
        window.resize(1600, 1000)
        try:
            _measure(window, paths, out)
        finally:
            window.close()


def _measure(window: Window, paths: list[Path], out: str) -> None:
    desk, pauses = window.desk, Pauses()
    wanted = len(paths)
    hand: list[Steps] = []

    def lines() -> int:
        view = window.tabs.made("curves")
        scene = view.scene if view is not None else None
        return sum(len(panel.lines) for panel in scene.panels) if scene is not None else 0

    def busy() -> bool:
        view = window.tabs.made("curves")
        awaited = desk.state.compared and lines() != wanted
        pending = view is not None and view.pending()
        return bool(desk.opening or desk.busy or awaited or pending or any(steps.busy for steps in hand))

    def by_hand(steps: Callable[[], Iterator[object]]) -> Callable[[], None]:
        return lambda: hand.append(Steps(steps()))

    def canvas() -> CurveCanvas:
        return window.tabs.view("curves").grid().canvases()[0]

    def open_all() -> None:
        for path in paths:
            desk.open((str(path),))

    def compare() -> None:
        keys = [run.key for run in desk.state.runs]
        assert len(keys) == len(paths), window.messages.sentences()
        desk.dispatch(RunChosen(keys[0]))
        desk.dispatch(RunsCompared(tuple(keys[1:])))

    watch = partial(pauses.watch, busy=busy)
    watch("show the window", window.show)
    watch("load ahead", lambda: None, busy=lambda: window.loading.busy)
    began_s = time.perf_counter()
    watch("open the runs", open_all)
    opened_s = time.perf_counter() - began_s
    watch("compare them", compare)
    shown_s = time.perf_counter() - began_s
    if out:
        save_bytes(png_of(window.grab()), out)
    watch("pan", by_hand(lambda: _panned(canvas())))
    watch("point", by_hand(lambda: _pointed(canvas())))
    watch("smooth", by_hand(lambda: (desk.dispatch(ViewChanged({"smoothing": step / 50})) for step in range(40))))
    watch("smooth no more", partial(desk.dispatch, ViewChanged({"smoothing": 0.0})))
    watch("all of them again", canvas().fit)
    wanted -= 1
    watch("compare one less", lambda: desk.dispatch(RunCompared(desk.state.compared[10], shown=False)))
    wanted -= 1
    watch("close one", lambda: desk.dispatch(RunClosed(desk.state.compared[-1])))
    frames_s = _whole_frames_s(canvas())
    print(HEADING)
    for action in pauses.actions:
        print(action.line())
    own_mb, readers_mb = memory_mb()
    for name, value in {
        "opened, s": opened_s,
        "all curves shown, s": shown_s,
        "whole frame of a pan, median CPU ms": statistics.median(frames_s) * 1e3,
        "slowest whole frame, CPU ms": max(frames_s) * 1e3,
        "memory of the window, MB": own_mb,
        "memory of the readers, MB": readers_mb,
        "load": os.getloadavg()[0],
    }.items():
        print(f"{name:<38} {value:10.1f}")


def _panned(canvas: CurveCanvas) -> Iterator[None]:
    """Half of x, moved along."""
    low, high = canvas.x_range()
    for frame in range(_FRAMES):
        left = low + (high - low) * frame / _FRAMES / 2
        canvas.set_x_range(left, left + (high - low) / 2)
        yield


def _whole_frames_s(canvas: CurveCanvas) -> list[float]:
    """How long the window's thread works on each frame of a pan, where each is painted whole."""
    seconds = []
    for _ in _panned(canvas):
        began_s = time.thread_time()
        canvas.finish()
        canvas.repaint()
        seconds.append(time.thread_time() - began_s)
    return seconds


def _pointed(canvas: CurveCanvas) -> Iterator[None]:
    for place in range(_FRAMES):
        at = QPointF(100 + place * 8, 200)
        moved = QMouseEvent(
            QMouseEvent.Type.MouseMove, at, QPointF(canvas.mapToGlobal(at.toPoint())), Qt.MouseButton.NoButton,
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        QApplication.sendEvent(canvas, moved)
        yield


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:3]]
    count, length = (*given, *(50, 200_000)[len(given) :])
    with tempfile.TemporaryDirectory() as home:
        os.environ["RUN_INSPECTOR_HOME"] = home
        measure(count, length, *sys.argv[3:4])

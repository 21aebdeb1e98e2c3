"""`python -m tests.benchmarks.panning WAY CURVES POINTS`: CPU seconds of one frame while curves are panned.

A window of half the curves goes along them by hundredths of itself, 1,200 by 700 pixels, off screen; the median of the
frames is printed. WAY is `ours`, `tuned` (pyqtgraph with peak downsampling, clipped to what is seen) or `plain`
(pyqtgraph as it comes).
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")

import numpy as np
from PySide6.QtWidgets import QApplication, QWidget

_SIZE_PX = (1200, 700)
_FRAMES = 40

Show = Callable[[float, float], None]


def noise(curves: int, points: int) -> list[np.ndarray]:
    """Noisy bands one above the other, each a curve."""
    rng = np.random.default_rng(0)
    return [rng.standard_normal(points) * 0.3 + index * 2 for index in range(curves)]


def ours(ys: list[np.ndarray]) -> tuple[QWidget, Show]:
    """Our canvas, and what shows a stretch of x on it."""
    from inspector.analysis.pyramid import pyramid_of
    from inspector.views.canvas import CurveCanvas
    from inspector.views.plot.drawing import Drawing
    from inspector.views.theme import apply_theme
    from inspector.views.traces import Trace

    application = QApplication.instance()
    assert isinstance(application, QApplication)
    apply_theme(application, "dark")
    canvas = CurveCanvas()
    x = np.arange(len(ys[0]), dtype=np.float64)
    traces = tuple(Trace(label=str(index), ink=index, parts=(pyramid_of(x, y),)) for index, y in enumerate(ys))
    canvas.show_drawing(Drawing(traces=traces))

    def show(low: float, high: float) -> None:
        canvas.set_x_range(low, high)
        canvas.finish()

    return canvas, show


def peer(ys: list[np.ndarray], *, tuned: bool) -> tuple[QWidget, Show]:
    """pyqtgraph's plot, and what shows a stretch of x on it."""
    import pyqtgraph

    plot = pyqtgraph.PlotWidget()
    x = np.arange(len(ys[0]), dtype=np.float64)
    for index, y in enumerate(ys):
        plot.plot(x, y, pen=pyqtgraph.intColor(index), skipFiniteCheck=True)
    if tuned:
        plot.setDownsampling(auto=True, mode="peak")
        plot.setClipToView(True)
    plot.enableAutoRange(False)
    plot.setYRange(-2, 2 * len(ys) + 1)

    def show(low: float, high: float) -> None:
        plot.setXRange(low, high, padding=0)

    return plot, show


def measure(way: str, curves: int, points: int) -> float:
    """CPU seconds of the median frame."""
    application = QApplication([])
    ys = noise(curves, points)
    widget, show = ours(ys) if way == "ours" else peer(ys, tuned=way == "tuned")
    widget.resize(*_SIZE_PX)
    widget.show()
    width = points / 2
    seconds: list[float] = []
    frames = _FRAMES if way != "plain" else 6
    for frame in range(-3, frames):
        began = time.process_time()
        low = width * 0.01 * (frame + 4)
        show(low, low + width)
        for _ in range(2):
            application.processEvents()
        seconds.append(time.process_time() - began)
    return statistics.median(seconds[3:])


if __name__ == "__main__":
    print(measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))

"""`python -m tests.benchmarks.first_window HOME COMMAND...`: seconds from a start to the first painted window.

Each program has a screen of its own (Xvfb, without a window manager), whose pixels lie in a file: what counts is seen
there, in the same way for all, and nothing is asked of the program or of the server. HOME keeps its settings.

Where the system allows it (it allows root), program and screen go before all other work, and no other load enters.

`python -m tests.benchmarks.first_window HOME`: seconds from the first painted window that opens the bundled run to the
run's first picture, as the window says itself.
"""

from __future__ import annotations

import mmap
import os
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

import numpy as np

from inspector.core.arrays import AnyArray

_WIDTH, _HEIGHT = 1920, 1200
_LEAST_SHARE = 0.08
"""Of the screen, unlike black; a splash screen covers less, and every window measured here more."""
_LEAST_COLOURS = 8
"""A window that has been cleared has one, one with letters on it many."""
_EVERY_PX = 8
_LOOK_EVERY_S = 0.004
_PATIENCE_S = 60.0

BARE = """
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([])
class Window(QMainWindow):
    def paintEvent(self, event):
        painter = QPainter(self)
        for shade in range(0, 256, 8):
            painter.fillRect(shade * 4, 0, 32, self.height(), shade << 16 | 0xFF00)
window = Window()
window.resize(1600, 1000)
window.show()
app.exec()
"""
"""A window of PySide6 alone, with enough colours in it to be seen."""

_DEMO = """
from inspector.app import launch
first_window = launch.first_window
def made(*arguments, **named):
    from PySide6.QtCore import QEvent, QObject, QTimer
    window = first_window(*arguments, **named)
    class Painted(QObject):
        def eventFilter(self, watched, event):
            if event.type() == QEvent.Type.Paint:
                watched.removeEventFilter(self)
                QTimer.singleShot(0, lambda: print("painted", flush=True))
            return False
    painted = Painted(window)
    window.installEventFilter(painted)
    def drawn(key):
        if key == window.desk.state.tab:
            window.tabs.drawn.disconnect(drawn)
            window.tabs.view(key).body.installEventFilter(painted)
    window.tabs.drawn.connect(drawn)
    return window
launch.first_window = made
launch.run_demo()
"""


@contextmanager
def _screen() -> Iterator[tuple[str, AnyArray]]:
    """An X server: its display, and the pixels of its screen as they are; (height, width), uint32."""
    with tempfile.TemporaryDirectory() as folder:
        told, tells = os.pipe()
        size = f"{_WIDTH}x{_HEIGHT}x24"
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(tells), "-screen", "0", size, "-fbdir", folder, "-nolisten", "tcp"],
            pass_fds=(tells,),
            stderr=subprocess.DEVNULL,
        )
        os.close(tells)
        try:
            with os.fdopen(told) as answer:
                display = f":{answer.readline().strip()}"
            with (Path(folder) / "Xvfb_screen0").open("rb") as file:
                block = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
            header_bytes, *header = struct.unpack(">25I", block[:100])
            skipped = header_bytes + 12 * header[18]  # the colour map
            pixels = np.frombuffer(block, np.uint32, _WIDTH * _HEIGHT, skipped).reshape(_HEIGHT, _WIDTH)
            yield display, pixels
        finally:
            server.terminate()
            server.wait()


def _has_window(pixels: AnyArray) -> bool:
    """Whether something large has been painted on the black screen."""
    seen = pixels[::_EVERY_PX, ::_EVERY_PX] & 0xFFFFFF
    return np.count_nonzero(seen) > _LEAST_SHARE * seen.size and np.unique(seen).size >= _LEAST_COLOURS


@contextmanager
def _started(command: Sequence[str], home: str, display: str) -> Iterator[subprocess.Popen[str]]:
    """A program on that display, which is ended afterwards."""
    environment = {**os.environ, "DISPLAY": display, "HOME": home, "RUN_INSPECTOR_HOME": home}
    for name in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "OPENBLAS_NUM_THREADS"):
        environment.pop(name, None)
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def seconds_to_window(command: Sequence[str], home: str) -> float:
    """From the start of a program to the first painted frame of its window.

    Raises:
        RuntimeError: it shows none.
    """
    with _screen() as (display, pixels):
        began_s = time.perf_counter()
        with _started(command, home, display) as process:
            while (took_s := time.perf_counter() - began_s) < _PATIENCE_S and process.poll() is None:
                if _has_window(pixels):
                    return took_s
                time.sleep(_LOOK_EVERY_S)
    raise RuntimeError(f"{command} showed no window")


def seconds_to_picture(home: str) -> float:
    """From the first painted frame of the window that opens the bundled run to that of the run's first picture."""
    with _screen() as (display, _pixels), _started([sys.executable, "-c", _DEMO], home, display) as process:
        assert process.stdout is not None
        window_s, picture_s = (time.perf_counter() for _line in islice(process.stdout, 2))
        return picture_s - window_s


if __name__ == "__main__":
    with suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    print(seconds_to_window(sys.argv[2:], sys.argv[1]) if sys.argv[2:] else seconds_to_picture(sys.argv[1]))

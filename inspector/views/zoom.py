"""How large everything is shown: type, rows, icons, charts and pictures alike, as on a finer or coarser screen.

Qt takes the factor from its environment when it starts. Later it takes another while no window has a native half, so
every window gives its own up for a moment.
"""

from __future__ import annotations

import ctypes
import logging
import os
import sys
from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QRect, QSize
from PySide6.QtWidgets import QApplication

VARIABLE = "QT_SCALE_FACTOR"

_LIBRARIES = {"linux": "libQt6Gui.so.6", "win32": "Qt6Gui.dll"}
_UNIX, _WINDOWS = "_ZN15QHighDpiScaling15setGlobalFactorEd", "?setGlobalFactor@QHighDpiScaling@@SAXN@Z"

_log = logging.getLogger(__name__)


def factor() -> float:
    """Of how many of the screen's own pixels one of the layout is."""
    try:
        return float(os.environ.get(VARIABLE, "1"))
    except ValueError:
        return 1.0


def begin_with(times: float) -> None:
    """Have Qt start with everything so many times as large as its environment has it."""
    if times != 1.0:
        os.environ[VARIABLE] = f"{factor() * times:g}"


def zoom(app: QApplication, times: float) -> bool:
    """Show everything so many times as large as now, in windows that stay as large; False where this Qt cannot."""
    take = _setter()
    if take is None:
        return False
    quits, focused = app.quitOnLastWindowClosed(), app.focusWidget()
    app.setQuitOnLastWindowClosed(False)  # they only seem to go
    native = [window for window in app.topLevelWidgets() if window.windowHandle() is not None]
    seen = [(window, window.geometry()) for window in native if window.isVisible()]
    for window in native:
        window.hide()
        window.destroy()
    now = factor() * times
    take(now)
    os.environ[VARIABLE] = f"{now:g}"
    for window, area in seen:
        if not window.isMaximized() and not window.isFullScreen():
            size = QSize(int(area.width() / times), int(area.height() / times))
            window.setGeometry(QRect(area.topLeft() / times, size))
        window.show()
    if focused is not None:
        focused.activateWindow()
        focused.setFocus()
    app.setQuitOnLastWindowClosed(quits)
    return True


def _setter() -> Callable[[float], None] | None:
    """Qt's own function that its start calls with what the variable says, which has no public name."""
    try:
        library = ctypes.CDLL(_LIBRARIES.get(sys.platform))
        take = getattr(library, _WINDOWS if sys.platform == "win32" else _UNIX)
    except (OSError, AttributeError) as error:
        _log.info("a new size of text waits for the next start: %s", error)
        return None
    take.argtypes, take.restype = [ctypes.c_double], None
    return cast("Callable[[float], None]", take)

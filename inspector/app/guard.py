"""What must hold before Qt starts, checked with the standard library: system libraries, a display, a sound binding."""

from __future__ import annotations

import ctypes
import os
import sys

from inspector.core.errors import InspectorError

_OFFSCREEN_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
}
_XCB_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""Shared library -> Debian package. Source: each found missing in turn on a bare Debian 12 with PySide6 6.11.3."""


class CannotStartError(InspectorError):
    """The window cannot start on this machine as it is."""


def missing_packages(*, windowed: bool) -> list[str]:
    """The Debian packages whose libraries Qt needs here and does not find."""
    if not sys.platform.startswith("linux"):
        return []
    wanted = dict(_OFFSCREEN_LIBRARIES)
    if windowed and os.environ.get("DISPLAY"):
        wanted |= _XCB_LIBRARIES
    return [package for library, package in wanted.items() if not _loads(library)]


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def check_libraries(*, windowed: bool) -> None:
    """Raise with one complete apt line where Qt's system libraries are missing.

    Raises:
        CannotStartError: at least one does not load.
    """
    missing = missing_packages(windowed=windowed)
    if missing:
        message = f"Qt needs system libraries that are missing here; as root: apt-get install -y {' '.join(missing)}"
        raise CannotStartError(message)


def has_display() -> bool:
    """Whether a window can be shown: a screen, or a platform chosen by hand."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def check_display(instead: str) -> None:
    """Raise where no window can be shown; `instead` names the command that works here.

    Raises:
        CannotStartError: there is neither X11 nor Wayland.
    """
    if not has_display():
        message = f"there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set); try `{instead}`"
        raise CannotStartError(message)


def check_binding() -> None:
    """Raise where the Qt binding loses references to True, which would abort the process after some 570 signals.

    PySide6 6.12.0 does so below Python 3.12.

    Raises:
        CannotStartError: with the version to install.
    """
    if sys.version_info >= (3, 12):
        return
    lost = lost_references()
    if lost > EMITS // 2:
        import PySide6

        message = (
            f"PySide6 {PySide6.__version__} corrupts memory on Python 3.11; install 'PySide6-Essentials<6.12' instead"
        )
        raise CannotStartError(message)


EMITS = 20


def lost_references(emits: int = EMITS) -> int:
    """How many references to True a number of signal emits drop; 0 in a sound binding."""
    from PySide6.QtCore import QObject, Signal

    class Probe(QObject):
        ping = Signal()

    probe = Probe()
    before = sys.getrefcount(True)
    for _ in range(emits):
        probe.ping.emit()
    return before - sys.getrefcount(True)

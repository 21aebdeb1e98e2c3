"""What must hold before Qt starts, checked with the standard library: system libraries, a display, a sound binding."""

from __future__ import annotations

import ctypes
import os
import shlex
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from inspector.core.errors import InspectorError

PROGRAM = "run-inspector"

_DRAWING_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
}
"""Shared library -> Debian package, of all that Qt draws. Source: each found missing in turn on a bare Debian 12 with
PySide6 6.11.3, as are those of the screens."""


def _x11_answers() -> bool:
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    answers = bool(xcb.xcb_connection_has_error(connection) == 0)
    xcb.xcb_disconnect(connection)
    return answers


def _wayland_answers() -> bool:
    return Path(os.environ.get("XDG_RUNTIME_DIR", ""), os.environ["WAYLAND_DISPLAY"]).is_socket()


class _Screen(NamedTuple):
    """A way to show windows.

    Attributes:
        platform: Qt's name of it.
        variable: of the environment, set where there is such a screen.
        libraries: shared library -> Debian package.
        answers: whether it can be connected to, once its libraries are there.
    """

    platform: str
    variable: str
    libraries: dict[str, str]
    answers: Callable[[], bool]


_WAYLAND = _Screen("wayland", "WAYLAND_DISPLAY", {"libwayland-cursor.so.0": "libwayland-cursor0"}, _wayland_answers)
_X11 = _Screen(
    "xcb",
    "DISPLAY",
    {
        "libxcb-cursor.so.0": "libxcb-cursor0",
        "libxcb-icccm.so.4": "libxcb-icccm4",
        "libxcb-keysyms.so.1": "libxcb-keysyms1",
        "libxcb-shape.so.0": "libxcb-shape0",
        "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    },
    _x11_answers,
)
_SCREENS = (_WAYLAND, _X11)
"""In the order in which Qt tries them; it takes the next where one does not load."""

PACKAGES = {**_DRAWING_LIBRARIES, **_X11.libraries, **_WAYLAND.libraries}
"""Shared library -> Debian package, of pictures and windows on any screen."""


class CannotStartError(InspectorError):
    """The window cannot start on this machine as it is."""


def missing_packages() -> list[str]:
    """The Debian packages of all the libraries that Qt may ever need here and does not find."""
    return [package for library, package in PACKAGES.items() if not _loads(library)]


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _all_load(libraries: Iterable[str]) -> bool:
    return all(_loads(library) for library in libraries)


def _screens() -> list[_Screen]:
    """Where Qt would show a window; none where it was told a platform that shows none."""
    told = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    return [screen for screen in _SCREENS if (screen.platform == told if told else os.environ.get(screen.variable))]


def check_libraries(*, windowed: bool) -> None:
    """Raise with one complete apt line where Qt's system libraries are missing.

    The line names what pictures and windows on any screen need: who draws a picture today may have a screen tomorrow,
    and is asked once.

    Raises:
        CannotStartError: what is to be drawn now cannot be.
    """
    if not sys.platform.startswith("linux"):
        return
    screens = _screens() if windowed else []
    if not _all_load(_DRAWING_LIBRARIES) or (screens and not any(_all_load(screen.libraries) for screen in screens)):
        line = f"apt-get install -y {' '.join(missing_packages())}"
        raise CannotStartError(f"Qt needs system libraries that are missing here; as root: {line}")


def check_display(*instead: str) -> None:
    """Raise where no window can be shown; `instead` are the arguments with which this program works here.

    Raises:
        CannotStartError: libraries are missing, which are told first; or no screen is named, or none answers.
    """
    check_libraries(windowed=True)
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return
    screens = _screens()
    if any(_all_load(screen.libraries) and screen.answers() for screen in screens):
        return
    named = ", ".join(f"{screen.variable} is {os.environ[screen.variable]}" for screen in screens)
    none = (
        f"no display answers here ({named})"
        if named
        else "there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set)"
    )
    raise CannotStartError(f"{none}; try `{as_called(*instead)}`")


def as_called(*arguments: str) -> str:
    """The line for a shell that runs this program with other arguments, by the name under which it was called."""
    import shutil

    typed = sys.argv[0]  # or the shell found it on its PATH
    is_name_enough = Path(typed).name != PROGRAM or typed == shutil.which(PROGRAM)
    return shlex.join((PROGRAM if is_name_enough else typed, *arguments))


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

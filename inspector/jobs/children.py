"""The one place that builds a child's command line and its environment, and starts it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence

from inspector.core.language import CATALOGUES

Started = tuple[subprocess.Popen[bytes], socket.socket]
"""A child, and our end of the socket to it."""

MODULES = {
    "reach": "inspector.jobs.reach_child",
    "reader": "inspector.reader.__main__",
    "supervisor": "inspector.jobs.supervisor",
    "training": "inspector.training.__main__",
    "window": "inspector.__main__",
}
"""Whose `main` each role runs; of the training a frozen program has the source alone, and no torch."""

# One thread: the launcher forks, and a forked copy of a thread pool hangs.
_ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}
_READER = {
    **_ONE_THREAD,
    # An unknown filter id would make HDF5 load any library on its plugin path; "::" turns the search off.
    "HDF5_PLUGIN_PRELOAD": "::",
}


_OF_A_WINDOW = ("QT_", "PYTHONHOME", CATALOGUES)
_OF_A_BUNDLE = ("_PYI_", "_MEIPASS2", "PYINSTALLER_", "LD_LIBRARY_PATH", "QML2_IMPORT_PATH")


def is_frozen() -> bool:
    """Whether this program is one executable that brings its own Python, and is no Python itself."""
    return bool(getattr(sys, "frozen", False))


def child_command(role: str, *arguments: str) -> list[str]:
    """The argument list that starts a child of this program.

    `-I` keeps the current folder, `PYTHONPATH` and the like out of it.

    Args:
        role: a key of `MODULES`.
        arguments: what follows, each one argument; no shell sees them.

    Raises:
        KeyError: there is no such role.
    """
    module = MODULES[role].removesuffix(".__main__")
    if is_frozen():
        return [sys.executable, "--role", role, *arguments]
    return [sys.executable, "-I", "-m", module, *arguments]


def child_environment(role: str, *, english: bool = False) -> dict[str, str]:
    """The environment for one of our own children; the readers of a window speak its language, unless `english`."""
    kept = dict(os.environ)
    if english or role != "reader":
        kept.pop(CATALOGUES, None)
    return {**kept, **(_READER if role == "reader" else {})}


def start_child(
    role: str, command: Callable[[str], Sequence[str]], *, stderr: int | None = None, english: bool = False
) -> Started:
    """Start a child in a session of its own, and our non-blocking end of a socket to it.

    Args:
        role: whose environment it gets.
        command: its argument list, given the number of the descriptor that is its end of the socket.
        stderr: as `subprocess` takes it, None for our own.
        english: it speaks English in every language of the window.

    Raises:
        OSError: it cannot be started.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    ours.setblocking(False)
    with theirs:
        try:
            process = subprocess.Popen(  # noqa: S603 - an argument list of ours, no shell
                command(str(theirs.fileno())),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                pass_fds=(theirs.fileno(),),
                env=child_environment(role, english=english),
                start_new_session=True,  # Ctrl+C in a terminal is for the window to handle
            )
        except OSError:
            ours.close()
            raise
    return process, ours


def start_launcher(command: Sequence[str] = (), *, english: bool = False) -> Started:
    """Start what readers are forked from.

    Args:
        command: without the number of the descriptor, which it ends with; by default the program's own.
        english: its readers speak English in every language of the window.

    Raises:
        OSError: it cannot be started.
    """
    begun = command or child_command("reader")
    return start_child("reader", lambda descriptor: [*begun, descriptor], english=english)


def foreign_environment() -> dict[str, str]:
    """The environment for a trainer or what else is not ours: without what our window or a frozen bundle put there.

    Source: PyInstaller's manual, of the library path in a frozen program.
    """
    dropped = _OF_A_WINDOW + (_OF_A_BUNDLE if is_frozen() else ())
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    if is_frozen() and (before := os.environ.get("LD_LIBRARY_PATH_ORIG")):
        kept["LD_LIBRARY_PATH"] = before
    return kept

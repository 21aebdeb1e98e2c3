"""The one place that builds a child's command line and its environment."""

from __future__ import annotations

import os
import sys

MODULES = {
    "reader": "inspector.reader",
    "supervisor": "inspector.jobs.supervisor",
    "training": "inspector.training",
    "window": "inspector",
}
"""What each role runs. A frozen program has one executable and is told the role by `--role`."""

# One thread: the launcher forks, and a forked copy of a thread pool hangs.
_ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}
_READER = {
    **_ONE_THREAD,
    # An unknown filter id would make HDF5 load any library on its plugin path; "::" turns the search off.
    "HDF5_PLUGIN_PRELOAD": "::",
}


def _frozen() -> bool:
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
    module = MODULES[role]
    if _frozen():
        return [sys.executable, "--role", role, *arguments]
    return [sys.executable, "-I", "-m", module, *arguments]


def child_environment(role: str) -> dict[str, str]:
    """The environment for one of our own children."""
    return {**os.environ, **(_READER if role == "reader" else {})}


def foreign_environment() -> dict[str, str]:
    """The environment for a program that is not ours: without what our window or a frozen bundle put there."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QT_")}
    if _frozen():
        original = kept.pop("LD_LIBRARY_PATH_ORIG", None)
        kept.pop("LD_LIBRARY_PATH", None)
        if original:
            kept["LD_LIBRARY_PATH"] = original
    return kept

"""What is told to the program's authors of a fault: versions, where it happened and the last log lines.

Nothing of the user's is in it: no path but the program's own, no name, no quoted text that its source does not hold.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path

from inspector import __version__
from inspector.core.texts import visible
from inspector.runs.values import Run

LOG_LINES = 200
_MOST_CHARACTERS = 400

_FRAME = re.compile(r"\s*File \"")
_PATH = re.compile(r"(?<![\w.~<>/])(?:~|/[^\s/'\":;,()]+)(?:/[^\s'\":;,()]+)+/?")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`")
_KILLED = "Nothing was written as it ended: it was killed from outside, or the machine stopped."


def report_of(fault: str, log: str, kinds: Mapping[str, int], hidden: Iterable[str]) -> str:
    """The text of a report.

    Args:
        fault: a traceback, or several; empty where there is none.
        log: lines of the program's log.
        kinds: how many files of each kind were open.
        hidden: paths and names of the user's that may stand in fault and log.
    """
    shown = [f"Run Inspector {__version__}", *_versions(), "", "Open files"]
    shown += [f"  {count:6,}  {kind}" for kind, count in sorted(kinds.items())] or ["  none"]
    names = sorted(filter(_telling, hidden), key=len, reverse=True)
    lines = log.splitlines()[-LOG_LINES:]
    shown += ["", "Fault", *_without_data(fault.strip() or _KILLED, names)]
    shown += ["", "Log", *(_without_data("\n".join(lines), names) or ["  empty"])]
    return "\n".join(shown) + "\n"


def kinds_of(runs: Iterable[Run]) -> dict[str, int]:
    """How many files of each kind runs have."""
    kinds: dict[str, int] = {}
    for run in runs:
        for entry in run.files:
            kind = type(entry.facts).__name__.removesuffix("Facts").lower()
            kinds[kind] = kinds.get(kind, 0) + 1
    return kinds


def _versions() -> list[str]:
    import platform

    import numpy as np
    import PySide6
    from PySide6.QtCore import qVersion
    from PySide6.QtGui import QGuiApplication

    return [
        f"Python {platform.python_version()}, PySide6 {PySide6.__version__}, Qt {qVersion()}, numpy {np.__version__}",
        f"{platform.platform()}, Qt platform {QGuiApplication.platformName()}",
    ]


def _telling(name: str) -> bool:
    return len(name) > 3  # `run` and the like stand in any text


def _without_data(text: str, names: list[str]) -> list[str]:
    """Lines without the user's paths and names; a quoted text stays where the program's source quotes it."""
    lines = text.splitlines()
    source = "\n".join(line for before, line in pairwise(lines) if _FRAME.match(before))
    home = str(Path.home())
    clean = []
    for line in lines:
        shown = line.replace(home, "~") if len(home) > 1 else line
        if not _FRAME.match(line) and line not in source:
            for name in names:
                shown = shown.replace(name, "…").replace(name.replace(home, "~"), "…")
            shown = _QUOTED.sub(lambda found: found[0] if found[0][1:-1] in source else "'…'", shown)
            shown = _PATH.sub(lambda found: found[0] if found[0].startswith(_own()) else "…", shown)
        clean.append(visible(shown, _MOST_CHARACTERS))
    return clean


def _own() -> tuple[str, ...]:
    """Where the program itself lies."""
    home = str(Path.home())
    places = (sys.prefix, sys.base_prefix, str(Path(__file__).parents[1]))
    return tuple(place.replace(home, "~") for place in places)

"""A real window in a process of its own that stages one edit after the other until it falls, and tells of each.

`python -m tests.app.falling_window kill PATH` is to be killed; with `fatal` Qt ends it.
"""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

from PySide6.QtCore import QTimer, qFatal

from inspector.app import launch
from inspector.app.window import Window
from inspector.session.intents import EditsStaged
from inspector.session.values import StagedEdit

EVERY_MS = 20
PATH = "optim.lr"


def main() -> None:
    """Run a window that falls."""
    how, *paths = sys.argv[1:]
    first_window = launch.first_window

    def made(*arguments: Any, **named: Any) -> Window:
        window = first_window(*arguments, **named)
        timer = QTimer(window, interval=EVERY_MS)
        timer.timeout.connect(partial(qFatal, "planted") if how == "fatal" else partial(_stage, window, [0]))
        timer.start()
        return window

    launch.first_window = made
    launch.run_window(tuple(paths))


def _stage(window: Window, count: list[int]) -> None:
    if window.desk.chosen() is not None:
        count[0] += 1
        window.desk.dispatch(EditsStaged((StagedEdit(path=PATH, old=0, new=count[0]),)))
        print(count[0], flush=True)


if __name__ == "__main__":
    main()

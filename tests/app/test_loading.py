"""What is loaded in idle turns, and what is made only when it is wanted."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise

from pytestqt.qtbot import QtBot

from inspector.app.tabs import TABBED
from inspector.app.window import Window

_SCRIPT = """
import sys
from inspector.app.launch import first_window, start_qt
app = start_qt("offscreen")
from PySide6.QtCore import QTimer
from inspector.session.values import State
turns = []
def look():
    known = [name for name in sys.modules if name.startswith("inspector.views.") and name.count(".") == 3]
    known = [name for name in known if name.endswith(".view")]
    turns.append(len(known))
    window.show() if len(turns) == 1 else None
    if not window.loading.busy:
        print(*turns)
        window.close()
        app.quit()
window = first_window(app, State(tab="weights"), remember=False)
timer = QTimer(interval=0)
timer.timeout.connect(look)
timer.start()
app.exec()
"""


def test_modules_of_views_are_imported_one_by_one_once_the_loop_turns() -> None:
    done = subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, text=True, timeout=120, check=True)
    counts = [int(count) for count in done.stdout.split()]
    assert counts[0] <= 1  # the one that the window itself needs
    assert counts[-1] == len(TABBED)
    steps = [after - before for before, after in pairwise(counts)]
    assert max(steps) == 1


def test_sheets_are_made_when_they_are_wanted(make_window: Callable[..., Window], qtbot: QtBot) -> None:
    window = make_window()
    before = window.middle.count()
    window.resuming.open()  # no run is open, so there is nothing to resume
    window.resuming.refresh()
    window.resuming.start()
    assert window.middle.count() == before
    assert window.resuming.sheet is window.middle.widget(before)
    window.commands.run("about")
    assert window._about_sheet.isVisible()
    qtbot.waitUntil(lambda: window.status.trainer.text().startswith("Python "))

"""The window says so where its readers are kept in only partly."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from inspector.app.reflection import UNOPENED
from inspector.app.window import Window
from inspector.core.resources import resource
from inspector.jobs.requests import Lock
from inspector.session.intents import RunClosed

LOG = str(resource("sample_run/train.log"))

LAUNCHER = """
import sys
from inspector.reader import landlock
from inspector.reader.__main__ import main
def refuse(paths):
    raise OSError(38, "Function not implemented")
landlock.allow_only_reading = refuse
sys.exit(main(sys.argv[1:]))
"""
"""The program that starts readers, on a system without Landlock."""


def test_a_partial_lock_is_told_in_the_lowest_line(
    make_window: Callable[..., Window], monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr("inspector.jobs.children.child_command", lambda _role: [sys.executable, "-c", LAUNCHER])
    window = make_window()
    status = window.status
    assert (status.name.text(), status.lock.isVisible()) == (UNOPENED, False)
    window.open_paths((LOG,))
    qtbot.waitUntil(lambda: window.desk.lock.known is not None, timeout=60_000)
    assert status.lock.isVisible()
    assert "only partly locked" in status.lock.text()
    assert "other files could be read (Function not implemented)" in status.lock.toolTip()
    window.desk.dispatch(RunClosed(LOG))
    assert (status.name.text(), "this system has no Landlock" in status.fact.text()) == ("", True)
    status.show_lock(Lock(full=True, sentence="Files are read in a locked process"))
    assert not status.lock.isVisible()

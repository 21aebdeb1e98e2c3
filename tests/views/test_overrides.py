"""An exception that C raised in a method that overrides Qt's is told, and the process lives."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from PySide6.QtCore import QObject

PROGRAM = """
import sys
from inspector.views.overrides import guard_overrides
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSize
from PySide6.QtWidgets import QApplication, QWidget

class Sized:
    def sizeHint(self):
        return {}["no such size"]

class Mixed(Sized, QWidget):
    pass

class Widget(QWidget):
    def event(self, event):
        if event.type() == QEvent.Type.User:
            int("no number")
        return super().event(event)

guard_overrides()

class Filter(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.User:
            [][1]
        return False

heard = []
sys.excepthook = lambda kind, error, trace: heard.append(kind.__name__)
app = QApplication(["test"])

def call(what):
    try:
        what()
    except Exception as error:
        heard.append(type(error).__name__)

widget, filtered, filter = Widget(), QObject(), Filter()
filtered.installEventFilter(filter)
call(lambda: QCoreApplication.sendEvent(widget, QEvent(QEvent.Type.User)))
call(lambda: QCoreApplication.sendEvent(filtered, QEvent(QEvent.Type.User)))
call(lambda: Mixed().adjustSize())
print(*heard)
"""


def test_the_process_lives_and_tells_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert (done.returncode, done.stdout.split()) == (0, ["ValueError", "IndexError", "KeyError"]), done.stderr


def test_what_overrides_a_mixin_counts_as_python_says() -> None:

    class Mixin:
        def timerEvent(self, _event: object) -> str:
            return "mixin"

    class Own(QObject):
        def timerEvent(self, _event: object) -> str:
            return "own"

    class Both(Own, Mixin):
        pass

    class Other(Mixin, Own):
        pass

    assert (Both().timerEvent(None), Other().timerEvent(None)) == ("own", "mixin")
    with pytest.raises(AttributeError):
        Both().notThere()

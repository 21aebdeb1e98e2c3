"""Which Python a resume runs with: named by the user or looked for, asked what it has, and remembered."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from inspector.app.beside_work import BesideWork
from inspector.app.one_child import OneChild
from inspector.app.trainer_child import child
from inspector.core.errors import UsageError
from inspector.core.language import tr
from inspector.jobs.children import is_frozen
from inspector.jobs.interpreter_probe import (
    PROBE_S,
    Device,
    Interpreter,
    answer_of,
    no_answer,
    not_run,
    own_interpreter,
    probe_command,
)
from inspector.jobs.interpreters import NONE_ABLE, candidates, interpreter_at, making_line
from inspector.jobs.reach import SilentError, reach
from inspector.jobs.travelling import rooms_archive
from inspector.session.interpreter_store import keep_interpreter, recent_interpreters
from inspector.session.writing import writing


class InterpreterChoice(OneChild):
    """This program's own Python, or another that a child asks what it has.

    A frozen program has no Python of its own: unless one is named, the first that can train is looked for.

    Signals:
        changed: another was named, or has answered.
        preferred: path of another than is preferred, which has answered, or empty for this program's own.

    Attributes:
        path: of the other Python, or what was typed where none is there; empty for this program's own.
        found: what it has, None until it has answered.
        problem: why it cannot be run, empty where it can.
        recent: paths of those that were chosen lately, the last first.
    """

    changed = Signal()
    preferred = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path = ""
        self.found: Interpreter | None = None
        self.problem = ""
        self.recent: tuple[str, ...] = ()
        self._preferred: str | None = None
        self._before = ""
        self._left: list[str] | None = None
        """Where a search goes on, None while there is none."""
        self._devices_asked = False
        self._beside = BesideWork(lambda _name: None)
        self._limit = QTimer(self, singleShot=True, interval=round(PROBE_S * 1000))
        self._limit.timeout.connect(self._on_limit)

    def open(self, preferred: str) -> None:
        """The choice has come to the screen: as preferred, and what is missing may have been installed meanwhile."""
        kept = writing(recent_interpreters)
        self.recent = kept.value if kept is not None else self.recent
        if preferred != self._preferred:
            self._preferred = preferred
            self.choose(preferred)
        elif not self.running and (not self.path or self.why_not(())):
            self.look_again()

    def choose(self, named: str) -> None:
        """Take the Python that a user names; nothing for this program's own."""
        if self.found is not None:
            self._before = self.path
        self.stop()
        self.found, self.problem, self.path, self._devices_asked, self._left = None, "", named, False, None
        try:
            if os.sep in named:
                reach(Path(named.strip().strip("\"'")))
            self.path = interpreter_at(named) if named else ""
        except (UsageError, SilentError) as error:
            self.problem = str(error)
        if self.path == sys.executable:
            self.path = ""
        if self.problem:
            self.changed.emit()
        elif self.path:
            self._ask_another(self.path)
        elif is_frozen():
            self._left = list(candidates())
            self._ask_next()
        else:
            self._take(own_interpreter())

    def _ask_next(self) -> None:
        """Go on with the search; the first that can train ends it."""
        if self._left:
            self._ask_another(self._left.pop(0))
            return
        self.path, self._left = "", None
        self.problem = NONE_ABLE
        self.changed.emit()

    def _ask_another(self, path: str) -> None:
        self.path = path
        # They are made while it is asked, so that no frame waits for it.
        self._beside.result(path, rooms_archive, "rooms")
        self._ask(path)
        self.changed.emit()

    def look_again(self) -> None:
        """Ask it once more."""
        self.choose(self.path)

    def look_for_devices(self) -> None:
        """Have this program's own Python asked for its devices, once, where no trainer will tell them."""
        if not self.path and not self._devices_asked and self.found is not None and not self.found.devices:
            self._devices_asked = True
            self._ask(sys.executable)
            self.changed.emit()

    def cancel(self) -> None:
        """Ask no longer, and go back to the one before."""
        if self._left is not None:
            self.stop()
            self._left = []
            self._ask_next()
        elif self.path:
            self.choose(self._before if self._before != self.path else "")
        else:
            self.stop()
            self.changed.emit()

    def show_devices(self, devices: Sequence[Device]) -> None:
        """Take what a trainer in it has told of its devices."""
        if self.found is not None:
            self.found = msgspec.structs.replace(self.found, devices=tuple(devices))

    def why_not(self, extras: Sequence[str]) -> str:
        """Why nothing that needs these extras can be started with it; empty where it can."""
        if self.found is None:
            asked = tr("{python} is being asked what it has").format(python=self.path or tr("This Python"))
            return self.problem or asked
        return self.found.problem(extras) if extras else ""

    def mending_line(self, extras: Sequence[str]) -> str:
        """The command after which something can be started; empty where nothing is missing, or no command mends it."""
        if self.found is not None:
            return "" if self.found.too_old else self.found.install_line(extras)
        return making_line() if self.problem and not self.path else ""

    def stop(self) -> None:
        self._limit.stop()
        super().stop()

    def told(self, said: bytes, errors: bytes, code: int) -> None:
        self._limit.stop()
        try:
            found = answer_of(self.path or sys.executable, said, errors, code)
        except UsageError as error:
            self._refuse(str(error))
            return
        if self._left is not None and found.problem():
            self._ask_next()
        else:
            self._take(found)

    def not_started(self, why: str) -> None:
        self._limit.stop()
        self._refuse(not_run(self.path or sys.executable, why))

    def _ask(self, path: str) -> None:
        self.begin(child(self, probe_command(path)))
        self._limit.start()

    def _on_limit(self) -> None:
        self.stop()
        self._refuse(no_answer(self.path or sys.executable))

    def _take(self, found: Interpreter) -> None:
        self.found = found
        searched, self._left = self._left is not None, None
        told = self._preferred not in (None, self.path) and not searched
        if told:
            self._preferred = self.path
            kept = writing(partial(keep_interpreter, self.path))
            self.recent = kept.value if kept is not None else self.recent
        self.changed.emit()
        if told:
            self.preferred.emit(self.path)

    def _refuse(self, sentence: str) -> None:
        if self._left is not None:
            self._ask_next()
            return
        self.problem = sentence if self.path else ""  # of our own the rest is known
        self.changed.emit()

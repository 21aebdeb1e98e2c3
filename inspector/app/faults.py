"""Faults of the window: one that it survives is written down and said; for one that it does not, all is on the disk."""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QMessageLogContext, QObject, Qt, QTimer, QtMsgType, Signal, qInstallMessageHandler

from inspector.app.fault_report import kinds_of, report_of
from inspector.app.news import Message
from inspector.core.files import open_append, write_all
from inspector.core.language import tr, tr_counted
from inspector.session.intents import SessionReopened
from inspector.session.own_folder import LOG_FILE, Fallen, OwnFolder, holds_anything, remove
from inspector.session.values import State
from inspector.session.writing import PATIENCE_S, writing

if TYPE_CHECKING:
    from inspector.app.fault_sheet import FaultSheet
    from inspector.app.window import Window

KEEP_AFTER_MS = 500
"""So long after a change the session is on the disk; what is staged is there at once."""

MOST_LOGGED = 10
"""Of faults at the same place, so many are written down: a paint handler may meet its own at every frame."""

MOST_LOG_BYTES = 1_000_000

SILENT_S = 1.0
"""So long the disk of the user's own folders may be late before it is said."""

_END_S = 5.0
"""So long a window that was closed stays for what is still to be written."""

_UNKEPT = tr("What is open and staged is not kept for a hard fall: {why}")

_log = logging.getLogger(__name__)
_QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
}


class ShortLog(logging.Handler):
    """A log file that begins anew when it is long, for a window may stay open for weeks; no disk holds up who logs.

    It is opened for each line: a child that is started closes what this process has open, and a disk that does not
    answer would hold it at a file that was written.

    Args:
        path: of the file, made at once.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        os.close(open_append(path))

    def emit(self, record: logging.LogRecord) -> None:
        line = f"{self.format(record)}\n".encode(errors="backslashreplace")
        writing.later(partial(self._write, line))

    def _write(self, line: bytes) -> None:
        descriptor = open_append(self._path)
        try:
            if os.fstat(descriptor).st_size > MOST_LOG_BYTES:
                os.ftruncate(descriptor, 0)
            write_all(descriptor, line)
        finally:
            os.close(descriptor)


class Faults(QObject):
    """Keeps the session of a window as it changes, tells what the window meets, and offers what fell before it.

    Args:
        window: whose session and messages.
        own: its folder; None where there can be none, so that nothing is kept for a hard fall.
    """

    _met = Signal(str, str)

    def __init__(self, window: Window, own: OwnFolder | None) -> None:
        super().__init__(window)
        self._window = window
        self._own = own
        self._seen: Counter[str] = Counter()
        self._offered: list[tuple[Message, Fallen]] = []
        self._unkept = ""
        self._soon = QTimer(self, singleShot=True, interval=KEEP_AFTER_MS)
        self._soon.timeout.connect(self.keep)
        # Whatever thread or paint handler meets it, it is told in a turn of the window's own.
        self._met.connect(self._tell, Qt.ConnectionType.QueuedConnection)
        window.desk.state_changed.connect(self._on_state)
        window.desk.run_changed.connect(self._on_change)
        window.messages.reported.connect(self._show)
        window.messages.acted.connect(self._on_acted)
        window.messages.closed.connect(self._on_closed)

    def meet(self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        """Write down an exception that nobody caught, and have it told; from any thread."""
        sys.__excepthook__(kind, error or kind(), trace)
        frames = traceback.extract_tb(trace)
        place = f"{kind.__name__} {frames[-1].filename}:{frames[-1].lineno}" if frames else kind.__name__
        self._seen[place] += 1
        if self._seen[place] <= MOST_LOGGED:
            fault = "".join(traceback.format_exception(kind, error, trace))
            _log.error("%s", fault)
            if self._seen[place] == 1:
                self._met.emit(kind.__name__, fault)

    def keep(self) -> bool:
        """Write the session as it is; whether that was done."""
        self._soon.stop()
        if self._own is None:
            return False
        try:
            kept = writing(partial(self._own.keep, self._window.desk.state, self._kinds()), instead_of="session")
        except OSError as error:
            self._tell_unkept(error.strerror or str(error))
            return False
        if kept is None:
            self._soon.start()  # it is kept when its disk answers, and this looks whether it does
            if writing.held_s > SILENT_S:
                self._tell_unkept(tr("its disk does not answer"))
            return False
        self._unsay_unkept()
        return True

    def offer(self, fallen: tuple[Fallen, ...]) -> None:
        """One line for each window that was not closed; and one where nothing can be kept of this one."""
        if self._own is None:
            self._window.messages.add(Message(_UNKEPT.format(why=tr("no folder for it"))))
        for one in reversed(fallen):
            hidden = _of_user(one.state) if one.state is not None else ()
            report = report_of(one.fault, one.log, one.kinds, hidden)
            intent = SessionReopened(one.state) if one.state is not None and holds_anything(one.state) else None
            action = tr("Open again") if intent is not None else ""
            message = Message(_sentence(one), action=action, intent=intent, report=report, quiet=True)
            self._offered.append((message, one))
            self._window.messages.add(message)

    def _tell_unkept(self, why: str) -> None:
        sentence = _UNKEPT.format(why=why)
        if sentence != self._unkept:
            self._unsay_unkept()
            self._unkept = sentence
            self._window.desk.message.emit(Message(sentence))

    def _unsay_unkept(self) -> None:
        """All is kept again: what was said of it holds no more."""
        for line in [line for line in self._window.messages.lines if line.message.sentence == self._unkept]:
            self._window.messages.remove(line)
        self._unkept = ""

    def _tell(self, kind: str, fault: str) -> None:
        kept = self.keep()
        read = writing(self._own.log_end) if self._own is not None else None
        log = read.value if read is not None else ""
        report = report_of(fault, log, self._kinds(), _of_user(self._window.desk.state))
        sentence = (
            tr("The window met a fault of its own, {kind}, and goes on; what is open and staged is kept")
            if kept
            else tr("The window met a fault of its own, {kind}, and goes on")
        )
        self._window.messages.add(Message(sentence.format(kind=kind), report=report))

    @cached_property
    def sheet(self) -> FaultSheet:
        """The page of a report; made when it is first wanted."""
        from inspector.app.fault_sheet import FaultSheet

        sheet = FaultSheet(self._window)
        sheet.message.connect(self._window.messages.add)
        return sheet

    def _show(self, report: str) -> None:
        self.sheet.show_report(report)

    def _on_state(self, before: State, after: State) -> None:
        if _waiting(before) == _waiting(after):
            self._on_change()
        else:  # on a busy machine half a second may become many
            self.keep()

    def _on_change(self, _key: str = "") -> None:
        if not self._soon.isActive():  # a row of changes is not to put it off
            self._soon.start()

    def _on_acted(self, intent: object) -> None:
        for message, _fallen in list(self._offered):
            if message.intent is intent and isinstance(intent, SessionReopened):
                if intent.state.fleet:
                    self._window.fleet.show_folder(intent.state.fleet)
                self.keep()
                self._on_closed(message)

    def _on_closed(self, message: Message) -> None:
        for offered, fallen in list(self._offered):
            if offered is message:
                self._offered.remove((offered, fallen))
                remove(fallen.folder)

    def _kinds(self) -> dict[str, int]:
        desk = self._window.desk
        return kinds_of(run for state in desk.state.runs if (run := desk.run(state.key)) is not None)


def begin() -> OwnFolder | None:
    """A new folder, into which unexpected errors and what ends the process are written; None where that cannot be."""
    try:
        own = OwnFolder()
        faulthandler.enable(own.descriptor)
        logging.basicConfig(level=logging.INFO, handlers=[ShortLog(own.path / LOG_FILE)])
    except OSError as error:
        if sys.stderr is not None:
            faulthandler.enable()
        _log.warning("nothing is kept for a hard fall: %s", error)
        return None
    qInstallMessageHandler(partial(_of_qt, own))
    return own


def listen(faults: Faults) -> None:
    """Have what nobody caught told, in this thread and in others."""
    sys.excepthook = faults.meet
    threading.excepthook = partial(_in_thread, faults)


def end(own: OwnFolder | None, saved: Callable[[], bool]) -> None:
    """The window was closed; where its session could not be saved, the next start offers what is in its folder.

    Args:
        own: its folder.
        saved: tells whether the next start finds its session.
    """
    qInstallMessageHandler(None)
    sys.excepthook, threading.excepthook = sys.__excepthook__, threading.__excepthook__
    if writing.finish(_END_S) and own is not None:
        writing(partial(_close, own, saved))
        writing.finish(_END_S)


def _close(own: OwnFolder, saved: Callable[[], bool]) -> None:
    if saved():
        own.close()


def _in_thread(faults: Faults, what: threading.ExceptHookArgs) -> None:
    if what.exc_type is not SystemExit:
        faults.meet(what.exc_type, what.exc_value, what.exc_traceback)


def _of_qt(own: OwnFolder, kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    """Qt's own messages go to the log; after a fatal one it ends the process, and the stack follows."""
    if sys.stderr is not None:
        sys.stderr.write(f"{text}\n")
    if kind == QtMsgType.QtFatalMsg:
        writing.finish(PATIENCE_S)  # a thread that ends while all stacks are written down makes that fall
        write_all(own.descriptor, f"Qt ended the window: {text}\n".encode())
    else:
        _log.log(_QT_LEVELS.get(kind, logging.ERROR), "Qt: %s", text)


def _waiting(state: State) -> list[tuple[object, ...]]:
    """What is staged in the runs of a session."""
    return [(run.key, run.staged, run.contested) for run in state.every_run]


def _of_user(state: State) -> tuple[str, ...]:
    """Paths and names that are the user's."""
    return tuple(name for run in state.every_run for name in (*run.paths, run.folder, run.name, run.key) if name)


def _sentence(fallen: Fallen) -> str:
    day = "" if time.localtime(fallen.at_s)[:3] == time.localtime()[:3] else "%Y-%m-%d "
    when = time.strftime(f"{day}%H:%M:%S", time.localtime(fallen.at_s))
    if fallen.state is None:
        return tr("A window ended unexpectedly ({when}), and what it had open could not be read").format(when=when)
    runs = fallen.state.every_run
    staged = sum(len(run.staged) for run in runs)
    open_then = tr_counted(len(runs), "run") if runs else ""
    table = tr("a table of runs") if fallen.state.fleet else ""
    kept = [what for what in (open_then, table, tr_counted(staged, "staged edit") if staged else "") if what]
    if not kept:
        return tr("A window ended unexpectedly ({when})").format(when=when)
    return tr("A window ended unexpectedly ({when}); kept from it: {kept}").format(when=when, kept=", ".join(kept))

"""A trainer child that records checkpoints: how far it is, its cancel, and the dumps that it has written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import QObject, QProcess, Signal

from inspector.app.news import Message, Working
from inspector.app.trainer_child import trainer_child
from inspector.app.trial import NO_ANSWER, no_trainer_text
from inspector.core.exit_codes import INTERRUPTED
from inspector.core.language import tr, tr_counted
from inspector.core.texts import visible
from inspector.core.units import bytes_text
from inspector.jobs.children import is_frozen

if TYPE_CHECKING:
    from inspector.app.interpreter_choice import InterpreterChoice

LEFT_OUT = "left out: "
"""How the child begins a line about a file that another program wrote."""

JOB = -2
"""What `Working.job` calls it; there is one at a time."""

END_WITHIN_MS = 5_000
"""A child that is asked to stop does so between two batches."""


class _Told(msgspec.Struct):
    """A line of the child's progress."""

    done: int
    total: int
    what: str


class Recordings(QObject):
    """One recording at a time.

    Signals:
        written: key of the run, and the paths of its new dumps.
        message: Message, how it ended.
        working: Working, how far it is.
    """

    written = Signal(str, object)
    message = Signal(object)
    working = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._search: InterpreterChoice | None = None
        self._waiting: tuple[str, ...] = ()
        self._key = ""
        self._cancelled = False
        self._errors = b""

    @property
    def running(self) -> bool:
        """Whether something is being recorded."""
        return self._process is not None or bool(self._waiting)

    def start(self, key: str, arguments: tuple[str, ...]) -> None:
        """Run `record` with these arguments for a run; where one is under way, a message says so."""
        if self.running:
            self.message.emit(Message(tr("A checkpoint is being recorded; wait for it, or cancel it at the foot")))
            return
        self._key = key
        if is_frozen():
            self._look_for_python(arguments)
        else:
            self._begin(arguments, "")

    def _look_for_python(self, arguments: tuple[str, ...]) -> None:
        """Begin once it is known which Python trains: the one that is preferred, or the first that can."""
        from inspector.app.interpreter_choice import InterpreterChoice  # not before the first frame
        from inspector.session.preferences_store import load_preferences

        if self._search is None:
            self._search = InterpreterChoice(self)
            self._search.changed.connect(self._on_python)
        self._waiting = arguments
        self.working.emit(Working(tr("looking for a Python that has torch"), job=JOB))
        self._search.choose(load_preferences()[0].interpreter)

    def _on_python(self) -> None:
        search = self._search
        if search is None or search.running or not self._waiting:
            return
        arguments, self._waiting = self._waiting, ()
        problem = search.why_not(("train",))
        if problem:
            self.working.emit(Working("", job=JOB))
            self.message.emit(Message(problem, search.mending_line(("train",))))
        else:
            self._begin(arguments, search.path)

    def _begin(self, arguments: tuple[str, ...], python: str) -> None:
        try:
            process = trainer_child(self, "record", *arguments, "--json", "--progress", interpreter=python)
        except OSError as error:
            self.working.emit(Working("", job=JOB))
            self.message.emit(Message(no_trainer_text(error)))
            return
        process.readyReadStandardError.connect(self._on_told)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        self._process, self._cancelled = process, False
        self._errors = b""
        self.working.emit(Working(tr("starting the trainer"), job=JOB))
        process.start()

    def cancel(self) -> None:
        """Ask the child to stop; what it has not finished is not there."""
        if self._waiting and self._search is not None:
            self._waiting = ()
            self._search.stop()
            self.working.emit(Working("", job=JOB))
        if self._process is not None:
            self._cancelled = True
            self._process.terminate()

    def close(self) -> None:
        """End the child and wait until it has; nobody is told."""
        if self._search is not None:
            self._waiting = ()
            self._search.close()
        process, self._process = self._process, None
        if process is None:
            return
        process.blockSignals(True)
        process.terminate()
        if not process.waitForFinished(END_WITHIN_MS):
            process.kill()
            process.waitForFinished(END_WITHIN_MS)

    def _on_told(self) -> None:
        if self._process is None:
            return
        *lines, rest = (self._errors + bytes(self._process.readAllStandardError().data())).split(b"\n")
        said = []
        for line in lines:
            try:
                told = msgspec.json.decode(line, type=_Told)
            except msgspec.DecodeError:
                said.append(line + b"\n")
            else:
                self.working.emit(Working(told.what, told.done, told.total, JOB))
        self._errors = b"".join(said) + rest

    def _on_error(self, error: QProcess.ProcessError) -> None:
        process = self._process
        if process is not None and error == QProcess.ProcessError.FailedToStart:  # of which `finished` does not tell
            self._process = None
            process.deleteLater()
            self.working.emit(Working("", job=JOB))
            self.message.emit(Message(no_trainer_text()))

    def _on_finished(self, code: int) -> None:
        self._on_told()
        process, self._process = self._process, None
        if process is None:
            return
        out = bytes(process.readAllStandardOutput().data())
        process.deleteLater()
        self.working.emit(Working("", job=JOB))
        dumps = _dumps_in(out)
        said = [visible(line, 500) for line in self._errors.decode("utf-8", "replace").splitlines() if line.strip()]
        if dumps:
            self.written.emit(self._key, tuple(str(one["dump"]) for one in dumps))
            size = bytes_text(sum(int(one["bytes"]) for one in dumps))
            name = Path(dumps[0]["dump"]).name if len(dumps) == 1 else tr_counted(len(dumps), "dump")
            left_out = [line.removeprefix(LEFT_OUT) for line in said if line.startswith(LEFT_OUT)]
            failed = [line for line in said if not line.startswith(LEFT_OUT)]
            told = [tr("{dumps} recorded, {bytes}").format(dumps=name, bytes=size)]
            if left_out:
                files = tr_counted(len(left_out), "file")
                told.append(tr("{files} left out: {first}").format(files=files, first=left_out[0]))
            if failed:
                checkpoints = tr_counted(len(failed), "checkpoint")
                sentence = tr("{checkpoints} could not be recorded: {first}")
                told.append(sentence.format(checkpoints=checkpoints, first=failed[0]))
            self.message.emit(Message("; ".join(told), "\n".join(said), good=not failed))
        elif not self._cancelled and code != INTERRUPTED:
            self.message.emit(Message(said[-1] if said else NO_ANSWER, "\n".join(said)))


def _dumps_in(out: bytes) -> list[dict[str, Any]]:
    """What the child says that it has written; empty where it says nothing."""
    try:
        facts = json.loads(out)
        dumps = facts.get("dumps", [facts])
        return [one for one in dumps if isinstance(one["dump"], str) and isinstance(one["bytes"], int)]
    except (ValueError, TypeError, KeyError, AttributeError):
        return []

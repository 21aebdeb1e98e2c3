"""A trainer child that records checkpoints: how far it is, its cancel, and the dumps that it has written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QProcess, Signal

from inspector.app.news import Message, Working
from inspector.app.trainer_child import trainer_child
from inspector.core.texts import visible
from inspector.core.units import bytes_text, counted

LEFT_OUT = "left out: "
"""How the child begins a line about a file that another program wrote."""

JOB = -2
"""What `Working.job` calls it; there is one at a time."""

END_WITHIN_MS = 5_000
"""A child that is asked to stop does so between two batches."""

_STOPPED = 130


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
        self._key = ""
        self._cancelled = False
        self._errors = b""

    @property
    def running(self) -> bool:
        """Whether something is being recorded."""
        return self._process is not None

    def start(self, key: str, arguments: tuple[str, ...]) -> None:
        """Run `record` with these arguments for a run; where one is under way, a message says so."""
        if self._process is not None:
            self.message.emit(Message("A checkpoint is being recorded; wait for it, or cancel it at the foot"))
            return
        process = trainer_child(self, "record", *arguments, "--json", "--progress")
        process.readyReadStandardError.connect(self._on_told)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        self._process, self._key, self._cancelled = process, key, False
        self._errors = b""
        self.working.emit(Working("starting the trainer", job=JOB))
        process.start()

    def cancel(self) -> None:
        """Ask the child to stop; what it has not finished is not there."""
        if self._process is not None:
            self._cancelled = True
            self._process.terminate()

    def close(self) -> None:
        """End the child and wait until it has; nobody is told."""
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
            self.message.emit(Message("The trainer could not be started"))

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
            name = Path(dumps[0]["dump"]).name if len(dumps) == 1 else counted(len(dumps), "dump")
            left_out = [line.removeprefix(LEFT_OUT) for line in said if line.startswith(LEFT_OUT)]
            failed = [line for line in said if not line.startswith(LEFT_OUT)]
            more = f"; {counted(len(left_out), 'file')} left out: {left_out[0]}" if left_out else ""
            more += f"; {counted(len(failed), 'checkpoint')} could not be recorded: {failed[0]}" if failed else ""
            self.message.emit(Message(f"{name} recorded, {size}{more}", "\n".join(said), good=not failed))
        elif not self._cancelled and code != _STOPPED:
            self.message.emit(Message(said[-1] if said else "The trainer gave no answer", "\n".join(said)))


def _dumps_in(out: bytes) -> list[dict[str, Any]]:
    """What the child says that it has written; empty where it says nothing."""
    try:
        facts = json.loads(out)
        dumps = facts.get("dumps", [facts])
        return [one for one in dumps if isinstance(one["dump"], str) and isinstance(one["bytes"], int)]
    except (ValueError, TypeError, KeyError, AttributeError):
        return []

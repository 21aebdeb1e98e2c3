"""A trainer child that answers what a resume would do: devices, rates, and one step on trial."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtCore import QObject, QProcess, Signal

from inspector.app.trainer_child import trainer_child

END_WITHIN_MS = 30_000
"""A killed process is gone in milliseconds; on a machine that is busy beyond measure it takes longer."""


class Trial(QObject):
    """One question at a time; a newer one ends the older.

    Signals:
        answered: the plan's facts (dict).
        failed: why there is none, one sentence.
    """

    answered = Signal(object)
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None

    @property
    def running(self) -> bool:
        """Whether an answer is awaited."""
        return self._process is not None

    def ask(self, arguments: tuple[str, ...]) -> None:
        """Run `plan` with these arguments."""
        self.stop()
        process = trainer_child(self, "plan", *arguments)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        self._process = process
        process.start()

    def stop(self) -> None:
        """Want no answer any more; the child is ended, and goes when it has."""
        process, self._process = self._process, None
        if process is not None:
            process.finished.disconnect(self._on_finished)
            process.errorOccurred.disconnect(self._on_error)
            process.finished.connect(process.deleteLater)
            process.kill()

    def close(self) -> None:
        """End every child and wait until it has: one that still runs must not go with its window."""
        self.stop()
        for process in self.findChildren(QProcess):
            process.kill()
            process.waitForFinished(END_WITHIN_MS)

    def _on_error(self, error: QProcess.ProcessError) -> None:
        process = self._process
        if process is not None and error == QProcess.ProcessError.FailedToStart:  # of which `finished` does not tell
            self._process = None
            process.deleteLater()
            self.failed.emit("The trainer could not be started")

    def _on_finished(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        out = bytes(process.readAllStandardOutput().data())
        errors = bytes(process.readAllStandardError().data()).decode("utf-8", "replace").strip()
        process.deleteLater()
        try:
            facts = msgspec.json.decode(out, type=dict[str, Any])
        except msgspec.MsgspecError:
            self.failed.emit(errors.splitlines()[-1] if errors else "The trainer gave no answer")
        else:
            self.answered.emit(facts)

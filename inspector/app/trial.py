"""A trainer child that answers what a resume would do: devices, rates, and one step on trial."""

from __future__ import annotations

import json
from typing import Any

from PySide6.QtCore import QObject, QProcess, Signal

from inspector.app.trainer_child import trainer_child
from inspector.core.texts import visible
from inspector.core.units import bytes_text

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
            facts: dict[str, Any] = json.loads(out)
        except ValueError:
            self.failed.emit(errors.splitlines()[-1] if errors else "The trainer gave no answer")
        else:
            self.answered.emit(facts)


def plan_text(facts: dict[str, Any]) -> str:
    """What the trainer answered to `plan`: its device, what it needs, one step on trial, and its notes."""
    lines = [
        f"On {facts['device']} · {bytes_text(int(facts['state_bytes']))} of weights, gradients and optimizer state"
    ]
    trial = facts.get("trial")
    if trial:
        seconds = 1000 * float(trial["step_s"])
        lines.append(
            f"One step: loss {trial['loss_before']:.4g} before, {trial['loss_after']:.4g} after, {seconds:.0f} ms"
        )
    lines += [visible(str(note)) for note in facts.get("notes", [])]
    return " · ".join(lines)

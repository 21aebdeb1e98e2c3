"""A trainer child that answers what a resume would do: devices, rates, and one step on trial."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtCore import Signal

from inspector.app.one_child import OneChild
from inspector.app.trainer_child import trainer_child


class Trial(OneChild):
    """One question at a time; a newer one ends the older.

    Signals:
        answered: the plan's facts (dict).
        failed: why there is none, one sentence.
    """

    answered = Signal(object)
    failed = Signal(str)

    def ask(self, arguments: tuple[str, ...], interpreter: str = "") -> None:
        """Run `plan` with these arguments, in another interpreter where one is named."""
        try:
            self.begin(trainer_child(self, "plan", *arguments, interpreter=interpreter))
        except OSError as error:
            self.stop()
            self.failed.emit(f"The trainer could not be started: {error.strerror or error}")

    def not_started(self, _why: str) -> None:
        self.failed.emit("The trainer could not be started")

    def told(self, said: bytes, errors: bytes, _code: int) -> None:
        try:
            facts = msgspec.json.decode(said, type=dict[str, Any])
        except msgspec.MsgspecError:
            lines = errors.decode("utf-8", "replace").strip().splitlines()
            self.failed.emit(lines[-1] if lines else "The trainer gave no answer")
        else:
            self.answered.emit(facts)

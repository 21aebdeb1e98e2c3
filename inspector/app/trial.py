"""A trainer child that answers what a resume would do: devices, rates, and one step on trial."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtCore import Signal

from inspector.app.one_child import OneChild
from inspector.app.trainer_child import trainer_child
from inspector.core.language import tr

NO_ANSWER = tr("The trainer gave no answer")


def no_trainer_text(error: OSError | None = None) -> str:
    """Why there is no trainer child, as far as that is known."""
    if error is None:
        return tr("The trainer could not be started")
    return tr("The trainer could not be started: {why}").format(why=error.strerror or error)


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
            self.failed.emit(no_trainer_text(error))

    def not_started(self, _why: str) -> None:
        self.failed.emit(no_trainer_text())

    def told(self, said: bytes, errors: bytes, _code: int) -> None:
        try:
            facts = msgspec.json.decode(said, type=dict[str, Any])
        except msgspec.MsgspecError:
            lines = errors.decode("utf-8", "replace").strip().splitlines()
            self.failed.emit(lines[-1] if lines else NO_ANSWER)
        else:
            self.answered.emit(facts)

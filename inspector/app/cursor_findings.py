"""The findings of a moment: asked for where the cursor rests, and no more once it has moved on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from inspector.app.news import Message
from inspector.core.outcome import Done, Failed, Outcome
from inspector.diagnosis.values import Diagnosis
from inspector.jobs.reader import Reader, Ticket

_REST_MS = 150
"""A cursor that is dragged or played rests nowhere for so long."""


class CursorFindings(QObject):
    """The diagnosis of each run as it was at a step, the last one asked for.

    Args:
        reader_of: the process that is asked, by the key of the run.
        kind: of the request; `request` makes its body of a step.

    Signals:
        diagnosed: key of a run whose diagnosis at its cursor is new.
        message: Message, why there is none.
    """

    diagnosed = Signal(str)
    message = Signal(object)

    def __init__(
        self,
        reader_of: Callable[[str], Reader | None],
        kind: str,
        request: Callable[[float], msgspec.Struct],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._reader_of = reader_of
        self._kind = kind
        self._request = request
        self._known: dict[str, tuple[float, Diagnosis]] = {}
        self._wanted: tuple[str, float] | None = None
        self._ticket: Ticket | None = None
        self._rest = QTimer(self, interval=_REST_MS, singleShot=True)
        self._rest.timeout.connect(self._ask)

    @property
    def busy(self) -> bool:
        """Whether a diagnosis is awaited, or soon asked for."""
        return self._rest.isActive() or self._ticket is not None

    def at(self, key: str, step: float) -> Diagnosis | None:
        """What had gone wrong by a step; None until its reader has answered, which is asked for it."""
        known = self._known.get(key)
        if known is not None and known[0] == step:
            return known[1]
        if self._wanted != (key, step):
            self._take_back()
            self._wanted = (key, step)
            self._rest.start()
        return None

    def rest(self) -> None:
        """The cursor is not in the past: nothing is asked for any more."""
        self._take_back()
        self._wanted = None

    def forget(self, key: str) -> None:
        """Know nothing of a run any more: it has changed, or was closed."""
        self._known.pop(key, None)
        if self._wanted is not None and self._wanted[0] == key:
            self.rest()

    def stop(self) -> None:
        """Ask for nothing any more."""
        self._rest.stop()

    def _take_back(self) -> None:
        self._rest.stop()
        if self._ticket is not None:
            ticket, self._ticket = self._ticket, None
            ticket.cancel()

    def _ask(self) -> None:
        if self._wanted is None:
            return
        key, step = self._wanted
        reader = self._reader_of(key)
        if reader is not None:
            answered = partial(self._answered, key, step)
            self._ticket = reader.ask(self._kind, self._request(step), Diagnosis, answered, supersedes="at cursor")

    def _answered(self, key: str, step: float, outcome: Outcome[Diagnosis]) -> None:
        if self._wanted != (key, step):
            return
        self._ticket = None
        match outcome:
            case Done(diagnosis):
                self._known[key] = step, diagnosis
                self.diagnosed.emit(key)
            case Failed(sentence, detail):
                self.message.emit(Message(sentence, detail))
            case _:
                self._wanted = None


def begun_by(diagnosis: Diagnosis, step: float) -> Diagnosis:
    """The findings of a whole run that began no later than a step: a first answer for that moment."""
    begun = tuple(one for one in diagnosis.findings if one.since_step is None or one.since_step <= step)
    return msgspec.structs.replace(diagnosis, findings=begun)

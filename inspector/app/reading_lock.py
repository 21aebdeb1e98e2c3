"""What keeps readers in on this system, asked once."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from inspector.app.openings import Order
from inspector.app.run_readers import RunReaders
from inspector.core.outcome import Done, Outcome
from inspector.jobs.requests import Lock, LockAsk


class ReadingLock(QObject):
    """Asks the reader of the first run that was opened; the lock of all others is the same.

    Attributes:
        known: None until it has answered.

    Signals:
        changed: it is known now.
    """

    changed = Signal()

    def __init__(self, readers: RunReaders, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._readers = readers
        self._asked = False
        self.known: Lock | None = None

    def look(self, order: Order) -> None:
        """Ask the reader of a run that was opened, once."""
        reader = self._readers.known(order.key)
        if reader is not None and not self._asked:
            self._asked = True
            reader.ask("lock", LockAsk(), Lock, self._told)

    def _told(self, outcome: Outcome[Lock]) -> None:
        if not isinstance(outcome, Done):
            self._asked = False
            return
        self.known = outcome.value
        self.changed.emit()

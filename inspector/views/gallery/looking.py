"""Which samples were looked at: those that were the chosen one and gave way to another."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from inspector.session.intents import Intent
from inspector.session.triage import SamplesSeen

TELL_AFTER_MS = 400
"""After so long a rest it is told: who steps fast through unseen samples has the list stand still meanwhile."""


class Looking(QObject):
    """Collects the samples that were left.

    Args:
        tell: takes the intents.
    """

    def __init__(self, tell: Callable[[Intent], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tell = tell
        self._at: tuple[str, int] | None = None
        self._left: dict[str, set[int]] = {}
        self._resting = QTimer(self, singleShot=True, interval=TELL_AFTER_MS)
        self._resting.timeout.connect(self.tell)

    def at(self, path: str, sample: int) -> None:
        """A sample of a dump is looked at from now on."""
        if (path, sample) != self._at:
            self._leave()
            self._at = path, sample
            if self._left:
                self._resting.start()

    def away(self) -> None:
        """Nothing is looked at any more."""
        self._leave()
        self._at = None
        self.tell()

    def tell(self) -> None:
        """Tell what was left since."""
        self._resting.stop()
        left, self._left = self._left, {}
        for path, samples in left.items():
            self._tell(SamplesSeen(path, tuple(samples)))

    def _leave(self) -> None:
        if self._at is not None:
            path, sample = self._at
            self._left.setdefault(path, set()).add(sample)

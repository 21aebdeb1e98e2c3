"""Looks at the files of open runs again and again, so that a run that grows is seen to grow."""

from __future__ import annotations

from functools import partial
from typing import cast

from PySide6.QtCore import QObject, QTimer, Signal

from inspector.app.open_runs import OpenRuns
from inspector.app.run_readers import RunReaders
from inspector.core.outcome import Done, Outcome
from inspector.jobs.readers import Ticket
from inspector.jobs.requests import Refresh
from inspector.runs.values import Run
from inspector.views.few_a_turn import FewATurn

REFRESH_LIVE_MS = 500
"""How often a live run's files are looked at, and those of a run that was seen to change; others every fourth time."""

_LATELY_LOOKS = 30


class Following(QObject):
    """The looks at every open run.

    Signals:
        changed: key of a run whose files have changed, and the Run that it is now.
    """

    changed = Signal(str, object)

    def __init__(self, readers: RunReaders, runs: OpenRuns, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._readers = readers
        self._runs = runs
        self._refreshes: dict[str, Ticket] = {}
        self._overdue: set[str] = set()
        self._changed_at: dict[str, int] = {}
        self._ticks = 0
        self._looks = FewATurn(self)
        self._timer = QTimer(self, interval=REFRESH_LIVE_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def refresh(self, key: str) -> None:
        """Look at a run's files, or, where that is being done, again right after."""
        asked = self._refreshes.get(key)
        reader = self._readers.known(key)
        if asked is not None and not asked.settled:
            self._overdue.add(key)
        elif reader:
            self._overdue.discard(key)
            answer = cast("type[Run | None]", Run | None)
            self._refreshes[key] = reader.ask(
                "refresh", Refresh(), answer, partial(self._refreshed, key), supersedes="refresh"
            )

    def forget(self, key: str) -> None:
        """Know nothing of a run any more whose reader has ended."""
        self._refreshes.pop(key, None)
        self._changed_at.pop(key, None)
        self._overdue.discard(key)

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()
        self._looks.stop()

    def _tick(self) -> None:
        self._ticks += 1
        for place, (key, run) in enumerate(self._runs.items()):
            lately = self._ticks - self._changed_at.get(key, -_LATELY_LOOKS) < _LATELY_LOOKS
            if run.live or run.unread_bytes or lately or (self._ticks + place) % 4 == 0:
                self._looks.add(key, partial(self.refresh, key))
        self._looks.go_on()

    def _refreshed(self, key: str, outcome: Outcome[Run | None]) -> None:
        if isinstance(outcome, Done) and outcome.value is not None:
            self._changed_at[key] = self._ticks
            self.changed.emit(key, outcome.value)
        if key in self._overdue:
            self.refresh(key)

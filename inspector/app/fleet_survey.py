"""A folder of many runs is looked at: what is kept of them first, then the others, by readers side by side."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from inspector.core.outcome import Cancelled, Done, Failed, Outcome
from inspector.formats.fleet import FleetRow, FleetRun
from inspector.formats.fleet_cache import keep_fleet
from inspector.jobs.readers import Launcher, Reader, Ticket
from inspector.jobs.requests import Survey
from inspector.session.writing import writing

MOST_READERS = 4
"""More processors are left to whatever else is done."""

_KNOWN_AT_ONCE = 100
_READ_AT_ONCE = 4
_REQUESTS_OF_A_READER = 16
"""A reader keeps what it read; it gives way to a new one before that is much."""

_KEEP_EVERY = 250
"""Rows between two writings of the cache: what was read is not lost with the window."""

_Rows = tuple[FleetRow, ...]


class _Lane:
    """One reader after another, each asked one thing at a time."""

    def __init__(self) -> None:
        self.reader: Reader | None = None
        self.asked = 0
        self.ticket: Ticket | None = None

    def close(self) -> None:
        """End its reader."""
        if self.reader is not None:
            self.reader.close()
            self.reader = None


class FleetSurvey(QObject):
    """Rows of the runs of one folder, as they are read.

    Signals:
        read: tuple of FleetRow, new ones.
        ended: no more will come.
    """

    read = Signal(object)
    ended = Signal()

    def __init__(self, launcher: Launcher, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._launcher = launcher
        self._folder = ""
        self._unknown: deque[tuple[FleetRun, ...]] = deque()
        self._unread: deque[tuple[FleetRun, ...]] = deque()
        self._lanes: list[_Lane] = []
        self._rows: dict[str, FleetRow] = {}
        self._not_kept = 0

    @property
    def busy(self) -> bool:
        """Whether rows are awaited."""
        return any(lane.ticket is not None for lane in self._lanes)

    def begin(self, folder: str, runs: Sequence[FleetRun]) -> None:
        """Look at the runs of a folder; what was looked at before is left."""
        self.stop()
        self._folder = folder
        self._rows = {}
        self._not_kept = 0
        self._unknown = deque(_parts(runs, _KNOWN_AT_ONCE))
        self._lanes = [_Lane() for _ in range(min(max(os.cpu_count() or 1, 1), MOST_READERS))]
        for lane in self._lanes:
            self._advance(lane)

    def stop(self) -> None:
        """Look no further; what was read so far is kept."""
        self._unknown.clear()
        self._unread.clear()
        for lane in self._lanes:
            lane.close()
        self._lanes = []
        self._keep()

    def _advance(self, lane: _Lane) -> None:
        """Have a lane do the next thing; where nothing is left, it ends."""
        lane.ticket = None
        known = bool(self._unknown)
        waiting = self._unknown or self._unread
        if not waiting:
            lane.close()
            if not self.busy:
                self._lanes = []
                self._keep()
                self.ended.emit()
            return
        runs = waiting.popleft()
        if lane.reader is None or lane.asked >= _REQUESTS_OF_A_READER:
            lane.close()
            lane.reader, lane.asked = self._launcher.reader((self._folder,)), 0
        lane.asked += 1
        ask = Survey(self._folder, runs, known)
        lane.ticket = lane.reader.ask("survey", ask, _Rows, partial(self._answered, lane, runs, known))

    def _answered(self, lane: _Lane, runs: tuple[FleetRun, ...], known: bool, outcome: Outcome[_Rows]) -> None:
        if lane not in self._lanes or isinstance(outcome, Cancelled):
            return
        rows: _Rows = outcome.value if isinstance(outcome, Done) else ()
        if isinstance(outcome, Failed) and not known and len(runs) == 1:
            rows = (FleetRow(run=runs[0], unread=outcome.sentence),)
        told = {row.run.key for row in rows}
        left = [run for run in runs if run.key not in told]
        # One run that ends its reader takes no other with it: those that were asked together are asked alone.
        self._unread.extend(_parts(left, _READ_AT_ONCE if known else 1))
        self._take(rows, new=not known)
        for one in self._lanes if left else (lane,):
            if one is lane or one.ticket is None:
                self._advance(one)

    def _take(self, rows: _Rows, *, new: bool) -> None:
        if not rows:
            return
        self._rows.update((row.run.key, row) for row in rows)
        self._not_kept += len(rows) if new else 0
        if self._not_kept >= _KEEP_EVERY:
            self._keep()
        self.read.emit(rows)

    def _keep(self) -> None:
        if self._not_kept:
            self._not_kept = 0
            writing(partial(keep_fleet, self._folder, tuple(self._rows.values())))


def _parts(runs: Sequence[FleetRun], most: int) -> list[tuple[FleetRun, ...]]:
    return [tuple(runs[first : first + most]) for first in range(0, len(runs), most)]

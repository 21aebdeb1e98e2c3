"""Runs that are being opened: a few at a time, the others wait; all can be cancelled."""

from __future__ import annotations

from collections import deque
from functools import partial
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal

from inspector.app.run_readers import RunReaders
from inspector.app.unpacking import Unpacking
from inspector.core.language import tr
from inspector.core.outcome import Cancelled, Done, Failed, Outcome
from inspector.core.pulse import Progress
from inspector.jobs.readers import Ticket
from inspector.jobs.requests import Open
from inspector.runs.values import Run
from inspector.session.intents import RunOpened

AT_ONCE = 3
"""More readers at work would only wait for each other's processor."""


class Order(msgspec.Struct, frozen=True):
    """A run to open.

    Attributes:
        opened: what its run joins the tree as.
        quiet: the tree names it already.
    """

    opened: RunOpened
    quiet: bool = False

    @property
    def key(self) -> str:
        """The run's key."""
        return self.opened.key


class Openings(QObject):
    """The runs that wait, and those under way.

    Signals:
        opened: Order and its Run.
        ended: Order that gave no run, and Failed or Cancelled.
        progressed: Progress of all, None when there is nothing to open any more.
    """

    opened = Signal(object, object)
    ended = Signal(object, object)
    progressed = Signal(object)

    def __init__(self, readers: RunReaders, unpacking: Unpacking, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._readers = readers
        self._unpacking = unpacking
        self._unpacking.unpacked.connect(self._on_unpacked)
        self._unpacking.failed.connect(self._on_not_unpacked)
        self._unpacking.progressed.connect(self._on_progress)
        self._waiting: deque[Order] = deque()
        self._under_way: dict[str, tuple[Order, Ticket | None]] = {}
        self._done = 0

    def __contains__(self, key: object) -> bool:
        return key in self._under_way or any(order.key == key for order in self._waiting)

    @property
    def busy(self) -> bool:
        """Whether anything is being opened, or waits for it."""
        return bool(self._waiting or self._under_way)

    def archives(self) -> set[str]:
        """The archives that are needed for what is being opened."""
        orders = (*self._waiting, *(order for order, _ticket in self._under_way.values()))
        return {archive for order in orders for archive in order.opened.archives}

    def add(self, order: Order) -> None:
        """Open a run when its turn comes; nothing where it is being opened."""
        if order.key not in self:
            self._waiting.append(order)
            self._advance()

    def cancel(self) -> None:
        """Open nothing any more."""
        while self._waiting:  # one by one: who is told of one finds the others still here
            self.ended.emit(self._waiting.popleft(), Cancelled())
        self._unpacking.cancel()
        for _order, ticket in tuple(self._under_way.values()):
            if ticket is not None:
                ticket.cancel()
        self._tell()

    def close(self) -> None:
        """Forget all; nobody is told."""
        self._waiting.clear()
        self._under_way.clear()

    def _advance(self) -> None:
        while self._waiting and len(self._under_way) < AT_ONCE:
            order = self._waiting.popleft()
            self._under_way[order.key] = (order, None)
            self._begin(order)
        self._tell()

    def _begin(self, order: Order) -> None:
        """Unpack what must be, then have a reader open it."""
        packed = [archive for archive in order.opened.archives if archive not in self._unpacking]
        if packed:
            for archive in packed:
                self._unpacking.want(archive)
            return
        paths = tuple(self._unpacking.path_of(path, order.opened.archives) for path in order.opened.paths)
        reader = self._readers.of(order.key, paths)
        ticket = reader.ask("open", Open(), Run, partial(self._on_opened, order), self._on_progress)
        self._under_way[order.key] = (order, ticket)

    def _on_unpacked(self, archive: str) -> None:
        for order, ticket in tuple(self._under_way.values()):
            if ticket is None and archive in order.opened.archives:
                self._begin(order)

    def _on_not_unpacked(self, archive: str, outcome: Failed | Cancelled) -> None:
        for order in [order for order in self._waiting if archive in order.opened.archives]:
            self._waiting.remove(order)
            self.ended.emit(order, Cancelled())  # one sentence is enough for all runs of an archive
        for order, ticket in tuple(self._under_way.values()):
            if ticket is None and archive in order.opened.archives:
                self._end(order, outcome)

    def _on_opened(self, order: Order, outcome: Outcome[Run]) -> None:
        self._end(order, outcome)

    def _end(self, order: Order, outcome: Outcome[Run]) -> None:
        self._under_way.pop(order.key, None)
        self._done += 1
        if isinstance(outcome, Done):
            self.opened.emit(order, outcome.value)
        else:
            self.ended.emit(order, outcome)
        self._advance()

    def _on_progress(self, progress: Progress) -> None:
        if self._total() == 1:
            self.progressed.emit(progress)

    def _total(self) -> int:
        return self._done + len(self._under_way) + len(self._waiting)

    def _tell(self) -> None:
        total = self._total()
        if not self.busy:
            self._done = 0
            self.progressed.emit(None)
        elif total > 1:
            opening = tr("opening run {number} of {total}").format(number=self._done + 1, total=total)
            self.progressed.emit(Progress(self._done, total, opening))
        else:
            (order, _ticket) = next(iter(self._under_way.values()))
            name = order.opened.name or Path(order.opened.paths[0]).name
            self.progressed.emit(Progress(0, 0, tr("opening {run}").format(run=name)))

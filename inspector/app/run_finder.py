"""Finds which runs are among some paths, each time in a reader of its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from inspector.core.outcome import Outcome
from inspector.jobs.readers import Launcher, Reader, Ticket
from inspector.jobs.requests import WhichRuns
from inspector.runs.groups import Grouping

OnGrouping = Callable[[Outcome[Grouping]], None]


class RunFinder:
    """The searches under way."""

    def __init__(self, launcher: Launcher) -> None:
        self._launcher = launcher
        self._searches: set[Reader] = set()

    @property
    def busy(self) -> bool:
        """Whether anything is being looked for."""
        return bool(self._searches)

    def find(self, paths: tuple[str, ...], on_outcome: OnGrouping) -> Ticket:
        """Have a reader tell which runs are among some paths."""
        reader = self._launcher.reader(paths)
        self._searches.add(reader)
        return reader.ask("which runs", WhichRuns(), Grouping, partial(self._found, reader, on_outcome))

    def _found(self, reader: Reader, on_outcome: OnGrouping, outcome: Outcome[Grouping]) -> None:
        reader.close()
        try:
            on_outcome(outcome)
        finally:
            self._searches.discard(reader)

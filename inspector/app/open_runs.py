"""The runs that are open, each read by a reader of its own."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal

from inspector.app.news import OPENING_JOB, Message, working_on
from inspector.app.openings import Openings, Order
from inspector.app.run_readers import RunReaders
from inspector.app.unpacking import Unpacking
from inspector.core.outcome import Cancelled, Failed
from inspector.core.pulse import Progress
from inspector.formats.facts import DumpFacts, OtherFacts
from inspector.formats.role_corrections import FileCorrections, corrections_for
from inspector.jobs.readers import Launcher
from inspector.runs.values import Run
from inspector.session.intents import RunOpened
from inspector.session.values import RunState


class OpenRuns(QObject):
    """Runs by their key.

    Signals:
        opened: Order of a run that is open now.
        not_opened: Order of one that could not be, and Failed or Cancelled.
        reader_ended: key of a run, nothing of which that was prepared until now is to be shown again.
        closed: key of a run that is open no more.
        message: Message.
        working: Working.

    Args:
        launcher: where readers come from.
        readers: those of open runs.
        name_of: the name that the tree has for a run, empty for the run's own, None where it is not in the tree.
        parent: what it goes with.
    """

    opened = Signal(object)
    not_opened = Signal(object, object)
    reader_ended = Signal(str)
    closed = Signal(str)
    message = Signal(object)
    working = Signal(object)

    def __init__(
        self,
        launcher: Launcher,
        readers: RunReaders,
        name_of: Callable[[str], str | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._launcher = launcher
        self._readers = readers
        self._name_of = name_of
        self._runs: dict[str, Run] = {}
        self._paths: dict[str, tuple[str, ...]] = {}
        self._outdated: dict[str, RunState] = {}
        self._unpacking = Unpacking(launcher, self)
        self._unpacking.message.connect(self.message)
        self._openings = Openings(readers, self._unpacking, self)
        self._openings.opened.connect(self._on_opened)
        self._openings.ended.connect(self._on_not_opened)
        self._openings.progressed.connect(self._on_progressed)

    @property
    def opening(self) -> bool:
        """Whether a run is being opened, or waits for it."""
        return self._openings.busy

    def get(self, key: str) -> Run | None:
        """A run by its key; None while it is being opened."""
        return self._runs.get(key)

    def items(self) -> ItemsView[str, Run]:
        """Every key and its run."""
        return self._runs.items()

    def put(self, key: str, run: Run, name: str = "") -> None:
        """Take a reader's answer for a run, by the name that the tree has for it, or this where it is not there."""
        known = self._name_of(key)
        self._runs[key] = msgspec.structs.replace(run, key=key, name=(name if known is None else known) or run.name)

    def open(self, opened: RunOpened) -> None:
        """Open a run; `opened` or `not_opened` tells of it."""
        self._openings.add(Order(opened))

    def open_again(self, run: RunState) -> None:
        """Read a run that the tree names with a fresh reader, from the paths that it has there."""
        if run.key in self._openings:
            return
        if run.key in self._runs:
            self._end_reader(run.key)
        opened = RunOpened(run.key, run.paths, run.parent, run.name, run.folder, run.place, run.archives)
        self._openings.add(Order(opened, quiet=True))

    def follow(self, named: Sequence[RunState]) -> None:
        """Open what the tree names and is not open so; let go of what it names no more."""
        keys = {run.key for run in named}
        for key in [key for key in self._runs if key not in keys]:
            self._forget(key)
        for run in named:
            if self._paths.get(run.key) != run.paths:
                self.open_again(run)
        archives = {archive for run in named for archive in run.archives}
        self._unpacking.keep_only(archives | self._openings.archives())

    def correct_roles(self, corrections: tuple[FileCorrections, ...], named: Sequence[RunState]) -> None:
        """Read dumps with what the user says of their datasets; runs with dumps of which that is new are read again."""
        before, self._launcher.role_corrections = self._launcher.role_corrections, corrections
        if before == corrections:
            return
        for state in named:
            run = self._runs.get(state.key)
            names = [Path(file.path).name for file in run.files if isinstance(file.facts, DumpFacts)] if run else ()
            if any(corrections_for(name, before) != corrections_for(name, corrections) for name in names):
                if state.key in self._openings:  # by what was said before
                    self._outdated[state.key] = state
                self.open_again(state)

    def cancel(self) -> None:
        """Open nothing any more."""
        self._openings.cancel()

    def close(self) -> None:
        """Forget what is being opened, and remove what was unpacked; nobody is told."""
        self._openings.close()
        self._unpacking.close()

    def _on_opened(self, order: Order, run: Run) -> None:
        self._paths[order.key] = order.opened.paths
        self.put(order.key, run, order.opened.name)
        self.opened.emit(order)
        outdated = self._outdated.pop(order.key, None)
        if outdated is not None and order.key in self._runs:
            self.open_again(outdated)

    def _on_not_opened(self, order: Order, outcome: Failed | Cancelled) -> None:
        self._outdated.pop(order.key, None)
        self._end_reader(order.key)
        if isinstance(outcome, Failed):
            self.message.emit(Message(outcome.sentence, outcome.detail))
        self.not_opened.emit(order, outcome)

    def _on_progressed(self, progress: Progress | None) -> None:
        self.working.emit(working_on(progress, OPENING_JOB))

    def _forget(self, key: str) -> None:
        self._end_reader(key)
        del self._runs[key]
        self._paths.pop(key, None)
        self.closed.emit(key)

    def _end_reader(self, key: str) -> None:
        self.reader_ended.emit(key)
        self._readers.close(key)


def left_out(run: Run) -> tuple[str, ...]:
    """Of each file that was named by the user and could not be read, why."""
    return tuple(
        entry.facts.because for entry in run.files if isinstance(entry.facts, OtherFacts) and entry.path in run.paths
    )

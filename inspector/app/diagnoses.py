"""What was found in open runs, in all of each and at its cursor: by the program's checks, and by the user's own."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from inspector.app.cursor_findings import CursorFindings, begun_by
from inspector.app.diagnosing import Diagnosing
from inspector.app.open_runs import OpenRuns
from inspector.app.own_findings import KIND as OWN_RULES
from inspector.app.own_findings import OwnFindings
from inspector.app.run_readers import RunReaders
from inspector.diagnosis.values import Diagnosis, Finding, together
from inspector.formats.facts import CheckpointFacts, DumpFacts
from inspector.jobs.readers import Launcher
from inspector.jobs.requests import Diagnose, JudgeByOwnRules
from inspector.runs.placing import past_step
from inspector.runs.values import Run, alike_but_for_life
from inspector.session.values import RunState


class Diagnoses(QObject):
    """The diagnoses of the runs of one window.

    Attributes:
        whole: of all of each run; moments: of it as it was at an earlier step.
        own, own_moments: the same by the user's own rules.

    Signals:
        changed: key of a run of which something else is known.
        message: Message.
    """

    changed = Signal(str)
    message = Signal(object)

    def __init__(self, launcher: Launcher, readers: RunReaders, runs: OpenRuns, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs = runs
        self.whole = Diagnosing(readers, self)
        self.moments = CursorFindings(readers.known, "diagnose", Diagnose, self)
        self.own = OwnFindings(launcher, runs, self)
        self.own_moments = CursorFindings(self.own.reader, OWN_RULES, JudgeByOwnRules, self)
        self._parts = (self.whole, self.moments, self.own, self.own_moments)
        for telling in (self.whole, self.moments, self.own_moments):
            telling.message.connect(self.message)
        for asking in (self.whole, self.own):
            runs.reader_ended.connect(asking.unask)
        for part in self._parts:
            runs.closed.connect(part.forget)
        self.whole.diagnosed.connect(self.moments.forget)
        self.whole.diagnosed.connect(self._on_diagnosed)
        self.whole.diagnosed.connect(self.changed)
        self.own.told.connect(self.own_moments.forget)
        self.own.told.connect(self.changed)
        self.own_moments.diagnosed.connect(self.changed)

    @property
    def busy(self) -> bool:
        """Whether a diagnosis is awaited."""
        return any(part.busy for part in self._parts)

    def of(self, key: str | None) -> Diagnosis | None:
        """A run's findings, those of the user's own rules among them; None until its reader has answered."""
        found = self.whole.known(key)
        return together(found, self.own.known(key)) if found is not None and key is not None else None

    def at_cursor(self, state: RunState) -> Diagnosis | None:
        """A run's findings as of its cursor; until its reader has looked, those of all of it that had begun by then."""
        found = self._at_cursor(state, self.whole.known(state.key), self.moments)
        return together(found, self.own_at_cursor(state)) if found is not None else None

    def own_at_cursor(self, state: RunState) -> Diagnosis | None:
        """As `at_cursor`, of the user's own rules alone."""
        return self._at_cursor(state, self.own.known(state.key), self.own_moments)

    def open_findings(self, state: RunState) -> tuple[Finding, ...]:
        """A run's findings that were not dismissed, worst first."""
        return not_dismissed(self.of(state.key), state)

    def look(self, key: str, run: Run) -> None:
        """Diagnose a run that was opened; what can be told at once comes first."""
        if run.unread_bytes or _takes_time(run):
            self.whole.first_look(key)
        if not run.unread_bytes:
            self.whole.diagnose(key)

    def look_again(self, key: str, before: Run | None, run: Run) -> None:
        """Diagnose a run whose files have changed, unless only its life has."""
        if run.unread_bytes:
            self.whole.first_look(key)
        elif before is None or not alike_but_for_life(before, run):
            self.whole.diagnose_soon(key)

    def stop(self) -> None:
        """Ask for nothing any more."""
        for part in self._parts:
            part.stop()

    def _at_cursor(self, state: RunState, whole: Diagnosis | None, moments: CursorFindings) -> Diagnosis | None:
        run = self._runs.get(state.key)
        step = past_step(run.moments, state.cursor_step) if run is not None else None
        if step is None or whole is None:
            moments.rest()
            return whole
        return moments.at(state.key, step) or begun_by(whole, step)

    def _on_diagnosed(self, key: str) -> None:
        found = self.whole.known(key)
        if found is not None and found.complete:
            self.own.look(key)


def not_dismissed(diagnosis: Diagnosis | None, state: RunState) -> tuple[Finding, ...]:
    """The findings of a diagnosis that were not put aside, worst first; none without one."""
    return tuple(one for one in diagnosis.findings if one.id not in state.dismissed) if diagnosis is not None else ()


_LOOKED_THROUGH_BYTES = 64_000_000
"""Of more dumps and checkpoints a diagnosis takes longer than a moment."""


def _takes_time(run: Run) -> bool:
    files = (entry for entry in run.files if isinstance(entry.facts, CheckpointFacts | DumpFacts))
    return sum(entry.bytes for entry in files) > _LOOKED_THROUGH_BYTES

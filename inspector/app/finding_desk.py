"""What the user does with findings: choose, show, stage a cure, dismiss; and what is staged."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtCore import QObject

from inspector.app.desk import Desk
from inspector.app.diagnoses import not_dismissed
from inspector.app.evidence import intents_for, staged_cure
from inspector.app.findings_panel import FindingsPanel
from inspector.app.news import Message
from inspector.app.resume_checkpoints import checkpoints_of
from inspector.app.tabs import TRIAGE, Tabs
from inspector.core.language import tr
from inspector.diagnosis.values import Finding
from inspector.display.triage.scene import FindingRow
from inspector.runs.placing import moment_text
from inspector.runs.values import Run
from inspector.session.intents import EditChosen, EditsStaged, EditUnstaged, FindingDismissed, ViewChanged
from inspector.session.reduce import chosen_run
from inspector.session.staging import unsettled
from inspector.session.values import RunState


class FindingDesk(QObject):
    """The panel at the right and what its buttons do.

    Beside the triage view it shows the chosen finding's evidence, beside the others the list with the chosen unfolded.
    """

    def __init__(self, desk: Desk, panel: FindingsPanel, tabs: Tabs, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._panel = panel
        self._tabs = tabs
        self._shown: tuple[object, ...] = ()
        self._staged: tuple[Any, ...] = ()
        self._gone_to = ("", 0)
        desk.diagnoses.moments.diagnosed.connect(self.reflect)
        panel.chosen.connect(self.choose)
        panel.staged.connect(self.stage)
        panel.shown.connect(self.show)
        panel.dismissed.connect(self.dismiss)
        panel.evidence.shown.connect(self._show_evidence)
        panel.evidence.staged.connect(self._stage_cure)
        panel.staged_card.unstaged.connect(self._unstage)
        panel.staged_card.settled.connect(self._settle)
        panel.staged_card.cleared.connect(self._clear)

    def reflect(self) -> None:
        """Show the chosen run's findings and staged edits."""
        state = chosen_run(self._desk.state)
        if state is None:
            self._shown, self._staged = (), ()
            self._panel.show_findings((), None, None)
            return
        run = self._desk.run(state.key)
        diagnosis = self._desk.diagnoses.at_cursor(state)
        findings = not_dismissed(diagnosis, state)
        resumable = run is not None and (run.record is not None or bool(checkpoints_of(run)))
        why_not = unsettled(state) if resumable else tr("There is no checkpoint to resume from")
        staged = (state.key, state.staged, _resume_text(run, state), why_not, state.contested)
        if staged != self._staged:
            self._staged = staged
            self._panel.staged_card.show_edits(*staged[1:])
        row = self._triage_row()
        if row is not None:
            self._panel.show_evidence(row)
            return
        view = self._triage_view()
        if diagnosis is not None and view is not None and not view.message():  # it tells that by itself
            diagnosis = msgspec.structs.replace(diagnosis, not_assessable=())
        self._panel.show_list(_heading(run, state))
        chosen = self._chosen()
        shown = (state.key, findings, diagnosis, chosen)
        if shown != self._shown:  # a cursor that moves changes the heading alone
            self._shown = shown
            self._panel.show_findings(findings, diagnosis, chosen)

    def marked(self) -> tuple[Finding | None, int]:
        """The chosen finding, None where there is none, and the place of that evidence of it that was gone to."""
        chosen = self._chosen()
        finding, place = self._gone_to
        return (self._finding(chosen) if chosen else None), (place if finding == chosen else 0)

    def shown_finding(self) -> str:
        """Id of the chosen finding, or of that whose evidence is shown; empty for none."""
        row = self._triage_row()
        chosen = row.id if row is not None else self._chosen()
        return (chosen or "") if self._desk.state.runs else ""

    def choose(self, finding: str) -> None:
        """Choose a finding; of a list the chosen one is folded again."""
        folded = finding == self._chosen() and self._desk.state.tab != TRIAGE
        self._desk.dispatch(ViewChanged({"finding": "" if folded else finding}))

    def stage(self, wanted: str) -> None:
        """Stage a finding's best cure."""
        self._stage(self._finding(wanted))

    def show(self, wanted: str) -> None:
        """Bring a finding's evidence onto the screen."""
        self._show(self._finding(wanted))

    def dismiss(self, wanted: str) -> None:
        """Put a finding aside."""
        self._dismiss(self._finding(wanted))

    def stage_chosen(self) -> None:
        """As `stage`, for the chosen finding or the worst."""
        self._stage(self._finding(self._chosen()))

    def show_chosen(self) -> None:
        """As `show`, for the chosen finding or the worst."""
        self._show(self._finding(self._chosen()))

    def dismiss_chosen(self) -> None:
        """As `dismiss`, for the chosen finding or the worst; the triage view asks why first."""
        view = self._triage_view()
        if view is None or not view.dismiss_chosen():
            self._dismiss(self._finding(self._chosen()))

    def _chosen(self) -> str | None:
        return self._desk.state.view.finding or None

    def _triage_row(self) -> FindingRow | None:
        """What the triage view says of the chosen finding; None where that view is not shown, or has none."""
        view = self._triage_view()
        row: FindingRow | None = view.chosen_row() if view is not None and not view.message() else None
        return row

    def _triage_view(self) -> Any:
        """The triage view while it is shown, else None; its module is loaded when it is first wanted."""
        return self._tabs.made(TRIAGE) if self._desk.state.tab == TRIAGE else None

    def _show_evidence(self, place: int) -> None:
        self._show(self._finding(self._chosen()), place)

    def _stage_cure(self, place: int) -> None:
        self._stage(self._finding(self._chosen()), place)

    def _finding(self, wanted: str | None) -> Finding | None:
        state = chosen_run(self._desk.state)
        if state is None:
            return None
        findings = not_dismissed(self._desk.diagnoses.at_cursor(state), state)
        if wanted is None:
            return findings[0] if findings else None
        known = (*findings, *self._desk.diagnoses.open_findings(state))
        return next((finding for finding in known if finding.id == wanted), None)

    def _stage(self, finding: Finding | None, place: int = 0) -> None:
        chosen = self._desk.chosen()
        if finding is None or chosen is None:
            return
        edits = staged_cure(finding, chosen[0], place)
        if edits:
            self._desk.dispatch(EditsStaged(edits))
            return
        sentence = (
            tr("{finding}: it proposes settings that this run does not have")
            if finding.cures
            else tr("{finding}: it has no cure among the settings")
        )
        self._desk.message.emit(Message(sentence.format(finding=finding.title)))

    def _show(self, finding: Finding | None, place: int = 0) -> None:
        run = self._desk.run(self._desk.state.chosen)
        if finding is None or run is None:
            return
        self._gone_to = (finding.id, place)
        self._desk.dispatch(ViewChanged({"finding": finding.id}))
        for intent in intents_for(finding, place, run) if place < len(finding.evidence) else ():
            self._desk.dispatch(intent)

    def _dismiss(self, finding: Finding | None) -> None:
        if finding is not None:
            self._desk.dispatch(FindingDismissed(finding.id))

    def _unstage(self, path: str) -> None:
        self._desk.dispatch(EditUnstaged(path))

    def _settle(self, path: str, finding: str) -> None:
        self._desk.dispatch(EditChosen(path, finding))

    def _clear(self) -> None:
        self._desk.dispatch(EditUnstaged(None))


def _heading(run: Run | None, state: RunState) -> str:
    """`Findings at epoch 9`; the cursor's place only where the user has chosen one."""
    if state.cursor_step is None or run is None:
        return tr("Findings")
    return tr("Findings at {moment}").format(moment=moment_text(run.moments, state.cursor_step))


def _resume_text(run: Run | None, state: RunState) -> str:
    """What the button says; edits that change tensor shapes make it a restart."""
    restart = {field.path for field in run.settings.fields if field.applies == "restart"} if run else set()
    return tr("Restart…") if any(edit.path in restart for edit in state.staged) else tr("Resume…")

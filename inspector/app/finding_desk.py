"""What the user does with findings: unfold, show, stage a cure, dismiss; and what is staged."""

from __future__ import annotations

from PySide6.QtCore import QObject

from inspector.app.desk import Desk
from inspector.app.evidence import intents_for, staged_cure
from inspector.app.findings_panel import FindingsPanel
from inspector.app.news import Message
from inspector.diagnosis.values import Finding
from inspector.runs.placing import epoch_of_step
from inspector.runs.values import Run
from inspector.session.intents import EditsStaged, EditUnstaged, FindingDismissed
from inspector.session.reduce import chosen_run
from inspector.session.values import RunState


class FindingDesk(QObject):
    """The panel at the right and what its buttons do; the chosen finding is the one that is unfolded."""

    def __init__(self, desk: Desk, panel: FindingsPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._panel = panel
        self._chosen: str | None = None
        self._shown: tuple[object, ...] = ()
        panel.chosen.connect(self.choose)
        panel.staged.connect(self.stage)
        panel.shown.connect(self.show)
        panel.dismissed.connect(self.dismiss)
        panel.staged_card.unstaged.connect(self._unstage)
        panel.staged_card.cleared.connect(self._clear)

    def reflect(self) -> None:
        """Show the chosen run's findings and staged edits."""
        state = chosen_run(self._desk.state)
        if state is None:
            self._shown = ()
            self._panel.show_findings((), None, None)
            return
        run = self._desk.run(state.key)
        findings = self._desk.open_findings(state)
        diagnosis = self._desk.diagnosis(state.key)
        resumable = run is not None and run.record is not None
        why_not = "" if resumable else "Only runs that this program trained can be resumed"
        shown = (state.key, findings, diagnosis, self._chosen, state.staged, why_not)
        self._panel.heading.setText(_heading(run, state))
        if shown != self._shown:  # a cursor that moves changes the heading alone
            self._shown = shown
            self._panel.show_findings(findings, diagnosis, self._chosen)
            self._panel.staged_card.show_edits(state.staged, _resume_text(run, state), why_not)

    def forget(self) -> None:
        """Unfold none; another run is shown."""
        self._chosen = None

    def choose(self, finding: str) -> None:
        """Unfold a finding, or fold it again."""
        self._chosen = None if finding == self._chosen else finding
        self.reflect()

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
        """As `stage`, for the unfolded finding or the worst."""
        self._stage(self._finding(self._chosen))

    def show_chosen(self) -> None:
        """As `show`, for the unfolded finding or the worst."""
        self._show(self._finding(self._chosen))

    def dismiss_chosen(self) -> None:
        """As `dismiss`, for the unfolded finding or the worst."""
        self._dismiss(self._finding(self._chosen))

    def _finding(self, wanted: str | None) -> Finding | None:
        state = chosen_run(self._desk.state)
        findings = self._desk.open_findings(state) if state else ()
        if wanted is None:
            return findings[0] if findings else None
        return next((finding for finding in findings if finding.id == wanted), None)

    def _stage(self, finding: Finding | None) -> None:
        chosen = self._desk.chosen()
        if finding is None or chosen is None:
            return
        edits = staged_cure(finding, chosen[0])
        if edits:
            self._desk.dispatch(EditsStaged(edits))
            return
        why = "proposes settings that this run does not have" if finding.cures else "has no cure among the settings"
        self._desk.message.emit(Message(f"{finding.title}: it {why}"))

    def _show(self, finding: Finding | None) -> None:
        key = self._desk.state.chosen
        if finding is None or key is None:
            return
        self._chosen = finding.id
        self.reflect()
        for intent in intents_for(finding.evidence[0], key) if finding.evidence else ():
            self._desk.dispatch(intent)

    def _dismiss(self, finding: Finding | None) -> None:
        if finding is not None:
            self._desk.dispatch(FindingDismissed(finding.id))

    def _unstage(self, path: str) -> None:
        self._desk.dispatch(EditUnstaged(path))

    def _clear(self) -> None:
        self._desk.dispatch(EditUnstaged(None))


def _heading(run: Run | None, state: RunState) -> str:
    """`Findings at epoch 9`; the cursor's place only where the user has chosen one."""
    if state.cursor_step is None or run is None:
        return "Findings"
    epoch = epoch_of_step(run.moments, state.cursor_step)
    return f"Findings at step {state.cursor_step:,.0f}" if epoch is None else f"Findings at epoch {epoch:.3g}"


def _resume_text(run: Run | None, state: RunState) -> str:
    """What the button says; edits that change tensor shapes make it a restart."""
    restart = {field.path for field in run.settings.fields if field.applies == "restart"} if run else set()
    return "Restart…" if any(edit.path in restart for edit in state.staged) else "Resume…"

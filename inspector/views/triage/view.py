"""The run in ten seconds: verdict, numbers, findings with their evidence, what could not be looked at, settings."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from inspector.core.language import tr
from inspector.core.pulse import Progress
from inspector.display.triage.scene import FindingRow, SettingsAgainst, TriageScene
from inspector.session.intents import CursorMoved, FindingDismissed, ViewChanged
from inspector.session.values import RunState, ViewState
from inspector.views.surfaces import scrolled
from inspector.views.triage.cards import Below
from inspector.views.triage.findings_list import FindingsList
from inspector.views.triage.head import Head
from inspector.views.triage.parent_card import ParentCard
from inspector.views.view import View

_MARGIN_PX, _BAR_PX = 14, 10
STAGE, SHOW, OPEN_PARENT = "stage_cure", "show_finding", "open_parent"


class TriageView(View):
    """Paints a `TriageScene`; the chosen finding is the session's."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.head = Head()
        self.parent_card = ParentCard()
        self.findings = FindingsList()
        self.below = Below()
        self._chosen = ""
        self._with_dismissed = False
        self._against_run: SettingsAgainst | None = None
        sheet = QWidget()
        column = QVBoxLayout(sheet)
        column.setContentsMargins(_MARGIN_PX, _MARGIN_PX, _MARGIN_PX - _BAR_PX, _MARGIN_PX)
        column.setSpacing(14)
        column.addWidget(self.head)
        column.addWidget(self.parent_card)
        column.addWidget(self.findings)
        column.addWidget(self.below)
        column.addStretch(1)
        self._scroll: QScrollArea = scrolled(sheet, tr("Triage"))
        self._scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        whole = QVBoxLayout(self.body)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._scroll)
        self.parent_card.wanted.connect(self._open_parent)
        self.head.whole_wanted.connect(self._show_whole)
        self.findings.chosen.connect(self._choose)
        self.findings.opened.connect(self._show)
        self.findings.staged.connect(self._stage)
        self.findings.shown.connect(self._show)
        self.findings.dismissed.connect(self._dismiss)
        self.findings.brought_back.connect(self._bring_back)
        self.findings.toggled.connect(self._toggle)

    def resizeEvent(self, event: QResizeEvent) -> None:
        width_px = self.width() - 2 * _MARGIN_PX
        self.head.fit(width_px)
        self.findings.fit(width_px)
        super().resizeEvent(event)

    def draw(self, scene: TriageScene) -> None:
        self.head.show_scene(scene)
        self.parent_card.show_against(scene.parent)
        self.below.show_looked_at(scene.not_assessable, scene.passed)
        self._show_settings()
        self._show_findings()

    def reflect(self, _run_state: RunState | None, view_state: ViewState) -> None:
        if (self._chosen, self._with_dismissed) == (view_state.finding, view_state.show_dismissed):
            return
        self._chosen, self._with_dismissed = view_state.finding, view_state.show_dismissed
        self._show_findings()

    def pending(self) -> bool:
        return super().pending() or self.findings.busy

    def show_progress(self, progress: Progress) -> None:
        """Say what is being looked at, while there is no verdict."""
        scene = self.scene
        if isinstance(scene, TriageScene) and scene.looking and progress.what:
            text = tr("{done} of {total} · {what}") if progress.total else "{what}"
            self.head.say(text.format(done=progress.done, total=progress.total, what=progress.what))

    def set_reference(self, against: SettingsAgainst | None) -> None:
        """Show the settings against those of another run; None for those that are known to be good."""
        if against != self._against_run:
            self._against_run = against
            self._show_settings()

    def rows(self) -> tuple[FindingRow, ...]:
        """The findings in the order shown."""
        return self.findings.rows

    def chosen_row(self) -> FindingRow | None:
        """The chosen finding, else the first that is open, else the first that is listed."""
        rows = self.rows()
        chosen = next((row for row in rows if row.id == self._chosen), None)
        return chosen or next((row for row in rows if not row.dismissed), None) or next(iter(rows), None)

    def step_finding(self, by: int) -> None:
        """Choose the next finding of the list, or the one before."""
        rows = [row.id for row in self.rows()]
        row = self.chosen_row()
        if row is not None and rows:
            place = min(max(rows.index(row.id) + by, 0), len(rows) - 1)
            self._choose(rows[place])
            self._scroll.ensureWidgetVisible(self.findings.line(rows[place]), 0, _MARGIN_PX)

    def toggle_dismissed(self) -> None:
        """List the findings that were put aside with the others, or leave them out again."""
        self._toggle(not self._with_dismissed)

    def dismiss_chosen(self) -> bool:
        """Ask why the chosen finding is no problem, or bring it back where it was put aside; whether there is one."""
        row = self.chosen_row()
        if row is None:
            return False
        if row.dismissed:
            self._bring_back(row.id)
        else:
            self.findings.line(row.id).ask_why()
        return True

    def _show_findings(self) -> None:
        if not isinstance(self.scene, TriageScene):
            return
        self.findings.show_scene(self.scene, with_dismissed=self._with_dismissed)
        row = self.chosen_row()
        self.findings.choose(row.id if row else "")

    def _show_settings(self) -> None:
        scene = self.scene
        if isinstance(scene, TriageScene):
            self.below.show_differences(self._against_run or scene.against)

    def _show_whole(self) -> None:
        self.tell(CursorMoved(None))

    def _choose(self, finding: str) -> None:
        self.tell(ViewChanged({"finding": finding}))

    def _open_parent(self) -> None:
        self.command.emit(OPEN_PARENT)

    def _stage(self, finding: str) -> None:
        self._choose(finding)
        self.command.emit(STAGE)

    def _show(self, finding: str) -> None:
        self._choose(finding)
        self.command.emit(SHOW)

    def _dismiss(self, finding: str, note: str) -> None:
        self.tell(FindingDismissed(finding, dismissed=True, note=note))

    def _bring_back(self, finding: str) -> None:
        self.tell(FindingDismissed(finding, dismissed=False))

    def _toggle(self, shown: bool) -> None:
        self.tell(ViewChanged({"show_dismissed": shown}))


def make(parent: QWidget | None = None) -> TriageView:
    """The triage viewer's widget."""
    return TriageView(parent)

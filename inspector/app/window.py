"""The window: it lays out the panels, and lets each show its part of the state."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from inspector.app.actions import Actions
from inspector.app.arrivals import Arrivals
from inspector.app.desk import Desk
from inspector.app.dropping import Dropping
from inspector.app.finding_desk import FindingDesk
from inspector.app.findings_panel import FindingsPanel
from inspector.app.fleet_desk import FleetDesk
from inspector.app.keeping import keep_changes, keep_session
from inspector.app.keyboard_focus import KeyboardFocus
from inspector.app.live_desk import LiveDesk
from inspector.app.live_strip import LiveStrip
from inspector.app.loading import Loading
from inspector.app.message_area import MessageArea
from inspector.app.palette import Palette
from inspector.app.preferring import Preferring
from inspector.app.recents import Recents
from inspector.app.reflection import Panels, Reflection
from inspector.app.resuming import Resuming
from inspector.app.run_tree import RunTree
from inspector.app.scene_answers import SceneAnswers
from inspector.app.scenes import Scenes
from inspector.app.sheets import fit_shown
from inspector.app.side_panels import FINDINGS, RUNS, SidePanels
from inspector.app.stalls import Stalls
from inspector.app.status_bar import StatusBar
from inspector.app.tab_desk import TabDesk
from inspector.app.tabs import TRIAGE, Tabs
from inspector.app.timeline import Timeline
from inspector.app.top_bar import TopBar
from inspector.app.tree_desk import TreeDesk
from inspector.app.triage_keeper import TriageKeeper
from inspector.app.welcome import Welcome
from inspector.app.window_sheets import WindowSheets
from inspector.session.intents import CursorMoved
from inspector.session.values import State
from inspector.views.spoken import speak_of_painted
from inspector.views.surfaces import Rule

SIZE_PX = (1600, 1000)


class Window(QMainWindow):
    """The program's one window over a desk.

    Args:
        remember: keep the session and the recent list for the next start.
        keep_tab: stay on a view that has nothing to show of a run that was opened.
    """

    def __init__(self, desk: Desk, *, remember: bool = True, keep_tab: bool = False) -> None:
        super().__init__()
        self.desk = desk
        self.remember = remember
        self.setWindowTitle("Run Inspector")
        self.resize(QSize(*SIZE_PX) * (100 / desk.state.preferences.text_size))
        self.setMinimumSize(QSize(720, 480))
        self.setAcceptDrops(True)
        self.scenes = Scenes(desk)
        self.stalls = Stalls(self)
        self.tree = RunTree()
        self.tabs = Tabs()
        self.loading = Loading(self.tabs.view, self)
        self.findings = FindingsPanel()
        self.timeline = Timeline()
        self.live_strip = LiveStrip()
        self.messages = MessageArea()
        self.welcome = Welcome()
        self.status = StatusBar()
        self.finding_desk = FindingDesk(desk, self.findings, self.tabs, self)
        self.live_desk = LiveDesk(desk, self.live_strip, self)
        self.tab_desk = TabDesk(desk, self, fixed=keep_tab)
        self.tree_desk = TreeDesk(desk, self.tree, self)
        self.preferring = Preferring(desk, self)
        self.arrivals = Arrivals(desk, self)
        self.triage = TriageKeeper(desk, self)
        speak_of_painted()
        self._keyboard_focus = KeyboardFocus(self, self._areas)
        self._lay_out()
        self.fleet = FleetDesk(desk, self.pages, 1, self)
        self.pages.currentChanged.connect(self._on_page)
        self.dropping = Dropping(self, desk, self.arrivals, self.tree, self.pages)
        self.resuming = Resuming(desk, self.tabs, self.side, self)
        self.palette_box = Palette(self)
        self.commands = Actions(self, desk, self.tabs, self.timeline, self.palette_box, self.live_desk)
        self.top_bar = TopBar(self.commands.actions)
        self.sheets = WindowSheets(self, desk, self.commands, self.stalls, self._toured())
        self.setMenuWidget(self.top_bar)
        panels = Panels(self.pages, self.welcome, self.tree, self.tabs, self.finding_desk, self.timeline, self.status)
        self.reflection = Reflection(desk, self.scenes, panels, self)
        self.answers = SceneAnswers(desk, self.scenes, self.tabs, self)
        self._connect()
        self._connect_help()
        self.commands.panel_wanted.connect(self.side_panels.toggle)
        self.side_panels.shown.connect(self.top_bar.show_panel)
        if remember:
            self.recents = Recents(desk, self.welcome, self)
        self.reflection.show_all()

    def _lay_out(self) -> None:
        self.side = QStackedWidget()
        self.side.addWidget(self.findings)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        panels: tuple[QWidget, ...] = (self.tree, self.tabs, self.side)
        for panel in panels:
            self.splitter.addWidget(panel)
            self.splitter.setStretchFactor(self.splitter.indexOf(panel), int(panel is self.tabs))
        self.splitter.setSizes([self.tree.sizeHint().width(), 1000, self.findings.sizeHint().width()])
        self.side_panels = SidePanels({RUNS: self.tree, FINDINGS: self.side}, self)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.welcome)
        self.pages.addWidget(_column(self.splitter, Rule(), self.live_strip, self.timeline, stretched=self.splitter))
        self.setCentralWidget(_column(self.messages, self.pages, Rule(), self.status, stretched=self.pages))

    def _areas(self) -> tuple[QWidget, ...]:
        """What F6 goes through: around the views, or the page in their place."""
        views = (self.tree, self.tabs.strip, self.tabs.stack, self.side, self.live_strip)
        shown = (self.welcome,) if self.pages.currentIndex() == 0 else views
        area = shown if not self.fleet.shown else (self.pages.currentWidget(),)
        return self.top_bar, self.messages, *area, *self.sheets.areas

    def _connect_help(self) -> None:
        self.commands.area_wanted.connect(self._go_to_area)
        self.commands.help_wanted.connect(self._show_help)
        for explained in (self.findings.explained, self.findings.evidence.explained):
            explained.connect(self.commands.help.show_finding)

    def _connect(self) -> None:
        desk = self.desk
        desk.state_changed.connect(self._on_state_changed)
        desk.run_changed.connect(self.reflection.show_changed)
        desk.run_changed.connect(self._on_run_changed)
        desk.lock.changed.connect(self.reflection.show_status)
        self.answers.timeline.connect(self.reflection.show_timeline)
        self.answers.preview.connect(self.resuming.show_scene)
        self.answers.again.connect(self.reflection.show_view)
        for telling in (desk, self.triage):
            telling.message.connect(self.messages.add)
        desk.working.connect(self.status.show_working)
        desk.said.connect(self.status.say)
        self.status.cancelled.connect(desk.cancel_job)
        self.status.cancelled.connect(self.commands.cancel)
        self.messages.acted.connect(desk.dispatch)
        self.tabs.chosen.connect(self._on_tab_chosen)
        self.resuming.shown.connect(self._on_sheet_shown)
        self.tabs.intent.connect(desk.dispatch)
        self.tabs.command.connect(self.commands.run)
        self.tabs.finding.connect(self.finding_desk.choose)
        self.tabs.sample.connect(self.findings.sample_card.show_sample)
        self.tabs.drawn.connect(self._on_drawn)
        desk.diagnoses.whole.diagnosed.connect(self._on_diagnosed)
        desk.diagnoses.whole.progressed.connect(self.reflection.show_diagnosing)
        self.findings.sample_card.command.connect(self.commands.run)
        self.timeline.moved.connect(self._on_cursor_moved)
        self.findings.staged_card.resumed.connect(self.resuming.open)
        self.top_bar.search.pressed.connect(partial(self.commands.run, "palette"))
        self.commands.opened.connect(self.open_paths)
        self.commands.pasted.connect(self._paste)
        self.commands.fleet_wanted.connect(self.fleet.show_around)
        self.tree.table_wanted.connect(self.fleet.show_folder)
        self.arrivals.many.connect(self.fleet.show_fleet)
        self.commands.sheet_wanted.connect(self.resuming.open)
        self.commands.start_wanted.connect(self.resuming.start)
        self.commands.trial_wanted.connect(self.resuming.try_step)
        self.commands.sheet_unwanted.connect(self.resuming.close)
        self.live_strip.command.connect(self.commands.run)
        self.commands.cure_wanted.connect(self.finding_desk.stage_chosen)
        self.commands.finding_wanted.connect(self.finding_desk.show_chosen)
        self.commands.dismissal_wanted.connect(self.finding_desk.dismiss_chosen)
        self.welcome.opened_folder.connect(partial(self.commands.run, "open_folder"))
        self.welcome.opened_files.connect(partial(self.commands.run, "open_files"))
        self.welcome.opened_sample.connect(partial(self.commands.run, "open_sample"))
        self.welcome.opened_recent.connect(self._open_recent)

    def open_paths(self, paths: tuple[str, ...]) -> None:
        """Open what was dropped or chosen: the files of one folder are one run, several folders several."""
        self.arrivals.bring(paths)

    def restore(self) -> None:
        """Open what the session names: its runs, and the table that it ended with."""
        self.desk.restore()
        self.fleet.restore()

    def _open_recent(self, paths: tuple[str, ...]) -> None:
        """Open what was one run as one run, also where it had been joined from several places."""
        if len(paths) == 1:
            self.open_paths(paths)
        else:
            self.desk.open(paths)

    def _paste(self) -> None:
        from inspector.app.pasting import paste

        paste(QApplication.clipboard().mimeData(), self.desk, self.arrivals)

    def _toured(self) -> dict[str, Callable[[], QWidget]]:
        """What each step of the tour tells of."""
        return {
            "runs": lambda: self.tree if self.desk.state.runs else self.welcome.box,
            "findings": self._shown_findings,
            "cursor": lambda: self.timeline,
            "palette": lambda: self.top_bar.search,
        }

    def _shown_findings(self) -> QWidget:
        """The list of findings, where it is seen; else those at the right."""
        listed = getattr(self.tabs.made(TRIAGE), "findings", None)
        return listed if isinstance(listed, QWidget) and listed.isVisible() else self.side

    def _show_help(self) -> None:
        self.commands.help.show_finding(self.finding_desk.shown_finding())

    def _on_state_changed(self, before: State, after: State) -> None:
        self.status.say("")  # what undo took back is told after this
        if before.runs != after.runs or before.chosen != after.chosen:
            self.live_desk.reflect()
        if (before.runs, before.lost) != (after.runs, after.lost):
            self.messages.keep_answerable(after)
        if before.preferences != after.preferences:
            self.preferring.reflect(before.preferences, after.preferences)
            self.commands.reflect_preferences()
        if self.remember:
            for problem in keep_changes(before, after):
                self.messages.add(problem)
        if (before.chosen, before.tab) != (after.chosen, after.tab):
            self.resuming.close()
        if before.tab != after.tab:
            self.commands.reflect_tab()
        if before.chosen != after.chosen:
            self.reflection.show_all()
            self.tab_desk.fit()
            return
        if before.runs != after.runs or before.compared != after.compared:
            self.reflection.show_runs()
            self.resuming.refresh()
        self.reflection.show_view()
        if (before.tab, before.view.finding) != (after.tab, after.view.finding):
            self.reflection.show_findings()

    def _on_page(self) -> None:
        if self.fleet.shown:
            self.status.show_hint("fleet", self.desk.state.preferences)
        elif (focused := QApplication.focusWidget()) is not None and self.pages.isAncestorOf(focused):
            self.setFocus()  # Qt has given the keys to the first list of the page, before anybody wants that

    def _on_tab_chosen(self, viewer: str) -> None:
        self.resuming.close()
        self.tab_desk.choose(viewer)

    def _on_run_changed(self, key: str) -> None:
        if key == self.desk.state.chosen:
            self.live_desk.reflect()
            self.resuming.follow()

    def _on_drawn(self, viewer: str) -> None:
        if viewer == TRIAGE:
            self.finding_desk.reflect()

    def _on_diagnosed(self, key: str) -> None:
        self.preferring.bound_caches()
        self.scenes.unask(TRIAGE, key)
        if key == self.desk.state.chosen:
            self.reflection.show_view()

    def _on_sheet_shown(self, shown: bool) -> None:
        self.commands.actions["close_resume"].setEnabled(shown)
        self.reflection.show_view()

    def _on_cursor_moved(self, step: float | None) -> None:
        self.desk.dispatch(CursorMoved(step))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.dropping.enter(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self.dropping.move(event)

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        self.dropping.leave()

    def dropEvent(self, event: QDropEvent) -> None:
        self.dropping.drop(event)

    def _go_to_area(self, by: int) -> None:
        self._keyboard_focus.step_area(forward=by > 0)

    def focusNextPrevChild(self, forward: bool) -> bool:
        return self._keyboard_focus.step(forward=forward)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.palette_box.hide()
        self.side_panels.fit(event.size().width())
        fit_shown(self)

    def closeEvent(self, event: QCloseEvent) -> None:
        try:
            if self.remember:
                keep_session(self.desk.state)
        finally:  # whatever becomes of that, no child outlives the window
            self.stalls.stop()
            self.loading.stop()
            self.reflection.stop()
            self.resuming.shutdown()
            self.commands.close()
            self.desk.shutdown()
        super().closeEvent(event)


def _column(*widgets: QWidget, stretched: QWidget) -> QWidget:
    """Widgets one above the other without gaps; one of them takes the room that is left."""
    whole = QWidget()
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for widget in widgets:
        column.addWidget(widget, int(widget is stretched))
    return whole

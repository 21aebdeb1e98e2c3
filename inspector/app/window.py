"""The window: it lays out the panels, and lets each show its part of the state."""

from __future__ import annotations

import logging
import time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from inspector.app.actions import Actions
from inspector.app.arrivals import Arrivals
from inspector.app.desk import Desk, SceneReady
from inspector.app.dropping import Dropping
from inspector.app.finding_desk import FindingDesk
from inspector.app.findings_panel import FindingsPanel
from inspector.app.loading import Loading
from inspector.app.message_area import MessageArea
from inspector.app.palette import Palette
from inspector.app.resuming import Resuming
from inspector.app.run_rows import dot_of, life_text
from inspector.app.run_tree import RunTree, TreeRun
from inspector.app.scenes import MERGED, Scenes
from inspector.app.status_bar import StatusBar
from inspector.app.tabs import TABBED, Tabs, parts_of
from inspector.app.timeline import Timeline
from inspector.app.timeline_strip import Flag
from inspector.app.top_bar import TopBar
from inspector.app.welcome import Welcome
from inspector.core.pulse import Progress
from inspector.core.units import bytes_text, counted
from inspector.diagnosis.values import worst_of
from inspector.display.nearest import where_text
from inspector.display.offer import Fit
from inspector.runs.values import Run
from inspector.session.intents import (
    CursorMoved,
    Intent,
    RunChosen,
    RunClosed,
    RunCompared,
    RunsCompared,
    TabChosen,
)
from inspector.session.reduce import chosen_run
from inspector.session.store import add_recent, load_recent, save_session
from inspector.session.values import State
from inspector.views.curves.view import RunChoice
from inspector.views.surfaces import Rule
from inspector.views.theme import apply_theme
from inspector.views.view import View

if TYPE_CHECKING:
    from inspector.app.sheets import Sheet

SIZE_PX = (1600, 1000)
MERGE_EVERY_MS = 120
"""Many runs are merged and drawn in half of that; their answers come one by one."""


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
        self.keep_tab = keep_tab
        self.setWindowTitle("Run Inspector")
        self.resize(*SIZE_PX)
        self.setMinimumSize(QSize(720, 480))
        self.setAcceptDrops(True)
        self.scenes = Scenes(desk)
        self._merged_at_ms = 0.0
        self._merge_soon = QTimer(self, singleShot=True)
        self._merge_soon.timeout.connect(self._show_merged)
        self.loading = Loading(self)
        self.tree = RunTree()
        self.tabs = Tabs()
        self.findings = FindingsPanel()
        self.timeline = Timeline()
        self.messages = MessageArea()
        self.welcome = Welcome()
        self.status = StatusBar()
        self.finding_desk = FindingDesk(desk, self.findings, self)
        self.arrivals = Arrivals(desk, self)
        self._lay_out()
        self.dropping = Dropping(self, desk, self.arrivals, self.tree, self.pages)
        self._remembered: set[str] = set()
        self.resuming = Resuming(desk, self.middle, self)
        self.palette_box = Palette(self)
        self.commands = Actions(self, desk, self.tabs, self.timeline, self.palette_box)
        self.top_bar = TopBar(self.commands.actions)
        self.setMenuWidget(self.top_bar)
        self._connect()
        self._reflect_all()

    def _lay_out(self) -> None:
        self.middle = QStackedWidget()
        self.middle.addWidget(self.tabs)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        panels: tuple[QWidget, ...] = (self.tree, self.middle, self.findings)
        for panel in panels:
            self.splitter.addWidget(panel)
            self.splitter.setStretchFactor(self.splitter.indexOf(panel), int(panel is self.middle))
        self.splitter.setSizes([self.tree.sizeHint().width(), 1000, self.findings.sizeHint().width()])
        self.pages = QStackedWidget()
        self.pages.addWidget(self.welcome)
        self.pages.addWidget(_column(self.splitter, Rule(), self.timeline, stretched=self.splitter))
        self.setCentralWidget(_column(self.messages, self.pages, Rule(), self.status, stretched=self.pages))

    def _connect(self) -> None:
        desk = self.desk
        desk.state_changed.connect(self._on_state_changed)
        desk.run_changed.connect(self._on_run_changed)
        desk.scene_ready.connect(self._on_scene_ready)
        desk.scene_failed.connect(self._on_scene_failed)
        desk.scene_working.connect(self._on_scene_working)
        desk.forgotten.connect(self.scenes.forget)
        desk.message.connect(self.messages.add)
        desk.working.connect(self.status.show_working)
        self.status.cancelled.connect(desk.cancel_job)
        self.status.cancelled.connect(self.commands.figures.cancel)
        self.messages.acted.connect(self._on_message_acted)
        self.tree.chosen.connect(self._on_run_chosen)
        self.tree.toggled.connect(self._on_run_toggled)
        self.tree.compared.connect(self._on_runs_compared)
        self.tree.closed.connect(self._on_runs_closed)
        self.tabs.chosen.connect(self._on_tab_chosen)
        self.tabs.intent.connect(desk.dispatch)
        self.tabs.command.connect(self.commands.run)
        self.tabs.finding.connect(self.finding_desk.choose)
        self.tabs.stopped.connect(self._on_part_stopped)
        self.tabs.again.connect(self._on_part_again)
        self.timeline.moved.connect(self._on_cursor_moved)
        self.findings.staged_card.resumed.connect(self.resuming.open)
        self.top_bar.search.pressed.connect(self.commands.do_palette)
        self.commands.opened.connect(self.open_paths)
        self.commands.pasted.connect(self._paste)
        self.commands.sheet_wanted.connect(self.resuming.open)
        self.commands.start_wanted.connect(self.resuming.start)
        self.commands.stop_wanted.connect(self._stop_run)
        self.commands.shortcuts_wanted.connect(self._show_shortcuts)
        self.commands.about_wanted.connect(self._show_about)
        self.commands.cure_wanted.connect(self.finding_desk.stage_chosen)
        self.commands.finding_wanted.connect(self.finding_desk.show_chosen)
        self.commands.dismissal_wanted.connect(self.finding_desk.dismiss_chosen)
        self.welcome.opened_folder.connect(self.commands.do_open_folder)
        self.welcome.opened_files.connect(self.commands.do_open_files)
        self.welcome.opened_sample.connect(self.commands.do_open_sample)
        self.welcome.opened_recent.connect(self._open_recent)

    def open_paths(self, paths: tuple[str, ...]) -> None:
        """Open what was dropped or chosen: the files of one folder are one run, several folders several."""
        self.arrivals.bring(paths)

    def _open_recent(self, paths: tuple[str, ...]) -> None:
        """Open what was one run as one run, also where it had been joined from several places."""
        if len(paths) == 1:
            self.open_paths(paths)
        else:
            self.desk.open(paths)

    def _paste(self) -> None:
        from inspector.app.pasting import paste

        paste(QApplication.clipboard().mimeData(), self.desk, self.arrivals)

    @cached_property
    def shortcut_sheet(self) -> Sheet:
        """The page of every key; made when it is first wanted."""
        from inspector.app.sheets import shortcut_sheet

        return shortcut_sheet(self)

    def _show_shortcuts(self) -> None:
        self.shortcut_sheet.open()

    @cached_property
    def _about_sheet(self) -> Sheet:
        from inspector.app.sheets import about_sheet

        return about_sheet(self)

    def _show_about(self) -> None:
        self._about_sheet.open()

    def _on_state_changed(self, before: State, after: State) -> None:
        if before.theme != after.theme:
            app = QApplication.instance()
            if isinstance(app, QApplication):
                apply_theme(app, after.theme)
        if before.chosen != after.chosen:
            self.finding_desk.forget()
            self.resuming.close()
            self._reflect_all()
            self._choose_fitting_tab()
            return
        if before.runs != after.runs or before.compared != after.compared:
            self._reflect_tree()
            self._reflect_findings()
            self._reflect_cursor()
            self._reflect_status()
            self.messages.keep_answerable({run.key for run in after.runs})
            self.resuming.refresh()
        self._reflect_view()

    def _choose_fitting_tab(self) -> None:
        """Show a view that was made for the chosen run where the shown one has nothing of it.

        A run that is being resumed will have its curves in a moment.
        """
        chosen = self.desk.chosen()
        if chosen is None or self.keep_tab or chosen[1].parent is not None:
            return
        fits = {offer.key: offer.judge(chosen[0]).fit for offer in TABBED}
        if fits.get(self.desk.state.tab, Fit.NO) is Fit.NO and any(fits.values()):
            self.desk.dispatch(TabChosen(max(fits, key=lambda key: fits[key])))

    def _on_run_changed(self, key: str) -> None:
        self._reflect_tree()
        if key == self.desk.state.chosen:
            self._reflect_view()  # its scene is asked for before that of the timeline
            self._reflect_findings()
            self._reflect_status()
            self._reflect_timeline()
        elif key in self.desk.state.compared:
            self._reflect_view()
        run = self.desk.run(key)
        if run and self.remember:
            self._remember(run)

    def _remember(self, run: Run) -> None:
        """Put what was opened on top of the recent list, once: a run, or the folder of many."""
        state = next((state for state in self.desk.state.runs if state.key == run.key), None)
        if state is None:
            return
        name, paths = (Path(state.folder).name, (state.folder,)) if state.folder else (run.name, state.paths)
        known = load_recent()
        if "|".join(paths) not in self._remembered and (not known or known[0].paths != paths):
            self.welcome.show_recent(add_recent(name, paths))
        self._remembered.add("|".join(paths))

    def _on_scene_ready(self, answer: SceneReady) -> None:
        if self.desk.run(answer.run) is None:
            return
        if answer.viewer == MERGED and self.desk.state.compared:
            self.scenes.keep(answer)
            self._merge()
            return
        scene = self.scenes.take(answer)
        if scene is None:
            return
        if answer.viewer == "timeline":
            self._reflect_timeline()
        elif answer.viewer == "preview":
            self.resuming.show_scene(scene)
        else:
            self.tabs.show_scene(answer.viewer, scene)

    def _merge(self) -> None:
        """Have compared runs shown at once, or, where they just were, in a moment with those that answer until then."""
        if not self._merge_soon.isActive():
            self._merge_soon.start(max(int(self._merged_at_ms + MERGE_EVERY_MS - time.monotonic() * 1e3), 0))
            if view := self.tabs.made(MERGED):
                view.show_pending()

    def _show_merged(self) -> None:
        """Show compared runs, those that answered together at once."""
        self._merged_at_ms = time.monotonic() * 1e3
        scene = self.scenes.shown(MERGED)
        if scene is not None:
            self.tabs.show_scene(MERGED, scene)

    def _on_scene_failed(self, answer: SceneReady) -> None:
        tab, _, part = answer.viewer.partition(".")
        if not part:
            self.scenes.failed(answer)
        view = self.tabs.made(tab)
        if view is None or answer.run != self.desk.state.chosen:
            return
        if part:  # it may fail after long work, and is asked again by the user alone
            view.show_part_message(part, answer.scene)
        else:
            view.show_message(answer.scene)

    def _on_scene_working(self, viewer: str, run: str, progress: Progress) -> None:
        tab, _, part = viewer.partition(".")
        view = self.tabs.made(tab)
        if part and view is not None and run == self.desk.state.chosen:
            view.show_part_pending(part, progress)

    def _on_part_stopped(self, viewer: str) -> None:
        if self.desk.state.chosen:
            self.desk.stop_scene(viewer, self.desk.state.chosen)

    def _on_part_again(self, viewer: str) -> None:
        if self.desk.state.chosen:
            self.scenes.unask(viewer, self.desk.state.chosen)
            self._reflect_view()

    def _reflect_all(self) -> None:
        self.pages.setCurrentIndex(1 if self.desk.state.runs else 0)
        if not self.desk.state.runs:
            self.welcome.show_recent(load_recent())
        self._reflect_tree()
        self._reflect_findings()
        self._reflect_status()
        self._reflect_timeline()
        self._reflect_cursor()
        self._reflect_view()

    def _reflect_tree(self) -> None:
        rows = []
        for state in self.desk.state.runs:
            run = self.desk.run(state.key)
            if run:
                findings = self.desk.open_findings(state)
                diagnosis = self.desk.diagnosis(state.key)
                checked = diagnosis is not None and diagnosis.checked
                dot = dot_of(run, worst_of(findings), checked=checked)
                compared = run.key in self.desk.state.compared and run.key != self.desk.state.chosen
                rows.append(TreeRun(run, dot, len(findings), state.folder, compared))
        chosen = chosen_run(self.desk.state)
        self.tree.show_runs(rows, self.desk.state.chosen, chosen.file if chosen else None)

    def _reflect_view(self) -> None:
        if not self.desk.state.runs:
            return
        chosen = self.desk.chosen()
        run, run_state = chosen or (None, None)
        view = self.tabs.show_tab(self.desk.state, run, run_state)
        self.status.show_hint(self.desk.state.tab)
        self._offer_runs(view)
        if run is None:
            view.show_pending()
            return
        tab = self.desk.state.tab
        if self.scenes.want(tab):
            view.show_pending()
        elif (scene := self.scenes.shown(tab)) is not None and (scene is not view.scene or view.scene is None):
            view.show_scene(scene)
        for key in parts_of(tab):
            part = key.rpartition(".")[2]
            if self.scenes.want(key):
                view.show_part_pending(part, Progress())
            elif (scene := self.scenes.shown(key)) is not None and scene is not view.parts.get(part):
                view.show_part(part, scene)

    def _offer_runs(self, view: View) -> None:
        """Offer a view that can lay runs side by side the others that are open."""
        offer = getattr(view, "set_runs", None)
        if offer is None:
            return
        state = self.desk.state
        others = [
            (one.key, run.name) for one in state.runs if one.key != state.chosen and (run := self.desk.run(one.key))
        ]
        offer(tuple(RunChoice(key=key, name=name, shown=key in state.compared) for key, name in others))

    def _reflect_findings(self) -> None:
        self.finding_desk.reflect()
        state = chosen_run(self.desk.state)
        findings = self.desk.open_findings(state) if state else ()
        self.timeline.show_flags(
            tuple(
                Flag(finding.since_step, finding.severity.value, finding.title)
                for finding in findings
                if finding.since_step is not None
            )
        )

    def _reflect_timeline(self) -> None:
        chosen = self.desk.chosen()
        if chosen is None:
            self.timeline.show_scene(None, ())
            return
        self.scenes.want("timeline")
        self.timeline.show_scene(self.scenes.shown("timeline"), chosen[0].moments)

    def _reflect_cursor(self) -> None:
        state = chosen_run(self.desk.state)
        self.timeline.show_cursor(state.cursor_step if state else None)

    def _reflect_status(self) -> None:
        chosen = self.desk.chosen()
        if chosen is None:
            self.status.show_run("Files are read in a locked-down process: no network, no writing", "")
            return
        run, state = chosen
        entry = next((entry for entry in run.files if entry.path == state.file), None)
        if entry:
            fact = f"{where_text(entry)} · {entry.hint} · {bytes_text(entry.bytes)}"
        else:
            fact = f"{counted(len(run.files), 'file')} · {counted(len(run.series), 'metric')}"
            fact += f" · {life_text(run)}: {run.liveness.because}" if life_text(run) else ""
            fact += f" · {run.notes[0]}" if run.notes else ""
        self.status.show_run(run.name, fact)

    def _on_run_chosen(self, key: str, file: str | None) -> None:
        self.desk.dispatch(RunChosen(key, file))

    def _on_run_toggled(self, key: str) -> None:
        self.desk.dispatch(RunCompared(key, key not in self.desk.state.compared))

    def _on_runs_compared(self, keys: tuple[str, ...]) -> None:
        self.desk.dispatch(RunsCompared(keys))
        self.desk.dispatch(TabChosen("curves"))

    def _on_runs_closed(self, keys: tuple[str, ...]) -> None:
        for key in keys:
            self.desk.dispatch(RunClosed(key))

    def _on_message_acted(self, intent: Intent) -> None:
        self.desk.dispatch(intent)

    def _on_tab_chosen(self, viewer: str) -> None:
        self.desk.dispatch(TabChosen(viewer))

    def _on_cursor_moved(self, step: float | None) -> None:
        self.desk.dispatch(CursorMoved(step))

    def _stop_run(self) -> None:
        chosen = self.desk.chosen()
        if chosen:
            self.desk.stop_training(chosen[0])

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.dropping.enter(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self.dropping.move(event)

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        self.dropping.leave()

    def dropEvent(self, event: QDropEvent) -> None:
        self.dropping.drop(event)

    def _save_session(self) -> None:
        try:
            save_session(self.desk.state)
        except OSError as error:
            logging.getLogger(__name__).warning("the session was not saved: %s", error)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.palette_box.hide()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.remember:
            self._save_session()
        self.loading.stop()
        self.resuming.shutdown()
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

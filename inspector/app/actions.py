"""What each command of the table does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QFileDialog, QMainWindow

from inspector.app.checkpoint_actions import VIEW as WEIGHTS
from inspector.app.checkpoint_actions import CheckpointActions
from inspector.app.commands import COMMANDS, PREFERRED_KEYS, SLOT_KEYS, TAG_KEYS, Command, keys_of
from inspector.app.desk import Desk
from inspector.app.figure_actions import FigureActions
from inspector.app.help_actions import HelpActions
from inspector.app.live_desk import LiveDesk
from inspector.app.palette import Palette
from inspector.app.palette_entries import groups
from inspector.app.palette_search import Group
from inspector.app.parents import open_parent
from inspector.app.record_actions import RecordActions
from inspector.app.recordable import VIEWS as SAMPLE_VIEWS
from inspector.app.report_actions import ReportActions
from inspector.app.sample_actions import SampleActions
from inspector.app.side_panels import FROM_PX
from inspector.app.tabs import TRIAGE, Tabs
from inspector.app.timeline import Timeline
from inspector.app.view_actions import ViewActions
from inspector.core.language import tr
from inspector.core.resources import resource
from inspector.session.intents import (
    CursorMoved,
    EditUnstaged,
    PreferencesChanged,
    RunClosed,
    RunsCompared,
    TabChosen,
    ViewChanged,
)
from inspector.session.preferences import DECLARED
from inspector.session.reduce import chosen_run

if TYPE_CHECKING:
    from inspector.app.roles_sheet import RolesSheet
    from inspector.app.sample_export_sheet import SampleExportSheet

SAMPLE_RUN = "sample_run"


class Actions(QObject):
    """The commands of one window.

    Signals:
        opened: paths to open; pasted: open what is on the clipboard; fleet_wanted: the table of many runs.
        sheet_wanted: the resume sheet of the chosen run; start_wanted: start what it shows; trial_wanted: try one step
            of it; sheet_unwanted: close it.
        about_wanted: what the program is made of; stalls_wanted: the pauses; tour_wanted: the tour of the window.
        preferences_wanted: the page of them, at the one of that name where it is not empty.
        area_wanted: the keyboard goes to the next area of the window, or the one before (-1).
        panel_wanted: a panel beside the views is to be shown or hidden, by its command.
        cure_wanted, finding_wanted, dismissal_wanted: on the chosen finding, or the worst.
        help_wanted: on the chosen finding, or all of it.

    Attributes:
        actions: by the key of their command.
        doing: what each does.
        sample_sheet: which samples are exported, once that was asked.
    """

    opened = Signal(object)
    pasted = Signal()
    fleet_wanted = Signal()
    sheet_wanted = Signal()
    start_wanted = Signal()
    trial_wanted = Signal()
    sheet_unwanted = Signal()
    about_wanted = Signal()
    stalls_wanted = Signal()
    preferences_wanted = Signal(str)
    area_wanted = Signal(int)
    tour_wanted = Signal()
    cure_wanted = Signal()
    finding_wanted = Signal()
    dismissal_wanted = Signal()
    help_wanted = Signal()
    panel_wanted = Signal(str)

    def __init__(
        self, window: QMainWindow, desk: Desk, tabs: Tabs, timeline: Timeline, palette: Palette, live: LiveDesk
    ) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        self._tabs = tabs
        self._timeline = timeline
        self._palette = palette
        self._roles: RolesSheet | None = None
        self.sample_sheet: SampleExportSheet | None = None
        self.checkpoints = CheckpointActions(window, desk, tabs)
        self.records = RecordActions(window, desk)
        self.reports = ReportActions(window, desk)
        self.help = HelpActions(window, desk)
        self.figures = FigureActions(window, desk, tabs)
        self.samples = SampleActions(window, desk, tabs, self.dismissal_wanted.emit)
        self.views = ViewActions(desk, tabs)
        parts = (self.views, self.samples, live, self.help)
        self.doing = self._doing() | {key: act for part in parts for key, act in part.doing().items()}
        self.actions: dict[str, QAction] = {}
        for command in COMMANDS:
            action = QAction(command.title, window)
            action.setToolTip(command.tip)
            action.setStatusTip(command.tip)
            action.setMenuRole(QAction.MenuRole.NoRole)
            action.triggered.connect(partial(self._do, command.key))
            window.addAction(action)
            self.actions[command.key] = action
        self._take_keys(COMMANDS)
        self.actions["close_resume"].setEnabled(False)  # Esc is everybody's while the sheet is not open
        self.reflect_tab()
        for number, keys in enumerate(SLOT_KEYS):
            action = QAction(tr("Slot {number} alone").format(number=number), window)
            action.setShortcut(QKeySequence(keys))
            action.triggered.connect(partial(self.views.solo_slot, number))
            window.addAction(action)
        for place, keys in enumerate(TAG_KEYS):
            action = QAction(tr("Own tag {number}").format(number=place + 1), window)
            action.setShortcut(QKeySequence(keys))
            action.triggered.connect(partial(self.samples.give_own_tag, place))
            window.addAction(action)

    def run(self, key: str) -> None:
        """Run a command by its key, as a button of a view asks for it."""
        self.actions[key].trigger()

    def reflect_tab(self) -> None:
        """Leave keys that only one view needs to all others."""
        for key in ("next_finding", "previous_finding"):
            self.actions[key].setEnabled(self._desk.state.tab == TRIAGE)

    def reflect_preferences(self) -> None:
        """Give commands the keys that are preferred."""
        self._take_keys(one for one in COMMANDS if one.key in PREFERRED_KEYS)

    def _take_keys(self, commands: Iterable[Command]) -> None:
        for one in commands:
            keys = keys_of(one, self._desk.state.preferences)
            self.actions[one.key].setShortcuts([QKeySequence(each) for each in keys])

    def _do(self, key: str) -> None:
        self.doing[key]()

    def _doing(self) -> dict[str, Callable[[], object]]:
        """What each command does, by its key."""
        desk, figures, checkpoints, records, timeline = (
            self._desk, self.figures, self.checkpoints, self.records, self._timeline,
        )  # fmt: skip
        return {
            "open_files": self._open_files,
            "open_folder": self._open_folder,
            "open_sample": self._open_sample,
            "paste": self.pasted.emit,
            "reload": self._reload,
            "close_run": self._close_run,
            "quit": self._window.close,
            "save_figure": figures.save_figure,
            "export_data": self._export_data,
            "export_samples": self._export_samples,
            "copy_picture": figures.copy_picture,
            "copy_sample": figures.copy_sample,
            "copy_values": figures.copy_values,
            "copy_path": checkpoints.copy_path,
            "export_tensor": checkpoints.export_tensor,
            "save_clean_copy": checkpoints.save_clean_copy,
            "verify": checkpoints.verify,
            "read_on": checkpoints.read_on,
            "compare_file": checkpoints.compare_file,
            "compare_dump": self._compare_dump,
            "compare_folder": self._compare_folder,
            "fleet": self.fleet_wanted.emit,
            "dump_roles": self._show_roles,
            "undo": desk.undo,
            "redo": desk.redo,
            "stage_cure": self.cure_wanted.emit,
            "dismiss": self.dismissal_wanted.emit,
            "clear_staged": partial(desk.dispatch, EditUnstaged(None)),
            "show_finding": self.finding_wanted.emit,
            "palette": self._open_palette,
            "theme": self._switch_theme,
            "next_area": partial(self.area_wanted.emit, 1),
            "previous_area": partial(self.area_wanted.emit, -1),
            "next_step": timeline.next_step,
            "previous_step": timeline.previous_step,
            "play": timeline.toggle_play,
            "open_parent": partial(open_parent, desk),
            "follow": partial(desk.dispatch, CursorMoved(None)),
            "resume": self.sheet_wanted.emit,
            "start_resume": self.start_wanted.emit,
            "try_resume": self.trial_wanted.emit,
            "close_resume": self.sheet_unwanted.emit,
            "report": self.reports.report,
            "record": records.record,
            "record_all": records.record_all,
            "about": self.about_wanted.emit,
            "stalls": self.stalls_wanted.emit,
            "tour": self.tour_wanted.emit,
            "preferences": partial(self.preferences_wanted.emit, ""),
            "help": self.help_wanted.emit,
            **{panel: partial(self.panel_wanted.emit, panel) for panel in FROM_PX},
        }

    def _open_files(self) -> None:
        paths, _kind = QFileDialog.getOpenFileNames(self._window, tr("Open files"))
        if paths:
            self.opened.emit(tuple(paths))

    def _open_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self._window, tr("Open folder"))
        if path:
            self.opened.emit((path,))

    def _open_sample(self) -> None:
        self.opened.emit((str(resource(SAMPLE_RUN)),))

    def _reload(self) -> None:
        if self._desk.state.chosen:
            self._desk.reload(self._desk.state.chosen)

    def _close_run(self) -> None:
        if self._desk.state.chosen:
            self._desk.dispatch(RunClosed(self._desk.state.chosen))

    def _export_data(self) -> None:
        """In the weights view the tensor, in a view of samples those, else the points of curves."""
        if self._desk.state.tab == WEIGHTS:
            self.checkpoints.export_tensor()
        elif self._desk.state.tab in SAMPLE_VIEWS:
            self._export_samples()
        else:
            self.figures.export_data()

    def _export_samples(self) -> None:
        """Ask which samples of the shown view are written, and how."""
        if self.sample_sheet is None:
            from inspector.app.sample_export import SampleExports
            from inspector.app.sample_export_sheet import SampleExportSheet

            exports = SampleExports(self._desk, self)
            self.sample_sheet = SampleExportSheet(self._desk, self._tabs, exports, self._window)
        self.sample_sheet.open_samples()

    def cancel(self, job: int) -> None:
        """Go on no further with a job that is not a reader's alone."""
        self.figures.cancel(job)
        if self.sample_sheet is not None:
            self.sample_sheet.exports.cancel(job)

    def close(self) -> None:
        """Write nothing more."""
        if self.sample_sheet is not None:
            self.sample_sheet.exports.close()

    def _compare_dump(self) -> None:
        """Ask for another dump, and hold the points that are shown against its."""
        other, _kind = QFileDialog.getOpenFileName(self._window, tr("Compare points with"))
        if other:
            self._desk.dispatch(TabChosen("points"))
            self._desk.dispatch(ViewChanged({"compared_dump": other}))

    def _compare_folder(self) -> None:
        """Draw the other runs of the chosen one's folder beside it."""
        chosen = chosen_run(self._desk.state)
        if chosen is not None and chosen.folder:
            keys = tuple(run.key for run in self._desk.state.runs if run.folder == chosen.folder)
            self._desk.dispatch(RunsCompared(keys))
            self._desk.dispatch(TabChosen("curves"))

    def _show_roles(self) -> None:
        """The datasets of the dump at the cursor."""
        if self._roles is None:
            from inspector.app.roles_sheet import RolesSheet

            self._roles = RolesSheet(self._desk, self._window)
        self._roles.open_dump()

    def _open_palette(self) -> None:
        titles = [field.title for field in DECLARED]
        preferences = Group(tr("preference"), titles, lambda place: self.preferences_wanted.emit(DECLARED[place].path))
        found = groups(self._desk, self.actions)
        self._palette.open_with([*found, preferences, self.help.pages(self._palette.add)])

    def _switch_theme(self) -> None:
        self._desk.dispatch(PreferencesChanged({"theme": "light" if self._desk.state.theme == "dark" else "dark"}))

"""What each command does: one method `do_<key>` a command of the table."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QFileDialog, QMainWindow

from inspector.app.checkpoint_actions import VIEW as WEIGHTS
from inspector.app.checkpoint_actions import CheckpointActions
from inspector.app.commands import COMMANDS, SLOT_KEYS
from inspector.app.desk import Desk
from inspector.app.figure_actions import FigureActions
from inspector.app.palette import Entry, Palette
from inspector.app.record_actions import RecordActions
from inspector.app.tabs import TABBED, Tabs
from inspector.app.timeline import Timeline
from inspector.core.resources import resource
from inspector.core.texts import visible
from inspector.display.curves.filtering import filter_for
from inspector.display.nearest import entry_at
from inspector.formats.facts import DumpFacts
from inspector.session.intents import (
    CursorMoved,
    EditUnstaged,
    RunChosen,
    RunClosed,
    RunsCompared,
    TabChosen,
    ThemeChosen,
    ViewChanged,
)
from inspector.session.reduce import chosen_run

if TYPE_CHECKING:
    from inspector.app.roles_sheet import RolesSheet

SAMPLE_RUN = "sample_run"


class Actions(QObject):
    """The commands of one window.

    Signals:
        opened: paths to open; pasted: open what is on the clipboard.
        sheet_wanted: the resume sheet of the chosen run; start_wanted: start what it shows.
        shortcuts_wanted, about_wanted: the two pages of help.
        cure_wanted, finding_wanted, dismissal_wanted: on the chosen finding, or the worst.
        stop_wanted: end the chosen run's trainer.
    """

    opened = Signal(object)
    pasted = Signal()
    sheet_wanted = Signal()
    start_wanted = Signal()
    shortcuts_wanted = Signal()
    about_wanted = Signal()
    cure_wanted = Signal()
    finding_wanted = Signal()
    dismissal_wanted = Signal()
    stop_wanted = Signal()

    def __init__(self, window: QMainWindow, desk: Desk, tabs: Tabs, timeline: Timeline, palette: Palette) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        self._tabs = tabs
        self._timeline = timeline
        self._palette = palette
        self._roles: RolesSheet | None = None
        self.checkpoints = CheckpointActions(window, desk, tabs)
        self.records = RecordActions(window, desk)
        self.figures = FigureActions(window, desk, tabs)
        self.actions: dict[str, QAction] = {}
        for command in COMMANDS:
            action = QAction(command.title, window)
            action.setShortcuts([QKeySequence(keys) for keys in command.shortcuts])
            action.setToolTip(command.tip)
            action.setStatusTip(command.tip)
            action.setMenuRole(QAction.MenuRole.NoRole)
            action.triggered.connect(getattr(self, f"do_{command.key}"))
            window.addAction(action)
            self.actions[command.key] = action
        for number, keys in enumerate(SLOT_KEYS):
            action = QAction(f"Slot {number} alone", window)
            action.setShortcut(QKeySequence(keys))
            action.triggered.connect(partial(self.solo_slot, number))
            window.addAction(action)

    def run(self, key: str) -> None:
        """Run a command by its key, as a button of a view asks for it."""
        self.actions[key].trigger()

    def do_open_files(self) -> None:
        """Ask for files, open them as one run."""
        paths, _kind = QFileDialog.getOpenFileNames(self._window, "Open files")
        if paths:
            self.opened.emit(tuple(paths))

    def do_open_folder(self) -> None:
        """Ask for a folder, open it as a run."""
        path = QFileDialog.getExistingDirectory(self._window, "Open folder")
        if path:
            self.opened.emit((path,))

    def do_open_sample(self) -> None:
        """Open the bundled run."""
        self.opened.emit((str(resource(SAMPLE_RUN)),))

    def do_reload(self) -> None:
        """Read the chosen run again."""
        if self._desk.state.chosen:
            self._desk.reload(self._desk.state.chosen)

    def do_close_run(self) -> None:
        """Take the chosen run out of the tree."""
        if self._desk.state.chosen:
            self._desk.dispatch(RunClosed(self._desk.state.chosen))

    def do_save_figure(self) -> None:
        """Ask where, save the shown curves as a figure, another view as a picture."""
        self.figures.save_figure()

    def do_export_data(self) -> None:
        """Ask where, save the points of curves; in the weights view the tensor."""
        if self._desk.state.tab == WEIGHTS:
            self.checkpoints.export_tensor()
        else:
            self.figures.export_data()

    def do_copy_picture(self) -> None:
        """Copy the card under the pointer, or the shown view."""
        self.figures.copy_picture()

    def do_copy_values(self) -> None:
        """Copy the values of the card under the pointer."""
        self.figures.copy_values()

    def do_copy_path(self) -> None:
        """Copy the path of the tensor that is looked at."""
        self.checkpoints.copy_path()

    def do_export_tensor(self) -> None:
        """Ask where the tensor goes, save it there."""
        self.checkpoints.export_tensor()

    def do_save_clean_copy(self) -> None:
        """Ask where the copy goes, save it there."""
        self.checkpoints.save_clean_copy()

    def do_verify(self) -> None:
        """Check the checkpoint's bytes."""
        self.checkpoints.verify()

    def do_read_on(self) -> None:
        """Read past the limit."""
        self.checkpoints.read_on()

    def do_dump_roles(self) -> None:
        """Show the datasets of the dump at the cursor."""
        if self._roles is None:
            from inspector.app.roles_sheet import RolesSheet

            self._roles = RolesSheet(self._desk, self._window)
        self._roles.open_dump()

    def do_compare_file(self) -> None:
        """Ask for another checkpoint, compare with it."""
        self.checkpoints.compare_file()

    def do_paste(self) -> None:
        """Open what is on the clipboard."""
        self.pasted.emit()

    def do_compare_folder(self) -> None:
        """Draw the other runs of the chosen one's folder beside it."""
        chosen = chosen_run(self._desk.state)
        if chosen is not None and chosen.folder:
            keys = tuple(run.key for run in self._desk.state.runs if run.folder == chosen.folder)
            self._desk.dispatch(RunsCompared(keys))
            self._desk.dispatch(TabChosen("curves"))

    def do_quit(self) -> None:
        """Close the window."""
        self._window.close()

    def do_undo(self) -> None:
        """Take back the last change."""
        self._desk.undo()

    def do_redo(self) -> None:
        """Do it again."""
        self._desk.redo()

    def do_stage_cure(self) -> None:
        """Stage the cure of the chosen finding."""
        self.cure_wanted.emit()

    def do_dismiss(self) -> None:
        """Put the chosen finding aside."""
        self.dismissal_wanted.emit()

    def do_clear_staged(self) -> None:
        """Take back every staged edit."""
        self._desk.dispatch(EditUnstaged(None))

    def do_show_finding(self) -> None:
        """Show the evidence of the chosen finding."""
        self.finding_wanted.emit()

    def do_palette(self) -> None:
        """Open the palette over everything that can be found."""
        self._palette.open_with(self.entries())

    def do_filter(self) -> None:
        """Type into the filter of the shown view."""
        self._call_view("focus_filter")

    def do_next_sample(self) -> None:
        """Show the next sample."""
        self._step_sample(1)

    def do_previous_sample(self) -> None:
        """Show the previous sample."""
        self._step_sample(-1)

    def do_flag(self) -> None:
        """Flag the selected samples, or take their flags."""
        self._call_view("flag_samples")

    def do_tag(self) -> None:
        """Have a tag typed for the selected samples."""
        self._call_view("tag_samples")

    def do_note(self) -> None:
        """Have a note typed for the selected samples."""
        self._call_view("note_samples")

    def do_next_layer(self) -> None:
        """Show the next layer."""
        self._call_view("next_layer")

    def do_previous_layer(self) -> None:
        """Show the previous layer."""
        self._call_view("previous_layer")

    def do_hide_dead(self) -> None:
        """Leave dead channels out, or show them again."""
        self._desk.dispatch(ViewChanged({"hide_dead": not self._desk.state.view.hide_dead}))

    def do_grid(self) -> None:
        """Many samples or one."""
        layout = "single" if self._desk.state.view.point_layout == "grid" else "grid"
        self._desk.dispatch(ViewChanged({"point_layout": layout}))

    def do_smoothing(self) -> None:
        """Smoothing on or off."""
        self._desk.dispatch(ViewChanged({"smoothing": 0.0 if self._desk.state.view.smoothing else 0.6}))

    def do_log_axis(self) -> None:
        """Logarithmic or linear values."""
        scale = "linear" if self._desk.state.view.y_scale == "log" else "log"
        self._desk.dispatch(ViewChanged({"y_scale": scale}))

    def do_fit(self) -> None:
        """Show all of every curve."""
        self._call_view("fit")

    def do_theme(self) -> None:
        """Dark or light."""
        self._desk.dispatch(ThemeChosen("light" if self._desk.state.theme == "dark" else "dark"))

    def do_next_step(self) -> None:
        """The next checkpoint or dump."""
        self._timeline.next_step()

    def do_previous_step(self) -> None:
        """The previous checkpoint or dump."""
        self._timeline.previous_step()

    def do_play(self) -> None:
        """Move along, or stop."""
        self._timeline.toggle_play()

    def do_follow(self) -> None:
        """Keep the cursor at the newest record."""
        self._desk.dispatch(CursorMoved(None))

    def do_resume(self) -> None:
        """Show the resume sheet."""
        self.sheet_wanted.emit()

    def do_start_resume(self) -> None:
        """Start what the sheet shows."""
        self.start_wanted.emit()

    def do_record(self) -> None:
        """Ask where, record the checkpoint at the cursor."""
        self.records.record()

    def do_record_all(self) -> None:
        """Record every checkpoint."""
        self.records.record_all()

    def do_stop_run(self) -> None:
        """Ask the trainer of the chosen run to save and stop."""
        self.stop_wanted.emit()

    def do_shortcuts(self) -> None:
        """Every key on one page."""
        self.shortcuts_wanted.emit()

    def do_own_model(self) -> None:
        """How a script records its model."""
        self.records.show_help()

    def do_about(self) -> None:
        """Version and licences."""
        self.about_wanted.emit()

    def solo_slot(self, number: int) -> None:
        """Show one slot alone; the same again shows all."""
        alone = None if self._desk.state.view.solo_slot == number else number
        self._desk.dispatch(ViewChanged({"solo_slot": alone}))

    def _step_sample(self, by: int) -> None:
        chosen = self._desk.chosen()
        if chosen is None:
            return
        step = getattr(self._tabs.made(self._desk.state.tab), "step_sample", None)
        if step is not None and step(by):
            return
        entry = entry_at(*chosen, DumpFacts)
        count = entry.facts.samples if entry and isinstance(entry.facts, DumpFacts) else None
        if count:
            sample = min(max(self._desk.state.view.sample + by, 0), count - 1)
            self._desk.dispatch(ViewChanged({"sample": sample}))

    def _call_view(self, method: str) -> None:
        """Call a method of the shown view, where it has one."""
        act = getattr(self._tabs.made(self._desk.state.tab), method, None)
        if act is not None:
            act()

    def entries(self) -> list[Entry]:
        """Everything that the palette finds: commands first, then what the chosen run holds."""
        found = [
            Entry(
                command.title,
                "command",
                command.shortcuts[0] if command.shortcuts else "",
                self.actions[command.key].trigger,
            )
            for command in COMMANDS
            if command.key != "palette"
        ]
        desk = self._desk
        found += [Entry(offer.title, "view", "", partial(desk.dispatch, TabChosen(offer.key))) for offer in TABBED]
        for state in desk.state.runs:
            run = desk.run(state.key)
            if run is None:
                continue
            found.append(Entry(visible(run.name, 200), "run", "", partial(desk.dispatch, RunChosen(run.key))))
            for entry in run.files:
                choose = partial(desk.dispatch, RunChosen(run.key, entry.path))
                found.append(Entry(visible(entry.name, 200), "file", "", choose))
        chosen = chosen_run(desk.state)
        run = desk.run(chosen.key) if chosen else None
        if run:
            found += [
                Entry(visible(one.tag, 200), "curve", "", partial(self._show_curve, one.tag)) for one in run.series
            ]
            found += [
                Entry(visible(path, 200), "setting", "", partial(self._show_setting, path))
                for path in run.settings.values
            ]
        return found

    def _show_curve(self, tag: str) -> None:
        self._desk.dispatch(TabChosen("curves"))
        self._desk.dispatch(ViewChanged({"series_filter": filter_for(tag)}))

    def _show_setting(self, path: str) -> None:
        self._desk.dispatch(TabChosen("settings"))
        self._desk.dispatch(ViewChanged({"settings_filter": path}))

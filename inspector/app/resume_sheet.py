"""The resume sheet: from where, what changes, what the learning rate will be, and the command that does it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from inspector.app.desk import Desk
from inspector.app.edits_card import EditsCard
from inspector.app.resume_checkpoints import checkpoints_of
from inspector.app.resume_choices import ResumeChoices
from inspector.app.resume_half import Leave, Shown
from inspector.app.resume_recipe import RecipeHalf
from inspector.app.resume_script import ScriptHalf
from inspector.app.running_choices import RunningChoices
from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.display.preview.scene import PreviewScene
from inspector.runs.values import Run
from inspector.session.intents import EditsStaged, EditUnstaged, PreferencesChanged
from inspector.session.staging import unsettled
from inspector.session.values import RunState, StagedEdit, State
from inspector.views.controls import Button
from inspector.views.elided import ElidedLabel
from inspector.views.fonts import SMALL_PX
from inspector.views.surfaces import Label, scrolled


class ResumeSheet(QWidget):
    """The sheet in place of the views: its frame, and one of two halves within it.

    Signals:
        closed: it is not wanted any more, or the run has started.

    Attributes:
        recipe, script: the halves, for runs of recipes and for those of other programs.
        running: with what either runs.
        panel: what the trainer says, for the right side of the window.
    """

    closed = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._run: Run | None = None
        self._trained = False
        self._first: tuple[str, ...] = ()
        self._unsettled = ""
        self._shown = Shown(rows=(), first=())
        self.settings = EditsCard()
        choices = ResumeChoices()
        self.running = RunningChoices(choices.epochs_row)
        self.recipe = RecipeHalf(desk, self.settings, choices, self.running, self)
        self.script = ScriptHalf(desk, self.settings, self.running, self)
        self.panel = self.recipe.planning.panel
        self.title = Label("", size_px=20, weight="semibold")
        self.problem = Label("", ink="critical", wrap=True)
        # However long, it must not push the panels beside the sheet together.
        self.command = ElidedLabel("", ink="dim", mono=True, size_px=SMALL_PX)
        self.command.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.hint = ElidedLabel(tr("into a new run; the old one is not touched"), ink="dim")
        self.start_button = Button(tr("Resume"), primary=True)
        self.dry_run = Button(tr("Dry run"))
        self.copy = Button(tr("Copy"))
        self.copy.setAccessibleName(tr("Copy command"))
        self.cancel = Button(tr("Close"))
        self._lay_out()
        for changing in (self.recipe, self.script, self.running):
            changing.changed.connect(self._refresh)
        self.recipe.allowed.connect(self._allow)
        for starting in (self.recipe, self.script):
            starting.started.connect(self.closed)
        self.settings.model.staged.connect(self._stage)
        self.settings.model.unstaged.connect(self._unstage)
        self.settings.checked.connect(self._allow)
        self.start_button.clicked.connect(self.start)
        self.dry_run.clicked.connect(self.try_step)
        self.copy.clicked.connect(self.copy_command)
        self.cancel.clicked.connect(self.closed)
        self.running.interpreter.preferred.connect(self._prefer_interpreter)
        desk.state_changed.connect(self._on_state)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(14)
        head.addWidget(self.title)
        head.addWidget(self.hint, 1)
        head.addWidget(self.cancel)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(20, 14, 20, 8)
        column.setSpacing(12)
        column.addLayout(head)
        recipe = self.recipe
        for part in (recipe.recipe_file, self.script.card, recipe.choices, self.running, self.settings, recipe.rates,
                     self.problem):  # fmt: skip
            column.addWidget(part, int(part is self.settings))
        foot = QHBoxLayout()
        foot.setContentsMargins(20, 6, 20, 12)
        foot.addWidget(self.command, 1)
        for button in (self.copy, self.dry_run, self.start_button):
            foot.addWidget(button)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(page, tr("Resume")), 1)
        outer.addLayout(foot)

    def show_run(self, run: Run, state: RunState) -> str:
        """Show a run and what is staged for it; a sentence where there is nothing to show of it."""
        if run.record is None and not run.settings.values and not checkpoints_of(run):
            sentence = tr("{run}: there is no checkpoint to resume from, and there are no settings to show")
            return sentence.format(run=run.name)
        if run.record is not None and not checkpoints_of(run):
            return tr("{run}: there is no checkpoint to resume from yet").format(run=run.name)
        trained = run.record is not None and bool(run.settings.fields)
        another = self._run is None or self._run.key != run.key
        fresh = another or trained != self._trained
        self._run, self._trained = run, trained
        self._unsettled = unsettled(state)
        if another:
            self._first = tuple(edit.path for edit in state.staged)
            self.settings.forget()
        resumable = trained or bool(checkpoints_of(run))
        name = visible(run.name, 60)
        self.title.setText(tr("Resume {run}").format(run=name) if resumable else name)
        half = self.recipe if trained else self.script
        half.show_run(run, state, fresh=fresh)
        self._refresh()
        return ""

    def would_change(self, run: Run) -> bool:
        """Whether anything that the sheet shows of a run is another than when it was shown last."""
        return self._run is None or _shown_of(run) != _shown_of(self._run)

    def begin(self) -> None:
        """It has come to the screen: the keyboard is in the settings."""
        self.settings.table.setFocus()
        self.running.begin(self._desk.state.preferences.interpreter)
        if self._trained:
            self.recipe.begin()

    def _prefer_interpreter(self, path: str) -> None:
        self._desk.dispatch(PreferencesChanged({"interpreter": path}))

    def _on_state(self, before: State, after: State) -> None:
        preferred = after.preferences.interpreter
        if preferred != before.preferences.interpreter and self.isVisible():
            self.running.begin(preferred)

    def end(self) -> None:
        """It leaves the screen: nothing more is awaited of a child."""
        self.recipe.planning.stop()
        self.running.interpreter.stop()

    def close_children(self) -> None:
        """End every child, and wait until it has."""
        self.recipe.planning.trial.close()
        self.running.interpreter.close()

    def _refresh(self) -> None:
        """Show the settings and the command, and ask for the preview."""
        if self._run is None:
            return
        if self._trained:
            shown = self.recipe.refresh(on_screen=self.isVisible())
        else:
            shown = self.script.refresh()
            self.panel.show_nothing(tr("There is nothing to try"))
            self.recipe.recipe_file.hide()
        self._shown = shown
        of_trainer: tuple[QWidget, ...] = (
            self.recipe.choices,
            self.recipe.choices.epochs_row,
            self.recipe.rates,
            self.dry_run,
        )
        of_both: tuple[QWidget, ...] = (self.running, self.hint, self.command, self.copy, self.start_button)
        for widget in (*of_trainer, *of_both):
            widget.setVisible(bool(shown.start_text) if widget in of_both else self._trained)
        if self._trained:
            self.script.card.hide()
        self.start_button.setText(shown.start_text)
        self.start_button.updateGeometry()
        self.settings.show_rows(shown.rows, (*shown.first, *self._first), shown.about)
        self.command.setText(visible(shown.command, 1000))
        self.copy.setEnabled(bool(shown.command))
        self._allow()

    def show_scene(self, scene: PreviewScene | None) -> None:
        """Show the preview's answer."""
        self.recipe.show_scene(scene)

    def _allow(self) -> None:
        """Let the run start where nothing speaks against it, else say what does."""
        if self._run is None:
            return
        leave = self.recipe.leave() if self._trained else self.script.leave()
        if self._unsettled:
            leave = Leave(start=False, problem=self._unsettled, why_not=self._unsettled)
        self.problem.setText(visible(leave.problem))
        self.problem.setVisible(bool(leave.problem))
        self.start_button.setEnabled(leave.start)
        self.start_button.setToolTip(visible(leave.why_not))
        self.dry_run.setEnabled(leave.trial)
        self.dry_run.setToolTip(visible(leave.why_not))

    def try_step(self) -> None:
        """Have the trainer take one step on trial; nothing is written."""
        self._finish()
        if self._trained and self.dry_run.isEnabled():
            self.recipe.try_step()

    def _finish(self) -> None:
        """Take what was typed and not yet entered."""
        self.settings.table.finish()
        self.running.finish()

    def _stage(self, edit: StagedEdit) -> None:
        self._desk.dispatch(EditsStaged((edit,)))

    def _unstage(self, path: str) -> None:
        self._desk.dispatch(EditUnstaged(path))

    def copy_command(self) -> None:
        """Copy the equal command line."""
        if self._shown.command:
            QGuiApplication.clipboard().setText(self._shown.command)

    def start(self) -> None:
        """Start what is shown."""
        self._finish()
        if self._run is None or not self.start_button.isEnabled():
            return
        if self._trained:
            self.recipe.start()
        else:
            self.script.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)


def _shown_of(run: Run) -> tuple[object, ...]:
    return run.settings, run.record, [entry.path for entry in checkpoints_of(run)]

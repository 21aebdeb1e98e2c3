"""The resume sheet: from where, what changes, what the learning rate will be, and the command that does it."""

from __future__ import annotations

import math
import shlex
from typing import Any

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from inspector.app.desk import Desk
from inspector.app.edits_card import EditsCard
from inspector.app.news import Message
from inspector.app.planning import Planning
from inspector.app.rate_card import RateCard, planned_otherwise
from inspector.app.rate_check import expected_rates
from inspector.app.recipe_file_row import RecipeFileRow
from inspector.app.resume_checkpoints import checkpoint_named, checkpoints_of
from inspector.app.resume_choices import ResumeChoices
from inspector.app.resume_command import Choice, free_folder, resume_arguments
from inspector.app.resume_rows import Asked, SheetRow, checkpoint_values, is_of_the_rate, rows_of, rows_of_script
from inspector.app.script_card import ScriptCard
from inspector.core.texts import visible
from inspector.display.preview.scene import PreviewAsk, PreviewScene
from inspector.runs.log_paths import log_paths_of
from inspector.runs.values import FileEntry, Run
from inspector.session.intents import EditsStaged, EditUnstaged
from inspector.session.values import RunState, StagedEdit
from inspector.views.controls import Button, PrimaryButton
from inspector.views.elided import ElidedLabel
from inspector.views.fonts import SMALL_PX
from inspector.views.surfaces import Label, scrolled

_ASKS_FILE = "The trainer is asked once you use the recipe file; it is run for that"
_NO_FORM = "{}; its settings are shown as they are"


class ResumeSheet(QWidget):
    """The sheet in place of the views.

    Signals:
        closed: it is not wanted any more, or the run has started.

    Attributes:
        panel: what the trainer says, for the right side of the window.
    """

    closed = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._run: Run | None = None
        self._state: RunState | None = None
        self._first: tuple[str, ...] = ()
        self._rows: tuple[SheetRow, ...] = ()
        self._scene: PreviewScene | None = None
        self.planning = Planning(self)
        self.trial, self.panel = self.planning.trial, self.planning.panel
        self.title = Label("", size_px=20, weight="semibold")
        self.choices = ResumeChoices()
        self.recipe_file = RecipeFileRow()
        self.script = ScriptCard(desk)
        self.settings = EditsCard()
        self.rates = RateCard()
        self.problem = Label("", ink="critical", wrap=True)
        # However long, it must not push the panels beside the sheet together.
        self.command = ElidedLabel("", ink="dim", mono=True, size_px=SMALL_PX)
        self.command.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.hint = ElidedLabel("into a new run; the old one is not touched", ink="dim")
        self.start_button = PrimaryButton("Resume")
        self.dry_run = Button("Dry run")
        self.copy = Button("Copy")
        self.copy.setAccessibleName("Copy command")
        self.cancel = Button("Close")
        self._lay_out()
        self.planning.answered.connect(self._on_planned)
        self.choices.changed.connect(self._refresh)
        self.recipe_file.changed.connect(self._refresh)
        self.script.changed.connect(self._refresh)
        self.script.started.connect(self.closed)
        self.settings.model.staged.connect(self._stage)
        self.settings.model.unstaged.connect(self._unstage)
        self.settings.checked.connect(self._allow)
        self.start_button.clicked.connect(self.start)
        self.dry_run.clicked.connect(self.try_step)
        self.copy.clicked.connect(self.copy_command)
        self.cancel.clicked.connect(self.closed)

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
        for part in (self.recipe_file, self.script, self.choices, self.settings, self.rates, self.problem):
            column.addWidget(part, int(part is self.settings))
        foot = QHBoxLayout()
        foot.setContentsMargins(20, 6, 20, 12)
        foot.addWidget(self.command, 1)
        for button in (self.copy, self.dry_run, self.start_button):
            foot.addWidget(button)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(page), 1)
        outer.addLayout(foot)

    def show_run(self, run: Run, state: RunState) -> str:
        """Show a run and what is staged for it; a sentence where there is nothing to show of it."""
        if run.record is None and not run.settings.values and not checkpoints_of(run):
            return f"{run.name}: there is no checkpoint to resume from, and there are no settings to show"
        if run.record is not None and not checkpoints_of(run):
            return f"{run.name}: there is no checkpoint to resume from yet"
        fresh = self._run is None or self._run.key != run.key
        before = self._trained()
        self._run, self._state = run, state
        if fresh:
            self._first = tuple(edit.path for edit in state.staged)
            self.settings.forget()
            self.recipe_file.show_run(run.record if self._trained() else None)
        resumable = self._trained() or bool(checkpoints_of(run))
        self.title.setText(f"Resume {visible(run.name, 60)}" if resumable else visible(run.name, 60))
        self.choices.show_run(run, state, fresh=fresh)
        if self._trained():
            self.script.hide()
        else:
            self.script.show_run(run, state, fresh=fresh)
        if fresh or before != self._trained():
            self._scene = None
            self.planning.forget()
            self.rates.show_scene(None)
        self._refresh()
        return ""

    def would_change(self, run: Run) -> bool:
        """Whether anything that the sheet shows of a run is another than when it was shown last."""
        return self._run is None or _shown_of(run) != _shown_of(self._run)

    def begin(self) -> None:
        """It has come to the screen: the keyboard is in the settings."""
        self.settings.table.setFocus()
        if self.planning.plan is None and self._run is not None and self._may_train():
            self.planning.ask(self._arguments(self._run), trial=False)

    def end(self) -> None:
        """It leaves the screen: nothing more is awaited of the trainer."""
        self.planning.stop()

    def _trained(self) -> bool:
        """Whether the shown run is one of this program's, with a form."""
        return self._run is not None and self._run.record is not None and bool(self._run.settings.fields)

    def _may_train(self) -> bool:
        """Whether a trainer may be asked: of a recipe file once the user has named it."""
        return self._trained() and not self.recipe_file.asks

    def _choice(self) -> Choice:
        return msgspec.structs.replace(self.choices.choice(), recipe=self.recipe_file.named)

    def _edits(self) -> tuple[StagedEdit, ...]:
        return self._state.staged if self._state and self.choices.choice().mode != "exact" else ()

    def _entry(self) -> FileEntry | None:
        return checkpoint_named(self._run, self.choices.choice().checkpoint) if self._run else None

    def _asked(self) -> Asked:
        choice, entry = self.choices.choice(), self._entry()
        epoch = 0.0 if choice.mode == "weights" or entry is None else entry.epoch or 0.0
        return Asked(mode=choice.mode, rate=choice.rate, epoch=epoch)

    def _effective(self) -> dict[str, Any]:
        """The settings that the resumed run will use."""
        return {row.path: row.effective for row in self._rows}

    def _position(self, entry: FileEntry) -> tuple[float, int]:
        """Epoch and step at which the resumed run begins: an epoch whose samples come in another order starts over."""
        if self.choices.choice().mode == "weights":
            return 0.0, 0
        epoch = entry.epoch or 0.0
        reordered = any(row.changes and row.field and "order" in row.field.changes for row in self._rows)
        return (math.floor(epoch) if reordered else epoch), entry.step or 0

    def _refresh(self) -> None:
        """Show the settings and the command, and ask for the preview."""
        run, state = self._run, self._state
        if run is None or state is None:
            return
        trained = self._trained()
        of_trainer: tuple[QWidget, ...] = (self.choices, self.rates, self.dry_run)
        of_both: tuple[QWidget, ...] = (self.hint, self.command, self.copy, self.start_button)
        for widget in (*of_trainer, *of_both):
            widget.setVisible(trained or (widget in of_both and self.script.template is not None))
        if not trained or run.record is None:
            self._refresh_script(run, state)
            return
        self.start_button.setText("Resume")
        self.choices.check()
        self.choices.ask_rate(asked=any(is_of_the_rate(edit.path) for edit in self._edits()))
        entry = self._entry()
        before = checkpoint_values(run.settings, entry)
        self._rows = rows_of(run.settings.fields, before, state.staged, self._asked())
        self.settings.show_rows(self._rows, self._first, self._why_not())
        self.command.setText("" if self.recipe_file.asks else visible(self._command_text(run), 1000))
        self.copy.setEnabled(not self.recipe_file.asks)
        self._scene = None  # nothing starts before the preview says that it can
        self._allow()
        if entry is not None:
            self._desk.scene_requests.ask("preview", run.key, self._preview_of(run, entry, before))
        if self.recipe_file.asks:
            self.panel.show_nothing(_ASKS_FILE)
        elif self.isVisible():
            self.planning.want(self._arguments(run))

    def _refresh_script(self, run: Run, state: RunState) -> None:
        """Show what another program's script is resumed with."""
        self.script.show_edits(state.staged)
        fields = self.script.fields()
        before = run.settings.values | {field.path: field.default for field in fields}
        edits = [edit for edit in state.staged if any(edit.path == field.path for field in fields)]
        self._rows = rows_of_script(fields, before, edits)
        self.settings.show_rows(self._rows, (*(field.path for field in fields), *self._first), self._why_not())
        self.command.setText(visible(self.script.command(), 1000))
        self.copy.setEnabled(bool(self.script.command()))
        self.start_button.setText("Trust and resume" if self.script.needs_trust else "Resume")
        self.start_button.updateGeometry()
        self.panel.show_nothing("There is nothing to try")
        self._allow()

    def _arguments(self, run: Run) -> tuple[str, ...]:
        return resume_arguments(run, self._choice(), self._edits(), None)

    def _preview_of(self, run: Run, entry: FileEntry, before: dict[str, Any]) -> PreviewAsk:
        assert run.record is not None
        choice = self.choices.choice()
        epoch, step = self._position(entry)
        return PreviewAsk(
            logs=log_paths_of(run),
            recipe=run.record.recipe,
            before=before,
            after=before | {edit.path: edit.new for edit in self._edits()},
            epoch=epoch,
            step=step,
            rate=choice.rate,
            epochs=choice.epochs,
            samples=run.record.samples,
        )

    def _why_not(self) -> str:
        """Why a run cannot be resumed, empty where it can."""
        if self._trained() or self._run is None or self.script.template is not None:
            return ""
        if self._run.record is None:
            if checkpoints_of(self._run):
                return ""
            return _NO_FORM.format("Only runs that this program trained can be resumed")
        return _NO_FORM.format(f"This version does not know the recipe {visible(self._run.record.recipe, 60)}")

    def show_scene(self, scene: PreviewScene | None) -> None:
        """Show the preview's answer."""
        self._scene = scene
        self.rates.show_scene(scene)
        self._compare()
        self._allow()

    def _allow(self) -> None:
        """Let the run start where nothing speaks against it, else say what does."""
        if not self._trained():
            self.problem.hide()
            self.dry_run.setEnabled(False)
            self.start_button.setEnabled(self.script.ready and not self.settings.model.wrong)
            return
        blocked = next((row for row in self._rows if row.blocks), None)
        problem = self._scene.problem if self._scene else ""
        if blocked is not None:
            problem = f"{blocked.path} {blocked.tag}: {blocked.note}"
        beside = self.settings.model.blame(self._scene.problem if self._scene else "")
        self.problem.setText("" if beside and blocked is None else visible(problem))
        self.problem.setVisible(bool(self.problem.text()))
        ready = self._scene is not None and not problem and not self.settings.model.wrong
        self.start_button.setEnabled(ready and self.choices.check() and self._may_train())
        self.dry_run.setEnabled(self._may_train() and not self.settings.model.wrong and blocked is None)

    def try_step(self) -> None:
        """Have the trainer take one step on trial; nothing is written."""
        self.settings.table.finish()
        if self._run is not None and self.dry_run.isEnabled():
            self.planning.ask(self._arguments(self._run), trial=True)

    def _on_planned(self) -> None:
        if self.planning.plan is not None:
            self.choices.show_devices(self.planning.plan.devices)
        self._compare()

    def _compare(self) -> None:
        """Show the trainer's answer, and its rates in the place of the preview's."""
        plan = self.planning.plan
        if plan is None:
            return
        told = ""
        if self._scene is not None:
            told = planned_otherwise(self._scene, plan, self._effective())
            self.rates.show_plan(plan)
        self.planning.tell((told,) if told else ())

    def _stage(self, edit: StagedEdit) -> None:
        self._desk.dispatch(EditsStaged((edit,)))

    def _unstage(self, path: str) -> None:
        self._desk.dispatch(EditUnstaged(path))

    def _command_text(self, run: Run) -> str:
        """The command that does the same from a terminal; the reasons of edits are left to the window."""
        bare = tuple(msgspec.structs.replace(edit, reason="", finding="") for edit in self._edits())
        return shlex.join(("run-inspector", "resume", *resume_arguments(run, self._choice(), bare, None)))

    def copy_command(self) -> None:
        """Copy the equal command line."""
        if self._run is not None and self._may_train():
            QGuiApplication.clipboard().setText(self._command_text(self._run))
        elif not self._trained() and self.script.command():
            QGuiApplication.clipboard().setText(self.script.command())

    def start(self) -> None:
        """Start the resumed run; it joins the tree as soon as its folder is there."""
        self.settings.table.finish()
        if self._run is None or not self.start_button.isEnabled():
            return
        if not self._trained():
            self.script.start()
            return
        out = free_folder(self._run)
        arguments = resume_arguments(self._run, self._choice(), self._edits(), out)
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            self._desk.trainings.start(
                ("resume", *arguments), out, self._run.key, keep_running=self.choices.on_close.value() == "keep"
            )
        except OSError as error:
            self._desk.message.emit(Message(f"{out.name} was not started: {error.strerror or error}"))
            return
        if self._scene is not None:
            self._desk.live_runs.expect(str(out), expected_rates(self._scene, self.planning.plan, self._effective()))
        self._desk.message.emit(Message(f"Resuming into {out.name}", good=True))
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)


def _shown_of(run: Run) -> tuple[object, ...]:
    return run.settings, run.record, [entry.path for entry in checkpoints_of(run)]

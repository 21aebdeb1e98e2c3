"""The resume sheet: from where, what changes, what the learning rate will be, and the command that does it."""

from __future__ import annotations

import shlex
from typing import Any, cast

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from inspector.app.desk import Desk
from inspector.app.edits_table import EditsTable
from inspector.app.news import Message
from inspector.app.rate_chart import RateChart
from inspector.app.resume_checkpoints import checkpoint_choices, checkpoint_named, checkpoints_of
from inspector.app.resume_command import Choice, Rate, free_folder, resume_arguments
from inspector.app.trial import Trial, plan_text
from inspector.core.texts import visible
from inspector.display.preview.scene import PreviewAsk, PreviewScene
from inspector.formats.facts import CheckpointFacts
from inspector.runs.log_paths import log_paths_of
from inspector.runs.values import Run
from inspector.session.values import RunState, StagedEdit
from inspector.views.controls import Button, Card, PrimaryButton, SearchField, Segmented
from inspector.views.fonts import SMALL_PX
from inspector.views.surfaces import Label, quiet

MODES = (
    ("exact", "Continue exactly"),
    ("edits", "With edits"),
    ("new-optimizer", "New optimizer"),
    ("weights", "Weights only"),
)
RATES = (("rescale", "Rescale the schedule"), ("restart", "Restart it now"), ("pin", "Pin"))


class ResumeSheet(QWidget):
    """The sheet in place of the views.

    Signals:
        closed: it is not wanted any more, or the run has started.
    """

    closed = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._run: Run | None = None
        self._state: RunState | None = None
        self.trial = Trial(self)
        self.trial.answered.connect(self._on_planned)
        self.trial.failed.connect(self._on_plan_failed)
        self.title = Label("", size_px=20, weight="semibold")
        self.checkpoint = Segmented(label="Checkpoint")
        self.mode = Segmented(MODES, label="Mode")
        self.rate = Segmented(RATES, label="What a new rate means")
        self.device = Segmented((("auto", "auto"), ("cpu", "cpu")), label="Device")
        self.epochs = SearchField("to the horizon")
        self.epochs.setFixedWidth(120)
        self.epochs.setAccessibleName("More epochs")
        self.table = EditsTable()
        self.chart = RateChart()
        self.facts = Label("", ink="dim", size_px=SMALL_PX, wrap=True)
        self.first = Label("", ink="dim", size_px=SMALL_PX)
        self.problem = Label("", ink="critical", wrap=True)
        self.command = Label("", ink="dim", mono=True, size_px=SMALL_PX)
        # However long, it must not push the panels beside the sheet together.
        self.command.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.command.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.start_button = PrimaryButton("Resume")
        self.dry_run = Button("Dry run")
        self.copy = Button("Copy")
        self.cancel = Button("Close")
        self._lay_out()
        for control in (self.checkpoint, self.mode, self.rate, self.device):
            control.chosen.connect(self._refresh)
        self.epochs.textEdited.connect(self._refresh)
        self.start_button.clicked.connect(self.start)
        self.dry_run.clicked.connect(self._try)
        self.copy.clicked.connect(self._copy)
        self.cancel.clicked.connect(self.closed)
        self.rate.set_value("rescale")
        self.device.set_value("auto")

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addWidget(Label("into a new run; the old one is not touched", ink="dim"))
        head.addStretch(1)
        head.addWidget(self.cancel)
        choices = QGridLayout()
        choices.setHorizontalSpacing(14)
        choices.setVerticalSpacing(10)
        places: tuple[tuple[str, QWidget, int, int], ...] = (
            ("From", self.checkpoint, 0, 0),
            ("Mode", self.mode, 0, 2),
            ("New rate means", self.rate, 1, 0),
            ("Device", self.device, 1, 2),
            ("More epochs", self.epochs, 2, 0),
        )
        for name, control, line, place in places:
            choices.addWidget(Label(name, ink="dim"), line, place)
            choices.addWidget(control, line, place + 1, Qt.AlignmentFlag.AlignLeft)
        choices.setColumnStretch(3, 1)
        edits = Card("Settings")
        edits.column.addLayout(self.table)
        rate = Card("Learning rate")
        rate.head.addWidget(self.first)
        for text, ink in (("— recorded", "accent"), ("- - old future", "dim"), ("— new future", "good")):
            rate.head.addWidget(Label(text, ink=cast("Any", ink), size_px=SMALL_PX))
        rate.column.addWidget(self.chart)
        foot = QHBoxLayout()
        foot.addWidget(self.command, 1)
        for button in (self.copy, self.dry_run, self.start_button):
            foot.addWidget(button)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(20, 18, 20, 12)
        column.setSpacing(14)
        column.addLayout(head)
        column.addLayout(choices)
        for widget in (edits, rate, self.problem, self.facts):
            column.addWidget(widget)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(page)
        quiet(scroll)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll, 1)
        foot.setContentsMargins(20, 8, 20, 12)
        outer.addLayout(foot)

    def show_run(self, run: Run, state: RunState) -> str:
        """Show a run and what is staged for it; a sentence where it cannot be resumed."""
        if run.record is None:
            return f"{run.name}: only runs that this program trained can be resumed; it has no run.json"
        checkpoints = checkpoints_of(run)
        if not checkpoints:
            return f"{run.name}: there is no checkpoint to resume from yet"
        fresh = self._run is None or self._run.key != run.key
        self._run, self._state = run, state
        self.title.setText(f"Resume {visible(run.name, 60)}")
        self.checkpoint.set_choices(checkpoint_choices(run, state))
        if fresh or self.checkpoint.value() is None:
            self.checkpoint.set_value("last" if run.record.last else checkpoints[-1].name)
            self.epochs.clear()
            self.facts.setText("")
        if fresh or self.mode.value() in ("exact", "edits", None):
            self.mode.set_value("edits" if state.staged else "exact")
        self._refresh()
        if fresh:
            self._plan(trial=False)
        return ""

    def choice(self) -> Choice:
        """What the controls are set to."""
        text = self.epochs.text().strip()
        return Choice(
            checkpoint=self.checkpoint.value() or "last",
            mode=self.mode.value() or "exact",
            rate=cast("Rate", self.rate.value() or "rescale"),
            device=self.device.value() or "auto",
            epochs=int(text) if text.isdigit() and int(text) > 0 else None,
        )

    def _edits(self) -> tuple[StagedEdit, ...]:
        return self._state.staged if self._state and self.mode.value() != "exact" else ()

    def _refresh(self) -> None:
        """Show the table, the command, and ask for the preview."""
        run, state = self._run, self._state
        if run is None or state is None or run.record is None:
            return
        text = self.epochs.text().strip()
        self.epochs.set_wrong(wrong=bool(text) and not (text.isdigit() and int(text) > 0))
        fields = {field.path: field for field in run.settings.fields}
        self.table.show_edits(self._edits(), fields, self.mode.value() or "")
        self.command.setText(visible(self._command_text(run), 400))
        entry = checkpoint_named(run, self.choice().checkpoint)
        if entry is None or not isinstance(entry.facts, CheckpointFacts):
            self.show_scene(None)
            return
        before = dict(run.settings.values)
        after = before | {edit.path: edit.new for edit in self._edits()}
        ask = PreviewAsk(
            logs=log_paths_of(run),
            recipe=run.record.recipe,
            before=before,
            after=after,
            epoch=entry.epoch or 0.0,
            step=entry.step or 0,
            rate=self.choice().rate,
            epochs=self.choice().epochs,
            samples=run.record.samples,
        )
        # Nothing starts before the preview says that it can.
        self.start_button.setEnabled(False)
        self._desk.scene_requests.ask("preview", run.key, ask)

    def show_scene(self, scene: PreviewScene | None) -> None:
        """Show the preview's answer."""
        self.chart.show_scene(scene)
        self.problem.setText(scene.problem if scene else "")
        self.problem.setVisible(bool(scene and scene.problem))
        self.start_button.setEnabled(scene is not None and not scene.problem and not self.epochs.wrong)
        rates = ", ".join(f"{rate:.2e}" for rate in scene.first[:3]) if scene else ""
        self.first.setText(f"first: {rates}, …" if rates else "")

    def _plan(self, *, trial: bool) -> None:
        if self._run is not None:
            arguments = resume_arguments(self._run, self.choice(), self._edits(), None)
            self.trial.ask((*arguments, "--dry-run") if trial else arguments)
            self.facts.setText("Asking the trainer…")

    def _try(self) -> None:
        self._plan(trial=True)

    def _on_planned(self, facts: dict[str, Any]) -> None:
        names = [str(device["device"]) for device in facts.get("devices", []) if device["device"] != "cpu"]
        self.device.set_choices((("auto", "auto"), *((name, name) for name in names), ("cpu", "cpu")))
        if self.device.value() is None:
            self.device.set_value("auto")
        self.facts.setText(plan_text(facts))

    def _on_plan_failed(self, sentence: str) -> None:
        self.facts.setText(visible(sentence))

    def _command_text(self, run: Run) -> str:
        """The command that does the same from a terminal; the reasons of edits are left to the window."""
        bare = tuple(msgspec.structs.replace(edit, reason="", finding="") for edit in self._edits())
        return shlex.join(("run-inspector", "resume", *resume_arguments(run, self.choice(), bare, None)))

    def _copy(self) -> None:
        if self._run is not None:
            QGuiApplication.clipboard().setText(self._command_text(self._run))

    def start(self) -> None:
        """Start the resumed run; it joins the tree as soon as its folder is there."""
        if self._run is None or not self.start_button.isEnabled():
            return
        out = free_folder(self._run)
        arguments = resume_arguments(self._run, self.choice(), self._edits(), out)
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            self._desk.trainings.start(("resume", *arguments), out, self._run.key)
        except OSError as error:
            self._desk.message.emit(Message(f"{out.name} was not started: {error.strerror or error}"))
            return
        self._desk.message.emit(Message(f"Resuming into {out.name}", good=True))
        self.closed.emit()

"""A run of another program is resumed by a template that the user names: the script, who sets its rate, and trust."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from inspector.app.beside_work import BesideWork
from inspector.app.checkpoint_actions import beside
from inspector.app.desk import Desk
from inspector.app.news import Message
from inspector.app.resume_checkpoints import checkpoints_of
from inspector.app.resume_command import free_folder
from inspector.app.resume_half import resuming_into
from inspector.core.errors import InspectorError
from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.display.nearest import entry_at, where_text
from inspector.formats.facts import CheckpointFacts
from inspector.formats.resume_template import OWNER_TEXTS, ResumeTemplate, fields_of_template, read_template
from inspector.formats.setting_fields import Field
from inspector.formats.setting_values import value_text
from inspector.formats.unpickled_names import names_to_trust, trust_sentence
from inspector.jobs.interpreters import own_python
from inspector.jobs.scripts import ScriptResume, ScriptRun, begin, script_command, script_run
from inspector.runs.values import FileEntry, Run
from inspector.session.values import RunState, StagedEdit
from inspector.views.controls import Button, Card
from inspector.views.elided import ElidedLabel
from inspector.views.fonts import SMALL_PX
from inspector.views.menu_button import MenuButton, MenuItem
from inspector.views.surfaces import Label

_LONGEST = 400
_NO_TEMPLATE = tr("This program did not train this run. A template says how its script is resumed; see Help")


class ScriptCard(Card):
    """Names a template and shows what it would do with the chosen checkpoint.

    Signals:
        changed: a template or a checkpoint was chosen.
        started: a script was.
    """

    changed = Signal()
    started = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(tr("Script"), parent)
        self._desk = desk
        self._run: Run | None = None
        self._entry: FileEntry | None = None
        self._path = ""
        self.template: ResumeTemplate | None = None
        self._edits: dict[str, Any] = {}
        self._asked: ScriptResume | None = None
        self._starting: tuple[int, ScriptResume, str, bool] | None = None
        self._starts = 0
        self._beside = BesideWork(self._on_ready)
        self.checkpoint = MenuButton(says=tr("Checkpoint that the script goes on from"))
        self.choose = Button(tr("Resume by a template…"))
        self.about = Label("", ink="dim", wrap=True)
        self.script = ElidedLabel("", ink="dim", mono=True, size_px=SMALL_PX)
        self.script.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.trust = Label("", ink="warning", wrap=True)
        self.clean = Button(tr("Make a clean copy…"))
        self.problem = Label("", ink="critical", wrap=True)
        self.head.addWidget(self.checkpoint)
        self.head.addWidget(self.choose)
        warned = QHBoxLayout()
        warned.addWidget(self.trust, 1)
        warned.addWidget(self.clean, 0, Qt.AlignmentFlag.AlignTop)
        for widget in (self.about, self.script):
            self.column.addWidget(widget)
        self.column.addLayout(warned)
        self.column.addWidget(self.problem)
        self.choose.clicked.connect(self._on_choose)
        self.clean.clicked.connect(self._on_clean)
        self.checkpoint.chosen.connect(self._on_checkpoint)
        self.hide()

    @property
    def needs_trust(self) -> bool:
        """Whether unpickling the checkpoint calls more than what rebuilds tensors, or may for all that was read."""
        return bool(self._trust_sentence())

    @property
    def ready(self) -> bool:
        """Whether the script can be started as it is set up."""
        return self._asked is not None and self._starting is None and not self.problem.text()

    def show_run(self, run: Run, state: RunState, *, fresh: bool) -> None:
        """Offer the checkpoints of a run; of another run than before, no template is named."""
        self._run = run
        entries = checkpoints_of(run)
        if fresh:
            self.template, self._path = None, ""
            self._entry = entry_at(run, state, CheckpointFacts)
        elif self._entry is not None:
            self._entry = next((entry for entry in entries if entry.path == self._path_of_entry()), None)
        self.checkpoint.set_items(
            [MenuItem(key=one.path, text=visible(where_text(one), 120), group="checkpoint", on=one == self._entry)
             for one in entries]
        )  # fmt: skip
        self.setVisible(bool(entries))

    def fields(self) -> tuple[Field, ...]:
        """The template's settings, each with the checkpoint's value; empty without a template."""
        return fields_of_template(self.template, self._held()) if self.template is not None else ()

    def uses(self, place: str) -> bool:
        """Whether the template's command has a placeholder (`{python}`)."""
        return self.template is not None and any(place in text for text in self.template.command)

    def show_edits(self, edits: tuple[StagedEdit, ...], python: str, device: str) -> None:
        """Show what the script would be started with."""
        known = {field.path for field in self.fields()}
        self._edits = {edit.path: edit.new for edit in edits if edit.path in known}
        self._asked, problem = None, ""
        self.checkpoint.set_text(
            visible(where_text(self._entry), 60) if self._entry is not None else tr("no checkpoint")
        )
        if self.template is None or self._run is None or self._entry is None:
            self.about.setText(_NO_TEMPLATE)
        else:
            name = self.template.title or Path(self._path).name
            owner = tr(OWNER_TEXTS[self.template.rate_owner])
            self.about.setText(visible(f"{name}: {owner}", _LONGEST))
            self._asked = ScriptResume(
                template=self.template,
                run=Path(self._run.root),
                checkpoint=Path(self._entry.path),
                held=self._held(),
                edits=self._edits,
                python=python,
                device=device,
                output=free_folder(self._run),
            )
            try:
                self.script.setText(visible(shlex.join(script_command(self._asked)), 2000))
            except InspectorError as error:
                problem = str(error)
        self._show_problem(problem)
        named = self.template is not None
        self.choose.setText(tr("Another template…") if named else tr("Resume by a template…"))
        self.choose.updateGeometry()
        self.script.setVisible(named)
        sentence = self._trust_sentence() if named else ""
        self.trust.setText(visible(sentence, 2000))
        for widget in (self.trust, self.clean):
            widget.setVisible(bool(sentence))

    def command(self) -> str:
        """The command line that does the same."""
        asked = self._asked
        if asked is None:
            return ""
        edits = [part for path, value in self._edits.items() for part in ("--set", f"{path}={value_text(value)}")]
        python = ("--python", asked.python) if self.uses("{python}") and asked.python != own_python() else ()
        device = ("--device", asked.device) if self.uses("{device}") and asked.device != "auto" else ()
        trusted = ("--trust",) if self.needs_trust else ()
        return shlex.join(
            ("run-inspector", "resume", str(asked.run), "--template", self._path, "--from", str(asked.checkpoint),
             *edits, *device, *python, *trusted)
        )  # fmt: skip

    def start(self, *, keep_running: bool) -> None:
        """Start the script; its folder is made, and the checkpoint read for its digest, beside the window."""
        if self.ready and self._asked is not None and self._run is not None:
            self._starts += 1
            self._starting = self._starts, self._asked, self._run.key, keep_running
            self.changed.emit()
            self._on_ready("")

    def _on_ready(self, _name: str) -> None:
        if self._starting is None:
            return
        _number, asked, parent_key, keep_running = self._starting
        try:
            script: ScriptRun | None = self._beside.result(self._starting, lambda: _begun(asked), "script")
            if script is None:
                return
            self._starting = None
            self._desk.trainings.start_script(script, parent_key, keep_running=keep_running)
        except (InspectorError, OSError) as error:
            self._starting = None
            self.changed.emit()
            self._show_problem(str(error))
            return
        self._desk.message.emit(resuming_into(script.run_folder))
        self.started.emit()

    def _on_choose(self) -> None:
        chosen, _kind = QFileDialog.getOpenFileName(self, tr("Resume template"), "", tr("Resume templates (*.toml)"))
        if not chosen:
            return
        try:
            self.template, self._path = read_template(Path(chosen)), chosen
        except InspectorError as error:
            self._desk.message.emit(Message(str(error)))
            return
        self.changed.emit()

    def _on_checkpoint(self, path: str) -> None:
        if self._run is not None:
            self._entry = next((entry for entry in checkpoints_of(self._run) if entry.path == path), self._entry)
            self.changed.emit()

    def _on_clean(self) -> None:
        if self._entry is None:
            return
        suggested = str(beside(self._entry.path, "-clean.pt"))
        out, _kind = QFileDialog.getSaveFileName(
            self, tr("Save clean copy"), suggested, tr("PyTorch checkpoint (*.pt)")
        )
        if out:
            self._desk.file_work.save_clean_copy(self._entry.path, out)

    def _show_problem(self, sentence: str) -> None:
        self.problem.setText(visible(sentence, _LONGEST))
        self.problem.setVisible(bool(sentence))

    def _path_of_entry(self) -> str:
        return self._entry.path if self._entry is not None else ""

    def _facts(self) -> CheckpointFacts | None:
        facts = self._entry.facts if self._entry is not None else None
        return facts if isinstance(facts, CheckpointFacts) else None

    def _held(self) -> dict[str, Any]:
        facts = self._facts()
        return facts.objects if facts is not None else {}

    def _trust_sentence(self) -> str:
        facts = self._facts()
        if facts is None or self._entry is None:
            return ""
        return trust_sentence(self._entry.name, names_to_trust(facts.would_import), limited=facts.limited)


def _begun(asked: ScriptResume) -> ScriptRun:
    script = script_run(asked)
    begin(script)
    return script

"""The half of the resume sheet for runs that a recipe trained: the preview, what the trainer plans, and the start."""

from __future__ import annotations

import math
import shlex
from typing import Any

import msgspec
from PySide6.QtCore import QObject, Signal

from inspector.app.desk import Desk
from inspector.app.edits_card import EditsCard
from inspector.app.news import Message
from inspector.app.planning import Planning
from inspector.app.rate_card import RateCard, planned_otherwise
from inspector.app.rate_check import expected_rates
from inspector.app.recipe_file_row import RecipeFileRow
from inspector.app.resume_checkpoints import checkpoint_named
from inspector.app.resume_choices import ResumeChoices
from inspector.app.resume_command import Choice, free_folder, resume_arguments
from inspector.app.resume_half import Leave, Shown, resuming_into
from inspector.app.resume_rows import (
    Asked,
    SheetRow,
    checkpoint_values,
    held_schedulers,
    is_of_the_rate,
    rows_of,
)
from inspector.app.running_choices import RunningChoices
from inspector.core.language import tr
from inspector.display.preview.scene import PreviewAsk, PreviewScene
from inspector.formats.recipes.extras import extras_asked
from inspector.runs.log_paths import log_paths_of
from inspector.runs.values import FileEntry, Run
from inspector.session.values import RunState, StagedEdit

_ASKS_FILE = tr("The trainer is asked once you use the recipe file; it is run for that")


class RecipeHalf(QObject):
    """What a run of a recipe is resumed with.

    Args:
        desk: starts the run, and has the preview drawn.
        settings: the sheet's table, which says beside a setting what is wrong with it.
        choices: from where, how and for how long it is resumed.
        running: with what it is trained.

    Signals:
        changed: the user has chosen something else.
        allowed: what may be started is another.
        started: the resumed run was.
    """

    changed = Signal()
    allowed = Signal()
    started = Signal()

    def __init__(
        self, desk: Desk, settings: EditsCard, choices: ResumeChoices, running: RunningChoices, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._settings = settings
        self._running = running
        self._run: Run | None = None
        self._state: RunState | None = None
        self._rows: tuple[SheetRow, ...] = ()
        self._scene: PreviewScene | None = None
        self.planning = Planning(self)
        self.choices = choices
        self.recipe_file = RecipeFileRow()
        self.rates = RateCard()
        self.planning.answered.connect(self._on_planned)
        self.choices.changed.connect(self.changed)
        self.recipe_file.changed.connect(self.changed)

    def show_run(self, run: Run, state: RunState, *, fresh: bool) -> None:
        """Take a run; of another one than before, everything is set as usual."""
        self._run, self._state = run, state
        if fresh:
            self.recipe_file.show_run(run.record)
            self._scene = None
            self.planning.forget()
            self.rates.show_scene(None)
        self.choices.show_run(run, state, fresh=fresh)

    def begin(self) -> None:
        """It has come to the screen."""
        if self.planning.plan is None and self._may_ask():
            self.planning.ask(self._arguments(), trial=False, interpreter=self._running.interpreter.path)

    def refresh(self, *, on_screen: bool) -> Shown:
        """What the sheet shows now; the preview is asked for, and on the screen the trainer."""
        run, state = self._run, self._state
        assert run is not None
        assert run.record is not None
        assert state is not None
        self.choices.check()
        self.choices.ask_rate(asked=any(is_of_the_rate(edit.path) for edit in self._edits()))
        entry = self._entry()
        # A recipe file may have changed since it trained the run; what it declares now is what is resumed with.
        sheet = msgspec.structs.replace(run.settings, fields=self.recipe_file.declared or run.settings.fields)
        before = checkpoint_values(sheet, entry)
        self._rows = rows_of(sheet.fields, before, state.staged, self._asked())
        self._running.show_recipe(self._extras())
        self._scene = None  # nothing starts before the preview says that it can
        if entry is not None:
            self._desk.scene_requests.ask("preview", run.key, self._preview_of(run, entry, before))
        if self.recipe_file.asks:
            self.planning.panel.show_nothing(_ASKS_FILE)
        elif on_screen and self._why_not_here():
            self.planning.stop()
            self.planning.forget()
            self.planning.panel.show_nothing(self._why_not_here())
        elif on_screen:
            self.planning.want(self._arguments(), interpreter=self._running.interpreter.path)
        command = "" if self.recipe_file.asks else self.command()
        return Shown(rows=self._rows, first=(), command=command, start_text=tr("Resume"))

    def leave(self) -> Leave:
        """What may be started as it is set up."""
        blocked = next((row for row in self._rows if row.blocks), None)
        problem = self._scene.problem if self._scene else ""
        beside = self._settings.model.blame(self._scene.problem_path if self._scene else "", problem)
        if blocked is not None:
            problem = tr("{setting} {effect}: {advice}").format(
                setting=blocked.path, effect=blocked.tag, advice=blocked.note
            )
        wrong = self._settings.model.wrong
        why_not = problem or self._why_not_here()
        ready = self._scene is not None and not why_not and not wrong
        return Leave(
            start=ready and self.choices.check() and self._may_ask(),
            trial=self._may_ask() and not wrong and blocked is None,
            problem="" if beside and blocked is None else problem,
            why_not=why_not,
        )

    def show_scene(self, scene: PreviewScene | None) -> None:
        """Show the preview's answer, unless it is to what was set up before."""
        if self._run is not None and self._desk.scene_requests.awaits("preview", self._run.key):
            return
        self._scene = scene
        self.rates.show_scene(scene)
        self._compare()
        self.allowed.emit()

    def try_step(self) -> None:
        """Have the trainer take one step on trial; nothing is written."""
        self.planning.ask(self._arguments(), trial=True, interpreter=self._running.interpreter.path)

    def command(self) -> str:
        """The command that does the same from a terminal; the reasons of edits are left to the window."""
        bare = tuple(msgspec.structs.replace(edit, reason="", finding="") for edit in self._edits())
        python = self._running.interpreter.path
        with_python = ("--python", python) if python else ()
        return shlex.join(("run-inspector", "resume", *self._arguments(bare), *with_python))

    def start(self) -> None:
        """Start the resumed run; it joins the tree as soon as its folder is there."""
        run = self._run
        assert run is not None
        out = free_folder(run)
        arguments = (*self._arguments(), "-o", str(out))
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            self._desk.trainings.start(
                ("resume", *arguments),
                out,
                run.key,
                keep_running=self._running.keeps_running(),
                interpreter=self._running.interpreter.path,
            )
        except OSError as error:
            sentence = tr("{folder} was not started: {why}").format(folder=out.name, why=error.strerror or error)
            self._desk.message.emit(Message(sentence))
            return
        if self._scene is not None:
            self._desk.live_runs.expect(str(out), expected_rates(self._scene, self.planning.plan))
        self._desk.message.emit(resuming_into(out))
        self.started.emit()

    def _extras(self) -> tuple[str, ...]:
        return extras_asked({row.path: row.effective for row in self._rows})

    def _why_not_here(self) -> str:
        """Why the chosen Python cannot train this."""
        return self._running.interpreter.why_not(self._extras())

    def _may_ask(self) -> bool:
        """Whether a trainer may be asked: of a recipe file once the user has named it, and in a Python that can."""
        return self._run is not None and not self.recipe_file.asks and not self._why_not_here()

    def _choice(self) -> Choice:
        return msgspec.structs.replace(
            self.choices.choice(), recipe=self.recipe_file.named, device=self._running.chosen_device()
        )

    def _edits(self) -> tuple[StagedEdit, ...]:
        return self._state.staged if self._state and self.choices.choice().mode != "exact" else ()

    def _entry(self) -> FileEntry | None:
        return checkpoint_named(self._run, self.choices.choice().checkpoint) if self._run else None

    def _asked(self) -> Asked:
        choice, entry = self.choices.choice(), self._entry()
        epoch = 0.0 if choice.mode == "weights" or entry is None else entry.epoch or 0.0
        return Asked(mode=choice.mode, rate=choice.rate, epoch=epoch)

    def _position(self, entry: FileEntry) -> tuple[float, int]:
        """Epoch and step at which the resumed run begins: an epoch whose samples come in another order starts over."""
        if self.choices.choice().mode == "weights":
            return 0.0, 0
        epoch = entry.epoch or 0.0
        reordered = any(row.changes and row.field and "order" in row.field.changes for row in self._rows)
        return (math.floor(epoch) if reordered else epoch), entry.step or 0

    def _arguments(self, edits: tuple[StagedEdit, ...] | None = None) -> tuple[str, ...]:
        assert self._run is not None
        return resume_arguments(self._run, self._choice(), self._edits() if edits is None else edits, None)

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
            schedulers={} if choice.mode == "weights" else held_schedulers(entry),
        )

    def _on_planned(self) -> None:
        if self.planning.plan is not None:
            self._running.show_devices(self.planning.plan.devices)
            if self.recipe_file.take(self.planning.plan.schema):
                self.changed.emit()
        self._compare()

    def _compare(self) -> None:
        """Show the trainer's answer, and its rates in the place of the preview's."""
        plan = self.planning.plan
        if plan is None:
            return
        told = ""
        if self._scene is not None:
            told = planned_otherwise(self._scene, plan)
            self.rates.show_plan(plan)
        self.planning.tell((told,) if told else ())

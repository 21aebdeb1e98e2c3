"""The half of the resume sheet for runs of other programs: a template's settings, its command, and the start."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from inspector.app.desk import Desk
from inspector.app.edits_card import EditsCard
from inspector.app.resume_checkpoints import checkpoints_of
from inspector.app.resume_half import Leave, Shown
from inspector.app.resume_rows import rows_of_script
from inspector.app.running_choices import RunningChoices
from inspector.app.script_card import ScriptCard
from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.jobs.interpreters import own_python
from inspector.runs.values import Run
from inspector.session.values import RunState

_UNKNOWN = tr("This version does not know the recipe {recipe}; its settings are shown as they are")
_NO_CHECKPOINT = tr("There is no checkpoint to resume from; its settings are shown as they are")


class ScriptHalf(QObject):
    """What a run is resumed with by a template that the user names.

    Args:
        desk: starts the script.
        settings: the sheet's table.
        running: with what it runs.

    Signals:
        changed: the user has chosen something else.
        started: the script was.
    """

    changed = Signal()
    started = Signal()

    def __init__(self, desk: Desk, settings: EditsCard, running: RunningChoices, parent: QObject) -> None:
        super().__init__(parent)
        self._settings = settings
        self._running = running
        self._run: Run | None = None
        self._state: RunState | None = None
        self.card = ScriptCard(desk)
        self.card.changed.connect(self.changed)
        self.card.started.connect(self.started)

    def show_run(self, run: Run, state: RunState, *, fresh: bool) -> None:
        """Take a run; of another one than before, no template is named."""
        self._run, self._state = run, state
        self.card.show_run(run, state, fresh=fresh)

    def refresh(self) -> Shown:
        """What the sheet shows now."""
        run, state, card = self._run, self._state, self.card
        assert run is not None
        assert state is not None
        self._running.show_script(card.template)
        card.show_edits(state.staged, self._running.interpreter.path or own_python(), self._running.chosen_device())
        fields = card.fields()
        before = run.settings.values | {field.path: field.default for field in fields}
        edits = [edit for edit in state.staged if any(edit.path == field.path for field in fields)]
        trusted = tr("Trust and resume") if card.needs_trust else tr("Resume")
        return Shown(
            rows=rows_of_script(fields, before, edits),
            first=tuple(field.path for field in fields),
            about=self._why_not(run),
            command=card.command(),
            start_text=trusted if card.template is not None else "",
        )

    def leave(self) -> Leave:
        """What may be started; whatever the chosen Python lacks is the script's affair."""
        why_not = self._running.interpreter.why_not(()) if self.card.uses("{python}") else ""
        return Leave(start=self.card.ready and not self._settings.model.wrong and not why_not, why_not=why_not)

    def start(self) -> None:
        """Start the script."""
        self.card.start(keep_running=self._running.keeps_running())

    def _why_not(self, run: Run) -> str:
        """Why a run cannot be resumed, empty where it can."""
        if self.card.template is not None:
            return ""
        if run.record is not None:
            return _UNKNOWN.format(recipe=visible(run.record.recipe, 60))
        return "" if checkpoints_of(run) else _NO_CHECKPOINT

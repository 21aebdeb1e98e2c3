"""What the user asks of the chosen run while it trains, and the strip that shows it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from inspector.app.desk import Desk
from inspector.app.live_strip import LiveStrip
from inspector.app.news import Message
from inspector.app.trainings import NO_TRAINER
from inspector.core.language import tr
from inspector.runs.values import Run
from inspector.session.values import RunState, StagedEdit


class LiveDesk(QObject):
    """The strip over the timeline and what its buttons do."""

    def __init__(self, desk: Desk, strip: LiveStrip, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._strip = strip
        strip.killed.connect(self._kill)
        desk.live_runs.changed.connect(self._on_changed)

    def doing(self) -> dict[str, Callable[[], object]]:
        """What each command does, by its key."""
        return {
            "pause_run": self._pause,
            "checkpoint_now": self._checkpoint,
            "apply_live": self._apply,
            "stop_run": self._stop,
            "kill_run": self._ask_to_kill,
        }

    def reflect(self) -> None:
        """Show how the chosen run trains."""
        chosen = self._desk.chosen()
        if chosen is None:
            self._strip.show_run(None, None, (), paused=False, rates="")
            return
        run, state = chosen
        known = self._desk.live_runs
        self._strip.show_run(
            run,
            known.scene(run.key),
            live_edits(run, state),
            paused=known.is_paused(run.key),
            rates=known.told_of_rates(run.key),
        )

    def _on_changed(self, key: str) -> None:
        if key == self._desk.state.chosen:
            self.reflect()

    def _training(self) -> Run | None:
        """The chosen run, where it trains; a message where it does not."""
        chosen = self._desk.chosen()
        if chosen is None:
            return None
        run = chosen[0]
        if run.record is not None and run.live:
            return run
        self._desk.message.emit(Message(NO_TRAINER.format(run=run.name)))
        return None

    def _pause(self) -> None:
        run = self._training()
        if run is not None:
            paused = self._desk.live_runs.is_paused(run.key)
            self._desk.live_runs.ask(run, "continue" if paused else "pause")

    def _checkpoint(self) -> None:
        run = self._training()
        if run is not None:
            self._desk.live_runs.ask(run, "checkpoint")

    def _apply(self) -> None:
        run, chosen = self._training(), self._desk.chosen()
        if run is None or chosen is None:
            return
        edits = live_edits(*chosen)
        if edits:
            self._desk.live_runs.ask_edits(run, edits)
        else:
            self._desk.message.emit(Message(tr("No staged edit takes effect while the run trains")))

    def _stop(self) -> None:
        chosen = self._desk.chosen()
        if chosen is not None:
            self._desk.trainings.stop(chosen[0])

    def _ask_to_kill(self) -> None:
        if self._training() is not None:
            self._strip.ask_to_kill()

    def _kill(self) -> None:
        run = self._training()
        if run is not None:
            self._desk.trainings.kill(run)


def live_edits(run: Run, state: RunState) -> tuple[StagedEdit, ...]:
    """The staged edits of settings that take effect while a run trains."""
    live = {field.path for field in run.settings.fields if field.applies == "live"}
    return tuple(edit for edit in state.staged if edit.path in live)

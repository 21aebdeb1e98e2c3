"""Runs of this program that train now: what they are asked for, what they answer, and whether their rates are right."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from PySide6.QtCore import QObject, Signal

from inspector.app.news import Message, SceneReady
from inspector.app.open_runs import OpenRuns
from inspector.app.plan import SAME_RATE
from inspector.app.rate_check import Difference, ExpectedRates, first_difference
from inspector.app.resume_checkpoints import checkpoint_named
from inspector.app.resume_rows import held_schedulers
from inspector.app.scene_requests import SceneRequests
from inspector.core.language import tr
from inspector.display.training.judge import OFFER
from inspector.display.training.scene import RunStart, TrainingEvent, TrainingScene
from inspector.formats.control import Command, control_line
from inspector.jobs.trainers import send
from inspector.runs.values import Run
from inspector.session.values import RunState, StagedEdit, ViewState

VIEWER = OFFER.key
_ENOUGH_RATES = 3
"""So many logged rates that are as expected are told as such; one that is not is told at once."""


class _Words(NamedTuple):
    """What is said where the first rates are right, where not, and the message of the latter."""

    right: str
    wrong: str
    message: str


_PREVIEWED = _Words(
    tr("rates as previewed"),
    tr("rates not as previewed"),
    tr(
        "{run}: the learning rate is not the one of the preview. Step {step:,} of {group} logged {found:.9g}, "
        "expected was {expected:.9g}"
    ),
)
_WORKED_OUT = _Words(
    tr("rates as its settings plan them"),
    tr("rates not as its settings plan them"),
    tr(
        "{run}: the learning rate is not the one that its settings plan. Step {step:,} of {group} logged {found:.9g}, "
        "expected was {expected:.9g}"
    ),
)
"""Of a run that another window started."""


class LiveRuns(QObject):
    """What is known of the runs that train, by their keys.

    Signals:
        changed: key of a run of which more is known.
        edited: key of a run, path and value of a setting that its trainer took over.
        message: Message.
    """

    changed = Signal(str)
    edited = Signal(str, str, object)
    message = Signal(object)

    def __init__(self, runs: OpenRuns, requests: SceneRequests, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs = runs
        self._requests = requests
        self._scenes: dict[str, TrainingScene] = {}
        self._asked: dict[str, object] = {}
        self._expected: dict[str, ExpectedRates] = {}
        self._compared: dict[str, str] = {}
        requests.ready.connect(self._on_ready)

    def expect(self, folder: str, rates: ExpectedRates) -> None:
        """Hold the first rates that a run will log against these."""
        self._expected[folder] = rates

    def look(self, key: str) -> None:
        """Ask for what a run has answered since, where it trains or is about to have its rates compared."""
        run = self._runs.get(key)
        if run is None or run.record is None or not (run.live or run.root in self._expected or key in self._scenes):
            return
        ask = OFFER.ask(run, RunState(key=key, paths=run.paths), ViewState())
        if ask is None:
            return
        if key not in self._compared and run.root not in self._expected:
            ask = msgspec.structs.replace(ask, start=self._start(run))
        if ask != self._asked.get(key):
            self._asked[key] = ask
            self._requests.ask(VIEWER, key, ask)

    def forget(self, key: str) -> None:
        """Know nothing of a run any more that was closed or is read anew."""
        self._asked.pop(key, None)

    def let_go(self, key: str) -> None:
        """Keep nothing of what a run has told that was closed."""
        self._scenes.pop(key, None)

    def scene(self, key: str) -> TrainingScene | None:
        """What a run has told; None before it has told anything."""
        return self._scenes.get(key)

    def is_paused(self, key: str) -> bool:
        """Whether the trainer waits."""
        scene = self.scene(key)
        events = scene.events if scene is not None else ()
        said = [event.name for event in events if event.name in ("paused", "continued", "stopped")]
        return bool(said) and said[-1] == "paused"

    def told_of_rates(self, key: str) -> str:
        """What came of comparing the first logged rates with those that were expected; empty until that is known."""
        return self._compared.get(key, "")

    def ask(self, run: Run, command: Command, **values: Any) -> None:
        """Ask a run's trainer for something; what comes of it is told by an event."""
        try:
            send(Path(run.root), control_line(command, **values))
        except OSError as error:
            sentence = tr("{run}: its trainer cannot be asked ({why})")
            self.message.emit(Message(sentence.format(run=run.name, why=error.strerror or error)))

    def ask_edits(self, run: Run, edits: tuple[StagedEdit, ...]) -> None:
        """Ask for settings to be changed while the run trains."""
        for edit in edits:
            self.ask(run, "edit", path=edit.path, value=edit.new)

    def _on_ready(self, answer: SceneReady) -> None:
        run = self._runs.get(answer.run)
        if answer.viewer != VIEWER or run is None:
            return
        scene: TrainingScene = answer.scene
        before = self._scenes.get(answer.run)
        self._scenes[answer.run] = scene
        if before is not None:
            for event in scene.events[len(scene.events) - min(scene.count - before.count, len(scene.events)) :]:
                self._hear(run, event)
        self._compare(run, scene)
        self.changed.emit(answer.run)

    def _hear(self, run: Run, event: TrainingEvent) -> None:
        """Tell what an answer means for the window."""
        if event.name == "refused":
            asked = event.values.get("path") or event.values.get("command") or tr("a command")
            why = event.values.get("reason", tr("no reason"))
            sentence = tr("{run}: {asked} was refused ({why})")
            self.message.emit(Message(sentence.format(run=run.name, asked=asked, why=why)))
        elif event.name == "edited":
            self.edited.emit(run.key, str(event.values.get("path", "")), event.values.get("value"))

    def _start(self, run: Run) -> RunStart | None:
        """What the first rates of a resumed run can be worked out from, where this window did not preview them."""
        record = run.record
        if record is None or record.parent is None or record.samples is None:
            return None
        of = record.parent
        parent = next((one for _key, one in self._runs.items() if one.record and one.record.id == of.id), None)
        entry = checkpoint_named(parent, of.checkpoint) if parent is not None else None
        return RunStart(values=run.settings.values, samples=record.samples, schedulers=held_schedulers(entry))

    def _compare(self, run: Run, scene: TrainingScene) -> None:
        """Hold the first rates against what was previewed here, or else against what the run's folder tells; once."""
        if run.key in self._compared:
            return
        previewed = self._expected.get(run.root)
        worked_out = ExpectedRates(by_group={group: dict(rates) for group, rates in scene.expected.items()})
        found, compared = first_difference(previewed or worked_out, scene.first_rates)
        words = _PREVIEWED if previewed else _WORKED_OUT
        if found is not None:
            self._compared[run.key] = words.wrong
            self.message.emit(_told(run, found, words))
        elif compared >= _ENOUGH_RATES * len(scene.first_rates) > 0:
            self._compared[run.key] = words.right
        elif compared or min(map(len, scene.first_rates.values()), default=0) < _ENOUGH_RATES:
            return  # more is to be logged, also where there is nothing yet
        # Where it logs too seldom for what was previewed, its folder tells what to expect.
        self._expected.pop(run.root, None)


def _told(run: Run, found: Difference, words: _Words) -> Message:
    return Message(
        words.message.format(
            run=run.name, step=found.step, group=found.group, found=found.found, expected=found.expected
        ),
        detail=tr("Rates are the same up to {share:g} of themselves").format(share=SAME_RATE),
    )

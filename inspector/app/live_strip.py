"""The strip of a run that trains now: where it stands, what it answered, and what it can be asked for."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from inspector.core.language import tr, tr_counted
from inspector.core.texts import visible
from inspector.display.training.scene import TrainingEvent, TrainingScene
from inspector.formats.setting_values import value_text
from inspector.runs.placing import place_text
from inspector.runs.values import Run
from inspector.session.values import StagedEdit
from inspector.views.controls import Button
from inspector.views.elided import ElidedLabel
from inspector.views.fonts import SMALL_PX
from inspector.views.surfaces import Label
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

HEIGHT_PX = 36

_ANSWERS = {
    "paused": tr("paused at step {step:,}"),
    "continued": tr("went on at step {step:,}"),
    "edited": tr("{path} is now {value} at step {step:,}"),
    "refused": tr("{asked} was refused at step {step:,}"),
    "checkpoint": tr("saved {file} at step {step:,}"),
    "resumed": tr("resumed from {checkpoint} at step {step:,}"),
}
"""What is said of each answer; other events are of the run itself, and stand in its log."""


class _Dot(QWidget):
    """A ring while the run goes on, two bars while it waits."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.paused = False
        self.setFixedSize(14, 14)

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.paused:
            ink = colour(tokens().warning)
            for left in (3.0, 8.0):
                painter.fillRect(QRectF(left, 2.5, 3, 9), ink)
        else:
            painter.setPen(QPen(colour(tokens().good), 2))
            painter.drawEllipse(QRectF(3, 3, 8, 8))


class LiveStrip(QWidget):
    """One line; hidden where the chosen run does not train.

    Signals:
        command: key of a command of the window.
        killed: the run is to end at once, and that was asked.
    """

    command = Signal(str)
    killed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dot = _Dot()
        self.state = Label("", size_px=SMALL_PX, weight="medium")
        self.place = Label("", ink="dim", size_px=SMALL_PX)
        self.said = ElidedLabel("", ink="dim", size_px=SMALL_PX)
        self.said.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.sure = Label(tr("Kill ends it at once, without a checkpoint"), ink="warning", size_px=SMALL_PX)
        self.apply = Button(tr("Apply now"))
        self.pause = Button(tr("Pause"))
        self.checkpoint = Button(tr("Checkpoint now"))
        self.stop = Button(tr("Stop"))
        self.kill = Button(tr("Kill…"))
        self.really = Button(tr("Kill now"))
        self.spare = Button(tr("Keep"))
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 14, 0)
        row.setSpacing(8)
        for widget in (self._dot, self.state, self.place):
            row.addWidget(widget)
        row.addSpacing(8)
        row.addWidget(self.said, 1)
        asking = (
            (self.apply, "apply_live"), (self.pause, "pause_run"), (self.checkpoint, "checkpoint_now"),
            (self.stop, "stop_run"),
        )  # fmt: skip
        for button, key in asking:
            button.clicked.connect(partial(self._on_pressed, key))
            row.addWidget(button)
        row.addWidget(self.sure)
        for button in (self.kill, self.really, self.spare):
            row.addWidget(button)
        self.kill.clicked.connect(self.ask_to_kill)
        self.really.clicked.connect(self._on_sure)
        self.spare.clicked.connect(self._spare)
        self.pause.setToolTip(tr("Let the trainer wait after its step, or go on"))
        self.checkpoint.setToolTip(tr("Write a checkpoint after this step, and train on"))
        self.stop.setToolTip(tr("Save a last checkpoint and end"))
        self.setFixedHeight(HEIGHT_PX)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAccessibleName(tr("Training"))
        self._key = ""
        self._spare()
        self.hide()

    def sizeHint(self) -> QSize:
        return QSize(600, HEIGHT_PX)

    def show_run(
        self, run: Run | None, scene: TrainingScene | None, live_edits: tuple[StagedEdit, ...], *, paused: bool,
        rates: str,
    ) -> None:  # fmt: skip
        """Show a run that trains; None, or one that does not, hides the strip.

        Args:
            run: the chosen one.
            scene: what it has told.
            live_edits: staged edits that would take effect while it trains.
            paused: whether its trainer waits.
            rates: whether its first rates were those that were expected, in a few words; empty before that is known.
        """
        if run is None or run.record is None or not run.live:
            self.hide()
            return
        if run.key != self._key:
            self._key = run.key
            self._spare()
        self._dot.paused = paused
        self._dot.update()
        self.state.setText(tr("Paused") if paused else tr("Training"))
        self.place.setText(_place(scene) if scene else "")
        self.said.setText(_said(scene, rates) if scene else "")
        self.pause.setText(tr("Continue") if paused else tr("Pause"))
        self.pause.updateGeometry()
        self.apply.setText(tr("Apply {edits} now").format(edits=tr_counted(len(live_edits), "edit")))
        self.apply.setToolTip(visible(", ".join(edit.path for edit in live_edits)))
        self.apply.updateGeometry()
        self.apply.setVisible(bool(live_edits))
        self.show()

    def ask_to_kill(self) -> None:
        """Ask whether the run is really to end without a checkpoint."""
        self._ask(sure=True)
        self.spare.setFocus()

    def _on_sure(self) -> None:
        self._spare()
        self.killed.emit()

    def _spare(self) -> None:
        self._ask(sure=False)

    def _ask(self, *, sure: bool) -> None:
        for widget in (self.sure, self.really, self.spare):
            widget.setVisible(sure)
        self.kill.setVisible(not sure)

    def _on_pressed(self, key: str) -> None:
        self.command.emit(key)


def _place(scene: TrainingScene) -> str:
    """`epoch 12.4 · step 3,400 · 41 ms a step`."""
    epoch = place_text(None, scene.epoch)
    speed = tr("{ms:.3g} ms a step").format(ms=1000 * scene.step_s) if scene.step_s is not None else ""
    return " · ".join(part for part in (epoch, place_text(scene.step, None), speed) if part)


def _said(scene: TrainingScene, rates: str) -> str:
    """What was answered last, and whether the rates are right."""
    event = next((event for event in reversed(scene.events) if event.name in _ANSWERS), None)
    return visible(" · ".join(part for part in (_answer_text(event) if event else "", rates) if part), 300)


def _answer_text(event: TrainingEvent) -> str:
    values = event.values
    return _ANSWERS[event.name].format(
        step=event.step,
        path=values.get("path"),
        value=value_text(values.get("value")),
        asked=values.get("path") or values.get("command"),
        file=values.get("file"),
        checkpoint=values.get("checkpoint"),
    )

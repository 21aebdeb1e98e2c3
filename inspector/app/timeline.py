"""The foot of the window: one curve, checkpoints, dumps and findings over the run's time, and the one cursor."""

from __future__ import annotations

from bisect import bisect_left

from PySide6.QtCore import QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from inspector.app.timeline_strip import HEIGHT_PX, Flag, TimelineStrip
from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.core.units import epoch_text
from inspector.display.timeline.scene import TimelineScene
from inspector.runs.placing import epoch_of_step
from inspector.runs.values import Moment
from inspector.views.fonts import SMALL_PX, text_font
from inspector.views.icons import icon
from inspector.views.spoken import Role
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

PLAY_MS = 700
_LEFT_PX = 248
_FACTS_PX, _VALUES_PX = 14, 60


class Timeline(QWidget):
    """The whole foot: what the cursor is at, the play buttons, and the strip.

    Signals:
        moved: the step that the cursor goes to, None to follow the newest.
    """

    moved = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("timeline")
        self.strip = TimelineStrip()
        self.strip.moved.connect(self._on_moved)
        self._player = QTimer(self, interval=PLAY_MS)
        self._player.timeout.connect(self.next_step)
        self._facts = _Facts()
        self._facts.setAccessibleName(tr("At the cursor"))
        self.back = _button("skip-back", tr("Previous checkpoint or dump"))
        self.play = _button("play", tr("Play along the checkpoints and dumps"))
        self.forward = _button("skip-forward", tr("Next checkpoint or dump"))
        self.back.clicked.connect(self.previous_step)
        self.play.clicked.connect(self.toggle_play)
        self.forward.clicked.connect(self.next_step)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(10, 0, 0, 6)
        buttons.setSpacing(0)
        for button in (self.back, self.play, self.forward):
            buttons.addWidget(button)
        buttons.addStretch(1)
        left = QVBoxLayout()
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(0)
        left.addWidget(self._facts, 1)
        left.addLayout(buttons)
        self.side = QWidget()
        self.side.setLayout(left)
        self.side.setFixedWidth(_LEFT_PX)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.side)
        row.addWidget(self.strip, 1)
        self.setFixedHeight(HEIGHT_PX)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)

    def show_scene(self, scene: TimelineScene | None, moments: tuple[Moment, ...]) -> None:
        """Show a run's curve and marks; None clears the strip."""
        self.strip.show_scene(scene)
        self.strip.moments = moments
        self._refresh()

    def show_cursor(self, step: float | None) -> None:
        """Put the cursor on a step, None for the newest."""
        self.strip.cursor_step = step
        self._refresh()

    def show_flags(self, flags: tuple[Flag, ...]) -> None:
        """Show where findings began."""
        self.strip.flags = flags
        self.strip.update()

    def _refresh(self) -> None:
        step = self.strip.shown_cursor()
        epoch = epoch_of_step(self.strip.moments, step) if step is not None else None
        tag = self.strip.scene.tag if self.strip.scene else ""
        self._facts.show_facts(visible(tag, 60), epoch, step)
        self.strip.update()

    def _steps(self) -> list[float]:
        """Where next and previous stop: the marks, or the moments where there are none."""
        scene = self.strip.scene
        if scene is None:
            return []
        marks = sorted({mark.step for mark in scene.marks})
        return marks or [float(moment.step) for moment in self.strip.moments]

    def next_step(self) -> None:
        """Move to the next checkpoint or dump; playing stops at the last."""
        steps, at = self._steps(), self.strip.shown_cursor()
        if at is None:
            return
        after = [step for step in steps if step > at]
        if after:
            self.moved.emit(after[0])
        if len(after) <= 1:
            self._stop()

    def previous_step(self) -> None:
        """Move to the previous checkpoint or dump."""
        steps, at = self._steps(), self.strip.shown_cursor()
        if at is not None and steps:
            index = bisect_left(steps, at)
            self.moved.emit(steps[max(index - 1, 0)])

    def toggle_play(self) -> None:
        """Move along by itself, or stop; from the end it starts over."""
        if self._player.isActive():
            self._stop()
            return
        steps, at = self._steps(), self.strip.shown_cursor()
        if at is None or not steps:
            return
        if at >= steps[-1]:
            self.moved.emit(steps[0])
        self._player.start()
        self.play.setIcon(icon("pause"))

    def _stop(self) -> None:
        self._player.stop()
        self.play.setIcon(icon("play"))

    def _on_moved(self, step: float) -> None:
        self._stop()
        self.moved.emit(step)


class _Facts(QWidget):
    """The tag, epoch and step at the cursor."""

    spoken_role = Role.StaticText

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tag = ""
        self._rows: tuple[tuple[str, str], ...] = ()

    def show_facts(self, tag: str, epoch: float | None, step: float | None) -> None:
        self._tag = tag
        epochs = ((tr("epoch"), epoch_text(epoch)),) if epoch is not None else ()
        steps = ((tr("step"), f"{step:,.0f}"),) if step is not None else ()
        self._rows = epochs + steps
        self.setAccessibleDescription(", ".join(f"{name} {value}" for name, value in self._rows))
        self.update()

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = tokens()
        painter = QPainter(self)
        painter.setFont(text_font(SMALL_PX))
        painter.setPen(colour(theme.dim))
        painter.drawText(QPointF(_FACTS_PX, 22), self._tag)
        for row, (name, value) in enumerate(self._rows):
            y = 43.0 + 20 * row
            painter.setFont(text_font(SMALL_PX))
            painter.setPen(colour(theme.dim))
            painter.drawText(QPointF(_FACTS_PX, y), name)
            left = max(_VALUES_PX, _FACTS_PX + painter.fontMetrics().horizontalAdvance(name) + 8)
            painter.setFont(text_font(SMALL_PX, "semibold"))
            painter.setPen(colour(theme.text))
            painter.drawText(QPointF(left, y), value)


def _button(name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(name))
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button

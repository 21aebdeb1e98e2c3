"""The tour of the window: four steps, each a card beside what it tells of, that take nothing from who works on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import NamedTuple

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from inspector.app.commands import BY_KEY
from inspector.app.desk import Desk
from inspector.core.language import tr
from inspector.session.tour_store import keep_tour_seen
from inspector.session.writing import writing
from inspector.views.controls import Button
from inspector.views.fonts import SMALL_PX
from inspector.views.spoken import Role
from inspector.views.surfaces import CARD_RADIUS_PX, Label, paint_ring, rounded
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded
from inspector.views.wrapped import show_wrapped, wrapped

_WIDTH_PX = 330
_GAP_PX = 10
_LOOK_EVERY_MS = 150


class Step(NamedTuple):
    """One step: what it tells of, and what of that."""

    about: str
    title: str
    text: str


def _key(command: str, place: int = 0) -> str:
    return BY_KEY[command].shortcuts[place]


STEPS: tuple[Step, ...] = (
    Step(
        "runs",
        tr("Bring a run"),
        tr("Drop a run folder, checkpoints, dumps or logs anywhere on the window. Nothing in them is executed"),
    ),
    Step(
        "findings",
        tr("See what went wrong"),
        tr(
            "The worst finding stands first. {show} shows its evidence, {stage} stages its cure for a resume, and "
            "{undo} takes that back"
        ).format(show=_key("show_finding", 1), stage=_key("stage_cure"), undo=_key("undo")),
    ),
    Step(
        "cursor",
        tr("Move through the run"),
        tr(
            "One cursor for every view: {previous} and {next} go from checkpoint to checkpoint, {play} plays, {follow} "
            "leads back to the newest"
        ).format(previous=_key("previous_step"), next=_key("next_step"), play=_key("play"), follow=_key("follow")),
    ),
    Step(
        "palette",
        tr("Find anything"),
        tr(
            "{palette} finds commands, runs, metrics, samples, layers, tensors and settings; {shortcuts} shows every "
            "key"
        ).format(palette=_key("palette"), shortcuts=_key("shortcuts")),
    ),
)


class Tour(QWidget):
    """The card of the step that is shown; its buttons lead on, and Esc anywhere in the window skips the rest.

    Args:
        about: gives the widget that a step tells of, by the step's `about`.
        open_sample: opens the sample run.
    """

    spoken_role = Role.Dialog

    def __init__(
        self,
        window: QMainWindow,
        desk: Desk,
        about: Mapping[str, Callable[[], QWidget]],
        open_sample: Callable[[], object],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        self._about = about
        self._open_sample = open_sample
        self.at = 0
        self.ring = _Ring(window)
        self.count = Label("", ink="dim", size_px=SMALL_PX)
        self.title = Label("", size_px=15, weight="semibold")
        self.text = wrapped("", ink="dim")
        self.skip, self.back, self.on = Button(tr("Skip")), Button(tr("Back")), Button(tr("Next"), primary=True)
        self.skip.setToolTip(tr("Close the tour (Esc); Help shows it again"))
        self.skip.clicked.connect(self.close_for_good)
        self.back.clicked.connect(self._go_back)
        self.on.clicked.connect(self._go_on)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self.count)
        buttons.addStretch(1)
        for button in (self.skip, self.back, self.on):
            buttons.addWidget(button)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(6)
        column.addWidget(self.title)
        column.addWidget(self.text)
        column.addSpacing(6)
        column.addLayout(buttons)
        self._looking = QTimer(self, interval=_LOOK_EVERY_MS)
        self._looking.timeout.connect(self._look)
        self.hide()

    def start(self, *, with_keyboard: bool) -> None:
        """Show the first step; the keyboard goes to it where it is not needed elsewhere."""
        self._window.installEventFilter(self)
        self._looking.start()
        self.show()
        self._show_step(0)
        if with_keyboard:
            self.on.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def close_for_good(self) -> None:
        """Close the tour, which is not offered again."""
        self._looking.stop()
        self._window.removeEventFilter(self)
        focused = QApplication.focusWidget()
        if focused is not None and self.isAncestorOf(focused):
            self._window.setFocus()
        self.hide()
        self.ring.hide()
        try:
            writing(keep_tour_seen)
        except OSError as error:
            logging.getLogger(__name__).info("that the tour was seen was not kept: %s", error)

    def _go_on(self) -> None:
        if self.at == 0 and not self._desk.state.runs:
            self._open_sample()
        if self.at + 1 < len(STEPS):
            self._show_step(self.at + 1)
        else:
            self.close_for_good()

    def _go_back(self) -> None:
        self._show_step(self.at - 1)

    def _show_step(self, at: int) -> None:
        self.at = at
        step = STEPS[at]
        self.count.setText(tr("{place:,} of {count:,}").format(place=at + 1, count=len(STEPS)))
        self.title.setText(step.title)
        show_wrapped(self.text, step.text)
        self.skip.setVisible(at + 1 < len(STEPS))
        if at == 0 and self.back.hasFocus():
            self.on.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.back.setVisible(at > 0)
        self.setAccessibleName(tr("Tour, {place}: {title}").format(place=self.count.text(), title=step.title))
        self.setAccessibleDescription(step.text)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, f"{step.title}. {step.text}"))
        self._look()

    def _look(self) -> None:
        """Stand beside what the step tells of, wherever that is by now."""
        first = self.at == 0 and not self._desk.state.runs
        last = self.at + 1 == len(STEPS)
        self.on.setText(tr("Open the sample run") if first else tr("Done") if last else tr("Next"))
        self.on.updateGeometry()
        width = max(_WIDTH_PX, self._column.minimumSize().width())  # the buttons may have long words
        self.resize(width, self._column.heightForWidth(width))
        about = self._about[STEPS[self.at].about]()
        around = self._window.rect()
        seen = QRect(about.mapTo(self._window, QPoint(0, 0)), about.size()) if about.isVisible() else QRect()
        self.ring.surround(seen & around)
        self.move(beside(seen, self.size(), around) if not seen.isEmpty() else _middle(self.size(), around))
        self.raise_()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Esc that nobody in the window has a use for."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
            self.close_for_good()
            return True
        return False

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        path = rounded(QRectF(self.rect()), CARD_RADIUS_PX)
        painter.fillPath(path, colour(tokens().raised))
        painter.setPen(colour(tokens().accent))
        painter.drawPath(path)


def beside(area: QRect, size: QSize, around: QRect) -> QPoint:
    """Where a card stands at an area of the window: beside what is high, below or above what is not, else in it."""
    room = around.adjusted(_GAP_PX, _GAP_PX, -_GAP_PX - size.width(), -_GAP_PX - size.height())
    right, below = area.right() + _GAP_PX, area.bottom() + _GAP_PX
    left, above = area.left() - _GAP_PX - size.width(), area.top() - _GAP_PX - size.height()
    middle = area.center() - QPoint(size.width() // 2, size.height() // 2)
    at_sides = [QPoint(right, area.top() + _GAP_PX), QPoint(left, area.top() + _GAP_PX)]
    over_it = [QPoint(middle.x(), below), QPoint(middle.x(), above)]
    for place in at_sides + over_it if area.height() >= size.height() else over_it + at_sides:
        across = min(max(place.x(), room.left()), max(room.right(), room.left()))
        down = min(max(place.y(), room.top()), max(room.bottom(), room.top()))
        if not QRect(QPoint(across, down), size).intersects(area):
            return QPoint(across, down)
    return QPoint(middle.x(), area.bottom() - size.height() - 2 * _GAP_PX)


def _middle(size: QSize, around: QRect) -> QPoint:
    return around.center() - QPoint(size.width() // 2, size.height() // 2)


class _Ring(QWidget):
    """A line around what a step tells of; it lies over the window and takes no events."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def surround(self, area: QRect) -> None:
        """Lie around an area of the window; nowhere where it is empty."""
        if area.isEmpty():
            self.hide()
        elif area != self.geometry() or not self.isVisible():
            self.setGeometry(area)
            self.show()
            self.raise_()

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        paint_ring(self)

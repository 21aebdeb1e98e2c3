"""The verdict, and the few numbers that tell most, side by side."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.display.triage.scene import KeyNumber, TriageScene
from inspector.views.controls import Button
from inspector.views.flow import FlowLayout
from inspector.views.fonts import SMALL_PX, text_font
from inspector.views.surfaces import Label, ground_warning, take_out
from inspector.views.theme import colour, tokens
from inspector.views.tips import broken_tip
from inspector.views.view import guarded
from inspector.views.wrapped import wrapped

_HEADLINE_PX, _VALUE_PX, _TITLE_PX = 19, 18, 11
_NUMBER_PX, _GAP_PX, _SPACING_PX = 96, 4, 12
_VERDICT_LEAST_PX = 220


class Number(QWidget):
    """One number under its name, a line at its left."""

    def __init__(self, number: KeyNumber, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(wrapped(number.title, size_px=_TITLE_PX, ink="dim"))
        self.value = Label(visible(number.value, 24), size_px=_VALUE_PX, weight="semibold", ink=number.tone)
        if number.tone == "warning":
            ground_warning(self.value)
        column.addWidget(self.value, 0, Qt.AlignmentFlag.AlignLeft)
        self.qualifier = wrapped(number.qualifier, size_px=_TITLE_PX, ink="dim")
        column.addWidget(self.qualifier)
        column.addStretch(1)
        self.setToolTip(broken_tip(number.tip))
        self.setAccessibleName(f"{number.title} {number.value} {number.qualifier}")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        metrics = QFontMetricsF(text_font(_TITLE_PX))
        words = re.findall(r"[^/ ]+/?", visible(number.title, 40))
        widest_px = max((metrics.horizontalAdvance(word) for word in words), default=0.0)
        self.least_width_px = max(self.value.sizeHint().width() + 20, round(widest_px) + 18, _NUMBER_PX)
        self.least_height_px = column.heightForWidth(self.least_width_px)

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        QPainter(self).fillRect(0, 2, 1, self.height() - 4, colour(tokens().line))


class Head(QWidget):
    """Verdict at the left, numbers at the right; of a moment, which one stands above them.

    Signals:
        whole_wanted: the whole run is wanted in place of a moment.
    """

    whole_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.headline = Label(size_px=_HEADLINE_PX, weight="semibold", wrap=True)
        self.sentence = wrapped("", ink="dim")
        for label in (self.headline, self.sentence):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.moment = Label(size_px=SMALL_PX, ink="accent", weight="medium")
        self.whole = Button(tr("Whole run"))
        self.whole.setToolTip(tr("Put the cursor back to the end (End)"))
        self.whole.clicked.connect(self.whole_wanted)
        verdict = QVBoxLayout()
        verdict.setSpacing(3)
        verdict.addLayout(_row(self.moment, self.whole))
        verdict.addWidget(self.headline)
        verdict.addWidget(self.sentence)
        verdict.addStretch(1)
        told = QWidget()
        told.setLayout(verdict)
        verdict.setContentsMargins(0, 0, 0, 0)
        told.setMinimumWidth(_VERDICT_LEAST_PX)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(_SPACING_PX)
        self._row.addWidget(told, 1)
        self._numbers = QWidget()
        self._flow = FlowLayout(self._numbers, gap_px=_GAP_PX)
        self._row.addWidget(self._numbers, 0, Qt.AlignmentFlag.AlignTop)
        self.numbers: list[Number] = []
        self._width_px = 0

    def show_scene(self, scene: TriageScene) -> None:
        """Show a verdict with its numbers."""
        self.moment.setText(tr("At {moment}").format(moment=scene.moment))
        for widget in (self.moment, self.whole):
            widget.setVisible(bool(scene.moment))
        self.headline.setText(visible(scene.headline, 200))
        self.headline.set_ink(scene.tone)
        self.say(scene.sentence)
        for number in self.numbers:
            take_out(number, self._flow)
        self.numbers = [Number(one, self._numbers) for one in scene.numbers]
        highest_px = max((number.least_height_px for number in self.numbers), default=0)
        for number in self.numbers:
            number.setFixedHeight(highest_px)
            self._flow.addWidget(number)
            number.show()
        self._numbers.setVisible(bool(self.numbers))
        self.fit(self._width_px)

    def fit(self, width_px: int) -> None:
        """Give the numbers one row where there is room for it, else rows of equal length, and the verdict the rest."""
        self._width_px = width_px
        if not self.numbers:
            return
        room_px = width_px - _VERDICT_LEAST_PX - _SPACING_PX
        widths_px = [number.least_width_px for number in self.numbers]
        taken_px = _in_row_px(widths_px)
        if taken_px > room_px:
            widest_px = max(widths_px)
            widths_px = [widest_px] * len(widths_px)
            rows = -(-len(widths_px) // max((room_px + _GAP_PX) // (widest_px + _GAP_PX), 1))
            taken_px = _in_row_px(widths_px[: -(-len(widths_px) // rows)])
        for number, number_px in zip(self.numbers, widths_px, strict=True):
            number.setFixedWidth(number_px)
        self._numbers.setFixedWidth(taken_px)
        self._numbers.updateGeometry()

    def say(self, sentence: str) -> None:
        """Say something beside the headline."""
        self.sentence.setText(visible(sentence, 400))
        self.sentence.setVisible(bool(sentence))


def _in_row_px(widths_px: list[int]) -> int:
    return sum(widths_px) + _GAP_PX * (len(widths_px) - 1)


def _row(*widgets: QWidget) -> QHBoxLayout:
    """Widgets side by side, at the left."""
    row = QHBoxLayout()
    row.setSpacing(10)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row

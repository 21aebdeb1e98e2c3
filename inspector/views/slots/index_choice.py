"""A choice of one number: buttons for a few, a slider for many."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from inspector.views.controls import Segmented
from inspector.views.slider import LabelledSlider
from inspector.views.surfaces import Label

MOST_BUTTONS = 8


class IndexChoice(QWidget):
    """Iterations or heads, counted from 1 on screen and from 0 otherwise.

    Args:
        label: what is counted.
        every: text of a first button for all of them together (-1); empty for none.

    Signals:
        chosen: the index that the user chose (int).
    """

    chosen = Signal(int)

    def __init__(self, label: str, *, every: str = "") -> None:
        super().__init__()
        self._every = every
        self._count = 0
        self.buttons = Segmented(label=label)
        self.slider = LabelledSlider("", decimals=0, high=1.0, steps=1)
        self.slider.track.setAccessibleName(label)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        for widget in (Label(label, ink="dim"), self.buttons, self.slider):
            row.addWidget(widget)
        self.slider.hide()
        self.buttons.chosen.connect(self._on_button)
        self.slider.moved.connect(self._on_slider)

    def set_count(self, count: int) -> None:
        """How many there are."""
        if count == self._count:
            return
        self._count = count
        many = count > MOST_BUTTONS
        every = [("-1", self._every)] if self._every else []
        self.buttons.set_choices(every if many else [*every, *((str(one), str(one + 1)) for one in range(count))])
        self.buttons.setVisible(bool(self._every) or not many)
        self.slider.setVisible(many)
        if many:
            self.slider.set_range(1, count)

    def set_value(self, index: int) -> None:
        """Show which one is chosen, without a signal."""
        self.buttons.set_value(str(index))
        if self._count > MOST_BUTTONS and index >= 0:
            self.slider.set_value(index + 1)

    def _on_button(self, value: str) -> None:
        self.chosen.emit(int(value))

    def _on_slider(self, value: float) -> None:
        self.chosen.emit(round(value) - 1)

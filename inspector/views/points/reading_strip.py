"""Asks how coordinates are kept where their values leave doubt; until it is answered the likeliest way is shown."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.display.points.reading import Reading
from inspector.formats.point_conventions import Convention, Unit
from inspector.formats.role_corrections import pattern_of
from inspector.session.intents import ConventionsChosen
from inspector.views.controls import Button, Card, Segmented
from inspector.views.points.reading_choice import UNITS
from inspector.views.points.reading_picture import ReadingPicture
from inspector.views.surfaces import Label

ASKED = tr("How are these coordinates kept?")


class ReadingStrip(Card):
    """Shows itself where how points are read is not sure.

    Signals:
        intent: what is wished (an intent of the session).
        more: other choices are asked for.
    """

    intent = Signal(object)
    more = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._reading: Reading | None = None
        self.picture = ReadingPicture()
        self.said = Label(ink="dim", wrap=True)
        self.unit = Segmented(UNITS, label=tr("Unit"))
        self.keep = Button(tr("Keep this guess"), primary=True)
        self.others = Button(tr("Other choices…"))
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addWidget(self.picture)
        texts = QVBoxLayout()
        texts.setSpacing(6)
        texts.addWidget(Label(ASKED, weight="medium"))
        texts.addWidget(self.said)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        for widget in (self.unit, self.keep, self.others):
            buttons.addWidget(widget)
        buttons.addStretch(1)
        texts.addLayout(buttons)
        row.addLayout(texts, 1)
        row.setAlignment(self.picture, Qt.AlignmentFlag.AlignTop)
        self.column.addLayout(row)
        self.unit.chosen.connect(self._on_unit)
        self.keep.clicked.connect(self._on_keep)
        self.others.clicked.connect(self.more)
        self.hide()

    def show_reading(self, reading: Reading) -> None:
        """Ask, or go where there is nothing to ask."""
        self._reading = reading
        self.setVisible(not reading.sure and bool(reading.sides))
        if not reading.sides:
            return
        files = visible(pattern_of(reading.file))
        self.said.setText(
            tr("{reading}. The answer holds for all files that are called {files}").format(
                reading=reading.text, files=files
            )
        )
        doubtful = reading.sides[-1].convention
        self.picture.show_convention(doubtful)
        units = {side.convention.unit for side in reading.sides}
        self.unit.set_value(doubtful.unit if len(units) == 1 else None)

    def _on_unit(self, unit: str) -> None:
        """All points are of this unit."""
        sides = self._reading.sides if self._reading is not None else ()
        self._say({side.dataset: msgspec.structs.replace(side.convention, unit=Unit(unit)) for side in sides})

    def _on_keep(self) -> None:
        sides = self._reading.sides if self._reading is not None else ()
        self._say({side.dataset: side.convention for side in sides})

    def _say(self, conventions: dict[str, Convention]) -> None:
        if self._reading is not None:
            self.intent.emit(ConventionsChosen(pattern_of(self._reading.file), {**conventions}))

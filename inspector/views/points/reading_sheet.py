"""How coordinates are read and points are paired: a button that tells it, and the sheet it opens to change it."""

from __future__ import annotations

import math
import re
from functools import partial

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from inspector.core.language import tr
from inspector.core.texts import begun
from inspector.display.points.reading import Reading, ReadSide
from inspector.formats.point_conventions import Convention, Frame
from inspector.formats.role_corrections import pattern_of
from inspector.session.intents import ConventionsChosen, ViewChanged
from inspector.views.controls import Button, Card, SearchField
from inspector.views.fonts import SMALL_PX
from inspector.views.menu_button import MenuButton, show_below
from inspector.views.points.reading_choice import UNITS, ReadingChoice
from inspector.views.points.reading_picture import ReadingPicture
from inspector.views.surfaces import Label

FIELD_PX, TEXT_PX = 140, 520
_SIZE = re.compile(r"(\d{1,6})\D+(\d{1,6})")
_NO_READING = Reading(file="", sides=(), text="", sure=True, size_known=True, pairing_text="", radius_px=math.nan)


class ReadingSheet(Card):
    """Choices for truth and predictions, together while they are read alike.

    Signals:
        intent: what is wished (an intent of the session).
    """

    intent = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("How coordinates are read"), parent)
        self.setWindowFlags(Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self._reading = _NO_READING
        self._wished_apart = False
        self.said = Label(ink="dim", size_px=SMALL_PX, wrap=True)
        self.said.setMinimumWidth(TEXT_PX)
        self.picture = ReadingPicture()
        self.names = [Label(ink="dim") for _side in range(2)]
        self.choices = [ReadingChoice() for _side in range(2)]
        self.guessed = [Button(tr("As guessed")) for _side in range(2)]
        self.apart = Button(tr("Read apart"))
        self.apart.setToolTip(tr("Choose for truth and predictions apart"))
        self.given = SearchField(tr("width × height"), mono=True)
        self.radius = SearchField(tr("usual"), mono=True)
        self.pairing = Label(ink="dim", size_px=SMALL_PX, wrap=True)
        self._lay_out()
        self.apart.clicked.connect(self._on_apart)
        self.given.editingFinished.connect(self._on_given)
        self.radius.editingFinished.connect(self._on_radius)
        for place, (choice, guessed) in enumerate(zip(self.choices, self.guessed, strict=True)):
            choice.chosen.connect(partial(self._on_chosen, place))
            guessed.clicked.connect(partial(self._on_guessed, place))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(14)
        head.addWidget(self.picture)
        head.addWidget(self.said, 1)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        for row, widgets in enumerate(zip(self.names, self.choices, self.guessed, strict=True)):
            for column, widget in enumerate(widgets):
                grid.addWidget(widget, row, column)
        grid.addWidget(self.apart, 2, 1, Qt.AlignmentFlag.AlignLeft)
        for row, (text, field) in enumerate(
            ((tr("Image size"), self.given), (tr("Matching radius"), self.radius)), start=3
        ):
            field.setFixedWidth(FIELD_PX)
            field.setAccessibleName(text)
            grid.addWidget(Label(text, ink="dim"), row, 0)
            grid.addWidget(field, row, 1)
        self.given.setToolTip(
            tr("Width and height of what the network was given, or of the images, where the file does not tell")
        )
        self.radius.setToolTip(
            tr("Up to how many pixels a prediction is matched to an object; empty for the usual radius")
        )
        grid.addWidget(self.pairing, 5, 1, 1, 2)
        self.column.addLayout(head)
        self.column.addLayout(grid)

    def show_reading(self, reading: Reading, radius_px: float | None) -> None:
        """Show how points are read; `radius_px` as it was set by hand, None for the usual one."""
        self._reading = reading
        self.said.setText(reading.text)
        self.pairing.setText(reading.pairing_text)
        alike = len({(side.convention, side.by_hand) for side in reading.sides}) <= 1
        apart = len(reading.sides) > 1 and (self._wished_apart or not alike)
        rows = reading.sides if apart else reading.sides[:1]
        for place, widgets in enumerate(zip(self.names, self.choices, self.guessed, strict=True)):
            for widget in widgets:
                widget.setVisible(place < len(rows))
            if place < len(rows):
                name, choice, guessed = widgets
                together = _both([side.name for side in reading.sides])
                name.setText(rows[place].name if apart else begun(together))
                choice.show_convention(rows[place].convention)
                guessed.setEnabled(rows[place].by_hand)
        self.apart.setVisible(len(reading.sides) > 1 and not apart)
        if rows:
            self.picture.show_convention(rows[-1].convention)
        self._show_fields(radius_px)

    def _show_fields(self, radius_px: float | None) -> None:
        sizes = [side.convention.given_hw for side in self._reading.sides if side.convention.given_hw is not None]
        if not self.given.hasFocus():
            self.given.show_text(f"{sizes[0][1]} × {sizes[0][0]}" if sizes else "")
        self.given.setEnabled(any(self._wants_size(side) for side in self._reading.sides))
        if not self.radius.hasFocus():
            self.radius.show_text(f"{radius_px:g}" if radius_px else "")

    def _wants_size(self, side: ReadSide) -> bool:
        """Whether a size by hand counts: points lie in what the network was given, or nobody tells any size."""
        return side.convention.frame is not Frame.ORIGINAL or not self._reading.size_known

    def _sides(self, place: int) -> tuple[ReadSide, ...]:
        """The kinds of points that a row of choices is for."""
        return self._reading.sides if self.choices[1].isHidden() else (self._reading.sides[place],)

    def _on_chosen(self, place: int, convention: Convention) -> None:
        self._tell({side.dataset: convention for side in self._sides(place)})

    def _on_guessed(self, place: int) -> None:
        self._tell({side.dataset: None for side in self._sides(place)})

    def _on_apart(self) -> None:
        self._wished_apart = True
        self.show_reading(self._reading, _number(self.radius.text()) or None)
        self.adjustSize()

    def _on_given(self) -> None:
        found = _SIZE.search(self.given.text())
        size = (int(found[2]), int(found[1])) if found and int(found[1]) and int(found[2]) else None
        self.given.set_wrong(wrong=size is None and bool(self.given.text().strip()))
        if size is None and self.given.text().strip():
            return
        self._tell(
            {
                side.dataset: msgspec.structs.replace(side.convention, given_hw=size)
                for side in self._reading.sides
                if side.convention.given_hw != size and self._wants_size(side)
            }
        )

    def _on_radius(self) -> None:
        value = _number(self.radius.text())
        self.radius.set_wrong(wrong=value is None)
        if value is not None:
            self.intent.emit(ViewChanged({"match_radius_px": value or None}))

    def _tell(self, conventions: dict[str, Convention | None]) -> None:
        if conventions:
            self.intent.emit(ConventionsChosen(pattern_of(self._reading.file), conventions))


def _both(names: list[str]) -> str:
    """`a and b`, or the one that there is; empty without any."""
    if len(names) > 1:
        return tr("{first} and {second}").format(first=names[0], second=names[1])
    return "".join(names)


def _number(text: str) -> float | None:
    """A radius that was typed, 0 for an empty text; None where it is none."""
    try:
        value = float(text.strip().removesuffix("px") or 0)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


class ReadingButton(MenuButton):
    """Says how coordinates are read, and opens the sheet below itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Coordinates"), parent, says=tr("How coordinates are read"))
        self.sheet = ReadingSheet(self)

    def show_reading(self, reading: Reading, radius_px: float | None) -> None:
        """Show how points are read; `radius_px` as in `ReadingSheet.show_reading`."""
        words = dict(UNITS)
        told = dict.fromkeys(words[side.convention.unit] for side in reading.sides)
        self.set_text(_both(list(told)) or tr("Coordinates"))
        self.setToolTip(f"{reading.text}\n{reading.pairing_text}")
        self.sheet.show_reading(reading, radius_px)

    def open(self) -> None:
        """Show the sheet, within the window."""
        show_below(self, self.sheet)

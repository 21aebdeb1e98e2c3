"""The runs that are drawn beside the chosen one: the first few as switches, all of them in a menu."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from inspector.core.language import tr
from inspector.core.texts import short, visible
from inspector.views.controls import Segmented, segment_px
from inspector.views.menu_button import MenuItem, menu_of

_MOST_SWITCHES = 4
_NAME_LENGTH = 20
_MENU = "+"
_SEEDS = "seeds"
_ANY_PX = 1 << 20


class RunChoice(msgspec.Struct, frozen=True, kw_only=True):
    """A run that can be drawn beside the chosen one."""

    key: str
    name: str
    shown: bool


class CompareRow(Segmented):
    """A switch for each of the first compared runs, as many as there is room for, and a menu of the others.

    Signals:
        toggled: key of a run, and whether it is to be drawn.
        grouped: seeds are to be drawn as their mean (bool), or each by itself.
    """

    toggled = Signal(str, bool)
    grouped = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent, several=True, label=tr("Compared runs"))
        self._choices: tuple[RunChoice, ...] = ()
        self._seeds = False
        self._room_px = _ANY_PX
        self.chosen.connect(self._on_chosen)
        self.hide()

    def set_runs(self, choices: Sequence[RunChoice], *, group_seeds: bool) -> None:
        """Offer these runs."""
        self._choices, self._seeds = tuple(choices), group_seeds
        self._fill()

    def set_room(self, room_px: int) -> None:
        """Stay within so many pixels."""
        if room_px != self._room_px:
            self._room_px = room_px
            self._fill()

    def menu_items(self) -> list[MenuItem]:
        """The runs that have no switch to be drawn with; where some of those are drawn, every run."""
        crowded = len(self._switches()) < sum(choice.shown for choice in self._choices)
        return [
            MenuItem(key=choice.key, text=visible(choice.name), on=choice.shown)
            for choice in self._choices
            if crowded or not choice.shown
        ]

    def _switches(self) -> list[RunChoice]:
        """The compared runs that have a switch of their own."""
        shown = [choice for choice in self._choices if choice.shown]
        count = min(len(shown), _MOST_SWITCHES)
        while count and sum(segment_px(text) for _, text in self._segments_of(shown, count)) > self._room_px:
            count -= 1
        return shown[:count]

    def _segments_of(self, shown: Sequence[RunChoice], count: int) -> list[tuple[str, str]]:
        segments = [(choice.key, short(choice.name, _NAME_LENGTH)) for choice in shown[:count]]
        rest = len(shown) - count
        if rest:
            text = tr("+ {count:,} more") if count else tr("{count:,} compared")
            segments.append((_MENU, text.format(count=rest)))
        elif len(shown) < len(self._choices):
            segments.append((_MENU, tr("+ compare")))
        if shown:
            segments.append((_SEEDS, tr("group seeds")))
        return segments

    def _fill(self) -> None:
        shown = [choice for choice in self._choices if choice.shown]
        switches = self._switches()
        segments = self._segments_of(shown, len(switches))
        self.set_choices(segments)
        self.set_values([*(choice.key for choice in switches), *([_SEEDS] if self._seeds else [])])
        self.setVisible(bool(segments))

    def _on_chosen(self, value: str) -> None:
        if value == _SEEDS:
            self.grouped.emit(_SEEDS in self.values())
        elif value == _MENU:
            self._fill()  # a press has switched it on
            self._open_menu()
        else:
            self.toggled.emit(value, False)

    def _open_menu(self) -> None:
        menu = menu_of(self.menu_items(), self)
        menu.triggered.connect(self._on_menu_chosen)
        segment = self.segment(_MENU)
        menu.popup(segment.mapToGlobal(QPoint(0, segment.height() + 2)))

    def _on_menu_chosen(self, action: QAction) -> None:
        key = action.data()
        self.toggled.emit(key, not any(choice.key == key and choice.shown for choice in self._choices))

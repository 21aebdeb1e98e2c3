"""The program's own pages over the window, and its tour: each is made when it is first wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow, QWidget

from inspector.app.actions import Actions
from inspector.app.desk import Desk
from inspector.app.stalls import Stalls

if TYPE_CHECKING:
    from inspector.app.about_sheet import AboutSheet
    from inspector.app.preferences_sheet import PreferencesSheet
    from inspector.app.stall_sheet import StallSheet
    from inspector.app.tour import Tour


class WindowSheets(QObject):
    """Shows them over a window as its commands ask for them.

    Args:
        stalls: what the page of pauses lists.
        toured: gives the widget that each step of the tour tells of.
    """

    def __init__(
        self,
        window: QMainWindow,
        desk: Desk,
        commands: Actions,
        stalls: Stalls,
        toured: Mapping[str, Callable[[], QWidget]],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        self._commands = commands
        self._stalls = stalls
        self._toured = toured
        commands.about_wanted.connect(self._show_about)
        commands.preferences_wanted.connect(self._show_preferences)
        commands.stalls_wanted.connect(self._show_stalls)
        commands.tour_wanted.connect(self.show_tour)

    @cached_property
    def about(self) -> AboutSheet:
        """The page about the program."""
        from inspector.app.about_sheet import AboutSheet

        sheet = AboutSheet(self._desk, self._window)
        sheet.licences_wanted.connect(partial(self._commands.help.show, "licences"))
        return sheet

    @cached_property
    def preferences(self) -> PreferencesSheet:
        """The page of preferences."""
        from inspector.app.preferences_sheet import PreferencesSheet

        sheet = PreferencesSheet(self._desk, self._window)
        sheet.help_wanted.connect(partial(self._commands.help.show, "preferences"))
        return sheet

    @cached_property
    def stalls(self) -> StallSheet:
        """The page of pauses."""
        from inspector.app.stall_sheet import StallSheet

        return StallSheet(self._stalls, self._window)

    @cached_property
    def tour(self) -> Tour:
        """The tour of the window."""
        from inspector.app.tour import Tour

        return Tour(self._window, self._desk, self._toured, partial(self._commands.run, "open_sample"))

    @property
    def areas(self) -> tuple[QWidget, ...]:
        """What the keyboard reaches over the window beside its own areas."""
        return (self.tour,) if "tour" in vars(self) else ()

    def show_tour(self, *, unasked: bool = False) -> None:
        """Show the tour from its first step; unasked, it leaves the keyboard to who types."""
        self.tour.start(with_keyboard=not (unasked and isinstance(QApplication.focusWidget(), QLineEdit)))

    def _show_about(self) -> None:
        self.about.open()

    def _show_preferences(self, name: str) -> None:
        self.preferences.open()
        if name:
            self.preferences.go_to(name)

    def _show_stalls(self) -> None:
        self.stalls.open()

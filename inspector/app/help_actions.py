"""The pages of help with lines to copy; each is made when it is first wanted."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from inspector.app.help_page import HelpPage

PAGES = {"own_model": "record", "own_recipe": "own_recipe", "any_script": "resume_any_script"}
"""The command of each, and its file in `resources/help`."""


class HelpActions(QObject):
    """Shows pages of help over a window.

    Attributes:
        pages: those that were shown, by the name of their file.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.pages: dict[str, HelpPage] = {}

    def doing(self) -> dict[str, Callable[[], None]]:
        """What each command does."""
        return {command: partial(self.show, name) for command, name in PAGES.items()}

    def show(self, name: str) -> None:
        """Show the page of that name."""
        from inspector.app.help_page import HelpPage

        if name not in self.pages:
            self.pages[name] = HelpPage(name, self._window)
        self.pages[name].open()

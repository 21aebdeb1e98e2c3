"""The resume sheet in place of the views; it is made when it is first wanted."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QStackedWidget

from inspector.app.desk import Desk
from inspector.app.news import Message
from inspector.display.offer import Scene

if TYPE_CHECKING:
    from inspector.app.resume_sheet import ResumeSheet


class Resuming(QObject):
    """Lays the sheet over the first of some pages, and takes it away.

    Args:
        desk: tells which run is chosen.
        pages: has the views as its first page.
    """

    def __init__(self, desk: Desk, pages: QStackedWidget, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._pages = pages

    @cached_property
    def sheet(self) -> ResumeSheet:
        """The sheet."""
        from inspector.app.resume_sheet import ResumeSheet

        sheet = ResumeSheet(self._desk)
        sheet.closed.connect(self.close)
        self._pages.addWidget(sheet)
        return sheet

    def _made(self) -> bool:
        return "sheet" in self.__dict__

    def open(self) -> None:
        """Show what the chosen run would be resumed with, or say why it cannot be."""
        chosen = self._desk.chosen()
        if chosen is None:
            return
        sentence = self.sheet.show_run(*chosen)
        if sentence:
            self._desk.message.emit(Message(sentence))
            return
        self._pages.setCurrentWidget(self.sheet)

    def close(self) -> None:
        """Show the views again."""
        self._pages.setCurrentIndex(0)

    def refresh(self) -> None:
        """Let an open sheet follow what was staged."""
        chosen = self._desk.chosen()
        if chosen and self._made() and self._pages.currentWidget() is self.sheet:
            self.sheet.show_run(*chosen)

    def show_scene(self, scene: Scene) -> None:
        """Show a preview that the sheet asked for."""
        if self._made():
            self.sheet.show_scene(scene)

    def start(self) -> None:
        """Start what an open sheet shows."""
        if self._made() and self.sheet.isVisible():
            self.sheet.start()

    def shutdown(self) -> None:
        """End a trial that is under way."""
        if self._made():
            self.sheet.trial.close()

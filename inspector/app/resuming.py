"""The resume sheet in place of the views, with what the trainer says beside it; made when it is first wanted."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QStackedWidget

from inspector.app.desk import Desk
from inspector.app.news import Message
from inspector.app.tabs import Tabs
from inspector.display.offer import Scene
from inspector.session.staging import unsettled
from inspector.views.few_a_turn import FewATurn

if TYPE_CHECKING:
    from inspector.app.resume_sheet import ResumeSheet

TAB = "settings"
"""Under whose head the sheet stands."""


class Resuming(QObject):
    """Lays the sheet over the views, and takes it away.

    Args:
        desk: tells which run is chosen.
        tabs: has the views.
        side: has the panel of findings as its first page.

    Signals:
        shown: whether the sheet is, now that this has changed.
    """

    shown = Signal(bool)

    def __init__(self, desk: Desk, tabs: Tabs, side: QStackedWidget, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._tabs = tabs
        self._side = side
        self._soon = FewATurn(self)

    @cached_property
    def sheet(self) -> ResumeSheet:
        """The sheet."""
        from inspector.app.resume_sheet import ResumeSheet

        sheet = ResumeSheet(self._desk)
        sheet.closed.connect(self.close)
        return sheet

    def _place(self) -> None:
        if self._tabs.stack.indexOf(self.sheet) < 0:
            self._tabs.stack.addWidget(self.sheet)
            self._side.addWidget(self.sheet.panel)

    def _made(self) -> bool:
        return "sheet" in self.__dict__

    @property
    def is_open(self) -> bool:
        """Whether the sheet is shown."""
        return self._made() and self._tabs.over is self.sheet

    def open(self) -> None:
        """Show what the chosen run would be resumed with, or say why it cannot be.

        To make the sheet, to fill it, to show it and to ask for it is a turn each: together they are a felt pause.
        """
        chosen = self._desk.chosen()
        if chosen is None:
            return
        if open_choice := unsettled(chosen[1]):
            self._desk.message.emit(Message(open_choice))
            return
        if self._made():
            self._show()
        else:
            steps = (("make", self._make), ("place", self._place), ("fill", self._fill), ("show", self._show))
            for name, step in steps:
                self._soon.add(name, step)

    def _make(self) -> None:
        self.sheet  # noqa: B018 - made when it is first wanted

    def _fill(self) -> None:
        chosen = self._desk.chosen()
        if chosen is not None:
            self.sheet.show_run(*chosen)

    def _show(self) -> None:
        chosen = self._desk.chosen()
        if chosen is None:
            return
        self._place()
        sentence = self.sheet.show_run(*chosen)
        if sentence:
            self._desk.message.emit(Message(sentence))
            return
        self._tabs.lay_over(self.sheet, TAB)
        self._side.setCurrentWidget(self.sheet.panel)
        self.shown.emit(True)
        self._soon.add("begin", self._begin)

    def _begin(self) -> None:
        if self.is_open:
            self.sheet.begin()

    def close(self) -> None:
        """Show the views and the findings again."""
        if not self.is_open:
            return
        focused = QApplication.focusWidget()
        if focused is not None and self.sheet.isAncestorOf(focused):
            focused.clearFocus()  # else it goes on to a text field, which would take the keys of commands
        self.sheet.end()
        self._tabs.take_away()
        self._side.setCurrentIndex(0)
        self.shown.emit(False)

    def refresh(self) -> None:
        """Let an open sheet follow what was staged."""
        chosen = self._desk.chosen()
        if chosen and self.is_open:
            self.sheet.show_run(*chosen)

    def follow(self) -> None:
        """Let an open sheet follow files that changed, as far as it shows anything of them."""
        chosen = self._desk.chosen()
        if chosen and self.is_open and self.sheet.would_change(chosen[0]):
            self.sheet.show_run(*chosen)

    def show_scene(self, scene: Scene) -> None:
        """Show a preview that the sheet asked for."""
        if self._made():
            self.sheet.show_scene(scene)

    def start(self) -> None:
        """Start what an open sheet shows."""
        if self.is_open:
            self.sheet.start()

    def try_step(self) -> None:
        """Have the trainer try one step of what an open sheet shows."""
        if self.is_open:
            self.sheet.try_step()

    def shutdown(self) -> None:
        """End a trial that is under way."""
        self._soon.stop()
        if self._made():
            self.sheet.close_children()

"""Help over the window: one page at a time, with links between them and the way back."""

from __future__ import annotations

import re
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QWidget

from inspector.app.help_pages import CONTENTS
from inspector.app.sheets import Sheet
from inspector.display.help.pages import FINDING, HelpPage
from inspector.display.help.symptoms import SYMPTOMS
from inspector.views.controls import Button
from inspector.views.help_text import HelpText

_CODE = re.compile(r"```\w*\n(.*?)```", re.DOTALL)
_WIDTH_PX, _MOST_PX, _BESIDE_PX = 860, 860, 96


class _Visit(NamedTuple):
    """A page that was read, and how far down."""

    name: str
    place: int


class HelpSheet(Sheet):
    """Shows pages, and keeps which were read before.

    Signals:
        wanted: name of a page that is to be shown.
    """

    wanted = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Help", parent)
        self._page: HelpPage | None = None
        self._before: list[_Visit] = []
        self._back_to: _Visit | None = None
        self.text = HelpText()
        row = QHBoxLayout()
        self.back, self.contents = Button("Back", icon_name="chevron-left"), Button("Contents")
        self.copy = Button("Copy the lines")
        for button in (self.back, self.contents):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.copy)
        self.column.addWidget(self.text, 1)
        self.column.addLayout(row)
        self.back.setToolTip("The page before (Alt+Left)")
        self.back.clicked.connect(self.go_back)
        self.contents.clicked.connect(self._on_contents)
        self.copy.clicked.connect(self._copy)
        self.text.followed.connect(self.wanted)
        self.text.went_back.connect(self.go_back)

    @property
    def page(self) -> HelpPage | None:
        """What is shown."""
        return self._page

    @property
    def code(self) -> str:
        """The first lines to copy of the page, empty where it has none."""
        found = _CODE.search(self._page.text) if self._page else None
        return found[1].rstrip() if found else ""

    def show_page(self, page: HelpPage) -> None:
        """Show a page; the one before is kept for the way back."""
        place = self._back_to.place if self._back_to and self._back_to.name == page.name else 0
        if self._page is not None and self._page.name != page.name and self._back_to is None:
            self._before.append(_Visit(self._page.name, self.text.verticalScrollBar().value()))
        self._back_to = None
        self._page = page
        self.title.setText(page.title)
        self.text.show_page(page.text, SYMPTOMS.get(page.name.removeprefix(FINDING)))
        self.text.verticalScrollBar().setValue(place)
        self.back.setEnabled(bool(self._before))
        self.contents.setEnabled(page.name != CONTENTS)
        self.copy.setVisible(bool(self.code))
        if not self.isVisible():
            self.open()

    def open(self) -> None:
        """Show it in the middle of the window, as high as that leaves room."""
        around = self.window().size()
        self.resize(min(_WIDTH_PX, around.width() - 32), min(_MOST_PX, around.height() - _BESIDE_PX))
        self.move((around.width() - self.width()) // 2, (around.height() - self.height()) // 2)
        self.show()
        self.raise_()
        self.text.setFocus(Qt.FocusReason.PopupFocusReason)

    def go_back(self) -> None:
        """Show the page that was read before, where it was left."""
        if self._before:
            self._back_to = self._before.pop()
            self.wanted.emit(self._back_to.name)

    def _on_contents(self) -> None:
        self.wanted.emit(CONTENTS)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.code + "\n")

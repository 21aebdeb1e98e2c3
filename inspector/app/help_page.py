"""Help over the window: one page at a time, with links between them and the way back."""

from __future__ import annotations

import re
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from inspector.app.sheets import Sheet
from inspector.core.language import tr
from inspector.display.help.pages import CONTENTS, FINDING, HelpPage
from inspector.display.help.symptoms import SYMPTOMS
from inspector.views.controls import Button, SearchField
from inspector.views.fonts import SMALL_PX
from inspector.views.help_text import HelpText
from inspector.views.surfaces import Label

_CODE = re.compile(r"```\w*\n(.*?)```", re.DOTALL)
_WIDTH_PX, _MOST_PX, _BESIDE_PX = 860, 860, 96


class _Visit(NamedTuple):
    """A page that was read, and how far down."""

    name: str
    place: int


class PageSearch(SearchField):
    """Where a text to look for on the page is typed; hidden until it is wanted.

    Signals:
        went_on: 1 for the next place (Enter), -1 for the one before (Shift+Enter).
        left: Esc was pressed.
    """

    went_on = Signal(int)
    left = Signal()

    def __init__(self) -> None:
        super().__init__(tr("find on this page"))
        self.setFixedWidth(200)
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F3):
            self.went_on.emit(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class HelpSheet(Sheet):
    """Shows pages, and keeps which were read before.

    Signals:
        wanted: name of a page that is to be shown.
    """

    wanted = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(tr("Help"), parent)
        self._page: HelpPage | None = None
        self._before: list[_Visit] = []
        self._back_to: _Visit | None = None
        self._count = 0
        self.text = HelpText()
        row = QHBoxLayout()
        self.back, self.contents = Button(tr("Back"), icon_name="chevron-left"), Button(tr("Contents"))
        self.copy = Button(tr("Copy the lines"))
        for button in (self.back, self.contents):
            row.addWidget(button)
        row.addStretch(1)
        self.found, self.field = Label(ink="dim", size_px=SMALL_PX), PageSearch()
        for widget in (self.found, self.field, self.copy):
            row.addWidget(widget)
        self.column.addWidget(self.text, 1)
        self.column.addLayout(row)
        self.back.setToolTip(tr("The page before (Alt+Left)"))
        self.back.clicked.connect(self.go_back)
        self.contents.clicked.connect(self._on_contents)
        self.copy.clicked.connect(self._copy)
        self.text.followed.connect(self.wanted)
        self.text.went_back.connect(self.go_back)
        self.text.search_wanted.connect(self.search)
        self.field.textChanged.connect(self._on_typed)
        self.field.went_on.connect(self._on_went_on)
        self.field.left.connect(self._on_left)

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
        if not self.field.isHidden():
            self._on_typed()
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

    def search(self) -> None:
        """Look for a text on the page."""
        for widget in (self.field, self.found):
            widget.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def _on_typed(self) -> None:
        self._count = self.text.seek(self.field.text())
        self._say_found(min(self._count, 1))
        self.field.set_wrong(wrong=bool(self.field.text()) and not self._count)

    def _on_went_on(self, by: int) -> None:
        self._say_found(self.text.go_on(by))

    def _say_found(self, place: int) -> None:
        said = tr("{place:,} of {count:,}").format(place=place, count=self._count) if self.field.text() else ""
        self.found.setText(said)

    def _on_left(self) -> None:
        for widget in (self.field, self.found):
            widget.hide()
        self.text.seek("")
        self.text.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_contents(self) -> None:
        self.wanted.emit(CONTENTS)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.code + "\n")

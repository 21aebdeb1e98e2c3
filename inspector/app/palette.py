"""Find anything: one field over commands, views, runs, files, curves and settings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import msgspec
from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from inspector.views.controls import SearchField
from inspector.views.fonts import SMALL_PX, cut_to, mono_font, text_font
from inspector.views.surfaces import quiet, rounded
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

WIDTH_PX = 620
MAX_SHOWN = 60
_ROW_PX = 30
_ENTRY = int(Qt.ItemDataRole.UserRole)


class Entry(msgspec.Struct, frozen=True):
    """One thing that can be found: its words, what it is, its key, and what choosing it does."""

    title: str
    kind: str
    keys: str
    act: Callable[[], None]


def score(wanted: str, title: str) -> int | None:
    """How well a title answers what was typed, larger is better; None where a letter is missing.

    Letters must come in order; what stands there as typed counts most, then beginnings of words, runs of letters
    and short titles.
    """
    points, at, text = 0, 0, title.casefold()
    typed = wanted.casefold().strip()
    if typed in text:
        whole = re.search(rf"(?<![a-z0-9]){re.escape(typed)}(?![a-z0-9])", text)
        points += 60 if whole else 30
    previous = -2
    for letter in wanted.casefold():
        if letter == " ":
            continue
        found = text.find(letter, at)
        if found < 0:
            return None
        if found == previous + 1:
            points += 6
        elif found == 0 or text[found - 1] in " /._-":
            points += 8
        else:
            points -= min(found - at, 5)
        previous, at = found, found + 1
    return points * 4 - len(text) // 4


def ranked(wanted: str, entries: Iterable[Entry]) -> list[Entry]:
    """The entries that answer, best first; all of them in their own order where nothing is typed."""
    if not wanted.strip():
        return list(entries)
    scored = [(score(wanted, entry.title), number, entry) for number, entry in enumerate(entries)]
    answering = [(points, number, entry) for points, number, entry in scored if points is not None]
    return [entry for _points, _number, entry in sorted(answering, key=lambda row: (-row[0], row[1]))]


class _Rows(QStyledItemDelegate):
    """Title, then at the right what it is and its key."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, _ROW_PX)

    @guarded
    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme = tokens()
        entry: Entry = index.data(_ENTRY)
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, colour(theme.selection))
        inner = area.adjusted(14, 0, -14, 0)
        painter.setFont(mono_font(SMALL_PX) if entry.keys else text_font(SMALL_PX))
        painter.setPen(colour(theme.faint))
        right = entry.keys or entry.kind
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), right)
        room = inner.width() - painter.fontMetrics().horizontalAdvance(right) - 16
        painter.setFont(text_font())
        painter.setPen(colour(theme.text))
        title = cut_to(painter.fontMetrics(), entry.title, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), title)


class Palette(QWidget):
    """The field and the list, over the window; Esc or a click elsewhere closes it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._entries: list[Entry] = []
        self.field = SearchField("Search runs, views, metrics, commands")
        self.list = QListWidget()
        self.list.setUniformItemSizes(True)
        self.list.setItemDelegate(_Rows(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setAccessibleName("Found")
        quiet(self.list)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        column.addWidget(self.field)
        column.addWidget(self.list, 1)
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self.list.itemClicked.connect(self._take)
        self.hide()

    def open_with(self, entries: list[Entry]) -> None:
        """Show the field over these entries."""
        self._entries = entries
        around = self.window().size()
        self.setGeometry((around.width() - WIDTH_PX) // 2, 44, WIDTH_PX, min(480, around.height() - 80))
        self.field.clear()
        self._search("")
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def add(self, entries: list[Entry]) -> None:
        """Let more be found, while it is shown."""
        if self.isVisible():
            self._entries = [*self._entries, *entries]
            row = self.list.currentRow()
            self._search(self.field.text())
            self.list.setCurrentRow(max(row, 0))

    def titles(self) -> list[str]:
        """What is listed, best first."""
        return [self.list.item(row).text() for row in range(self.list.count())]

    def _search(self, wanted: str) -> None:
        self.list.clear()
        for entry in ranked(wanted, self._entries)[:MAX_SHOWN]:
            item = QListWidgetItem(entry.title)
            item.setData(_ENTRY, entry)
            self.list.addItem(item)
        self.list.setCurrentRow(0)

    def _take(self, item: QListWidgetItem | None) -> None:
        self.hide()
        if item is not None:
            entry: Entry = item.data(_ENTRY)
            entry.act()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field:
            if event.type() == QEvent.Type.FocusOut:
                self.hide()
            elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and self._on_key(event):
                return True
        return super().eventFilter(watched, event)

    def _on_key(self, event: QKeyEvent) -> bool:
        row = self.list.currentRow()
        match event.key():
            case Qt.Key.Key_Down:
                self.list.setCurrentRow(min(row + 1, self.list.count() - 1))
            case Qt.Key.Key_Up:
                self.list.setCurrentRow(max(row - 1, 0))
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._take(self.list.currentItem())
            case Qt.Key.Key_Escape:
                self.hide()
            case _:
                return False
        return True

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        path = rounded(self.rect().toRectF(), 8)
        painter.fillPath(path, colour(tokens().raised))
        painter.setPen(colour(tokens().line))
        painter.drawPath(path)

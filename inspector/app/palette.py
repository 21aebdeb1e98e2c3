"""Find anything: one field over commands and all that is open."""

from __future__ import annotations

import time
from collections.abc import Iterator

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, QTimer
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

from inspector.app.palette_search import Found, Group, looked_through
from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.views.controls import SearchField
from inspector.views.fonts import SMALL_PX, cut_to, mono_font, text_font
from inspector.views.keys import keep
from inspector.views.surfaces import quiet, rounded
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

WIDTH_PX = 620
MOST_RECENT = 20
_TURN_S = 0.006
_ROW_PX = 30
_KIND_PX, _GAP_PX = 84, 16
_LONGEST = 200
_KEYS = frozenset((Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown))
_FOUND = int(Qt.ItemDataRole.UserRole)


class _Rows(QStyledItemDelegate):
    """Title, then at the right its key and what it is."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, _ROW_PX)

    @guarded
    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme = tokens()
        found: Found = index.data(_FOUND)
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        is_chosen = bool(state & QStyle.StateFlag.State_Selected)
        if is_chosen:
            painter.fillRect(area, colour(theme.selection))
        inner = area.adjusted(14, 0, -14, 0)
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        painter.setPen(colour(theme.dim))
        painter.setFont(text_font(SMALL_PX))
        painter.drawText(inner, right, found.group.kind)
        kind_px = painter.fontMetrics().horizontalAdvance(found.group.kind) + _GAP_PX
        inner.setRight(inner.right() - max(_KIND_PX, kind_px))
        painter.setFont(mono_font(SMALL_PX))
        painter.drawText(inner, right, found.keys)
        room = inner.width() - painter.fontMetrics().horizontalAdvance(found.keys) - _GAP_PX
        painter.setFont(text_font())
        painter.setPen(colour(theme.text))
        title = cut_to(painter.fontMetrics(), index.data(), Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), title)


class Palette(QWidget):
    """The field and the list, over the window; Esc or a click elsewhere closes it.

    Many titles are looked through in several turns of the event loop; Enter waits for the last of them.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._groups: list[Group] = []
        self._recent: list[tuple[str, str]] = []
        self._looking: Iterator[list[Found]] = iter(())
        self._shown: list[Found] = []
        self._is_wanted = False
        self._go_on = QTimer(self, singleShot=True, interval=0)
        self._go_on.timeout.connect(self._look_on)
        self.field = SearchField(tr("Find commands, findings, metrics, samples, layers, tensors, settings, help"))
        self.list = QListWidget()
        self.list.setUniformItemSizes(True)
        self.list.setItemDelegate(_Rows(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setAccessibleName(tr("Found"))
        quiet(self.list)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        column.addWidget(self.field)
        column.addWidget(self.list, 1)
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self.list.itemClicked.connect(self._take)
        self.hide()

    def open_with(self, groups: list[Group]) -> None:
        """Show the field over what these groups hold."""
        self._groups = groups
        around = self.window().size()
        self.setGeometry((around.width() - WIDTH_PX) // 2, 44, WIDTH_PX, min(480, around.height() - 80))
        self.field.show_text("")
        self._search("")
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def add(self, group: Group) -> None:
        """Let more be found, while it is shown."""
        if self.isVisible():
            self._groups = [*self._groups, group]
            row = self.list.currentRow()
            self._search(self.field.text())
            self.list.setCurrentRow(max(row, 0))

    @property
    def looking(self) -> bool:
        """Whether there are titles that were not looked through yet."""
        return self._go_on.isActive()

    def _search(self, wanted: str) -> None:
        self._is_wanted = False
        self._looking = looked_through(wanted, self._groups, self._recent)
        self._show([])
        self._look_on()

    def _look_on(self) -> None:
        """Look through as many titles as a turn has time for."""
        until_s = time.perf_counter() + _TURN_S
        best = self._shown
        for best in self._looking:  # noqa: B007 - the last is wanted
            if time.perf_counter() >= until_s:
                self._go_on.start()
                break
        else:
            self._go_on.stop()
        self._show(best)
        if self._is_wanted and not self.looking:
            self._take(self.list.currentItem())

    def _show(self, best: list[Found]) -> None:
        if best == self._shown:
            return
        self._shown = best
        row = max(self.list.currentRow(), 0)
        self.list.clear()
        for found in best:
            item = QListWidgetItem(visible(found.title, _LONGEST))
            item.setData(_FOUND, found)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, ", ".join(filter(None, _said(item.text(), found))))
            self.list.addItem(item)
        self.list.setCurrentRow(min(row, len(best) - 1))

    def _take(self, item: QListWidgetItem | None) -> None:
        self._close()
        if item is not None:
            found: Found = item.data(_FOUND)
            taken = (found.group.kind, found.group.titles[found.place])
            self._recent = [taken, *(one for one in self._recent if one != taken)][:MOST_RECENT]
            found.group.act(found.place)

    def _close(self) -> None:
        self._go_on.stop()
        self._is_wanted = False
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field:
            keep(event, _KEYS)
            if event.type() == QEvent.Type.FocusOut:
                self._close()
            elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and self._on_key(event):
                return True
        return super().eventFilter(watched, event)

    def _on_key(self, event: QKeyEvent) -> bool:
        row, last = self.list.currentRow(), self.list.count() - 1
        match event.key():
            case Qt.Key.Key_Down:
                self.list.setCurrentRow(min(row + 1, last))
            case Qt.Key.Key_Up:
                self.list.setCurrentRow(max(row - 1, 0))
            case Qt.Key.Key_PageDown:
                self.list.setCurrentRow(min(row + self._rows_seen(), last))
            case Qt.Key.Key_PageUp:
                self.list.setCurrentRow(max(row - self._rows_seen(), 0))
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if self.looking:
                self._is_wanted = True
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._take(self.list.currentItem())
            case Qt.Key.Key_Escape:
                self._close()
            case _:
                return False
        return True

    def _rows_seen(self) -> int:
        return max(self.list.viewport().height() // _ROW_PX - 1, 1)

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        path = rounded(self.rect().toRectF(), 8)
        painter.fillPath(path, colour(tokens().raised))
        painter.setPen(colour(tokens().line))
        painter.drawPath(path)


def _said(title: str, found: Found) -> tuple[str, str, str]:
    """What a row says to who cannot see it."""
    return title, found.group.kind, found.keys

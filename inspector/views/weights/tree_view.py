"""A quiet tree: rounded rows, its own keys, and a path to copy."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPalette, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyleOptionViewItem, QTreeView, QWidget

from inspector.views.keys import LIST, keep
from inspector.views.surfaces import hover_colour, quiet, rounded
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded
from inspector.views.weights.model import ColumnModel, Index

_INDENT_PX, _NARROW_INDENT_PX = 16, 11
_NARROW_PX = 250
"""Where names are cut, less room goes to their depth."""
_Action = QAbstractItemView.CursorAction
_UP = frozenset((_Action.MoveUp, _Action.MovePrevious, _Action.MovePageUp))
_OPENING = frozenset((Qt.Key.Key_Return, Qt.Key.Key_Enter))


class QuietTree(QTreeView):
    """A tree of a `ColumnModel` whose first column is all that is shown.

    Signals:
        chosen: the dotted path of the row that the user went to.
    """

    chosen = Signal(str)

    def __init__(self, model: ColumnModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        quiet(self)
        self._rows = model
        self._silent = False
        self.setModel(model)
        clear = QPalette()
        clear.setBrush(QPalette.ColorRole.Highlight, Qt.BrushStyle.NoBrush)
        self.setPalette(clear)
        self.setHeaderHidden(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setUniformRowHeights(True)
        self.setIndentation(_INDENT_PX)
        self.setExpandsOnDoubleClick(True)
        self.setMouseTracking(True)
        self.selectionModel().currentChanged.connect(self._on_current)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.setIndentation(_INDENT_PX if self.width() >= _NARROW_PX else _NARROW_INDENT_PX)
        super().resizeEvent(event)

    def go_to(self, path: str) -> None:
        """Make a row the current one, without a signal; a path that is not there clears the selection."""
        index = self._rows.index_of(path)
        self._silent = True
        if index.isValid():
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.scrollTo(index)
        else:
            self.selectionModel().clear()
        self._silent = False

    def current_path(self) -> str:
        """The path of the current row, empty where there is none."""
        current = self.currentIndex()
        return self._rows.path(current).strip("\n") if current.isValid() else ""

    def copied(self) -> str:
        """What Ctrl+C copies."""
        return self.current_path()

    def _on_current(self, current: QModelIndex) -> None:
        if not self._silent and current.isValid() and not self._rows.is_rule(current):
            self.chosen.emit(self._rows.path(current))

    def moveCursor(self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        index = super().moveCursor(action, modifiers)
        if not self._rows.is_rule(index):
            return index
        return self.indexAbove(index) if action in _UP else self.indexBelow(index)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._rows.is_rule(self.indexAt(event.position().toPoint())):
            super().mousePressEvent(event)

    def event(self, event: QEvent) -> bool:
        keep(event, LIST)
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.matches(QKeySequence.StandardKey.Copy)
            and self.copied()
        ):
            event.accept()
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        current = self.currentIndex()
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.copied())
        elif event.key() in _OPENING and current.isValid():
            self.setExpanded(current, not self.isExpanded(current))
        else:
            super().keyPressEvent(event)

    @guarded
    def drawRow(self, painter: QPainter, options: QStyleOptionViewItem, index: Index) -> None:
        area = QRectF(options.rect).adjusted(2, 0, -2, 0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.selectionModel().isSelected(index):
            painter.fillPath(rounded(area), colour(tokens().selection))
            if self.hasFocus():
                painter.setPen(colour(tokens().accent, 0.6))
                painter.drawPath(rounded(area))
        elif options.state & QStyle.StateFlag.State_MouseOver and not self._rows.is_rule(index):
            painter.fillPath(rounded(area), hover_colour())
        super().drawRow(painter, options, index)

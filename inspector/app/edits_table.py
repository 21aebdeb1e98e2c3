"""The settings of a resume as a table that is edited in place: typed, chosen from a menu, or switched."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, Qt
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent, QMouseEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QAbstractItemDelegate, QAbstractItemView, QTableView, QWidget

from inspector.app.edits_model import EDITED, EditsModel, Index
from inspector.app.edits_painter import ROW_PX, EditsPainter, Header, ValueField, take_back_area
from inspector.core.language import tr
from inspector.formats.setting_values import value_text
from inspector.views.keys import MOVE, keep
from inspector.views.menu_button import MenuItem, menu_of
from inspector.views.surfaces import quiet

_SHARES = (0.25, 0.135, 0.135, 0.105, 0.195)
"""Of the width, of every column but the last."""

_OPENING = frozenset((Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_F2))
_TAKING_BACK = frozenset((Qt.Key.Key_Delete, Qt.Key.Key_Backspace))
_Hint = QAbstractItemDelegate.EndEditHint
_STEPS = {_Hint.EditNextItem: 1, _Hint.EditPreviousItem: -1}


class EditsTable(QTableView):
    """Rows of settings; a click, Enter, F2 or Space on one edits it, Delete takes its edit back."""

    def __init__(self, model: EditsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        quiet(self)
        self._rows = model
        self._pressed = QPersistentModelIndex()
        self.setModel(model)
        self.setItemDelegate(EditsPainter(self))
        self.setHorizontalHeader(Header(self))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_PX)
        self.setShowGrid(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        clear = QPalette()
        for role in (QPalette.ColorRole.Base, QPalette.ColorRole.Highlight):
            clear.setBrush(role, Qt.BrushStyle.NoBrush)
        self.setPalette(clear)
        self.setAccessibleName(tr("Settings"))
        self.setAccessibleDescription(tr("Enter edits a setting, Delete takes its edit back"))
        model.modelReset.connect(self._stand)

    def field(self) -> ValueField | None:
        """Where a value is being typed."""
        return next((one for one in self.viewport().findChildren(ValueField) if one.isVisible()), None)

    def finish(self) -> None:
        """Take what is being typed as entered."""
        field = self.field()
        if field is not None:
            self.commitData(field)
            self.closeEditor(field, _Hint.NoHint)

    def go_to(self, path: str) -> None:
        """Make a setting's row the current one, and bring it into sight."""
        place = self._rows.place(path)
        if place >= 0:
            index = self._rows.index(place, EDITED)
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def activate(self, index: Index) -> None:
        """Edit a setting: switch it, open its menu, or the line that its value is typed into."""
        row = self._rows.row(index)
        if row.field is None:
            return
        self.setCurrentIndex(self._rows.index(index.row(), EDITED))
        match row.field.kind:
            case "boolean":
                self._rows.enter(row.path, "false" if row.staged else "true")
            case "choice":
                self._open_menu(row.path, row.field.choices, value_text(row.staged))
            case _:
                self.edit(self._rows.index(index.row(), EDITED))

    def _open_menu(self, path: str, choices: tuple[str, ...], now: str) -> None:
        items = [MenuItem(key=choice, text=choice, on=choice == now, group=path) for choice in choices]
        menu = menu_of(items, self)
        menu.setAccessibleName(path)
        menu.triggered.connect(partial(self._on_chosen, path))
        cell = self.visualRect(self._rows.index(self._rows.place(path), EDITED))
        menu.popup(self.viewport().mapToGlobal(QPoint(cell.left(), cell.bottom() + 2)))
        if menu.actions():
            menu.setActiveAction(next((one for one in menu.actions() if one.isChecked()), menu.actions()[0]))

    def _on_chosen(self, path: str, action: QAction) -> None:
        self._rows.enter(path, action.data())

    def _stand(self) -> None:
        """There is a current row as long as there are rows, so that keys have one to act on."""
        if self._rows.rowCount() and not self.currentIndex().isValid():
            self.selectionModel().setCurrentIndex(
                self._rows.index(0, EDITED), self.selectionModel().SelectionFlag.ClearAndSelect
            )

    def moveCursor(self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        index = super().moveCursor(action, modifiers)
        return self._rows.index(index.row(), EDITED) if index.isValid() else index

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        if isinstance(editor, ValueField) and hint == _Hint.RevertModelCache:
            self._rows.forget(editor.path)
        super().closeEditor(editor, _Hint.NoHint)
        self.setFocus()
        if hint in _STEPS:
            self._edit_beside(_STEPS[hint])

    def _edit_beside(self, by: int) -> None:
        """Go on with the next setting that is typed, or the one before."""
        place = self.currentIndex().row() + by
        while 0 <= place < self._rows.rowCount():
            field = self._rows.rows()[place].field
            if field is not None and field.kind not in ("boolean", "choice"):
                self.activate(self._rows.index(place, EDITED))
                return
            place += by

    def event(self, event: QEvent) -> bool:
        keep(event, MOVE | _OPENING | _TAKING_BACK)
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._stand()
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        current = self.currentIndex()
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if self.field() is not None:  # the line that is typed into leaves Enter to those around it
            event.accept()
        elif plain and current.isValid() and event.key() in _OPENING:
            self.activate(current)
        elif plain and current.isValid() and event.key() in _TAKING_BACK:
            self._rows.take_back(self._rows.row(current).path)
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self._pressed = QPersistentModelIndex(self.indexAt(event.position().toPoint()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        at = event.position().toPoint()
        index = self.indexAt(at)
        if event.button() != Qt.MouseButton.LeftButton or not index.isValid() or index.column() != EDITED:
            return
        if QPersistentModelIndex(index) != self._pressed:
            return
        row = self._rows.row(index)
        edited = row.is_staged or self._rows.typed(row.path) is not None
        if edited and take_back_area(self.visualRect(index)).contains(at):
            self._rows.take_back(row.path)
        else:
            self.activate(index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        can_edit = index.isValid() and index.column() == EDITED and self._rows.row(index).field is not None
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if can_edit else Qt.CursorShape.ArrowCursor)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        width = self.viewport().width()
        used = 0
        for column, share in enumerate(_SHARES):
            self.setColumnWidth(column, round(share * width))
            used += round(share * width)
        self.setColumnWidth(len(_SHARES), max(width - used, 0))

"""How the table of a resume's settings is painted, and the line that a value is typed into."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QAbstractItemModel, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from inspector.app.edits_model import BEFORE, COLUMNS, EDITED, EFFECTIVE, NAME, NOTE, TAG, EditsModel, Index
from inspector.app.resume_rows import SheetRow
from inspector.core.language import tr
from inspector.views.controls import SearchField
from inspector.views.fonts import SMALL_PX, cut_to, mono_font, text_font
from inspector.views.icons import paint_icon
from inspector.views.surfaces import hover_colour, outline_colour, rounded
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

ROW_PX = 28
HEADER_PX = 24
_PILL_PX = 24
_PADDING_PX = 9
_LEAST_PILL_PX = 34
_ICON_PX = 12
_MENU_KINDS = ("choice", "boolean")
_HEADED = (NAME, BEFORE, EDITED, EFFECTIVE)
"""The columns whose headings are painted; what the others hold says itself."""


class Header(QHeaderView):
    """The names of the columns, dim, without frames."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSectionsClickable(False)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(20)
        self.setFixedHeight(HEADER_PX)
        self.viewport().setAutoFillBackground(False)

    @guarded
    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        if section in _HEADED:
            painter.setFont(text_font(SMALL_PX))
            left = _PADDING_PX if section == EDITED else 0
            _paint_text(painter, QRectF(rect.adjusted(left, 0, 0, 0)), COLUMNS[section], tokens().dim)


class ValueField(SearchField):
    """Where a value is typed; `path` is its setting."""

    def __init__(self, path: str, parent: QWidget) -> None:
        super().__init__("", parent, mono=True)
        self.path = path
        self.filled = False
        self.setAccessibleName(path)
        self.setAutoFillBackground(False)


def take_back_area(cell: QRect) -> QRect:
    """Where the mark that takes an edit back stands in its cell."""
    side = _PILL_PX
    return QRect(cell.right() - side - 2, cell.top() + (cell.height() - side) // 2, side, side)


class EditsPainter(QStyledItemDelegate):
    """Paints a cell: a name, a value, a value in a frame where it is edited, and what the edit does."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(60, ROW_PX)

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        if not isinstance(model, EditsModel):
            return
        row, column = model.row(index), index.column()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lit = row.is_staged or row.changes or bool(model.sentence(row.path))
        area = QRectF(option.rect)
        text = str(index.data() or "")
        if column == EDITED:
            self._paint_edited(painter, option, model, row, text)
        elif column in (TAG, NOTE):
            self._paint_told(painter, area, model, row, text, column)
        else:
            unit = tr(row.field.unit) if row.field and column == BEFORE and row.before is not None else ""
            font = mono_font(SMALL_PX) if column == NAME else text_font(SMALL_PX)
            painter.setFont(font)
            _paint_text(painter, area, text, tokens().text if lit else tokens().dim, unit)

    def _paint_edited(
        self, painter: QPainter, option: QStyleOptionViewItem, model: EditsModel, row: SheetRow, text: str
    ) -> None:
        theme = tokens()
        area = QRectF(option.rect).adjusted(0, 0, -8, 0)
        painter.setFont(text_font(SMALL_PX))
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        current = bool(option.state & QStyle.StateFlag.State_HasFocus)
        wrong = bool(model.sentence(row.path))
        framed = row.field is not None and (row.is_staged or wrong or hovered or current)
        opens = row.field is not None and row.field.kind in _MENU_KINDS and (hovered or current)
        if framed:
            room = 2 * _PADDING_PX + QFontMetricsF(painter.font()).horizontalAdvance(text) + (_ICON_PX + 4) * opens
            pill = QRectF(area.left(), area.center().y() - _PILL_PX / 2, area.width(), _PILL_PX)
            pill.setWidth(min(max(room, _LEAST_PILL_PX), area.width()))
            path = rounded(pill)
            painter.fillPath(path, hover_colour() if hovered else colour(theme.background))
            ink = colour(theme.critical) if wrong else colour(theme.accent) if current else outline_colour()
            painter.setPen(ink)
            painter.drawPath(path)
            if opens:
                top = pill.center().y() - _ICON_PX / 2
                at = QRectF(pill.right() - _PADDING_PX - _ICON_PX + 4, top, _ICON_PX, _ICON_PX)
                paint_icon(painter, at, "chevron-down", theme.dim)
        inside = area.adjusted(_PADDING_PX, 0, -_PADDING_PX - (_ICON_PX + 4) * opens, 0)
        _paint_text(painter, inside, text, theme.text if (framed and row.is_staged) or wrong else theme.dim)
        if hovered and (row.is_staged or wrong):
            box = QRectF(take_back_area(option.rect)).adjusted(6, 6, -6, -6)
            paint_icon(painter, box, "undo-2", theme.dim)

    def _paint_told(
        self, painter: QPainter, area: QRectF, model: EditsModel, row: SheetRow, text: str, column: int
    ) -> None:
        theme = tokens()
        painter.setFont(text_font(SMALL_PX))
        if column == NOTE:
            _paint_text(painter, area, text, theme.faint)
        elif model.sentence(row.path):
            _paint_text(painter, area.adjusted(0, 0, self._right_of(TAG), 0), text, theme.critical)
        else:
            _paint_text(painter, area.adjusted(0, 0, -10, 0), text, getattr(theme, row.ink))

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, index: Index) -> QWidget:
        model = index.model()
        assert isinstance(model, EditsModel)
        field = ValueField(model.row(index).path, parent)
        field.textEdited.connect(partial(self._on_typed, field, model))
        return field

    def _on_typed(self, field: ValueField, model: EditsModel, text: str) -> None:
        model.type(field.path, text)
        field.set_wrong(wrong=bool(model.sentence(field.path)))

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if isinstance(editor, ValueField) and not editor.filled:  # later it is what the user types
            editor.filled = True
            editor.setText(str(index.data() or ""))
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, _index: Index) -> None:
        if isinstance(editor, ValueField) and isinstance(model, EditsModel):
            model.enter(editor.path, editor.text())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: Index) -> None:
        cell = option.rect
        editor.setGeometry(cell.left(), cell.top() + 1, cell.width() - 8, cell.height() - 2)

    def _right_of(self, column: int) -> int:
        """How wide the column after this one is; what is wrong with a value runs on there."""
        table = self.parent()
        return table.columnWidth(column + 1) if isinstance(table, QTableView) else 0


def _paint_text(painter: QPainter, area: QRectF, text: str, ink: str, unit: str = "") -> None:
    """A text of one line, and a unit after it."""
    metrics = QFontMetricsF(painter.font())
    middle = int(Qt.AlignmentFlag.AlignVCenter)
    shown = cut_to(metrics, text, Qt.TextElideMode.ElideRight, area.width() - 6)
    painter.setPen(colour(ink))
    painter.drawText(area, middle, shown)
    left = metrics.horizontalAdvance(f"{shown} ")
    if unit and left + metrics.horizontalAdvance(unit) < area.width():
        painter.setPen(colour(tokens().faint))
        painter.drawText(area.adjusted(left, 0, 0, 0), middle, unit)

"""The plain values of a checkpoint as a tree, and the chosen one in full."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QGuiApplication, QPainter
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPlainTextEdit,
    QSplitter,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from inspector.core.language import tr, tr_counted
from inspector.core.pulse import Progress
from inspector.core.texts import visible
from inspector.display.weights.objects.scene import ObjectsScene
from inspector.views.controls import Button
from inspector.views.elided import ElidedLabel
from inspector.views.fonts import SMALL_PX, cut_to, mono_font, text_font
from inspector.views.surfaces import Card, Label, Rule, quiet
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded
from inspector.views.waiting import Waiting
from inspector.views.weights.model import ColumnModel, Index
from inspector.views.weights.tree_view import QuietTree

_ROW_PX = 24
_FIRST_ROWS = 60
_MAX_LINES = 20_000


class ObjectModel(ColumnModel):
    """A scene's values."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene: ObjectsScene | None = None

    def set_scene(self, scene: ObjectsScene) -> None:
        """Show other values."""
        self.scene = scene
        self.set_rows(scene.parents, scene.paths)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or self.scene is None:
            return None
        number = self.number(index)
        if role == Qt.ItemDataRole.DisplayRole:
            return self.scene.labels[number]
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(
                (visible(self.scene.paths[number], 400), self.scene.kinds[number], self.scene.texts[number])
            )
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.scene.labels[number]}, {self.scene.texts[number] or self.scene.kinds[number]}"
        return None


class _RowPainter(QStyledItemDelegate):
    """A name, its value or its class, and the type of a value at the right."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(120, _ROW_PX)

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        if not isinstance(model, ObjectModel) or model.scene is None:
            return
        scene, number, theme = model.scene, model.number(index), tokens()
        area = QRectF(option.rect).adjusted(2, 0, -8, 0)
        whole = option.rect.right()
        value_left = max(whole * 0.42, area.left() + 60)
        kind, text = scene.kinds[number], scene.texts[number]
        painter.setFont(mono_font())
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.setPen(colour(theme.text if chosen or not text else theme.dim))
        names = QFontMetricsF(painter.font())
        label = cut_to(names, scene.labels[number], Qt.TextElideMode.ElideMiddle, value_left - area.left() - 12)
        flags = int(Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(area, flags, label)
        painter.setFont(text_font(SMALL_PX))
        metrics = QFontMetricsF(painter.font())
        kind_px = min(metrics.horizontalAdvance(kind), area.width() * 0.3) if text else 0.0
        room = QRectF(value_left, area.top(), max(area.right() - value_left - kind_px - 12, 20), area.height())
        painter.setPen(colour(theme.text if text else theme.dim))
        shown = cut_to(metrics, text or kind, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, flags, shown)
        if text:
            painter.setPen(colour(theme.faint))
            kind = cut_to(metrics, kind, Qt.TextElideMode.ElideRight, kind_px + 1)
            painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), kind)


class ObjectTree(QuietTree):
    """The tree of plain values."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._model = ObjectModel()
        super().__init__(self._model, parent)
        self._model.setParent(self)
        self._painter = _RowPainter(self)
        self.setItemDelegate(self._painter)
        self.setAccessibleName(tr("Plain values and objects"))

    def set_scene(self, scene: ObjectsScene, *, open_all: bool) -> None:
        """Show other values; `open_all` where a filter has found them."""
        held = self.current_path()
        self._silent = True
        self._model.set_scene(scene)
        if open_all and len(scene.paths) <= _FIRST_ROWS * 10:
            self.expandAll()
        else:
            for index in self._model.opened_first(_FIRST_ROWS):
                self.expand(index)
        self._silent = False
        if held:
            self.go_to(held)

    def rows(self) -> ObjectModel:
        """The model, typed."""
        return self._model


class ObjectsPage(Card):
    """The tree, and below it the chosen value in full."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.waiting = Waiting()
        self.tree = ObjectTree()
        self.said = Label(ink="warning", size_px=12)
        self.path = ElidedLabel(ink="dim", size_px=12, mono=True)
        self.copy_path = Button(tr("Copy path"))
        self.copy_value = Button(tr("Copy value"))
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFont(mono_font())
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setAccessibleName(tr("The chosen value"))
        quiet(self.text)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.path, 1)
        head.addWidget(self.copy_path)
        head.addWidget(self.copy_value)
        self._below = QWidget()
        below = QVBoxLayout(self._below)
        below.setContentsMargins(4, 0, 4, 0)
        below.addWidget(Rule())
        below.addLayout(head)
        below.addWidget(self.text, 1)
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.setChildrenCollapsible(False)
        self._split.setHandleWidth(3)
        self._split.addWidget(self.tree)
        self._split.addWidget(self._below)
        self._split.setStretchFactor(0, 3)
        self._split.setStretchFactor(1, 1)
        self.column.addWidget(self.waiting)
        self.column.addWidget(self._split, 1)
        self.column.addWidget(self.said)
        self.said.hide()
        self._below.hide()
        self.tree.chosen.connect(self._on_chosen)
        self.copy_path.clicked.connect(self._on_copy_path)
        self.copy_value.clicked.connect(self._on_copy_value)

    def wait(self, progress: Progress) -> None:
        """Say how far the work is."""
        self.waiting.wait(progress)

    def show_objects(self, scene: ObjectsScene, *, found: bool) -> None:
        """Show values; `found` where a filter has chosen them."""
        self.waiting.done()
        self.tree.set_scene(scene, open_all=found)
        more = tr_counted(scene.left_out, "more value")
        text = tr("{values}; use the filter to find them").format(values=more) if scene.left_out else ""
        if not scene.paths:
            text = tr("No value contains this text") if found else tr("The file holds no plain values")
        self.said.setText(text)
        self.said.setVisible(bool(text))
        self._show_value()

    def go_to(self, path: str) -> None:
        """Choose a value."""
        self.tree.go_to(path)
        self._show_value()

    def _on_chosen(self, _path: str) -> None:
        self._show_value()

    def _show_value(self) -> None:
        current, scene = self.tree.currentIndex(), self.tree.rows().scene
        self._below.setVisible(current.isValid() and scene is not None)
        if not current.isValid() or scene is None:
            return
        number = self.tree.rows().number(current)
        self.path.setText(visible(scene.paths[number], 400))
        self.text.setPlainText(self._full(scene, number))

    @staticmethod
    def _full(scene: ObjectsScene, number: int) -> str:
        code = scene.codes.get(number)
        if code is None:
            return scene.texts[number] or scene.kinds[number]
        lines = code.splitlines()
        more = len(lines) - _MAX_LINES
        rest = [f"… {tr_counted(more, 'more line')}"] if more > 0 else []
        return "\n".join([*(visible(line.replace("\t", "    ")) for line in lines[:_MAX_LINES]), *rest])

    def _on_copy_path(self) -> None:
        QGuiApplication.clipboard().setText(self.tree.current_path())

    def _on_copy_value(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())

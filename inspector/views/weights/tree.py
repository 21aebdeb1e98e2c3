"""The tensors of a checkpoint as a tree; only the rows in sight cost anything."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetricsF, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView, QWidget

from inspector.core.units import count_text
from inspector.display.weights.scene import TreeNode
from inspector.views.fonts import SMALL_PX, mono_font, text_font
from inspector.views.surfaces import hover_colour, quiet, rounded
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

_ROW_PX = 26
_INDENT_PX = 16
_SHOWN_SHARE = 0.01
_FIRST_ROWS = 40
"""Groups are opened from the root down while no more rows than this come of it."""

_Index = QModelIndex | QPersistentModelIndex


class TensorModel(QAbstractItemModel):
    """The nodes of a scene, which come depth first, as Qt's tree."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._nodes: tuple[TreeNode, ...] = ()
        self._parents: list[int] = []
        self._children: list[list[int]] = [[]]
        self._rows: list[int] = []

    def set_nodes(self, nodes: tuple[TreeNode, ...]) -> None:
        """Show other nodes."""
        self.beginResetModel()
        self._nodes = nodes
        self._parents, self._rows = [], []
        self._children = [[] for _ in range(len(nodes) + 1)]
        open_groups: list[int] = []
        for number, node in enumerate(nodes):
            del open_groups[node.depth :]
            parent = open_groups[-1] if open_groups else -1
            self._parents.append(parent)
            self._rows.append(len(self._children[parent]))
            self._children[parent].append(number)
            open_groups.append(number)
        self.endResetModel()

    def nodes(self) -> tuple[TreeNode, ...]:
        """What is shown."""
        return self._nodes

    def node(self, index: _Index) -> TreeNode:
        """The node at a valid index."""
        return self._nodes[index.internalId()]

    def index_of(self, path: str) -> QModelIndex:
        """Where a node is; invalid where there is none."""
        number = next((number for number, node in enumerate(self._nodes) if node.path == path), None)
        return QModelIndex() if number is None else self.createIndex(self._rows[number], 0, number)

    def opened_first(self) -> list[QModelIndex]:
        """The groups to open so that a screenful of rows is to be seen."""
        opened: list[QModelIndex] = []
        level = list(self._children[-1])
        rows = len(level)
        while level:
            below = [child for number in level for child in self._children[number]]
            rows += len(below)
            if rows > _FIRST_ROWS and opened:
                break
            opened.extend(self.createIndex(self._rows[number], 0, number) for number in level if self._children[number])
            level = below
        return opened

    def index(self, row: int, column: int, parent: _Index = QModelIndex()) -> QModelIndex:  # noqa: B008 - Qt's own signature
        children = self._children[parent.internalId() if parent.isValid() else -1]
        return self.createIndex(row, column, children[row]) if 0 <= row < len(children) else QModelIndex()

    def parent(self, child: _Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]  # noqa: B008 - Qt's own signature
        number = self._parents[child.internalId()] if child.isValid() else -1
        return QModelIndex() if number < 0 else self.createIndex(self._rows[number], 0, number)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return len(self._children[parent.internalId() if parent.isValid() else -1])

    def columnCount(self, _parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 1

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        node = self.node(index)
        if role == Qt.ItemDataRole.DisplayRole:
            return node.label
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{node.path}\n{node.detail}"
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{node.label}, {size_text(node)}"
        return None


def size_text(node: TreeNode) -> str:
    """`1.24 M  78%` of a large part of the model, `64` of a small one."""
    count = count_text(node.elements)
    return count if node.share is None or node.share < _SHOWN_SHARE else f"{count}  {node.share:.0%}"


class _RowPainter(QStyledItemDelegate):
    """A name at the left, its size at the right."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:
        return QSize(120, _ROW_PX)

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model = index.model()
        if not isinstance(model, TensorModel):
            return
        node, theme, area = model.node(index), tokens(), QRectF(option.rect)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setFont(text_font(SMALL_PX))
        metrics = QFontMetricsF(painter.font())
        size = size_text(node)
        size_px = metrics.horizontalAdvance(size)
        painter.setPen(colour(theme.dim if chosen else theme.faint))
        painter.drawText(area.adjusted(0, 0, -8, 0), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, size)
        painter.setFont(mono_font())
        names = QFontMetricsF(painter.font())
        room = area.width() - size_px - 20
        painter.setPen(colour(theme.text if chosen or node.depth == 0 or not node.tensor else theme.dim))
        shown = names.elidedText(node.label, Qt.TextElideMode.ElideMiddle, max(room, 16))
        painter.drawText(area.adjusted(2, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, shown)
        painter.restore()


class TensorTree(QTreeView):
    """The tree of a checkpoint's tensors.

    Signals:
        chosen: the dotted path of the node that the user went to.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        quiet(self)
        self._model = TensorModel(self)
        self._painter = _RowPainter(self)
        self._silent = False
        self.setModel(self._model)
        self.setItemDelegate(self._painter)
        clear = QPalette()
        clear.setBrush(QPalette.ColorRole.Highlight, Qt.BrushStyle.NoBrush)
        self.setPalette(clear)
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIndentation(_INDENT_PX)
        self.setExpandsOnDoubleClick(True)
        self.setMouseTracking(True)
        self.setAccessibleName("Tensors")
        self.selectionModel().currentChanged.connect(self._on_current)

    def set_nodes(self, nodes: tuple[TreeNode, ...]) -> None:
        """Show other nodes; the same ones stay as they are."""
        if nodes == self._model.nodes():
            return
        self._silent = True
        self._model.set_nodes(nodes)
        for index in self._model.opened_first():
            self.expand(index)
        self._silent = False

    def set_chosen(self, path: str) -> None:
        """Show which tensor is looked at, without a signal; a chosen group with that tensor in it stays."""
        current = self.currentIndex()
        if current.isValid():
            held = self._model.node(current).path
            if path == held or path.startswith(f"{held}."):
                return
        index = self._model.index_of(path)
        self._silent = True
        if index.isValid():
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.scrollTo(index)
        else:
            self.selectionModel().clear()
        self._silent = False

    def model_nodes(self) -> TensorModel:
        """The model, typed."""
        return self._model

    def _on_current(self, current: QModelIndex) -> None:
        if not self._silent and current.isValid():
            self.chosen.emit(self._model.node(current).path)

    @guarded
    def drawRow(self, painter: QPainter, options: QStyleOptionViewItem, index: _Index) -> None:
        area = QRectF(options.rect).adjusted(2, 0, -2, 0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index in self.selectionModel().selectedIndexes():
            painter.fillPath(rounded(area), colour(tokens().selection))
        elif options.state & QStyle.StateFlag.State_MouseOver:
            painter.fillPath(rounded(area), hover_colour())
        super().drawRow(painter, options, index)

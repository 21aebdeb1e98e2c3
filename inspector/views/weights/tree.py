"""The tensors of a checkpoint as a tree, and below a line what stands beside them."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.core.units import bytes_text, count_text
from inspector.display.weights.scene import NodeKind, Section, Tree
from inspector.display.weights.tree import filtered, searchable
from inspector.views.fonts import SMALL_PX, cut_to, mono_font, text_font
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded
from inspector.views.weights.model import ColumnModel, Index
from inspector.views.weights.tree_view import QuietTree

_ROW_PX = 26
_SHOWN_SHARE = 0.01
_FIRST_ROWS = 22
_SOON_MS = 100
_FOUND_ROWS = 400
"""So many rows are opened at once when a filter has found them."""

_MANY_ROWS = 500
"""A group of more of them takes its time to open."""
_BESIDE_PX = 18
"""Between a name and what stands at the right, with the right margin."""

# Room that a row needs before it also shows a tensor's shape, type and bytes.
_SHAPE_FROM_PX, _TYPE_FROM_PX, _BYTES_FROM_PX = 210, 400, 470
_COLUMN_PX = 74

_KINDS = {int(kind): kind for kind in NodeKind}
"""Asked for at each painted row, where calling the enumeration counts."""


class TensorModel(ColumnModel):
    """A scene's tree."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tree: Tree | None = None
        self._values: dict[int, str] = {}
        self._rule: int | None = None

    def set_tree(self, tree: Tree, sections: tuple[Section, ...]) -> None:
        """Show another tree."""
        self.tree = tree
        by_path = {section.path: section.value for section in sections}
        self._values = {
            number: by_path.get(tree.paths[number], "")
            for number in (tree.kinds == NodeKind.SECTION).nonzero()[0].tolist()
        }
        rules = (tree.kinds == NodeKind.RULE).nonzero()[0].tolist()
        self._rule = rules[0] if rules else None
        self.set_rows(tree.parents, tree.paths)

    def kind(self, number: int) -> NodeKind:
        """What a row is."""
        return _KINDS[int(self.tree.kinds[number])] if self.tree else NodeKind.MODULE

    def size_text(self, number: int, *, short: bool = False) -> str:
        """`1.24 M  78%` of a large part of the model, `64` of a small one or in `short`, a section's own words."""
        if self.tree is None:
            return ""
        if number in self._values:
            return self._values[number]
        share = float(self.tree.shares[number])
        count = count_text(int(self.tree.elements[number]))
        return f"{count}  {share:.0%}" if not short and math.isfinite(share) and share >= _SHOWN_SHARE else count

    def is_section(self, number: int) -> bool:
        """Whether a row is one below the line, with words of its own."""
        return number in self._values

    def shape_text(self, number: int) -> str:
        """`[32, 32, 3, 3]` of a tensor, empty of a group."""
        known = int(self.tree.shapes[number]) if self.tree else -1
        return self.tree.shape_texts[known] if self.tree and known >= 0 else ""

    def dtype_text(self, number: int) -> str:
        """`float32` of a tensor, empty of a group."""
        known = int(self.tree.dtypes[number]) if self.tree else -1
        return self.tree.dtype_texts[known] if self.tree and known >= 0 else ""

    def bytes_text(self, number: int) -> str:
        """`36.9 kB` of a tensor or of all in a group."""
        return bytes_text(int(self.tree.sizes[number])) if self.tree else ""

    def opens(self, number: int) -> bool:
        """Groups that hold groups open by themselves; one of tensors alone, and a section, when asked."""
        return self.kind(number) is NodeKind.MODULE and any(
            self.kind(child) is NodeKind.MODULE for child in self.below(number)
        )

    def is_rule(self, index: Index) -> bool:
        return self.number(index) == self._rule

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or self.tree is None:
            return None
        number = self.number(index)
        if role == Qt.ItemDataRole.DisplayRole:
            return self.tree.labels[number]
        if role == Qt.ItemDataRole.ToolTipRole and self.kind(number) is not NodeKind.RULE:
            return "\n".join(part for part in (visible(self.tree.paths[number], 400), self._detail(number)) if part)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.tree.labels[number]}, {self.size_text(number)}"
        return None

    def _detail(self, number: int) -> str:
        if self.kind(number) is NodeKind.SECTION and not (self.tree and self.tree.sizes[number]):
            return self.size_text(number)
        parts = [self.shape_text(number), self.dtype_text(number), self.bytes_text(number)]
        return " · ".join(part for part in parts if part)


class _RowPainter(QStyledItemDelegate):
    """A name at the left; at the right its size, and where there is room the shape, type and bytes of a tensor."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._mono, self._text = mono_font(), text_font(SMALL_PX)
        self._names, self._texts = QFontMetricsF(self._mono), QFontMetricsF(self._text)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(120, _ROW_PX)

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        if not isinstance(model, TensorModel) or model.tree is None:
            return
        number, theme, area = model.number(index), tokens(), QRectF(option.rect)
        kind = model.kind(number)
        if kind is NodeKind.RULE:
            painter.fillRect(QRectF(0, area.center().y(), area.right(), 1), colour(theme.line))
            return
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        label = model.tree.labels[number]
        right = self._paint_right(painter, area, model, number, self._names.horizontalAdvance(label), chosen)
        painter.setFont(self._mono)
        strong = chosen or (kind is NodeKind.MODULE and int(model.tree.parents[number]) < 0)
        faint = bool(model.tree.buffers[number])
        painter.setPen(colour(theme.text if strong else theme.faint if faint else theme.dim))
        room = max(right - area.left() - _BESIDE_PX + 8, 16)
        shown = cut_to(self._names, label, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(area.adjusted(2, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, shown)

    def _paint_right(
        self, painter: QPainter, area: QRectF, model: TensorModel, number: int, name_px: float, chosen: bool
    ) -> float:
        """Paint what stands at the right; where it begins."""
        theme = tokens()
        painter.setFont(self._text)
        metrics = self._texts
        flags = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        size = model.size_text(number)
        if name_px + metrics.horizontalAdvance(size) + _BESIDE_PX > area.width():
            size = model.size_text(number, short=True)
        if name_px + metrics.horizontalAdvance(size) + _BESIDE_PX > area.width() and not model.is_section(number):
            size = ""  # names that lost their middle look alike
        longest = area.width() * 0.62
        size = cut_to(metrics, size, Qt.TextElideMode.ElideRight, longest)
        painter.setPen(colour(theme.dim if chosen else theme.faint))
        painter.drawText(area.adjusted(0, 0, -8, 0), flags, size)
        right = area.right() - 8 - metrics.horizontalAdvance(size)
        whole = area.right()
        columns = (
            (_SHAPE_FROM_PX, model.shape_text(number)),
            (_TYPE_FROM_PX, model.dtype_text(number)),
            (_BYTES_FROM_PX, model.bytes_text(number) if model.kind(number) is not NodeKind.SECTION else ""),
        )
        for least_px, text in columns:
            wanted = max(metrics.horizontalAdvance(text), _COLUMN_PX if least_px > _SHAPE_FROM_PX else 0) + 14
            if not text or whole < least_px or right - wanted < area.left() + name_px:
                continue
            painter.drawText(QRectF(area.left(), area.top(), right - 14 - area.left(), area.height()), flags, text)
            right -= wanted
        return right


class TensorTree(QuietTree):
    """The tree of a checkpoint's tensors and sections."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._model = TensorModel()
        super().__init__(self._model, parent)
        self._model.setParent(self)
        self._painter = _RowPainter(self)
        self.setItemDelegate(self._painter)
        self.setAccessibleName(tr("Tensors"))
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self._prepare_filter)
        self._opening = QTimer(self, singleShot=True, interval=0)
        self._opening.timeout.connect(self._open_chosen)
        self._wanted = ""
        self._whole: Tree | None = None
        self._sections: tuple[Section, ...] = ()
        self._texts: list[str] = []
        self._filter = ""

    def set_tree(self, tree: Tree, sections: tuple[Section, ...]) -> None:
        """Show another tree; the same one stays as it is."""
        if tree is self._whole:
            return
        self._whole, self._sections, self._texts = tree, sections, []
        self._soon.start()
        self._show()

    def set_filter(self, wanted: str) -> None:
        """Show only what contains a text."""
        if wanted != self._filter:
            self._filter = wanted
            self._show()

    def _prepare_filter(self) -> None:
        """Make what the filter looks at, in a turn of its own."""
        if self._whole is not None and not self._texts:
            self._texts = searchable(self._whole)

    def _show(self) -> None:
        if self._whole is None:
            return
        self._silent = True
        if self._filter and not self._texts:
            self._prepare_filter()
        self._model.set_tree(filtered(self._whole, self._filter, self._texts), self._sections)
        if self._filter and self._model.tree is not None and len(self._model.tree.paths) <= _FOUND_ROWS:
            self.expandAll()
        else:
            for index in self._model.opened_first(_FIRST_ROWS):
                self.expand(index)
        self._silent = False

    def set_chosen(self, path: str) -> None:
        """Show which tensor is looked at, without a signal; a chosen group with that tensor in it stays."""
        self._opening.stop()
        held = self.current_path()
        if held and (path == held or path.startswith(f"{held}.")):
            return
        if self._opens_many(path):
            self._wanted = path
            self._opening.start()
        else:
            self.go_to(path)

    def _opens_many(self, path: str) -> bool:
        """Whether a group of many rows, however far above, has to open for a row to be seen."""
        group = self._model.index_of(path).parent()
        while group.isValid():
            if not self.isExpanded(group) and self._model.rowCount(group) > _MANY_ROWS:
                return True
            group = group.parent()
        return False

    def _open_chosen(self) -> None:
        """Go where a group of many rows has to open, in a turn of its own."""
        self.go_to(self._wanted)

    def rows(self) -> TensorModel:
        """The model, typed."""
        return self._model

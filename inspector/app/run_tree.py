"""The runs and their files at the left, each run with a dot of its worst finding."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from inspector.core.texts import visible
from inspector.diagnosis.values import Severity
from inspector.display.tokens import Tokens
from inspector.runs.values import Run
from inspector.views.fonts import SMALL_PX, text_font
from inspector.views.surfaces import Label, quiet
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

WIDTH_PX = 248
ROW_PX = 27
_MARGIN_PX = 14

KEY = int(Qt.ItemDataRole.UserRole)
FILE = KEY + 1
HINT = KEY + 2
DOT = KEY + 3
SHOWN = KEY + 4
"""What an item holds: its run's key, its file's path or None, the text at the right, its dot, whether it is shown."""

Index = QModelIndex | QPersistentModelIndex


def dot_of(run: Run, worst: Severity | None, *, checked: bool) -> str:
    """The name of a run's dot: `live`, a severity, `good` where checks found nothing, `unchecked` where none was made.

    Args:
        run: the run.
        worst: severity of its worst finding.
        checked: whether any check had what it needs.
    """
    if run.live:
        return "live"
    if worst is None or worst is Severity.INFO:
        return "good" if checked else "unchecked"
    return worst.value


def dot_colour(dot: str, theme: Tokens) -> str:
    """The colour of a dot."""
    colours = {
        "critical": theme.critical,
        "error": theme.critical,
        "warning": theme.warning,
        "unchecked": theme.faint,
    }
    return colours.get(dot, theme.good)


def short_names(run: Run) -> list[str]:
    """The name of each file without its folder, where that tells them apart."""
    bases = [entry.name.rpartition("/")[2] for entry in run.files]
    seen = Counter(bases)
    return [base if seen[base] == 1 else entry.name for base, entry in zip(bases, run.files, strict=True)]


class _Rows(QStyledItemDelegate):
    """Paints a row: dot or indent, name, and a dim text at the right."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(0, ROW_PX)

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = tokens()
        area: QRect = option.rect
        full = QRect(0, area.top(), area.right() + 1, area.height())
        state: QStyle.StateFlag = option.state
        if index.data(SHOWN):
            painter.fillRect(full, colour(theme.selection))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(full, colour(theme.raised))
        top = index.data(FILE) is None
        left = _MARGIN_PX + (16 if top else 18)
        if top:
            _paint_dot(painter, QPointF(_MARGIN_PX + 4, area.center().y() + 0.5), index.data(DOT), theme)
        hint = index.data(HINT) or ""
        painter.setFont(text_font(SMALL_PX))
        room = full.width() - left - _MARGIN_PX
        hint_px = min(painter.fontMetrics().horizontalAdvance(hint) + 4, room // 2)
        hint_area = QRect(full.right() - _MARGIN_PX - hint_px, full.top(), hint_px, full.height())
        painter.setPen(colour(theme.faint))
        shown_hint = painter.fontMetrics().elidedText(hint, Qt.TextElideMode.ElideRight, hint_px)
        painter.drawText(hint_area, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), shown_hint)
        painter.setFont(text_font(weight="medium") if top else text_font())
        painter.setPen(colour(theme.text if top or index.data(SHOWN) else theme.dim))
        name_area = QRect(left, full.top(), room - hint_px - 8, full.height())
        name = painter.fontMetrics().elidedText(index.data(), Qt.TextElideMode.ElideMiddle, name_area.width())
        painter.drawText(name_area, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), name)


def _paint_dot(painter: QPainter, centre: QPointF, dot: str, theme: Tokens) -> None:
    """A disc; a ring while the run is live; a square for critical, so that colour is not alone."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ink = colour(dot_colour(dot, theme))
    if dot == "live":
        painter.setPen(QPen(ink, 2))
        painter.drawEllipse(centre, 3.2, 3.2)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        if dot == "critical":
            painter.drawRect(QRectF(centre.x() - 3.6, centre.y() - 3.6, 7.2, 7.2))
        else:
            painter.drawEllipse(centre, 3.9, 3.9)
    painter.restore()


class DropTarget(QLabel):
    """The dashed box that says what may be dropped; the whole window takes the drop."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Drop checkpoints, HDF5 dumps, logs or a run folder", parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setFixedHeight(66)
        self.setFont(text_font(SMALL_PX))

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour(tokens().line), 1, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setPen(colour(tokens().dim))
        flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
        painter.drawText(self.rect().adjusted(12, 8, -12, -8), flags, self.text())


class RunTree(QWidget):
    """Every open run with its files.

    Signals:
        chosen: key of the run, path of the file or None.
    """

    chosen = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("run-tree")
        self._shown: tuple[object, ...] = ()
        self.tree = QTreeWidget()
        self.tree.setAccessibleName("Runs and their files")
        self.tree.setHeaderHidden(True)
        self.tree.setRootIsDecorated(False)
        self.tree.setIndentation(0)
        self.tree.setItemDelegate(_Rows(self.tree))
        self.tree.setUniformRowHeights(True)
        quiet(self.tree)
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.tree.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.tree.setMouseTracking(True)
        self.tree.setAcceptDrops(False)
        self.tree.itemClicked.connect(self._on_clicked)
        self.tree.itemActivated.connect(self._on_clicked)
        heading = Label("Runs", ink="dim", size_px=SMALL_PX)
        heading.setContentsMargins(_MARGIN_PX, 12, 0, 6)
        drop = DropTarget()
        box = QVBoxLayout()
        box.setContentsMargins(_MARGIN_PX, 16, _MARGIN_PX, 12)
        box.addWidget(drop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(heading)
        column.addWidget(self.tree, 1)
        column.addLayout(box)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setMinimumWidth(160)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH_PX, 400)

    def show_runs(self, runs: list[tuple[Run, str, int]], chosen: str | None, file: str | None) -> None:
        """Show the runs.

        Args:
            runs: each with the name of its dot and its number of findings.
            chosen: key of the run that the views show.
            file: path of the file that they show of it.
        """
        shown = (tuple(runs), chosen, file)
        if shown == self._shown:
            return
        self._shown = shown
        closed = {
            item.data(0, KEY)
            for item in (self.tree.topLevelItem(row) for row in range(self.tree.topLevelItemCount()))
            if item is not None and not item.isExpanded()
        }
        scrolled = self.tree.verticalScrollBar().value()
        self.tree.clear()
        for run, dot, findings in runs:
            hint = "live" if run.live else (str(findings) if findings else "")
            item = QTreeWidgetItem([visible(run.name, 200)])
            _fill(item, run.key, None, hint, dot=dot, shown=run.key == chosen and file is None)
            item.setToolTip(0, visible(run.root, 1000))
            self.tree.addTopLevelItem(item)
            for entry, name in zip(run.files, short_names(run), strict=True):
                child = QTreeWidgetItem([visible(name, 200)])
                hint = visible(entry.hint, 60)
                _fill(child, run.key, entry.path, hint, dot="", shown=run.key == chosen and entry.path == file)
                child.setToolTip(0, visible(getattr(entry.facts, "because", "") or entry.path, 1000))
                item.addChild(child)
            item.setExpanded(run.key not in closed)
        self.tree.verticalScrollBar().setValue(scrolled)

    def _on_clicked(self, item: QTreeWidgetItem) -> None:
        self.chosen.emit(item.data(0, KEY), item.data(0, FILE))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        event.ignore()


def _fill(item: QTreeWidgetItem, key: str, file: str | None, hint: str, *, dot: str, shown: bool) -> None:
    for role, value in ((KEY, key), (FILE, file), (HINT, hint), (DOT, dot), (SHOWN, shown)):
        item.setData(0, role, value)

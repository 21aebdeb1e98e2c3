"""The runs and their files at the left, each run with a dot of its worst finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import msgspec
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QMenu,
    QSizePolicy,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from inspector.app.run_rows import COMPARED, DOT, FILE, FOLDER, HINT, KEY, MARGIN_PX, SHOWN, Rows, hint_of_run
from inspector.core.language import tr, tr_counted, tr_many
from inspector.core.texts import visible
from inspector.runs.life_words import LIFE_WORDS
from inspector.runs.values import Run
from inspector.views.fonts import SMALL_PX, text_font
from inspector.views.keys import LIST, keep
from inspector.views.surfaces import Label, quiet
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

WIDTH_PX = 248
MOST_OPEN = 4
"""Runs below one heading that show their files at first; of more each is one row."""


class TreeRun(msgspec.Struct, frozen=True):
    """A run as the tree shows it.

    Attributes:
        dot: name of its dot.
        findings: how many.
        folder: the folder of many runs that it was opened from, empty where it was opened by itself.
        compared: it is drawn beside the chosen one.
    """

    run: Run
    dot: str
    findings: int = 0
    folder: str = ""
    compared: bool = False


def short_names(run: Run) -> list[str]:
    """The name of each file without its folder, where that tells them apart."""
    bases = [entry.name.rpartition("/")[2] for entry in run.files]
    seen = Counter(bases)
    return [base if seen[base] == 1 else entry.name for base, entry in zip(bases, run.files, strict=True)]


class DropTarget(QLabel):
    """The dashed box that says what may be dropped; the whole window takes the drop."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Drop checkpoints, HDF5 dumps, logs or a run folder"), parent)
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
    """Every open run with its files; runs of one folder below its name.

    Signals:
        chosen: key of the run, path of the file or None.
        compared: keys of runs to be drawn beside the chosen one, and no others.
        toggled: key of a run that is to be drawn beside the chosen one, or no longer.
        closed: keys of runs to close.
        table_wanted: the folder whose runs are to be shown as a table.
    """

    chosen = Signal(str, object)
    compared = Signal(object)
    toggled = Signal(str)
    closed = Signal(object)
    table_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("run-tree")
        self._rows: tuple[TreeRun, ...] = ()
        self._shown: tuple[object, ...] = ()
        self._file: str | None = None
        self._chosen: str | None = None
        self._items: dict[str, QTreeWidgetItem] = {}
        self.tree = QTreeWidget()
        self.tree.setAccessibleName(tr("Runs and their files"))
        self.tree.setHeaderHidden(True)
        self.tree.setRootIsDecorated(False)
        self.tree.setIndentation(0)
        self.tree.setItemDelegate(Rows(self.tree))
        self.tree.setUniformRowHeights(True)
        quiet(self.tree)
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.tree.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.tree.setMouseTracking(True)
        self.tree.setAcceptDrops(False)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.itemClicked.connect(self._on_clicked)
        self.tree.itemActivated.connect(self._on_clicked)
        self.tree.itemExpanded.connect(self._fill_run)
        self.tree.customContextMenuRequested.connect(self._on_menu_wanted)
        self.tree.installEventFilter(self)
        heading = Label(tr("Runs"), ink="dim", size_px=SMALL_PX)
        heading.setContentsMargins(MARGIN_PX, 12, 0, 6)
        drop = DropTarget()
        box = QVBoxLayout()
        box.setContentsMargins(MARGIN_PX, 16, MARGIN_PX, 12)
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

    def show_runs(self, runs: Sequence[TreeRun], chosen: str | None, file: str | None) -> None:
        """Show the runs.

        Args:
            runs: in their order; those of one folder come below its heading, where the first of them stands.
            chosen: key of the run that the views show.
            file: path of the file that they show of it.
        """
        shown = (tuple(runs), chosen, file)
        if shown == self._shown:
            return
        before = {row.run.key: row for row in self._rows}
        were = (self._chosen, self._file)
        self._shown, self._rows, self._chosen, self._file = shown, tuple(runs), chosen, file
        self._settle_rows()
        for row in self._rows:
            key = row.run.key
            known = before.get(key)
            if known != row or (were != (chosen, file) and key in (were[0], chosen)):
                self._show_row(row, known)
        if were[0] != chosen and chosen in self._items:
            self.tree.scrollToItem(self._items[chosen])

    def _settle_rows(self) -> None:
        """Bring every row to its place; those that stay where they are are not touched."""
        in_folder = Counter(row.folder for row in self._rows)
        wanted: dict[str, list[str]] = {"": []}
        for row in self._rows:
            heading = f"folder:{row.folder}" if row.folder else ""
            if heading and heading not in wanted:
                wanted[""].append(heading)
            wanted.setdefault(heading, []).append(row.run.key)
        kept = {name for names in wanted.values() for name in names}
        gone = [name for name in self._items if name not in kept]
        for name in sorted(gone, key=lambda name: name.startswith("folder:")):  # a heading goes after its runs
            _take_out(self._items.pop(name))
        for row in self._rows:
            if row.folder:
                self._heading(row.folder, in_folder[row.folder])
        for heading, names in wanted.items():
            parent = self._items[heading] if heading else None
            for place, name in enumerate(names):
                self._put(parent, place, name, folded=bool(heading) and len(names) > MOST_OPEN)

    def _put(self, parent: QTreeWidgetItem | None, place: int, name: str, *, folded: bool) -> None:
        item = self._items.get(name)
        there = parent.child(place) if parent is not None else self.tree.topLevelItem(place)
        if item is not None and there is item:
            return
        if item is None:
            item = self._items[name] = QTreeWidgetItem()
            item.setData(0, KEY, name)
            item.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator)
            unfolded = [] if folded else [item]
        else:  # a row that is taken out forgets it, and so do those below it
            below = (item.child(row) for row in range(item.childCount()))
            unfolded = [row for row in (item, *below) if row is not None and row.isExpanded()]
        _take_out(item)
        if parent is not None:
            parent.insertChild(place, item)
        else:  # the root, as Qt gives it, would keep it for ever
            self.tree.insertTopLevelItem(place, item)
        for row in unfolded:
            row.setExpanded(True)

    def _show_row(self, row: TreeRun, known: TreeRun | None) -> None:
        """Write what a row says, and its files where they are seen and others than before."""
        item = self._items[row.run.key]
        _fill_run_item(item, row, shown=row.run.key == self._chosen and self._file is None)
        if known is not None and (known.run.files, known.folder) != (row.run.files, row.folder):
            for place in reversed(range(item.childCount())):  # PySide keeps what `takeChildren` gives for ever
                if (child := item.child(place)) is not None:
                    item.removeChild(child)
            if item.isExpanded():
                self._fill_run(item)
        for place in range(item.childCount()):
            if (child := item.child(place)) is not None:
                child.setData(0, SHOWN, row.run.key == self._chosen and child.data(0, FILE) == self._file)

    def key_at(self, place: QPoint) -> str | None:
        """The key of the run whose rows are at a place of this widget, None where there is none."""
        viewport = self.tree.viewport()
        item = self.tree.itemAt(viewport.mapFrom(self, place))
        inside = viewport.rect().contains(viewport.mapFrom(self, place))
        return (item.data(0, KEY) or None) if item is not None and inside else None

    def area_of(self, key: str) -> QRect:
        """Where a run's rows are in this widget; empty where none is seen."""
        item = self._items.get(key)
        if item is None:
            return QRect()
        area = self.tree.visualItemRect(item)
        for row in range(item.childCount() if item.isExpanded() else 0):
            if (child := item.child(row)) is not None:
                area = area.united(self.tree.visualItemRect(child))
        seen = area.intersected(self.tree.viewport().rect())
        return QRect(self.tree.viewport().mapTo(self, seen.topLeft()), seen.size())

    def _heading(self, folder: str, count: int) -> None:
        name = f"folder:{folder}"
        item = self._items.get(name)
        if item is None:
            item = self._items[name] = QTreeWidgetItem([visible(Path(folder).name, 200)])
            item.setToolTip(0, visible(folder, 1000))
            self.tree.addTopLevelItem(item)
            item.setExpanded(True)
        _fill(item, "", None, tr_counted(count, "run"), folder=folder)

    def _fill_run(self, item: QTreeWidgetItem) -> None:
        """The files of a run, made when they are first to be seen."""
        key = item.data(0, KEY)
        row = next((row for row in self._rows if row.run.key == key), None)
        # The key * opens rows of files, too, and all that comes below them.
        if row is None or item.data(0, FILE) or item.childCount():
            return
        run, folder = row.run, row.folder
        for entry, name in zip(run.files, short_names(run), strict=True):
            child = QTreeWidgetItem([visible(name, 200)])
            shown = run.key == self._chosen and entry.path == self._file
            _fill(child, run.key, entry.path, visible(entry.hint, 60), folder=folder, shown=shown)
            child.setToolTip(0, visible(getattr(entry.facts, "because", "") or entry.path, 1000))
            item.addChild(child)

    def _on_clicked(self, item: QTreeWidgetItem) -> None:
        key = item.data(0, KEY)
        if not key:
            item.setExpanded(not item.isExpanded())
        elif QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ControlModifier:
            self.toggled.emit(key)
        else:
            self.chosen.emit(key, item.data(0, FILE))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows move and fold, Enter looks at a row, Space compares its run, and Menu offers what else."""
        keep(event, LIST)
        item = self.tree.currentItem() if watched is self.tree else None
        if item is None:
            return False
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Space:
            if item.data(0, KEY):
                self.toggled.emit(item.data(0, KEY))
            return True
        if isinstance(event, QContextMenuEvent) and event.reason() == QContextMenuEvent.Reason.Keyboard:
            self._on_menu_wanted(self.tree.visualItemRect(item).center())
            return True
        return False

    def _on_menu_wanted(self, place: QPoint) -> None:
        item = self.tree.itemAt(place)
        if item is not None:
            menu = self.menu_of(item)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.tree.viewport().mapToGlobal(place))

    def menu_of(self, item: QTreeWidgetItem) -> QMenu:
        """What can be done with a row."""
        menu = QMenu(self)
        key, folder = item.data(0, KEY), item.data(0, FOLDER)
        keys = tuple(row.run.key for row in self._rows if folder and row.folder == folder)
        entries: list[tuple[str, Callable[[], None]]] = []
        if key and key != self._chosen:
            beside = tr("Do not compare") if item.data(0, COMPARED) else tr("Compare with the chosen run")
            entries.append((beside, partial(self.toggled.emit, key)))
        if keys:
            compare = tr_many("Compare {count} run", "Compare all {count} runs", len(keys)).format(count=len(keys))
            entries.append((compare, partial(self.compared.emit, keys)))
            entries.append((tr("Show the folder as a table"), partial(self.table_wanted.emit, folder)))
        if key:
            entries.append((tr("Close run"), partial(self.closed.emit, (key,))))
        else:
            close = tr_many("Close {count} run", "Close all {count} runs", len(keys)).format(count=len(keys))
            entries.append((close, partial(self.closed.emit, keys)))
        for text, act in entries:
            menu.addAction(text).triggered.connect(act)
        return menu

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        event.ignore()


def _take_out(item: QTreeWidgetItem) -> None:
    """Take a row out of the tree, with what is below it."""
    above, tree = item.parent(), item.treeWidget()
    if above is not None:
        above.removeChild(item)
    elif tree is not None:
        tree.takeTopLevelItem(tree.indexOfTopLevelItem(item))


def _fill_run_item(item: QTreeWidgetItem, row: TreeRun, *, shown: bool) -> None:
    run = row.run
    item.setText(0, visible(run.name, 200))
    hint = hint_of_run(run, row.findings)
    _fill(item, run.key, None, hint, dot=row.dot, shown=shown, folder=row.folder)
    item.setData(0, COMPARED, row.compared)
    life = f"{LIFE_WORDS[run.liveness.life]}: {run.liveness.because}"
    beside = tr("drawn beside the chosen run") if row.compared else ""
    item.setToolTip(0, "\n".join(visible(line, 1000) for line in (run.root, life, beside) if line))


def _fill(
    item: QTreeWidgetItem, key: str, file: str | None, hint: str, *, dot: str = "", shown: bool = False, folder: str
) -> None:
    for role, value in ((KEY, key), (FILE, file), (HINT, hint), (DOT, dot), (SHOWN, shown), (FOLDER, folder)):
        item.setData(0, role, value)

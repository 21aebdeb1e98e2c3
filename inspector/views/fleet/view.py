"""The page of a folder of many runs: what was read, a filter, the table, and what is done with chosen rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from inspector.core.language import tr, tr_counted
from inspector.core.texts import visible
from inspector.formats.fleet import FleetRow, FleetRun
from inspector.views.controls import Button, SearchField
from inspector.views.elided import ElidedLabel
from inspector.views.fleet.model import FleetModel
from inspector.views.fleet.table import FleetTable
from inspector.views.fonts import SMALL_PX
from inspector.views.surfaces import Label, Rule

MOST_COMPARED = 24
"""Runs that are opened to be compared; each has a reader of its own."""

_ARRANGE_MS = 400
_FILTER_MS = 120
_LIGHT = tr("By curves and settings alone: dumps and checkpoints are looked into when a run is opened")


_OF_THE_WINDOW = frozenset((Qt.Key.Key_Question, Qt.Key.Key_Tab))


class FleetView(QWidget):
    """The page.

    Signals:
        opened: FleetRow that is to be shown.
        compared: tuple of FleetRow, to be opened and drawn side by side.
        stopped: read no further.
        closed: show the runs that are open again.
    """

    opened = Signal(object)
    compared = Signal(object)
    stopped = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = FleetModel(self)
        self.table = FleetTable(self.model)
        self.title = Label("", size_px=18, weight="semibold")
        self.said = ElidedLabel("", ink="dim")
        self.filter = SearchField(tr("Filter: words, best<0.5, optim.lr>=1e-3, -finished"))
        self.filter.setMinimumWidth(340)
        self.filter.setAccessibleName(tr("Filter runs"))
        self.stop = Button(tr("Stop reading"))
        self.open = Button(tr("Open"), primary=True)
        self.compare = Button(tr("Compare curves"))
        tip = tr("Open the chosen runs, {count} at most, and draw their curves side by side")
        self.compare.setToolTip(tip.format(count=MOST_COMPARED))
        self.back = Button(tr("Back to open runs"))
        self._folder = ""
        self._busy = False
        self._lay_out()
        self._arranging = QTimer(self, singleShot=True, interval=_ARRANGE_MS)
        self._arranging.timeout.connect(self.model.arrange)
        self._typing = QTimer(self, singleShot=True, interval=_FILTER_MS)
        self._typing.timeout.connect(self._on_filter)
        self.filter.textChanged.connect(self._on_typed)
        self.filter.returnPressed.connect(self._go_to_table)
        self.table.opened.connect(self.opened)
        self.table.filter_wanted.connect(self.focus_filter)
        self.table.selectionModel().selectionChanged.connect(self._reflect)
        self.model.modelReset.connect(self._reflect)
        self.model.layoutChanged.connect(self._reflect)
        self.stop.clicked.connect(self.stopped)
        self.open.clicked.connect(self._open_chosen)
        self.compare.clicked.connect(self._compare_chosen)
        self.back.clicked.connect(self.closed)
        self._reflect()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self.title)
        head.addWidget(self.said, 1)
        head.addWidget(self.stop)
        head.addWidget(self.back)
        tools = QHBoxLayout()
        tools.setSpacing(8)
        tools.addWidget(self.filter)
        tools.addWidget(ElidedLabel(_LIGHT, ink="faint", size_px=SMALL_PX))
        tools.addStretch(1)
        tools.addWidget(self.compare)
        tools.addWidget(self.open)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 14, 18, 8)
        column.setSpacing(10)
        column.addLayout(head)
        column.addLayout(tools)
        column.addWidget(Rule())
        column.addWidget(self.table, 1)

    def show_runs(self, folder: str, runs: Sequence[FleetRun]) -> None:
        """Show the runs of a folder, none of which is read yet."""
        self._folder = folder
        self._busy = True
        self.filter.clear()
        self.model.set_runs(runs)
        self.table.begin_at_top()
        self._reflect()

    def take(self, rows: Sequence[FleetRow]) -> None:
        """Fill in what was read; rows that are filtered or sorted find their place a moment later."""
        self.model.take(rows)
        if self.model.arranged and not self._arranging.isActive():
            self._arranging.start()
        self._reflect()

    def end(self) -> None:
        """Nothing more is read."""
        self._busy = False
        self._reflect()

    def offer_back(self, offered: bool) -> None:
        """Whether there are open runs to go back to."""
        self.back.setVisible(offered)

    def event(self, event: QEvent) -> bool:
        # Plain keys are those of the open runs, which are not seen here.
        plain = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier, Qt.KeyboardModifier.ShiftModifier
        asked = event.type() == QEvent.Type.ShortcutOverride
        if asked and isinstance(event, QKeyEvent) and event.modifiers() in plain and event.key() not in _OF_THE_WINDOW:
            event.accept()
            return True
        return super().event(event)

    def focus_filter(self) -> None:
        """Type into the filter."""
        self.filter.setFocus()
        self.filter.selectAll()

    def _go_to_table(self) -> None:
        self._typing.stop()
        self._on_filter()
        self.table.setFocus()
        self.table.begin_at_top()

    def _on_typed(self) -> None:
        self._typing.start()

    def _on_filter(self) -> None:
        self.model.set_filter(self.filter.text())

    def _open_chosen(self) -> None:
        chosen = self.table.chosen()
        if chosen:
            self.opened.emit(chosen[0])

    def _compare_chosen(self) -> None:
        chosen = self.table.chosen()
        if 1 < len(chosen) <= MOST_COMPARED:
            self.compared.emit(chosen)

    def _reflect(self) -> None:
        """What is said above the table, and which buttons can be pressed."""
        count, shown, chosen = self.model.run_count, self.model.rowCount(), len(self.table.chosen())
        self.title.setText(visible(Path(self._folder).name, 80))
        read = self.model.read_count
        parts = [tr_counted(count, "run")]
        if read < count:
            text = tr("{count:,} read") if self._busy else tr("{count:,} read, reading was stopped")
            parts.append(text.format(count=read))
        if shown < count:
            parts.append(tr("{count:,} shown").format(count=shown))
        if chosen > 1:
            parts.append(tr("{count:,} chosen").format(count=chosen))
        self.said.setText(" · ".join(parts))
        self.stop.setVisible(self._busy and read < count)
        self.open.setEnabled(chosen == 1)
        self.compare.setEnabled(1 < chosen <= MOST_COMPARED)

"""The card of settings on the resume sheet: a search, the edited ones alone, and the table."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from inspector.app.edits_model import EditsModel
from inspector.app.edits_painter import HEADER_PX, ROW_PX
from inspector.app.edits_table import EditsTable
from inspector.app.resume_rows import SheetRow
from inspector.core.language import tr, tr_counted
from inspector.views.controls import Card, SearchField, Segmented
from inspector.views.fonts import SMALL_PX
from inspector.views.surfaces import Label

_TYPING_MS = 120
_LEAST_ROWS = 7
_EDITED = "edited"


class EditsCard(Card):
    """Settings to be searched and edited.

    Signals:
        checked: what is typed has become wrong, or right again.
    """

    checked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Settings"), parent)
        self.model = EditsModel(self)
        self.table = EditsTable(self.model)
        self.table.setMinimumHeight(HEADER_PX + _LEAST_ROWS * ROW_PX)
        self.table.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.search = SearchField(tr("search settings"), mono=True)
        self.search.setMinimumWidth(100)
        self.search.setMaximumWidth(220)
        self.only = Segmented(((_EDITED, tr("Edited only")),), several=True, label=tr("Edited settings only"))
        self.count = Label("", ink="dim", size_px=SMALL_PX)
        self.about = Label("", ink="dim", wrap=True)
        self.about.hide()
        for widget, stretch in ((self.count, 0), (self.only, 0), (self.search, 100)):
            self.head.addWidget(widget, stretch)
        self.column.addWidget(self.about)
        self.column.addWidget(self.table, 1)
        for before, after in ((self.only.segment(_EDITED), self.search), (self.search, self.table)):
            QWidget.setTabOrder(before, after)
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self._filter)
        self.search.textChanged.connect(self._typing.start)
        self.only.chosen.connect(self._filter)
        self.model.checked.connect(self.checked)
        self.model.modelReset.connect(self._tell_count)
        self.model.dataChanged.connect(self._tell_count)
        self._rows: tuple[SheetRow, ...] = ()

    def show_rows(self, rows: tuple[SheetRow, ...], first: tuple[str, ...], about: str) -> None:
        """Show settings; those named first stand above the others. `about` is a sentence above them all."""
        self._rows = rows
        self.about.setText(about)
        self.about.setVisible(bool(about))
        self.model.show_rows(rows, first)
        self._tell_count()

    def forget(self) -> None:
        """Another run is shown: nothing is searched or typed."""
        self.search.show_text("")
        self.only.set_values(())
        self.model.forget_typed()
        self._filter()

    def _filter(self, *_chosen: object) -> None:
        self.model.filter(self.search.text(), edited_only=_EDITED in self.only.values())

    def _tell_count(self, *_range: object) -> None:
        total, shown = len(self._rows), self.model.rowCount()
        edited = sum(row.is_staged for row in self._rows)
        settings = tr_counted(total, "setting")
        told = [settings if shown == total else tr("{shown} of {settings}").format(shown=shown, settings=settings)]
        if edited:
            told.append(tr("{count} edited").format(count=edited))
        self.count.setText(" · ".join(told))

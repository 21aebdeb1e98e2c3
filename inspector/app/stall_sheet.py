"""The longest pauses of the window and what it did in them, for whoever looks into why it was slow."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QWidget

from inspector.app.sheets import Sheet
from inspector.app.stalls import Stalls
from inspector.core.language import tr
from inspector.views.controls import Button
from inspector.views.fonts import SMALL_PX, mono_font
from inspector.views.surfaces import quiet

_WIDTH_PX, _HEIGHT_PX = 860, 480
NONE_YET = tr("The window has not paused for longer than 0.1 s")


class StallSheet(Sheet):
    """A list to read and to copy."""

    def __init__(self, stalls: Stalls, parent: QWidget) -> None:
        super().__init__(tr("Stalls of the window"), parent)
        self._stalls = stalls
        self.text = QPlainTextEdit(readOnly=True)
        quiet(self.text)
        self.text.setAccessibleName(tr("Stalls"))
        self.text.setFont(mono_font(SMALL_PX))
        self.let_give_way(self.text, partial(QSize, _WIDTH_PX, _HEIGHT_PX))
        self.copy = Button(tr("Copy"))
        self.copy.clicked.connect(self._copy)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.copy)
        self.column.addWidget(self.text)
        self.column.addLayout(row)

    def open(self) -> None:
        self.text.setPlainText("\n\n".join(stall.text() for stall in self._stalls.kept) or NONE_YET)
        super().open()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())

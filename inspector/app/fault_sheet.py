"""A report of a fault to read, to copy and to save; it is sent nowhere."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QWidget

from inspector.app.news import Message
from inspector.app.saving import Kind, ask_where
from inspector.app.sheets import Sheet
from inspector.core.files import write_atomically
from inspector.core.language import tr
from inspector.jobs.reach import reach
from inspector.views.controls import Button
from inspector.views.fonts import SMALL_PX, mono_font
from inspector.views.surfaces import Label, quiet

_WIDTH_PX, _HEIGHT_PX = 860, 480
FILE_NAME = "run-inspector-report"
WHAT = tr("Nothing was sent. No paths or names of your files are in it; read it before you pass it on.")


class FaultSheet(Sheet):
    """Shows one report at a time.

    Signals:
        message: Message, what became of saving it.
    """

    message = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(tr("Report of a fault"), parent)
        self.text = QPlainTextEdit(readOnly=True)
        quiet(self.text)
        self.text.setAccessibleName(tr("Report"))
        self.text.setFont(mono_font(SMALL_PX))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.let_give_way(self.text, partial(QSize, _WIDTH_PX, _HEIGHT_PX))
        copy, save = Button(tr("Copy")), Button(tr("Save…"), primary=True)
        copy.clicked.connect(self._copy)
        save.clicked.connect(self._ask)
        row = QHBoxLayout()
        row.addWidget(Label(WHAT, ink="dim"))
        row.addStretch(1)
        row.addWidget(copy)
        row.addWidget(save)
        self.column.addWidget(self.text)
        self.column.addLayout(row)

    def show_report(self, report: str) -> None:
        """Open the page on a report."""
        self.text.setPlainText(report)
        self.open()

    def save(self, out: str) -> None:
        """Write the report, and say so."""
        try:
            reach(out)
            write_atomically(Path(out), self.text.toPlainText().encode(), durable=False)
        except OSError as error:
            self.message.emit(Message(tr("The report was not saved: {why}").format(why=error.strerror)))
        else:
            self.message.emit(Message(tr("The report is in {file}").format(file=Path(out).name), good=True))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())

    def _ask(self) -> None:
        where = ask_where(self.window(), tr("Save report"), FILE_NAME, (Kind(tr("Text (*.txt)"), ".txt"),))
        if where is not None:
            self.save(where[0])

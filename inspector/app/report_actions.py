"""The report of the chosen run: where it goes, and in which form."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from inspector.app.desk import Desk
from inspector.app.news import Message
from inspector.app.parents import found_in_parent
from inspector.app.saving import Kind, ask_where, file_name
from inspector.core.language import tr
from inspector.display.report.values import ENDINGS, ReportAsk

PAGE, TEXT = Kind(tr("Page for a browser (*.html)"), ".html"), Kind(tr("Markdown text (*.md)"), ".md")


class ReportActions(QObject):
    """Asks for a report; says so where there is no run to report."""

    def __init__(self, window: QWidget, desk: Desk) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk

    def report(self) -> None:
        """Ask where, and write what there is to say of the chosen run there."""
        chosen = self._desk.chosen()
        if chosen is None:
            self._desk.message.emit(Message(tr("No run is open; open one to report it")))
            return
        run, state = chosen
        name = file_name(state.name or run.name, "run")
        where = ask_where(self._window, tr("Report"), f"{name}-report", (PAGE, TEXT))
        if where is None:
            return
        out, _kind = where
        form = ENDINGS.get(Path(out).suffix.lower())
        if form is None:
            sentence = tr("{file} was not written: a report is {page} or {text}, told by the ending")
            self._desk.message.emit(Message(sentence.format(file=out, page=PAGE.ending, text=TEXT.ending)))
            return
        ask = ReportAsk(
            paths=run.paths,
            form=form,
            made_s=time.time(),
            name=state.name,
            dismissed=state.dismissed,
            notes=state.dismissal_notes,
            before=found_in_parent(self._desk, run.key),
            own=self._desk.diagnoses.own.known(run.key),
        )
        self._desk.file_work.report(ask, out)

"""The report of the chosen run: where it goes, and in which form."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from inspector.app.desk import Desk
from inspector.app.news import Message
from inspector.app.parents import found_in_parent
from inspector.core.language import tr
from inspector.display.report.values import ENDINGS, ReportAsk
from inspector.session.store import load_folder, save_folder

KINDS = {tr("Page for a browser (*.html)"): ".html", tr("Markdown text (*.md)"): ".md"}
_NAME_CHARACTERS = 80


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
        name = _file_name(state.name or run.name)
        suggested = str(Path(load_folder() or Path.home()) / f"{name}-report.html")
        out, kind = QFileDialog.getSaveFileName(self._window, tr("Report"), suggested, ";;".join(KINDS))
        if not out:
            return
        if not Path(out).suffix:
            out += KINDS.get(kind, ".html")
        form = ENDINGS.get(Path(out).suffix.lower())
        if form is None:
            page, text = KINDS.values()
            sentence = tr("{file} was not written: a report is {page} or {text}, told by the ending")
            self._desk.message.emit(Message(sentence.format(file=out, page=page, text=text)))
            return
        save_folder(str(Path(out).parent))
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


def _file_name(title: str) -> str:
    """A title as the name of a file."""
    kept = "".join(letter if letter.isalnum() or letter in "-_ ." else "_" for letter in title)
    return kept.strip(" .")[:_NAME_CHARACTERS] or "run"

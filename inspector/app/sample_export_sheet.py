"""The sheet that asks which samples are exported, as what, and where to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QWidget

from inspector.app.desk import Desk
from inspector.app.news import Message
from inspector.app.recordable import VIEWS
from inspector.app.sample_export import WITH_OBJECTS, Form, SampleExports, Source, Wanted, source_of
from inspector.app.sample_export_texts import WHICH, about_text
from inspector.app.saving import file_name, start_folder
from inspector.app.sheets import Sheet
from inspector.app.tabs import Tabs
from inspector.core.language import tr, tr_counted, tr_many
from inspector.core.texts import visible
from inspector.display.gallery.export import chosen_samples
from inspector.display.gallery.offers import SAMPLES
from inspector.display.gallery.order import Samples
from inspector.display.gallery.scene import SamplesScene
from inspector.jobs.reach import there
from inspector.session.gallery import gallery_of
from inspector.session.preferences import Theme
from inspector.session.store import save_folder
from inspector.views.controls import Button, Segmented
from inspector.views.fonts import SMALL_PX
from inspector.views.gallery.holder import SampleView
from inspector.views.keys import ENTER, MOVE, keeper
from inspector.views.surfaces import Label
from inspector.views.view import View

_WIDTH_PX, _ABOUT_PX = 600, 36
"""Of what is said of the choice: two lines."""

_KEYS = tr("← → samples · ↑ ↓ form · Enter exports")
_THEMES = (("light", tr("Light")), ("dark", tr("Dark")))


class _FormText(NamedTuple):
    """How a form is offered: on its button, in the file dialog, and what is in it."""

    title: str
    kind: str
    about: str


FORMS: Mapping[Form, _FormText] = {
    "csv": _FormText("CSV", tr("Table (*.csv)"), tr("numbers, marks and notes as a table")),
    "json": _FormText("JSON", tr("JSON document (*.json)"), tr("numbers, marks and notes as a document")),
    "png": _FormText(
        tr("Sheet PNG"), tr("Contact sheet (*.png)"), tr("one picture of all, with captions and a legend")
    ),
    "pdf": _FormText(tr("Sheet PDF"), tr("Contact sheet (*.pdf)"), tr("pages of pictures, with captions and a legend")),
    "folder": _FormText(tr("Pictures"), "", tr("a new folder with a PNG of each, in its own size")),
}
TABLES: tuple[Form, ...] = ("csv", "json")
CHOICES: Mapping[str, str] = {which: f"{text[0].upper()}{text[1:]}" for which, text in WHICH.items()}
_NOTHING = np.zeros(0, np.int64)
_MOVES: Mapping[Qt.Key, tuple[str, int]] = {
    Qt.Key.Key_Left: ("which", -1),
    Qt.Key.Key_Right: ("which", 1),
    Qt.Key.Key_Up: ("form", -1),
    Qt.Key.Key_Down: ("form", 1),
}
_OBJECTS = tr("truth, prediction, error and stored values of each object")


class SampleExportSheet(Sheet):
    """Exports samples of the shown view.

    Attributes:
        which, form, theme: the choices.
        exports: the work.
    """

    def __init__(self, desk: Desk, tabs: Tabs, exports: SampleExports, parent: QWidget) -> None:
        super().__init__(tr("Export samples"), parent)
        self._desk, self._tabs, self.exports = desk, tabs, exports
        self._view: View | None = None
        self._source: Source | None = None
        self._chosen: dict[str, Samples] = {}
        self.which = Segmented(tuple(WHICH.items()), label=tr("Samples"), raised=True)
        self.form = Segmented([(form, text.title) for form, text in FORMS.items()], label=tr("Form"), raised=True)
        self.theme = Segmented(_THEMES, label=tr("Colours"), raised=True)
        self.about = Label(ink="dim", wrap=True)
        self.about.setMinimumSize(_WIDTH_PX, _ABOUT_PX)
        self.start = Button(tr("Export…"), primary=True)
        self.form.set_value("csv")
        self.theme.set_value("light")
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(10)
        for line, (text, control) in enumerate(
            ((tr("Samples"), self.which), (tr("As"), self.form), (tr("Colours"), self.theme))
        ):
            grid.addWidget(Label(text, ink="dim"), line, 0)
            grid.addWidget(control, line, 1, Qt.AlignmentFlag.AlignLeft)
        grid.setColumnStretch(1, 1)
        self.column.addLayout(grid)
        self.column.addSpacing(6)
        self.column.addWidget(self.about)
        foot = QHBoxLayout()
        foot.addWidget(Label(_KEYS, ink="faint", size_px=SMALL_PX))
        foot.addStretch(1)
        foot.addWidget(self.start)
        self.column.addSpacing(6)
        self.column.addLayout(foot)
        for choice in (self.which, self.form, self.theme):
            choice.chosen.connect(self._show)
        self.start.clicked.connect(self.export)

    def open_samples(self) -> None:
        """Offer the samples of the shown view, or say that it has none."""
        self._view = self._tabs.made(self._desk.state.tab)
        self._source = self._find_source()
        if self._source is None:
            self._tell(tr("There are no samples to export here; open a dump in Points, Slots or Features"))
            return
        self._chosen = {which: self._samples_of(self._source, which) for which in WHICH}
        self.which.set_choices([(which, f"{text} {len(self._chosen[which]):,}") for which, text in CHOICES.items()])
        there = [which for which, samples in self._chosen.items() if len(samples)]
        for which in WHICH:
            self.which.segment(which).setEnabled(which in there)
        if self.which.value() not in there:
            self.which.set_value(next(iter(there), None))
        self._show()
        self.open()

    def export(self) -> None:
        """Ask where to, and begin."""
        source, which, view = self._source, self.which.value(), self._view
        if source is None or which is None or not isinstance(view, SampleView):
            return
        form = cast("Form", self.form.value())
        out = self._ask(source, which, form)
        if not out:
            return
        wanted = Wanted(
            samples=self._chosen[which],
            about=about_text(which, gallery_of(source.view_state.galleries, source.view).filter),
            form=form,
            out=out,
            theme=cast("Theme", self.theme.value()),
            paint_points=view.gallery.tiles.paint_points,
            caption_of=view.gallery.caption_of,
        )
        if self.exports.begin(source, wanted):
            self.hide()

    def _find_source(self) -> Source | None:
        if self._desk.state.tab not in VIEWS or self._view is None:
            return None
        scene = self._view.parts.get(SAMPLES)
        return source_of(self._desk, self._desk.state.tab, scene if isinstance(scene, SamplesScene) else None)

    def _samples_of(self, source: Source, which: str) -> Samples:
        selected = self._view.gallery.marking.selected() if isinstance(self._view, SampleView) else _NOTHING
        gallery = gallery_of(source.view_state.galleries, source.view)
        return chosen_samples(which, source.scene.table, gallery, source.marks, selected).samples

    def _show(self) -> None:
        """Say what would be written."""
        source, form = self._source, cast("Form", self.form.value())
        if source is None:
            return
        self.theme.setEnabled(form not in TABLES)
        count = len(self._chosen.get(self.which.value() or "", ()))
        of = tr("{samples} of {dump}: {what}")
        samples, dump = tr_counted(count, "sample"), visible(source.place, 80)
        about = [of.format(samples=samples, dump=dump, what=FORMS[form].about)]
        if form in TABLES and source.view in WITH_OBJECTS:
            about.append(_OBJECTS)
        table = source.scene.table
        if not table.whole:
            read = tr_many(
                "{read:,} of {samples:,} sample is read so far",
                "{read:,} of {samples:,} samples are read so far",
                table.samples,
            )
            about.append(read.format(read=table.scanned, samples=table.samples))
        self.about.setText("; ".join(about))
        self.start.setEnabled(count > 0)

    def _ask(self, source: Source, which: str, form: Form) -> str:
        """Where to write; empty for nowhere."""
        start = start_folder()
        name = file_name(f"{source.run.name}-{source.view}-{which}", "samples")
        if form == "folder":
            folder = QFileDialog.getExistingDirectory(
                self.window(), tr("Folder to put a folder of pictures into"), start
            )
            out = _free(Path(folder) / name) if folder else None
        else:
            suggested = str(Path(start) / f"{name}.{form}")
            chosen, _kind = QFileDialog.getSaveFileName(
                self.window(), tr("Export samples"), suggested, FORMS[form].kind
            )
            out = Path(chosen) if chosen else None
            if out is not None and out.suffix.lower() != f".{form}":
                out = out.with_name(f"{out.name}.{form}")
                if there(out) is not None:  # the dialog has asked about another name
                    sentence = tr("{file} is there already; choose another name")
                    self._tell(sentence.format(file=visible(str(out))))
                    return ""
        if out is None:
            return ""
        save_folder(str(out.parent))
        return str(out)

    def _move(self, choice: Segmented, by: int) -> None:
        """Choose the next segment that can be chosen, or the one before."""
        values = [value for value in choice.choices() if choice.segment(value).isEnabled()]
        if values:
            now = choice.value()
            place = values.index(now) if now in values else 0
            choice.set_value(values[min(max(place + by, 0), len(values) - 1)])
            self._show()

    def _tell(self, sentence: str) -> None:
        self._desk.message.emit(Message(sentence))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.export()
        elif key in _MOVES:
            row, by = _MOVES[Qt.Key(key)]
            self._move(self.which if row == "which" else self.form, by)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.installEventFilter(keeper(ENTER | MOVE))
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.removeEventFilter(keeper(ENTER | MOVE))
        super().focusOutEvent(event)


def _free(path: Path) -> Path:
    """The path, with a number where something stands there."""
    free, number = path, 2
    while there(free) is not None:
        free = path.with_name(f"{path.name}-{number}")
        number += 1
    return free

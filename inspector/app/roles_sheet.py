"""What each dataset of a dump holds, why, and a choice for where that is wrong."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from inspector.app.convention_menu import convention_items, short_text, with_choice
from inspector.app.desk import Desk
from inspector.app.news import Message
from inspector.app.sheets import Sheet
from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.display.nearest import entry_at
from inspector.formats.dump import Role, is_layout
from inspector.formats.facts import DatasetFacts, DumpFacts
from inspector.formats.role_corrections import BY_HAND, pattern_of
from inspector.formats.role_needs import POINTS
from inspector.runs.values import FileEntry
from inspector.session.intents import ConventionsChosen, RoleCorrected
from inspector.views.controls import SearchField
from inspector.views.fonts import SMALL_PX
from inspector.views.menu_button import MenuButton, MenuItem
from inspector.views.surfaces import Label, bare_corner, scrolled

MAX_ROWS = 80
"""Datasets that are listed; those that views draw come first."""

LAYOUT_PX, REASON_PX, HEIGHT_PX, MAX_WIDTH_PX = 90, 320, 460, 1200
GUESSED = "guessed"
"""The item of a menu that takes a correction back."""

_LAST = (Role.METADATA, Role.STATISTIC)
_LETTERS = tr(
    "N sample · F frame · I iteration · L layer · A head · K slot · P position · Q query · H height · W width"
    " · C channel · D feature"
)


class RolesSheet(Sheet):
    """The datasets of the dump at the cursor."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(tr("Datasets of the dump"), parent)
        self._desk = desk
        self._entry: FileEntry | None = None
        self.heading = Label(ink="dim", wrap=True)
        self.column.addWidget(self.heading)
        self.rows: dict[str, _Row] = {}
        self._grid_parent = QWidget()
        self._grid = QGridLayout(self._grid_parent)
        self._grid.setHorizontalSpacing(14)
        self._area = scrolled(self._grid_parent, tr("Datasets of the dump"))
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        bare_corner(self._area)
        self.let_give_way(self._area, self._area_size)
        self.column.addWidget(self._area)
        self.column.addWidget(Label(_LETTERS, ink="faint", size_px=SMALL_PX))

    def open_dump(self) -> None:
        """Show the dump at the cursor, or say that there is none."""
        chosen = self._desk.chosen()
        entry = entry_at(*chosen, DumpFacts) if chosen else None
        if entry is None:
            self._desk.message.emit(Message(tr("No dump is open; open a run or a file that has one")))
            return
        self._show(entry)
        self.open()

    def showEvent(self, event: QShowEvent) -> None:
        self._desk.run_changed.connect(self._on_run_changed)
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._desk.run_changed.disconnect(self._on_run_changed)
        super().hideEvent(event)

    def _on_run_changed(self, key: str) -> None:
        run = self._desk.run(key)
        path = self._entry.path if self._entry else ""
        entry = next((one for one in run.files if one.path == path), None) if run else None
        if entry is not None and entry is not self._entry:
            self._show(entry)

    def _show(self, entry: FileEntry) -> None:
        assert isinstance(entry.facts, DumpFacts)
        self._entry = entry
        name = entry.path.rpartition("/")[2]
        ordered = sorted(entry.facts.datasets, key=lambda one: one.role in _LAST)
        more = len(ordered) - MAX_ROWS
        about = tr("{dump}: what views take each dataset for. A choice holds for all files called {pattern}")
        if more > 0:
            about = tr(
                "{dump}: what views take each dataset for. A choice holds for all files called {pattern}. The first "
                "{listed} of {datasets:,} are listed"
            )
        self.heading.setText(
            about.format(dump=visible(name), pattern=visible(pattern_of(name)), listed=MAX_ROWS, datasets=len(ordered))
        )
        shown = ordered[:MAX_ROWS]
        if [one.path for one in shown] != list(self.rows):
            self._make_rows(shown)
        for dataset in shown:
            self.rows[dataset.path].show_facts(dataset)
        self._grid.activate()

    def _area_size(self) -> QSize:
        return QSize(min(MAX_WIDTH_PX, self._grid_parent.sizeHint().width() + 16), HEIGHT_PX)

    def _make_rows(self, datasets: list[DatasetFacts]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self.rows = {}
        for line, dataset in enumerate(datasets):
            row = self.rows[dataset.path] = _Row(dataset.path)
            row.role.chosen.connect(partial(self._on_role, dataset.path))
            row.layout.editingFinished.connect(partial(self._on_layout, dataset.path))
            row.convention.chosen.connect(partial(self._on_convention, dataset.path))
            self._grid.addWidget(row.convention, line, 3, Qt.AlignmentFlag.AlignVCenter)
            for column, widget in enumerate((row.name, row.shape, row.role, row.layout, row.reason)):
                self._grid.addWidget(widget, line, column, Qt.AlignmentFlag.AlignVCenter)
        self._grid.setRowStretch(len(datasets), 1)

    def _on_role(self, path: str, role: str) -> None:
        self._correct(path, "" if role == GUESSED else role, "")

    def _on_convention(self, path: str, key: str) -> None:
        row = self.rows.get(path)
        if row is None or row.facts is None or self._entry is None:
            return
        pattern = pattern_of(self._entry.path.rpartition("/")[2])
        self._desk.dispatch(ConventionsChosen(pattern, {path: with_choice(row.facts.convention, key)}))

    def _on_layout(self, path: str) -> None:
        row = self.rows.get(path)
        if row is None or row.facts is None:
            return
        layout = row.layout.text().strip().upper()
        if layout == row.facts.layout:
            row.layout.setText(layout)
            row.layout.set_wrong(wrong=False)
            return
        fits = is_layout(layout, len(row.facts.shape))
        row.layout.set_wrong(wrong=not fits)
        if fits:
            self._correct(path, row.facts.role, layout)

    def _correct(self, path: str, role: str, layout: str) -> None:
        if self._entry is not None:
            pattern = pattern_of(self._entry.path.rpartition("/")[2])
            self._desk.dispatch(RoleCorrected(pattern, path, role, layout))


class _Row:
    """The widgets of one dataset."""

    def __init__(self, path: str) -> None:
        self.facts: DatasetFacts | None = None
        self.name = Label(visible(path, 40), mono=True, size_px=SMALL_PX)
        self.name.setToolTip(visible(path))
        self.shape = Label(ink="dim", mono=True, size_px=SMALL_PX)
        self.role = MenuButton(says=tr("Role of {dataset}").format(dataset=visible(path, 80)))
        self.layout = SearchField(tr("layout"), mono=True)
        self.layout.setAccessibleName(tr("Layout of {dataset}").format(dataset=visible(path, 80)))
        self.layout.setFixedWidth(LAYOUT_PX)
        read = tr("How the points of {dataset} are read").format(dataset=visible(path, 80))
        self.convention = MenuButton(says=read)
        self.reason = Label(ink="dim", size_px=SMALL_PX, wrap=True)
        self.reason.setFixedWidth(REASON_PX)

    def show_facts(self, dataset: DatasetFacts) -> None:
        """What the dataset holds now."""
        self.facts = dataset
        shape = "×".join(map(str, dataset.shape)) or tr("scalar")
        self.shape.setText(f"{shape} {visible(dataset.dtype, 24)}")
        self.role.set_text(words(dataset.role))
        by_hand = dataset.because == BY_HAND
        roles = tuple(
            MenuItem(key=role, text=words(role), on=role == dataset.role, group="role")
            for role in sorted(Role, key=words)
        )
        back = MenuItem(key=GUESSED, text=tr("As guessed"), on=not by_hand, group="guess", enabled=by_hand)
        self.role.set_items((back, *roles))
        of_points = dataset.role in POINTS
        self.layout.setVisible(not of_points)
        self.convention.setVisible(of_points)
        self.convention.set_text(short_text(dataset.convention))
        self.convention.set_items(convention_items(dataset.convention))
        if not self.layout.hasFocus():
            self.layout.setText(dataset.layout)
        self.layout.set_wrong(wrong=False)
        self.reason.setText(visible(dataset.because))


def words(role: str) -> str:
    """A role as a person reads it (`true masks`)."""
    return _WORDS.get(role, role)


_WORDS: dict[str, str] = {
    Role.IMAGE: tr("image"),
    Role.GT_MASKS: tr("true masks"),
    Role.ATTENTION: tr("attention"),
    Role.DECODER_MASKS: tr("decoder masks"),
    Role.TOKEN_ATTENTION: tr("attention between tokens"),
    Role.SLOTS: tr("slots"),
    Role.RECONSTRUCTION: tr("reconstruction"),
    Role.SLOT_RECONSTRUCTION: tr("picture a slot"),
    Role.ACTIVATION: tr("activation"),
    Role.STATISTIC: tr("statistic"),
    Role.GT_POINTS: tr("true points"),
    Role.GT_POINTS_OFFSETS: tr("offsets of true points"),
    Role.PRED_POINTS: tr("predicted points"),
    Role.PRED_POINTS_OFFSETS: tr("offsets of predicted points"),
    Role.MARKED_POINTS: tr("marked objects"),
    Role.MARKED_POINTS_OFFSETS: tr("offsets of marked objects"),
    Role.CONFIDENCE: tr("confidence of predictions"),
    Role.GT_DONE: tr("true done"),
    Role.PRED_DONE: tr("predicted done"),
    Role.COUNT: tr("true count"),
    Role.PRED_COUNT: tr("predicted count"),
    Role.SEQUENCE_STEP: tr("sequence step"),
    Role.SAMPLE_SCALAR: tr("number a sample"),
    Role.METADATA: tr("metadata"),
    Role.UNKNOWN: tr("unknown"),
}

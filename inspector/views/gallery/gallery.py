"""The gallery: head and grid, what they show of the state, and what keys say of samples."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent, QRect, QTimer, Signal
from PySide6.QtGui import QPainter, QPixmap, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from inspector.core.units import counted, number_text
from inspector.display.gallery.bins import bins_of
from inspector.display.gallery.filters import filtered, said_of
from inspector.display.gallery.offers import SAMPLES, THUMBS
from inspector.display.gallery.order import Samples, Shown, ordered, shown_samples
from inspector.display.gallery.scene import SamplesScene, ThumbsScene
from inspector.display.offer import Scene
from inspector.formats.marks import NO_MARKS, UNMARKED, FileMarks, Mark, Marks
from inspector.formats.sample_table import SampleColumn, SampleTable
from inspector.session.gallery import GalleryState, gallery_of, with_range
from inspector.session.intents import GalleryChanged, Intent, ViewChanged
from inspector.session.triage import SamplesFlagged, SamplesNoted, SamplesTagged, marks_of, tags_of
from inspector.session.values import ViewState
from inspector.views.gallery.grid import SampleGrid
from inspector.views.gallery.head import Heads
from inspector.views.gallery.model import SampleModel
from inspector.views.gallery.tiles import Kept, PaintPoints, Picture, painted, pictures_of
from inspector.views.surfaces import Label
from inspector.views.theme import colour, tokens

ASK_AFTER_MS = 40
"""While a hand scrolls, thumbnails are asked for at most so often."""

TILE_PX = 112
MOST_WANTED = 240

_EMPTY = SampleTable(samples=0)


class Gallery(QWidget):
    """The samples of the dump that a view shows.

    Args:
        viewer: the key of the tab that it belongs to.
        tile_px: the width of a tile, about.
        paint_points: paints the points of a sample over its thumbnail.

    Signals:
        intent: a value of `session.intents`.
        opened: a sample that was pressed twice, or opened with Enter.
        more: the key of the part whose scan is to go on.
    """

    intent = Signal(object)
    opened = Signal(int)
    more = Signal(str)

    def __init__(
        self,
        viewer: str,
        parent: QWidget | None = None,
        *,
        tile_px: int = TILE_PX,
        paint_points: PaintPoints | None = None,
    ) -> None:
        super().__init__(parent)
        self.viewer = viewer
        self._paint_points = paint_points
        self._state = GalleryState(viewer=viewer)
        self._path = ""
        self._table = _EMPTY
        self._sample = 0
        self._triage: FileMarks = {}
        self._marks: Marks = NO_MARKS
        self._look = ""
        self._order: tuple[SampleTable, str, bool, Samples] | None = None
        self._shown_of: tuple[object, ...] = ()
        self._shown: Shown | None = None
        self._pictures: Kept[Picture] = Kept()
        self._tiles: Kept[tuple[tuple[object, ...], QPixmap]] = Kept()
        self.model = SampleModel(self.text_of, self)
        self.grid = SampleGrid(self.model, self._paint_tile, tile_px)
        self.heads = Heads()
        self.problem = Label(ink="warning", wrap=True)
        self.problem.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self.heads, self.problem):
            column.addWidget(widget)
        column.addWidget(self.grid, 1)
        self._asking = QTimer(self, singleShot=True, interval=ASK_AFTER_MS)
        self._asking.timeout.connect(self._ask)
        self.grid.scrolled.connect(self._ask_soon)
        self.grid.chosen.connect(self._on_chosen)
        self.grid.opened.connect(self.opened)
        self.heads.head.changed.connect(self._change)
        self.heads.head.unranged.connect(self._on_unranged)
        self.heads.head.histogram.brushed.connect(self._on_brushed)

    @property
    def head(self) -> QWidget:
        """The row of controls."""
        return self.heads.head

    def draw_part(self, part: str, scene: Scene) -> bool:
        """Show what a reader prepared; whether it is a part of the gallery."""
        if part == SAMPLES and isinstance(scene, SamplesScene):
            self.show_samples(scene)
        elif part == THUMBS and isinstance(scene, ThumbsScene):
            self.show_thumbs(scene)
        return part in (SAMPLES, THUMBS)

    def say_of_part(self, part: str, sentence: str) -> bool:
        """Say why a part of the gallery is missing; whether it is one."""
        if part in (SAMPLES, THUMBS):
            self.problem.setText(sentence)
            self.problem.show()
        return part in (SAMPLES, THUMBS)

    def show_samples(self, scene: SamplesScene) -> None:
        """Show the numbers of samples; those of another dump come without the thumbnails of the one before."""
        if scene.path != self._path:
            self._forget_pictures()
        self._path, self._table = scene.path, scene.table
        self.problem.setVisible(bool(scene.table.notes))
        self.problem.setText("\n".join(scene.table.notes))
        self.grid.set_aspect(scene.aspect)
        self._marks = marks_of(self._triage, self._path)
        self._refresh()
        if not scene.table.whole:
            self.more.emit(f"{self.viewer}.{SAMPLES}")

    def show_thumbs(self, scene: ThumbsScene) -> None:
        """Show thumbnails; those of another look take the place of all."""
        if scene.look != self._look:
            self._forget_pictures()
            self._look = scene.look
        for sample, picture in pictures_of(scene).items():
            self._pictures.put(sample, picture, picture.pixels.nbytes + picture.points.nbytes)
            self._tiles.drop(sample)
        self.grid.renew()
        self._ask_soon()

    def set_paint_points(self, paint: PaintPoints) -> None:
        """Paint the points of samples otherwise."""
        self._paint_points = paint
        self._tiles.clear()
        self.grid.renew()

    def reflect(self, view_state: ViewState, triage: FileMarks) -> None:
        """Show what the session holds."""
        state = gallery_of(view_state.galleries, self.viewer)
        moved = view_state.sample != self._sample
        if moved or state != self._state or triage is not self._triage:
            self._state, self._sample, self._triage = state, view_state.sample, triage
            self._marks = marks_of(triage, self._path)
            self._refresh(scroll=moved)

    def pending(self) -> bool:
        """Whether thumbnails are about to be asked for or painted."""
        return self.isVisible() and (self._asking.isActive() or self.grid.pending())

    def ready(self) -> bool:
        """Whether there are samples to step through."""
        return self._shown is not None and self._shown.samples.size > 0

    def step(self, by: int) -> None:
        """Choose the next sample of the order shown, or the one before."""
        row = self.model.row_of(self._sample)
        last = len(self.model.samples) - 1
        start = (-1 if by > 0 else last + 1) if row is None else row
        self._on_chosen(int(self.model.samples[min(max(start + by, 0), last)]))

    def flag(self) -> None:
        """Flag the selected samples, or take their flags where all have one."""
        samples = self.selected()
        flagged = self._all_said(samples, lambda mark: mark.flagged)
        self._tell(SamplesFlagged(self._path, samples, not flagged, time.time()))

    def tag(self) -> None:
        """Have a tag typed that the selected samples get, or lose where all have it."""
        samples = self.selected()

        def said(tag: str) -> None:
            if tag:
                tagged = self._all_said(samples, lambda mark: tag in mark.tags)
                self._tell(SamplesTagged(self._path, samples, tag, not tagged, time.time()))

        self.heads.ask(f"Tag {counted(len(samples), 'sample')}", "", tags_of(self._triage), said, self.grid)

    def note(self) -> None:
        """Have a note typed for the selected samples."""
        samples = self.selected()

        def said(note: str) -> None:
            self._tell(SamplesNoted(self._path, samples, note, time.time()))

        before = self.mark_of(int(samples[0])).note
        self.heads.ask(f"Note on {counted(len(samples), 'sample')}", before, (), said, self.grid)

    def focus_filter(self) -> None:
        """Type into the filter."""
        self.heads.head.filter.setFocus()

    def selected(self) -> Samples:
        """The samples that a mark is set on: those selected together with the chosen one, else that one alone."""
        samples = self.grid.selected_samples()
        return samples if (samples == self._sample).any() else np.array([self._sample])

    def _all_said(self, samples: Samples, said: Callable[[Mark], bool]) -> bool:
        """Whether something is true of the marks of all these samples."""
        return bool(said_of(self._table.samples, self._marks, said)[samples].all())

    def mark_of(self, sample: int) -> Mark:
        """What was said of a sample."""
        return self._marks.get(sample, UNMARKED)

    def text_of(self, sample: int) -> str:
        """`sample 18, FG-ARI 0.04, flagged, #hard, two objects touch`."""
        column, mark = self._column(), self.mark_of(sample)
        picture = self._pictures.get(sample)
        parts = [f"sample {sample + 1}"]
        if column is not None:
            parts.append(f"{column.label} {value_text(float(column.values[sample]), column.unit)}")
        parts += ["flagged"] if mark.flagged else []
        parts += [f"#{tag}" for tag in mark.tags]
        parts += [text for text in (mark.note, picture.problem if picture else "") if text]
        return ", ".join(parts)

    def _column(self) -> SampleColumn | None:
        return self._table.column(self._state.order)

    def _refresh(self, *, scroll: bool = False) -> None:
        state, table = self._state, self._table
        by = (table, state.order, state.descending)
        if self._order is None or any(map(_other, self._order[:3], by)):
            self._order = (*by, ordered(table, state.order, descending=state.descending))
        of = (self._order[3], state.filter, state.ranges, self._marks)
        if self._shown is None or len(of) != len(self._shown_of) or any(map(_other, of, self._shown_of)):
            self._shown_of = of
            self._shown = shown_samples(table, state, self._marks, self._order[3])
            self._show_bins()
            self.model.show_samples(self._shown.samples)
        self.grid.show_current(self._sample, scroll=scroll)
        self.heads.head.show_state(state, table.columns, self.said(), self._shown.wrong)
        self.grid.renew()
        self._ask_soon()

    def said(self) -> str:
        """`17 of 300 · 4 flagged · 40% read`: where the chosen sample stands among those shown."""
        shown, samples = len(self.model.samples), self._table.samples
        row = self.model.row_of(self._sample)
        parts = [f"{row + 1:,} of {shown:,}" if row is not None else f"{shown:,}"]
        parts += [f"of {samples:,} samples"] if shown < samples else ["samples"]
        flagged = self._marks.where(lambda mark: mark.flagged).size
        texts = [" ".join(parts)] + ([f"{flagged:,} flagged"] if flagged else [])
        if not self._table.whole:
            texts.append(f"{self._table.scanned / self._table.samples:.0%} read")
        return " · ".join(texts)

    def _show_bins(self) -> None:
        state, table = self._state, self._table
        name = state.histogram or state.order
        column = table.column(name) or next(iter(table.columns), None)
        if column is None:
            self.heads.head.show_bins(None, None, None)
            return
        others = with_range(state.ranges, column.name, None)
        kept = filtered(table, state.filter, others, self._marks).kept
        self.heads.head.show_bins(column, bins_of(column.values, kept), state.range_of(column.name))

    def _paint_tile(self, painter: QPainter, sample: int, area: QRect, make: bool) -> bool:
        picture = self._pictures.get(sample)
        if picture is None:  # no text either: ninety of them are passed over in every frame of a fast scroll
            painter.fillRect(area, colour(tokens().panel))
            return True
        column, mark = self._column(), self.mark_of(sample)
        number = f"{sample + 1:,}" if column is None else value_text(float(column.values[sample]), column.unit)
        scale = self.devicePixelRatioF()
        made_of = (number, mark, area.size(), scale, tokens().panel)
        known = self._tiles.get(sample)
        ready = known is not None and known[0] == made_of
        if not ready and make:
            tile = painted(picture, area.size(), scale, number, mark, self._paint_points)
            known = made_of, tile
            self._tiles.put(sample, known, tile.width() * tile.height() * 4)
        if known is None:
            painter.fillRect(area, colour(tokens().panel))
        else:
            painter.drawPixmap(area.topLeft(), known[1])
        return ready or make

    def _forget_pictures(self) -> None:
        self._pictures.clear()
        self._tiles.clear()

    def _ask_soon(self) -> None:
        if not self._asking.isActive():
            self._asking.start()

    def _ask(self) -> None:
        """Ask for the thumbnails that are missing on the screen; once they are there, for those of the next page."""
        if not self.isVisible() or not self._table.samples:
            return
        rows = self.grid.shown_rows()
        below = range(rows.stop, min(rows.stop + len(rows), len(self.model.samples)))
        for page in (rows, below):
            samples = self.model.samples[page.start : page.stop].tolist()
            wanted = tuple(sample for sample in samples if sample not in self._pictures)[:MOST_WANTED]
            if wanted:
                if wanted != self._state.wanted:
                    self._change({"wanted": wanted})
                return

    def _on_chosen(self, sample: int) -> None:
        if sample != self._sample:
            self._tell(ViewChanged({"sample": sample}))

    def _on_brushed(self, ends: tuple[float, float] | None) -> None:
        column = self._table.column(self._state.histogram or self._state.order) or next(iter(self._table.columns), None)
        if column is not None:
            self._change({"ranges": with_range(self._state.ranges, column.name, ends)})

    def _on_unranged(self, column: str) -> None:
        self._change({"ranges": with_range(self._state.ranges, column, None)})

    def _change(self, changes: dict[str, object]) -> None:
        self._tell(GalleryChanged(self.viewer, changes))

    def _tell(self, intent: Intent) -> None:
        self.intent.emit(intent)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask_soon()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.grid.renew()


def value_text(value: float, unit: str = "") -> str:
    """`0.04`, `23.4 px`, `3`; a dash where undefined."""
    if math.isnan(value):
        return "–"
    if unit:
        shown = f"{value:.1f}"
    elif value == round(value) or abs(value) >= 10:
        shown = number_text(float(f"{value:.3g}"))
    else:
        shown = f"{round(value, 2) + 0.0:.2f}"  # adding 0.0 makes a negative zero positive
    return f"{shown.replace('-', '−')} {unit}".rstrip()


def _other(one: object, other: object) -> bool:
    """Whether two things differ; arrays and marks by identity."""
    return one is not other and (not isinstance(one, str | tuple) or one != other)

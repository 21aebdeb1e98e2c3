"""The gallery: head and grid, what they show of the state, and what keys say of samples."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Signal
from PySide6.QtGui import QHideEvent, QPainter, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from inspector.display.gallery.offers import SAMPLES, THUMBS
from inspector.display.gallery.scene import SamplesScene, ThumbsScene
from inspector.display.offer import Scene
from inspector.formats.marks import FileMarks
from inspector.formats.sample_table import SampleColumn, SampleTable
from inspector.session.gallery import WORST_FIRST, GalleryState, gallery_of, with_range
from inspector.session.intents import GalleryChanged, Intent, ViewChanged
from inspector.session.sample_lists import SampleLists
from inspector.session.values import ViewState
from inspector.views.gallery.brushing import brushed_column, show_histogram
from inspector.views.gallery.filtering import Filtering
from inspector.views.gallery.grid import SampleGrid
from inspector.views.gallery.head import Heads
from inspector.views.gallery.looking import Looking
from inspector.views.gallery.marking import Marking
from inspector.views.gallery.model import SampleModel
from inspector.views.gallery.sample_tiles import SampleTiles
from inspector.views.gallery.shown_order import ShownOrder
from inspector.views.gallery.texts import CaptionOf, CountText, count_text, plain_caption, sample_text
from inspector.views.gallery.tiles import PaintPoints
from inspector.views.gallery.wanting import Wanting
from inspector.views.surfaces import Label, ground_warning
from inspector.views.theme import colour, tokens

TILE_PX = 112

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

    Attributes:
        caption_of: what stands under each sample.
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
        self._state = GalleryState(viewer=viewer)
        self._path = ""
        self._table = _EMPTY
        self._sample = 0
        self._ever_chosen = False
        self._triage: FileMarks = {}
        self.caption_of: CaptionOf = plain_caption
        self.tiles = SampleTiles(paint_points)
        self.model = SampleModel(self.text_of, self)
        self._order = ShownOrder(self.model)
        self.grid = SampleGrid(self.model, self._paint_tile, tile_px)
        self.heads = Heads()
        self.marking = Marking(self.grid, self.heads, self._tell)
        self.filtering = Filtering(viewer, self.grid, self.heads, self._tell)
        self.looking = Looking(self._tell, self)
        self.wanting = Wanting(self.grid, self.model, self.tiles, self._want)
        self.problem = Label(ink="warning", wrap=True)
        ground_warning(self.problem)
        self.problem.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self.heads, self.problem):
            column.addWidget(widget)
        column.addWidget(self.grid, 1)
        self.grid.scrolled.connect(self.wanting.soon)
        self.grid.chosen.connect(self._on_chosen)
        self.grid.opened.connect(self.opened)
        self.heads.head.changed.connect(self._change)
        self.heads.head.unranged.connect(self._on_unranged)
        self.heads.head.histogram.brushed.connect(self._on_brushed)
        self.heads.head.filter_chosen.connect(self.filtering.do)
        self.heads.head.filter.returnPressed.connect(self._on_filter_typed)
        self.grid.menu_wanted.connect(self.marking.open_menu)
        self.grid.selectionModel().selectionChanged.connect(self._on_selected)

    @property
    def head(self) -> QWidget:
        """The row of controls."""
        return self.heads.head

    @property
    def sample(self) -> int:
        """The chosen sample; the last, as in every view, where the dump does not have so many."""
        return min(self._sample, self._table.samples - 1) if self._table.samples else self._sample

    @property
    def table(self) -> SampleTable:
        """The numbers of all samples, as far as they are known."""
        return self._table

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
            self.tiles.forget()
        self._path, self._table = scene.path, scene.table
        self.problem.setVisible(bool(scene.table.notes))
        self.problem.setText("\n".join(scene.table.notes))
        self.grid.set_aspect(scene.aspect)
        self.marking.show(self._path, self.sample, self._triage)
        self._refresh()
        if not scene.table.whole:
            self.more.emit(f"{self.viewer}.{SAMPLES}")

    def show_thumbs(self, scene: ThumbsScene) -> None:
        """Show thumbnails; those of another look take the place of all."""
        self.tiles.take(scene)
        self.grid.renew()
        self.wanting.soon()

    def set_paint_points(self, paint: PaintPoints) -> None:
        """Paint the points of samples otherwise."""
        self.tiles.set_paint_points(paint)
        self.grid.renew()

    def set_caption(self, caption_of: CaptionOf) -> None:
        """Write on the foot of tiles otherwise."""
        self.caption_of = caption_of
        self.grid.renew()

    def reflect(self, view_state: ViewState, triage: FileMarks, lists: SampleLists) -> None:
        """Show what the session holds."""
        state = gallery_of(view_state.galleries, self.viewer)
        self.marking.own_tags, self.marking.advancing = lists.tags, view_state.auto_advance
        self.filtering.show(state, lists, advancing=view_state.auto_advance)
        moved = view_state.sample != self._sample
        self._ever_chosen |= moved
        if moved:
            self._order.leave()
        if moved or state != self._state or triage is not self._triage:
            self._state, self._sample, self._triage = state, view_state.sample, triage
            self.marking.show(self._path, self.sample, triage)
            self._refresh(scroll=moved)

    def pending(self) -> bool:
        """Whether thumbnails are about to be asked for or painted."""
        return self.isVisible() and (self.wanting.waiting or self.grid.pending())

    def ready(self) -> bool:
        """Whether there are samples to step through."""
        return self._order.shown is not None and self._order.shown.samples.size > 0

    def step(self, by: int) -> None:
        """Choose the next sample of the order shown, or the one before, also of one that a mark made vanish."""
        row = self._order.row_from(self.sample, by)
        self._choose(int(self.model.samples[row]), row + (1 if by > 0 else -1))

    def sort_worst_first(self) -> None:
        """Sort as at first, and choose what comes first."""
        order, descending = WORST_FIRST.get(self.viewer, (self._state.order, self._state.descending))
        self.sort_by(order, descending=descending)

    def sort_by(self, order: str, *, descending: bool) -> None:
        """Sort by a column, and choose what comes first."""
        self._change({"order": order, "descending": descending})
        self._choose_first()

    def _choose_first(self) -> None:
        if self.model.samples.size:
            self._on_chosen(int(self.model.samples[0]))

    def focus_filter(self) -> None:
        """Type into the filter."""
        self.heads.head.filter.setFocus()

    def text_of(self, sample: int) -> str:
        """All that is shown and said of a sample, in words."""
        return sample_text(sample, self._column(), self.marking.of(sample), self.tiles.problem_of(sample))

    def _column(self) -> SampleColumn | None:
        return self._table.column(self._state.order)

    def _refresh(self, *, scroll: bool = False) -> None:
        state, table = self._state, self._table
        shown, is_new, by_marks = self._order.renewed(table, state, self.marking.marks, self.sample)
        if is_new:
            row = self.model.row_of(self.sample)
            in_sight = row is not None and row in self.grid.shown_rows()
            show_histogram(self.heads.head, table, state, self.marking.marks)
            others = self.grid.show_samples(shown.samples, stay=by_marks)
            # Until one is chosen, the first ones are looked at: the worst.
            scroll = scroll or (others and (in_sight or not by_marks) and self._ever_chosen)
        self.grid.show_current(self.sample, scroll=scroll)
        if self.isVisible() and table.samples:
            self.looking.at(self._path, self.sample)
        brushed = brushed_column(table, state)
        self.heads.head.show_state(state, table.columns, self.said(), shown.wrong, brushed)
        self.grid.renew()
        self.wanting.soon()

    def said(self) -> CountText:
        """Where the chosen sample stands among those shown, and how many there are."""
        row = self.model.row_of(self.sample)
        selected, flagged, rejected = self.grid.selected(), self.marking.flagged(), self.marking.rejected()
        return count_text(self._table, len(self.model.samples), row, flagged, rejected, selected)

    def _paint_tile(self, painter: QPainter, sample: int, area: QRect, make: bool) -> bool:
        if sample not in self.tiles:  # no text either: ninety of them are passed over in every frame of a fast scroll
            painter.fillRect(area, colour(tokens().panel))
            return True
        caption, mark = self.caption_of(self._table, sample, self._column()), self.marking.of(sample)
        return self.tiles.paint(painter, sample, area, caption, mark, self.devicePixelRatioF(), make=make)

    def _want(self, samples: tuple[int, ...]) -> bool:
        """Have thumbnails made; whether they were not asked for already."""
        others = samples != self._state.wanted
        if others:
            self._change({"wanted": samples})
        return others

    def _on_chosen(self, sample: int) -> None:
        row = self.model.row_of(sample)
        self._choose(sample, -1 if row is None else row + 1)

    def _choose(self, sample: int, next_row: int) -> None:
        """Choose a sample, and say which one is likely to be chosen next."""
        if sample != self._sample:
            known = 0 <= next_row < len(self.model.samples)
            after = (sample, int(self.model.samples[next_row])) if known else None
            self._tell(ViewChanged({"sample": sample, "after_sample": after}))

    def _on_filter_typed(self) -> None:
        """Go on among what the filter keeps."""
        self.grid.setFocus()
        if self.model.row_of(self.sample) is None:
            self._choose_first()

    def _on_brushed(self, ends: tuple[float, float] | None) -> None:
        column = brushed_column(self._table, self._state)
        if column is not None:
            self._change({"ranges": with_range(self._state.ranges, column.name, ends)})

    def _on_selected(self) -> None:
        self.heads.head.show_said(self.said())

    def _on_unranged(self, column: str) -> None:
        self._change({"ranges": with_range(self._state.ranges, column, None)})

    def _change(self, changes: dict[str, object]) -> None:
        self._tell(GalleryChanged(self.viewer, changes))

    def _tell(self, intent: Intent) -> None:
        self.intent.emit(intent)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.wanting.soon()
        if self._table.samples:
            self.looking.at(self._path, self.sample)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.looking.away()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.grid.renew()

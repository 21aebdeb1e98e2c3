"""The Points tab: toolbar, samples, histogram and the chosen sample's figures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from inspector.core.language import tr
from inspector.display.gallery.offers import SAMPLES
from inspector.display.offer import Scene
from inspector.display.points.compared.judge import COMPARED
from inspector.display.points.compared.scene import ComparedScene
from inspector.display.points.pattern.judge import PATTERN
from inspector.display.points.pattern.scene import DumpChoice, PatternScene
from inspector.display.points.plots.judge import PLOTS
from inspector.display.points.plots.scene import PlotsScene
from inspector.display.points.scene import UNKNOWN, DetailRow, PointsScene
from inspector.formats.marks import FileMarks
from inspector.session.gallery import gallery_of
from inspector.session.intents import ViewChanged
from inspector.session.sample_lists import SampleLists
from inspector.session.values import RunState, ViewState
from inspector.views.elided import ElidedLabel
from inspector.views.fonts import SMALL_PX
from inspector.views.gallery.gallery import Gallery
from inspector.views.gallery.holder import SampleView
from inspector.views.gallery.texts import value_text
from inspector.views.notes import NotesArea
from inspector.views.points.captions import points_caption
from inspector.views.points.comparison import Comparison
from inspector.views.points.overlay import paint_rows
from inspector.views.points.pattern_strip import PatternStrip
from inspector.views.points.plots.holder import PointPlots
from inspector.views.points.reading_strip import ReadingStrip
from inspector.views.points.shown import Shown, shown_of
from inspector.views.points.single import SinglePicture
from inspector.views.points.toolbar import PointsToolbar
from inspector.views.told import SampleTold

KEY = "points"
TILE_PX = 184
_CARDS_PX, _LEAST_CARDS_PX, _CARDS_SHARE = 186, 118, 0.25
"""How high the plots under the samples are: a share of the view, none where less than that would be left of them."""

_HEADS = DetailRow("", tr("gt"), tr("pred"), tr("err px"), tr("conf"))


class PointsView(SampleView):
    """Where the objects are and where the model says they are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Gallery(KEY, tile_px=TILE_PX), parent)
        self.toolbar = PointsToolbar()
        self.single = SinglePicture()
        self.plots = PointPlots(self)
        self.notes = NotesArea()
        self.reading = ReadingStrip()
        self.pattern = PatternStrip()
        self.comparison = Comparison(self)
        self.about = ElidedLabel(ink="dim", size_px=SMALL_PX)
        self.shown = Shown()
        self._view_state = ViewState()
        self.gallery.set_paint_points(partial(paint_rows, self.shown))
        self.gallery.set_caption(points_caption)
        self._lay_out()
        self.toolbar.changed.connect(self._on_changed)
        self.toolbar.sorted.connect(self._on_sorted)
        self.single.left.connect(self._on_left)
        self.single.moved_by_hand.connect(self._on_moved)
        self.plots.intent.connect(self.tell)
        self.notes.read_on.clicked.connect(self.read_on)
        self.reading.intent.connect(self.tell)
        self.pattern.undone.connect(self._on_undone)
        self.comparison.intent.connect(self.tell)
        self.comparison.command.connect(self.command)
        self.reading.more.connect(self.toolbar.reading_button.open)
        self.toolbar.reading_button.sheet.intent.connect(self.tell)

    def _lay_out(self) -> None:
        self.toolbar.add(self.comparison.button)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.gallery)
        self._pages.addWidget(self.single)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(14, 10, 14, 12)
        column.setSpacing(12)
        column.addWidget(self.toolbar)
        column.addWidget(self.about)
        column.addWidget(self.reading)
        column.addWidget(self.pattern)
        column.addWidget(self.comparison.strip)
        column.addWidget(self.notes)
        column.addWidget(self.plots.page, 5)
        column.addWidget(self._pages, 3)
        column.addWidget(self.plots.cards)

    def draw(self, scene: PointsScene) -> None:
        self.notes.show_notes(scene.notes, limited=scene.limited)
        self.reading.show_reading(scene.reading)
        self.toolbar.reading_button.show_reading(scene.reading, self._view_state.match_radius_px)
        self.about.setText(scene.about)
        self.toolbar.offer(threshold=scene.threshold > 0, marked=scene.has_marked)
        self._show_points(shown_of(self._view_state, scene.threshold))
        self._show_tile(scene)
        self._caption_single()
        if self._view_state.zoom_error:
            self.single.look_at_error()

    def draw_part(self, part: str, scene: Scene) -> None:
        super().draw_part(part, scene)
        if part == SAMPLES:
            self.plots.show_kept(self.gallery.model.samples, self.gallery.table.samples)
            self._show_order()
            self._caption_single()
        elif part == PATTERN and isinstance(scene, PatternScene):
            self.pattern.show_scene(scene)
            self.comparison.offer(scene.others)
        elif part == COMPARED and isinstance(scene, ComparedScene):
            self.comparison.show_scene(scene)
            if isinstance(self.scene, PointsScene):
                self._show_tile(self.scene)
        elif part == PLOTS and isinstance(scene, PlotsScene):
            self.plots.show_scene(scene)

    def say_of_part(self, part: str, sentence: str) -> None:
        super().say_of_part(part, sentence)
        if part == PLOTS:
            self.plots.show_message(sentence)
        elif part == COMPARED:
            self.comparison.say(sentence)

    def reflect(self, _run_state: RunState | None, view_state: ViewState) -> None:
        zoomed = view_state.zoom_error != self._view_state.zoom_error
        self._view_state = view_state
        self.toolbar.reflect(view_state)
        self.comparison.reflect(view_state)
        self._show_order()
        self._pages.setCurrentWidget(self.single if view_state.point_layout == "single" else self.gallery)
        self.plots.reflect(view_state)
        self._show_points(shown_of(view_state, self.shown.threshold_value))
        if zoomed and view_state.zoom_error:
            self.single.look_at_error()

    def reflect_samples(self, view_state: ViewState, triage: FileMarks, lists: SampleLists) -> None:
        super().reflect_samples(view_state, triage, lists)
        self.plots.show_kept(self.gallery.model.samples, self.gallery.table.samples)

    def open_sample(self, sample: int) -> None:
        """Show a sample alone."""
        self.tell(ViewChanged({"sample": sample, "point_layout": "single"}))

    def zoom_to_error(self) -> None:
        """Show the part of a sample around its largest error, or all of it again."""
        if self._view_state.zoom_error and self._view_state.point_layout == "single":
            self.fit()
        else:
            self.tell(ViewChanged({"point_layout": "single", "zoom_error": True}))

    def fit(self) -> None:
        """Show the whole picture again."""
        self.single.fit()
        self._on_moved()

    def set_dumps(self, beside: Sequence[DumpChoice]) -> None:
        """Offer dumps of compared runs to hold this one against."""
        self.comparison.offer_beside(beside)

    def told_sample(self) -> SampleTold | None:
        """The chosen sample's points, error and done signal, and each of its objects where it has several."""
        scene = self.scene
        if not isinstance(scene, PointsScene):
            return None
        return SampleTold(
            title=scene.detail_title,
            lines=tuple((line.name, line.text) for line in scene.lines),
            rows=_table(scene.details) if len(scene.details) > 1 else (),
            mark=self.gallery.marking.of(scene.sample),
            pictured=True,
        )

    def sample_picture(self) -> QImage:
        """The chosen sample with its points as they are shown; null without one."""
        return self.single.copy(self.shown)

    def _show_tile(self, scene: PointsScene) -> None:
        """The chosen sample, with the predictions of the dump that it is compared with."""
        others = self.comparison.predictions(scene.sample)
        self.single.show_tile(msgspec.structs.replace(scene.tile, others=others), self.shown)

    def _show_points(self, shown: Shown) -> None:
        if shown != self.shown:
            self.shown = shown
            self.single.show_points(shown)
            self.gallery.set_paint_points(partial(paint_rows, shown))

    def _show_order(self) -> None:
        table = self.gallery.table
        state = gallery_of(self._view_state.galleries, KEY)
        self.toolbar.reflect_order(state, [column.name for column in table.columns])

    def _caption_single(self) -> None:
        if isinstance(self.scene, PointsScene):
            table, tile = self.gallery.table, self.scene.tile
            if table.columns:
                self.single.set_caption(*points_caption(table, tile.sample, table.column("err_px")))
            else:  # they may take long to read, where masks are among them
                self.single.set_caption(value_text(tile.error_px, "px"))

    def _on_changed(self, changes: dict[str, object]) -> None:
        self.tell(ViewChanged(changes))
        if changes == {"zoom_error": False}:
            self.single.fit()

    def _on_sorted(self, order: str, descending: bool) -> None:
        self.gallery.sort_by(order, descending=descending)

    def _on_undone(self, undone: bool) -> None:
        self.tell(ViewChanged({"undo_point_pattern": undone}))

    def _on_left(self) -> None:
        self.tell(ViewChanged({"point_layout": "grid"}))

    def _on_moved(self) -> None:
        if self._view_state.zoom_error:
            self.tell(ViewChanged({"zoom_error": False}))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        height_px = min(round(self.height() * _CARDS_SHARE), _CARDS_PX)
        self.plots.cards.setFixedHeight(height_px if height_px >= _LEAST_CARDS_PX else 0)


def _table(details: tuple[DetailRow, ...]) -> tuple[tuple[str, ...], ...]:
    """The objects of a sample under their heads, without columns in which nothing is known."""
    columns = zip(*map(msgspec.structs.astuple, (_HEADS, *details)), strict=True)
    return tuple(zip(*(column for column in columns if set(column[1:]) - {"", UNKNOWN}), strict=True))


def make(parent: QWidget | None = None) -> PointsView:
    """The widget of the Points tab."""
    return PointsView(parent)

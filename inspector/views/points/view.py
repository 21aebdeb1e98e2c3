"""The Points tab: toolbar, samples, histogram and the chosen sample's figures."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from inspector.display.points.scene import PointsScene
from inspector.session.intents import ViewChanged
from inspector.session.values import RunState, ViewState
from inspector.views.controls import LabelledSlider, Segmented
from inspector.views.flow import FlowLayout, labelled
from inspector.views.gallery.gallery import Gallery
from inspector.views.gallery.holder import SampleView
from inspector.views.notes import NotesArea
from inspector.views.pictures import PictureTile
from inspector.views.points.details import DetailCard, ErrorCard
from inspector.views.points.overlay import Shown, paint_pairs, paint_rows

_LAYOUTS = (("grid", "Grid"), ("single", "Single"))
_SHOWN = (("show_gt", "GT"), ("show_prediction", "Prediction"), ("show_error_line", "Error line"))

TILE_PX = 184


class PointsView(SampleView):
    """Where the objects are and where the model says they are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Gallery("points", tile_px=TILE_PX), parent)
        self.layout_choice = Segmented(_LAYOUTS, label="Layout")
        self.shown_choice = Segmented(_SHOWN, several=True, label="Show")
        self.ring_size = LabelledSlider("Size", low=0.5, high=2.5, decimals=None)
        self.single = PictureTile("single", smooth=True)
        self.errors = ErrorCard()
        self.details = DetailCard()
        self.notes = NotesArea()
        self.shown = Shown()
        self.gallery.set_paint_points(partial(paint_rows, self.shown))
        self.ring_size.set_value(1.0)
        self._lay_out()
        self.layout_choice.chosen.connect(self._on_layout)
        self.shown_choice.chosen.connect(self._on_shown)
        self.ring_size.moved.connect(self._on_size)
        self.single.opened.connect(self._on_closed)
        self.notes.read_on.clicked.connect(self.read_on)

    def _lay_out(self) -> None:
        controls = FlowLayout()
        controls.addWidget(self.layout_choice)
        controls.addWidget(labelled("Show", self.shown_choice))
        controls.addWidget(self.ring_size)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.gallery)
        self._pages.addWidget(self.single)
        below = QHBoxLayout()
        below.setSpacing(12)
        below.addWidget(self.errors, 1)
        below.addWidget(self.details, 1)
        for card in (self.errors, self.details):
            card.setFixedHeight(186)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(14, 10, 14, 12)
        column.setSpacing(12)
        column.addLayout(controls)
        column.addWidget(self.notes)
        column.addWidget(self._pages, 1)
        column.addLayout(below)

    def draw(self, scene: PointsScene) -> None:
        self.notes.show_notes(scene.notes, limited=scene.limited)
        self.errors.show_scene(scene)
        self.details.show_scene(scene)
        self.single.set_picture(scene.tile.picture)
        self.single.set_caption(scene.tile.error_text, scene.tile.count_text)
        self._overlay()

    def reflect(self, _run_state: RunState | None, view_state: ViewState) -> None:
        self.layout_choice.set_value(view_state.point_layout)
        self._pages.setCurrentWidget(self.single if view_state.point_layout == "single" else self.gallery)
        self.shown_choice.set_values([name for name, _text in _SHOWN if getattr(view_state, name)])
        self._show(
            Shown(view_state.show_gt, view_state.show_prediction, view_state.show_error_line, self.ring_size.value())
        )

    def open_sample(self, sample: int) -> None:
        """Show a sample alone."""
        self.tell(ViewChanged({"sample": sample, "point_layout": "single"}))

    def _show(self, shown: Shown) -> None:
        if shown != self.shown:
            self.shown = shown
            self._overlay()
            self.gallery.set_paint_points(partial(paint_rows, shown))

    def _overlay(self) -> None:
        if self.scene is not None:
            self.single.set_overlay(partial(paint_pairs, self.scene.tile.pairs, self.shown))

    def _on_layout(self, layout: str) -> None:
        self.tell(ViewChanged({"point_layout": layout}))

    def _on_shown(self, name: str) -> None:
        self.tell(ViewChanged({name: name in self.shown_choice.values()}))

    def _on_size(self, size: float) -> None:
        self._show(Shown(self.shown.gt, self.shown.prediction, self.shown.error_line, size))

    def _on_closed(self) -> None:
        self.tell(ViewChanged({"point_layout": "grid"}))


def make(parent: QWidget | None = None) -> PointsView:
    """The widget of the Points tab."""
    return PointsView(parent)

"""The Points tab: toolbar, samples, histogram and the chosen sample's figures."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from inspector.display.points.scene import PointsScene, PointTile
from inspector.session.intents import ViewChanged
from inspector.session.values import RunState, ViewState
from inspector.views.controls import Button, LabelledSlider, Segmented
from inspector.views.flow import FlowLayout, labelled
from inspector.views.pictures import PictureTile, TileGrid
from inspector.views.points.details import DetailCard, ErrorCard
from inspector.views.points.overlay import Shown, paint_pairs
from inspector.views.surfaces import Label, scrolled
from inspector.views.view import View

_LAYOUTS = (("grid", "Grid"), ("single", "Single"))
_ORDERS = (("error", "error ↓"), ("index", "index"))
_SHOWN = (("show_gt", "GT"), ("show_prediction", "Prediction"), ("show_error_line", "Error line"))

TILE_PX = 184


class PointsView(View):
    """Where the objects are and where the model says they are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.layout_choice = Segmented(_LAYOUTS, label="Layout")
        self.order = Segmented(_ORDERS, label="Sort samples by")
        self.shown_choice = Segmented(_SHOWN, several=True, label="Show")
        self.ring_size = LabelledSlider("Size", low=0.5, high=2.5, decimals=None)
        self.position = Label(ink="dim")
        self.back = Button(icon_name="chevron-left")
        self.forward = Button(icon_name="chevron-right")
        self.grid = TileGrid(tile_px=TILE_PX, smooth=True)
        self.single = PictureTile("single", smooth=True)
        self.errors = ErrorCard()
        self.details = DetailCard()
        self.notes = Label(ink="warning", wrap=True)
        self.shown = Shown()
        self.ring_size.set_value(1.0)
        self._lay_out()
        self.layout_choice.chosen.connect(self._on_layout)
        self.order.chosen.connect(self._on_order)
        self.shown_choice.chosen.connect(self._on_shown)
        self.ring_size.moved.connect(self._on_size)
        self.back.clicked.connect(self._on_back)
        self.forward.clicked.connect(self._on_forward)
        self.grid.clicked.connect(self._on_tile)
        self.grid.opened.connect(self._on_opened)
        self.single.opened.connect(self._on_closed)

    def _lay_out(self) -> None:
        controls = FlowLayout()
        controls.addWidget(self.layout_choice)
        for text, widget in (("Sort", self.order), ("Show", self.shown_choice)):
            controls.addWidget(labelled(text, widget))
        controls.addWidget(self.ring_size)
        bar = QHBoxLayout()
        bar.setSpacing(10)
        bar.addLayout(controls, 1)
        bar.addWidget(self.position)
        bar.addWidget(self.back)
        bar.addWidget(self.forward)
        self.back.setAccessibleName("Previous samples")
        self.forward.setAccessibleName("Next samples")
        scroll = scrolled(self.grid)
        self._pages = QStackedWidget()
        self._pages.addWidget(scroll)
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
        column.addLayout(bar)
        column.addWidget(self.notes)
        column.addWidget(self._pages, 1)
        column.addLayout(below)

    def draw(self, scene: PointsScene) -> None:
        self.position.setText(scene.page_text)
        self.back.setEnabled(scene.previous_page is not None)
        self.forward.setEnabled(scene.next_page is not None)
        self.notes.setText("\n".join(scene.notes))
        self.notes.setVisible(bool(scene.notes))
        self.errors.show_scene(scene)
        self.details.show_scene(scene)
        single = scene.layout == "single"
        self._pages.setCurrentIndex(int(single))
        tiles = () if single else scene.tiles
        self.grid.set_count(len(tiles))
        if tiles:
            height, width = tiles[0].picture.shape[:2]
            self.grid.set_shape(None, min(max(width / max(height, 1), 0.6), 1.8))
        for place, tile in enumerate(tiles):
            _fill(self.grid.tile(place), tile)
        if single and scene.tiles:
            _fill(self.single, scene.tiles[0])
        self._overlay()
        chosen = next((place for place, tile in enumerate(tiles) if tile.sample == scene.sample), None)
        self.grid.set_selected(chosen)

    def reflect(self, _run_state: RunState | None, view_state: ViewState) -> None:
        self.layout_choice.set_value(view_state.point_layout)
        self.order.set_value(view_state.point_order)
        self.shown_choice.set_values([name for name, _text in _SHOWN if getattr(view_state, name)])
        self._show(
            Shown(view_state.show_gt, view_state.show_prediction, view_state.show_error_line, self.ring_size.value())
        )

    def _show(self, shown: Shown) -> None:
        if shown != self.shown:
            self.shown = shown
            self._overlay()

    def _overlay(self) -> None:
        if self.scene is None or not self.scene.tiles:
            return
        if self.scene.layout == "single":
            self.single.set_overlay(partial(paint_pairs, self.scene.tiles[0].pairs, self.shown))
            return
        for picture, tile in zip(self.grid.tiles(), self.scene.tiles, strict=True):
            picture.set_overlay(partial(paint_pairs, tile.pairs, self.shown))

    def _on_layout(self, layout: str) -> None:
        self.tell(ViewChanged({"point_layout": layout}))

    def _on_order(self, order: str) -> None:
        self.tell(ViewChanged({"point_order": order}))

    def _on_shown(self, name: str) -> None:
        self.tell(ViewChanged({name: name in self.shown_choice.values()}))

    def _on_size(self, size: float) -> None:
        self._show(Shown(self.shown.gt, self.shown.prediction, self.shown.error_line, size))

    def _on_back(self) -> None:
        if self.scene is not None and self.scene.previous_page is not None:
            self.tell(ViewChanged({"sample": self.scene.previous_page}))

    def _on_forward(self) -> None:
        if self.scene is not None and self.scene.next_page is not None:
            self.tell(ViewChanged({"sample": self.scene.next_page}))

    def _on_tile(self, place: int) -> None:
        if self.scene is not None:
            self.tell(ViewChanged({"sample": self.scene.tiles[place].sample}))

    def _on_opened(self, place: int) -> None:
        if self.scene is not None:
            self.tell(ViewChanged({"sample": self.scene.tiles[place].sample, "point_layout": "single"}))

    def _on_closed(self) -> None:
        self.tell(ViewChanged({"point_layout": "grid"}))


def _fill(picture: PictureTile, tile: PointTile) -> None:
    picture.set_picture(tile.picture)
    picture.set_caption(tile.error_text, tile.count_text)


def make(parent: QWidget | None = None) -> PointsView:
    """The widget of the Points tab."""
    return PointsView(parent)

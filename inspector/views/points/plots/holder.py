"""The plots of points in their two places: cards under the grid, and the page of all of them."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from inspector.core.arrays import IntArray
from inspector.display.points.plots.scene import PlotsScene
from inspector.session.gallery import NumberRange, gallery_of
from inspector.session.intents import GalleryChanged, ViewChanged
from inspector.session.values import ViewState
from inspector.views.points.plots.cards import PlotCards
from inspector.views.points.plots.page import PlotsPage

KEY = "points"


class PointPlots(QObject):
    """Shows plots where they are looked at, and tells what is brushed.

    Signals:
        intent: a value of `session.intents`.
    """

    intent = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.cards = PlotCards()
        self.page = PlotsPage()
        self.page.hide()
        self._scene: PlotsScene | None = None
        self._on_page: PlotsScene | None = None
        self._view_state = ViewState()
        self._shown: IntArray | None = None
        for place in (self.cards, self.page):
            place.brushed.connect(self._on_brushed)
        self.page.chosen.connect(self._on_chosen)
        self.page.threshold.connect(self._on_threshold)

    def show_scene(self, scene: PlotsScene) -> None:
        """Show the plots of a dump."""
        self._scene = scene
        self.cards.show_scene(scene)
        self._show_places()
        self._show_page()

    def show_message(self, sentence: str) -> None:
        """Say why there are no plots."""
        self.page.show_message(sentence)

    def reflect(self, view_state: ViewState) -> None:
        """Show what the session holds."""
        self._view_state = view_state
        self._show_places()
        ranges = gallery_of(view_state.galleries, KEY).ranges
        self.cards.show_ranges(ranges)
        self.page.show_ranges(ranges)
        self.page.show_sample(view_state.sample)
        self.page.show_by_hand(view_state.point_threshold)
        self._show_page()

    def show_kept(self, shown: IntArray, samples: int) -> None:
        """Show which samples the gallery shows, of how many."""
        if shown is self._shown:
            return
        self._shown = shown
        kept = np.zeros(samples, bool)
        kept[shown] = True
        for place in (self.cards, self.page):
            place.show_kept(None if len(shown) >= samples else kept)

    def _show_places(self) -> None:
        paged = self._view_state.point_layout == "plots"
        self.page.setVisible(paged)
        self.cards.setVisible(not paged and not self.cards.empty)

    def _show_page(self) -> None:
        """Have the page show the plots once it is looked at."""
        if self._scene is not None and self._scene is not self._on_page and self._view_state.point_layout == "plots":
            self._on_page = self._scene
            self.page.show_scene(self._scene)

    def _on_brushed(self, columns: tuple[str, ...], ranges: tuple[NumberRange, ...]) -> None:
        others = [one for one in gallery_of(self._view_state.galleries, KEY).ranges if one.column not in columns]
        self.intent.emit(GalleryChanged(KEY, {"ranges": (*others, *ranges)}))

    def _on_chosen(self, sample: int) -> None:
        self.intent.emit(ViewChanged({"sample": sample}))

    def _on_threshold(self, threshold: float) -> None:
        self.intent.emit(ViewChanged({"point_threshold": threshold}))

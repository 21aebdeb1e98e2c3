"""Thumbnails that a gallery asks for: those missing on the screen, then those of the next page."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from inspector.views.gallery.model import SampleModel
from inspector.views.gallery.sample_tiles import SampleTiles
from inspector.views.gallery.tiled import TiledView

ASK_AFTER_MS = 40
"""While a hand scrolls, thumbnails are asked for at most so often."""

MOST_WANTED = 240


class Wanting(QObject):
    """Finds what is wanted, soon after something has changed.

    Args:
        grid: what is on the screen of the model.
        model: the samples.
        tiles: the thumbnails that are there.
        want: takes the samples that are wanted; whether they were not asked for already.
    """

    def __init__(
        self, grid: TiledView, model: SampleModel, tiles: SampleTiles, want: Callable[[tuple[int, ...]], bool]
    ) -> None:
        super().__init__(grid)
        self._grid = grid
        self._model = model
        self._tiles = tiles
        self._want = want
        self._asked_at_s = 0.0
        self._asking = QTimer(self, singleShot=True)
        self._asking.timeout.connect(self._ask)

    @property
    def waiting(self) -> bool:
        """Whether it is about to look what is wanted."""
        return self._asking.isActive()

    def soon(self) -> None:
        """Look what is wanted; after a rest, at once."""
        if not self._asking.isActive():
            since_ms = (time.monotonic() - self._asked_at_s) * 1000
            self._asking.start(max(0, round(ASK_AFTER_MS - since_ms)))

    def _ask(self) -> None:
        if not self._grid.isVisible():
            return
        samples, rows = self._model.samples, self._grid.shown_rows()
        below = range(rows.stop, min(rows.stop + len(rows), len(samples)))
        for page in (rows, below):
            shown = samples[page.start : page.stop].tolist()
            wanted = tuple(sample for sample in shown if sample not in self._tiles)[:MOST_WANTED]
            if wanted:
                before_s, self._asked_at_s = self._asked_at_s, time.monotonic()
                if not self._want(wanted):
                    self._asked_at_s = before_s
                return

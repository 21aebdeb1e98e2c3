"""Two rows of one slot: over the samples of its dump, and over the checkpoints of its run."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from inspector.core.language import tr
from inspector.display.slots.history.scene import HistoryScene, HistoryTile
from inspector.views.elided import ElidedLabel
from inspector.views.fonts import SMALL_PX
from inspector.views.icon_button import IconButton
from inspector.views.surfaces import Label
from inspector.views.tile_grid import TileGrid
from inspector.views.tips import plain_tip

_GAP_PX = 6
LEAST_TILE_PX = 64
"""Width of a sample's tile below which fewer samples are shown."""

FEWEST_SAMPLES = 3


class SlotHistory(QWidget):
    """The slot that is shown alone.

    Signals:
        sample_clicked: the number of a sample.
        dump_clicked: the tile (HistoryTile) of a dump.
        closed: all slots are wanted again.
    """

    sample_clicked = Signal(int)
    dump_clicked = Signal(object)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = ElidedLabel(ink="dim", size_px=SMALL_PX)
        self.close_button = IconButton("x", tr("Show all slots"))
        self.close_button.clicked.connect(self.closed)
        self.said = Label(ink="warning", size_px=SMALL_PX, wrap=True)
        self.samples = TileGrid(fit=True, gap_px=_GAP_PX, smooth=True)
        self.dumps = TileGrid(fit=True, gap_px=_GAP_PX, smooth=True)
        self._dumps_title = ElidedLabel(tr("Over checkpoints, on this sample"), ink="dim", size_px=SMALL_PX)
        self._scene: HistoryScene | None = None
        self._shown: tuple[tuple[HistoryTile, ...], tuple[HistoryTile, ...]] = ((), ())
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addWidget(self.close_button)
        head.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.samples, 1)
        column.addWidget(self._dumps_title)
        column.addWidget(self.dumps, 1)
        column.addWidget(self.said)
        for grid in (self.samples, self.dumps):
            grid.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.said.hide()
        self.samples.clicked.connect(self._on_sample)
        self.dumps.clicked.connect(self._on_dump)

    def show_scene(self, scene: HistoryScene) -> None:
        """Show the tiles of a slot."""
        self.title.setText(
            tr("Slot {slot} over samples").format(slot=scene.slot)
            if scene.samples
            else tr("There is no slot {slot} here").format(slot=scene.slot)
        )
        self.said.setText("\n".join(scene.notes))
        self.said.setVisible(bool(scene.notes))
        self._scene = scene
        self._dumps_title.setVisible(len(scene.dumps) > 1)
        self.samples.setVisible(bool(scene.samples))
        self.dumps.setVisible(len(scene.dumps) > 1)
        self._arrange()

    def _arrange(self) -> None:
        """The samples around the chosen one that are seen well, and all checkpoints where there are several."""
        if self._scene is None:
            return
        column = self.layout()
        if column is not None:
            column.activate()
        samples = around_chosen(self._scene.samples, self.samples.width(), self.samples.height())
        self._shown = samples, self._scene.dumps
        for grid, tiles in zip((self.samples, self.dumps), self._shown, strict=True):
            aspect = aspect_of(tiles)
            grid.set_count(len(tiles))
            grid.set_shape(best_columns(len(tiles), grid.width(), grid.height(), aspect)[0], aspect)
            for place, one in enumerate(tiles):
                tile = grid.tile(place)
                tile.set_picture(one.picture)
                if grid is self.dumps:
                    tile.set_caption(one.name, below=one.value)
                else:
                    tile.set_caption(str(one.sample + 1), one.value)
                tile.setToolTip(plain_tip(f"{one.name}\n{one.tip}"))
                tile.setCursor(Qt.CursorShape.PointingHandCursor)
            grid.set_selected(next((place for place, one in enumerate(tiles) if one.here), None))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def say(self, sentence: str) -> None:
        """Say why there is nothing to show."""
        self.said.setText(sentence)
        self.said.setVisible(bool(sentence))

    def _on_sample(self, index: int) -> None:
        self.sample_clicked.emit(self._shown[0][index].sample)

    def _on_dump(self, index: int) -> None:
        self.dump_clicked.emit(self._shown[1][index])


def best_columns(count: int, width: float, height: float, aspect: float) -> tuple[int, float]:
    """How many columns let `count` cells of one aspect (width over height) be largest in an area, and how wide."""

    def cell_px(columns: int) -> float:
        rows = math.ceil(count / columns)
        across = (width - (columns - 1) * _GAP_PX) / columns
        down = (height - (rows - 1) * _GAP_PX) / rows
        return min(across, down * aspect)

    best = max(range(1, max(count, 1) + 1), key=cell_px)
    return best, cell_px(best)


def aspect_of(tiles: tuple[HistoryTile, ...]) -> float:
    """Width over height of the first picture; 1 without any."""
    height, width = tiles[0].picture.shape[:2] if tiles else (1, 1)
    return float(width / max(height, 1))


def around_chosen(tiles: tuple[HistoryTile, ...], width: float, height: float) -> tuple[HistoryTile, ...]:
    """Those around the chosen sample that fit an area and are wide enough, or as wide as its height lets them be."""
    count, aspect = len(tiles), aspect_of(tiles)
    least_px = min(LEAST_TILE_PX, height * aspect)
    while count > FEWEST_SAMPLES and best_columns(count, width, height, aspect)[1] < least_px:
        count -= 1
    here = next((place for place, one in enumerate(tiles) if one.here), 0)
    first = max(0, min(here - (count - 1) // 2, len(tiles) - count))
    return tiles[first : first + count]

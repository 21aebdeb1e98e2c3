"""The composite and, beside it, one tile a slot, as large as both fit."""

from __future__ import annotations

import math
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from inspector.display.slots.scene import SlotLabel, SlotsScene
from inspector.views.fonts import text_font
from inspector.views.pictures import PictureTile, TileGrid
from inspector.views.theme import colour

GAP_PX = 8
BETWEEN_PX = 12
COMPOSITE_SHARE = 0.5
"""Of the width, at most."""

_LABEL_PX = 13


class Plan(NamedTuple):
    """Height of the composite, and columns and cell width of the tiles beside it."""

    composite_px: float
    columns: int
    cell_px: float

    def worth(self, count: int, width: float, aspect: float) -> float:
        """How much of the stage is pictures, less where width stays empty; tiles count half as much again."""
        used = (self.composite_px * aspect + BETWEEN_PX + self.columns * (self.cell_px + GAP_PX) - GAP_PX) / width
        return (self.composite_px**2 + 1.5 * count * self.cell_px**2) * used


def plan(count: int, width: float, height: float, aspect: float) -> Plan:
    """How a composite and `count` tiles of one aspect (width over height) fill an area best.

    Where there is room, the tiles end level with the composite.
    """

    def with_columns(columns: int) -> Plan:
        rows = math.ceil(count / columns)
        gaps = BETWEEN_PX + (columns - 1) * GAP_PX
        level = (rows * (width - gaps) / (columns * aspect) + (rows - 1) * GAP_PX) / (1 + rows / columns)
        composite = max(1.0, min(level, height, COMPOSITE_SHARE * width / aspect))
        across = (width - composite * aspect - gaps) / columns
        down = (composite - (rows - 1) * GAP_PX) / rows * aspect
        return Plan(composite, columns, max(1.0, min(across, down)))

    plans = map(with_columns, range(1, count + 1))
    return max(plans, key=lambda candidate: candidate.worth(count, width, aspect))


def paint_labels(labels: tuple[SlotLabel, ...], painter: QPainter, area: QRectF, _scale: float) -> None:
    """Write the slots' numbers over the composite, white on a dark halo."""
    font = text_font(_LABEL_PX, "semibold")
    for label in labels:
        path = QPainterPath()
        path.addText(QPointF(0, 0), font, label.text)
        middle = path.boundingRect().center()
        path.translate(QPointF(area.left() + label.x * area.width(), area.top() + label.y * area.height()) - middle)
        halo = QPen(colour("#000000", 0.8), 3.5)
        halo.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.strokePath(path, halo)
        painter.fillPath(path, colour("#ffffff"))


class Stage(QWidget):
    """The upper half of the view.

    Signals:
        slot_clicked: the number of a slot.
    """

    slot_clicked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.composite = PictureTile("composite", self, smooth=True)
        self.composite.setCursor(Qt.CursorShape.ArrowCursor)
        self.grid = TileGrid(self, gap_px=GAP_PX, fit=True, smooth=True)
        self.grid.clicked.connect(self._on_clicked)
        self._slots: tuple[int, ...] = ()
        self._aspect = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_scene(self, scene: SlotsScene) -> None:
        """Show the composite, the slots and the entropy map."""
        self._aspect = scene.composite.shape[1] / max(scene.composite.shape[0], 1) or 1.0
        self._slots = tuple(tile.slot for tile in scene.slots)
        self.composite.set_picture(scene.composite)
        self.composite.set_caption(scene.place, scene.score_text)
        self.composite.setToolTip(f"{scene.place}\n{scene.score_text}")
        self.composite.set_overlay(partial(paint_labels, scene.labels) if scene.labels else None)
        self.grid.set_count(len(scene.slots) + 1)
        for place, slot in enumerate(scene.slots):
            tile = self.grid.tile(place)
            tile.set_picture(slot.picture)
            tile.set_caption(slot.name, slot.share_text, slot.colour)
            tile.set_border("")
            tile.set_dimmed(dimmed=scene.solo is not None and slot.slot != scene.solo)
            tile.setToolTip("")
            tile.setCursor(Qt.CursorShape.PointingHandCursor)
        entropy = self.grid.tile(len(scene.slots))
        entropy.set_picture(scene.entropy)
        entropy.set_caption("entropy", scene.entropy_text)
        entropy.set_dimmed(dimmed=False)
        entropy.setToolTip("Assignment entropy: 0 where one slot has the pixel, 1 where all share it alike")
        entropy.setCursor(Qt.CursorShape.ArrowCursor)
        self.grid.set_selected(self._slots.index(scene.solo) if scene.solo in self._slots else None)
        self._arrange()

    def height_in(self, width: int, height: int) -> int:
        """How much of a height the stage makes use of."""
        return math.ceil(plan(len(self._slots) + 1, width, height, self._aspect).composite_px)

    def _arrange(self) -> None:
        count = len(self._slots) + 1
        chosen = plan(count, self.width(), self.height(), self._aspect)
        height, width = round(chosen.composite_px), round(chosen.composite_px * self._aspect)
        self.composite.setGeometry(0, 0, width, height)
        left = width + BETWEEN_PX
        self.grid.setGeometry(left, 0, max(self.width() - left, 1), height)
        self.grid.set_shape(chosen.columns, self._aspect)

    def _on_clicked(self, index: int) -> None:
        if index < len(self._slots):
            self.slot_clicked.emit(self._slots[index])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def sizeHint(self) -> QSize:
        return QSize(900, 420)

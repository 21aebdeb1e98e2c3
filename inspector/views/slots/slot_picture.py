"""The tile of one slot: its eye opens and shuts it, a cross marks its centre."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cache

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from inspector.views.surfaces import rounded
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded
from inspector.views.zoomed_picture import ZoomedPicture

EYE_PX = 20
_EYE_INSET_PX = 4
_LEAST_TILE_PX = 34
_CROSS_PX = 4.0
_RING_RADIUS_PX = 4


class SlotPicture(ZoomedPicture):
    """A tile beside the composite; those of slots have an eye.

    Signals:
        eye_pressed: the key.
    """

    eye_pressed = Signal(object)

    def __init__(self, key: Hashable = None, parent: QWidget | None = None, *, smooth: bool = False) -> None:
        super().__init__(key, parent, smooth=smooth)
        self.eyed = False
        self.shut = False
        self.keyed = False
        self._centroid: tuple[float, float] | None = None
        self.set_overlay(self._paint_centroid)

    def set_slot(self, centroid: tuple[float, float] | None, *, eyed: bool, shut: bool) -> None:
        """Say where the slot's mask has its centre, 0..1, whether it has an eye, and whether that is shut."""
        self._centroid, self.eyed, self.shut = centroid, eyed, shut
        self.update()

    def set_keyed(self, *, keyed: bool) -> None:
        """Show whether the keys are here."""
        if keyed != self.keyed:
            self.keyed = keyed
            self.update()

    def eye_area(self) -> QRectF:
        """Where the eye is; empty where the tile has none, or no room for it."""
        frame = self.frame()
        if not self.eyed or min(frame.width(), frame.height()) < _LEAST_TILE_PX:
            return QRectF()
        return QRectF(frame.right() - EYE_PX - _EYE_INSET_PX, frame.top() + _EYE_INSET_PX, EYE_PX, EYE_PX)

    def click(self, position: QPointF) -> None:
        if self.eye_area().contains(position):
            self.eye_pressed.emit(self.key)
        else:
            super().click(position)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        # Two quick presses of the eye are two presses.
        if self.eye_area().contains(event.position()):
            self.mousePressEvent(event)
        else:
            super().mouseDoubleClickEvent(event)

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not (self.shut or self.keyed or self.underMouse()):
            return
        painter, eye = QPainter(self), self.eye_area()
        if not eye.isEmpty():
            paint_eye(painter, eye, shut=self.shut)
        if self.keyed:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for ink, width in (("#000000", 4), (tokens().accent, 2)):
                painter.setPen(QPen(colour(ink), width))
                painter.drawPath(rounded(self.frame().adjusted(3, 3, -3, -3), _RING_RADIUS_PX))

    def _paint_centroid(self, painter: QPainter, area: QRectF, _scale: float) -> None:
        if self._centroid is None or min(self.width(), self.height()) < 3 * _LEAST_TILE_PX:
            return
        x, y = area.left() + self._centroid[0] * area.width(), area.top() + self._centroid[1] * area.height()
        cross = [QLineF(x - _CROSS_PX, y, x + _CROSS_PX, y), QLineF(x, y - _CROSS_PX, x, y + _CROSS_PX)]
        for pen in _cross_pens():
            painter.setPen(pen)
            painter.drawLines(cross)


@cache
def _cross_pens() -> tuple[QPen, QPen]:
    return QPen(colour("#000000", 0.8), 3.0), QPen(colour("#ffffff", 0.8), 1.2)


def paint_eye(painter: QPainter, area: QRectF, *, shut: bool) -> None:
    """An eye on a dark plate, struck through where it is shut."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillPath(rounded(area, 5), colour("#000000", 0.65))
    middle, across, high = area.center(), area.width() * 0.32, area.height() * 0.28
    left, right = QPointF(middle.x() - across, middle.y()), QPointF(middle.x() + across, middle.y())
    lids = QPainterPath(left)
    lids.quadTo(QPointF(middle.x(), middle.y() - 2 * high), right)
    lids.quadTo(QPointF(middle.x(), middle.y() + 2 * high), left)
    painter.setPen(QPen(colour("#f2f4f7"), 1.3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(lids)
    painter.drawEllipse(middle, area.width() * 0.1, area.width() * 0.1)
    if shut:
        reach = area.width() * 0.3
        painter.drawLine(middle + QPointF(-reach, -reach), middle + QPointF(reach, reach))

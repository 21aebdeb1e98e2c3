"""A precision-recall curve, painted in its unit square."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from inspector.core.arrays import FloatArray
from inspector.core.language import tr
from inspector.display.ticks import linear_ticks
from inspector.views.fonts import text_font
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

_LEFT_PX, _FOOT_PX, _TOP_PX = 44, 36, 8
_AXES = tr("recall to the right, precision upwards")


class CurvePane(QWidget):
    """Precision upwards over recall."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curve: FloatArray = np.empty((2, 0))

    def show_curve(self, curve: FloatArray) -> None:
        """Show a curve: (2, points) float64, recall and precision; points that are not finite are left out."""
        self._curve = curve[:, np.isfinite(curve).all(axis=0)]
        self.update()

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(text_font(11))
        area = QRectF(_LEFT_PX, _TOP_PX, self.width() - _LEFT_PX - 8, self.height() - _FOOT_PX - _TOP_PX)
        for tick in linear_ticks(0.0, 1.0):
            x, y = area.left() + tick.value * area.width(), area.bottom() - tick.value * area.height()
            painter.setPen(colour(theme.line))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(colour(theme.dim))
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y - 8, _LEFT_PX - 8, 16), Qt.AlignmentFlag.AlignRight | middle, tick.text)
            painter.drawText(QRectF(x - 20, area.bottom() + 2, 40, 14), Qt.AlignmentFlag.AlignCenter, tick.text)
        names = QRectF(area.left(), area.bottom() + 18, area.width(), 16)
        painter.drawText(names, Qt.AlignmentFlag.AlignCenter, _AXES)
        recall, precision = np.clip(self._curve, 0.0, 1.0)
        places = zip(
            (area.left() + recall * area.width()).tolist(),
            (area.bottom() - precision * area.height()).tolist(),
            strict=True,
        )
        painter.setPen(QPen(colour(theme.accent), 1.5))
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in places]))

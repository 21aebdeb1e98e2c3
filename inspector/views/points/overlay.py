"""Rings, error lines and labels over a picture, of the same size on the screen at every zoom."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, isnan

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPainterPath, QPen

from inspector.core.arrays import AnyArray
from inspector.display.points.scene import PointPair
from inspector.views.fonts import text_font
from inspector.views.theme import colour, tokens

_RING_PX = 5.5
_LINE_PX = 1.6
_LABEL_PX = 11
_HALO_PX = 2
_CAPTION_PX = 22
_ALL_LABELS_FROM_PX = 300
"""Pictures at least so wide label every object; smaller ones only the worst."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What is painted, and how large (1 is the usual size)."""

    gt: bool = True
    prediction: bool = True
    error_line: bool = True
    size: float = 1.0


def paint_pairs(pairs: tuple[PointPair, ...], shown: Shown, painter: QPainter, area: QRectF, _scale: float) -> None:
    """Paint the objects of one sample, the worst last, so that it lies on top."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pair in reversed(pairs):
        gt, prediction = _on_screen(pair.gt, area), _on_screen(pair.prediction, area)
        if shown.error_line and gt is not None and prediction is not None:
            _line(painter, gt, prediction, shown.size)
        if shown.prediction and prediction is not None:
            _ring(painter, prediction, tokens().prediction, shown.size, halo=True)
        if shown.gt and gt is not None:
            _ring(painter, gt, tokens().gt, shown.size, halo=False)
    if not shown.error_line:
        return
    labelled = pairs if area.width() >= _ALL_LABELS_FROM_PX else pairs[:1]
    for pair in reversed(labelled):
        gt, prediction = _on_screen(pair.gt, area), _on_screen(pair.prediction, area)
        if pair.label and gt is not None and prediction is not None:
            _label(painter, pair.label, (gt + prediction) / 2, area, shown.size)


def paint_rows(shown: Shown, painter: QPainter, area: QRectF, rows: AnyArray) -> None:
    """Paint the objects of a thumbnail, (objects, 4) shares of x and y of the truth, then of the prediction."""
    pairs = tuple(PointPair(gt=_point(row[:2]), prediction=_point(row[2:])) for row in rows.tolist())
    paint_pairs(pairs, shown, painter, area, 1.0)


def _point(shares: list[float]) -> tuple[float, float] | None:
    return None if isnan(shares[0]) or isnan(shares[1]) else (shares[0], shares[1])


def _on_screen(point: tuple[float, float] | None, area: QRectF) -> QPointF | None:
    if point is None:
        return None
    return QPointF(area.left() + point[0] * area.width(), area.top() + point[1] * area.height())


def _line(painter: QPainter, start: QPointF, end: QPointF, size: float) -> None:
    painter.setPen(QPen(colour("#000000", 0.55), (_LINE_PX + 1.6) * size))
    painter.drawLine(start, end)
    painter.setPen(QPen(colour(tokens().error_line), _LINE_PX * size))
    painter.drawLine(start, end)


def _ring(painter: QPainter, middle: QPointF, ink: str, size: float, *, halo: bool) -> None:
    radius = _RING_PX * size
    if halo:
        painter.setPen(QPen(colour("#000000", 0.6), (_LINE_PX + 2.2) * size))
        painter.drawEllipse(middle, radius, radius)
    painter.setPen(QPen(colour(ink), (_LINE_PX + 0.4) * size))
    painter.drawEllipse(middle, radius, radius)


def _label(painter: QPainter, text: str, middle: QPointF, area: QRectF, size: float) -> None:
    """Write beside the line, within the picture."""
    image = _label_image(text, round(_LABEL_PX * max(size, 0.8)), painter.device().devicePixelRatioF())
    width, height = image.deviceIndependentSize().width(), image.deviceIndependentSize().height()
    left = min(max(middle.x() + 3, area.left() + 1), area.right() - width - 1)
    top = min(max(middle.y() - height, area.top() + 1), area.bottom() - height - _CAPTION_PX)
    painter.drawImage(QPointF(left, top), image)


@lru_cache(maxsize=512)
def _label_image(text: str, size_px: int, scale: float) -> QImage:
    """The text with a halo; stroking it costs more than all else of a sample."""
    font = text_font(size_px, "semibold")
    metrics = QFontMetricsF(font)
    width, height = metrics.horizontalAdvance(text) + 2 * _HALO_PX, metrics.height() + _HALO_PX
    image = QImage(ceil(width * scale), ceil(height * scale), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(scale)
    image.fill(Qt.GlobalColor.transparent)
    path = QPainterPath()
    path.addText(QPointF(_HALO_PX, metrics.ascent() + _HALO_PX / 2), font, text)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    halo = QPen(colour("#000000", 0.85), 2 * _HALO_PX - 0.8)
    halo.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.strokePath(path, halo)
    painter.fillPath(path, colour(tokens().error_line))
    painter.end()
    return image

"""What points are drawn with: rings, diamonds, lines, arrows, numbers and words, each with a dark halo.

The halo makes them seen on any image; all sizes are pixels of the screen.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil, hypot
from typing import Literal

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPainterPath, QPen, QPolygonF

from inspector.views.fonts import text_font
from inspector.views.theme import colour

Shape = Literal["ring", "dashed", "diamond"]

LINE_PX = 1.6
_HALO_PX = 2
_HALO = "#000000"
_MOST_HALOS = 1000
_DASHES = [2.8, 1.5]
_ON_NUMBER = "#0d1117"


def point_mark(painter: QPainter, middle: QPointF, shape: Shape, ink: str, radius: float, width: float) -> None:
    """A ring, a dashed one for what has no partner, or a hollow square on its corner."""
    _draw_about(painter, _mark_image(shape, ink, radius, width, _scale(painter)), middle)


def draw_lines(painter: QPainter, lines: list[QLineF], ink: str, width: float) -> None:
    """Straight lines."""
    for pen in (QPen(colour(_HALO, 0.55), width + 1.6), _pen(ink, width)):
        painter.setPen(pen)
        painter.drawLines(lines)


def draw_dots(painter: QPainter, places: list[QPointF], ink: str, width: float) -> None:
    """Round dots of this width; so many that they touch each other have no halo."""
    halos = ((_HALO, 0.55, width + 1.2),) if len(places) <= _MOST_HALOS else ()
    for value, alpha, wide in (*halos, (ink, 1.0, width)):
        pen = QPen(colour(value, alpha), wide)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawPoints(places)


def reach(painter: QPainter, middle: QPointF, across: float, down: float, ink: str, width: float) -> None:
    """A thin dashed ellipse of these radii."""
    painter.setPen(QPen(colour(_HALO, 0.5), width + 1.2))
    painter.drawEllipse(middle, across, down)
    painter.setPen(_pen(ink, width, dashed=True))
    painter.drawEllipse(middle, across, down)


def arrow(painter: QPainter, tip: QPointF, towards: QPointF, ink: str, length: float) -> None:
    """The head of an arrow with its tip here, that points to a place beyond."""
    along = towards - tip
    far = hypot(along.x(), along.y()) or 1.0
    along *= length / far
    aside = QPointF(-along.y(), along.x()) * 0.6
    head = QPolygonF([tip, tip - along + aside, tip - along * 0.7, tip - along - aside])
    painter.save()
    painter.setPen(QPen(colour(_HALO, 0.7), 1.4))
    painter.setBrush(colour(ink))
    painter.drawPolygon(head)
    painter.restore()


def word(painter: QPainter, text: str, ink: str, corner: QPointF, size_px: int, within: QRectF) -> float:
    """A few words, their upper left corner as near to a place as the area lets them be; where they end below."""
    image = _word_image(text, ink, size_px, _scale(painter))
    size = image.deviceIndependentSize()
    left = max(min(corner.x(), within.right() - size.width() - 1), within.left() + 1)
    top = max(min(corner.y(), within.bottom() - size.height() - 1), within.top() + 1)
    painter.drawImage(QPointF(left, top), image)
    return top + size.height()


def number(painter: QPainter, value: int, ink: str, middle: QPointF, size_px: int) -> None:
    """A number on a disc, or on a longer shape where it has several digits."""
    _draw_about(painter, _number_image(value, ink, size_px, _scale(painter)), middle)


def word_height(size_px: int) -> float:
    """How high words of this size are, with their halo."""
    return QFontMetricsF(text_font(size_px, "semibold")).height() + _HALO_PX


def leaving(start: QPointF, end: QPointF, area: QRectF) -> QPointF:
    """Where the way from a place inside an area to one outside leaves it."""
    along = end - start
    shares = [1.0]
    for at, step, low, high in (
        (start.x(), along.x(), area.left(), area.right()),
        (start.y(), along.y(), area.top(), area.bottom()),
    ):
        if step:
            shares.append(max(((high if step > 0 else low) - at) / step, 0.0))
    return start + along * min(shares)


def _pen(ink: str, width: float, *, dashed: bool = False) -> QPen:
    pen = QPen(colour(ink), width)
    if dashed:
        pen.setDashPattern(_DASHES)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen


def _scale(painter: QPainter) -> float:
    """Pixels of the device for each of the layout."""
    return painter.device().devicePixelRatioF()


def _draw_about(painter: QPainter, image: QImage, middle: QPointF) -> None:
    """An image around a place, on whole pixels: between them it would be blurred, and take five times as long."""
    scale = image.devicePixelRatio()
    left, top = middle.x() * scale - image.width() / 2, middle.y() * scale - image.height() / 2
    painter.drawImage(QPointF(round(left) / scale, round(top) / scale), image)


@lru_cache(maxsize=64)
def _mark_image(shape: Shape, ink: str, radius: float, width: float, scale: float) -> QImage:
    """The mark of a point: stroked anew for each of hundreds it would take twenty times as long."""
    half = radius + width + 2
    image = _clear(2 * half, 2 * half, scale)
    middle = QPointF(image.deviceIndependentSize().width() / 2, image.deviceIndependentSize().height() / 2)
    corners = QPolygonF([middle + QPointF(x * radius, y * radius) for x, y in ((0, -1), (1, 0), (0, 1), (-1, 0))])
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    halo = QPen(colour(_HALO, 0.45 if shape == "dashed" else 0.55), width + 1.6)
    for pen in (halo, _pen(ink, width, dashed=shape == "dashed")):
        painter.setPen(pen)
        if shape == "diamond":
            painter.drawPolygon(corners)
        else:
            painter.drawEllipse(middle, radius, radius)
    painter.end()
    return image


@lru_cache(maxsize=512)
def _word_image(text: str, ink: str, size_px: int, scale: float) -> QImage:
    """The text with a halo; stroking it costs more than all else of a sample."""
    font = text_font(size_px, "semibold")
    metrics = QFontMetricsF(font)
    image = _clear(metrics.horizontalAdvance(text) + 2 * _HALO_PX, metrics.height() + _HALO_PX, scale)
    path = QPainterPath()
    path.addText(QPointF(_HALO_PX, metrics.ascent() + _HALO_PX / 2), font, text)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    halo = QPen(colour(_HALO, 0.85), 2 * _HALO_PX - 0.8)
    halo.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.strokePath(path, halo)
    painter.fillPath(path, colour(ink))
    painter.end()
    return image


@lru_cache(maxsize=512)
def _number_image(value: int, ink: str, size_px: int, scale: float) -> QImage:
    font = text_font(size_px, "semibold")
    metrics = QFontMetricsF(font)
    height = metrics.height()
    width = max(metrics.horizontalAdvance(str(value)) + 6, height)
    image = _clear(width + 2, height + 2, scale)
    shape = QRectF(1, 1, width, height)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour(_HALO, 0.7), 1.4))
    painter.setBrush(colour(ink))
    painter.drawRoundedRect(shape, height / 2, height / 2)
    painter.setPen(colour(_ON_NUMBER))
    painter.setFont(font)
    painter.drawText(shape, Qt.AlignmentFlag.AlignCenter, str(value))
    painter.end()
    return image


def _clear(width: float, height: float, scale: float) -> QImage:
    image = QImage(ceil(width * scale), ceil(height * scale), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(scale)
    image.fill(Qt.GlobalColor.transparent)
    return image

"""Thumbnails painted once with their texts and marks, kept as long as they fit a bound."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import (
    QBrush,
    QFontMetricsF,
    QImage,
    QLinearGradient,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
    QPolygonF,
)

from inspector.core.arrays import AnyArray
from inspector.core.texts import visible
from inspector.display.gallery.scene import ThumbsScene
from inspector.formats.marks import Mark
from inspector.views.fonts import SMALL_PX, text_font
from inspector.views.gallery.texts import Caption
from inspector.views.surfaces import outline_colour, rounded
from inspector.views.theme import colour, tokens

KEPT_BYTES = 64 * 10**6

PaintPoints = Callable[[QPainter, QRectF, AnyArray], None]
"""Paints the points of a sample over its picture: rows as in `ThumbsScene.points`."""

T = TypeVar("T")

RADIUS_PX = 4
_FOOT_PX = 30
_INSET_PX = 6
_PROBLEM_PX, _MOST_SAID = 10, 240
# Captions stand on the dark foot of a picture, whatever the theme.
_INK, _DIM, _STAR, _CROSS = "#f2f4f7", "#c3c8d0", "#ffd84d", "#f2777a"
_REJECTED = 0.6
"""So much of the panel lies over a picture that is not to be used."""

_LEAST_SAID_PX = 24


class Kept(Generic[T]):
    """Values by the number of their sample, those unused longest given up first."""

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._values: OrderedDict[int, tuple[T, int]] = OrderedDict()

    def __contains__(self, sample: int) -> bool:
        return sample in self._values

    def __len__(self) -> int:
        return len(self._values)

    def get(self, sample: int) -> T | None:
        """The value of a sample."""
        found = self._values.get(sample)
        if found is None:
            return None
        self._values.move_to_end(sample)
        return found[0]

    def put(self, sample: int, value: T, size: int) -> None:
        """Keep a value of so many bytes."""
        self.drop(sample)
        self._values[sample] = value, size
        self._bytes += size
        while self._bytes > self._most_bytes and len(self._values) > 1:
            self._bytes -= self._values.popitem(last=False)[1][1]

    def drop(self, sample: int) -> None:
        """Give one up."""
        if sample in self._values:
            self._bytes -= self._values.pop(sample)[1]

    def clear(self) -> None:
        """Give all up."""
        self._values.clear()
        self._bytes = 0


class Picture(NamedTuple):
    """A thumbnail as it came: the picture as in `ThumbsScene`, its place, its points, and why it is not there."""

    pixels: AnyArray
    inside: tuple[float, float, float, float]
    points: AnyArray
    problem: str

    def image(self) -> QImage:
        """The picture, over the same memory: to be painted while this is held."""
        height, width = self.pixels.shape[:2]
        return QImage(self.pixels.data, width, height, width * 4, QImage.Format.Format_ARGB32_Premultiplied)

    def shown(self) -> QRectF:
        """Where in the image the picture itself lies, in its pixels; around it the cell is empty."""
        height, width = self.pixels.shape[:2]
        left, top, across, down = self.inside
        return QRectF(left * width, top * height, across * width, down * height)


def pictures_of(scene: ThumbsScene) -> dict[int, Picture]:
    """The thumbnails of a scene by their sample, over its memory."""
    pixels, ends = np.ascontiguousarray(scene.pictures), scene.first_point
    return {
        sample: Picture(
            pixels[place],
            scene.inside[place].tolist(),
            scene.points[ends[place] : ends[place + 1]],
            scene.problems.get(sample, ""),
        )
        for place, sample in enumerate(scene.samples)
    }


def painted(
    picture: Picture, size: QSize, scale: float, caption: Caption, mark: Mark, paint_points: PaintPoints | None
) -> QPixmap:
    """One tile: the picture, rounded, its caption on the foot, its star or cross and its tags beside it.

    Args:
        picture: what came.
        size: of the tile, in pixels of the window.
        scale: pixels of the screen for each.
        caption: on the foot.
        mark: what was said of the sample.
        paint_points: paints over the picture.
    """
    pixmap = _empty(size, scale)
    pixmap.fill(colour(tokens().panel))
    painter = QPainter(pixmap)
    area = QRectF(0, 0, size.width(), size.height())
    try:
        _paint_picture(painter, area, picture, paint_points)
        if mark.rejected:
            painter.fillRect(area, colour(tokens().panel, _REJECTED))
        _paint_foot(painter, area, caption, mark)
        _round(painter, size, scale)
    finally:  # Qt ends the process where a pixmap goes before its painter
        painter.end()
    return pixmap


def _paint_picture(painter: QPainter, area: QRectF, picture: Picture, paint_points: PaintPoints | None) -> None:
    if picture.problem:
        painter.fillRect(area, QBrush(colour(tokens().void), Qt.BrushStyle.BDiagPattern))
    inside = fitting(picture.shown().size(), area)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(inside, picture.image(), picture.shown())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if picture.problem:
        _paint_problem(painter, area, picture.problem)
    if paint_points is not None and len(picture.points):
        paint_points(painter, inside, picture.points)


def _round(painter: QPainter, size: QSize, scale: float) -> None:
    """Take away what lies beyond the rounded corners, and draw the line around."""
    mask, outline = _frame(size.width(), size.height(), scale, outline_colour().name())
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
    painter.drawPixmap(0, 0, mask)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
    painter.drawPixmap(0, 0, outline)


def _empty(size: QSize, scale: float) -> QPixmap:
    pixmap = QPixmap(size * scale)
    pixmap.setDevicePixelRatio(scale)
    pixmap.fill(Qt.GlobalColor.transparent)
    return pixmap


@lru_cache(maxsize=8)
def _frame(width: int, height: int, scale: float, ink: str) -> tuple[QPixmap, QPixmap]:
    """What is inside the rounded corners, and the line around it: clipping every tile by a path would take longer."""
    area = QRectF(0, 0, width, height)
    mask, outline = _empty(QSize(width, height), scale), _empty(QSize(width, height), scale)
    for pixmap, fill in ((mask, True), (outline, False)):
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if fill:
            painter.fillPath(rounded(area, RADIUS_PX), colour("#ffffff"))
        painter.setPen(colour("#ffffff" if fill else ink))
        painter.drawPath(rounded(area, RADIUS_PX))
        painter.end()
    return mask, outline


@lru_cache(maxsize=8)
def _foot(width: int, scale: float) -> QPixmap:
    """The shade that a caption stands on."""
    shade = QLinearGradient(0, 0, 0, _FOOT_PX)
    shade.setColorAt(0.0, colour("#000000", 0.0))
    shade.setColorAt(1.0, colour("#000000", 0.85))
    pixmap = _empty(QSize(width, _FOOT_PX), scale)
    painter = QPainter(pixmap)
    painter.fillRect(QRectF(0, 0, width, _FOOT_PX), shade)
    painter.end()
    return pixmap


def fitting(size: QSizeF, area: QRectF) -> QRectF:
    """The largest place of a picture's proportions in the middle of an area."""
    scale = min(area.width() / max(size.width(), 1), area.height() / max(size.height(), 1))
    width, height = size.width() * scale, size.height() * scale
    return QRectF(area.center().x() - width / 2, area.center().y() - height / 2, width, height)


def _paint_problem(painter: QPainter, area: QRectF, problem: str) -> None:
    """Say on a placeholder why there is no picture, as much as there is room for."""
    painter.fillRect(area, colour("#000000", 0.5))
    painter.setFont(text_font(_PROBLEM_PX))
    painter.setPen(colour(_DIM))
    room = area.adjusted(_INSET_PX, _INSET_PX, -_INSET_PX, -_FOOT_PX)
    painter.save()
    painter.setClipRect(room)
    painter.drawText(room, Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWrapAnywhere, visible(problem, _MOST_SAID))
    painter.restore()


def _paint_foot(painter: QPainter, area: QRectF, caption: Caption, mark: Mark) -> None:
    if not (caption.left or caption.right or mark.said):
        return
    painter.drawPixmap(
        QPointF(area.left(), area.bottom() - _FOOT_PX), _foot(round(area.width()), painter.device().devicePixelRatioF())
    )
    painter.setFont(text_font(SMALL_PX))
    metrics = QFontMetricsF(painter.font())
    line = QRectF(area.left() + _INSET_PX, area.bottom() - 20, area.width() - 2 * _INSET_PX, 17)
    right = line.right()
    if mark.flagged:
        painter.fillPath(star(QPointF(right - 5, line.center().y()), 5.5), colour(_STAR))
        right -= 14
    if mark.rejected:
        _paint_cross(painter, QPointF(right - 5, line.center().y()))
        right -= 14
    said = " ".join((*(f"#{tag}" for tag in mark.tags), *(("“…”",) if mark.note else ())))
    left = line.left()
    for text, ink in caption.left:
        painter.setPen(colour(ink or _INK))
        painter.drawText(QRectF(left, line.top(), right - left, line.height()), Qt.AlignmentFlag.AlignVCenter, text)
        left += metrics.horizontalAdvance(text)
    left += _INSET_PX
    width = metrics.horizontalAdvance(caption.right)
    if caption.right and right - left >= width:
        painter.setPen(colour(_INK))
        place = QRectF(right - width, line.top(), width + 1, line.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, caption.right)
        right -= width + _INSET_PX
    if said and right - left < _LEAST_SAID_PX:
        _paint_pill(painter, area, said)
    elif said:
        painter.setPen(colour(_DIM))
        shown = metrics.elidedText(said, Qt.TextElideMode.ElideRight, right - left)
        place = QRectF(left, line.top(), right - left, line.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, shown)


def _paint_cross(painter: QPainter, middle: QPointF) -> None:
    painter.setPen(QPen(colour(_CROSS), 2))
    for way in (QPointF(3.5, 3.5), QPointF(3.5, -3.5)):
        painter.drawLine(middle - way, middle + way)


def _paint_pill(painter: QPainter, area: QRectF, said: str) -> None:
    """Tags at the upper left where the foot has no room for them."""
    metrics = QFontMetricsF(painter.font())
    shown = metrics.elidedText(said, Qt.TextElideMode.ElideRight, area.width() - 4 * _INSET_PX)
    width = metrics.horizontalAdvance(shown) + 2 * _INSET_PX
    place = QRectF(area.left() + _INSET_PX, area.top() + _INSET_PX, width, metrics.height() + 2)
    painter.fillPath(rounded(place, RADIUS_PX), colour("#000000", 0.7))
    painter.setPen(colour(_INK))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, shown)


def star(middle: QPointF, radius: float) -> QPainterPath:
    """A star of five points."""
    angles = np.arange(10) * (np.pi / 5) - np.pi / 2
    radii = np.where(np.arange(10) % 2, radius * 0.42, radius)
    corners = [
        QPointF(middle.x() + float(r * np.cos(a)), middle.y() + float(r * np.sin(a)))
        for a, r in zip(angles, radii, strict=True)
    ]
    path = QPainterPath()
    path.addPolygon(QPolygonF(corners))
    path.closeSubpath()
    return path

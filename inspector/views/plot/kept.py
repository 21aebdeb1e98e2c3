"""A picture that is painted a little at a time, and stands in for the next one until that is whole."""

from __future__ import annotations

from collections.abc import Generator

import msgspec
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPixmap

from inspector.views.plot.axes import paint_axes, x_ticks, y_ticks
from inspector.views.plot.drawing import Drawing
from inspector.views.plot.frame import Frame
from inspector.views.plot.inking import clip_to, ink_layer, is_crowd, work_ms
from inspector.views.plot.picture import Picture, cutting, paint_before, paint_behind
from inspector.views.theme import colour, tokens

_WIDEST = 8.0
"""A picture that would be stretched to so many times its size is not worth looking at."""


class Kept(msgspec.Struct, frozen=True):
    """A picture and its pixels."""

    picture: Picture
    pixmap: QPixmap


Making = Generator[float, None, Kept]
"""Paints a little each turn, and tells about how many milliseconds that took."""


def making(
    frame: Frame, drawing: Drawing, size: QSize, hidden: frozenset[int], chosen: frozenset[int] | None
) -> Making:
    """Paint a canvas; no painter is left open between turns.

    Args:
        frame: the way to pixels.
        drawing: what there is.
        size: of the canvas.
        hidden: indices of the traces that are left out.
        chosen: indices of those that are not pale; None for all.
    """
    picture = yield from cutting(frame, drawing, hidden, chosen)
    pixmap = QPixmap(size * frame.ratio)
    pixmap.setDevicePixelRatio(frame.ratio)
    pixmap.fill(colour(tokens().panel))
    painter = QPainter(pixmap)
    paint_behind(painter, picture)
    painter.end()
    crowd = is_crowd(picture.layers)
    for layer in picture.layers:
        painter = QPainter(pixmap)
        clip_to(painter, frame)
        ink_layer(painter, frame, drawing.traces[layer.trace], layer, crowd=crowd)
        painter.end()
        yield work_ms(layer, frame, crowd=crowd)
    painter = QPainter(pixmap)
    paint_before(painter, picture)
    painter.end()
    return Kept(picture, pixmap)


def paint_kept(painter: QPainter, kept: Kept, frame: Frame) -> None:
    """Paint a picture, moved and stretched to where its curves are to a newer camera, between axes of that."""
    own = kept.picture.frame
    if own == frame or not _stretchable(own, frame):
        painter.drawPixmap(0, 0, kept.pixmap)
        return
    painter.fillRect(painter.viewport(), colour(tokens().panel))
    axis = kept.picture.drawing.x_axis
    paint_axes(painter, frame, x_ticks(frame, axis), y_ticks(frame))
    area = own.area
    source = QRectF(area.left, area.top, area.width, area.height)
    painter.save()
    clip_to(painter, frame)
    pixels = QRectF(source.topLeft() * own.ratio, source.size() * own.ratio)
    painter.drawPixmap(_place(own, frame), kept.pixmap, pixels)
    painter.restore()


def _stretchable(own: Frame, frame: Frame) -> bool:
    if (own.x, own.y) != (frame.x, frame.y):
        return False
    pairs = ((own.camera.x, frame.camera.x), (own.camera.y, frame.camera.y))
    return all(1 / _WIDEST < (one[1] - one[0]) / (other[1] - other[0]) < _WIDEST for one, other in pairs)


def _place(own: Frame, frame: Frame) -> QRectF:
    """Where what one frame sees lies in another one, in pixels of the layout."""
    area, camera = frame.area, frame.camera
    (x_low, x_high), (y_low, y_high) = camera.x, camera.y
    across, up = area.width / (x_high - x_low), area.height / (y_high - y_low)
    left = area.left + (own.camera.x[0] - x_low) * across
    top = area.top + (y_high - own.camera.y[1]) * up
    return QRectF(left, top, (own.camera.x[1] - own.camera.x[0]) * across, (own.camera.y[1] - own.camera.y[0]) * up)

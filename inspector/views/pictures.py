"""Pictures from arrays, and the tile that shows one with its caption."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QImage,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from inspector.core.arrays import Rgba, check_axes
from inspector.core.language import tr
from inspector.views.fonts import SMALL_PX, elided, text_width, write
from inspector.views.spoken import Role
from inspector.views.surfaces import outline_colour, rounded
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

TextRun = tuple[str, str]
"""A piece of a caption and its colour, `#rrggbb` or empty for the usual one."""

# Captions stand on the dark foot of a picture, whatever the theme.
_CAPTION_INK = "#f2f4f7"
_CAPTION_DIM = "#c3c8d0"
_FOOT_PX = 40
_LINE_PX = 16
_INSET_PX = 7
_TILE_RADIUS_PX = 5
_OPAQUE = 0xFF000000
"""The least of a pixel's four bytes as one number where its alpha, the last of them, is 255."""

Overlay = Callable[[QPainter, QRectF, float], None]
"""Paints over a picture: the painter, where the picture lies, and screen pixels per picture pixel."""


def qimage(rgba: Rgba) -> QImage:
    """An array as Qt's image, with memory of its own, in the format that paints fastest.

    Args:
        rgba: (height, width, 4) uint8, straight alpha; any strides.

    Returns:
        RGB32 where every pixel is opaque, else premultiplied ARGB32; a null image where a side is 0.
    """
    check_axes(rgba, "HWC", "a picture")
    height, width, _ = rgba.shape
    if not (height and width):
        return QImage()
    packed = np.ascontiguousarray(rgba, np.uint8)
    seen = QImage(packed.data, width, height, width * 4, QImage.Format.Format_RGBA8888)
    opaque = bool(packed.view("<u4").min() >= _OPAQUE)
    wanted = QImage.Format.Format_RGB32 if opaque else QImage.Format.Format_ARGB32_Premultiplied
    return seen.convertToFormat(wanted)


def rgba_of(image: QImage) -> Rgba:
    """A Qt image as an array (height, width, 4) uint8, straight alpha, with memory of its own."""
    plain = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : plain.width() * 4].reshape(plain.height(), plain.width(), 4).copy()


class PictureTile(QWidget):
    """A picture that keeps its proportions, with a caption on its foot.

    Args:
        key: what `clicked` and `opened` carry.
        smooth: whether enlarging blurs; pixels of data stay squares without it.

    Signals:
        clicked: the key, on a press of the left button.
        opened: the key, on a double click.
    """

    clicked = Signal(object)
    opened = Signal(object)

    spoken_role = Role.Graphic

    def __init__(self, key: Hashable = None, parent: QWidget | None = None, *, smooth: bool = False) -> None:
        super().__init__(parent)
        self.key = key
        self.smooth = smooth
        self.selected = False
        self.dimmed = False
        self._image = QImage()
        self._left: tuple[TextRun, ...] = ()
        self._right: tuple[TextRun, ...] = ()
        self._below: tuple[TextRun, ...] = ()
        self._swatch = ""
        self._border = ""
        self._overlay: Overlay | None = None
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def stand_on_window(self) -> None:
        """Paint the window's background too, which the tile must stand on.

        Qt then paints none of what lies behind it: layer by layer, that takes a fifth of the time of many tiles.
        """
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def set_picture(self, rgba: Rgba | None) -> None:
        """Show an array, (height, width, 4) uint8, or nothing."""
        self._image = QImage() if rgba is None else qimage(rgba)
        self.update()

    def set_caption(
        self,
        left: str | Sequence[TextRun] = "",
        right: str | Sequence[TextRun] = "",
        swatch: str = "",
        *,
        below: str | Sequence[TextRun] = "",
        called: str = "",
    ) -> None:
        """Write on the foot.

        Args:
            left: at the left end, in the usual ink or in pieces of their own.
            right: likewise, at the right end.
            swatch: colour of a small square before the text, `#rrggbb`.
            below: a second line.
            called: what a screen reader calls the tile, where that is not the text.
        """
        self._left, self._right = _runs(left, _CAPTION_INK), _runs(right, _CAPTION_DIM)
        self._below = _runs(below, _CAPTION_DIM)
        self._swatch = swatch
        self.setAccessibleName(called or " ".join(text for text, _ in (*self._left, *self._right, *self._below)))
        self.update()

    def set_border(self, value: str = "") -> None:
        """Give the border a colour (`#rrggbb`), or the usual one."""
        self._border = value
        self.update()

    def set_selected(self, *, selected: bool) -> None:
        """Show whether this is the chosen one."""
        if selected != self.selected:
            self.selected = selected
            self.update()

    def set_dimmed(self, *, dimmed: bool) -> None:
        """Let the picture step back."""
        if dimmed != self.dimmed:
            self.dimmed = dimmed
            self.update()

    def set_overlay(self, overlay: Overlay | None) -> None:
        """Paint over the picture."""
        self._overlay = overlay
        self.update()

    def spoken_text(self) -> str:
        """The size of the picture."""
        if self._image.isNull():
            return tr("no picture")
        return tr("{width} by {height} pixels").format(width=self._image.width(), height=self._image.height())

    def image(self) -> QImage:
        """The picture at its own size; null where there is none."""
        return self._image

    def frame(self) -> QRectF:
        """What of the tile shows the picture; the whole tile where there is none."""
        across, down = self.width(), self.height()
        if self._image.isNull():
            return QRectF(0, 0, across, down)
        width, height = self._image.width(), self._image.height()
        scale = min(across / width, down / height)
        return QRectF((across - width * scale) / 2, (down - height * scale) / 2, width * scale, height * scale)

    def picture_area(self) -> QRectF:
        """Where the whole picture lies in the tile; more than the frame where a part of it is seen."""
        return self.area_in(self.frame())

    def area_in(self, frame: QRectF) -> QRectF:
        """As `picture_area`, for a frame."""
        return frame

    def pixel_at(self, position: QPointF) -> tuple[int, int] | None:
        """Row and column of the picture under a point of the tile, None beside it."""
        area = self.picture_area()
        if self._image.isNull() or not (area.contains(position) and self.frame().contains(position)):
            return None
        row = int((position.y() - area.top()) / area.height() * self._image.height())
        column = int((position.x() - area.left()) / area.width() * self._image.width())
        return min(row, self._image.height() - 1), min(column, self._image.width() - 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(self.key)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit(self.key)

    def sizeHint(self) -> QSize:
        return QSize(128, 128)

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = tokens()
        painter = QPainter(self)
        if self.testAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent):
            painter.fillRect(self.rect(), colour(theme.background))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = self.frame()
        area = self.area_in(frame)
        outline = rounded(frame, _TILE_RADIUS_PX)
        painter.save()
        painter.setClipPath(outline)
        painter.fillRect(frame, colour(theme.panel))
        if self._image.hasAlphaChannel():
            painter.fillRect(area, QBrush(colour(theme.void), Qt.BrushStyle.BDiagPattern))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.smooth)
        painter.setOpacity(0.4 if self.dimmed else 1.0)
        painter.drawImage(area, self._image)
        painter.setOpacity(1.0)
        if self._overlay is not None and not self._image.isNull():
            self._overlay(painter, area, area.width() / self._image.width())
        self._paint_texts(painter, frame)
        painter.restore()
        ring = colour(theme.accent) if self.selected else colour(self._border) if self._border else outline_colour()
        painter.setPen(QPen(ring, 2 if self.selected else 1))
        painter.drawPath(outline)

    def _paint_texts(self, painter: QPainter, area: QRectF) -> None:
        if not (self._left or self._right):
            return
        foot_px = _FOOT_PX + (_LINE_PX if self._below else 0)
        foot = QRectF(area.left(), area.bottom() - foot_px, area.width(), foot_px)
        painter.setBrushOrigin(foot.topLeft())
        painter.fillRect(foot, _shade(foot_px))
        left, right, middle = area.left() + _INSET_PX, area.right() - _INSET_PX, area.bottom() - 13
        if self._below:
            _paint_runs(painter, self._below, left, right, middle)
            middle -= _LINE_PX
        if self._swatch:
            painter.fillRect(QRectF(left, middle - 4, 9, 9), colour(self._swatch))
            left += 15
        right_px = sum(text_width(text, SMALL_PX) for text, _ in self._right)
        _paint_runs(painter, self._right, max(left, right - right_px), right, middle)
        _paint_runs(painter, self._left, left, right - right_px - 6 if self._right else right, middle)


@cache
def _shade(height_px: int) -> QBrush:
    """What makes the foot of a picture dark, from 0 at its top; it is shared, and not to be changed."""
    shade = QLinearGradient(0, 0, 0, height_px)
    shade.setColorAt(0.0, colour("#000000", 0.0))
    shade.setColorAt(0.6, colour("#000000", 0.7))
    shade.setColorAt(1.0, colour("#000000", 0.85))
    return QBrush(shade)


def _runs(text: str | Sequence[TextRun], usual: str) -> tuple[TextRun, ...]:
    pieces = [(text, "")] if isinstance(text, str) else text
    return tuple((piece, ink or usual) for piece, ink in pieces if piece)


def _paint_runs(painter: QPainter, runs: tuple[TextRun, ...], left: float, right: float, middle: float) -> None:
    for text, ink in runs:
        room = right - left
        if room <= 0:
            return
        painter.setPen(colour(ink))
        write(painter, (left, middle), elided(text, room + 0.5, SMALL_PX), SMALL_PX)
        left += text_width(text, SMALL_PX)

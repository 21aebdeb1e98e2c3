"""A picture of evidence: small in a row of the list, large with its ends beside it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from inspector.core.arrays import FloatArray
from inspector.core.language import tr
from inspector.diagnosis.values import Severity
from inspector.display.tokens import severity_colour
from inspector.display.triage.scene import Picture, Stroke
from inspector.views.fonts import text_font
from inspector.views.pictures import qimage
from inspector.views.spoken import Role
from inspector.views.theme import colour, theme_name, tokens
from inspector.views.view import guarded

_FONT_PX = 11
_LINE_PX = 15
_SHADE = {"dark": 0.22, "light": 0.12}
"""How strongly the stretch that shows it is tinted."""

_LEAST_SHADE_PX = 3.0
_APART_PX = 8.0
_MOST_BAR_PX, _MOST_LARGE_BAR_PX = 14.0, 44.0


class EvidencePicture(QWidget):
    """Paints a `Picture`.

    Args:
        large: with what the ends of its axes stand for.
    """

    spoken_role = Role.Graphic

    def __init__(self, parent: QWidget | None = None, *, large: bool = False) -> None:
        super().__init__(parent)
        self._large = large
        self._picture = Picture()
        self._severity = Severity.INFO
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, on=not large)

    def show_picture(self, picture: Picture, severity: Severity) -> None:
        """Show a picture, its stretch in the colour of a severity."""
        self._picture, self._severity = picture, severity
        self.setToolTip(picture.legend if self._large else "")
        self.setAccessibleName(picture.legend)
        self.update()

    def spoken_text(self) -> str:
        """What the ends of its axes stand for."""
        left, right = self._picture.left, self._picture.right
        ends = tr("{left} to {right}").format(left=left, right=right) if left and right else left or right
        return ", ".join(part for part in (self._picture.top, ends) if part) or tr(self._severity.word)

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(1, 3, -1, -3)
        if self._picture.bars.size:
            area.setWidth(len(self._picture.bars) * self._bar_px(area))
        if self._large and not self._picture.image.size:
            self._paint_ends(painter, area)
            area = area.adjusted(0, _LINE_PX if self._picture.top else 0, 0, -_LINE_PX)
        if area.width() < 4 or area.height() < 4:
            return
        if self._picture.image.size:
            self._paint_image(painter, area)
        elif self._picture.bars.size:
            self._paint_bars(painter, area)
        else:
            self._paint_lines(painter, area)

    def _paint_ends(self, painter: QPainter, area: QRectF) -> None:
        painter.setFont(text_font(_FONT_PX))
        painter.setPen(colour(tokens().faint))
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        top, foot = Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignBottom
        ends = ((self._picture.top, left | top), (self._picture.left, left | foot), (self._picture.right, right | foot))
        top_px, left_px, right_px = (QFontMetricsF(painter.font()).horizontalAdvance(text) for text, _side in ends)
        area = QRectF(area)
        area.setWidth(max(area.width(), top_px, left_px + right_px + _APART_PX))  # few bars are narrower than words
        for text, side in ends:
            painter.drawText(area, int(side), text)

    def _paint_image(self, painter: QPainter, area: QRectF) -> None:
        image = qimage(self._picture.image)
        scale = min(area.width() / image.width(), area.height() / image.height())
        size_px = image.width() * scale, image.height() * scale
        left = area.center().x() - size_px[0] / 2
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(left, area.center().y() - size_px[1] / 2, *size_px), image)

    def _paint_bars(self, painter: QPainter, area: QRectF) -> None:
        heights, marked = self._picture.bars, set(self._picture.marked)
        step_px = self._bar_px(area)
        gap_px = 1.0 if step_px >= 3 else 0.0
        usual, told = colour(tokens().accent, 0.75), self._ink()
        painter.setPen(Qt.PenStyle.NoPen)
        for place, height in enumerate(heights.tolist()):
            bar_px = max(height * area.height(), 3.0 if place in marked else 0.5)
            bar = QRectF(area.left() + place * step_px, area.bottom() - bar_px, step_px - gap_px, bar_px)
            painter.fillRect(bar, told if place in marked else usual)

    def _bar_px(self, area: QRectF) -> float:
        """How wide a bar is, with its gap."""
        most_px = _MOST_LARGE_BAR_PX if self._large else _MOST_BAR_PX
        return min(area.width() / len(self._picture.bars), most_px)

    def _paint_lines(self, painter: QPainter, area: QRectF) -> None:
        if self._picture.shade is not None:
            first, last = (area.left() + share * area.width() for share in self._picture.shade)
            first = min(first, area.right() - _LEAST_SHADE_PX)
            shade = QRectF(first, area.top(), max(last - first, _LEAST_SHADE_PX), area.height())
            painter.fillRect(shade, colour(severity_colour(self._severity, tokens()), _SHADE[theme_name()]))
        for stroke in self._picture.strokes:
            self._paint_stroke(painter, area, stroke)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(tokens().text))
        radius_px = 3.5 if self._large else 3.0
        for x, y in self._picture.dots:
            painter.drawEllipse(
                QPointF(area.left() + x * area.width(), area.bottom() - y * area.height()), radius_px, radius_px
            )

    def _paint_stroke(self, painter: QPainter, area: QRectF, stroke: Stroke) -> None:
        pen = QPen(colour(getattr(tokens(), stroke.ink)), 1.5)
        if stroke.dashed:
            pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for part in _unbroken(stroke.y):
            x, y = stroke.x[part], stroke.y[part]
            points = zip(
                (area.left() + x * area.width()).tolist(), (area.bottom() - y * area.height()).tolist(), strict=True
            )
            painter.drawPolyline(QPolygonF([QPointF(*point) for point in points]))

    def _ink(self) -> QColor:
        return colour(severity_colour(self._severity, tokens()))


def _unbroken(y: FloatArray) -> list[slice]:
    """The stretches without a gap."""
    known = np.concatenate([[False], np.isfinite(y), [False]])
    turns = np.flatnonzero(known[1:] != known[:-1])
    return [slice(int(first), int(last)) for first, last in zip(turns[::2], turns[1::2], strict=True)]

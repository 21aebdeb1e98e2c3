"""What moves only with the camera, painted once and kept; and what moves by itself over it."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence

import msgspec
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from inspector.views.legend import ink_colour
from inspector.views.plot.axes import paint_axes, x_ticks, y_ticks
from inspector.views.plot.drawing import Drawing
from inspector.views.plot.edges import (
    Arrow,
    LostMark,
    arrow_at,
    arrow_text,
    arrows,
    lost_at,
    lost_marks,
    lost_text,
    paint_arrows,
    paint_lost,
)
from inspector.views.plot.fine_inking import fine_inking
from inspector.views.plot.flags import (
    Stand,
    paint_sentence,
    paint_shades,
    paint_stands,
    shade_text,
    shades_at,
    stand_at,
    stand_text,
    stands,
)
from inspector.views.plot.frame import Frame
from inspector.views.plot.inking import clip_to, ink_strips
from inspector.views.plot.strokes import Layer, layers_of
from inspector.views.theme import colour, tokens
from inspector.views.traces import Flag, Nearest

_DOT_PX = 3.0


class Picture(msgspec.Struct, frozen=True):
    """Axes, bands, curves and marks as they were painted.

    Attributes:
        frame: the way to its pixels.
        layers: curves cut to the screen.
        arrows, lost, stands: what stands at the edges and on the x axis.
    """

    frame: Frame
    drawing: Drawing
    layers: Sequence[Layer] = ()
    arrows: tuple[Arrow, ...] = ()
    lost: tuple[LostMark, ...] = ()
    stands: tuple[Stand, ...] = ()

    def stand_at(self, pixel: QPointF) -> Stand | None:
        """The glyph of the x axis under a pixel."""
        return stand_at(self.stands, self.frame, pixel.x(), pixel.y())

    def opened_at(self, pixel: QPointF) -> Flag | None:
        """What a press on a pixel opens."""
        stand = self.stand_at(pixel)
        shades = shades_at(self.drawing.flags, self.frame, pixel.x(), pixel.y())
        under = stand.flags[-1:] if stand is not None else shades
        return next((flag for flag in under if flag.opens), None)

    def says_at(self, pixel: QPointF) -> str:
        """What stands under a pixel at an edge or on the axis, in words; empty where nothing does."""
        frame, drawing = self.frame, self.drawing
        stand = self.stand_at(pixel)
        if stand is not None:
            return stand_text(stand, drawing.x_axis)
        mark = lost_at(self.lost, frame, pixel.x(), pixel.y())
        if mark is not None:
            return lost_text(mark, drawing.traces, drawing.x_axis)
        arrow = arrow_at(self.arrows, frame, pixel.x(), pixel.y())
        if arrow is not None:
            return arrow_text(arrow, frame, drawing.traces)
        return shade_text(shades_at(drawing.flags, frame, pixel.x(), pixel.y()), drawing.x_axis)


class Over(msgspec.Struct, frozen=True, kw_only=True):
    """What moves by itself.

    Attributes:
        cursor_x: the shared cursor, None where it is hidden.
        pointer: the pixel under the pointer, None where it is elsewhere or drags.
        other_x: x under the pointer on another canvas.
        dots: points that are told of.
        box: corners of the box that is drawn.
        focused: the keyboard moves the camera.
    """

    cursor_x: float | None = None
    pointer: QPointF | None = None
    other_x: float | None = None
    dots: tuple[Nearest, ...] = ()
    box: tuple[QPointF, QPointF] | None = None
    focused: bool = False


CUT_MS = 0.4
"""About how long it takes to cut a curve to the screen."""


def cutting(
    frame: Frame, drawing: Drawing, hidden: frozenset[int] = frozenset(), chosen: frozenset[int] | None = None
) -> Generator[float, None, Picture]:
    """What of a drawing is seen, cut to pixels a little each turn, which tells about how many milliseconds it took.

    Args:
        frame: the way to pixels.
        drawing: what there is.
        hidden: indices of the traces that are left out.
        chosen: indices of those that are not pale; None for all.
    """
    layers: list[Layer] = []
    for layer in layers_of(frame, drawing.traces, hidden, chosen):
        layers.append(layer)
        yield CUT_MS
    return Picture(
        frame,
        drawing,
        layers,
        arrows(frame, layers),
        lost_marks(frame, drawing.traces, hidden),
        stands(frame, drawing.flags),
    )


def painting(painter: QPainter, frame: Frame, drawing: Drawing, hidden: frozenset[int]) -> Iterator[object]:
    """Paint all of a drawing on a device with more pixels than a screen; each turn paints a little of it."""
    picture = yield from cutting(frame, drawing, hidden)
    paint_behind(painter, picture)
    painter.save()
    clip_to(painter, frame)
    yield from fine_inking(painter, frame, drawing.traces, picture.layers)
    painter.restore()
    paint_before(painter, picture)


def paint_behind(painter: QPainter, picture: Picture) -> None:
    """Paint axes and bands."""
    frame, drawing = picture.frame, picture.drawing
    paint_axes(painter, frame, x_ticks(frame, drawing.x_axis), y_ticks(frame))
    painter.save()
    paint_shades(painter, frame, drawing.flags)
    clip_to(painter, frame)
    ink_strips(painter, frame, drawing.strips)
    painter.restore()


def paint_before(painter: QPainter, picture: Picture) -> None:
    """Paint the sentence of a finding, and marks at the edges and on the x axis."""
    frame, drawing = picture.frame, picture.drawing
    paint_sentence(painter, frame, drawing.flags)
    paint_arrows(painter, frame, drawing.traces, picture.arrows)
    paint_lost(painter, frame, picture.lost)
    paint_stands(painter, frame, picture.stands)


def paint_over(painter: QPainter, picture: Picture, over: Over) -> None:
    """Paint what moves by itself over a picture."""
    frame, theme = picture.frame, tokens()
    area = frame.area
    if over.cursor_x is not None:
        _paint_upright(painter, frame, frame.across_px(over.cursor_x), QPen(colour(theme.dim), 1))
    faint = QPen(colour(theme.faint, 0.5), 1)
    if over.pointer is not None and area.holds(over.pointer.x(), over.pointer.y()):
        _paint_upright(painter, frame, over.pointer.x(), faint)
    elif over.other_x is not None:
        _paint_upright(painter, frame, frame.across_px(over.other_x), faint)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_dots(painter, picture, over.dots)
    if over.pointer is not None and (lit := picture.stand_at(over.pointer)) is not None:
        paint_stands(painter, frame, (lit,), lit)
    painter.setPen(QPen(colour(theme.accent), 1))
    if over.box is not None:
        painter.setBrush(colour(theme.accent, 0.12))
        painter.drawRect(QRectF(*over.box).normalized())
    if over.focused:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(area.left, area.top, area.width, area.height))


def _paint_dots(painter: QPainter, picture: Picture, dots: Sequence[Nearest]) -> None:
    if not dots:
        return
    clip_to(painter, picture.frame)
    painter.setPen(QPen(colour(tokens().panel), 1.2))
    for dot in dots:
        trace = picture.drawing.traces[dot.trace]
        place = QPointF(*picture.frame.pixel_of(dot.x, dot.shown))
        if math.isfinite(place.y()):
            painter.setBrush(colour(ink_colour(trace.ink, dim=trace.dim)))
            painter.drawEllipse(place, _DOT_PX, _DOT_PX)
    painter.setClipping(False)


def _paint_upright(painter: QPainter, frame: Frame, x_px: float, pen: QPen) -> None:
    area = frame.area
    if area.left <= x_px <= area.right:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setPen(pen)
        painter.drawLine(QLineF(round(x_px), area.top, round(x_px), area.bottom))

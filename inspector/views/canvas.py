"""Curves on axes, with a cursor, a camera that the mouse moves, and marks of what happened on the way.

Data of any length is cut to the screen's width before it is painted; what was painted is kept, so that a pointer or a
cursor that moves paints nothing else anew.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QEvent, QLineF, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from inspector.display.ticks import Tick
from inspector.session.values import XAxis
from inspector.views.keys import MOVE, keep
from inspector.views.legend import ink_colour
from inspector.views.plot.axes import area_in, paint_axes, x_ticks, y_axis_px, y_ticks
from inspector.views.plot.camera import Camera, Ends, fitted, place_at
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
from inspector.views.plot.flags import Stand, paint_shades, paint_stands, stand_at, stand_text, stands
from inspector.views.plot.frame import Frame, Scale
from inspector.views.plot.strokes import Layer, clip_to, layers_of, paint_layers, paint_strips
from inspector.views.theme import colour, tokens
from inspector.views.traces import Flag, Nearest, Strip, Trace, extent, extremes, nearest, value_at
from inspector.views.view import guarded

# Room left free above and below the curves when fitting.
_MARGIN = 0.05
_X_MARGIN = 0.01
_ZOOM_PER_NOTCH = 0.85
_KEY_SHARE = 0.1
_CURSOR_REACH_PX = 4.0
_HOVER_REACH_PX = 24.0
_DOT_PX = 3.0


class Drawing(msgspec.Struct, frozen=True, kw_only=True):
    """All that a canvas shows.

    Attributes:
        traces: the first ones lie on top.
        x_axis: what x counts.
        x, y: scales of the axes.
        fit_x, fit_y: what fitting shows, in values; None, or NaN, for all there is.
    """

    traces: tuple[Trace, ...] = ()
    strips: tuple[Strip, ...] = ()
    flags: tuple[Flag, ...] = ()
    x_axis: XAxis = "step"
    x: Scale = Scale()
    y: Scale = Scale()
    fit_x: Ends | None = None
    fit_y: Ends | None = None


class CurveCanvas(QWidget):
    """Curves over one x axis.

    Drag pans, the wheel zooms at the pointer, Ctrl+drag boxes, Alt or Shift+wheel takes one axis, a double click fits;
    the cursor can be dragged.

    Signals:
        cursor_moved: x where the user put the cursor.
        ranged: the user moved the camera.
        fitted: the user asked for everything to be shown again.
        pointed: the pixel under the pointer (QPointF), or None when it left.
        opened: the flag that was pressed.
        menu_wanted: where on the screen a menu was asked for.
    """

    cursor_moved = Signal(float)
    ranged = Signal()
    fitted = Signal()
    pointed = Signal(object)
    opened = Signal(object)
    menu_wanted = Signal(QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drawing = Drawing()
        self._frame = Frame()
        self._hidden: frozenset[int] = frozenset()
        self._chosen: frozenset[int] | None = None
        self._layers: list[Layer] = []
        self._arrows: tuple[Arrow, ...] = ()
        self._lost: tuple[LostMark, ...] = ()
        self._stands: tuple[Stand, ...] = ()
        self._picture: QPixmap | None = None
        self._cursor_x: float | None = None
        self._pointer: QPointF | None = None
        self._others_x: float | None = None
        self._dots: tuple[Nearest, ...] = ()
        self._press: QPointF | None = None
        self._held: Camera = Camera()
        self._way = ""
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_drawing(self, drawing: Drawing, *, keep_camera: bool = False) -> None:
        """Show curves; `keep_camera` stays where the user is, unless a scale is another."""
        keep_x = keep_camera and drawing.x == self._drawing.x
        keep_y = keep_camera and drawing.y == self._drawing.y
        self._drawing = drawing
        self._dots = ()
        self._place()
        self._fit(x=not keep_x, y=not keep_y)
        names = ", ".join(trace.label for trace in drawing.traces[:8])
        self.setAccessibleName(f"Curves: {names}")
        self._renew()

    def drawing(self) -> Drawing:
        """What is shown."""
        return self._drawing

    def set_hidden(self, hidden: frozenset[int]) -> None:
        """Leave the traces at these indices out of the picture."""
        if hidden != self._hidden:
            self._hidden = hidden
            self._renew()

    def set_chosen(self, chosen: frozenset[int] | None) -> None:
        """Let all traces but those at these indices step back; None for none of them."""
        if chosen != self._chosen:
            self._chosen = chosen
            self._renew()

    def set_cursor(self, x: float | None) -> None:
        """Put the cursor at x; None hides it."""
        if x != self._cursor_x:
            self._cursor_x = x
            self.update()

    def cursor(self) -> float | None:  # type: ignore[override]  # QWidget's is the pointer's shape
        """Where the cursor is, None while it is hidden."""
        return self._cursor_x

    def fit(self) -> None:
        """Show everything."""
        self._fit(x=True, y=True)

    def _fit(self, *, x: bool, y: bool) -> None:
        camera = self._frame.camera
        self._look(
            Camera(
                (fitted(self._x_extent(), _X_MARGIN, 0.5) or (0.0, 1.0)) if x else camera.x,
                (fitted(self._y_extent(), _MARGIN, self._least()) or (0.0, 1.0)) if y else camera.y,
            )
        )

    def x_range(self) -> Ends:
        """Least and greatest x shown, in values."""
        return self._frame.x_values()

    def y_range(self) -> Ends:
        """Least and greatest y shown, in values."""
        return self._frame.y_values()

    def set_x_range(self, low: float, high: float) -> None:
        """Show this stretch of x, given in values."""
        ends = self._drawing.x.ends_to((low, high))
        if all(math.isfinite(end) for end in ends) and ends[0] < ends[1]:
            self._look(Camera(ends, self._frame.camera.y))

    def set_y_range(self, low: float, high: float) -> None:
        """Show this stretch of y, given in values."""
        ends = self._drawing.y.ends_to((low, high))
        if all(math.isfinite(end) for end in ends) and ends[0] < ends[1]:
            self._look(Camera(self._frame.camera.x, ends))

    def values_at(self, x: float) -> tuple[float, ...]:
        """The value of each trace at the last point at or before x; NaN where it has none."""
        return tuple(value_at(trace.parts, x) for trace in self._drawing.traces)

    def nearest_to(self, x_px: float) -> tuple[Nearest, ...]:
        """Of each trace that is shown the point nearest to a pixel, where it reaches so far."""
        x = self._frame.value_at(x_px, 0.0)[0]
        reach = abs(self._frame.value_at(x_px + _HOVER_REACH_PX, 0.0)[0] - x)
        found = (
            nearest(trace, index, x, reach)
            for index, trace in enumerate(self._drawing.traces)
            if index not in self._hidden
        )
        return tuple(one for one in found if one is not None)

    def set_pointer(self, x: float | None) -> None:
        """Put a faint upright at x, where the pointer is on another canvas; None takes it off."""
        if x != self._others_x:
            self._others_x = x
            self.update()

    def set_dots(self, dots: tuple[Nearest, ...]) -> None:
        """Put a dot on each of these points."""
        if dots != self._dots:
            self._dots = dots
            self.update()

    def pixel_of(self, x: float, y: float) -> QPointF:
        """Where a point is painted."""
        return QPointF(*self._frame.pixel_of(x, y))

    def x_at(self, pixel: QPointF) -> float:
        """The x under a pixel."""
        return self._frame.value_at(pixel.x(), pixel.y())[0]

    def says_at(self, pixel: QPointF) -> str:
        """What stands under a pixel at an edge or on the axis, in words; empty where nothing does."""
        x_px, y_px = pixel.x(), pixel.y()
        stand = stand_at(self._stands, self._frame, x_px, y_px)
        if stand is not None:
            return stand_text(stand, self._drawing.x_axis)
        mark = lost_at(self._lost, self._frame, x_px, y_px)
        if mark is not None:
            return lost_text(mark, self._drawing.traces, self._drawing.x_axis)
        arrow = arrow_at(self._arrows, self._frame, x_px, y_px)
        return arrow_text(arrow, self._frame, self._drawing.traces) if arrow is not None else ""

    def layers(self) -> Sequence[Layer]:
        """What was painted last, in the screen's own pixels."""
        return self._layers

    def edge_marks(self) -> tuple[tuple[Arrow, ...], tuple[LostMark, ...]]:
        """The arrows and marks that were painted last."""
        return self._arrows, self._lost

    def ticks(self) -> tuple[tuple[Tick, ...], tuple[Tick, ...]]:
        """Ticks of the x and of the y axis, at their coordinates."""
        return x_ticks(self._frame, self._drawing.x_axis), y_ticks(self._frame)

    def _least(self) -> float:
        """Half of what is seen of a curve that is level."""
        if self._drawing.y.kind != "linear":
            return 0.5
        level = self._y_extent()[0]
        return max(abs(level) * 0.1, 1e-12) if level else 1.0

    def _x_extent(self) -> Ends:
        wanted = self._drawing.fit_x or (math.nan, math.nan)
        ends = self._drawing.x.ends_to(wanted)
        if all(math.isfinite(end) for end in ends):
            return ends
        return extent([self._drawing.x.to(part.x) for trace in self._drawing.traces for part in trace.parts])

    def _y_extent(self) -> Ends:
        drawing = self._drawing
        wanted = drawing.fit_y or (math.nan, math.nan)
        if not all(math.isfinite(end) for end in wanted):
            wanted = extremes([part for trace in drawing.traces for part in (*trace.parts, *trace.behind)])
        ends = drawing.y.ends_to(wanted)
        if all(math.isfinite(end) for end in ends):
            return ends
        return extent([drawing.y.to(part.y) for trace in drawing.traces for part in (*trace.parts, *trace.behind)])

    def _look(self, camera: Camera) -> None:
        if camera != self._frame.camera:
            self._frame = msgspec.structs.replace(self._frame, camera=camera)
            self._renew()

    def _place(self) -> None:
        """Find the way to pixels anew."""
        frame = Frame(
            area=area_in(self.width(), self.height()),
            camera=self._frame.camera,
            x=self._drawing.x,
            y=self._drawing.y,
            ratio=self.devicePixelRatioF(),
        )
        wide = y_axis_px(y_ticks(frame))
        self._frame = msgspec.structs.replace(frame, area=area_in(self.width(), self.height(), wide))

    def _renew(self) -> None:
        self._picture = None
        self.update()

    def _user_looks(self, camera: Camera) -> None:
        if camera != self._frame.camera:
            self._look(camera)
            self.ranged.emit()

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._picture is None or self._picture.devicePixelRatio() != self.devicePixelRatioF():
            self._picture = self._painted()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        self._paint_over(painter)

    def _painted(self) -> QPixmap:
        """Axes, bands, curves and marks: all that moves only with the camera."""
        self._place()
        frame, drawing = self._frame, self._drawing
        picture = QPixmap(self.size() * frame.ratio)
        picture.setDevicePixelRatio(frame.ratio)
        picture.fill(colour(tokens().panel))
        self._layers = layers_of(frame, drawing.traces, self._hidden, self._chosen)
        self._arrows = arrows(frame, self._layers)
        self._lost = lost_marks(frame, drawing.traces, self._hidden)
        self._stands = stands(frame, drawing.flags)
        painter = QPainter(picture)
        paint_axes(painter, frame, *self.ticks())
        clip_to(painter, frame)
        paint_shades(painter, frame, drawing.flags)
        paint_strips(painter, frame, drawing.strips)
        paint_layers(painter, frame, drawing.traces, self._layers)
        painter.setClipping(False)
        paint_arrows(painter, frame, drawing.traces, self._arrows)
        paint_lost(painter, frame, self._lost)
        paint_stands(painter, frame, self._stands)
        painter.end()
        return picture

    def _paint_over(self, painter: QPainter) -> None:
        """The cursor, the pointer's line and dots, the box that is drawn: what moves by itself."""
        frame, theme = self._frame, tokens()
        area = frame.area
        if self._cursor_x is not None:
            self._paint_upright(painter, frame.across_px(self._cursor_x), QPen(colour(theme.dim), 1))
        if self._pointer is not None and not self._way and area.holds(self._pointer.x(), self._pointer.y()):
            self._paint_upright(painter, self._pointer.x(), QPen(colour(theme.faint, 0.5), 1))
        elif self._others_x is not None:
            self._paint_upright(painter, frame.across_px(self._others_x), QPen(colour(theme.faint, 0.5), 1))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        clip_to(painter, frame)
        for dot in self._dots:
            trace = self._drawing.traces[dot.trace]
            painter.setPen(QPen(colour(theme.panel), 1.2))
            painter.setBrush(colour(ink_colour(trace.ink, dim=trace.dim)))
            if math.isfinite(dot.shown):
                painter.drawEllipse(self.pixel_of(dot.x, dot.shown), _DOT_PX, _DOT_PX)
        painter.setClipping(False)
        if self._pointer is not None and not self._way:
            lit = stand_at(self._stands, frame, self._pointer.x(), self._pointer.y())
            if lit is not None:
                paint_stands(painter, frame, (lit,), lit)
        if self._way == "box" and self._press is not None and self._pointer is not None:
            painter.setPen(QPen(colour(theme.accent), 1))
            painter.setBrush(colour(theme.accent, 0.12))
            painter.drawRect(QRectF(self._press, self._pointer).normalized())
        if self.hasFocus():
            painter.setPen(QPen(colour(theme.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(area.left, area.top, area.width, area.height))

    def _paint_upright(self, painter: QPainter, x_px: float, pen: QPen) -> None:
        area = self._frame.area
        if area.left <= x_px <= area.right:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            painter.setPen(pen)
            painter.drawLine(QLineF(round(x_px), area.top, round(x_px), area.bottom))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        self._press = event.position()
        self._held = self._frame.camera
        self._way = ""

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position()
        if self._press is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self._drag(event)
        else:
            self._shape_pointer()
            self.pointed.emit(self._pointer)
        self.update()

    def _drag(self, event: QMouseEvent) -> None:
        assert self._press is not None
        moved = event.position() - self._press
        if not self._way:
            if moved.manhattanLength() < QApplication.startDragDistance() / 2:
                return
            self._way = self._way_of(event)
            self.pointed.emit(None)
        if self._way == "pan":
            area = self._frame.area
            self._user_looks(self._held.panned(-moved.x() / area.width, moved.y() / area.height))
        elif self._way == "cursor":
            self._put_cursor(self.x_at(event.position()))

    def _way_of(self, event: QMouseEvent) -> str:
        assert self._press is not None
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return "box"
        return "cursor" if self._on_cursor(self._press) else "pan"

    def _on_cursor(self, pixel: QPointF) -> bool:
        if self._cursor_x is None:
            return False
        return abs(self._frame.across_px(self._cursor_x) - pixel.x()) <= _CURSOR_REACH_PX

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        press, way = self._press, self._way
        self._press, self._way = None, ""
        if event.button() != Qt.MouseButton.LeftButton or press is None:
            super().mouseReleaseEvent(event)
        elif way == "box":
            corners = [
                place_at(self._frame.area, self._frame.camera, at.x(), at.y()) for at in (press, event.position())
            ]
            self._user_looks(self._frame.camera.boxed(*corners))
        elif not way:
            self._click(event.position())
        self.update()

    def _click(self, pixel: QPointF) -> None:
        stand = stand_at(self._stands, self._frame, pixel.x(), pixel.y())
        if stand is not None and stand.flags[-1].opens:
            self.opened.emit(stand.flags[-1])
        elif self._frame.area.holds(pixel.x(), pixel.y(), margin_px=2):
            self._put_cursor(self.x_at(pixel))

    def _put_cursor(self, x: float) -> None:
        self.set_cursor(x)
        self.cursor_moved.emit(x)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.fit()
            self.fitted.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos())

    def wheelEvent(self, event: QWheelEvent) -> None:
        # Qt turns the wheel sideways while Alt is held.
        notches = (event.angleDelta().y() or event.angleDelta().x()) / 120
        factor = _ZOOM_PER_NOTCH**notches
        across = not event.modifiers() & Qt.KeyboardModifier.AltModifier
        along = not event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        at = place_at(self._frame.area, self._frame.camera, event.position().x(), event.position().y())
        event.accept()
        self._user_looks(self._frame.camera.zoomed(factor if across else 1.0, factor if along else 1.0, at))

    def event(self, event: QEvent) -> bool:
        keep(event, MOVE)
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        camera = self._frame.camera
        middle = (sum(camera.x) / 2, sum(camera.y) / 2)
        steps = {
            Qt.Key.Key_Left: lambda: camera.panned(-_KEY_SHARE, 0),
            Qt.Key.Key_Right: lambda: camera.panned(_KEY_SHARE, 0),
            Qt.Key.Key_Up: lambda: camera.panned(0, _KEY_SHARE),
            Qt.Key.Key_Down: lambda: camera.panned(0, -_KEY_SHARE),
            Qt.Key.Key_Plus: lambda: camera.zoomed(_ZOOM_PER_NOTCH, _ZOOM_PER_NOTCH, middle),
            Qt.Key.Key_Minus: lambda: camera.zoomed(1 / _ZOOM_PER_NOTCH, 1 / _ZOOM_PER_NOTCH, middle),
        }
        step = steps.get(Qt.Key(event.key()))
        if step is not None:
            self._user_looks(step())
        elif event.key() == Qt.Key.Key_Home:
            self.fit()
            self.fitted.emit()
        else:
            super().keyPressEvent(event)

    def _shape_pointer(self) -> None:
        assert self._pointer is not None
        stand = stand_at(self._stands, self._frame, self._pointer.x(), self._pointer.y())
        if stand is not None and stand.flags[-1].opens:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        elif self._on_cursor(self._pointer):
            self.setCursor(Qt.CursorShape.SizeHorCursor)
        else:
            self.unsetCursor()

    def leaveEvent(self, _event: QEvent) -> None:
        self._pointer = None
        self.set_dots(())
        self.pointed.emit(None)
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._renew()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()
        self._renew()

    def sizeHint(self) -> QSize:
        return QSize(400, 240)

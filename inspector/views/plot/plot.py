"""Curves over one x axis, as a camera sees them.

Data of any length is cut to the screen's width before it is painted; what was painted is kept, so that a pointer or a
cursor that moves paints nothing else anew. Many curves take several turns of the event loop: until all of a picture is
there, the one before it is shown, moved and stretched as the camera is.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from inspector.core.language import tr
from inspector.core.units import number_text
from inspector.display.ticks import Tick
from inspector.views.plot.axes import frame_in, x_ticks, y_ticks
from inspector.views.plot.camera import Camera, Ends
from inspector.views.plot.drawing import Drawing, fitting
from inspector.views.plot.frame import Frame
from inspector.views.plot.kept import Kept, Making, making, paint_kept
from inspector.views.plot.picture import Over, Picture, paint_over
from inspector.views.plot.turns import PaintTurns
from inspector.views.spoken import MOST_TOLD, Role
from inspector.views.theme import colour, tokens
from inspector.views.traces import Nearest, Trace, nearest, value_at
from inspector.views.view import guarded

_HOVER_REACH_PX = 24.0
_TURN_MS = 6.0
"""So much is painted in a turn, by the estimate of what it takes; a little is painted at once."""


class CurvePlot(QWidget):
    """Curves over one x axis as a camera sees them; it knows no mouse."""

    spoken_role = Role.Chart

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drawing = Drawing()
        self._frame = Frame()
        self._hidden: frozenset[int] = frozenset()
        self._chosen: frozenset[int] | None = None
        self._kept: Kept | None = None
        self._making: Making | None = None
        self._stale = True
        self._turns = PaintTurns(self)
        self._over = Over()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_drawing(self, drawing: Drawing, *, keep_camera: bool = False) -> None:
        """Show curves; `keep_camera` stays where the user is, unless a scale is another."""
        keep_x = keep_camera and drawing.x == self._drawing.x
        keep_y = keep_camera and drawing.y == self._drawing.y
        self._drawing = drawing
        self._move_over(dots=())
        self._place()
        self._fit(x=not keep_x, y=not keep_y)
        names = ", ".join(trace.label for trace in drawing.traces[:8])
        self.setAccessibleName(tr("Curves: {names}").format(names=names))
        self._renew()

    def spoken_text(self) -> str:
        """The least, the largest and the last value of each curve."""
        return "; ".join(_spoken_of(trace) for trace in self._drawing.traces[:MOST_TOLD])

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
        self._move_over(cursor_x=x)

    def cursor(self) -> float | None:  # type: ignore[override]  # QWidget's is the pointer's shape
        """Where the cursor is, None while it is hidden."""
        return self._over.cursor_x

    def fit(self) -> None:
        """Show everything."""
        self._fit(x=True, y=True)

    def _fit(self, *, x: bool, y: bool) -> None:
        camera, all_of_it = self._frame.camera, fitting(self._drawing)
        self._look(Camera(all_of_it.x if x else camera.x, all_of_it.y if y else camera.y))

    def camera(self) -> Camera:
        """What is seen."""
        return self._frame.camera

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
        self._move_over(other_x=x)

    def set_dots(self, dots: tuple[Nearest, ...]) -> None:
        """Put a dot on each of these points."""
        self._move_over(dots=dots)

    def pixel_of(self, x: float, y: float) -> QPointF:
        """Where a point is painted."""
        return QPointF(*self._frame.pixel_of(x, y))

    def x_at(self, pixel: QPointF) -> float:
        """The x under a pixel."""
        return self._frame.value_at(pixel.x(), pixel.y())[0]

    def says_at(self, pixel: QPointF) -> str:
        """What stands under a pixel at an edge or on the axis, in words; empty where nothing does."""
        return self.picture().says_at(pixel)

    def picture(self) -> Picture:
        """What was painted last."""
        return self._kept.picture if self._kept is not None else Picture(self._frame, self._drawing)

    def ticks(self) -> tuple[tuple[Tick, ...], tuple[Tick, ...]]:
        """Ticks of the x and of the y axis, at their coordinates."""
        return x_ticks(self._frame, self._drawing.x_axis), y_ticks(self._frame)

    def _look(self, camera: Camera) -> None:
        if camera != self._frame.camera:
            self._frame = msgspec.structs.replace(self._frame, camera=camera)
            self._renew()

    def _place(self) -> None:
        """Find the way to pixels anew."""
        camera, ratio = self._frame.camera, self.devicePixelRatioF()
        self._frame = frame_in(self.width(), self.height(), self._drawing, camera, ratio)

    def share_turns(self, turns: PaintTurns) -> None:
        """Be painted in turn with others."""
        self._turns = turns

    def unfinished(self) -> bool:
        """Whether what is in sight is not yet painted as it is to be."""
        return (self._stale or self._making is not None) and not self.visibleRegion().isEmpty()

    def finish(self) -> None:
        """Paint at once all that is to be painted."""
        while self._stale or self._making is not None:
            self._paint_some()

    def take_turn(self) -> bool:
        """Paint a little; whether there is more to paint."""
        if not self.unfinished():
            return False
        self._paint_some()
        return self.unfinished()

    def _renew(self) -> None:
        self._stale = True
        self._turns.want(self)

    def _paint_some(self) -> None:
        """Paint for a turn.

        A picture that was begun is ended also where another is wanted meanwhile: something new is seen while a hand
        moves on.
        """
        if self._making is None:
            self._stale = False
            self._place()
            self._making = making(self._frame, self._drawing, self.size(), self._hidden, self._chosen)
        going, left_ms = self._making, _TURN_MS
        self._making = None  # so that one that fails is not gone on with
        while left_ms > 0:
            try:
                left_ms -= next(going)
            except StopIteration as done:
                self._kept = done.value
                break
        else:
            self._making = going
        self.update()

    def _move_over(self, **changes: Any) -> None:
        """Change what moves by itself, and paint it where it is another."""
        over = msgspec.structs.replace(self._over, **changes)
        if over != self._over:
            self._over = over
            self.update()

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._kept is not None and self._kept.pixmap.devicePixelRatio() != self.devicePixelRatioF():
            self._renew()
        if self._kept is None and self._stale:
            self._paint_some()
        if self._stale or self._making is not None:
            self._turns.want(self)
        painter = QPainter(self)
        if self._kept is None:
            painter.fillRect(self.rect(), colour(tokens().panel))
            return
        paint_kept(painter, self._kept, self._frame)
        shown = msgspec.structs.replace(self._kept.picture, frame=self._frame, drawing=self._drawing)
        paint_over(painter, shown, self._over)

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


def _spoken_of(trace: Trace) -> str:
    values = np.concatenate([part.y for part in trace.parts]) if trace.parts else np.zeros(0)
    values = values[np.isfinite(values)]
    if not values.size:
        return tr("{curve}: no values").format(curve=trace.label)
    least, largest, last = (number_text(float(value)) for value in (values.min(), values.max(), values[-1]))
    return tr("{curve}: from {least} to {largest}, last {last}").format(
        curve=trace.label, least=least, largest=largest, last=last
    )

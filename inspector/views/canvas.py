"""Curves on axes: the only module that knows pyqtgraph, and loaded only when the first curve is shown.

Data of any length is cut to the screen's width before pyqtgraph sees it; pyqtgraph brings axes, mouse and camera.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pyqtgraph
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from inspector.analysis.pyramid import Pyramid, decimated
from inspector.display.ticks import Tick, linear_ticks, log_ticks, time_ticks
from inspector.display.tokens import mixed
from inspector.views.fonts import text_font
from inspector.views.legend import ink_colour
from inspector.views.theme import tokens
from inspector.views.traces import Trace, extent, log10_or_gap, lonely_points, value_at

XKind = Literal["count", "number", "time"]

_TICK_PX = 11
_X_TICK_EVERY_PX = 72
_Y_TICK_EVERY_PX = 64
_Y_AXIS_PX = 54
_X_AXIS_PX = 20
# Half of a tick's text, so that the last one is not cut.
_RIGHT_PX = 14
_DOT_PX = 5
_DASHES = [4.0, 3.0]
# Room left free above and below the curves when fitting.
_MARGIN = 0.05
_ZOOM_PER_NOTCH = 0.85
# A smooth wide line is stroked by software, 200 ms where noise fills the panel; then thin hard lines look the same.
_SMOOTH_POINTS = 1200
_CROWD_POINTS = 8000
_WIDE_PX = 1.6
_BEHIND = -10.0

pyqtgraph.setConfigOptions(antialias=True, background=None, exitCleanup=False)


class _Axis(pyqtgraph.AxisItem):  # type: ignore[misc]  # pyqtgraph ships no types
    """An axis whose ticks come from `display.ticks`."""

    def __init__(self, side: str, canvas: CurveCanvas) -> None:
        super().__init__(side, showValues=True)
        self._canvas = canvas
        self.setStyle(tickFont=text_font(_TICK_PX), tickLength=0, hideOverlappingLabels=False)

    def _ticks(self, low: float, high: float, size_px: float) -> tuple[Tick, ...]:
        return self._canvas.ticks(self.orientation == "bottom", low, high, size_px)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        return [(1.0, [tick.value for tick in self._ticks(low, high, size)])]

    def tickStrings(self, values: list[float], _scale: float, _spacing: float) -> list[str]:
        low, high = self.range
        size = self.geometry().width() if self.orientation == "bottom" else self.geometry().height()
        texts = {tick.value: tick.text for tick in self._ticks(low, high, size)}
        return [texts.get(value, "") for value in values]


class _Curve(pyqtgraph.PlotCurveItem):  # type: ignore[misc]  # pyqtgraph ships no types
    """A line whose extent is what is shown: measuring its points anew took a third of each frame."""

    def __init__(self, pen: QPen) -> None:
        super().__init__(pen=pen, connect="finite", skipFiniteCheck=False)
        self.area = QRectF()

    def boundingRect(self) -> QRectF:
        return self.area


class _Camera(pyqtgraph.ViewBox):  # type: ignore[misc]  # pyqtgraph ships no types
    """Drag pans, wheel zooms at the pointer, Ctrl+drag boxes, Alt or Shift+wheel one axis, double click fits."""

    def __init__(self, canvas: CurveCanvas) -> None:
        super().__init__(enableMenu=False)
        self._canvas = canvas
        self.setMouseEnabled(x=True, y=True)

    def wheelEvent(self, event: Any, axis: int | None = None) -> None:
        modifiers = event.modifiers()
        scale = _ZOOM_PER_NOTCH ** (event.delta() / 120)
        across = not modifiers & Qt.KeyboardModifier.AltModifier and axis != 1
        along = not modifiers & Qt.KeyboardModifier.ShiftModifier and axis != 0
        centre = self.mapSceneToView(event.scenePos())
        self.scaleBy(x=scale if across else None, y=scale if along else None, center=centre)
        event.accept()
        self._canvas.user_moved()

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        boxing = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        self.state["mouseMode"] = self.RectMode if boxing else self.PanMode
        super().mouseDragEvent(event, axis)
        self._canvas.user_moved()

    def mouseClickEvent(self, event: Any) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        event.accept()
        if event.double():
            self._canvas.fit()
            self._canvas.fitted.emit()
        else:
            self._canvas.user_clicked(float(self.mapSceneToView(event.scenePos()).x()))


class CurveCanvas(QWidget):
    """Curves over one x axis, with a cursor that can be dragged.

    Signals:
        cursor_moved: x where the user put the cursor.
        ranged: least and greatest x shown, after the user moved the camera.
        fitted: the user asked for everything to be shown again.
        pointed: x under the pointer, or None when it left.
    """

    cursor_moved = Signal(float)
    ranged = Signal(float, float)
    fitted = Signal()
    pointed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._traces: tuple[Trace, ...] = ()
        self._log_y = False
        self._x_kind: XKind = "number"
        self._fit_x: tuple[float, float] | None = None
        self._fit_y: tuple[float, float] | None = None
        self._curves: list[tuple[Pyramid, Any]] = []
        self._drawn: list[tuple[int, Any]] = []
        self._hidden: frozenset[int] = frozenset()
        self._camera = _Camera(self)
        axes = {side: _Axis(side, self) for side in ("left", "bottom")}
        self._plot = pyqtgraph.PlotWidget(parent=self, viewBox=self._camera, axisItems=axes)
        self._item = self._plot.getPlotItem()
        self._plot.setFrameShape(QFrame.Shape.NoFrame)
        self._item.hideButtons()
        self._item.layout.setContentsMargins(0, 4, _RIGHT_PX, 0)
        self._item.setMenuEnabled(False)
        axes["left"].setWidth(_Y_AXIS_PX)
        axes["bottom"].setHeight(_X_AXIS_PX)
        self._cursor = pyqtgraph.InfiniteLine(angle=90, movable=True)
        self._cursor.sigDragged.connect(self._on_cursor_dragged)
        self._cursor.setZValue(50)
        self._cursor.hide()
        self._item.addItem(self._cursor, ignoreBounds=True)
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._cut)
        self._camera.sigRangeChanged.connect(self._on_range)
        self._plot.scene().sigMouseMoved.connect(self._on_pointer)
        self._plot.viewport().installEventFilter(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._plot)
        self._recolour()

    def set_traces(
        self,
        traces: Sequence[Trace],
        *,
        x_kind: XKind = "number",
        log_y: bool = False,
        fit_x: tuple[float, float] | None = None,
        fit_y: tuple[float, float] | None = None,
        keep_camera: bool = False,
    ) -> None:
        """Show curves.

        Args:
            traces: the first ones lie on top.
            x_kind: what x counts: whole things, numbers, or seconds.
            log_y: values at or below 0 become gaps.
            fit_x: what fitting shows along x; None for all there is.
            fit_y: what fitting shows along y, in values; None for all there is.
            keep_camera: stay where the user is; otherwise fit.
        """
        rescaled = log_y != self._log_y
        self._traces = tuple(traces)
        self._x_kind, self._log_y = x_kind, log_y
        self._fit_x, self._fit_y = fit_x, fit_y
        self._rebuild()
        if rescaled or not keep_camera:
            self.fit()
        self._cut()

    def set_hidden(self, hidden: frozenset[int]) -> None:
        """Leave the traces at these indices out of the picture."""
        self._hidden = hidden
        for index, item in self._drawn:
            item.setVisible(index not in hidden)

    def set_cursor(self, x: float | None) -> None:
        """Put the cursor at x; None hides it."""
        self._cursor.setVisible(x is not None)
        if x is not None and not self._cursor.moving:
            self._cursor.setValue(x)

    def cursor(self) -> float | None:  # type: ignore[override]  # QWidget's is the pointer's shape
        """Where the cursor is, None while it is hidden."""
        return float(self._cursor.value()) if self._cursor.isVisible() else None

    def fit(self) -> None:
        """Show everything."""
        x_low, x_high = self._fit_x or extent([part.x for trace in self._traces for part in trace.parts])
        y_low, y_high = self._y_extent()
        if math.isfinite(x_low):
            pad = (x_high - x_low) * 0.01 or 0.5
            self._camera.setXRange(x_low - pad, x_high + pad, padding=0)
        if math.isfinite(y_low):
            pad = (y_high - y_low) * _MARGIN or max(abs(y_high) * 0.1, 1e-12)
            self._camera.setYRange(y_low - pad, y_high + pad, padding=0)

    def x_range(self) -> tuple[float, float]:
        """Least and greatest x shown."""
        low, high = self._camera.viewRange()[0]
        return float(low), float(high)

    def y_range(self) -> tuple[float, float]:
        """Least and greatest y shown, in values also on a logarithmic axis."""
        low, high = self._camera.viewRange()[1]
        return (10.0**low, 10.0**high) if self._log_y else (float(low), float(high))

    def set_x_range(self, low: float, high: float) -> None:
        """Show this stretch of x."""
        self._camera.setXRange(low, high, padding=0)

    def values_at(self, x: float) -> tuple[float, ...]:
        """The value of each trace at the last point at or before x; NaN where it has none."""
        return tuple(value_at(trace.parts, x) for trace in self._traces)

    def drawn_points(self) -> int:
        """How many points are on the screen, of all curves together."""
        return sum(len(curve.xData) for _, curve in self._curves if curve.xData is not None)

    def ticks(self, along_x: bool, low: float, high: float, size_px: float) -> tuple[Tick, ...]:
        """The ticks of an axis, at pyqtgraph's own coordinates (logs on a logarithmic axis)."""
        if along_x:
            count = max(int(size_px / _X_TICK_EVERY_PX), 2)
            if self._x_kind == "time":
                return time_ticks(low, high, count)
            return linear_ticks(low, high, count, whole=self._x_kind == "count")
        count = max(int(size_px / _Y_TICK_EVERY_PX), 3)
        if not self._log_y:
            return linear_ticks(low, high, count)
        if max(abs(low), abs(high)) > 300:
            return ()
        return tuple(Tick(math.log10(tick.value), tick.text) for tick in log_ticks(10.0**low, 10.0**high, count))

    def user_moved(self) -> None:
        """The camera moved by mouse."""
        self.ranged.emit(*self.x_range())

    def user_clicked(self, x: float) -> None:
        """The mouse was pressed at x and let go there."""
        self.set_cursor(x)
        self.cursor_moved.emit(x)

    def _on_cursor_dragged(self) -> None:
        self.cursor_moved.emit(float(self._cursor.value()))

    def _on_range(self) -> None:
        self._later.start()

    def _on_pointer(self, position: QPointF) -> None:
        inside = self._camera.sceneBoundingRect().contains(position)
        self.pointed.emit(float(self._camera.mapSceneToView(position).x()) if inside else None)

    def _y_extent(self) -> tuple[float, float]:
        low, high = self._fit_y or extent([part.y for trace in self._traces for part in (*trace.parts, *trace.behind)])
        if not self._log_y:
            return low, high
        if not low > 0:
            positive = [part.y[part.y > 0] for trace in self._traces for part in (*trace.parts, *trace.behind)]
            low = extent(positive)[0]
        return (math.log10(low), math.log10(high)) if low > 0 and high > 0 else (math.nan, math.nan)

    def _rebuild(self) -> None:
        self._item.clear()
        self._item.addItem(self._cursor, ignoreBounds=True)
        self._curves, self._drawn = [], []
        for depth, trace in enumerate(self._traces):
            full = QColor(ink_colour(trace.ink, dim=trace.dim))
            pale = QColor(full)
            pale.setAlphaF(0.28)
            for part in trace.behind:
                self._add(depth, part, pyqtgraph.mkPen(pale, width=1), _BEHIND - depth)
            pen = pyqtgraph.mkPen(full, width=_WIDE_PX, dash=_DASHES if trace.dashed else None)
            for part in trace.parts:
                self._add(depth, part, pen, -depth / 100)
            self._add_dots(depth, trace, full)
            self._add_marks(depth, trace)
        self.set_hidden(self._hidden)

    def _add(self, index: int, part: Pyramid, pen: QPen, depth: float) -> None:
        curve = _Curve(pen)
        curve.setZValue(depth)
        self._item.addItem(curve, ignoreBounds=True)
        self._curves.append((part, curve))
        self._drawn.append((index, curve))

    def _add_dots(self, index: int, trace: Trace, full: QColor) -> None:
        """Points that no line reaches, as the first one after a resume."""
        for part in trace.parts:
            x, y = lonely_points(part)
            if x.size:
                y = log10_or_gap(y) if self._log_y else y
                dots = pyqtgraph.ScatterPlotItem(x, y, size=_DOT_PX, pen=None, brush=full)
                dots.setZValue(-index / 100)
                self._item.addItem(dots, ignoreBounds=True)
                self._drawn.append((index, dots))

    def _add_marks(self, index: int, trace: Trace) -> None:
        if not trace.lost_x.size:
            return
        y = trace.lost_y
        if self._log_y:
            y = log10_or_gap(y)
        kept = np.isfinite(y)
        marks = pyqtgraph.ScatterPlotItem(
            trace.lost_x[kept],
            y[kept],
            symbol="x",
            size=9,
            pen=pyqtgraph.mkPen(tokens().critical, width=1.6),
            brush=None,
        )
        marks.setZValue(40)
        self._item.addItem(marks, ignoreBounds=True)
        self._drawn.append((index, marks))

    def _cut(self) -> None:
        """Give every curve the points that this width can show."""
        low, high = self._camera.viewRange()[0]
        width_px = max(int(self._camera.width()), 16)
        cuts = [decimated(part, low, high, width_px) for part, _ in self._curves]
        area = self._camera.viewRect()
        crowded = sum(len(x) for x, _ in cuts) > _CROWD_POINTS
        for (_, curve), (x, y) in zip(self._curves, cuts, strict=True):
            smooth = not crowded and len(x) <= _SMOOTH_POINTS
            curve.area = area
            curve.opts["antialias"] = smooth
            curve.opts["pen"].setWidthF(_WIDE_PX if smooth and curve.zValue() > _BEHIND else 1.0)
            curve.setData(x, log10_or_gap(y) if self._log_y else y)

    def _recolour(self) -> None:
        theme = tokens()
        self._plot.setBackground(theme.panel)
        for side in ("left", "bottom"):
            axis = self._item.getAxis(side)
            axis.setZValue(-100)
            axis.setPen(QPen(Qt.PenStyle.NoPen))
            axis.setTextPen(theme.faint)
            axis.setTickPen(pyqtgraph.mkPen(mixed(theme.line, theme.panel, 0.35), width=1))
        self._item.getAxis("left").setGrid(255)
        self._cursor.setPen(pyqtgraph.mkPen(theme.dim, width=1))
        self._cursor.setHoverPen(pyqtgraph.mkPen(theme.text, width=2))
        self._rebuild()
        self._cut()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.pointed.emit(None)
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._recolour()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._later.start()

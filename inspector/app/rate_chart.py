"""The learning rate that was, that would have been, and that will be, painted."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from inspector.core.arrays import FloatArray
from inspector.core.language import tr
from inspector.display.preview.scene import PreviewScene, RateLine
from inspector.display.ticks import Tick, linear_ticks
from inspector.runs.placing import place_text
from inspector.views.fonts import SMALL_PX, text_font
from inspector.views.spoken import Role
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

_LEFT_PX, _TOP_PX, _RIGHT_PX, _BOTTOM_PX = 62, 12, 16, 24

Place = Callable[[float, float], QPointF]
"""Step and rate to a place on the widget."""

_LEAST_PX = 0.5
_STYLES = {False: Qt.PenStyle.SolidLine, True: Qt.PenStyle.DashLine}


def _assumed_from(scene: PreviewScene, line: RateLine) -> float:
    """The first step of a line that is an assumption; infinite where there is none."""
    return math.inf if scene.assumed_from is None or line.ink != "good" else scene.assumed_from


def _polygon(x: FloatArray, y: FloatArray) -> QPolygonF:
    """Points of the widget as a line, without those that cannot be told from the one before."""
    if x.size > 2:
        apart = (np.diff(np.floor(x)) != 0) | (np.abs(np.diff(y)) >= _LEAST_PX)
        apart[-1] = True
        x, y = np.append(x[:1], x[1:][apart]), np.append(y[:1], y[1:][apart])
    return QPolygonF(list(map(QPointF, x.tolist(), y.tolist())))


def _along(line: RateLine, *, in_epochs: bool) -> FloatArray:
    return line.epochs if in_epochs and line.epochs is not None else line.steps


class RateChart(QWidget):
    """Lines over epochs, or over optimizer steps where a line has no epochs, with the place of the resume."""

    spoken_role = Role.Chart

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene: PreviewScene | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Learning rate before and after the resume"))

    def sizeHint(self) -> QSize:
        return QSize(700, 190)

    def spoken_text(self) -> str:
        """Where the run goes on, and with which rates."""
        if self.scene is None:
            return tr("no preview")
        first = ", ".join(f"{rate:.3g}" for rate in self.scene.first)
        told = tr("from step {step:,.0f} on, first rates {rates}").format(step=self.scene.resume_step, rates=first)
        return self.scene.problem or told

    def show_scene(self, scene: PreviewScene | None) -> None:
        """Show a preview; None clears it."""
        self.scene = scene
        self.update()

    def _in_epochs(self, scene: PreviewScene) -> bool:
        return bool(scene.lines) and all(line.epochs is not None for line in scene.lines)

    def _range(self, lines: tuple[RateLine, ...], *, in_epochs: bool) -> tuple[float, float, float]:
        """Where x begins and ends, and the highest rate."""
        filled = [(_along(line, in_epochs=in_epochs), line.rates) for line in lines if line.steps.size]
        first = min((float(x[0]) for x, _rates in filled), default=0.0)
        last = max((float(x[-1]) for x, _rates in filled), default=1.0)
        rates = [float(rates[np.isfinite(rates)].max(initial=0.0)) for _x, rates in filled]
        return min(first, 1.0), max(last, first + 1), max(rates, default=1.0) or 1.0

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        scene = self.scene
        if scene is None:
            return
        theme = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(text_font(SMALL_PX))
        area = QRectF(self.rect()).adjusted(_LEFT_PX, _TOP_PX, -_RIGHT_PX, -_BOTTOM_PX)
        in_epochs = self._in_epochs(scene)
        first, last, high = self._range(scene.lines, in_epochs=in_epochs)

        def at(step: float, rate: float) -> QPointF:
            return QPointF(
                area.left() + (step - first) / (last - first) * area.width(),
                area.bottom() - rate / (high * 1.08) * area.height(),
            )

        self._paint_axes(painter, area, linear_ticks(first, last, 8, whole=True), linear_ticks(0, high * 1.08, 4), at)
        for line in scene.lines:
            x = area.left() + (_along(line, in_epochs=in_epochs) - first) / (last - first) * area.width()
            y = area.bottom() - line.rates / (high * 1.08) * area.height()
            seen = np.isfinite(x) & np.isfinite(y)
            # What is assumed begins where what is known ends.
            known = seen & (line.steps < _assumed_from(scene, line))
            assumed = seen & (line.steps >= _assumed_from(scene, line) - 1)
            for part, style in ((known, _STYLES[line.dashed]), (assumed, Qt.PenStyle.DotLine)):
                painter.setPen(QPen(colour(getattr(theme, line.ink)), 1.8, style))
                painter.drawPolyline(_polygon(x[part], y[part]))
        self._paint_resume(painter, area, at(scene.resume_epoch if in_epochs else scene.resume_step, 0).x(), scene)

    def _paint_resume(self, painter: QPainter, area: QRectF, x: float, scene: PreviewScene) -> None:
        """Where the old line ends and the new one begins; its words stand on the side that has room."""
        painter.setPen(QPen(colour(tokens().dim), 1))
        painter.drawLine(QPointF(x, area.top() - 6), QPointF(x, area.bottom()))
        place = place_text(scene.resume_step, scene.resume_epoch if self._in_epochs(scene) else None)
        text = tr("resume at {place}").format(place=place)
        width = painter.fontMetrics().horizontalAdvance(text)
        left = x + 5 if x + 5 + width < area.right() else x - 5 - width
        painter.drawText(QPointF(left, area.top() + 4), text)

    def _paint_axes(
        self, painter: QPainter, area: QRectF, along: tuple[Tick, ...], up: tuple[Tick, ...], at: Place
    ) -> None:
        theme = tokens()
        painter.setPen(QPen(colour(theme.line), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        for tick in along:
            painter.setPen(colour(theme.dim))
            x = at(tick.value, 0).x()
            painter.drawText(QRectF(x - 40, area.bottom() + 4, 80, 18), int(Qt.AlignmentFlag.AlignCenter), tick.text)
        for tick in up:
            y = at(0, tick.value).y()
            painter.setPen(QPen(colour(theme.line, 0.5), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(colour(theme.dim))
            box = QRectF(0, y - 9, _LEFT_PX - 8, 18)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), tick.text)

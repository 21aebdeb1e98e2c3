"""The painted part of the timeline: the curve, checkpoints, dumps, findings, and the cursor.

All but the cursor is kept as a picture, for a noisy curve takes longer to paint than a frame may.
"""

from __future__ import annotations

import math

import msgspec
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
    QPolygonF,
)
from PySide6.QtWidgets import QToolTip, QWidget

from inspector.core.language import tr, tr_counted
from inspector.core.texts import visible
from inspector.diagnosis.values import Severity
from inspector.display.timeline.scene import Mark, TimelineScene
from inspector.display.tokens import Tokens, severity_colour
from inspector.runs.values import Moment
from inspector.views.fonts import SMALL_PX, text_font
from inspector.views.spoken import Role
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

HEIGHT_PX = 104
_RIGHT_PX = 24
_TOP_PX = 18
_BOTTOM_PX = 26
_REACH_PX = 7
_BETWEEN_PX = 6
# A wide line that goes up and down over many more pixels takes a tenth of a second.
_WIDE_LENGTH_PX = 3000.0


class Flag(msgspec.Struct, frozen=True):
    """A finding on the timeline."""

    step: float
    severity: Severity
    title: str


class TimelineStrip(QWidget):
    """The painted part; a press or drag moves the cursor."""

    moved = Signal(float)

    spoken_role = Role.Chart

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene: TimelineScene | None = None
        self.flags: tuple[Flag, ...] = ()
        self.cursor_step: float | None = None
        self.moments: tuple[Moment, ...] = ()
        self._kept: tuple[TimelineScene, tuple[object, ...], QPixmap] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(tr("Timeline"))

    def show_scene(self, scene: TimelineScene | None) -> None:
        """Show a run's curve and marks; None shows nothing, and keeps nothing."""
        self.scene = scene
        if scene is None:
            self._kept = None
        self.update()

    def spoken_text(self) -> str:
        """The steps of the run, where the cursor stands, the marks and the findings."""
        scene, at = self.scene, self.shown_cursor()
        if scene is None or at is None:
            return tr("no run")
        kinds = [mark.kind for mark in scene.marks]
        parts = [
            tr("step {first:,.0f} to {last:,.0f}, cursor at {at:,.0f}").format(
                first=scene.first_step, last=scene.last_step, at=at
            ),
            tr_counted(kinds.count("checkpoint"), "checkpoint"),
            tr_counted(kinds.count("dump"), "dump"),
        ]
        of_flag = tr("{severity}: {finding} at step {step:,.0f}")
        parts += [
            of_flag.format(severity=tr(one.severity.word), finding=one.title, step=one.step) for one in self.flags
        ]
        return "; ".join(parts)

    def sizeHint(self) -> QSize:
        return QSize(600, HEIGHT_PX)

    def x_of(self, step: float) -> float:
        """Pixels from the left edge of a step."""
        scene = self.scene
        if scene is None or scene.last_step <= scene.first_step:
            return _RIGHT_PX / 2
        share = (step - scene.first_step) / (scene.last_step - scene.first_step)
        return _RIGHT_PX / 2 + share * (self.width() - _RIGHT_PX)

    def step_at(self, x: float) -> float:
        """The step under a pixel, whole, within the run."""
        scene = self.scene
        if scene is None:
            return 0.0
        share = (x - _RIGHT_PX / 2) / max(self.width() - _RIGHT_PX, 1)
        step = scene.first_step + min(max(share, 0.0), 1.0) * (scene.last_step - scene.first_step)
        return float(round(step))

    def shown_cursor(self) -> float | None:
        """The step where the cursor stands; the newest while it follows."""
        if self.scene is None:
            return None
        return self.scene.last_step if self.cursor_step is None else self.cursor_step

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.scene is None:
            return
        theme = tokens()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture(self.scene, theme))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_cursor(painter, theme)

    def _picture(self, scene: TimelineScene, theme: Tokens) -> QPixmap:
        """What does not move with the cursor, on the panel's ground."""
        ratio = self.devicePixelRatioF()
        made_of = (self.flags, self.size(), ratio, theme)
        if self._kept is None or self._kept[0] is not scene or self._kept[1] != made_of:
            pixmap = QPixmap(self.size() * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(self.palette().color(QPalette.ColorRole.Base))
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_axis(painter, scene, theme)
            self._paint_curve(painter, scene, theme)
            for mark in scene.marks:
                self._paint_mark(painter, mark, theme)
            for flag in self.flags:
                self._paint_flag(painter, flag, theme)
            painter.end()
            self._kept = scene, made_of, pixmap
        return self._kept[2]

    def _paint_axis(self, painter: QPainter, scene: TimelineScene, theme: Tokens) -> None:
        base = self.height() - _BOTTOM_PX
        painter.setPen(QPen(colour(theme.line), 1))
        painter.drawLine(QPointF(self.x_of(scene.first_step), base), QPointF(self.x_of(scene.last_step), base))
        painter.setFont(text_font(SMALL_PX))
        painter.setPen(QPen(colour(theme.line), 1))
        for step, _ in scene.ticks:
            painter.drawLine(QPointF(self.x_of(step), base), QPointF(self.x_of(step), base + 3))
        painter.setPen(colour(theme.dim))
        for area, text in self.tick_areas():
            painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), text)

    def tick_areas(self) -> list[tuple[QRectF, str]]:
        """Where the texts of the axis stand: below their steps, inside the strip, none over another."""
        metrics = QFontMetricsF(text_font(SMALL_PX))
        areas: list[tuple[QRectF, str]] = []
        right = -math.inf
        for step, text in self.scene.ticks if self.scene else ():
            width = metrics.horizontalAdvance(text) + 2
            left = max(min(self.x_of(step) - width / 2, self.width() - width), 0.0)
            if left >= right:
                right = left + width + _BETWEEN_PX
                areas.append((QRectF(left, self.height() - _BOTTOM_PX + 4, width, 18), text))
        return areas

    def _paint_curve(self, painter: QPainter, scene: TimelineScene, theme: Tokens) -> None:
        import numpy as np  # it takes longer to load than an empty window may take to be seen

        from inspector.views.plot.inking import polygon, unbroken

        top, base = _TOP_PX + 4, self.height() - _BOTTOM_PX - 6
        left, right = self.x_of(scene.first_step), self.x_of(scene.last_step)
        across = left + (scene.steps - scene.first_step) * ((right - left) / max(scene.last_step - scene.first_step, 1))
        down = base - scene.values * (base - top)
        wide = float(np.nansum(np.abs(np.diff(down)))) <= _WIDE_LENGTH_PX
        painter.setPen(QPen(colour(theme.accent), 1.5 if wide else 1.0))
        points = np.column_stack([across, down])
        for begin, end in unbroken(points):
            painter.drawPolyline(polygon(points[begin:end]))

    def _paint_mark(self, painter: QPainter, mark: Mark, theme: Tokens) -> None:
        """A diamond for a checkpoint, a small bar for a dump."""
        x, base = self.x_of(mark.step), self.height() - _BOTTOM_PX
        painter.setPen(Qt.PenStyle.NoPen)
        if mark.kind == "checkpoint":
            painter.setBrush(colour(theme.text))
            reach = 5.0
            points = [
                QPointF(x, base - reach),
                QPointF(x + reach, base),
                QPointF(x, base + reach),
                QPointF(x - reach, base),
            ]
            painter.drawPolygon(QPolygonF(points))
        else:
            painter.setBrush(colour(theme.accent))
            painter.drawRoundedRect(QRectF(x - 1.5, base - 12, 3, 6), 1.5, 1.5)

    def _paint_flag(self, painter: QPainter, flag: Flag, theme: Tokens) -> None:
        x = self.x_of(flag.step)
        ink = QColor(severity_colour(flag.severity, theme))
        painter.setPen(QPen(ink, 1.5))
        painter.drawLine(QPointF(x, 6), QPointF(x, 19))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawPolygon(QPolygonF([QPointF(x, 6), QPointF(x + 9, 9.5), QPointF(x, 13)]))

    def _paint_cursor(self, painter: QPainter, theme: Tokens) -> None:
        step = self.shown_cursor()
        if step is None:
            return
        x = self.x_of(step)
        painter.setPen(QPen(colour(theme.text), 1))
        painter.drawLine(QPointF(x, 4), QPointF(x, self.height() - _BOTTOM_PX))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(theme.text))
        painter.drawRoundedRect(QRectF(x - 4, 1, 8, 7), 1.5, 1.5)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self.scene is None:
            return
        mark = self._mark_at(event.position())
        if mark:
            self.moved.emit(mark.step)
        else:
            self.moved.emit(self.step_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and self.scene is not None:
            self.moved.emit(self.step_at(event.position().x()))

    def _mark_at(self, position: QPointF) -> Mark | None:
        if self.scene is None or abs(position.y() - (self.height() - _BOTTOM_PX)) > 2 * _REACH_PX:
            return None
        near = [mark for mark in self.scene.marks if abs(self.x_of(mark.step) - position.x()) <= _REACH_PX]
        return min(near, key=lambda mark: abs(self.x_of(mark.step) - position.x()), default=None)

    def event(self, event: object) -> bool:
        if isinstance(event, QHelpEvent) and self.scene is not None:
            position = QPointF(event.pos())
            mark = self._mark_at(position)
            flag = next((one for one in self.flags if abs(self.x_of(one.step) - position.x()) <= _REACH_PX), None)
            text = mark.label if mark else (flag.title if flag and position.y() < 24 else "")
            QToolTip.showText(event.globalPos(), visible(text), self)
            return True
        return super().event(event)  # type: ignore[arg-type]  # Qt's own signature

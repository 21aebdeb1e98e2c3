"""The planned learning rate with the checkpoint's place on it, painted."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from inspector.analysis.pyramid import decimate
from inspector.display.ticks import linear_ticks
from inspector.display.weights.state.scene import RateCard, RateDot
from inspector.views.fonts import text_font
from inspector.views.surfaces import Card, Ink, Label
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

_TEXT_PX = 11
_FOOT_PX, _HEAD_PX = 20, 8
_HIGH_PX = 130
_POINTS = 600


class RateChart(QWidget):
    """The plan so far as a line, what is to come as dashes, and the rates at the checkpoint as dots."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._card: RateCard | None = None
        self._top = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_HIGH_PX)
        self.setAccessibleName("Planned learning rate")

    def show_card(self, card: RateCard) -> None:
        """Show a plan."""
        self._card = card
        known = [*card.rates[np.isfinite(card.rates)].tolist(), *(dot.rate for dot in card.dots)]
        self._top = max(known, default=0.0) or 1.0
        self.setVisible(card.times.size > 1)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, _HIGH_PX)

    def place(self, time: float, rate: float) -> QPointF:
        """Where a rate at a time lies on the widget."""
        card = self._card
        if card is None or card.times.size < 2:
            return QPointF()
        low, high = float(card.times[0]), float(card.times[-1])
        area = QRectF(4, _HEAD_PX, self.width() - 8, self.height() - _FOOT_PX - _HEAD_PX)
        x = area.left() + (time - low) / max(high - low, 1e-12) * area.width()
        return QPointF(min(x, area.right()), area.bottom() - rate / self._top * area.height())

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        card = self._card
        if card is None or card.times.size < 2:
            return
        theme, painter = tokens(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(text_font(_TEXT_PX))
        floor = self.height() - _FOOT_PX
        painter.setPen(QPen(colour(theme.line), 1))
        painter.drawLine(QPointF(0, floor + 0.5), QPointF(self.width(), floor + 0.5))
        now = card.now if math.isfinite(card.now) else -math.inf
        past, future = card.times <= now, card.times >= now
        self._paint_line(painter, card, past, "good" if card.worrying else "accent", dashed=card.worrying)
        self._paint_line(painter, card, future, "good", dashed=True)
        self._paint_times(painter, card, floor)
        self._paint_dots(painter, card)

    def _paint_line(self, painter: QPainter, card: RateCard, shown: np.ndarray, ink: Ink, *, dashed: bool) -> None:
        times, rates = card.times[shown], card.rates[shown]
        if times.size > _POINTS:
            times, rates = decimate(times, rates, float(times[0]), float(times[-1]), _POINTS)
        points = [self.place(t, r) for t, r in zip(times.tolist(), rates.tolist(), strict=True) if math.isfinite(r)]
        pen = QPen(colour(getattr(tokens(), ink)), 1.6)
        if dashed:
            pen.setDashPattern([3, 3])
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF(points))

    def _paint_times(self, painter: QPainter, card: RateCard, floor: float) -> None:
        """The first, the present and the last time, where they do not run into one another."""
        metrics = QFontMetricsF(painter.font())
        painter.setPen(colour(tokens().dim))
        taken: list[tuple[float, float]] = []
        ends = [float(card.times[0]), float(card.times[-1])]
        present = [card.now] if math.isfinite(card.now) else []
        between = [tick.value for tick in linear_ticks(ends[0], ends[1], 4, whole=True)] if not present else []
        for time in (*present, *ends, *between):
            text = f"{time:,.0f}"
            if time == ends[1] and card.unit:
                text = f"{text} {card.unit}s"
            width = metrics.horizontalAdvance(text)
            left = min(max(self.place(time, 0).x() - width / 2, 0.0), self.width() - width)
            if all(left > end + 6 or left + width < start - 6 for start, end in taken):
                painter.drawText(QPointF(left, floor + 4 + metrics.ascent()), text)
                taken.append((left, left + width))

    def _paint_dots(self, painter: QPainter, card: RateCard) -> None:
        metrics = QFontMetricsF(painter.font())
        last = -math.inf
        for dot in sorted(card.dots, key=lambda dot: -dot.rate):
            at = self._dot_place(card, dot)
            ink = colour(getattr(tokens(), dot.ink))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink)
            painter.drawEllipse(at, 4, 4)
            width = metrics.horizontalAdvance(dot.text)
            left = at.x() + 9 if at.x() + 9 + width < self.width() else at.x() - 9 - width
            y = max(at.y() + metrics.ascent() / 2 - 1, last + metrics.height(), metrics.ascent())
            painter.setPen(ink)
            painter.drawText(QPointF(left, y), dot.text)
            last = y

    def _dot_place(self, card: RateCard, dot: RateDot) -> QPointF:
        time = dot.time if math.isfinite(dot.time) else float(card.times[0])
        return self.place(min(max(time, float(card.times[0])), float(card.times[-1])), dot.rate)


class RateCardView(Card):
    """The learning rate of one kind of group: the plan, and what is to say of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Learning rate", parent, ink="dim", weight="regular")
        self.chart = RateChart()
        self.held = Label(size_px=12, wrap=True)
        self.verdict = Label(size_px=12, wrap=True)
        self.missing = Label(ink="dim", size_px=12, wrap=True)
        for widget in (self.chart, self.held, self.verdict, self.missing):
            self.column.addWidget(widget)
        self.column.addStretch(1)

    def show_card(self, card: RateCard, more: int) -> None:
        """Show a plan; `more` groups of another plan are only counted."""
        self.set_title(f"{card.title} · {card.name}" if card.name else card.title)
        self.chart.show_card(card)
        undrawn = " · ".join(dot.text for dot in card.dots) if card.times.size < 2 else ""
        others = f"{more} more kinds of group are planned apart" if more else ""
        missing = "" if card.missing == card.verdict else card.missing
        self.verdict.set_ink("critical" if card.worrying else "dim")
        for label, text in ((self.held, undrawn), (self.verdict, card.verdict), (self.missing, missing)):
            label.setText(text)
            label.setVisible(bool(text))
        if others:
            self.missing.setText(" · ".join(part for part in (missing, others) if part))
            self.missing.show()

"""The planned learning rate with the checkpoint's place on it, painted."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from inspector.analysis.pyramid import decimate
from inspector.core.arrays import FloatArray
from inspector.core.language import tr, tr_counted, tr_many
from inspector.display.ticks import linear_ticks
from inspector.display.weights.state.scene import RateCard, RateDot
from inspector.views.fonts import text_font
from inspector.views.spoken import Role
from inspector.views.surfaces import Card, Ink, Label
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

_TEXT_PX = 11
_FOOT_PX, _HEAD_PX, _LEGEND_PX = 20, 8, 22
_KEY_PX = 16
_HIGH_PX = 130
_POINTS = 600
_LOOKED_AT = 32
_DOT_PX = 4

_RECORDED, _PLANNED = tr("recorded"), tr("planned")


def _last_time(unit: str, time: int) -> str:
    """How long a plan is, in what its scheduler counts."""
    match unit:
        case "epoch":
            return tr_counted(time, "epoch")
        case "step":
            return tr_counted(time, "step")
        case "scheduler step":
            return tr_counted(time, "scheduler step")
        case _:
            return f"{time:,}"


class RateChart(QWidget):
    """The plan so far as a line, what is to come as dashes, and the rates at the checkpoint as dots.

    Where the run has recorded its rate, that is the line, and the whole plan is dashed.
    """

    spoken_role = Role.Chart

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._card: RateCard | None = None
        self._top = 1.0
        self._ends = (0.0, 0.0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_HIGH_PX)
        self.setAccessibleName(tr("Planned learning rate"))

    def show_card(self, card: RateCard) -> None:
        """Show a plan."""
        self._card = card
        drawn = np.concatenate([card.rates, card.recorded_rates])
        self._top = max([*drawn[np.isfinite(drawn)].tolist(), *(dot.rate for dot in card.dots)], default=0.0) or 1.0
        times = np.concatenate([card.times, card.recorded_times])
        self._ends = (float(times.min()), float(times.max())) if times.size else (0.0, 0.0)
        self.setVisible(self.is_drawn)
        self.update()

    @property
    def is_drawn(self) -> bool:
        """Whether there is a line to draw."""
        return self._ends[0] < self._ends[1]

    def spoken_text(self) -> str:
        """Whether the held rate is the planned one."""
        return self._card.verdict if self._card is not None else ""

    def sizeHint(self) -> QSize:
        return QSize(240, _HIGH_PX)

    def place(self, time: float, rate: float) -> QPointF:
        """Where a rate at a time lies on the widget."""
        if not self.is_drawn:
            return QPointF()
        x, y = self._places(np.array([time]), np.array([rate]))
        return QPointF(x[0], y[0])

    def _area(self) -> QRectF:
        head = _LEGEND_PX if self._card is not None and self._card.recorded_times.size else _HEAD_PX
        return QRectF(4, head, self.width() - 8, self.height() - _FOOT_PX - head)

    def _places(self, times: FloatArray, rates: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(points,) each: x and y on the widget."""
        area, (low, high) = self._area(), self._ends
        x = np.minimum(area.left() + (times - low) / max(high - low, 1e-12) * area.width(), area.right())
        return x, area.bottom() - rates / self._top * area.height()

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        card = self._card
        if card is None or not self.is_drawn:
            return
        theme, painter = tokens(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(text_font(_TEXT_PX))
        floor = self.height() - _FOOT_PX
        painter.setPen(QPen(colour(theme.line), 1))
        painter.drawLine(QPointF(0, floor + 0.5), QPointF(self.width(), floor + 0.5))
        if card.recorded_times.size:
            self._paint_line(painter, card.times, card.rates, "good", dashed=True)
            self._paint_line(painter, card.recorded_times, card.recorded_rates, "accent", dashed=False)
            self._paint_legend(painter, card)
        else:
            now = card.now if math.isfinite(card.now) else -math.inf
            past, future = card.times <= now, card.times >= now
            ink: Ink = "good" if card.worrying else "accent"
            self._paint_line(painter, card.times[past], card.rates[past], ink, dashed=card.worrying)
            self._paint_line(painter, card.times[future], card.rates[future], "good", dashed=True)
        self._paint_times(painter, card, floor)
        self._paint_dots(painter, card)

    def _paint_line(self, painter: QPainter, times: FloatArray, rates: FloatArray, ink: Ink, *, dashed: bool) -> None:
        if times.size > _POINTS:
            times, rates = decimate(times, rates, float(times[0]), float(times[-1]), _POINTS)
        known = np.isfinite(rates)
        painter.setPen(_pen(ink, dashed=dashed))
        x, y = self._places(times[known], rates[known])
        painter.drawPolyline(QPolygonF(list(map(QPointF, x.tolist(), y.tolist()))))

    def _paint_legend(self, painter: QPainter, card: RateCard) -> None:
        """Which line is which, at the right of the head."""
        metrics = QFontMetricsF(painter.font())
        right = float(self.width())
        for text, ink, dashed in reversed(legend(card)):
            left = right - metrics.horizontalAdvance(text)
            painter.setPen(colour(tokens().dim))
            painter.drawText(QPointF(left, metrics.ascent()), text)
            painter.setPen(_pen(ink, dashed=dashed))
            middle = metrics.ascent() - metrics.xHeight() / 2
            painter.drawLine(QPointF(left - _KEY_PX - 5, middle), QPointF(left - 5, middle))
            right = left - _KEY_PX - 5 - 12

    def _paint_times(self, painter: QPainter, card: RateCard, floor: float) -> None:
        """The first, the present and the last time, where they do not run into one another."""
        metrics = QFontMetricsF(painter.font())
        painter.setPen(colour(tokens().dim))
        taken: list[tuple[float, float]] = []
        ends = list(self._ends)
        present = [card.now] if math.isfinite(card.now) else []
        between = [tick.value for tick in linear_ticks(ends[0], ends[1], 4, whole=True)] if not present else []
        for time in (*present, *ends, *between):
            text = f"{time:,.0f}"
            if time == ends[1]:
                text = _last_time(card.unit, round(time))
            width = metrics.horizontalAdvance(text)
            left = min(max(self.place(time, 0).x() - width / 2, 0.0), self.width() - width)
            if all(left > end + 6 or left + width < start - 6 for start, end in taken):
                painter.drawText(QPointF(left, floor + 4 + metrics.ascent()), text)
                taken.append((left, left + width))

    def _paint_dots(self, painter: QPainter, card: RateCard) -> None:
        metrics = QFontMetricsF(painter.font())
        for dot, area in zip(card.dots, self.texts_of_dots(metrics), strict=True):
            ink = colour(getattr(tokens(), dot.ink))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink)
            painter.drawEllipse(self._dot_place(dot), _DOT_PX, _DOT_PX)
            painter.setPen(ink)
            painter.drawText(QPointF(area.left(), area.top() + metrics.ascent()), dot.text)

    def texts_of_dots(self, metrics: QFontMetricsF) -> list[QRectF]:
        """Where the text of each dot stands: beside it, or above or below where a line or another text is there."""
        card, taken = self._card, list[QRectF]()
        for dot in card.dots if card is not None else ():
            at, high, wide = self._dot_place(dot), metrics.height(), metrics.horizontalAdvance(dot.text)
            around = QRectF(at.x() - _DOT_PX, at.y() - _DOT_PX, 2 * _DOT_PX, 2 * _DOT_PX)
            left, right = at.x() - 9 - wide, at.x() + 9
            within = min(right, self.width() - wide)
            rows = [(0, right), (0, left), *((row, x) for row in (1, -1, 2, -2) for x in (within, left))]
            places = [QRectF(x, at.y() + row * high - high / 2, wide, high) for row, x in rows]
            places = [one for one in places if self._holds(one)] or [QRectF(max(left, 0), at.y(), wide, high)]
            free = [one for one in places if not any(map(one.intersects, (around, *taken)))] or places
            taken.append(next((one for one in free if not self._is_crossed(one)), free[0]))
        return taken

    def _holds(self, text: QRectF) -> bool:
        area = self._area()
        return text.left() >= 0 and text.right() <= self.width() and area.top() - 8 <= text.top() <= area.bottom() - 8

    def _is_crossed(self, text: QRectF) -> bool:
        """Whether a line runs through a text."""
        card = self._card
        assert card is not None
        across = np.linspace(text.left(), text.right(), _LOOKED_AT)
        for times, rates in ((card.times, card.rates), (card.recorded_times, card.recorded_rates)):
            known = np.isfinite(rates)
            if known.any():
                x, y = self._places(times[known], rates[known])
                there = np.interp(across, x, y, left=np.nan, right=np.nan)
                if ((there > text.top()) & (there < text.bottom())).any():
                    return True
        return False

    def _dot_place(self, dot: RateDot) -> QPointF:
        time = dot.time if math.isfinite(dot.time) else self._ends[0]
        return self.place(min(max(time, self._ends[0]), self._ends[1]), dot.rate)


def legend(card: RateCard) -> list[tuple[str, Ink, bool]]:
    """Text, ink, and whether dashed, of each line of a card with a recorded rate; empty for the plan alone."""
    if not card.recorded_times.size:
        return []
    planned: list[tuple[str, Ink, bool]] = [(_PLANNED, "good", True)] if card.times.size else []
    return [(_RECORDED, "accent", False), *planned]


def _pen(ink: Ink, *, dashed: bool) -> QPen:
    pen = QPen(colour(getattr(tokens(), ink)), 1.6)
    if dashed:
        pen.setDashPattern([3, 3])
    return pen


class RateCardView(Card):
    """The learning rate of one kind of group: the plan, and what is to say of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Learning rate"), parent, ink="dim", weight="regular")
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
        undrawn = " · ".join(dot.text for dot in card.dots) if not self.chart.is_drawn else ""
        others = tr_many(
            "{count} more kind of group is planned apart", "{count} more kinds of group are planned apart", more
        ).format(count=more)
        missing = "" if card.missing == card.verdict else card.missing
        self.verdict.set_ink("critical" if card.worrying else "dim")
        for label, text in ((self.held, undrawn), (self.verdict, card.verdict), (self.missing, missing)):
            label.setText(text)
            label.setVisible(bool(text))
        if more:
            self.missing.setText(" · ".join(part for part in (missing, others) if part))
            self.missing.show()

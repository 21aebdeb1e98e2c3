"""The histogram of one number, brushed to keep the samples of a range."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from inspector.core.language import tr, tr_counted
from inspector.core.units import number_text
from inspector.display.gallery.bins import Bins
from inspector.views.controls import CONTROL_PX
from inspector.views.spoken import Role
from inspector.views.surfaces import outline_colour, rounded
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

_CLICK_PX = 3
_NOTHING = Bins(np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.int64), 0)


class BrushedHistogram(QWidget):
    """Bars of all samples, and over them of those that are kept; dragging over it chooses a range, a click none.

    Signals:
        brushed: the two ends of the range, or None for no range; told while the drag goes on.
    """

    brushed = Signal(object)

    spoken_role = Role.Chart

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bins = _NOTHING
        self._name = ""
        self._range: tuple[float, float] | None = None
        self._from: float | None = None
        self.setMouseTracking(True)
        self.setFixedHeight(CONTROL_PX)
        self.setMinimumWidth(40)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def show_bins(self, name: str, bins: Bins, chosen: tuple[float, float] | None) -> None:
        """Show the histogram of a number, and the range of it that is chosen."""
        self._name, self._bins, self._range = name, bins, chosen
        known = int(bins.every.sum())
        self.setAccessibleName(tr("Histogram of {name}").format(name=name))
        self.setAccessibleDescription(
            tr("{samples} from {low} to {high}").format(
                samples=tr_counted(known, "sample"), low=number_text(self._low), high=number_text(self._high)
            )
            if known
            else ""
        )
        self.update()

    def text_at(self, x_px: float) -> str:
        """`FG-ARI 0.25 to 0.5: 12 of 40 samples`."""
        if not self._bins.every.size:
            return ""
        place = int(
            np.clip(np.searchsorted(self._bins.edges, self._value(x_px), "right") - 1, 0, self._bins.every.size - 1)
        )
        low, high = (number_text(float(edge)) for edge in self._bins.edges[place : place + 2])
        kept, every = int(self._bins.kept[place]), int(self._bins.every[place])
        text = tr("{name} {low} to {high}: {kept:,} of {samples}")
        if self._bins.undefined:
            text = tr("{name} {low} to {high}: {kept:,} of {samples}, {undefined:,} undefined")
        samples = tr_counted(every, "sample")
        return text.format(
            name=self._name, low=low, high=high, kept=kept, samples=samples, undefined=self._bins.undefined
        )

    @property
    def _low(self) -> float:
        return float(self._bins.edges[0]) if self._bins.edges.size else 0.0

    @property
    def _high(self) -> float:
        return float(self._bins.edges[-1]) if self._bins.edges.size else 1.0

    def _value(self, x_px: float) -> float:
        share = min(max(x_px / max(self.width(), 1), 0.0), 1.0)
        return self._low * (1 - share) + self._high * share

    def _x_px(self, value: float) -> float:
        span = self._high - self._low
        return min(max((value - self._low) / span if span > 0 else 0.0, 0.0), 1.0) * self.width()

    def sizeHint(self) -> QSize:
        return QSize(180, CONTROL_PX)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._bins.edges.size:
            self._from = event.position().x()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is None:
            QToolTip.showText(event.globalPosition().toPoint(), self.text_at(event.position().x()), self)
        elif abs(event.position().x() - self._from) > _CLICK_PX:
            low, high = sorted((self._value(self._from), self._value(event.position().x())))
            self._tell((low, high))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        begun, self._from = self._from, None
        if begun is not None and abs(event.position().x() - begun) <= _CLICK_PX:
            self._tell(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._range is not None:
            self._tell(None)
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, _event: QEvent) -> None:
        QToolTip.hideText()

    def _tell(self, chosen: tuple[float, float] | None) -> None:
        if chosen != self._range:
            self._range = chosen
            self.brushed.emit(chosen)
            self.update()

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        painter.setClipPath(rounded(area))
        floor = area.bottom() - 2
        if self._range is not None:
            left, right = self._x_px(self._range[0]), self._x_px(self._range[1])
            painter.fillRect(QRectF(left, 0, max(right - left, 1), area.height()), colour(theme.accent, 0.18))
        tallest = int(self._bins.every.max(initial=0))
        for counts, ink in ((self._bins.every, colour(theme.dim, 0.45)), (self._bins.kept, colour(theme.accent))):
            for place in np.flatnonzero(counts).tolist():
                left, right = self._x_px(float(self._bins.edges[place])), self._x_px(float(self._bins.edges[place + 1]))
                # A single sample is still seen beside thousands.
                height = max(float(counts[place]) / tallest * (floor - 3), 1.5)
                painter.fillRect(QRectF(left, floor - height, max(right - left - 1, 1), height), ink)
        painter.setClipping(False)
        painter.setPen(outline_colour())
        painter.drawPath(rounded(area))
        if self._range is not None:
            painter.setPen(colour(theme.accent))
            for end in self._range:
                at = self._x_px(end)
                painter.drawLine(QPointF(at, 1), QPointF(at, area.height() - 1))

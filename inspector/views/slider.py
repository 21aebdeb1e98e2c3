"""A slider with its label and its value."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSlider, QWidget

from inspector.display.tokens import mixed
from inspector.views.fonts import text_font
from inspector.views.keys import MOVE, keeper
from inspector.views.surfaces import Label
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

_STEPS = 1000
_TRACK_PX = 4
_KNOB_PX = 12


class _Track(QSlider):
    """A thin slider; a press anywhere takes the knob there."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setRange(0, _STEPS)
        self.setFixedSize(112, 20)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.installEventFilter(keeper(MOVE))
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.removeEventFilter(keeper(MOVE))
        super().focusOutEvent(event)

    def _take(self, position: QPointF) -> None:
        share = (position.x() - _KNOB_PX / 2) / max(self.width() - _KNOB_PX, 1)
        self.setValue(round(min(max(share, 0.0), 1.0) * self.maximum()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._take(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._take(event.position())

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self.setSliderDown(False)

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        middle = self.height() / 2
        knob = _KNOB_PX / 2 + (self.width() - _KNOB_PX) * self.value() / max(self.maximum(), 1)
        groove = QRectF(0, middle - _TRACK_PX / 2, self.width(), _TRACK_PX)
        painter.setBrush(colour(theme.line))
        painter.drawRoundedRect(groove, _TRACK_PX / 2, _TRACK_PX / 2)
        painter.setBrush(colour(theme.accent))
        painter.drawRoundedRect(QRectF(0, groove.top(), knob, _TRACK_PX), _TRACK_PX / 2, _TRACK_PX / 2)
        focused = self.hasFocus() and self.window().isActiveWindow()
        painter.setPen(QPen(colour(theme.accent if focused else mixed(theme.line, theme.dim, 0.4)), 1))
        painter.setBrush(colour("#ffffff" if theme.raised == theme.panel else theme.text))
        painter.drawEllipse(QPointF(knob, middle), _KNOB_PX / 2 - 0.5, _KNOB_PX / 2 - 0.5)


class LabelledSlider(QWidget):
    """A label, a slider from `low` to `high`, and the value as text.

    Args:
        label: what stands before it; empty where the row that holds it says so.
        decimals: of the value's text; None for no text.

    Signals:
        moved: the value the user has set (float), while dragging too.
    """

    moved = Signal(float)

    def __init__(
        self,
        label: str,
        parent: QWidget | None = None,
        *,
        low: float = 0.0,
        high: float = 1.0,
        decimals: int | None = 2,
        steps: int = _STEPS,
    ) -> None:
        super().__init__(parent)
        self._low, self._high, self._decimals = low, high, decimals
        self.track = _Track(self)
        self.track.setRange(0, steps)
        self.track.setPageStep(max(1, steps // 10))
        self.track.setSingleStep(max(1, steps // 50))
        self.track.setAccessibleName(label)
        self._shown = Label(ink="dim")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        if label:
            row.addWidget(Label(label, ink="dim"))
        row.addWidget(self.track)
        if decimals is not None:
            self._shown.setMinimumWidth(QFontMetrics(text_font()).horizontalAdvance(f"{high:.{decimals}f}") + 2)
            row.addWidget(self._shown)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.track.valueChanged.connect(self._on_value)
        self._show_text()

    def set_range(self, low: int, high: int) -> None:
        """Let it go over whole numbers, without a signal."""
        self._low, self._high = float(low), float(high)
        self.track.blockSignals(True)
        self.track.setRange(0, high - low)
        self.track.setPageStep(max(1, (high - low) // 10))
        self.track.setSingleStep(1)
        self.track.blockSignals(False)
        self._shown.setMinimumWidth(QFontMetrics(text_font()).horizontalAdvance(str(high)) + 2)
        self._show_text()

    def value(self) -> float:
        """The value, low..high."""
        return self._low + (self._high - self._low) * self.track.value() / max(self.track.maximum(), 1)

    def set_value(self, value: float) -> None:
        """Move the knob, without a signal; a knob that the user holds stays."""
        if self.track.isSliderDown():
            return
        share = (value - self._low) / (self._high - self._low)
        self.track.blockSignals(True)
        self.track.setValue(round(share * self.track.maximum()))
        self.track.blockSignals(False)
        self._show_text()

    def _on_value(self) -> None:
        self._show_text()
        self.moved.emit(self.value())

    def _show_text(self) -> None:
        if self._decimals is not None:
            self._shown.setText(f"{self.value():.{self._decimals}f}")

"""One tensor: its histogram, its statistics, its kernels."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from inspector.core.arrays import AnyArray
from inspector.core.units import number_text
from inspector.display.ticks import Tick, linear_ticks
from inspector.display.weights.scene import TensorScene
from inspector.views.charts import BarChart
from inspector.views.pictures import qimage
from inspector.views.surfaces import Card, Ink, Label
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

_KERNEL_PX = 27
_GAP_PX = 5
_MATRIX_PX = 240
_CHART_PX = 150


class KernelStrip(QWidget):
    """Small pictures in rows, as many a row as fit; the tool tip names the one under the pointer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images: list[QImage] = []
        self._names: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_kernels(self, kernels: AnyArray, names: tuple[str, ...]) -> None:
        """Show (pictures, height, width, 4) uint8."""
        self._images = [qimage(kernel) for kernel in kernels]
        self._names = names
        self.setVisible(bool(self._images))
        self._fit_height()
        self.update()

    def areas(self) -> list[QRectF]:
        """Where each picture stands."""
        if len(self._images) == 1:
            image = self._images[0]
            scale = min(_MATRIX_PX / max(image.width(), image.height()), self.width() / max(image.width(), 1))
            return [QRectF(0, 0, image.width() * scale, image.height() * scale)]
        columns = max(1, (self.width() + _GAP_PX) // (_KERNEL_PX + _GAP_PX))
        stride = _KERNEL_PX + _GAP_PX
        places = (divmod(index, columns) for index in range(len(self._images)))
        return [QRectF(column * stride, row * stride, _KERNEL_PX, _KERNEL_PX) for row, column in places]

    def name_at(self, position: QPointF) -> str:
        """The name of the picture under a point, empty beside them."""
        areas = zip(self.areas(), self._names, strict=True)
        return next((name for area, name in areas if area.contains(position)), "")

    def _fit_height(self) -> None:
        areas = self.areas()
        self.setFixedHeight(math.ceil(max((area.bottom() for area in areas), default=0)))

    def sizeHint(self) -> QSize:
        return QSize(320, self.height())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.name_at(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_height()

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        for area, image in zip(self.areas(), self._images, strict=True):
            if image.hasAlphaChannel():
                painter.fillRect(area, colour(tokens().void))
            painter.drawImage(area, image)


class TensorCard(Card):
    """The card of the chosen tensor."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.name = Label(mono=True)
        self.facts = Label(ink="dim")
        self.problem = Label(ink="warning", wrap=True)
        self.chart = BarChart()
        self.chart.setFixedHeight(_CHART_PX)
        self.kernels = KernelStrip()
        self.scale = Label(ink="faint", size_px=12)
        for label in (self.name, self.facts):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.head.insertWidget(0, self.name)
        self.head.insertWidget(1, self.facts)
        self._lines = QGridLayout()
        self._lines.setHorizontalSpacing(14)
        self._lines.setVerticalSpacing(8)
        self._texts: list[Label] = []
        pictures = QVBoxLayout()
        pictures.setSpacing(12)
        for widget in (self.chart, self.kernels, self.scale):
            pictures.addWidget(widget)
        pictures.addStretch(1)
        lines = QVBoxLayout()
        lines.addLayout(self._lines)
        lines.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(24)
        row.addLayout(pictures, 1)
        row.addLayout(lines)
        self.column.addWidget(self.problem)
        self.column.addLayout(row)

    def show_tensor(self, tensor: TensorScene) -> None:
        """Show a tensor."""
        self.name.setText(tensor.name)
        self.facts.setText(tensor.facts)
        problem = tensor.problem or ("" if tensor.heights.any() else "No finite element to count")
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        bars = tensor.heights.size > 0
        self.chart.setVisible(bars)
        if bars:
            inks: list[Ink] = ["critical" if bar == tensor.zero_bin else "accent" for bar in range(tensor.heights.size)]
            self.chart.set_bars(tensor.heights.astype(np.float64), edges=tensor.edges, inks=inks, ticks=_ticks(tensor))
        self.kernels.set_kernels(tensor.kernels, tensor.kernel_names)
        shown = len(tensor.kernels) > 0 and math.isfinite(tensor.reach)
        self.scale.setVisible(shown)
        self.scale.setText(f"blue −{number_text(tensor.reach)} · grey 0 · orange {number_text(tensor.reach)}")
        self._show_lines(tensor.lines)

    def _show_lines(self, lines: tuple[tuple[str, str], ...]) -> None:
        for label in self._texts:
            self._lines.removeWidget(label)
            label.hide()
            label.deleteLater()
        self._texts = []
        for row, (name, value) in enumerate(lines):
            worrying = (name == "not finite" and value != "0") or name == "outputs all zero"
            for column, (text, ink) in enumerate(((name, "dim"), (value, "critical" if worrying else "text"))):
                label = Label(text, self, ink="dim" if ink == "dim" else "critical" if worrying else "text")
                self._lines.addWidget(label, row, column)
                self._texts.append(label)

    def statistics(self) -> dict[str, str]:
        """The statistics as they are written, by their names."""
        texts = [label.text() for label in self._texts]
        return dict(zip(texts[::2], texts[1::2], strict=True))


def _ticks(tensor: TensorScene) -> tuple[Tick, ...]:
    return linear_ticks(float(tensor.edges[0]), float(tensor.edges[-1]), 5)

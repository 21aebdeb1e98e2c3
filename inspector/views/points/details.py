"""The errors of all objects as a histogram, and the chosen sample in numbers."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from inspector.core.units import number_text
from inspector.display.points.scene import DetailRow, HistogramBin, PointsScene
from inspector.display.ticks import linear_ticks
from inspector.views.charts import BarChart
from inspector.views.controls import Card
from inspector.views.surfaces import Ink, Label, scrolled

_MOST_ROWS = 64


def bin_ink(place: HistogramBin, median_px: float, p90_px: float) -> Ink:
    """The upper half of the errors stands out, and the worst tenth more."""
    if place.low_px >= p90_px:
        return "critical"
    return "warning" if place.low_px >= median_px else "accent"


class ErrorCard(Card):
    """How large the errors of all objects are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Pixel error", parent, ink="dim", weight="regular")
        self.summary = Label(ink="dim")
        self.head.addWidget(self.summary)
        self.bars = BarChart()
        self.space = Label(ink="faint", size_px=11)
        self.column.addWidget(self.bars, 1)
        self.column.addWidget(self.space)

    def show_scene(self, scene: PointsScene) -> None:
        """Show the bins, with the median as a mark."""
        bins = scene.bins
        edges = [place.low_px for place in bins] + [place.high_px for place in bins[-1:]]
        ticks = linear_ticks(edges[0], edges[-1], 6) if bins else ()
        texts = [f"{number_text(p.low_px)} to {number_text(p.high_px)} px: {p.count:,}" for p in bins]
        self.bars.set_bars(
            [place.count for place in bins],
            edges=np.array(edges) if bins else None,
            inks=[bin_ink(place, scene.median_px, scene.p90_px) for place in bins],
            ticks=ticks,
            say=texts.__getitem__,
        )
        finite = math.isfinite(scene.p90_px)
        self.bars.set_mark(scene.p90_px if finite else None, "p90", "warning")
        self.summary.setText(scene.histogram_text)
        self.space.setText(scene.space_text)


class DetailCard(Card):
    """The objects of the chosen sample, worst first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent, weight="semibold")
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 8, 0)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(3)
        box.addLayout(self._grid)
        box.addStretch(1)
        scroll = scrolled(page)
        self._rows: list[tuple[Label, ...]] = []
        self.column.addWidget(scroll, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    def show_scene(self, scene: PointsScene) -> None:
        """Show one row an object; rows are kept."""
        self.set_title(scene.detail_title)
        heads = DetailRow("", "truth", "prediction", "error")
        rows = (heads, *scene.details[:_MOST_ROWS])
        while len(self._rows) < len(rows):
            at = len(self._rows)
            inks: tuple[Ink, ...] = ("faint",) * 4 if at == 0 else ("dim", "text", "text", "text")
            labels = tuple(Label(ink=ink, mono=at > 0, size_px=12) for ink in inks)
            for column, label in enumerate(labels):
                label.setAlignment(Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft)
                self._grid.addWidget(label, at, column)
            self._rows.append(labels)
        for place, labels in enumerate(self._rows):
            for label in labels:
                label.setVisible(place < len(rows))
        for labels, row in zip(self._rows, rows, strict=False):
            for label, text in zip(labels, (row.object, row.gt, row.prediction, row.error), strict=True):
                label.setText(text)

    def texts(self) -> tuple[tuple[str, ...], ...]:
        """What is shown, row by row, without the heads."""
        return tuple(tuple(label.text() for label in row) for row in self._rows[1:] if not row[0].isHidden())

    def sizeHint(self) -> QSize:
        return QSize(380, 150)

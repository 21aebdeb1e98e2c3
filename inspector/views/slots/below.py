"""Below the stage: how alike the slots are, the figures, and the samples around the chosen one."""

from __future__ import annotations

import math

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from inspector.core.units import number_text
from inspector.display.slots.scene import Figure, SlotsScene
from inspector.views.fonts import SMALL_PX
from inspector.views.pictures import PictureTile, TileGrid
from inspector.views.surfaces import Label

MATRIX_PX = 190


class Matrix(PictureTile):
    """The cosines of all pairs of slots; the one under the pointer is told in numbers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("cosines", parent)
        self.values: tuple[tuple[float, ...], ...] = ()
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setMouseTracking(True)
        self.setFixedSize(MATRIX_PX, MATRIX_PX)

    def text_at(self, row: int, column: int) -> str:
        """`slot 2 and slot 5: 0.74`."""
        if row == column:
            return f"slot {row}"
        return f"slot {row} and slot {column}: {number_text(self.values[row][column])}"

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        cell = self.pixel_at(event.position())
        QToolTip.showText(event.globalPosition().toPoint(), self.text_at(*cell) if cell and self.values else "", self)


class Figures(QWidget):
    """Numbers of the sample under one another: name, value, and what to read it against."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(1)
        self._grid.setColumnStretch(0, 1)
        self._rows: list[tuple[Label, Label, Label]] = []
        self.setFixedWidth(172)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Maximum)

    def show_figures(self, figures: tuple[Figure, ...]) -> None:
        """Show these numbers; rows are kept."""
        while len(self._rows) < len(figures):
            at = len(self._rows) * 2
            row = Label(ink="dim"), Label(weight="semibold"), Label(ink="faint", size_px=11)
            row[1].setAlignment(Qt.AlignmentFlag.AlignRight)
            self._grid.addWidget(row[0], at, 0)
            self._grid.addWidget(row[1], at, 1)
            self._grid.addWidget(row[2], at + 1, 0, 1, 2)
            self._grid.setRowMinimumHeight(at + 1, 20)
            row[2].setAlignment(Qt.AlignmentFlag.AlignTop)
            self._rows.append(row)
        for place, labels in enumerate(self._rows):
            for label in labels:
                label.setVisible(place < len(figures))
        for labels, figure in zip(self._rows, figures, strict=False):
            for label, text in zip(labels, (figure.name, figure.value, figure.remark), strict=True):
                label.setText(text)
            labels[1].set_ink(figure.ink)

    def texts(self) -> tuple[tuple[str, ...], ...]:
        """What is shown, row by row."""
        return tuple(tuple(label.text() for label in row) for row in self._rows if not row[0].isHidden())


class Below(QWidget):
    """The lower part of the view.

    Signals:
        sample_clicked: the number of a sample.
    """

    sample_clicked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.matrix = Matrix()
        self.matrix_title = Label(ink="dim", size_px=SMALL_PX)
        self.figures = Figures()
        self.strip = TileGrid(columns=7, gap_px=8, fit=True, smooth=True)
        self.strip.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.strip.clicked.connect(self._on_clicked)
        self._samples: tuple[int, ...] = ()
        self._strip_title = Label(ink="dim", size_px=SMALL_PX)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(20)
        self._matrix_column = _titled(self.matrix_title, self.matrix)
        row.addWidget(self._matrix_column, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(_titled(Label("This sample", ink="dim", size_px=SMALL_PX), self.figures), 0)
        row.addWidget(_titled(self._strip_title, self.strip), 1)
        self.setFixedHeight(MATRIX_PX + 26)

    def show_scene(self, scene: SlotsScene) -> None:
        """Show cosines, figures and samples."""
        self._matrix_column.setVisible(scene.cosine is not None)
        self.matrix.values = scene.cosine_values
        self.matrix.set_picture(scene.cosine)
        self.matrix_title.setText(scene.cosine_text)
        self.figures.show_figures(scene.figures)
        self._samples = tuple(thumb.sample for thumb in scene.strip)
        self._strip_title.setText("Samples, with FG-ARI" if math.isfinite(scene.fg_ari) else "Samples")
        aspect = scene.composite.shape[1] / max(scene.composite.shape[0], 1) or 1.0
        self.strip.set_count(len(scene.strip))
        self.strip.set_shape(max(1, math.ceil(len(scene.strip) / 2)) if len(scene.strip) > 7 else 7, aspect)
        for place, thumb in enumerate(scene.strip):
            tile = self.strip.tile(place)
            tile.set_picture(thumb.picture)
            tile.set_caption(thumb.score_text, str(thumb.sample + 1))
        chosen = self._samples.index(scene.sample) if scene.sample in self._samples else None
        self.strip.set_selected(chosen)

    def _on_clicked(self, index: int) -> None:
        self.sample_clicked.emit(self._samples[index])

    def sizeHint(self) -> QSize:
        return QSize(900, self.minimumHeight())


def _titled(title: Label, content: QWidget) -> QWidget:
    column = QWidget()
    box = QVBoxLayout(column)
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(8)
    box.addWidget(title)
    box.addWidget(content)
    if content.sizePolicy().verticalPolicy() != QSizePolicy.Policy.Expanding:
        box.addStretch(1)
    return column

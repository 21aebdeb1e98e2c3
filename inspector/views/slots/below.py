"""Below the stage: how alike the slots are, the figures, and the gallery of samples or a slot's history."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedLayout, QToolTip, QVBoxLayout, QWidget

from inspector.core.language import tr, tr_counted
from inspector.core.units import number_text
from inspector.display.slots.scene import SlotsScene
from inspector.formats.sample_table import SampleTable
from inspector.views.elided import ElidedLabel
from inspector.views.fonts import SMALL_PX
from inspector.views.gallery.gallery import Gallery
from inspector.views.pictures import PictureTile
from inspector.views.slots.figures import FULL_PX, LEAST_PX, TWO_COLUMNS_PX, Figures
from inspector.views.slots.history import SlotHistory
from inspector.views.surfaces import Label

MATRIX_PX = 190
"""Side of the matrix where there is room."""

TITLE_PX = 26
"""A title and the gap below it."""

FULL_FOOT_PX = MATRIX_PX + TITLE_PX
LEAST_FOOT_PX = 122
LEAST_GALLERY_PX = 96
NARROW_BELOW_PX = 720
_MATRIX_SHARE = 0.22
_NARROW_MATRIX_SHARE = 0.16
_FIGURES_SHARE = 0.3


_OF_ANY_SIZE = {"reconstruction_mse"}
"""Columns whose small means tell something; of the others a thousandth is the least that does."""


class Matrix(PictureTile):
    """The cosines of all pairs of slots; the one under the pointer is told in numbers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("cosines", parent)
        self.values: tuple[tuple[float, ...], ...] = ()
        self.setAccessibleName(tr("Cosines of all pairs of slots"))
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setMouseTracking(True)
        self.setFixedSize(MATRIX_PX, MATRIX_PX)

    def spoken_text(self) -> str:
        """The pair that is most alike."""
        pairs = [(row, column) for row in range(len(self.values)) for column in range(row)]
        if not pairs:
            return tr("no pairs")
        return tr("most alike: {pair}").format(
            pair=self.text_at(*max(pairs, key=lambda pair: self.values[pair[0]][pair[1]]))
        )

    def text_at(self, row: int, column: int) -> str:
        """`slot 2 and slot 5: 0.74`."""
        if row == column:
            return tr("slot {row}").format(row=row)
        return tr("slot {row} and slot {column}: {cosine}").format(
            row=row, column=column, cosine=number_text(self.values[row][column])
        )

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        cell = self.pixel_at(event.position())
        QToolTip.showText(event.globalPosition().toPoint(), self.text_at(*cell) if cell and self.values else "", self)


class Below(QWidget):
    """The lower part of the view.

    Args:
        gallery: of the samples.
    """

    def __init__(self, gallery: Gallery, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.matrix = Matrix()
        self.matrix_title = ElidedLabel(ink="dim", size_px=SMALL_PX)
        self.figures = Figures()
        self.history = SlotHistory()
        self.gallery = gallery
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(20)
        self._matrix_column = _titled(self.matrix_title, self.matrix)
        row.addWidget(self._matrix_column, 0, Qt.AlignmentFlag.AlignTop)
        self.figures_title = ElidedLabel(ink="dim", size_px=SMALL_PX)
        self._figures_column = _titled(self.figures_title, self.figures)
        row.addWidget(self._figures_column, 0)
        right = QWidget()
        right.setMinimumWidth(LEAST_GALLERY_PX)
        self._pages = QStackedLayout(right)
        self._pages.addWidget(gallery)
        self._pages.addWidget(self.history)
        row.addWidget(right, 1)
        self._fitted: tuple[int | bool, ...] = ()

    def show_scene(self, scene: SlotsScene) -> None:
        """Show cosines and figures."""
        self._matrix_column.setVisible(scene.cosine is not None)
        self.matrix.values = scene.cosine_values
        self.matrix.set_picture(scene.cosine)
        self.matrix_title.setText(scene.cosine_text)
        # Of what has a size of its own, no text has Qt lay all anew.
        self.matrix_title.setFixedHeight(self.matrix_title.sizeHint().height())
        self._figures_column.setVisible(bool(scene.figures))
        self.figures.show_figures(scene.figures)
        self._fit_width()

    def show_means(self, table: SampleTable | None, of: str = "") -> None:
        """Show the means over the samples that were read, where there are numbers of this dump.

        Args:
            table: the numbers of samples.
            of: which masks they are of, where others are shown.
        """
        if table is None or table.scanned <= 1 or not (means := means_of(table)):
            self.figures_title.setText(tr("This sample"))
            self.figures.show_means({}, "")
            return
        samples = ", ".join(filter(None, (tr_counted(table.scanned, "sample"), of)))
        self.figures_title.setText(tr("This sample, and the mean of {samples}").format(samples=samples))
        self.figures.show_means(means, tr("Mean of {samples}").format(samples=samples))

    def show_history(self, *, shown: bool) -> None:
        """A slot's history in place of the samples, or these."""
        self._pages.setCurrentIndex(1 if shown else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_width()

    def _fit_width(self) -> None:
        share = _MATRIX_SHARE if self.width() >= NARROW_BELOW_PX else _NARROW_MATRIX_SHARE
        side = max(40, min(MATRIX_PX, self.height() - TITLE_PX, round(self.width() * share)))
        self.matrix.setFixedSize(side, side)
        self.matrix_title.setFixedWidth(side)
        low = self.height() - TITLE_PX < self.figures.least_height()
        least = TWO_COLUMNS_PX if low else LEAST_PX
        figures_px = max(least, min(FULL_PX, round(self.width() * _FIGURES_SHARE)))
        self._figures_column.setFixedWidth(figures_px)
        shown = self._matrix_column.isHidden(), self._figures_column.isHidden(), self.isVisible()
        if (side, figures_px, *shown) != self._fitted:
            self._fitted = side, figures_px, *shown
            # Of what is not on screen yet, Qt does not hear that a width has changed.
            self._row.invalidate()
            self._row.activate()

    def sizeHint(self) -> QSize:
        return QSize(900, FULL_FOOT_PX)


def means_of(table: SampleTable) -> dict[str, str]:
    """The mean of every column over the samples that have its number, in short."""
    found = {}
    for column in table.columns:
        known = column.values[np.isfinite(column.values)]
        if known.size:
            mean = float(known.mean())
            shown = mean if column.name in _OF_ANY_SIZE else round(mean, 3)
            found[column.name] = number_text(shown + 0.0, 2)  # adding 0.0 makes a negative zero positive
    return found


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

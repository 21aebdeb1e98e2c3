"""Cards with a plot each, and the two of them that stand under the grid."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from inspector.core.arrays import AnyArray
from inspector.display.points.plots.scene import Plot, PlotsScene
from inspector.session.gallery import NumberRange
from inspector.views.controls import Card
from inspector.views.elided import ElidedLabel
from inspector.views.fonts import SMALL_PX
from inspector.views.points.plots.brushed_plot import BrushedPlot
from inspector.views.surfaces import Label
from inspector.views.tips import plain_tip

_ALL = 100
"""Beside the stretch that a card's head has already."""

UNDER_THE_GRID = ("error", "done")
"""Keys of plots."""


class PlotCard(Card):
    """A plot under its title and its figures.

    Args:
        labelled: names of axes and a legend are drawn, and the figures have a line of their own.

    Signals:
        brushed: columns (tuple of str), and the ranges (tuple of NumberRange) that take the place of theirs.
    """

    brushed = Signal(object, object)

    def __init__(self, parent: QWidget | None = None, *, labelled: bool = True) -> None:
        super().__init__(" ", parent, ink="dim", weight="regular")
        self.summary: Label
        if labelled:
            self.summary = Label(ink="dim", size_px=SMALL_PX, wrap=True)
            self.column.addWidget(self.summary)
        else:
            self.summary = ElidedLabel(ink="dim", right=True)
            self.head.addWidget(self.summary, _ALL)
        self.plot = BrushedPlot(labelled=labelled)
        self.missing = Label(ink="dim", wrap=True)
        self.missing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.column.addWidget(self.plot, 1)
        self.column.addWidget(self.missing, 1)
        self.plot.brushed.connect(self._on_brushed)

    def show_plot(self, plot: Plot) -> None:
        """Show a plot, or why there is nothing to draw; its title says what it means."""
        self.set_title(plot.title)
        self.title.setToolTip(plain_tip(plot.meaning))
        self.summary.setText(plot.summary)
        self.plot.show_plot(plot)
        self.plot.setVisible(not plot.missing)
        self.missing.setVisible(bool(plot.missing))
        self.missing.setText(plot.missing)

    def _on_brushed(self, ranges: tuple[NumberRange, ...]) -> None:
        self.brushed.emit(self.plot.columns, ranges)


class PlotCards(QWidget):
    """The errors of all objects and the done signal of all samples, side by side.

    Attributes:
        empty: whether there is known to be neither.

    Signals:
        brushed: as of `PlotCard`.
    """

    brushed = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards = {key: PlotCard(labelled=False) for key in UNDER_THE_GRID}
        self.empty = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        for key, card in self.cards.items():
            row.addWidget(card, 4 if key == "error" else 3)
            card.hide()
            card.brushed.connect(self.brushed)

    def show_scene(self, scene: PlotsScene) -> None:
        """Show the plots that have something to draw."""
        for key, card in self.cards.items():
            plot = scene.plot(key)
            card.setVisible(not plot.missing)
            if not plot.missing:
                card.show_plot(plot)
        self.empty = all(scene.plot(key).missing for key in self.cards)

    def show_kept(self, kept: AnyArray | None) -> None:
        """Show which samples all filters keep, (samples,) bool; None for all."""
        for card in self.cards.values():
            card.plot.show_kept(kept)

    def show_ranges(self, ranges: Iterable[NumberRange]) -> None:
        """Show which samples are kept."""
        for card in self.cards.values():
            card.plot.show_ranges(ranges)

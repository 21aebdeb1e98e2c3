"""Every plot of points, over the gallery that brushing them filters."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from inspector.core.arrays import AnyArray
from inspector.core.language import tr
from inspector.display.points.plots.scene import Plot, PlotsScene
from inspector.session.gallery import NumberRange
from inspector.views.controls import Button, LabelledSlider
from inspector.views.points.plots.cards import PlotCard
from inspector.views.surfaces import Label, scrolled
from inspector.views.tips import plain_tip

CARD_PX = 264
LEAST_CARD_PX = 290
_GAP_PX = 12
_LOSS = "loss"


class ThresholdRow(QWidget):
    """The threshold of the loss, set by hand or taken from the settings.

    Signals:
        chosen: where coordinates run from -1 to 1 (float); 0 for that of the settings.
    """

    chosen = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slider = LabelledSlider(tr("Threshold"), low=0.01, high=1.0, steps=99)
        self.told = Button(tr("From settings"))
        self.told.setToolTip(plain_tip(tr("Take the threshold that the settings of the run name")))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.slider)
        row.addStretch(1)
        row.addWidget(self.told)
        self.slider.moved.connect(self._on_moved)
        self.told.clicked.connect(self._on_told)

    def show_threshold(self, threshold: float, *, by_hand: bool) -> None:
        """Show the threshold that is drawn."""
        self.slider.set_value(min(max(threshold, 0.01), 1.0))
        self.told.setVisible(by_hand)

    def _on_moved(self, value: float) -> None:
        self.chosen.emit(round(value, 2))

    def _on_told(self) -> None:
        self.chosen.emit(0.0)


class PlotsPage(QWidget):
    """Cards with plots in as many columns as there is room for; those with nothing to draw are told below.

    Signals:
        brushed: columns (tuple of str), and the ranges (tuple of NumberRange) that take the place of theirs.
        threshold: that is chosen by hand (float), 0 for that of the settings.
        chosen: the sample whose dot was pressed.
    """

    brushed = Signal(object, object)
    chosen = Signal(int)
    threshold = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards: dict[str, PlotCard] = {}
        self.threshold_row = ThresholdRow()
        self.missing = Label(ink="faint", wrap=True)
        self._plots: tuple[Plot, ...] = ()
        self._ranges: tuple[NumberRange, ...] = ()
        self._sample = -1
        self._kept: AnyArray | None = None
        self._columns = 0
        self._by_hand = False
        sheet = QWidget()
        column = QVBoxLayout(sheet)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(_GAP_PX)
        self._grid = QGridLayout()
        self._grid.setSpacing(_GAP_PX)
        column.addLayout(self._grid)
        column.addWidget(self.missing)
        column.addStretch(1)
        self.area = scrolled(sheet, tr("Plots of all points"))
        self.area.viewport().installEventFilter(self)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.area)
        self.threshold_row.chosen.connect(self.threshold)

    def show_scene(self, scene: PlotsScene) -> None:
        """Show the plots of a dump."""
        shown = tuple(plot for plot in scene.plots if not plot.missing or plot.key == _LOSS)
        others = self._keys() != tuple(plot.key for plot in shown)
        self._plots = shown
        for plot in shown:
            self._card(plot).show_plot(plot)
        if others:
            self._lay_out()
        self.threshold_row.show_threshold(scene.threshold, by_hand=self._by_hand)
        self.threshold_row.setToolTip(plain_tip(scene.threshold_text))
        self.missing.setText(_missing_text(scene))
        self.missing.setVisible(bool(self.missing.text()))

    def show_message(self, sentence: str) -> None:
        """Say why there are no plots."""
        self.missing.setText(sentence)
        self.missing.show()

    def show_ranges(self, ranges: Iterable[NumberRange]) -> None:
        """Show which samples are kept."""
        self._ranges = tuple(ranges)
        for card in self.cards.values():
            card.plot.show_ranges(self._ranges)

    def show_kept(self, kept: AnyArray | None) -> None:
        """Show which samples all filters keep, (samples,) bool; None for all."""
        self._kept = kept
        for card in self.cards.values():
            card.plot.show_kept(kept)

    def show_sample(self, sample: int) -> None:
        """Show which dots are of the chosen sample."""
        self._sample = sample
        for card in self.cards.values():
            card.plot.show_sample(sample)

    def show_by_hand(self, threshold: float) -> None:
        """Show whether the threshold was set by hand (0 where it was not)."""
        self._by_hand = threshold > 0
        self.threshold_row.told.setVisible(self._by_hand)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QResizeEvent) and self._columns_in(event.size().width()) != self._columns:
            self._lay_out()
        return False

    def _keys(self) -> tuple[str, ...]:
        return tuple(plot.key for plot in self._plots)

    def _card(self, plot: Plot) -> PlotCard:
        card = self.cards.get(plot.key)
        if card is None:
            card = self.cards[plot.key] = PlotCard()
            card.setFixedHeight(CARD_PX)
            card.brushed.connect(self.brushed)
            card.plot.chosen.connect(self.chosen)
            card.plot.show_ranges(self._ranges)
            card.plot.show_sample(self._sample)
            card.plot.show_kept(self._kept)
            if plot.key == _LOSS:
                card.column.addWidget(self.threshold_row)
        return card

    def _columns_in(self, width_px: int) -> int:
        return max(1, (width_px + _GAP_PX) // (LEAST_CARD_PX + _GAP_PX))

    def _lay_out(self) -> None:
        """Put the cards that are shown into their rows."""
        for card in self.cards.values():
            self._grid.removeWidget(card)
            card.hide()
        self._columns = self._columns_in(self.area.viewport().width())
        for column in range(max(self._grid.columnCount(), self._columns)):
            self._grid.setColumnStretch(column, int(column < self._columns))
        for place, plot in enumerate(self._plots):
            card = self.cards[plot.key]
            self._grid.addWidget(card, place // self._columns, place % self._columns)
            card.show()


def _missing_text(scene: PlotsScene) -> str:
    """`Not drawn: Done signal (no sample has a predicted done)`, empty where everything is."""
    missing = [f"{plot.title} ({plot.missing})" for plot in scene.plots if plot.missing and plot.key != _LOSS]
    return tr("Not drawn: {plots}").format(plots="; ".join(missing)) if missing else ""

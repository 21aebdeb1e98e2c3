"""The cards below a tensor's: gradient flow, learning rate, readiness to resume, predicted sparsity."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from inspector.core.language import tr, tr_counted
from inspector.core.pulse import Progress
from inspector.display.weights.state.scene import StateScene
from inspector.views.surfaces import Card, Label
from inspector.views.waiting import Waiting
from inspector.views.weights.folding import FoldingRow
from inspector.views.weights.rate import RateCardView
from inspector.views.weights.ready import ReadyCardView
from inspector.views.weights.rows import Bar, BarRows

_MAX_SPARSITY_ROWS = 60


class BarsCard(Card):
    """Bars under a title, and a line of small print; names in it can be pressed.

    Signals:
        clicked: the key of a bar.
    """

    clicked = Signal(str)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent, ink="dim", weight="regular")
        self.rows = BarRows(title)
        self.said = Label(ink="faint", size_px=11, wrap=True)
        self.column.addWidget(self.rows)
        self.column.addWidget(self.said)
        self.column.addStretch(1)
        self.rows.clicked.connect(self.clicked)

    def show_bars(self, bars: tuple[Bar, ...], says: str) -> None:
        """Show bars, and say something of them."""
        self.rows.set_bars(bars)
        self.rows.setVisible(bool(bars))
        self.said.setText(says)
        self.said.setVisible(bool(says))


class StateCards(QWidget):
    """All of them; cards of what the file does not have are not there.

    Signals:
        module_chosen: the path of a module whose bar was pressed.
    """

    module_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.waiting = Waiting()
        self.problem = Label(ink="warning", wrap=True)
        self.flow = BarsCard(tr("Gradient flow"))
        self.rate = RateCardView()
        self.ready = ReadyCardView()
        self.sparsity = BarsCard(tr("Predicted sparsity, from batch normalisation"))
        both = FoldingRow(560)
        sides: tuple[tuple[tuple[QWidget, ...], int], ...] = (
            ((self.flow, self.sparsity), 8),
            ((self.rate, self.ready), 7),
        )
        for cards, stretch in sides:
            side = QWidget()
            below = QVBoxLayout(side)
            below.setContentsMargins(0, 0, 0, 0)
            below.setSpacing(12)
            for card in cards:
                below.addWidget(card)
            below.addStretch(1)
            both.add(side, stretch)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.waiting)
        column.addWidget(self.problem)
        column.addWidget(both)
        for widget in (self.flow, self.rate, self.ready, self.sparsity, self.problem):
            widget.hide()
        self.flow.clicked.connect(self.module_chosen)
        self.sparsity.clicked.connect(self.module_chosen)

    def wait(self, progress: Progress) -> None:
        """Say how far the work is."""
        self.waiting.wait(progress)

    def clear(self) -> None:
        """Show nothing, as the checkpoint is another."""
        for widget in (self.flow, self.rate, self.ready, self.sparsity, self.problem):
            widget.hide()

    def show_state(self, scene: StateScene) -> None:
        """Show a checkpoint's cards."""
        self.waiting.done()
        self.problem.setText(scene.problem)
        self.problem.setVisible(bool(scene.problem))
        flow = scene.flow
        self.flow.setVisible(flow is not None)
        if flow is not None:
            self.flow.set_title(flow.title)
            bars = tuple(Bar(one.label, one.value, one.share, one.worrying, one.tip, one.label) for one in flow.bars)
            self.flow.show_bars(bars, flow.because or flow.says)
        self.rate.setVisible(bool(scene.rates))
        if scene.rates:
            worst = next((card for card in scene.rates if card.worrying), scene.rates[0])
            self.rate.show_card(worst, len(scene.rates) - 1)
        self.ready.setVisible(scene.ready is not None)
        if scene.ready is not None:
            self.ready.show_card(scene.ready)
        self._show_sparsity(scene)

    def _show_sparsity(self, scene: StateScene) -> None:
        self.sparsity.setVisible(bool(scene.sparsity))
        shown = scene.sparsity[:_MAX_SPARSITY_ROWS]
        bars = tuple(Bar(one.layer, one.said, one.mean, False, "", one.path) for one in shown)
        left = len(scene.sparsity) - len(shown)
        says = []
        if scene.condition:
            says.append(tr("share of values below zero, {condition}; an estimate").format(condition=scene.condition))
        if left:
            says.append(tr_counted(left, "more layer"))
        self.sparsity.show_bars(bars, " · ".join(says))

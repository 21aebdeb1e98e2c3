"""Paints the scene: nothing is worked out here, and nothing is read."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from inspector.display.inputs.scene import InputsScene
from inspector.display.ticks import linear_ticks
from inspector.views.charts import BarChart
from inspector.views.surfaces import Card, Ink
from inspector.views.view import View

INKS: tuple[Ink, ...] = ("critical", "good", "accent")


class InputsView(View):
    """A card for each colour."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self.body)
        self.cards = [Card("") for _ in INKS]
        self.charts = [BarChart() for _ in INKS]
        for card, chart in zip(self.cards, self.charts, strict=True):
            card.column.addWidget(chart, 1)
            column.addWidget(card, 1)

    def draw(self, scene: InputsScene) -> None:
        ticks = linear_ticks(float(scene.edges[0]), float(scene.edges[-1]))
        for number, ink in enumerate(INKS):
            self.cards[number].set_title(f"{scene.says[number]} · {scene.images} images of {scene.place}")
            self.charts[number].set_bars(scene.counts[number], edges=scene.edges, inks=(ink,), ticks=ticks)


def make(parent: QWidget | None) -> InputsView:
    return InputsView(parent)

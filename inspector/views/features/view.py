"""The Features tab: toolbar, layers, channels, and the sparsity of all channels."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from inspector.core.units import number_text
from inspector.display.colour_maps import COLOUR_MAPS
from inspector.display.features.scene import ChannelState, ColourMap, FeaturesScene
from inspector.session.intents import ViewChanged
from inspector.session.values import RunState, ViewState
from inspector.views.charts import BarChart
from inspector.views.controls import Card, Segmented
from inspector.views.features.channels import ChannelScroll
from inspector.views.features.layers import STATE_INKS, LayersCard
from inspector.views.flow import FlowLayout, labelled
from inspector.views.pictures import PictureTile
from inspector.views.surfaces import Ink, Label
from inspector.views.view import View

_THRESHOLDS = (("0.0", "0"), ("1e-06", "1e-6"), ("0.001", "1e-3"), ("0.01", "1e-2"), ("0.05", "5e-2"))
_ORDERS = (("sparsity", "sparsity ↓"), ("index", "index"), ("variance", "variance"))
_MAPS = (("viridis", "viridis"), ("grey", "grey"))

_WIDEST_BAR_PX = 30
_NARROWEST_CHART_PX = 360
_SPARE = 0.14

_BAR_INKS: dict[ChannelState, Ink] = {**STATE_INKS, "healthy": "accent"}


class ColourScale(QWidget):
    """The colours between the lowest and the highest value, one scale for all channels."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.low, self.high = Label(ink="dim"), Label(ink="dim")
        self._strip = PictureTile("scale", smooth=True)
        self._strip.setFixedSize(56, 10)
        self._strip.setCursor(Qt.CursorShape.ArrowCursor)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 0, 0)
        row.setSpacing(6)
        for widget in (self.low, self._strip, self.high):
            row.addWidget(widget)
        self.setToolTip("One scale for all channels")

    def show_scale(self, colour_map: ColourMap, low: str, high: str) -> None:
        """Show a colour map with the values at its ends."""
        table = COLOUR_MAPS[colour_map]
        self._strip.set_picture(table[None, :: len(table) // 56].repeat(10, axis=0))
        self.low.setText(low)
        self.high.setText(high)


class FeaturesView(View):
    """How many activations are zero, and which channels never fire."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.zero_means = Segmented(_THRESHOLDS, label="Zero means, absolute value below")
        self.order = Segmented(_ORDERS, label="Sort channels by")
        self.colour_map = Segmented(_MAPS, label="Colour map")
        self.position = Label(weight="semibold")
        self.of = Label(ink="dim")
        self.layers = LayersCard()
        self.channels = ChannelScroll()
        self.bars = BarChart()
        self.card = Card(ink="dim", weight="regular")
        self.counts = Label(ink="dim")
        self.scale = ColourScale()
        self.notes = Label(ink="warning", wrap=True)
        self._lay_out()
        self.zero_means.chosen.connect(self._on_threshold)
        self.order.chosen.connect(self._on_order)
        self.colour_map.chosen.connect(self._on_map)
        self.layers.list.chosen.connect(self._on_layer)
        self.channels.grid.chosen.connect(self._on_channel)
        self.bars.clicked.connect(self._on_channel)

    def _lay_out(self) -> None:
        controls = FlowLayout()
        for text, widget in (("Zero means |a| <", self.zero_means), ("Sort", self.order), ("Map", self.colour_map)):
            controls.addWidget(labelled(text, widget))
        controls.addWidget(self.scale)
        bar = QHBoxLayout()
        bar.setSpacing(10)
        bar.addLayout(controls, 1)
        bar.addWidget(self.position)
        bar.addWidget(self.of)
        self.layers.setFixedWidth(236)
        middle = QHBoxLayout()
        middle.setSpacing(12)
        middle.addWidget(self.layers)
        middle.addWidget(self.channels, 1)
        self.card.head.addWidget(self.counts)
        self.card.column.addWidget(self.bars, 1)
        self.card.setFixedHeight(184)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(14, 10, 14, 12)
        column.setSpacing(12)
        column.addLayout(bar)
        column.addWidget(self.notes)
        column.addLayout(middle, 1)
        column.addWidget(self.card)

    def draw(self, scene: FeaturesScene) -> None:
        self.position.setText(f"{scene.sample + 1:,}")
        self.of.setText(f"of {scene.samples:,}")
        self.scale.show_scale(scene.colour_map, number_text(scene.low), number_text(scene.high))
        self.notes.setText("\n".join(scene.notes))
        self.notes.setVisible(bool(scene.notes))
        self.layers.show_scene(scene)
        self.channels.show_scene(scene)
        self.card.set_title(scene.bars_title)
        self.counts.setText(scene.counts_text)
        # Empty places at the end, where the limit's text is readable.
        spare = math.ceil(_SPARE * len(scene.channels)) + 2
        texts = [tile.detail for tile in scene.channels] + [""] * spare
        self.bars.set_bars(
            [tile.sparsity for tile in scene.channels] + [math.nan] * spare,
            inks=[_BAR_INKS[tile.state] for tile in scene.channels],
            say=texts.__getitem__,
            top=1.0,
        )
        self.bars.setMaximumWidth(max(_WIDEST_BAR_PX * (len(scene.channels) + spare), _NARROWEST_CHART_PX))
        self.bars.set_limit(scene.baseline if math.isfinite(scene.baseline) else None, scene.baseline_text, "dim")
        self.bars.set_selected(None)

    def reflect(self, _run_state: RunState | None, view_state: ViewState) -> None:
        self.zero_means.set_value(repr(float(view_state.zero_means)))
        self.order.set_value(view_state.channel_order)
        self.colour_map.set_value(view_state.colour_map)

    def _on_threshold(self, value: str) -> None:
        self.tell(ViewChanged({"zero_means": float(value)}))

    def _on_order(self, order: str) -> None:
        self.tell(ViewChanged({"channel_order": order}))

    def _on_map(self, colour_map: str) -> None:
        self.tell(ViewChanged({"colour_map": colour_map}))

    def next_layer(self) -> None:
        """Show the layer below the one shown."""
        self._step_layer(1)

    def previous_layer(self) -> None:
        """Show the layer above the one shown."""
        self._step_layer(-1)

    def _step_layer(self, by: int) -> None:
        scene = self.scene
        names = [bar.name for bar in scene.layers] if isinstance(scene, FeaturesScene) else []
        if isinstance(scene, FeaturesScene) and scene.layer in names:
            place = names.index(scene.layer) + by
            if 0 <= place < len(names):
                self._on_layer(names[place])

    def _on_layer(self, layer: str) -> None:
        self.tell(ViewChanged({"layer": layer}))

    def _on_channel(self, place: int) -> None:
        if self.scene is None or place >= len(self.scene.channels):
            return
        self.channels.select(place)
        self.bars.set_selected(place)


def make(parent: QWidget | None = None) -> FeaturesView:
    """The widget of the Features tab."""
    return FeaturesView(parent)

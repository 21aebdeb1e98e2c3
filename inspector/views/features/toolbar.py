"""The controls above the features: the page, what counts as zero, the order, the colours."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from inspector.core.language import tr
from inspector.core.units import number_text, percent_text
from inspector.display.colour_maps import COLOUR_MAPS
from inspector.display.features.scene import ColourMap, FeaturesScene
from inspector.session.values import ViewState
from inspector.views.controls import CONTROL_PX, Segmented
from inspector.views.flow import FlowLayout
from inspector.views.menu_button import MenuButton, MenuItem
from inspector.views.pictures import PictureTile
from inspector.views.surfaces import Label

_HIDE = "hide_dead"
_PAGES = (
    ("channels", tr("Channels")),
    ("spatial", tr("Spatial")),
    ("firing", tr("Firing")),
    ("epochs", tr("Over epochs")),
)
_THRESHOLDS = (0.0, 1e-6, 1e-3, 1e-2, 5e-2)
_ORDERS = {"sparsity": tr("sparsity ↓"), "index": tr("index"), "variance": tr("variance ↓")}
_MAPS = {"viridis": "viridis", "grey": tr("grey")}


def threshold_text(zero_means: float) -> str:
    """`zero: |a| < 1e-6`, or that it is exactly 0."""
    return tr("zero: |a| < {limit}").format(limit=number_text(zero_means)) if zero_means else tr("zero: a = 0")


class ColourScale(QWidget):
    """The colours between the lowest and the highest value, one scale for all channels."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.low, self.high = Label(ink="dim"), Label(ink="dim")
        self._strip = PictureTile("scale", smooth=True)
        self._strip.setAccessibleName(tr("Colours of the maps, from the lowest to the highest value"))
        self._strip.setFixedSize(56, 10)
        self._strip.setCursor(Qt.CursorShape.ArrowCursor)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 0, 0)
        row.setSpacing(6)
        for widget in (self.low, self._strip, self.high):
            row.addWidget(widget)
        self.setToolTip(tr("One scale for all channels"))

    def show_scale(self, colour_map: ColourMap, low: str, high: str) -> None:
        """Show a colour map with the values at its ends."""
        table = COLOUR_MAPS[colour_map]
        self._strip.set_picture(table[None, :: len(table) // 56].repeat(10, axis=0))
        self.low.setText(low)
        self.high.setText(high)


class FeaturesToolbar(QWidget):
    """Controls that tell what they would change.

    Signals:
        changed: a field of the view's state, and its new value.
    """

    changed = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hides_dead = False
        self.pages = Segmented(_PAGES, label=tr("Pages"))
        self.zero_means = MenuButton("", says=tr("What counts as zero, and so what is dead"))
        self.order = MenuButton("", says=tr("Which channels come first, and whether dead ones are shown"))
        self.colour_map = MenuButton("", says=tr("Colour map"))
        self.scale = ColourScale()
        self.position = Label(weight="semibold")
        self.of = Label(ink="dim")
        controls = FlowLayout()
        for widget in (self.pages, self.zero_means, self.order, self.colour_map, self.scale):
            controls.addWidget(widget)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addLayout(controls, 1)
        for label in (self.position, self.of):
            label.setMinimumHeight(CONTROL_PX)
            row.addWidget(label, 0, Qt.AlignmentFlag.AlignTop)
        self.pages.chosen.connect(self._on_page)
        self.zero_means.chosen.connect(self._on_threshold)
        self.order.chosen.connect(self._on_order)
        self.colour_map.chosen.connect(self._on_map)

    def show_scene(self, scene: FeaturesScene) -> None:
        """Show which sample this is, and what its colours mean."""
        self.zero_means.setToolTip(scene.thresholds)
        self.position.setText(f"{scene.sample + 1:,}")
        self.of.setText(tr("of {samples:,}").format(samples=scene.samples))
        low, high = number_text(scene.low), number_text(scene.high)
        if scene.page != "channels":
            low, high = percent_text(scene.low), percent_text(scene.high)
        self.scale.show_scale(scene.colour_map, low, high)

    def reflect(self, view_state: ViewState) -> None:
        """Set the controls to what the session holds."""
        self.pages.set_value(view_state.features_page)
        self.order.setVisible(view_state.features_page == "channels")
        self.zero_means.set_text(threshold_text(view_state.zero_means))
        self.zero_means.set_items(
            [
                MenuItem(key=repr(value), text=threshold_text(value), on=value == view_state.zero_means, group="zero")
                for value in _THRESHOLDS
            ]
        )
        self.order.set_text(tr("sort: {order}").format(order=_ORDERS[view_state.channel_order]))
        orders = [
            MenuItem(key=key, text=text, on=key == view_state.channel_order, group="order")
            for key, text in _ORDERS.items()
        ]
        self._hides_dead = view_state.hide_dead
        self.order.set_items([*orders, MenuItem(key=_HIDE, text=tr("Hide dead channels"), on=self._hides_dead)])
        self.colour_map.set_text(_MAPS[view_state.colour_map])
        self.colour_map.set_items(
            [MenuItem(key=key, text=text, on=key == view_state.colour_map, group="map") for key, text in _MAPS.items()]
        )

    def _on_page(self, page: str) -> None:
        self.changed.emit("features_page", page)

    def _on_threshold(self, value: str) -> None:
        self.changed.emit("zero_means", float(value))

    def _on_order(self, order: str) -> None:
        if order == _HIDE:
            self.changed.emit("hide_dead", not self._hides_dead)
        else:
            self.changed.emit("channel_order", order)

    def _on_map(self, colour_map: str) -> None:
        self.changed.emit("colour_map", colour_map)

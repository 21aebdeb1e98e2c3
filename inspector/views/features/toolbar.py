"""The controls above the features: the page, what counts as zero, the order, the colours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from inspector.analysis.unit_limits import DORMANT_SCORE, LIMITS, UnitLimits
from inspector.core.units import number_text, percent_text
from inspector.display.colour_maps import COLOUR_MAPS
from inspector.display.features.scene import ColourMap, FeaturesScene
from inspector.session.values import ViewState
from inspector.views.controls import Segmented
from inspector.views.flow import FlowLayout
from inspector.views.menu_button import MenuButton, MenuItem
from inspector.views.pictures import PictureTile
from inspector.views.surfaces import Label

_HIDE = "hide_dead"
_PAGES = (("channels", "Channels"), ("spatial", "Spatial"), ("firing", "Firing"), ("epochs", "Over epochs"))
_THRESHOLDS = (0.0, 1e-6, 1e-3, 1e-2, 5e-2)
_LIMITS: tuple[tuple[str, str, tuple[float, ...], Callable[[float], str]], ...] = (
    (
        "nearly_dead_samples",
        "Nearly dead",
        (0.0, 0.01, 0.05, 0.1),
        lambda share: f"fires on at most {percent_text(share)} of samples",
    ),
    (
        "nearly_dead_values",
        "Nearly dead, where samples are few",
        (0.0, 0.001, 0.01, 0.05),
        lambda share: f"fires on at most {percent_text(share)} of values",
    ),
    (
        "saturated",
        "Saturated",
        (0.1, 0.25, 0.5, 0.9),
        lambda share: f"at least {percent_text(share)} of values at a bound",
    ),
    (
        "dormant",
        "Dormant",
        (0.0, 0.01, DORMANT_SCORE, 0.1),
        lambda tau: f"mean |a| at most {number_text(tau)} of the layer's" if tau else "all of it zero",
    ),
    (
        "duplicate",
        "Duplicate",
        (0.9, 0.95, 0.99, 0.999),
        lambda correlation: f"correlates by {number_text(correlation)} or more",
    ),
    (
        "over_baseline",
        "Sparse but alive",
        (0.05, 0.1, 0.2, 0.3),
        lambda share: f"over {percent_text(share)} more zeros than the activation leaves",
    ),
)
"""Field of `UnitLimits`, the kind that it bounds, the values to choose from, and how one reads."""

_USUAL = "usual"
_ORDERS = {"sparsity": "sparsity ↓", "index": "index", "variance": "variance ↓"}
_MAPS = ("viridis", "grey")


def threshold_text(zero_means: float) -> str:
    """`zero: |a| < 1e-6`, or that it is exactly 0."""
    return f"zero: |a| < {number_text(zero_means)}" if zero_means else "zero: a = 0"


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


class FeaturesToolbar(QWidget):
    """Controls that tell what they would change.

    Signals:
        changed: a field of the view's state, and its new value.
    """

    changed = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hides_dead = False
        self._limits = LIMITS
        self.pages = Segmented(_PAGES, label="Pages")
        self.zero_means = MenuButton("", says="What counts as zero, and so what is dead")
        self.limits = MenuButton("", says="What the other kinds of channels are held against")
        self.order = MenuButton("", says="Which channels come first, and whether dead ones are shown")
        self.colour_map = MenuButton("", says="Colour map")
        self.scale = ColourScale()
        self.position = Label(weight="semibold")
        self.of = Label(ink="dim")
        controls = FlowLayout()
        for widget in (self.pages, self.zero_means, self.limits, self.order, self.colour_map, self.scale):
            controls.addWidget(widget)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addLayout(controls, 1)
        row.addWidget(self.position)
        row.addWidget(self.of)
        self.pages.chosen.connect(self._on_page)
        self.zero_means.chosen.connect(self._on_threshold)
        self.limits.chosen.connect(self._on_limit)
        self.order.chosen.connect(self._on_order)
        self.colour_map.chosen.connect(self._on_map)

    def show_scene(self, scene: FeaturesScene) -> None:
        """Show which sample this is, and what its colours mean."""
        self.zero_means.setToolTip(scene.thresholds)
        self.limits.setToolTip(scene.thresholds)
        self.position.setText(f"{scene.sample + 1:,}")
        self.of.setText(f"of {scene.samples:,}")
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
        self._show_limits(view_state.unit_limits)
        self.order.set_text(f"sort: {_ORDERS[view_state.channel_order]}")
        orders = [
            MenuItem(key=key, text=text, on=key == view_state.channel_order, group="order")
            for key, text in _ORDERS.items()
        ]
        self._hides_dead = view_state.hide_dead
        self.order.set_items([*orders, MenuItem(key=_HIDE, text="Hide dead channels", on=self._hides_dead)])
        self.colour_map.set_text(view_state.colour_map)
        self.colour_map.set_items(
            [MenuItem(key=key, text=key, on=key == view_state.colour_map, group="map") for key in _MAPS]
        )

    def _show_limits(self, limits: UnitLimits) -> None:
        """Offer values of each limit; one that was set elsewhere stands among them."""
        self._limits = limits
        changed = sum(getattr(limits, field) != getattr(LIMITS, field) for field, *_rest in _LIMITS)
        self.limits.set_text(f"limits: {changed} changed" if changed else "limits")
        items = [MenuItem(key=_USUAL, text="As usual", on=not changed, group=_USUAL)]
        for field, heading, values, text in _LIMITS:
            current = getattr(limits, field)
            items += [
                MenuItem(
                    key=f"{field}:{value!r}",
                    text=text(value),
                    on=value == current,
                    group=field,
                    heading="" if place else heading,
                )
                for place, value in enumerate(sorted({*values, current}))
            ]
        self.limits.set_items(items)

    def _on_page(self, page: str) -> None:
        self.changed.emit("features_page", page)

    def _on_threshold(self, value: str) -> None:
        self.changed.emit("zero_means", float(value))

    def _on_limit(self, key: str) -> None:
        field, _, value = key.partition(":")
        limits = LIMITS if field == _USUAL else replace(self._limits, **{field: float(value)})
        self.changed.emit("unit_limits", limits)

    def _on_order(self, order: str) -> None:
        if order == _HIDE:
            self.changed.emit("hide_dead", not self._hides_dead)
        else:
            self.changed.emit("channel_order", order)

    def _on_map(self, colour_map: str) -> None:
        self.changed.emit("colour_map", colour_map)

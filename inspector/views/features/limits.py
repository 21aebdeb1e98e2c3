"""What the kinds of channels are held against, stated on a line, with a menu to hold them against something else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from inspector.analysis.unit_limits import DORMANT_SCORE, LIMITS, UnitLimits
from inspector.core.units import number_text, percent_text
from inspector.display.features.scene import FeaturesScene
from inspector.views.elided import ElidedLabel
from inspector.views.menu_button import MenuButton, MenuItem

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


class LimitsLine(QWidget):
    """The line and the menu.

    Signals:
        chosen: the limits that are to hold (`UnitLimits`).
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._limits = LIMITS
        self.said = ElidedLabel(ink="faint", size_px=11)
        self.menu = MenuButton("Limits", says="What the kinds of channels are held against")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.said, 1)
        row.addWidget(self.menu)
        self.menu.chosen.connect(self._on_chosen)

    def show_scene(self, scene: FeaturesScene) -> None:
        """Say what holds for the layer of a scene."""
        self.said.setText(scene.limits)
        self.menu.setToolTip(scene.thresholds)

    def set_limits(self, limits: UnitLimits) -> None:
        """Offer values of each limit; one that was set elsewhere stands among them."""
        self._limits = limits
        changed = sum(getattr(limits, field) != getattr(LIMITS, field) for field, *_rest in _LIMITS)
        self.menu.set_text(f"Limits: {changed} changed" if changed else "Limits")
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
        self.menu.set_items(items)

    def _on_chosen(self, key: str) -> None:
        field, _, value = key.partition(":")
        self.chosen.emit(LIMITS if field == _USUAL else replace(self._limits, **{field: float(value)}))

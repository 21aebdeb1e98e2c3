"""What the kinds of channels are held against, stated on a line, with a menu to hold them against something else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from inspector.analysis.unit_limits import DORMANT_SCORE, LIMITS, UnitLimits
from inspector.core.language import tr
from inspector.core.units import number_text, percent_text
from inspector.display.features.scene import FeaturesScene
from inspector.views.elided import ElidedLabel
from inspector.views.menu_button import MenuButton, MenuItem

_LIMITS: tuple[tuple[str, str, tuple[float, ...], Callable[[float], str]], ...] = (
    (
        "nearly_dead_samples",
        tr("Nearly dead"),
        (0.0, 0.01, 0.05, 0.1),
        lambda share: tr("fires on at most {share} of samples").format(share=percent_text(share)),
    ),
    (
        "nearly_dead_values",
        tr("Nearly dead, where samples are few"),
        (0.0, 0.001, 0.01, 0.05),
        lambda share: tr("fires on at most {share} of values").format(share=percent_text(share)),
    ),
    (
        "saturated",
        tr("Saturated"),
        (0.1, 0.25, 0.5, 0.9),
        lambda share: tr("at least {share} of values at a bound").format(share=percent_text(share)),
    ),
    (
        "dormant",
        tr("Dormant"),
        (0.0, 0.01, DORMANT_SCORE, 0.1),
        lambda tau: (
            tr("mean |a| at most {tau} of the layer's").format(tau=number_text(tau)) if tau else tr("all of it zero")
        ),
    ),
    (
        "duplicate",
        tr("Duplicate"),
        (0.9, 0.95, 0.99, 0.999),
        lambda correlation: tr("correlates by {correlation} or more").format(correlation=number_text(correlation)),
    ),
    (
        "over_baseline",
        tr("Sparse but alive"),
        (0.05, 0.1, 0.2, 0.3),
        lambda share: tr("over {share} more zeros than the activation leaves").format(share=percent_text(share)),
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
        self.menu = MenuButton(tr("Limits"), says=tr("What the kinds of channels are held against"))
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
        self.menu.set_text(tr("Limits: {changed} changed").format(changed=changed) if changed else tr("Limits"))
        items = [MenuItem(key=_USUAL, text=tr("As usual"), on=not changed, group=_USUAL)]
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

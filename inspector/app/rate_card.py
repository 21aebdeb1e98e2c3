"""The card of the learning rate: its lines, the first rates as text, and whether the trainer plans the same."""

from __future__ import annotations

import msgspec
import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

from inspector.analysis.pyramid import decimate
from inspector.app.plan import Plan
from inspector.app.rate_chart import RateChart
from inspector.app.rate_check import expected_rates, first_difference
from inspector.core.arrays import FloatArray
from inspector.core.language import tr
from inspector.core.units import number_text
from inspector.display.preview.scene import PreviewScene, RateLine
from inspector.views.controls import Card
from inspector.views.elided import ElidedLabel
from inspector.views.fonts import SMALL_PX
from inspector.views.surfaces import Ink, Label

_LEGEND: tuple[tuple[str, Ink], ...] = (
    (tr("— recorded"), "accent"),
    (tr("- - old future"), "dim"),
    (tr("— new future"), "good"),
)
_NEW = tr("new future")
_MOST_LINES = 6
_FIRST = 10
_WIDTH_PX = 1200


class RateCard(Card):
    """What was, what would have been, and what will be."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Learning rate"), parent)
        self.chart = RateChart()
        self.first = ElidedLabel(ink="dim", size_px=SMALL_PX, right=True)
        self.first.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.first.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for text, ink in _LEGEND:
            self.head.addWidget(Label(text, ink=ink, size_px=SMALL_PX))
        self.head.addWidget(self.first, 2)
        self.assumption = Label("", ink="dim", wrap=True, size_px=SMALL_PX)
        self.assumption.hide()
        self.column.addWidget(self.chart)
        self.column.addWidget(self.assumption)

    def show_scene(self, scene: PreviewScene | None) -> None:
        """Show a preview; None clears it."""
        self.chart.show_scene(scene)
        self._tell_first(scene.first if scene else ())
        self.assumption.setText(scene.assumption if scene else "")
        self.assumption.setVisible(bool(self.assumption.text()))

    def show_plan(self, plan: Plan) -> None:
        """Show what the trainer's own scheduler gives, in the place of what was worked out here."""
        scene = self.chart.scene
        lines = planned_lines(plan)
        if scene is None or not lines:
            return
        kept = tuple(line for line in scene.lines if line.ink != "good")
        first = next(iter(plan.rates.values()))[: len(scene.first) or _FIRST]
        self.chart.show_scene(msgspec.structs.replace(scene, lines=(*kept, *lines), resume_epoch=plan.epoch))
        self._tell_first(first)

    def _tell_first(self, rates: tuple[float, ...]) -> None:
        text = ", ".join(number_text(rate) for rate in rates)
        self.first.setText(tr("first ten: {rates}").format(rates=text) if text else "")
        self.first.setToolTip("\n".join(repr(rate) for rate in rates))


def planned_lines(plan: Plan) -> tuple[RateLine, ...]:
    """The rates that the trainer plans, a line for each group that differs from those before it."""
    steps = np.asarray(plan.steps, np.float64)
    curves: list[FloatArray] = []
    for rates in plan.rates.values():
        values = np.asarray(rates, np.float64)
        if values.size == steps.size and not any(np.array_equal(values, other) for other in curves):
            curves.append(values)
    return tuple(_line(plan, steps, values) for values in curves[:_MOST_LINES] if values.size)


def _line(plan: Plan, steps: FloatArray, rates: FloatArray) -> RateLine:
    """One line, with as many points as can be told apart."""
    if steps.size > _WIDTH_PX:
        steps, rates = decimate(steps, rates, float(steps[0]), float(steps[-1]), _WIDTH_PX)
    epochs = plan.epoch + (steps - plan.step) / max(plan.steps_per_epoch, 1)
    return RateLine(label=_NEW, ink="good", dashed=False, steps=steps, rates=rates, epochs=epochs)


def planned_otherwise(scene: PreviewScene, plan: Plan) -> str:
    """Where the trainer's rates are not those of the preview of the same resume, one sentence; empty where they are."""
    planned = {name: zip(plan.steps, rates, strict=False) for name, rates in plan.rates.items()}
    found, _compared = first_difference(expected_rates(scene, None), planned)
    if found is None:
        return ""
    return tr(
        "The trainer plans other rates than the preview: {found:.6g} for {group} in step {step:,}, where the preview "
        "has {expected:.6g}. The lines show the trainer's"
    ).format(found=found.found, group=found.group, step=found.step, expected=found.expected)

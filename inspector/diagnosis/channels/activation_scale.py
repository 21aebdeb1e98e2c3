"""Layers whose numbers are very small or very large."""

from __future__ import annotations

import numpy as np

from inspector.core.pulse import Pulse
from inspector.core.units import listed, number_text
from inspector.diagnosis.channels.layers_seen import NO_ACTIVATIONS, LayerSeen, layers_seen
from inspector.diagnosis.check import About
from inspector.diagnosis.material import Material
from inspector.diagnosis.thresholds import Thresholds
from inspector.diagnosis.values import Finding, NotAssessable, Severity, Sureness

ABOUT = About(
    id="activation-scale",
    title="Activations are very small or very large",
    rules=("S4.11", "X.D6"),
    symptom="A legend that reaches to thousandths, or to hundreds, in one layer and not in the others",
    definition="The mean |a| of a layer's living channels is below {small_activation}, or the standard deviation of all"
    " their values is below {least_spread} or above {most_spread}. A layer behind a batch norm and a ReLU has 0.58."
    " Always information: the scale alone harms nothing where what follows is scaled to it.",
    why="Numbers that shrink or grow from layer to layer do the same to gradients, and leave half precision's range",
    confirm="Compare the layers in their order: each multiplies the scale by nearly the same factor where weights are"
    " badly scaled",
    false_alarm="A layer before a normalisation may have any scale, and thresholds made for one model do not fit"
    " another",
    cure="A normalisation between layers, or first weights of He or Glorot. No setting of the recipes changes that.",
    source="Rules S4.11 and X.D6, the latter made ten times wider as healthy layers lie outside of 0.5 to 2",
)


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The layers of the newest dump with activations.

    Raises:
        FileError: the activations cannot be read.
    """
    seen = layers_seen(material, pulse)
    if seen is None:
        return ABOUT.not_assessable(NO_ACTIVATIONS)
    told = [(one, text) for one in seen.layers if (text := _off_scale(one, material.thresholds))]
    if not told:
        return None
    return ABOUT.finding(
        title=f"Activations of {len(told)} of {len(seen.layers)} layers are very small or very large",
        summary=listed([f"{one.shown} has {text}" for one, text in told]),
        severity=Severity.INFO,
        sureness=Sureness.POSSIBLE,
        since_step=seen.step,
        since_epoch=seen.entry.epoch,
        evidence=tuple(seen.evidence(one, (), "All channels") for one, _text in told),
        baseline="A batch norm and a ReLU leave a standard deviation of 0.58 and a mean of 0.40",
    )


def _off_scale(layer: LayerSeen, limits: Thresholds) -> str:
    """What is unusual about a layer's scale, empty where nothing is or where all of it is dead."""
    statistics = layer.statistics
    known = ~layer.dead & (statistics.n > 0) & np.isfinite(statistics.variance)
    if not known.any():
        return ""
    weights = statistics.n[known] / statistics.n[known].sum()
    mean = float(weights @ statistics.mean[known])
    squares = float(weights @ (statistics.variance[known] + statistics.mean[known] ** 2))
    spread = float(np.sqrt(max(0.0, squares - mean**2)))
    size = float(weights @ statistics.mean_abs[known])
    if size < limits.small_activation:
        return f"a mean |a| of {number_text(size)}"
    return "" if limits.least_spread <= spread <= limits.most_spread else f"a spread of {number_text(spread)}"

"""Channels behind a tanh or a sigmoid that stay at its ends.

Symptom: maps of two values; evidence: the share of values beyond 0.95 of what the activation can reach.
"""

from __future__ import annotations

import numpy as np

from inspector.analysis.unit_kinds import saturated_shares
from inspector.core.pulse import Pulse
from inspector.core.units import counted, listed, percent_text
from inspector.diagnosis.channels.layers_seen import NO_ACTIVATIONS, LayerSeen, layers_seen
from inspector.diagnosis.check import About
from inspector.diagnosis.cures import cure, divided
from inspector.diagnosis.material import Material
from inspector.diagnosis.values import Finding, NotAssessable, Severity, Sureness

ABOUT = About(
    id="saturated-channels",
    title="Activations saturate",
    rules=("X.D5",),
    symptom="Maps behind a tanh or sigmoid that hold hardly anything but its two ends",
    definition="In more than {saturated_channels} of the channels of a layer, {saturated_values} or more of all values"
    " have |a| > 0.95 behind a tanh, or lie within 0.05 of 0 or 1 behind a sigmoid. Other activations have no ends, and"
    " are not looked at.",
    why="The slope of a tanh beyond 0.95 is below 0.1, that of a sigmoid below 0.05, so hardly any gradient reaches"
    " what lies before it",
    confirm="Look at the values before the activation: they lie far beyond ±2; and at the gradients of layers below",
    false_alarm="A gate is meant to be open or closed, and the last layer of a classifier is sure where it is right",
    cure="A rate divided by {dead_rate_cut}, or a normalisation before the activation, so that its inputs are of"
    " size 1; a new run, as saturated units seldom come back.",
    source="Rule X.D5; TheDeepChecker, whose measure is 0.85 where 70% lie at the ends and others are spread evenly",
)

_BOUNDED = ("tanh", "sigmoid")


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The bounded layers of the newest dump with activations.

    Raises:
        FileError: the activations cannot be read.
    """
    seen = layers_seen(material, pulse)
    if seen is None:
        return ABOUT.not_assessable(NO_ACTIVATIONS)
    limits = material.thresholds
    bounded = [one for one in seen.layers if _is_bounded(one)]
    at_ends = [(one, _saturated(one, limits.saturated_values)) for one in bounded]
    told = [(one, found) for one, found in at_ends if len(found) > limits.saturated_channels * one.channels]
    if not told:
        return None
    told.sort(key=lambda pair: -len(pair[1]) / pair[0].channels)
    texts = [f"{len(found)} of {one.channels} channels of {one.shown}" for one, found in told]
    reason = "Smaller steps throw fewer inputs far beyond the ends (X.D5)"
    return ABOUT.finding(
        title=f"Activations saturate in {len(told)} of {len(bounded)} bounded layers",
        summary=f"At the ends in {percent_text(limits.saturated_values)} or more of their values: {listed(texts)}",
        severity=Severity.WARNING,
        sureness=Sureness.LIKELY,
        since_step=seen.step,
        since_epoch=seen.entry.epoch,
        evidence=tuple(seen.evidence(one, found, counted(len(found), "saturated channel")) for one, found in told),
        cures=cure("Lower the rate", divided(material, "optim.lr", limits.dead_rate_cut, reason)),
        baseline="Of normal inputs a tanh has 7% beyond 0.95, and a sigmoid 0.3% within 0.05 of its ends",
    )


def _is_bounded(layer: LayerSeen) -> bool:
    return layer.activation.lower().replace("_", "") in _BOUNDED


def _saturated(layer: LayerSeen, share: float) -> tuple[int, ...]:
    with np.errstate(invalid="ignore"):
        return tuple(np.flatnonzero(saturated_shares(layer.statistics, layer.activation) >= share).tolist())

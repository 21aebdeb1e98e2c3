"""Layers that are alive and silent more often than their activation makes them.

Symptom: maps that are mostly black, of channels that all fire somewhere; evidence: their share of silence beside what
the activation leaves of normal inputs. Dead channels have a finding of their own and do not count here.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from inspector.analysis.activation_swap import sparsity_under
from inspector.analysis.null_sparsity import null_sparsity, zero_epsilon
from inspector.analysis.ratio import ratio
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.core.units import counted, listed, percent_text
from inspector.diagnosis.channels.layers_seen import (
    DEAD,
    NO_ACTIVATIONS,
    SPARSITY,
    LayerSeen,
    LayersSeen,
    function_name,
    layers_seen,
)
from inspector.diagnosis.check import About
from inspector.diagnosis.cures import cure, divided, edit
from inspector.diagnosis.gates import learnt_too_little
from inspector.diagnosis.material import Material, value_at
from inspector.diagnosis.thresholds import Thresholds
from inspector.diagnosis.values import Cure, CurveEvidence, Evidence, Finding, NotAssessable, Severity, Sureness
from inspector.runs.rising import finite

ABOUT = About(
    id="sparse-features",
    title="Features are sparse beyond their activation",
    rules=("S4.01", "S4.02", "S4.03", "S4.07", "S4.08", "X.D4"),
    symptom="Maps that are black but for a few places, of channels that all fire on some sample",
    definition="Of the channels of a layer that are not dead, more than {sparse_share} of all values are silent (0 for"
    " a ReLU, |a| < 0.01 otherwise), and {sparse_excess} more than P(f(x) silent) for normal x of the layer's scale:"
    " 0.5 for a ReLU, 0.35 at scale 1 for LeakyReLU(0.01). It is told whether more than {silent_channels} of those"
    " channels are silent in {silent_values} of their values. Always information, {steps_after_warmup} steps after the"
    " warm-up or later.",
    why="Sparse is not dead: a channel that fires seldom may have learnt something rare, and trained ReLU layers often"
    " are so. Where scores are poor too, it says that few values carry the signal and the gradient",
    confirm="Look at dead channels, at gradients and at the scores: a layer whose channels all fire and learn needs no"
    " cure",
    false_alarm="Objects on an empty ground leave most places silent in a healthy layer; healthy runs of counting have"
    " 94%. Padding that is not marked as such counts as silence",
    cure="None while scores rise. LeakyReLU or GELU pass a gradient below 0, and lower the number by their formula"
    " alone: 60% behind a ReLU are 38% and 2% of the same values, having learnt nothing, so that a goal as below"
    " 40% shows nothing. They add no parameters, so weights load; a fresh run is cleaner. A rate divided by"
    " {dead_rate_cut} pushes fewer biases below 0, which matters where channels die. Dropout raises the sparsity that"
    " is measured while training.",
    source="Rules S4.01 to S4.03, S4.07, S4.08 and X.D4, held against the activation's own baseline",
)


class _Sparse(NamedTuple):
    """A layer with the silence of its living channels, what its activation leaves, and how many hardly fire."""

    name: str
    function: str
    silence: float
    baseline: float
    text: str
    evidence: Evidence
    hardly_fires: bool


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The newest dump with activations, else the shares that our trainer logs.

    Raises:
        FileError: the activations cannot be read.
    """
    seen = layers_seen(material, pulse)
    if seen is None:
        return _of_metrics(material)
    known = [one for one in seen.layers if np.isfinite(_baseline(one))]
    if not known:
        return ABOUT.not_assessable("the dump does not say after which activation its layers were recorded")
    sparse = [found for one in known if (found := _judged(seen, one, material.thresholds)) is not None]
    return _finding(material, sparse, len(seen.layers), seen.step, seen.entry.epoch) if sparse else None


def _baseline(layer: LayerSeen) -> float:
    """What the activation leaves of normal inputs whose scale fits the layer's values."""
    statistics = layer.statistics
    squares = statistics.variance + statistics.mean**2
    living = squares[~layer.dead & np.isfinite(squares)]
    # Half of the squares of normal inputs get through a rectifier.
    scale = float(np.sqrt(2 * living.mean())) if living.size else 1.0
    return null_sparsity(layer.activation, zero_epsilon(layer.activation), slope=layer.slope, scale=scale or 1.0)


def _judged(seen: LayersSeen, layer: LayerSeen, limits: Thresholds) -> _Sparse | None:
    statistics, living = layer.statistics, ~layer.dead
    epsilon = zero_epsilon(layer.activation)
    rows = np.flatnonzero(np.isclose(statistics.epsilons, epsilon, rtol=1e-9, atol=0.0))
    if not rows.size or not statistics.n[living].sum():
        return None
    near = statistics.near_zero[rows[0]]
    silence, baseline = float(near[living].sum() / statistics.n[living].sum()), _baseline(layer)
    if silence <= _usual(baseline, limits):
        return None
    shares = ratio(near, statistics.n)
    sparse = np.flatnonzero(living & (shares > _usual(baseline, limits)))
    hardly = int((living & (shares >= limits.silent_values)).sum())
    of_living = f"{hardly} of {int(living.sum())} living channels"
    many = hardly > limits.silent_channels * living.sum()
    text = f"{layer.shown}: {percent_text(silence)} of values"
    if many:
        text += f" ({of_living} are silent in {percent_text(limits.silent_values)} of theirs)"
    return _Sparse(
        name=layer.name,
        function=layer.function,
        silence=silence,
        baseline=baseline,
        text=text,
        evidence=seen.evidence(layer, tuple(sparse.tolist()), counted(len(sparse), "sparse channel")),
        hardly_fires=many,
    )


def _usual(baseline: float, limits: Thresholds) -> float:
    """The most silence that is still usual."""
    return max(limits.sparse_share, baseline + limits.sparse_excess)


def _of_metrics(material: Material) -> Finding | NotAssessable | None:
    """From the shares that our trainer logs, less what dead channels add to them."""
    activation = material.setting("encoder.activation")
    tags = [tag for tag, one in material.curves.items() if tag.startswith(SPARSITY) and len(finite(one).values)]
    if not tags or not isinstance(activation, str):
        return ABOUT.not_assessable(material.lacking(f"{NO_ACTIVATIONS} and no sparsity of layers was logged"))
    found, last = [], 0.0
    for tag in tags:
        points, layer = finite(material.curves[tag]), tag.removeprefix(SPARSITY)
        step = float(points.steps[-1])
        dead = _logged(material, f"{DEAD}{layer}", step) or 0.0
        baseline = _logged(material, f"baseline/sparsity_{layer}", step)
        if baseline is None:
            baseline = null_sparsity(activation, zero_epsilon(activation))
        silence = (float(points.values[-1]) - dead) / (1 - dead) if dead < 1 else float("nan")
        if silence > _usual(baseline, material.thresholds):
            evidence = CurveEvidence(
                series=tag,
                first_step=float(points.steps[0]),
                last_step=step,
                text=f"Silence of {visible(layer, 60)}, dead channels among it",
            )
            text = f"{visible(layer, 60)}: {percent_text(silence)} of values"
            found.append(
                _Sparse(layer, function_name(activation), silence, baseline, text, evidence, hardly_fires=False)
            )
            last = max(last, step)
    return _finding(material, found, len(tags), last, material.epoch_at(last)) if found else None


def _logged(material: Material, tag: str, step: float) -> float | None:
    return value_at(material.curves[tag], step) if tag in material.curves else None


def _finding(
    material: Material, sparse: list[_Sparse], layers: int, step: float | None, epoch: float | None
) -> Finding | NotAssessable:
    if because := learnt_too_little(material, step):
        return ABOUT.not_assessable(because)
    sparse = sorted(sparse, key=lambda one: one.baseline - one.silence)
    worst, few = sparse[0], any(one.hardly_fires for one in sparse)
    return ABOUT.finding(
        rules=("S4.01", "X.D4") if few else ("S4.01",),
        title=f"Features of {len(sparse)} of {layers} layers are sparse beyond their activation",
        summary=f"Silent in channels that do fire: {listed([one.text for one in sparse])}",
        severity=Severity.INFO,
        sureness=Sureness.POSSIBLE,
        since_step=step,
        since_epoch=epoch,
        evidence=tuple(one.evidence for one in sparse),
        cures=_cures(material),
        baseline=_baseline_text(worst),
    )


def _baseline_text(worst: _Sparse) -> str:
    """What the activation leaves by itself, and what others would make of the same values."""
    own = (
        f"On normal inputs {worst.function} alone leaves {percent_text(worst.baseline)} of values silent;"
        f" {visible(worst.name, 60)} has {percent_text(worst.silence)}"
    )
    if worst.function != "ReLU":
        return own
    others = sparsity_under(worst.silence, 0.01, ("LeakyReLU", "GELU"))
    if not all(np.isfinite(list(others.values()))):
        return own
    swapped = " and ".join(f"{name} {percent_text(share)}" for name, share in others.items())
    return f"{own}; of the same values {swapped} would lie below 0.01, having learnt nothing"


def _cures(material: Material) -> tuple[Cure, ...]:
    lower = divided(
        material,
        "optim.lr",
        material.thresholds.dead_rate_cut,
        "Smaller steps push fewer biases below 0 (S4.02)",
    )
    activation, other, dropout = material.setting("encoder.activation"), None, None
    if activation == "relu":
        reason = (
            "A gradient passes below 0; the share falls by the formula alone, so judge by scores and dead channels."
            " No parameter changes, so weights load; a fresh run is cleaner (S4.01, S4.08)"
        )
        other = edit(material, "encoder.activation", "leaky_relu", reason)
    elif activation == "leaky_relu":
        reason = "Hardly any value lies near 0 behind it, by its formula alone: judge by scores (S4.07, S4.08)"
        other = edit(material, "encoder.activation", "gelu", reason)
    if material.number("encoder.dropout") == 0.0:
        reason = "Features then rely less on few cells; it raises the sparsity measured while training (S4.03)"
        dropout = edit(material, "encoder.dropout", 0.1, reason)
    return (
        *cure("Let silent values pass a gradient", other),
        *cure("Lower the rate", lower),
        *cure("Add dropout between layers", dropout),
    )

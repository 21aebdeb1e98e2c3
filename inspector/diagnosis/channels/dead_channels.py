"""Channels that never fire.

Symptom: a channel of a layer is silent on every sample; evidence: its largest |a| over all of them. One that fires on
a few samples is nearly dead, and is counted apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inspector.analysis.null_sparsity import null_sparsity, zero_epsilon
from inspector.analysis.sparsity import firing_bound
from inspector.analysis.unit_kinds import unit_labels
from inspector.core.pulse import Pulse
from inspector.core.units import counted, percent_text
from inspector.diagnosis.channels.layers_seen import DEAD, LayerSeen, LayersSeen, layers_seen
from inspector.diagnosis.check import About
from inspector.diagnosis.cures import cure, divided, edit, leaky
from inspector.diagnosis.material import Material
from inspector.diagnosis.tags import shown
from inspector.diagnosis.thresholds import Thresholds
from inspector.diagnosis.values import (
    Cure,
    CurveEvidence,
    Evidence,
    Finding,
    NotAssessable,
    SettingEvidence,
    Severity,
    Sureness,
)
from inspector.runs.rising import finite

ABOUT = About(
    id="dead-channels",
    title="Dead channels",
    rules=("X.D2",),
    symptom="Maps of a layer that stay black on every sample",
    definition="A channel is dead that fires on no position of any sample: its largest |a| is 0 for a ReLU, below"
    " {dead_epsilon} for other activations. It is told where more than {dead_warning} of a layer's channels are dead,"
    " and is an error above {dead_error}. With n samples a dead channel fires on fewer than 3/n of them, at 95%.",
    why="Through a ReLU that is below 0 on every sample no gradient passes, so the channel cannot come back; the layer"
    " works with fewer channels than it has",
    confirm="Record a dump over more samples: a dead channel stays silent on every one, and its bias lies far below 0",
    false_alarm="A channel that waits for something rare looks dead on few samples. A channel that fires seldom is not"
    " dead: sparse layers are healthy, and ReLU alone leaves half of all values at 0.",
    cure="An activation that passes a gradient below 0, as LeakyReLU; biases that begin at 0, in a new run; a rate"
    " divided by {dead_rate_cut}, as large steps throw biases so low that they never return.",
    source="Rule X.D2; Lu, Shin, Su and Karniadakis 2020; the rule of three",
)

_LISTED_LAYERS = 3


@dataclass(frozen=True, slots=True, eq=False)
class _Layer:
    """What is told of a layer.

    Attributes:
        dead: indices of channels that never fire; nearly_dead: how many do, but hardly ever.
        baseline: share of silence that its activation gives on normal inputs, NaN where unknown.
    """

    seen: LayerSeen
    dead: tuple[int, ...]
    nearly_dead: int
    silence: float
    baseline: float

    @property
    def share(self) -> float:
        """Dead channels among all."""
        return len(self.dead) / self.seen.channels


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The newest dump with activations, else the metric that our trainer logs (rule X.D2).

    Raises:
        FileError: the activations cannot be read.
    """
    seen = layers_seen(material, pulse)
    if seen is None:
        return _of_metrics(material)
    layers = [_layer(one, material.thresholds, pulse) for one in seen.layers]
    dying = sorted((one for one in layers if one.share > material.thresholds.dead_warning), key=lambda one: -one.share)
    return _finding(material, seen, dying) if dying else None


def _layer(seen: LayerSeen, limits: Thresholds, pulse: Pulse) -> _Layer:
    near_zero = zero_epsilon(seen.activation)
    labels = unit_labels(seen.statistics, seen.activation, zero=limits.dead_epsilon if near_zero else 0.0, pulse=pulse)
    return _Layer(
        seen=seen,
        dead=tuple(np.flatnonzero(seen.dead).tolist()),
        nearly_dead=sum(label.kind == "nearly dead" for label in labels),
        silence=seen.statistics.sparsity(near_zero),
        baseline=null_sparsity(seen.activation, near_zero, slope=seen.slope),
    )


def _finding(material: Material, seen: LayersSeen, dying: list[_Layer]) -> Finding:
    worst = dying[0]
    since, samples = _since(material, worst), worst.seen.samples
    step = since if since is not None else seen.step
    epoch = material.epoch_at(step) if step is not None else seen.entry.epoch
    return ABOUT.finding(
        title=f"Dead channels in {len(dying)} of {len(seen.layers)} layers",
        summary=_summary(dying),
        severity=Severity.ERROR if worst.share > material.thresholds.dead_error else Severity.WARNING,
        sureness=_sureness(samples, material.thresholds),
        since_step=step,
        since_epoch=epoch,
        evidence=(*_layer_evidence(seen, dying), *_setting_evidence(material)),
        cures=_cures(material),
        false_alarm="A channel that waits for something rare looks dead on few samples; at"
        f" {samples:,} it fires on at most {percent_text(firing_bound(samples))} of them at 95%",
        baseline=_baseline(worst),
    )


def _summary(dying: list[_Layer]) -> str:
    """`Never fired on 256 samples (< 1.2% at 95%): 24 of 24 channels of conv2, 3 of 24 of conv3. 5 more are ...`."""
    samples = min(one.seen.samples for one in dying)
    first, *rest = dying[:_LISTED_LAYERS]
    parts = [f"{len(first.dead)} of {first.seen.channels} channels of {first.seen.shown}"]
    parts += [f"{len(one.dead)} of {one.seen.channels} of {one.seen.shown}" for one in rest]
    more = sum(len(one.dead) for one in dying[_LISTED_LAYERS:])
    parts += [f"{more:,} in other layers"] if more else []
    text = f"Never fired on {samples:,} samples (< {percent_text(firing_bound(samples))} at 95%): {', '.join(parts)}"
    nearly = sum(one.nearly_dead for one in dying)
    if nearly:
        text += f". {nearly:,} more {'is' if nearly == 1 else 'are'} nearly dead"
    return text


def _sureness(samples: int, limits: Thresholds) -> Sureness:
    return Sureness.CERTAIN if samples >= limits.sure_samples else Sureness.LIKELY


def _baseline(one: _Layer) -> str:
    if not np.isfinite(one.baseline) or not np.isfinite(one.silence):
        return ""
    return (
        f"On normal inputs {one.seen.function} alone leaves {percent_text(one.baseline)} of values near 0 and kills"
        f" no channel; {one.seen.shown} has {percent_text(one.silence)}"
    )


def _since(material: Material, worst: _Layer) -> float | None:
    """The first step of the unbroken stretch up to now in which the logged share is above the warning."""
    logged = material.curves.get(f"{DEAD}{worst.seen.name}")
    if logged is None or logged.stepless:
        return None
    points = finite(logged)
    healthy = np.flatnonzero(points.values <= material.thresholds.dead_warning)
    start = int(healthy[-1]) + 1 if len(healthy) else 0
    return float(points.steps[start]) if start < len(points.steps) else None


def _layer_evidence(seen: LayersSeen, dying: list[_Layer]) -> tuple[Evidence, ...]:
    return tuple(seen.evidence(one.seen, one.dead, counted(len(one.dead), "dead channel")) for one in dying)


def _setting_evidence(material: Material) -> tuple[SettingEvidence, ...]:
    bias = material.number("encoder.bias_init")
    if bias is None or bias >= 0:
        return ()
    return (SettingEvidence(path="encoder.bias_init", value=bias, text=f"Biases began at {bias:g}, below 0"),)


def _of_metrics(material: Material) -> Finding | NotAssessable | None:
    """From the shares that our trainer logs, where no dump shows the channels themselves."""
    shares = {}
    for tag, one in material.curves.items():
        if tag.startswith(DEAD) and len(finite(one).values):
            shares[tag] = finite(one)
    if not shares:
        because = material.lacking("no dump with activations and no share of dead channels was logged")
        return ABOUT.not_assessable(because)
    dying = sorted(
        (tag for tag, one in shares.items() if one.values[-1] > material.thresholds.dead_warning),
        key=lambda tag: -shares[tag].values[-1],
    )
    if not dying:
        return None
    worst = shares[dying[0]]
    healthy = np.flatnonzero(worst.values <= material.thresholds.dead_warning)
    since = float(worst.steps[int(healthy[-1]) + 1 if len(healthy) else 0])
    evidence: tuple[Evidence, ...] = tuple(
        CurveEvidence(series=tag, first_step=since, last_step=float(shares[tag].steps[-1]), text=shown(tag))
        for tag in dying
    )
    texts = [
        f"{shown(tag.removeprefix(DEAD))}: {percent_text(float(shares[tag].values[-1]))} of channels never fired in"
        " the last validation"
        for tag in dying[:_LISTED_LAYERS]
    ]
    return ABOUT.finding(
        title=f"Dead channels in {len(dying)} of {len(shares)} layers",
        summary=". ".join(texts),
        severity=Severity.ERROR if worst.values[-1] > material.thresholds.dead_error else Severity.WARNING,
        sureness=Sureness.LIKELY,
        since_step=since,
        since_epoch=material.epoch_at(since),
        evidence=(*evidence, *_setting_evidence(material)),
        confirm="Record a dump: it shows which channels are silent on every sample",
        cures=_cures(material),
        false_alarm="A channel that waits for something rare looks dead on few samples",
        source="Rule X.D2; Lu, Shin, Su and Karniadakis 2020",
    )


def _cures(material: Material) -> tuple[Cure, ...]:
    passing = leaky(material, "Below 0 it still passes a gradient, so silent channels can come back (X.D2)")
    slope = material.number("encoder.negative_slope")
    sloped = edit(material, "encoder.negative_slope", 0.01, "The usual slope below 0") if slope == 0.0 else None
    bias = material.number("encoder.bias_init")
    level = None
    if bias is not None and bias < 0:
        level = edit(material, "encoder.bias_init", 0.0, "Half of the inputs fire at the start; it takes a new run")
    lower = divided(
        material,
        "optim.lr",
        material.thresholds.dead_rate_cut,
        "Large steps throw biases so low that they never return (X.D1)",
    )
    return (
        *cure("Let silent channels pass a gradient", passing, sloped if passing else None),
        *cure("Start anew with biases at 0", level),
        *cure("Lower the rate", lower),
    )

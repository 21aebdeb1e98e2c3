"""Channels that never fire.

Symptom: a channel of a layer is silent on every sample; evidence: its largest |a| over all of them. One that fires on
a few samples is nearly dead, and is counted apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inspector.analysis.null_sparsity import null_sparsity
from inspector.analysis.sparsity import LayerStatistics, firing_bound
from inspector.analysis.unit_kinds import unit_labels
from inspector.artifacts.dumps.dump import activation_layers, layer_name, layer_statistics, opened
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.core.units import percent_text
from inspector.diagnosis.cures import cure, divided, edit
from inspector.diagnosis.material import Material, file_text
from inspector.diagnosis.tags import shown
from inspector.diagnosis.thresholds import (
    DEAD_EPSILON,
    DEAD_ERROR,
    DEAD_RATE_CUT,
    DEAD_WARNING,
    LARGEST_STREAMED_BYTES,
    SURE_SAMPLES,
)
from inspector.diagnosis.values import (
    Cure,
    CurveEvidence,
    Evidence,
    Finding,
    LayerEvidence,
    NotAssessable,
    SettingEvidence,
    Severity,
    Sureness,
)
from inspector.formats.dump import Role
from inspector.formats.facts import DatasetFacts, DumpFacts
from inspector.runs.rising import finite
from inspector.runs.values import FileEntry

ID = "dead-channels"
TITLE = "Dead channels"

METRIC = "dead_channels/"
"""Prefix of the share of dead channels that our own trainer logs for each layer."""

_LISTED_LAYERS = 3
_OTHER_NEAR_ZERO = 1e-2


@dataclass(frozen=True, slots=True, eq=False)
class _Layer:
    """One layer of a dump.

    Attributes:
        dead: indices of channels that never fire; nearly_dead: how many do, but hardly ever.
        baseline: share of silence that its activation gives on normal inputs, NaN where unknown.
    """

    name: str
    activation: str
    channels: int
    samples: int
    dead: tuple[int, ...]
    nearly_dead: int
    silence: float
    baseline: float

    @property
    def share(self) -> float:
        """Dead channels among all."""
        return len(self.dead) / self.channels


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The newest dump with activations, else the metric that our trainer logs (rule X.D2).

    Raises:
        FileError: the activations cannot be read.
    """
    found = [(entry, facts) for entry, facts in material.dumps if any(_is_usable(one) for one in facts.datasets)]
    if not found:
        return _of_metrics(material)
    entry, facts = found[-1]
    if _streamed_bytes(facts) > LARGEST_STREAMED_BYTES:
        because = f"the activations in {file_text(entry)} are too large to look through at once"
        return NotAssessable(id=ID, title=TITLE, because=because)
    dump = opened(Path(entry.path), pulse)
    usable = [one for one in activation_layers(dump) if _is_usable(one)]
    layers = [_layer(one, layer_statistics(dump, one, pulse), pulse) for one in usable]
    dying = sorted((one for one in layers if one.share > DEAD_WARNING), key=lambda one: -one.share)
    return _finding(material, entry, dying, len(layers)) if dying else None


def _is_usable(one: DatasetFacts) -> bool:
    """Activations after the non-linearity, with a channel axis and values."""
    letters = one.layout or "NCHW"[: len(one.shape)]
    taken_before = one.attributes.get("tap") == "pre"
    return one.role == Role.ACTIVATION and "C" in letters and bool(one.shape) and all(one.shape) and not taken_before


def _streamed_bytes(facts: DumpFacts) -> int:
    return sum(one.bytes for one in facts.datasets if _is_usable(one))


def _layer(dataset: DatasetFacts, statistics: LayerStatistics, pulse: Pulse) -> _Layer:
    stated = dataset.attributes.get("activation")
    activation = stated if isinstance(stated, str) else ""
    slope = dataset.attributes.get("negative_slope")
    rectified = _has_exact_zero(activation)
    labels = unit_labels(statistics, activation, zero=0.0 if rectified else DEAD_EPSILON, pulse=pulse)
    near_zero = 0.0 if rectified else _OTHER_NEAR_ZERO
    return _Layer(
        name=layer_name(dataset),
        activation=activation,
        channels=max(len(labels), 1),
        samples=statistics.samples,
        dead=tuple(label.channel for label in labels if label.kind == "dead"),
        nearly_dead=sum(label.kind == "nearly dead" for label in labels),
        silence=statistics.sparsity(near_zero),
        baseline=null_sparsity(activation, near_zero, slope=slope if isinstance(slope, float) else 0.01),
    )


def _has_exact_zero(activation: str) -> bool:
    """Whether a silent unit is exactly 0; so also where the activation is not known."""
    return activation.lower().replace("_", "") in ("", "relu", "relu6")


def _finding(material: Material, entry: FileEntry, dying: list[_Layer], layers: int) -> Finding:
    worst = dying[0]
    since = _since(material, worst)
    step = since if since is not None else (None if entry.step is None else float(entry.step))
    epoch = material.epoch_at(step) if step is not None else entry.epoch
    return Finding(
        id=ID,
        rules=("X.D2",),
        title=f"Dead channels in {len(dying)} of {layers} layers",
        summary=_summary(dying),
        severity=Severity.ERROR if worst.share > DEAD_ERROR else Severity.WARNING,
        sureness=_sureness(worst.samples),
        since_step=step,
        since_epoch=epoch,
        evidence=(*_layer_evidence(entry, dying), *_setting_evidence(material)),
        why=_WHY,
        confirm="Record a dump over more samples: a dead channel stays silent on every one, and its bias lies far"
        " below 0",
        cures=_cures(material),
        false_alarm="A channel that waits for something rare looks dead on few samples; at"
        f" {worst.samples:,} it fires on at most {percent_text(firing_bound(worst.samples))} of them at 95%",
        baseline=_baseline(worst),
        source="Rule X.D2; Lu, Shin, Su and Karniadakis 2020; the rule of three",
    )


_WHY = (
    "Through a ReLU that is below 0 on every sample no gradient passes, so the channel cannot come back; the layer"
    " works with fewer channels than it has"
)


def _summary(dying: list[_Layer]) -> str:
    """`Never fired on 256 samples (< 1.2% at 95%): 24 of 24 channels of conv2, 3 of 24 of conv3. 5 more are ...`."""
    samples = min(one.samples for one in dying)
    first, *rest = dying[:_LISTED_LAYERS]
    parts = [f"{len(first.dead)} of {first.channels} channels of {visible(first.name, 60)}"]
    parts += [f"{len(one.dead)} of {one.channels} of {visible(one.name, 60)}" for one in rest]
    more = sum(len(one.dead) for one in dying[_LISTED_LAYERS:])
    parts += [f"{more:,} in other layers"] if more else []
    text = f"Never fired on {samples:,} samples (< {percent_text(firing_bound(samples))} at 95%): {', '.join(parts)}"
    nearly = sum(one.nearly_dead for one in dying)
    if nearly:
        text += f". {nearly:,} more {'is' if nearly == 1 else 'are'} nearly dead"
    return text


def _sureness(samples: int) -> Sureness:
    return Sureness.CERTAIN if samples >= SURE_SAMPLES else Sureness.LIKELY


def _baseline(one: _Layer) -> str:
    if not np.isfinite(one.baseline) or not np.isfinite(one.silence):
        return ""
    name = {"relu": "ReLU", "leaky_relu": "LeakyReLU", "gelu": "GELU"}.get(one.activation, visible(one.activation, 40))
    return (
        f"On normal inputs {name} alone leaves {percent_text(one.baseline)} of values near 0 and kills no channel;"
        f" {visible(one.name, 60)} has {percent_text(one.silence)}"
    )


def _since(material: Material, worst: _Layer) -> float | None:
    """The first step of the unbroken stretch up to now in which the logged share is above the warning."""
    logged = material.curves.get(f"{METRIC}{worst.name}")
    if logged is None or logged.stepless:
        return None
    points = finite(logged)
    healthy = np.flatnonzero(points.values <= DEAD_WARNING)
    start = int(healthy[-1]) + 1 if len(healthy) else 0
    return float(points.steps[start]) if start < len(points.steps) else None


def _layer_evidence(entry: FileEntry, dying: list[_Layer]) -> tuple[LayerEvidence, ...]:
    return tuple(
        LayerEvidence(
            dump=entry.path,
            layer=one.name,
            channels=one.dead,
            text=f"{len(one.dead)} dead channels of {visible(one.name, 60)} in {file_text(entry)}",
        )
        for one in dying
    )


def _setting_evidence(material: Material) -> tuple[SettingEvidence, ...]:
    bias = material.number("encoder.bias_init")
    if bias is None or bias >= 0:
        return ()
    return (SettingEvidence(path="encoder.bias_init", value=bias, text=f"Biases began at {bias:g}, below 0"),)


def _of_metrics(material: Material) -> Finding | NotAssessable | None:
    """From the shares that our trainer logs, where no dump shows the channels themselves."""
    shares = {}
    for tag, one in material.curves.items():
        if tag.startswith(METRIC) and len(finite(one).values):
            shares[tag] = finite(one)
    if not shares:
        because = material.lacking("no dump with activations and no share of dead channels was logged")
        return NotAssessable(id=ID, title=TITLE, because=because)
    dying = sorted(
        (tag for tag, one in shares.items() if one.values[-1] > DEAD_WARNING), key=lambda tag: -shares[tag].values[-1]
    )
    if not dying:
        return None
    worst = shares[dying[0]]
    healthy = np.flatnonzero(worst.values <= DEAD_WARNING)
    since = float(worst.steps[int(healthy[-1]) + 1 if len(healthy) else 0])
    evidence: tuple[Evidence, ...] = tuple(
        CurveEvidence(series=tag, first_step=since, last_step=float(shares[tag].steps[-1]), text=shown(tag))
        for tag in dying
    )
    texts = [
        f"{shown(tag.removeprefix(METRIC))}: {percent_text(float(shares[tag].values[-1]))} of channels never fired in"
        " the last validation"
        for tag in dying[:_LISTED_LAYERS]
    ]
    return Finding(
        id=ID,
        rules=("X.D2",),
        title=f"Dead channels in {len(dying)} of {len(shares)} layers",
        summary=". ".join(texts),
        severity=Severity.ERROR if worst.values[-1] > DEAD_ERROR else Severity.WARNING,
        sureness=Sureness.LIKELY,
        since_step=since,
        since_epoch=material.epoch_at(since),
        evidence=(*evidence, *_setting_evidence(material)),
        why=_WHY,
        confirm="Record a dump: it shows which channels are silent on every sample",
        cures=_cures(material),
        false_alarm="A channel that waits for something rare looks dead on few samples",
        source="Rule X.D2; Lu, Shin, Su and Karniadakis 2020",
    )


def _cures(material: Material) -> tuple[Cure, ...]:
    leaky = None
    if material.setting("encoder.activation") == "relu":
        reason = "Below 0 it still passes a gradient, so silent channels can come back (X.D2)"
        leaky = edit(material, "encoder.activation", "leaky_relu", reason)
    slope = material.number("encoder.negative_slope")
    sloped = edit(material, "encoder.negative_slope", 0.01, "The usual slope below 0") if slope == 0.0 else None
    bias = material.number("encoder.bias_init")
    level = None
    if bias is not None and bias < 0:
        level = edit(material, "encoder.bias_init", 0.0, "Half of the inputs fire at the start; it takes a new run")
    lower = divided(
        material, "optim.lr", DEAD_RATE_CUT, "Large steps throw biases so low that they never return (X.D1)"
    )
    return (
        *cure("Let silent channels pass a gradient", leaky, sloped if leaky else None),
        *cure("Start anew with biases at 0", level),
        *cure("Halve the rate", lower),
    )

"""Channels that fire and hardly matter beside the others of their layer.

Symptom: maps far fainter than their neighbours'; evidence: mean |a| over that of the layer, for any activation.
"""

from __future__ import annotations

import numpy as np

from inspector.analysis.sparsity import dormant_scores
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.core.units import counted, listed, percent_text
from inspector.diagnosis.channels.layers_seen import DORMANT, NO_ACTIVATIONS, LayerSeen, LayersSeen, layers_seen
from inspector.diagnosis.check import About
from inspector.diagnosis.cures import cure, divided
from inspector.diagnosis.gates import learnt_too_little
from inspector.diagnosis.material import Material
from inspector.diagnosis.values import Cure, CurveEvidence, Evidence, Finding, NotAssessable, Severity, Sureness
from inspector.runs.rising import finite

ABOUT = About(
    id="dormant-channels",
    title="Channels are dormant",
    rules=("X.D3",),
    symptom="Maps of a layer that are far fainter than those of its other channels, and yet not black",
    definition="mean |a| of a channel over the mean of that over its layer is {dormant_score} or less, and it does"
    " fire. It is told where more than {dormant_share} of a layer's channels are so, as information, and as a warning"
    " above {dormant_warning}; {steps_after_warmup} steps after the warm-up or later. It needs no zero, so it judges"
    " GELU as well as ReLU.",
    why="A layer whose response lies in few channels works as a narrower one; dormant channels get small gradients and"
    " seldom wake",
    confirm="Look at them in a later dump: channels that wait for something rare wake as the data goes on",
    false_alarm="A normalisation after the activation makes them count again; rare features are faint on average",
    cure="A rate divided by {dead_rate_cut}, and decay that does not pull on these weights. Setting dormant channels"
    " anew while training, as was proposed with the measure, is not a setting here.",
    source="Rule X.D3; Sokar et al. 2023",
)


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The newest dump with activations, else the shares that our trainer logs.

    Raises:
        FileError: the activations cannot be read.
    """
    seen = layers_seen(material, pulse)
    if seen is None:
        return _of_metrics(material)
    limits = material.thresholds
    dormant = {place: _dormant(one, limits.dormant_score) for place, one in enumerate(seen.layers)}
    shares = {place: len(found) / seen.layers[place].channels for place, found in dormant.items()}
    told = sorted((place for place in shares if shares[place] > limits.dormant_share), key=lambda at: -shares[at])
    if not told:
        return None
    texts = [f"{len(dormant[at])} of {seen.layers[at].channels} channels of {seen.layers[at].shown}" for at in told]
    evidence = tuple(_evidence(seen, at, dormant[at]) for at in told)
    return _finding(
        material,
        texts,
        max(shares.values()),
        evidence,
        len(seen.layers),
        now=seen.step,
        step=seen.step,
        epoch=seen.entry.epoch,
    )


def _dormant(layer: LayerSeen, score: float) -> tuple[int, ...]:
    """Channels that fire and are dormant; a layer that is silent as a whole has none."""
    with np.errstate(invalid="ignore"):
        faint = dormant_scores(layer.statistics) <= score
    return tuple(np.flatnonzero(faint & ~layer.dead).tolist())


def _evidence(seen: LayersSeen, place: int, channels: tuple[int, ...]) -> Evidence:
    return seen.evidence(seen.layers[place], channels, counted(len(channels), "dormant channel"))


def _of_metrics(material: Material) -> Finding | NotAssessable | None:
    limits, last = material.thresholds, {}
    for tag, one in material.curves.items():
        if tag.startswith(DORMANT) and len(finite(one).values):
            last[tag] = finite(one)
    if not last:
        because = f"{NO_ACTIVATIONS} and no share of dormant channels was logged"
        return ABOUT.not_assessable(material.lacking(because))
    told = sorted(tag for tag, one in last.items() if one.values[-1] > limits.dormant_share)
    if not told:
        return None
    texts, evidence = [], []
    for tag in told:
        layer, points = visible(tag.removeprefix(DORMANT), 60), last[tag]
        texts.append(f"{percent_text(float(points.values[-1]))} of {layer}")
        awake = np.flatnonzero(points.values <= limits.dormant_share)
        since = float(points.steps[int(awake[-1]) + 1 if len(awake) else 0])
        evidence.append(
            CurveEvidence(
                series=tag, first_step=since, last_step=float(points.steps[-1]), text=f"Dormant channels of {layer}"
            )
        )
    first = min(one.first_step for one in evidence)
    now = max(one.last_step for one in evidence)
    worst = max(float(last[tag].values[-1]) for tag in told)
    return _finding(
        material, texts, worst, tuple(evidence), len(last), now=now, step=first, epoch=material.epoch_at(first)
    )


def _finding(
    material: Material,
    texts: list[str],
    worst: float,
    evidence: tuple[Evidence, ...],
    layers: int,
    *,
    now: float | None,
    step: float | None,
    epoch: float | None,
) -> Finding | NotAssessable:
    if because := learnt_too_little(material, now):
        return ABOUT.not_assessable(because)
    limits = material.thresholds
    return ABOUT.finding(
        title=f"Dormant channels in {len(texts)} of {layers} layers",
        summary=f"Fire at most {percent_text(limits.dormant_score)} as much as their layer does on average:"
        f" {listed(texts)}",
        severity=Severity.WARNING if worst > limits.dormant_warning else Severity.INFO,
        sureness=Sureness.LIKELY,
        since_step=step,
        since_epoch=epoch,
        evidence=evidence,
        cures=_cures(material),
        baseline="Of independent channels with inputs of one scale none is dormant",
    )


def _cures(material: Material) -> tuple[Cure, ...]:
    lower = divided(
        material, "optim.lr", material.thresholds.dead_rate_cut, "Smaller steps let faint channels grow (X.D1, X.D3)"
    )
    return cure("Lower the rate", lower)

"""A learning rate that is out of the range that is usual for its optimizer."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from inspector.core.pulse import Pulse
from inspector.core.units import number_text
from inspector.diagnosis.check import About
from inspector.diagnosis.cures import cure, edit
from inspector.diagnosis.material import Material
from inspector.diagnosis.tags import rates, shown
from inspector.diagnosis.values import (
    Cure,
    CurveEvidence,
    Finding,
    NotAssessable,
    ProposedEdit,
    SettingEvidence,
    Severity,
    Sureness,
)
from inspector.formats.recipes.optimizer import factors_of
from inspector.runs.rising import finite

HIGH = About(
    id="rate-high",
    title="Learning rate is high for Adam",
    rules=("X.LR11", "S1.03", "S3.03"),
    symptom="The rate of a group stands above 0.01, where 0.001 is usual.",
    definition="The optimizer is Adam or one of its like, and the highest rate of any group, by its settings with the"
    " group's own factor or by the log, is above **{highest_rate}**.",
    why="Adam makes each weight's step about as long as the rate, whatever the gradient: 0.01 is a good part of a"
    " usual weight",
    confirm="Look at update ratios, above 0.1 where it is too high; halve the rate for an epoch and the loss falls",
    false_alarm="Small models and embeddings stand higher rates; SGD uses 0.1, and is not judged",
    cure="About {usual_rate}, and factors of new modules back at 1; a warm-up lets a high one pass its worst steps.",
    source="Rule X.LR11 (UMLAUT)",
)

LOW = About(
    id="rate-low",
    title="Learning rate is next to nothing for Adam",
    rules=("X.LR11",),
    symptom="A loss that hardly moves under a rate of 1e-7 or less.",
    definition="The optimizer is Adam or one of its like, and the highest rate that its settings give, or, without"
    " them, that was ever logged, is below **{lowest_rate}** and not 0.",
    why="Each step moves a weight by about the rate: at 1e-7 it takes ten thousand steps to move one by a thousandth",
    confirm="Try a hundred times the rate for an epoch",
    false_alarm="The first steps of a warm-up have low rates in any run; a rate that is 0 freezes on purpose",
    cure="About {usual_rate} for a model that is trained anew, 1e-5 for one that is tuned.",
    source="Rule X.LR11 (UMLAUT)",
)

_ADAM = re.compile(r"(?:fused_?|bnb\.|paged_?)?(?:n|r)?adam(?:w|ax)?(?:_?(?:8bit|torch|fused|hf|w))*", re.IGNORECASE)
_NAMES = frozenset({"name", "optimizer", "optim", "opt", "optimizer_name", "optimizer_type", "type"})
_RATE_NAMES = ("lr", "learning_rate", "base_lr", "max_lr")


class _Rate(NamedTuple):
    """The highest rate, what shows it, and since when it is out of its range, where a log tells."""

    rate: float
    text: str
    evidence: SettingEvidence | CurveEvidence
    since: float | None = None


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The highest rate of an Adam against its usual range (rule X.LR11)."""
    pulse.beat(0, 0, "looking at the range of rates")
    if not is_adam(material):
        return None
    found = [one for one in (_by_settings(material), *_by_log(material)) if one is not None]
    if not found:
        return HIGH.not_assessable(material.lacking("no learning rate was logged, and no setting tells it"))
    limits = material.thresholds
    highest = max(found, key=lambda one: one.rate)
    if highest.rate > limits.highest_rate:
        return HIGH.finding(
            summary=f"{highest.text}, where {number_text(limits.usual_rate)} is usual and up to"
            f" {number_text(limits.highest_rate)} is seen",
            severity=Severity.WARNING,
            sureness=Sureness.POSSIBLE,
            since_step=highest.since,
            since_epoch=None if highest.since is None else material.epoch_at(highest.since),
            evidence=(highest.evidence,),
            cures=_cures(material),
        )
    if 0 < highest.rate < limits.lowest_rate:
        return LOW.finding(
            summary=f"{highest.text}, where {number_text(limits.usual_rate)} is usual",
            severity=Severity.WARNING,
            sureness=Sureness.POSSIBLE,
            evidence=(highest.evidence,),
            cures=_cures(material),
        )
    return None


def is_adam(material: Material) -> bool:
    """Whether the optimizer is Adam or one of its like, by the settings, else by its moments in a checkpoint."""
    values = material.run.settings.values
    named = [
        value
        for path, value in values.items()
        if isinstance(value, str) and "opt" in path.lower() and path.lower().rpartition(".")[2] in _NAMES
    ]
    if named:
        return any(_ADAM.fullmatch(name.rpartition(".")[2]) for name in named)
    return any(
        tensor.role == "optimizer" and tensor.name.endswith("exp_avg_sq")
        for _entry, facts in material.checkpoints[-1:]
        for tensor in facts.tensors
    )


def _by_settings(material: Material) -> _Rate | None:
    values = material.run.settings.values
    path = next((path for name in _RATE_NAMES for path in values if path.rpartition(".")[2] == name), None)
    rate = None if path is None else material.number(path)
    if path is None or rate is None or rate <= 0:
        return None
    name, factor = max(factors_of(values).items(), key=lambda one: one[1], default=("", 1.0))
    if factor <= 1.0:
        text = f"The rate is {number_text(rate)}"
        return _Rate(rate, text, SettingEvidence(path=path, value=values[path], text=text))
    text = f"The rate of {shown(name)} is {number_text(rate * factor)}, {number_text(factor)} times {number_text(rate)}"
    return _Rate(rate * factor, text, SettingEvidence(path=path, value=values[path], text=text))


def _by_log(material: Material) -> list[_Rate]:
    found = []
    for tag in rates(material.curves):
        one = finite(material.curves[tag])
        if not len(one.values) or one.values.max() <= 0:
            continue
        top = int(np.argmax(one.values))
        text = f"{shown(tag)} is {number_text(float(one.values[top]))} at step {one.steps[top]:,.0f}"
        step = float(one.steps[top])
        evidence = CurveEvidence(series=tag, first_step=step, last_step=step, text=text)
        high = one.values > material.thresholds.highest_rate
        since = float(one.steps[int(np.argmax(high))]) if high.any() else None
        found.append(_Rate(float(one.values[top]), text, evidence, since))
    return found


def _cures(material: Material) -> tuple[Cure, ...]:
    usual = material.thresholds.usual_rate
    edits: list[ProposedEdit | None] = []
    rate = material.number("optim.lr") or 0.0
    if rate > material.thresholds.highest_rate or rate < material.thresholds.lowest_rate:
        edits.append(edit(material, "optim.lr", usual, "The usual rate of Adam (X.LR11)"))
    edits += [
        edit(material, f"optim.groups.{name}.lr_mult", 1.0, "Its own factor takes it out of the usual range (S1.03)")
        for name, factor in factors_of(material.run.settings.values).items()
        if factor > 1.0
    ]
    return cure("Take the rate back into its usual range", *edits)

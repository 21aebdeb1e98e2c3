"""A loss, or a weight of the newest checkpoint, that is NaN or infinite.

Symptom: a loss turns NaN or infinite; evidence: the curve from its first bad step, the rate there, the tensors that
hold it. Cure: a smaller rate and a shorter longest gradient.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from inspector.artifacts.checkpoints import checkpoint
from inspector.artifacts.tensors import elements as tensors
from inspector.core.errors import FileError
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.core.units import listed, number_text
from inspector.diagnosis.check import About
from inspector.diagnosis.cures import shorter_steps
from inspector.diagnosis.material import Material, file_text, step_of, value_at
from inspector.diagnosis.tags import losses, rates, shown
from inspector.diagnosis.values import (
    Cure,
    CurveEvidence,
    Evidence,
    Finding,
    NotAssessable,
    Severity,
    Sureness,
    TensorEvidence,
)
from inspector.formats.facts import TensorFacts
from inspector.formats.series import Series
from inspector.runs.values import FileEntry

_BROKEN = "The rate is too high or a gradient exploded; once a weight is NaN every later step is, and nothing is learnt"

ABOUT = About(
    id="loss-not-finite",
    title="Loss is not finite",
    rules=("S1.12", "X.G1"),
    symptom="The curve of a loss ends, or has a hole; the log says NaN or inf from there on",
    definition="A value of a loss or of a term of it is NaN or infinite. Rows of a table that belong to another loss"
    " and are empty for this one do not count.",
    why=_BROKEN,
    confirm="Train the first steps again with a smaller rate and clipping",
    false_alarm="Mixed precision skips steps whose gradient is infinite, which is normal at the start of a run",
    cure="Resume from the last checkpoint before it with the rate divided by {rate_cut} and gradients clipped at"
    " {clip_norm}. Where the rate had risen just before, that is the cause; where it had not, look for a division by"
    " zero, a logarithm of zero or a bad sample at that step.",
    source="Rules S1.12 and X.G1; TheDeepChecker, AutoTrainer, UMLAUT",
)

OF_WEIGHTS = About(
    id="weights-not-finite",
    title="Weights are not finite",
    rules=("X.G1",),
    symptom="Whatever is put in, the model gives NaN",
    definition="A weight, or a running statistic of a normalisation, of the newest checkpoint is NaN or infinite, and"
    " no logged loss tells since when. Weights of more than {largest_checked_bytes} are not searched.",
    why=_BROKEN,
    confirm="Look for the newest checkpoint whose weights are finite and resume from it",
    false_alarm="Masks that hold minus infinity on purpose are not finite and harmless",
    cure="Resume from the newest checkpoint whose weights are finite, with the rate divided by {rate_cut} and gradients"
    " clipped at {clip_norm}.",
    source="Rule X.G1; TheDeepChecker, AutoTrainer, UMLAUT",
)

_FLOATS = ("float", "bfloat", "complex")
_MODELS = frozenset({"torch-zip", "torch-legacy", "torchscript", "safetensors"})
"""Containers of models; a plain pickle may hold anything, bounds that are infinite on purpose among it."""

_LISTED_TENSORS = 5


class Break(NamedTuple):
    """Where a loss stops being finite: index of the first bad point, how many are bad, whether it recovers."""

    tag: str
    first: int
    bad: int
    recovers: bool


class _Weights(NamedTuple):
    """What was looked for in the newest checkpoint; `bad` are names of tensors that are not finite."""

    entry: FileEntry
    bad: tuple[str, ...]
    because: str = ""


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """Every loss, and the weights of the newest checkpoint where that is quick (rules S1.12, X.G1)."""
    tags, breaks = losses(material.curves), breaks_of(material)
    weights = _newest_weights(material, pulse)
    if breaks:
        return _of_losses(material, breaks, weights)
    if weights is not None and weights.bad:
        return _of_weights(material, weights)
    if not any(len(material.curves[tag].values) for tag in tags):
        checked = weights is not None and not weights.because
        beside = f"; the weights of {file_text(weights.entry)} are finite" if weights and checked else ""
        return ABOUT.not_assessable(material.lacking(f"no loss was logged{beside}"))
    return None


def breaks_of(material: Material) -> list[Break]:
    """Where losses stop being finite, the earliest first."""
    found = [one for tag in losses(material.curves) if (one := _break_of(tag, material.curves)) is not None]
    return sorted(found, key=lambda one: _step(material, one))


def _break_of(tag: str, curves: Mapping[str, Series]) -> Break | None:
    one = curves[tag]
    bad = ~np.isfinite(one.values)
    if not bad.any() or _takes_turns(tag, curves):
        return None
    first = int(np.argmax(bad))
    return Break(tag, first, int(bad.sum()), not bool(bad[first:].all()))


def _takes_turns(tag: str, curves: Mapping[str, Series]) -> bool:
    """Whether NaN only fills the rows of a table that belong to another loss, as training and validation share one."""
    one = curves[tag]
    if np.isinf(one.values).any():
        return False
    empty, filled = one.steps[np.isnan(one.values)], one.steps[np.isfinite(one.values)]
    for other_tag in losses(curves):
        other = curves[other_tag]
        theirs = other.steps[np.isfinite(other.values)]
        if len(filled) and np.isin(empty, theirs).all() and not np.isin(filled, theirs).any():
            return True
    return False


def _step(material: Material, found: Break) -> float:
    return float(material.curves[found.tag].steps[found.first])


def _newest_weights(material: Material, pulse: Pulse) -> _Weights | None:
    """The weights of the newest checkpoint, None where there is no checkpoint."""
    if not material.checkpoints:
        return None
    entry, facts = material.checkpoints[-1]
    wanted = [one for one in facts.tensors if _is_learnt(one) and one.dtype.startswith(_FLOATS)]
    if not wanted or facts.container not in _MODELS:
        return _Weights(entry, (), "it holds no weights")
    if sum(one.bytes for one in wanted) > material.thresholds.largest_checked_bytes:
        return _Weights(entry, (), "its weights are too large to look through")
    try:
        opened = checkpoint.opened(Path(entry.path), pulse)
        bad = tuple(
            one.name for one in wanted if tensors.statistics(opened.window(one.name), pulse, histogram=False).not_finite
        )
    except FileError as error:
        return _Weights(entry, (), str(error))
    return _Weights(entry, bad)


def _is_learnt(one: TensorFacts) -> bool:
    """Weights and the statistics of batch norms; other buffers may hold minus infinity on purpose.

    So does what an early stop keeps as its best before the first validation.
    """
    if "callbacks" in one.name.split("."):
        return False
    return one.role == "weight" or one.name.endswith((".running_mean", ".running_var"))


def _of_losses(material: Material, breaks: list[Break], weights: _Weights | None) -> Finding:
    worst = breaks[0]
    one = material.curves[worst.tag]
    step, last = float(one.steps[worst.first]), float(one.steps[-1])
    what = "NaN" if np.isnan(one.values[worst.first]) else "infinite"
    where = "point" if one.stepless else "step"
    since = f"{shown(worst.tag)} is {what} from {where} {step:,.0f}"
    if worst.recovers:
        since += f", and {worst.bad:,} of {len(one.values):,} values are not finite"
    rate_tag, rate = _rate_at(material, step)
    texts = [since + (f"; the rate was {number_text(rate)}" if rate is not None else "")]
    if len(breaks) > 1:
        others = ", ".join(shown(other.tag) for other in breaks[1:4])
        texts.append(f"So {'is' if len(breaks) == 2 else 'are'} {others}")
    evidence: list[Evidence] = [
        CurveEvidence(series=worst.tag, first_step=step, last_step=last, text=f"{shown(worst.tag)}, {what} from here")
    ]
    if rate_tag is not None and rate is not None:
        text = f"{shown(rate_tag)} was {number_text(rate)} there"
        evidence.append(CurveEvidence(series=rate_tag, first_step=float(one.steps[0]), last_step=step, text=text))
    if weights is not None and weights.bad:
        texts.append(_bad_text(weights))
        evidence.extend(_tensor_evidence(weights))
    epoch = float(one.epochs[worst.first]) if one.epochs is not None else float("nan")
    before = checkpoint_before(material, step)
    return ABOUT.finding(
        title="Loss was not finite for a while" if worst.recovers else ABOUT.title,
        summary=". ".join(texts),
        severity=Severity.CRITICAL,
        sureness=Sureness.LIKELY if worst.recovers else Sureness.CERTAIN,
        since_step=step,
        since_epoch=epoch if np.isfinite(epoch) else material.epoch_at(step),
        evidence=tuple(evidence),
        confirm=f"Resume from {file_text(before)}, the last checkpoint before it, with a smaller rate and clipping"
        if before is not None
        else ABOUT.confirm,
        cures=_cures(material),
    )


def _of_weights(material: Material, weights: _Weights) -> Finding:
    entry = weights.entry
    return OF_WEIGHTS.finding(
        summary=_bad_text(weights),
        severity=Severity.CRITICAL,
        sureness=Sureness.CERTAIN,
        since_step=step_of(entry),
        since_epoch=entry.epoch,
        evidence=_tensor_evidence(weights),
        cures=_cures(material),
    )


def _bad_text(weights: _Weights) -> str:
    names = listed([visible(name, 60) for name in weights.bad], _LISTED_TENSORS)
    return f"{file_text(weights.entry)} holds values that are not finite in {names}"


def _tensor_evidence(weights: _Weights) -> tuple[TensorEvidence, ...]:
    return tuple(
        TensorEvidence(checkpoint=weights.entry.path, name=name, text=f"{visible(name, 60)} is not finite")
        for name in weights.bad[:_LISTED_TENSORS]
    )


def _rate_at(material: Material, step: float) -> tuple[str | None, float | None]:
    """The highest rate of the logged groups at a step, else the rate among the settings."""
    logged = [
        (rate, tag) for tag in rates(material.curves) if (rate := value_at(material.curves[tag], step)) is not None
    ]
    if logged:
        rate, tag = max(logged)
        return tag, rate
    return None, material.number("optim.lr")


def checkpoint_before(material: Material, step: float) -> FileEntry | None:
    """The last checkpoint before a step, None where there is none."""
    before = [entry for entry, _ in material.checkpoints if entry.step is not None and entry.step < step]
    return before[-1] if before else None


def _cures(material: Material) -> tuple[Cure, ...]:
    cut = material.thresholds.rate_cut
    return shorter_steps(material, cut, "Steps so much shorter keep the loss finite in most runs (X.G1)")

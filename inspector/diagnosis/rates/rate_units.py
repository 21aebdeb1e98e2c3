"""A scheduler that counts in another unit than it is set in, and a cosine that went on beyond its length."""

from __future__ import annotations

from inspector.analysis.numbers import finite_number
from inspector.core.texts import visible
from inspector.core.units import number_text
from inspector.diagnosis.material import Material, file_text, step_of
from inspector.diagnosis.rates.checkpoint_rates import HeldRate
from inspector.diagnosis.rates.rate_marks import Kind, Mark
from inspector.diagnosis.rates.run_length import planned_epochs
from inspector.diagnosis.values import Sureness, TensorEvidence

_LENGTHS = {"CosineAnnealingLR": "T_max", "OneCycleLR": "total_steps", "PolynomialLR": "total_iters"}
"""Schedulers that are meant to last as long as the run, and the key of their length."""


def unit_marks(material: Material, held: list[HeldRate]) -> list[Mark]:
    """Rules X.LR8 and X.LR9 on the newest checkpoint that holds a scheduler."""
    if not held:
        return []
    one = held[-1]
    length = finite_number(one.state.get(_LENGTHS.get(one.scheduler, "")))
    if length is None or length <= 0:
        return []
    return _mismatch(material, one, length) or _past_end(one, length)


def _mismatch(material: Material, one: HeldRate, length: float) -> list[Mark]:
    step, epoch, per_epoch = one.entry.step, one.entry.epoch, material.steps_per_epoch
    facts = one.entry.facts
    epochs = planned_epochs(material.run.settings.values, getattr(facts, "objects", {}))
    if per_epoch is None and step and epoch:
        per_epoch = step / epoch
    if not step or epochs is None or per_epoch is None or per_epoch < material.thresholds.least_steps_per_epoch:
        return []
    done = step / per_epoch
    name = visible(one.scheduler, 60)
    if (
        abs(one.t - step) <= max(1.0, material.thresholds.unit_slack * step)
        and length <= material.thresholds.unit_lengths * epochs
        and one.t > epochs
    ):
        text = (
            f"{file_text(one.entry)}: {name} takes a step for every step of training ({one.t:,}) and is {length:g}"
            f" long, which fits the run's {epochs:g} epochs"
        )
        return [_mark(Kind.UNIT, "X.LR8", text, Sureness.LIKELY, one)]
    total = epochs * per_epoch
    if (
        abs(one.t - done) <= 1.0
        and one.t < step / 2
        and abs(length - total) <= material.thresholds.unit_slack * total + per_epoch
    ):
        text = (
            f"{file_text(one.entry)}: {name} takes a step for every epoch ({one.t:,}) and is {length:g} long, which"
            f" fits the run's {total:,.0f} steps, so the rate hardly falls"
        )
        return [_mark(Kind.UNIT, "X.LR8", text, Sureness.LIKELY, one)]
    return []


def _past_end(one: HeldRate, length: float) -> list[Mark]:
    if one.scheduler != "CosineAnnealingLR" or one.t <= length:
        return []
    text = (
        f"{file_text(one.entry)}: CosineAnnealingLR is {length:g} steps long and has taken {one.t:,}; past its length"
        f" it climbs back, now at {number_text(one.rate)}"
    )
    return [_mark(Kind.PAST_END, "X.LR9", text, Sureness.CERTAIN, one)]


def _mark(kind: Kind, rule: str, text: str, sureness: Sureness, one: HeldRate) -> Mark:
    evidence = TensorEvidence(checkpoint=one.entry.path, name=one.path, text=number_text(one.rate))
    step = step_of(one.entry)
    return Mark(kind=kind, rules=(rule,), text=text, sureness=sureness, evidence=evidence, step=step)

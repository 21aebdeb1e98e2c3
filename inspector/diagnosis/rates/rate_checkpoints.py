"""Traces of a second writer in checkpoints alone: what a group holds against what its scheduler plans."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from inspector.analysis.numbers import finite_number
from inspector.core.texts import visible
from inspector.core.units import number_text
from inspector.diagnosis.material import file_text, step_of
from inspector.diagnosis.rates.checkpoint_rates import HeldRate
from inspector.diagnosis.rates.rate_faults import compounded_warmup, leaves_plan, overwritten_after, written_after
from inspector.diagnosis.rates.rate_marks import Kind, Mark, compound_length, compound_text
from inspector.diagnosis.thresholds import DEFAULTS, Thresholds
from inspector.diagnosis.values import Sureness, TensorEvidence

_SHOWN_MARKS = 3
_CONSTANT_BETWEEN = frozenset({"StepLR", "MultiStepLR"})
"""Their recursion leaves a rate as it is between milestones, so one checkpoint proves little."""


def checkpoint_marks(held: list[HeldRate], limits: Thresholds = DEFAULTS) -> list[Mark]:
    """Every trace, the clearest of each kind first."""
    differing = [one for one in held if _differs(one.rate, one, limits) or _differs(one.last, one, limits)]
    overwritten = [one for one in differing if not _went_on(one, limits) and overwritten_after(one, limits)]
    taken = {id(one) for one in overwritten}
    rest = [one for one in differing if id(one) not in taken]
    compounded = [] if overwritten else _compounded(rest, limits)
    explained = {id(one) for group in compounded for one in group}
    alone = [] if overwritten or compounded else _handed_back(rest, limits)
    explained.update(id(one) for one, _ in alone)
    return [
        *_overwritten_marks(overwritten, limits),
        *(_compounded_mark(group, limits) for group in compounded[:1]),
        *_handed_back_marks(alone, limits),
        *_below_floor_marks(rest, limits),
        *_different_marks([one for one in rest if id(one) not in explained] if not overwritten else [], limits),
        *_written_marks(held, limits),
        *_flattened_marks(held, limits),
    ]


def _differs(rate: float, one: HeldRate, limits: Thresholds) -> bool:
    known = math.isfinite(rate) and math.isfinite(one.planned) and math.isfinite(one.base)
    return known and leaves_plan(rate, one.planned, one.base, limits)


def _went_on(one: HeldRate, limits: Thresholds) -> bool:
    """Whether the scheduler's last step gave the planned rate: it went on from its own, which nothing had replaced."""
    return math.isfinite(one.last) and math.isfinite(one.planned) and not _differs(one.last, one, limits)


def _evidence(one: HeldRate, text: str) -> TensorEvidence:
    return TensorEvidence(checkpoint=one.entry.path, name=one.path, text=text)


def _step(one: HeldRate) -> float | None:
    return step_of(one.entry)


def _told(one: HeldRate, limits: Thresholds) -> str:
    """`step_0000050.pt holds 9.695e-5 where CosineAnnealingLR plans 5e-5 at its step 50`."""
    rate = one.rate if _differs(one.rate, one, limits) else one.last
    return (
        f"{file_text(one.entry)} holds {number_text(rate)} where {visible(one.scheduler)} plans"
        f" {number_text(one.planned)} at its step {one.t:,}"
    )


def _one_a_checkpoint(found: Iterable[HeldRate]) -> list[HeldRate]:
    """The first group of each checkpoint: the groups of one tell the same."""
    first: dict[str, HeldRate] = {}
    for one in found:
        first.setdefault(one.entry.path, one)
    return list(first.values())


def _overwritten_marks(found: list[HeldRate], limits: Thresholds) -> list[Mark]:
    each = _one_a_checkpoint(found)
    clearest = sorted(each, key=lambda one: -abs(one.rate - one.planned))[:_SHOWN_MARKS]
    sure = len(each) > 1 or any(one.scheduler not in _CONSTANT_BETWEEN for one in each)
    return [
        Mark(
            kind=Kind.OVERWRITTEN,
            rules=("X.LR3",),
            text=f"{_told(one, limits)}, exactly one step of its recursion from the base rate",
            sureness=Sureness.CERTAIN if sure else Sureness.LIKELY,
            evidence=_evidence(one, f"{number_text(one.rate)}; {number_text(one.planned)} was planned"),
            step=_step(each[0]),
        )
        for one in clearest
    ]


def _ratio(one: HeldRate, limits: Thresholds) -> float:
    """The rate over its plan, above the floor of a cosine, below which no factor reaches."""
    low = finite_number(one.state.get("eta_min")) or 0.0
    above = one.planned - low
    return (one.rate - low) / above if above > limits.trace_tolerance * abs(one.base) else math.nan


def _compounded(found: list[HeldRate], limits: Thresholds) -> list[list[HeldRate]]:
    """Checkpoints of one group that keep one ratio to the plan."""
    by_group: dict[tuple[str, int], list[HeldRate]] = defaultdict(list)
    for one in found:
        if math.isfinite(_ratio(one, limits)):
            by_group[one.scheduler, one.index].append(one)
    kept = []
    for group in by_group.values():
        ratios = [_ratio(one, limits) for one in group]
        steady = (
            max(ratios) - min(ratios) < limits.compound_spread * abs(max(ratios))
            and max(ratios) < limits.compound_ratio
        )
        if steady and len({one.t for one in group}) >= 2:
            kept.append(group)
    return kept


def _compounded_mark(group: list[HeldRate], limits: Thresholds) -> Mark:
    newest, ratio = group[-1], float(np.mean([_ratio(one, limits) for one in group]))
    return Mark(
        kind=Kind.COMPOUNDED,
        rules=("X.LR4",),
        text=f"{_told(newest, limits)}, and {len(group)} checkpoints keep {compound_text(ratio, limits)}",
        sureness=Sureness.LIKELY if compound_length(ratio, limits) else Sureness.POSSIBLE,
        evidence=_evidence(newest, f"{number_text(newest.rate)}; {number_text(newest.planned)} was planned"),
        step=_step(group[0]),
    )


def _handed_back(found: list[HeldRate], limits: Thresholds) -> list[tuple[HeldRate, int]]:
    """Rates that are, to the last digits, what one length of warm-up leaves when it compounds."""
    newest = _one_a_checkpoint(reversed(found))[:_SHOWN_MARKS]
    return [(one, length) for one in newest if (length := compounded_warmup(one, limits)) is not None]


def _handed_back_marks(found: list[tuple[HeldRate, int]], limits: Thresholds) -> list[Mark]:
    if not found:
        return []
    one, length = found[0]
    return [
        Mark(
            kind=Kind.COMPOUNDED,
            rules=("X.LR4",),
            text=f"{_told(one, limits)}: exactly what a warm-up of {length} steps leaves when each factor is handed"
            " back to the scheduler",
            sureness=Sureness.LIKELY,
            evidence=_evidence(one, f"{number_text(one.rate)}; {number_text(one.planned)} was planned"),
            step=_step(found[-1][0]),
        )
    ]


def _below_floor_marks(found: list[HeldRate], limits: Thresholds) -> list[Mark]:
    """A cosine that climbs from below its floor."""
    below = []
    for one in _one_a_checkpoint(found):
        floor = finite_number(one.state.get("eta_min"))
        if floor is not None and one.rate < floor * (1 - limits.written_tolerance):
            below.append((one, floor))
    if len(below) < 2 or below[-1][0].rate <= below[0][0].rate:
        return []
    one, floor = below[-1]
    return [
        Mark(
            kind=Kind.COMPOUNDED,
            rules=("X.LR5",),
            text=f"{file_text(one.entry)} holds {number_text(one.rate)}, below the schedule's floor of"
            f" {number_text(floor)}, and it rises",
            sureness=Sureness.LIKELY,
            evidence=_evidence(one, f"{number_text(one.rate)}, below the floor"),
            step=_step(below[0][0]),
        )
    ]


def _different_marks(found: list[HeldRate], limits: Thresholds) -> list[Mark]:
    each = [one for one in _one_a_checkpoint(found) if _differs(one.rate, one, limits)]
    return [
        Mark(
            kind=Kind.DIFFERENT,
            rules=("S3.02",),
            text=_told(one, limits),
            sureness=Sureness.POSSIBLE,
            evidence=_evidence(one, f"{number_text(one.rate)}; {number_text(one.planned)} was planned"),
            step=_step(each[0]),
        )
        for one in each[-1:]
    ]


def _written_marks(held: list[HeldRate], limits: Thresholds) -> list[Mark]:
    found = [one for one in held if math.isfinite(one.last) and written_after(one, limits)]
    return [
        Mark(
            kind=Kind.WRITTEN,
            rules=("X.LR6",),
            text=f"{file_text(one.entry)} holds {number_text(one.rate)}, its scheduler last set"
            f" {number_text(one.last)}",
            sureness=Sureness.POSSIBLE,
            evidence=_evidence(one, f"{number_text(one.rate)}; the scheduler set {number_text(one.last)}"),
            step=_step(found[0]),
        )
        for one in found[-1:]
    ]


def _flattened_marks(held: list[HeldRate], limits: Thresholds) -> list[Mark]:
    """All groups at one rate although their bases differ."""
    by_checkpoint: dict[tuple[str, str], list[HeldRate]] = defaultdict(list)
    for one in held:
        by_checkpoint[one.entry.path, one.path.rpartition("param_groups.")[0]].append(one)
    marks = []
    for groups in by_checkpoint.values():
        same_rate = len({one.rate for one in groups}) == 1 and groups[0].rate > 0
        planned = [one.planned for one in groups if math.isfinite(one.planned)]
        # Near the end of a schedule all plans meet.
        meant_apart = not planned or max(planned) - min(planned) > limits.rate_deviation * max(planned)
        if len({one.base for one in groups}) > 1 and same_rate and meant_apart:
            one = groups[0]
            marks.append(
                Mark(
                    kind=Kind.FLATTENED,
                    rules=("X.LR7",),
                    text=f"{file_text(one.entry)} gives all {len(groups)} groups {number_text(one.rate)} although"
                    f" their base rates differ",
                    sureness=Sureness.LIKELY,
                    evidence=_evidence(one, f"{number_text(one.rate)} in every group"),
                    step=_step(one),
                )
            )
    return marks[:1]

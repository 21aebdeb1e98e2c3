"""Traces of a second writer in recorded rates: flat where the plan falls, a dip each epoch, a steady share of it."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np

from inspector.core.arrays import AnyArray, FloatArray
from inspector.core.units import number_text
from inspector.diagnosis.material import Material
from inspector.diagnosis.rates.checkpoint_rates import HeldRate
from inspector.diagnosis.rates.planned_rate import Plan, planned_rate
from inspector.diagnosis.rates.rate_marks import Kind, Mark, compound_length, compound_text
from inspector.diagnosis.tags import rates, shown
from inspector.diagnosis.thresholds import Thresholds
from inspector.diagnosis.values import CurveEvidence, Sureness
from inspector.formats.series import Series
from inspector.runs.rising import finite

_MORE_THAN_AN_EPOCH = 1.5
"""For an epoch, give or take, a plan that is stepped once an epoch stands still by itself."""

_QUANTUM_VALUES = 1000
"""Distinct values whose decimals are looked at."""

_TRIED_STRETCHES = 100

_MOVING_SHARE = 0.1
"""Of the values between dips, at most so many may differ from both neighbours."""


def curve_marks(material: Material, held: list[HeldRate]) -> tuple[list[Mark], bool]:
    """The traces of the plainest curve that has one, and whether any curve could be compared with a plan."""
    compared = False
    for tag in rates(material.curves):
        one = finite(material.curves[tag])
        if len(one.values) < 2:
            continue
        plan = planned_rate(material, tag, one, held)
        compared = compared or plan is not None
        marks = [*_sawtooth(tag, one, material.thresholds)]
        if plan is not None:
            flat = _flat(material, tag, one, plan)
            marks += flat or _compounded(tag, one, plan, material.thresholds)
        if marks:
            return marks, True
    return [], compared


def _evidence(tag: str, one: Series, first: int, last: int, text: str) -> CurveEvidence:
    return CurveEvidence(series=tag, first_step=float(one.steps[first]), last_step=float(one.steps[last]), text=text)


def _flat(material: Material, tag: str, one: Series, plan: Plan) -> list[Mark]:
    """The longest stretch in which the rate stands still while its plan moves."""
    first, last = _longest_flat(one.values, material.thresholds.flat_range)
    span = slice(first, last + 1)
    planned = plan.rates[span]
    if last - first + 1 < material.thresholds.flat_points or not np.isfinite(planned).all() or one.values[first] <= 0:
        return []
    change = float(planned.max() - planned.min()) / max(float(planned.max()), 1e-300)
    if change <= material.thresholds.planned_change or not _is_long(material, one, plan, first, last):
        return []
    if bool((np.abs(one.values[span] - planned) <= printed_unit(one.values) / 2 * (1 + 1e-9)).all()):
        return []  # the log rounds
    rate = number_text(float(one.values[first]))
    change_word = "fall" if planned[-1] < planned[0] else "change"
    return [
        Mark(
            kind=Kind.OVERWRITTEN,
            rules=("X.LR1",),
            text=f"{shown(tag)} stays at {rate} from step {one.steps[first]:,.0f} to {one.steps[last]:,.0f}, where"
            f" {plan.source} a {change_word} from {number_text(float(planned[0]))} to"
            f" {number_text(float(planned[-1]))}",
            sureness=Sureness.CERTAIN,
            evidence=_evidence(tag, one, first, last, f"{shown(tag)} stays at {rate}"),
            step=float(one.steps[first]),
        )
    ]


def _longest_flat(values: FloatArray, within: float) -> tuple[int, int]:
    """First and last index of the longest stretch whose values differ by a millionth at most."""
    near = np.abs(np.diff(values)) <= within * np.abs(values[1:])
    edges = np.flatnonzero(np.diff(np.concatenate([[False], near, [False]]).astype(np.int8)))
    firsts, lasts = edges[::2], edges[1::2]
    for place in np.argsort(firsts - lasts, kind="stable")[:_TRIED_STRETCHES]:
        part = values[firsts[place] : lasts[place] + 1]
        # A slow drift takes small steps too.
        if part.max() - part.min() <= within * abs(part.max()):
            return int(firsts[place]), int(lasts[place])
    return 0, 0


def _is_long(material: Material, one: Series, plan: Plan, first: int, last: int) -> bool:
    steps = float(one.steps[last] - one.steps[first])
    per_epoch = material.steps_per_epoch
    if one.epochs is not None and np.isfinite(one.epochs[[first, last]]).all():
        epochs = float(one.epochs[last] - one.epochs[first])
    else:
        epochs = steps / per_epoch if per_epoch else math.inf
    share = steps / plan.horizon if math.isfinite(plan.horizon) and plan.horizon > 0 else math.inf
    limits, known = material.thresholds, math.isfinite(share) and math.isfinite(epochs)
    if known and share >= limits.flat_most and epochs >= _MORE_THAN_AN_EPOCH:
        return True
    return epochs >= limits.flat_epochs and share >= limits.flat_share


def printed_unit(values: FloatArray) -> float:
    """The unit of the last decimal that any of (points,) finite values has: a log of few digits shows no less."""
    distinct = np.unique(values)[:_QUANTUM_VALUES]
    exponents = [Decimal(repr(float(value))).as_tuple().exponent for value in distinct]
    return 10.0 ** min((place for place in exponents if isinstance(place, int)), default=0)


def _sawtooth(tag: str, one: Series, limits: Thresholds) -> list[Mark]:
    """Dips of one value that come back at once, once an epoch."""
    before, at, after = one.values[:-2], one.values[1:-1], one.values[2:]
    returns = np.abs(after - before) <= limits.flat_range * np.abs(before)
    dips = np.flatnonzero((at < before * (1 - limits.flat_range)) & returns) + 1
    if len(dips) < limits.sawteeth or not _once_an_epoch(one, dips) or not _is_level(one.values, dips, limits):
        return []
    first, last = int(dips[0]), int(dips[-1])
    return [
        Mark(
            kind=Kind.OVERWRITTEN,
            rules=("X.LR2",),
            text=f"{shown(tag)} dips for a single value at {len(dips):,} starts of an epoch and comes back at once",
            sureness=Sureness.CERTAIN if one.epochs is not None else Sureness.LIKELY,
            evidence=_evidence(tag, one, first, last, f"{shown(tag)} dips for one value an epoch"),
            step=float(one.steps[first]),
        )
    ]


def _is_level(values: FloatArray, dips: AnyArray, limits: Thresholds) -> bool:
    """Whether the rate stands still between its dips; a cycle that goes down and up has a lowest value too."""
    span = values[dips[0] - 1 : dips[-1] + 2]
    is_dip = np.isin(np.arange(dips[0] - 1, dips[-1] + 2), dips)
    alike = np.abs(np.diff(span)) <= limits.flat_range * np.abs(span[1:])
    moves = ~(np.append(alike, False) | np.append(False, alike) | is_dip)
    between_dips = np.append(is_dip[1:], True) & np.append(True, is_dip[:-1])
    return bool((moves & ~between_dips).mean() < _MOVING_SHARE)


def _once_an_epoch(one: Series, dips: AnyArray) -> bool:
    """Each dip within a point of a new epoch; without epochs, dips at one distance."""
    if one.epochs is not None and np.isfinite(one.epochs).all():
        turns = np.floor(one.epochs - 1e-9)
        return all(turns[min(dip + 1, len(turns) - 1)] != turns[max(dip - 2, 0)] for dip in dips)
    distances = np.diff(one.steps[dips])
    return bool(distances.min() > 2 and distances.max() <= distances.min() * 1.05 + 1)


def _compounded(tag: str, one: Series, plan: Plan, limits: Thresholds) -> list[Mark]:
    """A steady share of the plan from some point up to now."""
    above = plan.rates - plan.floor
    clear = np.flatnonzero(above > limits.planned_change * np.nanmax(above, initial=0.0))
    if not plan.of_this_group or len(clear) < limits.flat_points:
        return []
    ratios = (one.values[clear] - plan.floor) / above[clear]
    ratio = float(ratios[-1])
    other = np.flatnonzero(np.abs(ratios - ratio) > limits.compound_spread * abs(ratio))
    steady = clear[int(other[-1]) + 1 if len(other) else 0 :]
    planned = plan.rates[steady]
    moves = len(steady) and planned.max() - planned.min() > limits.planned_change * planned.max()
    # What one length of warm-up leaves, to the last digits, is no chance.
    least = limits.flat_points // 2 if compound_length(ratio, limits) else limits.flat_points
    if len(steady) < least or not moves or not abs(ratio) < limits.compound_ratio:
        return []
    first, last = int(steady[0]), int(steady[-1])
    return [
        Mark(
            kind=Kind.COMPOUNDED,
            rules=("X.LR4",),
            text=f"{shown(tag)} follows what {plan.source} from step {one.steps[first]:,.0f} on, at"
            f" {compound_text(ratio, limits)}",
            sureness=Sureness.LIKELY if compound_length(ratio, limits) else Sureness.POSSIBLE,
            evidence=_evidence(tag, one, first, last, f"{shown(tag)} keeps {number_text(ratio)} of its plan"),
            step=float(one.steps[first]),
        )
    ]

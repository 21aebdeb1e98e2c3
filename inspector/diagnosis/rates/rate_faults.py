"""Which fault of the warm-up leaves exactly the rate that one checkpoint holds.

Two loops are known: one writes base times warm-up over the rate before every step, the other scales the scheduler's
last rate and hands it back. Played through with torch's rules they give the rate to the last digits, so that a single
checkpoint tells which it was.
"""

from __future__ import annotations

import math

import numpy as np

from inspector.analysis.schedule_replay import replayed
from inspector.analysis.schedule_rules import Rate
from inspector.analysis.schedules.recursions import overwritten_rate
from inspector.diagnosis.rates.checkpoint_rates import HeldRate
from inspector.diagnosis.rates.rate_marks import compound_length, compounded
from inspector.diagnosis.thresholds import Thresholds


def leaves_plan(rate: float, planned: float, base: float, limits: Thresholds) -> bool:
    """Whether a rate lies further from its plan than rounding; by the base rate where the plan reaches 0.

    False where one of them is NaN.
    """
    return abs(rate - planned) > limits.rate_deviation * abs(planned) + limits.trace_tolerance * abs(base)


def written_after(one: HeldRate, limits: Thresholds) -> bool:
    """Whether something else than its scheduler's last step gave a group its rate."""
    return abs(one.rate - one.last) > limits.written_tolerance * max(abs(one.rate), abs(one.last))


def overwritten_after(one: HeldRate, limits: Thresholds) -> bool:
    """Whether the rate is one step of the scheduler from what a loop wrote: the base, or its share in the warm-up."""
    again = overwritten_rate(one.scheduler, one.state, one.base, one.t)
    if again is not None:
        return math.isfinite(again) and (_near(one, again, limits.trace_tolerance) or _in_warmup(one, limits))
    if one.t > limits.longest_replay:
        return False
    rates = replayed(one.scheduler, one.state, one.base, one.t, one.extras, one.index, write=lambda _t, _rate: one.base)
    return rates is not None and _near(one, float(rates[-1]), limits.trace_tolerance)


def _in_warmup(one: HeldRate, limits: Thresholds) -> bool:
    """The same while the warm-up still scales what is written."""
    for length in range(one.t + 1, limits.longest_compound + 1):
        again = overwritten_rate(one.scheduler, one.state, one.base * one.t / length, one.t)
        if again is not None and _near(one, again, limits.replay_tolerance):
            return True
    return False


def compounded_warmup(one: HeldRate, limits: Thresholds) -> int | None:
    """The warm-up, in the scheduler's steps, whose handing back leaves exactly this rate; None where none does."""
    if one.t > limits.longest_replay:
        above = one.planned
        ratio = one.rate / above if above > 0 else math.nan
        length = compound_length(ratio, limits)
        exact = length is not None and abs(ratio / compounded(length) - 1.0) < limits.replay_tolerance
        return length if exact else None
    lengths = np.arange(2, limits.longest_compound + 1)

    def scaled(done: int, rate: Rate) -> Rate:
        return rate * np.minimum((done + 1) / lengths, 1.0) if done < limits.longest_compound else rate

    rates = replayed(one.scheduler, one.state, one.base, one.t, one.extras, one.index, write=scaled)
    if rates is None:
        return None
    left = np.broadcast_to(rates[-1], lengths.shape).tolist()
    fits = (
        length
        for length, rate in zip(lengths.tolist(), left, strict=True)
        if _near(one, rate, limits.replay_tolerance, of=rate)
    )
    return next(fits, None)


def _near(one: HeldRate, rate: float, tolerance: float, of: float | None = None) -> bool:
    within = tolerance * abs(one.base if of is None else of)
    return any(math.isfinite(held) and abs(held - rate) < within for held in (one.rate, one.last))

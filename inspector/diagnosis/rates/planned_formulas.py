"""What a scheduler without a formula of its own plans, where the run's settings name one that fits what it recorded."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from inspector.analysis.lambda_schedules import NamedFactor, halving_factor, power_factor, transformers_factor
from inspector.diagnosis.rates.run_length import number_named, planned_steps
from inspector.diagnosis.thresholds import DEFAULTS, Thresholds

_KINDS = ("lr_scheduler_type", "lr_scheduler", "scheduler", "scheduler_type", "lr_schedule", "schedule")
_WARMUPS = ("warmup_steps", "num_warmup_steps", "warmup_iters", "warmup")
_RATIOS = ("warmup_ratio",)
_HALF_LIVES = ("decay_steps", "half_life", "lr_decay_steps", "decay_rate_steps")
_POWERS = ("gamma", "lr_gamma", "lr_decay", "lr_decay_rate", "decay_rate", "decay_factor", "lr_factor")
_CYCLES = ("num_cycles",)


def formula_of(
    base: float, t: float, last: float, *sources: Mapping[str, Any], limits: Thresholds = DEFAULTS
) -> NamedFactor | None:
    """The first formula of the settings that gives the recorded rate, None where none does.

    Args:
        base: base rate of the group.
        t: the scheduler's steps done; 0 proves no formula.
        last: the rate that it set last.
        sources: settings by dotted path, the most trusted first.
        limits: how near is that rate.
    """
    if not (t > 0 and math.isfinite(last) and base > 0):
        return None
    for source in sources:
        for named in _candidates(base, source):
            with np.errstate(all="ignore"):
                planned = base * float(named.factor(np.asarray(float(t))))
            if abs(planned - last) <= limits.replay_tolerance * max(abs(last), limits.replay_tolerance * base):
                return named
    return None


def _candidates(base: float, values: Mapping[str, Any]) -> Iterator[NamedFactor]:
    own = {path: value for path, value in values.items() if not path.rpartition(".")[2].startswith("_")}
    total = planned_steps(own)
    warmup = number_named(_WARMUPS, own) or 0.0
    ratio = number_named(_RATIOS, own)
    warmups = [warmup, *([math.ceil(total * ratio)] if total and ratio else [])]
    cycles = number_named(_CYCLES, own)
    kinds = [
        value.rpartition(".")[2].lower()
        for path, value in own.items()
        if isinstance(value, str) and path.rpartition(".")[2].lower() in _KINDS
    ]
    for kind in dict.fromkeys(kinds):
        for length in warmups:
            found = transformers_factor(kind, length, total, base=base, cycles=cycles)
            if found is not None:
                yield found
    half_life = number_named(_HALF_LIVES, own)
    if half_life and half_life > 0:
        yield halving_factor(warmup, half_life)
    for name in _POWERS:
        gamma = number_named((name,), own)
        if gamma is not None and 0.0 < gamma < 1.0:
            yield power_factor(gamma)

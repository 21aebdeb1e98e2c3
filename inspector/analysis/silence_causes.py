"""What may have silenced a channel: hints with their numbers, from its weights and from the run around the time.

A hint is evidence and no proof; several may hold. Each is None where its numbers are not known or speak against it.

| cause | its number | threshold |
| --- | --- | --- |
| shift | share that the normalisation leaves below zero, Phi(-beta / gamma) | at least 0.95 |
| scale | size of the normalisation's scale | below 1e-4, at a shift not above zero |
| bias | bias over the length of the incoming weights | at most -2 |
| weights | length of the incoming weights over the layer's median | at most 1e-4 |
| rate | rate when the channel died over the largest up to then | at least 0.5 |
| spike | spikes of the training loss between the last look at it alive and the first at it dead | at least 1 |
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from inspector.analysis.dead_outputs import DEAD_SHARE, usual_norm
from inspector.analysis.normal_share import share_below_zero
from inspector.analysis.smoothing import spikes
from inspector.core.arrays import AnyArray, FloatArray

Cause = Literal["shift", "scale", "bias", "weights", "rate", "spike"]

SILENCED_SHARE = 0.95
"""Share below zero from which a shift explains a silent channel; a ReLU then fires on one value of twenty.

Source: the transform of Ioffe and Szegedy 2015 on normal values.
"""

DEAD_SCALE = 1e-4
"""Size of a batch normalisation's scale below which its channel is the shift alone.

Source: with a shift below zero nothing passes a ReLU; trained scales lie between 0.1 and 2.
"""

BIAS_LENGTHS = -2.0
"""Bias over the length of the weights; inputs of unit mean square then pass a ReLU once in 44 times at most.

Source: Phi(-2) = 0.023; inputs are taken as normal and uncorrelated, after Glorot and Bengio 2010.
"""

HIGH_RATE = 0.5
"""Share of the largest rate so far; a channel that dies above it died of large steps rather than late in the decay.

Source: rules X.D1 and S4.02, which halve the rate.
"""


@dataclass(frozen=True, slots=True)
class CauseHint:
    """One possible cause: the number found, and what it was held against."""

    cause: Cause
    value: float
    threshold: float


def shift_hint(scale: float, shift: float) -> CauseHint | None:
    """From the scale and shift of the normalisation before a ReLU."""
    if not (math.isfinite(scale) and math.isfinite(shift)):
        return None
    if abs(scale) < DEAD_SCALE:
        return CauseHint("scale", abs(scale), DEAD_SCALE) if shift <= 0 else None
    share = float(share_below_zero(np.asarray(shift), np.asarray(scale)))
    return CauseHint("shift", share, SILENCED_SHARE) if share >= SILENCED_SHARE else None


def bias_hint(bias: float, length: float) -> CauseHint | None:
    """From the bias of a channel without normalisation and the Euclidean length of its incoming weights."""
    if not (math.isfinite(bias) and math.isfinite(length)) or length <= 0:
        return None
    return CauseHint("bias", bias / length, BIAS_LENGTHS) if bias / length <= BIAS_LENGTHS else None


def weights_hint(length: float, lengths: FloatArray) -> CauseHint | None:
    """From the length of a channel's incoming weights beside those of its layer, as `dead_outputs` judges them.

    Args:
        length: Euclidean, of the channel's weights.
        lengths: (channels,) those of its whole layer.
    """
    share = length / usual_norm(lengths)
    return CauseHint("weights", share, DEAD_SHARE) if share <= DEAD_SHARE else None


def rate_hint(steps: AnyArray, rates: AnyArray, last_alive: float, first_dead: float) -> CauseHint | None:
    """From the learning rate between the last look at which the channel lived and the first at which it was dead.

    Args:
        steps: (points,) ascending, when the rate was logged.
        rates: (points,) the rate.
        last_alive: step of that look; minus infinity where it was never seen alive.
        first_dead: step of the first look at which it was dead.
    """
    known = np.isfinite(rates) & (steps <= first_dead)
    between = known & (steps >= last_alive)
    if not known.any():
        return None
    # Where nothing was logged between the looks, the rate before them still held.
    then = float(rates[between].max()) if between.any() else float(rates[known][-1])
    largest = float(rates[known].max())
    if largest <= 0 or then / largest < HIGH_RATE:
        return None
    return CauseHint("rate", then / largest, HIGH_RATE)


def spike_hint(steps: AnyArray, losses: AnyArray, last_alive: float, first_dead: float) -> CauseHint | None:
    """From spikes of the training loss in the same span; one step may throw a bias too low to come back.

    Args:
        steps: (points,) ascending.
        losses: (points,) the training loss, all of it, as spikes are judged by what is around them.
        last_alive: as for `rate_hint`.
        first_dead: as for `rate_hint`.
    """
    at = np.asarray(steps)[spikes(losses)]
    count = int(((at >= last_alive) & (at <= first_dead)).sum())
    return CauseHint("spike", float(count), 1.0) if count else None


@dataclass(frozen=True, slots=True)
class Death:
    """When a channel died: the last look at which it lived, None where there was none, and the first without life."""

    last_alive: float | None
    first_dead: float


def death_of(steps: Sequence[float], dead: Sequence[bool]) -> Death | None:
    """Of looks at a channel in the order of their steps, when its last unbroken silence began; None if it lives."""
    if not dead or not dead[-1]:
        return None
    first = len(dead)
    while first and dead[first - 1]:
        first -= 1
    return Death(steps[first - 1] if first else None, steps[first])

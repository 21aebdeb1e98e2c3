"""Where in a curve a restarted or resumed run begins to log again.

Source: TensorBoard takes a step below the one before it for a restart, and purges what it repeats
(`event_accumulator.py`, `_CheckForOutOfOrderStepAndMaybePurge`); Weights & Biases drops the repetition instead. Here
nothing is purged, so the rule must be stricter: many logs go back without a restart. The thresholds are chosen so
that each kind of log named below is told apart when it logs on a regular grid of steps.
"""

from __future__ import annotations

import numpy as np

from inspector.analysis.pyramid import restarts
from inspector.core.arrays import FloatArray, IntArray

MAX_SEAMS = 1000
"""A run is not restarted more often; a curve that goes back more often is written in another order."""

_NATURAL_STRIDES = 1.5
"""A curve that was late by one point leaves out two strides when it goes on, a restarted one never more than one."""

_SHORT_STRETCH = 2.0
_LONG_STRETCH = 8.0
_SURE_POINTS = 3
_LOOKED_BACK = 8
_SAMPLED = 2048


def attempts_of(steps: FloatArray, times: FloatArray | None = None, epochs: FloatArray | None = None) -> IntArray:
    """Index of the first point of each attempt, the first 0; (attempts,) int64.

    A new attempt begins where the step goes back and the curve then covers ground that it had covered before, in the
    strides in which it was logged, until it passes the highest step so far. No attempt begins

    - where steps are equal, however often;
    - where steps are counted anew in every epoch: the epoch rises as the step falls, or, where no epochs are known,
      at least twice the step falls from the same height to the same ground;
    - at a late point, or a late stretch: it fills a gap that was left, and the curve goes on behind the highest step;
    - where two loggers take turns: the curve jumps to and fro instead of going on in its strides;
    - where the clock goes back with the step: records that were written out of order are no later attempt.

    Args:
        steps: (points,) float64 in the order of the file; NaN is passed over.
        times: (points,) float64, seconds, NaN where unknown; None where nothing is known.
        epochs: as `times`, epochs.
    """
    known = None if np.isfinite(np.sum(steps)) else np.flatnonzero(np.isfinite(steps))
    if known is not None:
        clock, counted = (None if axis is None else axis[known] for axis in (times, epochs))
        found = attempts_of(steps[known], clock, counted)
        found = known[found] if known.size else found
        found[:1] = 0
        return found
    seams = restarts(steps)
    if seams.size and epochs is not None and (np.diff(epochs)[seams - 1] > 0).any():
        steps = _counted_on(steps, epochs)
        seams = restarts(steps)
    if not seams.size or _counts_anew(steps, seams):
        return np.zeros(1, np.int64)
    if times is not None:
        seams = seams[~(times[seams] < times[seams - 1])]
    stretch = len(steps) / (len(seams) + 1)
    if len(seams) > MAX_SEAMS or (len(seams) >= _SURE_POINTS and stretch < _SHORT_STRETCH):
        return np.zeros(1, np.int64)
    starts = [0, *(int(seam) for place, seam in enumerate(seams) if _is_restart(steps, seams, place))]
    return np.array(starts, np.int64)


def standing_ends(steps: FloatArray, starts: IntArray) -> IntArray:
    """Where each attempt is superseded: the index of its first point at or beyond the first step of a later attempt.

    Args:
        steps: (points,) float64.
        starts: (attempts,) int64, as `attempts_of` gives them.

    Returns:
        (attempts,) int64: what stands of attempt a are the points from `starts[a]` to before this index; the newest
        attempt stands whole.
    """
    ends = np.append(starts[1:], len(steps))
    lowest = np.inf
    for attempt in range(len(starts) - 1, -1, -1):
        own = steps[starts[attempt] : ends[attempt]]
        beyond = own >= lowest
        if beyond.any():
            ends[attempt] = starts[attempt] + int(np.argmax(beyond))
        if own.size:
            lowest = min(lowest, float(own[0]))
    return ends.astype(np.int64)


def _counted_on(steps: FloatArray, epochs: FloatArray) -> FloatArray:
    """Steps that are counted anew in every epoch, as places in the whole run."""
    span = float(np.ptp(steps)) + 1.0
    known: FloatArray = np.where(np.isfinite(epochs), np.floor(epochs), 0.0)
    counted: FloatArray = known * span + steps - steps.min()
    return counted


def _counts_anew(steps: FloatArray, seams: IntArray) -> bool:
    """Whether the step falls again and again from one height to one ground."""
    if len(seams) < 2:
        return False
    tops, grounds = steps[seams - 1], steps[np.append(0, seams)]
    slack = _NATURAL_STRIDES * _stride(steps, int(seams[0]))
    same = np.ptp(tops) <= slack and np.ptp(grounds) <= slack and steps[-1] <= tops[0] + slack
    return bool(same and np.median(np.diff(seams, prepend=0)) > 1)


def _is_restart(steps: FloatArray, seams: IntArray, place: int) -> bool:
    begin = int(seams[place])
    end = int(seams[place + 1]) if place + 1 < len(seams) else len(steps)
    own = steps[begin:end]
    highest = steps[seams[: place + 1] - 1].max()
    below = _count_below(own, highest)
    again = _covered_before(steps, seams, place, own[0], own[below - 1])
    if below == len(own):  # it has not come so far again
        return again > 0
    natural = own[below] - own[below - 1] <= _NATURAL_STRIDES * _stride(steps, begin)
    long = len(steps) / (len(seams) + 1) >= _LONG_STRETCH
    return bool(natural or (long and below >= _SURE_POINTS and again > 1))


def _count_below(own: FloatArray, highest: float) -> int:
    """How many points come before the first that reaches the highest step."""
    reached = own >= highest
    return int(np.argmax(reached)) if reached.any() else len(own)


def _covered_before(steps: FloatArray, seams: IntArray, place: int, low: float, high: float) -> int:
    """How many earlier points lie from `low` to `high`, as far as the last stretches tell."""
    begin = int(seams[place - _LOOKED_BACK]) if place >= _LOOKED_BACK else 0
    earlier = steps[begin : seams[place]]
    return int(np.count_nonzero((earlier >= low) & (earlier <= high)))


def _stride(steps: FloatArray, seam: int) -> float:
    """How far apart the steps around a seam are, those of both sides taken together."""
    around = np.unique(steps[max(0, seam - _SAMPLED) : seam + _SAMPLED])
    return float(np.quantile(np.diff(around), 0.75)) if len(around) > 1 else 0.0

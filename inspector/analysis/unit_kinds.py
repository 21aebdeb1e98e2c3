"""What each channel of a layer is, in a word: with the number that decided, and the threshold it was held against.

The first that applies, in this order:

| kind | its number | when |
| --- | --- | --- |
| unknown | values that are not finite | any, or no value at all |
| dead | largest absolute value over all samples | never above the threshold of zero |
| saturated | share of values at a bound | at least half: beyond 0.95 for tanh and sigmoid, else equal to an extreme |
| nearly dead | share of samples on which it fires | at most 5%; else of values, at most 1% |
| dormant | mean absolute value over that of the layer | at most 0.025 |
| duplicate | correlation with another channel | at least 0.99 |
| sparse | share of near-zero values less its baseline | above 0.1: alive, and silent more than by itself |
| healthy | the same | none of these |

What is dead on a few samples may fire on others: `firing_bound` says on how many at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from inspector.analysis.channel_sketch import LEAST_VALUES, nearest_channels
from inspector.analysis.ratio import ratio
from inspector.analysis.sparsity import LayerStatistics, dead_channels, dormant_scores, firing_bound
from inspector.analysis.unit_limits import LIMITS, UnitLimits
from inspector.core.arrays import AnyArray, FloatArray, IntArray
from inspector.core.pulse import QUIET, Pulse

UnitKind = Literal["unknown", "dead", "saturated", "nearly dead", "dormant", "duplicate", "sparse", "healthy"]


LEAST_SAMPLES = 20
"""Samples below which firing on one of them is already more than 5%."""


@dataclass(frozen=True, slots=True)
class UnitLabel:
    """One channel.

    Attributes:
        value: the number that decided, NaN where undefined; threshold: what it was held against.
        bound: for a dead channel, the share of samples on which it may fire at most, at 95%; else NaN.
        other: the channel that it duplicates, None for all other kinds.
    """

    channel: int
    kind: UnitKind
    value: float
    threshold: float
    bound: float = float("nan")
    other: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class UnitNumbers:
    """The numbers that the kinds are told by, each (channels,) float64 with NaN where unknown.

    Attributes:
        silent: share of near-zero values; baseline: what the activation leaves by itself.
        firing: share of samples with a value that is not near zero.
        saturated: share of values at a bound.
        dormancy: mean |a| over the layer's.
        correlation: with `other`, (channels,) int64.
    """

    silent: FloatArray
    baseline: FloatArray
    firing: FloatArray
    saturated: FloatArray
    dormancy: FloatArray
    correlation: FloatArray
    other: IntArray


def unit_numbers(
    statistics: LayerStatistics,
    activation: str = "",
    baseline: float | FloatArray = float("nan"),
    zero: float = 0.0,
    pulse: Pulse = QUIET,
) -> UnitNumbers:
    """The numbers of every channel.

    Args:
        statistics: of the layer.
        activation: the function's name in any spelling, empty where it is not known.
        baseline: `null_sparsity` of the activation at the same threshold, one for all or (channels,).
        zero: |a| below which a value counts as zero; the counted threshold nearest to it is taken.
        pulse: of comparing the channels.

    Raises:
        WorkCancelled: the pulse says so.
    """
    row = statistics.nearest_row(zero)
    channels = len(statistics.n)
    unknown = np.full(channels, np.nan)
    other, correlation = np.zeros(channels, np.int64), unknown
    if statistics.sketch is not None and statistics.sketch_of_ones is not None:
        other, correlation = nearest_channels(statistics.sketch, statistics.sketch_of_ones, statistics.mean, pulse)
        correlation = np.where(statistics.n >= LEAST_VALUES, correlation, np.nan)
    return UnitNumbers(
        silent=statistics.fractions[row],
        baseline=np.broadcast_to(np.asarray(baseline, np.float64), (channels,)),
        firing=unknown if statistics.firing is None else ratio(statistics.firing[row], np.asarray(statistics.samples)),
        saturated=saturated_shares(statistics, activation),
        dormancy=dormant_scores(statistics),
        correlation=correlation,
        other=other,
    )


def saturated_shares(statistics: LayerStatistics, activation: str) -> FloatArray:
    """Share of each channel's values at a bound of its activation, (channels,) float64; NaN where not counted."""
    n, activation = statistics.n, activation.lower().replace("_", "")
    if activation == "tanh" and statistics.near_one is not None:
        return ratio(statistics.near_one, n)
    low = np.flatnonzero(np.isclose(statistics.epsilons, 0.05))
    if activation == "sigmoid" and statistics.near_one is not None and low.size:
        return ratio(statistics.near_one + statistics.near_zero[low[0]], n)
    greatest, least = statistics.greatest, statistics.least
    if statistics.at_greatest is None or statistics.at_least is None or greatest is None or least is None:
        return np.full(len(n), np.nan)
    # At 0 a channel is silent, which is told apart; and one value is no bound.
    above = np.where((greatest != 0) & (n > 1), statistics.at_greatest, 0)
    below = np.where((least != 0) & (n > 1), statistics.at_least, 0)
    return ratio(np.where(greatest == least, above, above + below), n)


def unit_labels(
    statistics: LayerStatistics,
    activation: str = "",
    baseline: float | FloatArray = float("nan"),
    zero: float = 0.0,
    limits: UnitLimits = LIMITS,
    *,
    numbers: UnitNumbers | None = None,
    pulse: Pulse = QUIET,
) -> tuple[UnitLabel, ...]:
    """A label for each channel, in their order; where a number is unknown, its kind is not told.

    Args:
        statistics: of the layer, over everything that was seen of it.
        activation: the function's name in any spelling, empty where it is not known.
        baseline: `null_sparsity` of the activation at the same threshold, one for all or (channels,).
        zero: |a| up to which a value counts as zero, 0 for a ReLU; shares are of the counted threshold nearest to it.
        limits: what the numbers are held against.
        numbers: of the same statistics, where they are known already.
        pulse: of comparing the channels.

    Raises:
        WorkCancelled: the pulse says so.

    Source: Lu, Shin, Su and Karniadakis 2020 (dead); Sokar et al. 2023 (dormant); the other thresholds stand where
        they are set.
    """
    known = numbers or unit_numbers(statistics, activation, baseline, zero, pulse)
    # The largest value is exact, so this threshold need not have been counted.
    dead = dead_channels(statistics, zero)
    awake = _awake(known, statistics, limits) & ~dead
    return tuple(
        UnitLabel(channel, "dead", float(statistics.absmax[channel]), zero, firing_bound(statistics.samples))
        if dead[channel]
        else _label(channel, statistics, known, limits, awake=awake)
        for channel in range(len(statistics.n))
    )


def samples_tell(statistics: LayerStatistics) -> bool:
    """Whether a channel is nearly dead by the samples on which it fires; by its values else."""
    return statistics.firing is not None and statistics.samples >= LEAST_SAMPLES


def _hardly_fires(numbers: UnitNumbers, statistics: LayerStatistics, limits: UnitLimits) -> tuple[FloatArray, float]:
    """The share that tells whether a channel is nearly dead, and its threshold."""
    if samples_tell(statistics):
        return numbers.firing, limits.nearly_dead_samples
    return 1.0 - numbers.silent, limits.nearly_dead_values


def _awake(numbers: UnitNumbers, statistics: LayerStatistics, limits: UnitLimits) -> AnyArray:
    """Channels that may be a duplicate's other half: neither silent nor at a bound."""
    share, least = _hardly_fires(numbers, statistics, limits)
    with np.errstate(invalid="ignore"):
        asleep = (share <= least) | (numbers.saturated >= limits.saturated) | (numbers.dormancy <= limits.dormant)
    awake: AnyArray = ~asleep & (statistics.not_finite == 0)
    return awake


def _label(
    channel: int,
    statistics: LayerStatistics,
    numbers: UnitNumbers,
    limits: UnitLimits,
    *,
    awake: AnyArray,
) -> UnitLabel:
    if statistics.not_finite[channel] or not statistics.n[channel]:
        return UnitLabel(channel, "unknown", float(statistics.not_finite[channel]), 0.0)
    shares, hardly = _hardly_fires(numbers, statistics, limits)
    saturated, share, dormancy = (float(one[channel]) for one in (numbers.saturated, shares, numbers.dormancy))
    correlation, other = float(numbers.correlation[channel]), int(numbers.other[channel])
    over = float(numbers.silent[channel] - numbers.baseline[channel])
    if saturated >= limits.saturated:
        return UnitLabel(channel, "saturated", saturated, limits.saturated)
    if share <= hardly:
        return UnitLabel(channel, "nearly dead", share, hardly)
    if dormancy <= limits.dormant:
        return UnitLabel(channel, "dormant", dormancy, limits.dormant)
    if correlation >= limits.duplicate and awake[other]:
        return UnitLabel(channel, "duplicate", correlation, limits.duplicate, other=other)
    kind: UnitKind = "sparse" if over > limits.over_baseline else "healthy"
    return UnitLabel(channel, kind, over, limits.over_baseline)

"""How much of a layer is silent: near-zero shares, dead and dormant channels, and what silence is normal."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from inspector.analysis.channel_sketch import added_sketch, sketch_of
from inspector.analysis.channel_sums import ChannelSums, sums_of
from inspector.analysis.ratio import ratio
from inspector.core.arrays import AnyArray, FloatArray, IntArray

EPSILONS = (0.0, 1e-6, 1e-3, 1e-2, 5e-2)
"""|a| below these counts as near zero; at 0, a == 0 does."""


@dataclass(frozen=True, slots=True, eq=False)
class LayerStatistics:
    """What each channel of one layer did over many samples.

    Attributes:
        epsilons: (thresholds,) float64, ascending.
        near_zero: (thresholds, channels) int64, finite values with |a| < epsilon (a == 0 at 0).
        n: (channels,) int64, finite values seen: samples times positions.
        not_finite: (channels,) int64, NaN and infinite values, which no other field counts.
        mean, variance: (channels,) float64, population variance; NaN where n is 0.
        mean_abs: (channels,) float64, mean |a|; NaN where unknown.
        absmax: (channels,) float64, largest |a|; NaN where n is 0.
        samples: samples seen.

    Those that follow are None where a file did not count them:

    Attributes:
        least, greatest: (channels,) float64; NaN where n is 0.
        at_least, at_greatest: (channels,) int64, values equal to the least and to the greatest, as at a bound.
        near_one: (channels,) int64, values with |a| > 0.95, where tanh and sigmoid are saturated.
        firing: (thresholds, channels) int64, samples with a value that is not near zero.
        sketch: (SKETCH_LENGTH, channels) float64, what `channel_sketch` keeps of the responses; sketch_of_ones:
            (SKETCH_LENGTH,) the same of a channel that is always 1.
    """

    epsilons: FloatArray
    near_zero: IntArray
    n: IntArray
    not_finite: IntArray
    mean: FloatArray
    variance: FloatArray
    mean_abs: FloatArray
    absmax: FloatArray
    samples: int
    least: FloatArray | None = None
    greatest: FloatArray | None = None
    at_least: IntArray | None = None
    at_greatest: IntArray | None = None
    near_one: IntArray | None = None
    firing: IntArray | None = None
    sketch: FloatArray | None = None
    sketch_of_ones: FloatArray | None = None

    @property
    def fractions(self) -> FloatArray:
        """(thresholds, channels) share of near-zero values, 0..1; NaN where n is 0."""
        return ratio(self.near_zero, self.n)

    def sparsity(self, epsilon: float) -> float:
        """Share of near-zero values over all channels; NaN where nothing was seen or the threshold not counted."""
        rows = np.flatnonzero(np.isclose(self.epsilons, epsilon, rtol=1e-9, atol=0.0))
        total = int(self.n.sum())
        return float(self.near_zero[rows[0]].sum() / total) if rows.size and total else float("nan")

    def nearest_row(self, epsilon: float) -> int:
        """Index of the counted threshold nearest to this one, in orders of magnitude; 0 is its own where counted."""
        if epsilon == 0 and self.epsilons[0] == 0:
            return 0
        with np.errstate(divide="ignore"):
            distance = np.abs(np.log10(self.epsilons) - math.log10(max(epsilon, 1e-300)))
        return int(np.argmin(distance))


def channel_statistics(
    values: AnyArray, epsilons: tuple[float, ...] = EPSILONS, valid: AnyArray | None = None
) -> LayerStatistics:
    """Statistics of one batch.

    Sums are right to about 1e-7 of themselves in single precision, and to rounding in double.

    Args:
        values: (samples, channels, ...), real; half precision is widened first, so its smallest values stay apart
            from 0.
        epsilons: ascending thresholds.
        valid: (samples, ...) bool as `valid_cells` gives it, False in the padding, which is then not counted at all.

    Raises:
        ShapeError: `valid` has not one entry for each sample and position.
    """
    return statistics_of(sums_of(values, valid, epsilons), values.shape, epsilons, valid)


def statistics_of(
    sums: ChannelSums, shape: tuple[int, ...], epsilons: tuple[float, ...] = EPSILONS, valid: AnyArray | None = None
) -> LayerStatistics:
    """As `channel_statistics`, from the sums of a batch of this shape."""
    inside = np.ones((shape[0], *shape[2:]), np.float32) if valid is None else valid.astype(np.float32)
    least, greatest = (np.where(sums.n > 0, bound, np.nan).astype(np.float64) for bound in (sums.least, sums.greatest))
    mean = ratio(sums.total, sums.n)
    off = np.nan_to_num(mean) - sums.about
    return LayerStatistics(
        epsilons=np.asarray(epsilons, np.float64),
        near_zero=sums.near,
        n=sums.n,
        not_finite=int(np.count_nonzero(inside)) - sums.n,
        mean=mean,
        variance=ratio(np.maximum(sums.squares - sums.n * off * off, 0.0), sums.n),
        mean_abs=ratio(sums.total_size, sums.n),
        absmax=np.fmax(np.abs(least), np.abs(greatest)),
        samples=shape[0],
        least=least,
        greatest=greatest,
        at_least=sums.at_least,
        at_greatest=sums.at_greatest,
        near_one=sums.near_one,
        firing=sums.firing,
        sketch=sums.sketch,
        sketch_of_ones=sketch_of(inside.reshape(1, -1))[:, 0],
    )


def combined(first: LayerStatistics, second: LayerStatistics) -> LayerStatistics:
    """Statistics of two batches as if they had been one.

    Source: Chan, Golub and LeVeque 1979.
    """
    n = first.n + second.n
    share = ratio(second.n, n)
    delta = np.nan_to_num(second.mean) - np.nan_to_num(first.mean)
    squares = np.nan_to_num(first.variance) * first.n + np.nan_to_num(second.variance) * second.n
    least, greatest = _both(np.fmin, first.least, second.least), _both(np.fmax, first.greatest, second.greatest)
    return LayerStatistics(
        epsilons=first.epsilons,
        near_zero=first.near_zero + second.near_zero,
        n=n,
        not_finite=first.not_finite + second.not_finite,
        mean=_weighted(first.mean, second.mean, share),
        variance=ratio(squares + delta**2 * first.n * np.nan_to_num(share), n),
        mean_abs=_weighted(first.mean_abs, second.mean_abs, share),
        absmax=np.fmax(first.absmax, second.absmax),
        samples=first.samples + second.samples,
        least=least,
        greatest=greatest,
        at_least=_both(
            np.add, _where(first.at_least, first.least, least), _where(second.at_least, second.least, least)
        ),
        at_greatest=_both(
            np.add,
            _where(first.at_greatest, first.greatest, greatest),
            _where(second.at_greatest, second.greatest, greatest),
        ),
        near_one=_both(np.add, first.near_one, second.near_one),
        firing=_both(np.add, first.firing, second.firing),
        sketch=_both(partial(added_sketch, seen=first.samples), first.sketch, second.sketch),
        sketch_of_ones=_both(partial(added_sketch, seen=first.samples), first.sketch_of_ones, second.sketch_of_ones),
    )


def _both(join: Callable[[AnyArray, AnyArray], AnyArray], first: AnyArray | None, second: AnyArray | None) -> Any:
    """Two columns joined; None unless both were counted."""
    return None if first is None or second is None else join(first, second)


def _where(counts: IntArray | None, reached: FloatArray | None, bound: FloatArray | None) -> IntArray | None:
    """The counts at a bound, 0 for a channel that did not reach it."""
    return None if counts is None or reached is None or bound is None else np.where(reached == bound, counts, 0)


def _weighted(first: FloatArray, second: FloatArray, share: FloatArray) -> FloatArray:
    """The mean of two means; one of them where the other saw nothing."""
    mean: FloatArray = first + (second - first) * share
    return np.where(np.isnan(first), second, np.where(np.isnan(second), first, mean))


def dead_channels(statistics: LayerStatistics, epsilon: float = 0.0) -> AnyArray:
    """Which channels never exceeded epsilon, (channels,) bool, over everything seen, all of it finite.

    Source: Lu, Shin, Su and Karniadakis 2020; epsilon 0 for ReLU.
    """
    dead: AnyArray = (statistics.n > 0) & (statistics.not_finite == 0) & (statistics.absmax <= epsilon)
    return dead


def firing_bound(samples: int) -> float:
    """How often a channel that never fired on so many samples may fire at most, at 95%; NaN without a sample.

    Source: the rule of three, 3/n.
    """
    return min(1.0, 3.0 / samples) if samples > 0 else float("nan")


def dormant_scores(statistics: LayerStatistics) -> FloatArray:
    """Mean |a| of each channel over the mean of its layer, (channels,) float64; NaN where unknown or all are silent.

    Source: Sokar et al. 2023; it judges any activation, also those without an exact zero.
    """
    known = statistics.mean_abs[np.isfinite(statistics.mean_abs)]
    with np.errstate(over="ignore"):
        mean = known.mean() if known.size else 0.0
    return ratio(statistics.mean_abs, np.asarray(mean if np.isfinite(mean) else 0.0))

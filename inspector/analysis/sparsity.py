"""How much of a layer is silent: near-zero shares, dead and dormant channels, and what silence is normal."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np

from inspector.analysis.halves import widened
from inspector.analysis.ratio import ratio
from inspector.core.arrays import AnyArray, FloatArray, IntArray

EPSILONS = (0.0, 1e-6, 1e-3, 1e-2, 5e-2)
"""|a| below these counts as near zero; at 0, a == 0 does."""

DORMANT_SCORE = 0.025
"""At or below this a channel is dormant. Source: Sokar et al. 2023, as set in DrM."""


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

    @property
    def fractions(self) -> FloatArray:
        """(thresholds, channels) share of near-zero values, 0..1; NaN where n is 0."""
        return ratio(self.near_zero, self.n)

    def sparsity(self, epsilon: float) -> float:
        """Share of near-zero values over all channels; NaN where nothing was seen or the threshold not counted."""
        rows = np.flatnonzero(np.isclose(self.epsilons, epsilon, rtol=1e-9, atol=0.0))
        total = int(self.n.sum())
        return float(self.near_zero[rows[0]].sum() / total) if rows.size and total else float("nan")


def channel_statistics(values: AnyArray, epsilons: tuple[float, ...] = EPSILONS) -> LayerStatistics:
    """Statistics of one batch.

    Args:
        values: (samples, channels, ...), real; half precision is widened first, so its smallest values stay apart
            from 0.
        epsilons: ascending thresholds.
    """
    channels = values.shape[1]
    rows = np.moveaxis(widened(values), 1, 0).reshape(channels, -1)
    finite = np.isfinite(rows)
    n = np.count_nonzero(finite, axis=1)
    rows = np.where(finite, rows, rows.dtype.type(0))
    magnitude = np.abs(rows)
    absmax = magnitude.max(axis=1, initial=0.0).astype(np.float64)
    mean_abs = ratio(magnitude.sum(axis=1, dtype=np.float64), n)
    magnitude[~finite] = np.inf
    near = [np.count_nonzero(_is_near(magnitude, epsilon), axis=1) for epsilon in epsilons]
    mean = ratio(rows.sum(axis=1, dtype=np.float64), n)
    deviation = rows - np.nan_to_num(mean)[:, None]
    deviation[~finite] = 0.0
    return LayerStatistics(
        epsilons=np.asarray(epsilons, np.float64),
        near_zero=np.array(near, np.int64).reshape(len(epsilons), channels),
        n=n,
        not_finite=rows.shape[1] - n,
        mean=mean,
        variance=ratio(np.vecdot(deviation, deviation), n),
        mean_abs=mean_abs,
        absmax=np.where(n > 0, absmax, np.nan),
        samples=len(values),
    )


def _is_near(magnitude: AnyArray, epsilon: float) -> AnyArray:
    """Which magnitudes are below epsilon, or 0 at 0, compared in their own precision without rounding epsilon down."""
    if epsilon == 0:
        zero: AnyArray = magnitude == 0
        return zero
    bound = magnitude.dtype.type(epsilon)
    below: AnyArray = magnitude < (bound if bound >= epsilon else np.nextafter(bound, magnitude.dtype.type(np.inf)))
    return below


def combined(first: LayerStatistics, second: LayerStatistics) -> LayerStatistics:
    """Statistics of two batches as if they had been one.

    Source: Chan, Golub and LeVeque 1979.
    """
    n = first.n + second.n
    share = ratio(second.n, n)
    delta = np.nan_to_num(second.mean) - np.nan_to_num(first.mean)
    squares = np.nan_to_num(first.variance) * first.n + np.nan_to_num(second.variance) * second.n
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
    )


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
    """How often a channel that never fired on so many samples may fire at most, at 95 %; NaN without a sample.

    Source: the rule of three, 3/n.
    """
    return min(1.0, 3.0 / samples) if samples > 0 else float("nan")


def dormant_scores(statistics: LayerStatistics) -> FloatArray:
    """Mean |a| of each channel over the mean of its layer, (channels,) float64; NaN where unknown or all are silent.

    Source: Sokar et al. 2023; it judges any activation, also those without an exact zero.
    """
    known = statistics.mean_abs[np.isfinite(statistics.mean_abs)]
    return ratio(statistics.mean_abs, np.asarray(known.mean() if known.size else 0.0))


def _normal_below(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


def _sigmoid(x: FloatArray) -> FloatArray:
    logs: FloatArray = -np.logaddexp(0.0, -x)
    return np.exp(logs)


def _gelu(x: FloatArray) -> FloatArray:
    below: FloatArray = np.array([_normal_below(float(item)) for item in x])
    return x * below


def _leaky(x: FloatArray, slope: float) -> FloatArray:
    return np.where(x > 0, x, slope * x)


def _elu(x: FloatArray) -> FloatArray:
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0.0)))


_ACTIVATIONS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "relu": lambda x: np.maximum(x, 0.0),
    "leakyrelu": partial(_leaky, slope=0.01),
    "gelu": _gelu,
    "silu": lambda x: x * _sigmoid(x),
    "swish": lambda x: x * _sigmoid(x),
    "elu": _elu,
    "tanh": np.tanh,
    "sigmoid": _sigmoid,
    "identity": lambda x: x,
}


@lru_cache(maxsize=256)
def null_sparsity(
    activation: str, epsilon: float, *, slope: float = 0.01, shift: float = 0.0, scale: float = 1.0
) -> float:
    """Share of near-zero outputs that an activation gives on normal inputs: what a layer's sparsity is compared with.

    NaN for an unknown activation. `ReLU` gives 0.5 having learnt nothing, and `LeakyReLU(0.01)` 0.35 at 0.01.

    Args:
        activation: the module's name in any spelling (`LeakyReLU`, `leaky_relu`).
        epsilon: |a| below it counts; at 0, a == 0 does.
        slope: of a leaky ReLU below 0.
        shift: mean of the inputs, as a batch norm's bias sets it.
        scale: standard deviation of the inputs, as a batch norm's weight sets it.
    """
    name = activation.lower().replace("_", "")
    function = partial(_leaky, slope=slope) if name == "leakyrelu" else _ACTIVATIONS.get(name)
    if function is None or scale <= 0:
        return float("nan")

    def near(x: FloatArray) -> AnyArray:
        return np.abs(function(x)) <= epsilon

    # Twelve deviations either way hold all but 1e-32; 0, where the narrow bands lie, must be on the grid.
    grid = np.unique(np.append(np.linspace(shift - 12 * scale, shift + 12 * scale, 4097), 0.0))
    inside = near(grid)
    crossings = np.flatnonzero(inside[1:] != inside[:-1])
    left, right = grid[crossings], grid[crossings + 1]
    starts_inside = inside[crossings]
    for _ in range(80):
        middle = (left + right) / 2
        same = near(middle) == starts_inside
        left, right = np.where(same, middle, left), np.where(same, right, middle)
    edges = [grid[0]] * bool(inside[0]) + list(right) + [grid[-1]] * bool(inside[-1])
    below = [_normal_below((edge - shift) / scale) for edge in edges]
    return sum(high - low for low, high in zip(below[::2], below[1::2], strict=True))

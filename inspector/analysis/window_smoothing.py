"""Smoothing over a centred window: a Gaussian mean, and a median."""

from __future__ import annotations

import numpy as np

from inspector.analysis.smoothing import over_finite
from inspector.core.arrays import AnyArray, FloatArray
from inspector.core.pulse import QUIET, Pulse

_CHUNK = 16_384
"""Points smoothed at a time: they stay in the processor's cache, and a beat comes between."""

_SMALL_WINDOW = 41
"""Up to it every window is looked at for itself; beyond, all of a part are followed through its ranks at once."""

_LEAST_BLOCK, _MOST_BLOCK = 32, 512


def gaussian_smoothed(values: AnyArray, window: int, pulse: Pulse = QUIET) -> FloatArray:
    """Mean of the points around each, nearer ones weighing more, (points,) float64; shorter windows at both ends.

    A value that is not finite is skipped: NaN there, and its neighbours stand side by side.

    Args:
        values: (points,).
        window: how many points, an odd number; 1 gives the curve itself.
        pulse: is beaten between parts of a long curve.

    Raises:
        ValueError: the window is not an odd number of points.
        WorkCancelled: the pulse was cancelled.

    Source: weights exp(-d² / 2σ²) with σ a quarter of the window, none beyond it, divided by their sum.
    """
    half = _half(window)
    distance = np.arange(-half, half + 1)
    weights = np.exp(-0.5 * (distance / (window / 4)) ** 2)
    return over_finite(values, lambda known: _weighted(known, weights, half, pulse))


def median_smoothed(values: AnyArray, window: int, pulse: Pulse = QUIET) -> FloatArray:
    """Median of the points around each, (points,) float64; otherwise as `gaussian_smoothed`."""
    half = _half(window)
    return over_finite(values, lambda known: _medians(known, half, pulse))


def _half(window: int) -> int:
    if window < 1 or window % 2 == 0:
        message = f"a window of an odd number of points is needed, this is {window}"
        raise ValueError(message)
    return window // 2


def _weighted(values: FloatArray, weights: FloatArray, half: int, pulse: Pulse) -> FloatArray:
    """Sums of products by blocks: so many points at once are one product of matrices."""
    block = min(max(len(weights), _LEAST_BLOCK), _MOST_BLOCK)
    reach = block + 2 * half
    band = np.zeros((reach, block))
    for place in range(block):
        band[place : place + len(weights), place] = weights
    rows = max(_CHUNK // block, 1)
    padded = np.concatenate([np.zeros(half), values, np.zeros(half + block)])
    result = np.empty(-(-len(values) // block) * block)
    windows = np.lib.stride_tricks.sliding_window_view(padded, reach)[::block][: len(result) // block]
    for start in range(0, len(windows), rows):
        pulse.beat(start * block, len(values), "smoothing")
        product = np.ascontiguousarray(windows[start : start + rows]) @ band
        result[start * block : (start + rows) * block] = product.ravel()
    result = result[: len(values)]
    result /= _weight_there(len(values), weights, half)
    return result


def _weight_there(points: int, weights: FloatArray, half: int) -> FloatArray | float:
    """The sum of the weights that fall on points: fewer near the ends."""
    sums = np.concatenate([[0.0], np.cumsum(weights)])
    total = np.full(points, sums[-1])
    near = np.union1d(np.arange(min(half, points)), np.arange(max(points - half, 0), points))
    first = np.maximum(half - near, 0)
    last = np.minimum(half + points - near, len(weights))
    total[near] = sums[last] - sums[first]
    return total


def _medians(values: FloatArray, half: int, pulse: Pulse) -> FloatArray:
    result = np.empty(len(values))
    for start in range(0, len(values), _CHUNK):
        pulse.beat(start, len(values), "smoothing")
        stop = min(start + _CHUNK, len(values))
        first, last = max(start, half), min(stop, len(values) - half)
        if 2 * half + 1 > _SMALL_WINDOW or first >= last:
            result[start:stop] = _medians_at(values, start, stop, half)
            continue
        around = np.lib.stride_tricks.sliding_window_view(values[first - half : last + half], 2 * half + 1)
        result[first:last] = np.partition(around, half, axis=1)[:, half]
        for begin, end in ((start, first), (last, stop)):
            result[begin:end] = _medians_at(values, begin, end, half)
    return result


def _medians_at(values: FloatArray, start: int, stop: int, half: int) -> FloatArray:
    """Medians around the points of a part."""
    begin = max(start - half, 0)
    part = values[begin : stop + half]
    places = np.arange(start - begin, stop - begin, dtype=np.int32)
    return _medians_of_ranges(part, np.maximum(places - half, 0), np.minimum(places + half + 1, len(part)))


def _medians_of_ranges(values: FloatArray, left: AnyArray, right: AnyArray) -> FloatArray:
    order = np.argsort(values, kind="stable")
    ranks = np.empty(len(values), np.int32)
    ranks[order] = np.arange(len(values), dtype=np.int32)
    count = right - left
    lower = values[order[_kth(ranks, left, right, (count - 1) // 2)]]
    even = np.flatnonzero(count % 2 == 0)
    if even.size:
        upper = values[order[_kth(ranks, left[even], right[even], count[even] // 2)]]
        lower[even] += (upper - lower[even]) / 2
    return np.asarray(lower, np.float64)


def _kth(ranks: AnyArray, left: AnyArray, right: AnyArray, k: AnyArray) -> AnyArray:
    """The k-th smallest rank of each range, all ranges at once.

    Source: a wavelet matrix (Claude and Navarro, 2012): bit by bit from the highest, ranks with a 0 go before those
    with a 1, and each range follows the half that holds its k-th.
    """
    found = np.zeros(len(left), np.int32)
    level = ranks
    for bit in range(max(len(ranks) - 1, 1).bit_length() - 1, -1, -1):
        one = (level & (1 << bit)) != 0
        ones_before = np.zeros(len(level) + 1, np.int32)
        np.cumsum(one, out=ones_before[1:])
        left_ones, right_ones = ones_before[left], ones_before[right]
        zeros = (right - right_ones) - (left - left_ones)
        high = k >= zeros
        total = len(level) - int(ones_before[-1])
        found += high * np.int32(1 << bit)
        k = k - zeros * high
        left = np.where(high, total + left_ones, left - left_ones)
        right = np.where(high, total + right_ones, right - right_ones)
        level = np.concatenate([np.compress(~one, level), np.compress(one, level)])
    return found

"""Smoothing of curves, and the spikes that smoothing would hide."""

from __future__ import annotations

import numpy as np

from inspector.core.arrays import AnyArray, FloatArray, IntArray

_BLOCK = 32


def smoothed(values: AnyArray, decay: float) -> FloatArray:
    """Exponential moving average without the pull of its start, (points,) float64.

    A value that is not finite is skipped: NaN there, and the average goes on after it.

    Args:
        values: (points,).
        decay: weight of what came before, 0 (the curve itself) up to, but not including, 1.

    Raises:
        ValueError: `decay` is outside 0..1.

    Source: ema / (1 - decayᵗ), t counting the finite values, as TensorBoard smooths.
    """
    if not 0.0 <= decay < 1.0:
        message = f"a decay from 0 to below 1 is needed, this is {decay:g}"
        raise ValueError(message)
    finite = np.isfinite(values)
    known = np.asarray(values, np.float64)[finite]
    result = np.full(len(values), np.nan)
    weight = -np.expm1(np.arange(1, len(known) + 1) * np.log(decay)) if decay > 0 else 1.0
    result[finite] = (1.0 - decay) * _decayed_sums(known, decay) / weight
    return result


def _decayed_sums(values: FloatArray, decay: float) -> FloatArray:
    """s[t] = values[t] + decay · s[t-1], by blocks: a triangular product inside, the same sums over their ends."""
    if len(values) <= _BLOCK:
        sums = np.empty(len(values))
        running = 0.0
        for index, value in enumerate(values):
            running = value + decay * running
            sums[index] = running
        return sums
    padded = np.zeros(-(-len(values) // _BLOCK) * _BLOCK)
    padded[: len(values)] = values
    lag = np.subtract.outer(np.arange(_BLOCK), np.arange(_BLOCK))
    kernel = np.where(lag >= 0, decay ** np.maximum(lag, 0), 0.0)
    local = padded.reshape(-1, _BLOCK) @ kernel.T
    carried = _decayed_sums(local[:, -1], decay**_BLOCK)
    local[1:] += carried[:-1, None] * decay ** np.arange(1, _BLOCK + 1)
    return local.ravel()[: len(values)]


SPIKE_WINDOW = 51
SPIKE_MADS = 6.0
SPIKE_MIN_MAD = 0.01
"""The least spread assumed, in logs: a curve printed with few digits is flat for long and then steps by one digit."""

_CHUNK = 65536


def spikes(values: AnyArray) -> IntArray:
    """Indices of values that jump far above those around them, one for each run of such points: its highest.

    Positive curves are judged in logs, others as they are with the spread floor taken of their median size. Values
    that are not finite are skipped.

    Source: log L > median + 6 · MAD over a centred window of 51 finite values.
    """
    known = np.flatnonzero(np.isfinite(values))
    if len(known) < 3:
        return np.empty(0, np.int64)
    finite = np.asarray(values, np.float64)[known]
    positive = bool((finite > 0).all())
    curve = np.log(finite) if positive else finite
    floor = SPIKE_MIN_MAD if positive else SPIKE_MIN_MAD * float(np.median(np.abs(finite)))
    window = min(SPIKE_WINDOW, len(curve) - (len(curve) + 1) % 2)
    padded = np.pad(curve, window // 2, mode="reflect")
    above = np.empty(len(curve), bool)
    for start in range(0, len(curve), _CHUNK):
        stop = min(start + _CHUNK, len(curve))
        around = np.lib.stride_tricks.sliding_window_view(padded[start : stop + window - 1], window)
        median = np.median(around, axis=1)
        mad = np.median(np.abs(around - median[:, None]), axis=1)
        above[start:stop] = curve[start:stop] - median > SPIKE_MADS * np.maximum(mad, floor)
    edges = np.flatnonzero(np.diff(above, prepend=False, append=False))
    peaks = [start + int(np.argmax(curve[start:stop])) for start, stop in zip(edges[::2], edges[1::2], strict=True)]
    return known[np.array(peaks, np.int64)]

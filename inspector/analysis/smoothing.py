"""Smoothing of curves, and the spikes that smoothing would hide."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from inspector.core.arrays import AnyArray, FloatArray, IntArray
from inspector.core.pulse import QUIET, Pulse

_BLOCK = 32
_CHUNK = 65_536
"""Points smoothed at a time: they stay in the processor's cache, and a beat comes between."""

_VANISHING = 1e-200


def smoothed(values: AnyArray, decay: float, pulse: Pulse = QUIET) -> FloatArray:
    """Exponential moving average without the pull of its start, (points,) float64.

    A value that is not finite is skipped: NaN there, and the average goes on after it.

    Args:
        values: (points,).
        decay: weight of what came before, 0 (the curve itself) up to, but not including, 1.
        pulse: is beaten between parts of a long curve.

    Raises:
        ValueError: `decay` is outside 0..1.
        WorkCancelled: the pulse was cancelled.

    Source: ema / (1 - decayᵗ), t counting the finite values, as TensorBoard smooths.
    """
    if not 0.0 <= decay < 1.0:
        message = f"a decay from 0 to below 1 is needed, this is {decay:g}"
        raise ValueError(message)
    return over_finite(values, lambda known: _averaged(known, decay, pulse))


def over_finite(values: AnyArray, smooth: Callable[[FloatArray], FloatArray]) -> FloatArray:
    """A smoothing of the finite values alone, as if they stood side by side.

    Args:
        values: (points,) any real dtype.
        smooth: of (finite points,) float64, as many of them.

    Returns:
        (points,) float64; NaN where a value is not finite.
    """
    known = np.asarray(values, np.float64)
    finite = np.isfinite(known)
    if finite.all():
        return smooth(known)
    result = np.full(len(known), np.nan)
    result[finite] = smooth(known[finite])
    return result


def span_points(amount: float) -> int:
    """How many points an average of this decay looks at: odd, 1 for none.

    Source: the span of an exponential average, (1 + decay) / (1 - decay).
    """
    return 2 * math.floor(amount / (1.0 - amount) + 0.5 + 1e-9) + 1


def _averaged(values: FloatArray, decay: float, pulse: Pulse) -> FloatArray:
    if decay == 0.0:
        return values.copy()
    result = np.empty(len(values))
    carried = 0.0
    powers = _powers(decay, np.arange(1, min(_CHUNK, len(values)) + 1))
    for start in range(0, len(values), _CHUNK):
        pulse.beat(start, len(values), "smoothing")
        part = values[start : start + _CHUNK]
        sums = _decayed_sums(part, decay)
        if carried:
            sums += carried * powers[: len(part)]
        carried = float(sums[-1])
        np.multiply(sums, 1.0 - decay, out=result[start : start + _CHUNK])
    # Beyond these points the missing weight is less than a float can show.
    short = min(len(values), math.ceil(-38.0 / math.log(decay)))
    result[:short] /= -np.expm1(np.arange(1, short + 1) * math.log(decay))
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
    whole = -(-len(values) // _BLOCK) * _BLOCK
    padded = values if len(values) == whole else np.concatenate([values, np.zeros(whole - len(values))])
    lag = np.arange(_BLOCK) - np.arange(_BLOCK)[:, None]
    kernel = np.where(lag >= 0, _powers(decay, np.maximum(lag, 0)), 0.0)
    local = padded.reshape(-1, _BLOCK) @ kernel
    carried = _decayed_sums(local[:, -1], decay**_BLOCK)
    local[1:] += carried[:-1, None] * _powers(decay, np.arange(1, _BLOCK + 1))
    return local.ravel()[: len(values)]


def _powers(decay: float, exponents: IntArray) -> FloatArray:
    """Powers of the decay, 0 where they vanish: a product with such a number takes a hundred times as long."""
    powers = decay**exponents
    return np.where(powers > _VANISHING, powers, 0.0)


SPIKE_WINDOW = 51
SPIKE_MADS = 6.0
SPIKE_MIN_MAD = 0.01
"""The least spread assumed, in logs: a curve printed with few digits is flat for long and then steps by one digit."""


def spikes(values: AnyArray) -> IntArray:
    """Indices of values that jump far above those around them, one for each run of such points: its highest.

    Positive curves are judged in logs, others as they are with the spread floor taken of their median size.

    Args:
        values: (points,) any real dtype; those that are not finite are skipped.

    Returns:
        (spikes,) int64 ascending.

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

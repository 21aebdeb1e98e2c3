"""A short stand-in for all responses of a channel, from which it can be told which channels go together.

Each response gets a random sign and is added to one of a few hundred numbers. The products of two such stand-ins are,
on average, those of the responses; equal channels have equal ones. A layer of any size costs SKETCH_LENGTH numbers a
channel.

Source: Charikar, Chen and Farach-Colton 2002, the count sketch; inner products as Pham and Pagh 2013 use them.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from inspector.analysis.ratio import ratio
from inspector.core.arrays import AnyArray, FloatArray, IntArray
from inspector.core.pulse import QUIET, Pulse

SKETCH_LENGTH = 256
"""Numbers a channel.

A correlation is then right to (1 - r²) / 16: 0.06 for channels that have nothing in common, next to nothing at 0.99.
"""

LEAST_VALUES = 16
"""Responses below which two channels go together by chance."""

_BLOCK_CHANNELS = 256


def sketch_of(rows: AnyArray) -> FloatArray:
    """Stand-ins of channels, (SKETCH_LENGTH, channels) float64.

    Args:
        rows: (channels, responses) float, 0 where a response does not count.
    """
    channels, responses = rows.shape
    whole = responses // SKETCH_LENGTH * SKETCH_LENGTH
    signs = _signs(responses).astype(rows.dtype)
    parts = rows[:, :whole].reshape(channels, responses // SKETCH_LENGTH, SKETCH_LENGTH)
    sums = np.einsum("cbw,bw->cw", parts, signs[:whole].reshape(responses // SKETCH_LENGTH, SKETCH_LENGTH))
    sums[:, : responses - whole] += rows[:, whole:] * signs[whole:]
    turned: FloatArray = np.ascontiguousarray(sums.T, np.float64)
    return turned


def added_sketch(first: FloatArray, second: FloatArray, seen: int) -> FloatArray:
    """The stand-ins of two batches as one.

    Args:
        first: (SKETCH_LENGTH, channels), or (SKETCH_LENGTH,) of a channel that is always 1.
        second: as `first`, turned by signs of its own, since both batches were sketched alike.
        seen: samples of the first batch, which choose the signs.
    """
    turns = _turns(seen)
    return first + (turns[:, None] if second.ndim > 1 else turns) * second


@lru_cache(maxsize=8)
def _signs(responses: int) -> AnyArray:
    signs: AnyArray = np.random.default_rng(1).integers(0, 2, responses, np.int8) * 2 - 1
    return signs


def _turns(seen: int) -> FloatArray:
    return np.random.default_rng((2, seen)).choice(np.array([-1.0, 1.0]), SKETCH_LENGTH)


def nearest_channels(
    sketch: FloatArray, of_ones: FloatArray, mean: FloatArray, pulse: Pulse = QUIET
) -> tuple[IntArray, FloatArray]:
    """The channel that goes together most with each, and their correlation.

    Args:
        sketch: (SKETCH_LENGTH, channels).
        of_ones: (SKETCH_LENGTH,) of a channel that is always 1.
        mean: (channels,) response; a channel with NaN goes together with none.
        pulse: beats a few times; four thousand channels take a third of a second.

    Returns:
        (channels,) int64; (channels,) float64 estimated correlation in -1..1, NaN for a channel that does not vary.

    Raises:
        WorkCancelled: the pulse says so.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        centred = sketch - of_ones[:, None] * np.nan_to_num(mean)
        lengths = np.linalg.norm(centred, axis=0)
        varies = np.isfinite(mean) & np.isfinite(lengths) & (lengths > 1e-6 * np.linalg.norm(sketch, axis=0))
    unit = np.nan_to_num(ratio(centred, np.where(varies, lengths, 0.0))).astype(np.float32)
    channels = unit.shape[1]
    others, best = np.zeros(channels, np.int64), np.full(channels, np.nan)
    for start in range(0, channels, _BLOCK_CHANNELS):
        pulse.beat(start, channels, "comparing channels")
        stop = min(start + _BLOCK_CHANNELS, channels)
        products = unit[:, start:stop].T @ unit
        products[np.arange(stop - start), np.arange(start, stop)] = -np.inf
        products[:, ~varies] = -np.inf
        others[start:stop] = products.argmax(axis=1)
        best[start:stop] = products.max(axis=1)
    known = varies & np.isfinite(best)
    return others, np.where(known, np.clip(best, -1.0, 1.0), np.nan)

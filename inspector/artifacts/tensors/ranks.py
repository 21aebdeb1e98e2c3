"""Percentiles of numbers that come in blocks, exact and in constant memory.

Numbers are taken as unsigned integers of the same order, and counted digit by digit of 16 bits: each pass counts only
what shares its leading digits with a number that is sought. float32 takes two passes, float64 four.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np

from inspector.artifacts.tensors.tensor_statistics import PERCENTS
from inspector.core.arrays import AnyArray, FloatArray, IntArray

_DIGIT_BITS = 16
_DIGITS = 1 << _DIGIT_BITS


def percentiles_of(blocks: Callable[[], Iterable[AnyArray]], finite: int) -> FloatArray:
    """(7,) float64 at PERCENTS, between two numbers as numpy's `percentile`; NaN where there are none.

    Args:
        blocks: gives, for each pass anew, (count,) arrays, all float32 or all float64; what is not finite is left out.
        finite: how many finite numbers there are in them.
    """
    if not finite:
        return np.full(len(PERCENTS), math.nan)
    places = [percent / 100 * (finite - 1) for percent in PERCENTS]
    ranks = {rank for place in places for rank in (math.floor(place), math.ceil(place))}
    found = _numbers_at(blocks, ranks)
    return np.array([_between(found[math.floor(place)], found[math.ceil(place)], place) for place in places])


def percentiles_of_sorted(values: FloatArray, counts: IntArray) -> FloatArray:
    """As `percentiles_of`, of (values,) float64, finite and ascending, that occur so many times, (values,) int64."""
    if not values.size:
        return np.full(len(PERCENTS), math.nan)
    last = np.cumsum(counts)  # ranks below this one are of this value or lower ones
    places = [percent / 100 * (int(last[-1]) - 1) for percent in PERCENTS]

    def at(rank: int) -> float:
        return float(values[np.searchsorted(last, rank, "right")])

    return np.array([_between(at(math.floor(place)), at(math.ceil(place)), place) for place in places])


def _between(below: float, above: float, place: float) -> float:
    """The number at a place between two ranks; without their difference, which can overflow."""
    part = place - math.floor(place)
    return below if below == above else below * (1 - part) + above * part


def _numbers_at(blocks: Callable[[], Iterable[AnyArray]], ranks: set[int]) -> dict[int, float]:
    """The number at each rank, counted from 0 in ascending order."""
    # leading digits -> the ranks that have them, each with how many lower numbers share those digits
    sought: dict[int, dict[int, int]] = {0: {rank: rank for rank in ranks}}
    bits = 0
    while True:
        counts = {leading: np.zeros(_DIGITS, np.int64) for leading in sought}
        width = dtype = None
        for block in blocks():
            keys = _keys(block[np.isfinite(block)])
            width, dtype = keys.dtype.itemsize * 8, block.dtype
            leading_of = keys >> keys.dtype.type(width - bits) if bits else keys
            for leading in counts:
                mine = keys[leading_of == leading] if bits else keys
                if mine.size:
                    digits = (mine >> keys.dtype.type(width - bits - _DIGIT_BITS)) & keys.dtype.type(_DIGITS - 1)
                    counts[leading] += np.bincount(digits.astype(np.intp), minlength=_DIGITS)
        assert width is not None
        assert dtype is not None
        narrowed: dict[int, dict[int, int]] = {}
        for leading, wanted in sought.items():
            up_to = np.cumsum(counts[leading])
            for rank, within in wanted.items():
                digit = int(np.searchsorted(up_to, within, "right"))
                lower = int(up_to[digit - 1]) if digit else 0
                narrowed.setdefault(leading << _DIGIT_BITS | digit, {})[rank] = within - lower
        sought = narrowed
        bits += _DIGIT_BITS
        if bits == width:
            return {rank: _number(key, dtype) for key, wanted in sought.items() for rank in wanted}


def _keys(numbers: AnyArray) -> AnyArray:
    """Unsigned integers in the order of the numbers: the bits, with all turned round of negative ones."""
    size = numbers.dtype.itemsize
    bits = np.ascontiguousarray(numbers).view(f"i{size}")
    mask = bits >> (size * 8 - 1)
    mask |= np.iinfo(bits.dtype).min
    mask ^= bits
    return mask.view(f"u{size}")


def _number(key: int, dtype: np.dtype[np.generic]) -> float:
    """The number whose key this is."""
    top = 1 << (dtype.itemsize * 8 - 1)
    bits = key ^ top if key & top else key ^ (2 * top - 1)
    return float(np.array(bits, f"u{dtype.itemsize}").view(dtype))

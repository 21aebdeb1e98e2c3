"""Whether two logs hold one curve, each as exactly as its logger writes numbers."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np

from inspector.core.arrays import FloatArray
from inspector.formats.series import Series

_SAMPLED = 256
_DIGITS_OF_FLOAT64 = 15
_FLOAT32 = 2.0**-23
"""Event files keep float32: rounding to it costs half of this, relative to the value."""

_ROUNDED_TWICE = 1.1
"""A number that was printed with one digit more, and rounded again, is off by a tenth of the half unit more."""

_SHARED = 0.5
_COMPARED = 20_000
"""Points at most, taken evenly: two logs of one run that agree in so many are one curve."""


def is_same_curve(full: Series, other: Series) -> bool:
    """Whether another log repeats the points of a fuller one.

    It does where the two have at least half of the other's steps in common and the same value at each of these, as
    far as the digits that either prints can tell. Of a step that was logged again the last value counts. Where
    neither has steps, they are compared point by point.
    """
    if full.stepless != other.stepless or not len(other.values) or not len(full.values):
        return False
    if np.array_equal(full.steps, other.steps):
        return _is_equal(full.values, other.values)
    if full.stepless:
        return False
    steps, values = _last_logged(full)
    other_steps, other_values = _last_logged(other)
    stride = -(-len(other_steps) // _COMPARED)
    other_steps, other_values = other_steps[::stride], other_values[::stride]
    places = np.minimum(np.searchsorted(steps, other_steps), len(steps) - 1)
    shared = steps[places] == other_steps
    if not shared.any() or np.count_nonzero(shared) < _SHARED * len(other_steps):
        return False
    return _is_equal(values[places[shared]], other_values[shared])


def _last_logged(series: Series) -> tuple[FloatArray, FloatArray]:
    """Each step once, and the last value logged at it."""
    if (np.diff(series.steps) > 0).all():
        return series.steps, series.values
    steps, from_the_end = np.unique(series.steps[::-1], return_index=True)
    return steps, series.values[::-1][from_the_end]


def _is_equal(one: FloatArray, other: FloatArray) -> bool:
    finite = np.isfinite(one) & np.isfinite(other)
    if not np.array_equal(one[~finite], other[~finite], equal_nan=True):
        return False
    one, other = one[finite], other[finite]
    size = np.maximum(np.abs(one), np.abs(other))
    slack = np.maximum(_half_unit(one, size), _half_unit(other, size)) * _ROUNDED_TWICE + _FLOAT32 * size
    return bool((np.abs(one - other) <= slack).all())


def _half_unit(values: FloatArray, size: FloatArray) -> FloatArray:
    """Half of the last digit that is printed of each value, by the digits that a sample of them needs.

    Args:
        values: (points,) float64, finite.
        size: (points,) float64, their magnitude.
    """
    sample = values[:: max(1, len(values) // _SAMPLED)]
    written = [Decimal(repr(float(value))).normalize().as_tuple() for value in sample if value]
    if not written:
        return np.zeros(len(values))
    digits = max(len(number.digits) for number in written)
    if digits > _DIGITS_OF_FLOAT64:
        return np.zeros(len(values))
    decimals = max(0, *(-int(number.exponent) for number in written))
    with np.errstate(divide="ignore"):
        leading = np.where(size > 0, np.floor(np.log10(size)), -math.inf)
    half: FloatArray = 0.5 * np.maximum(10.0**-decimals, 10.0 ** (leading - digits + 1))
    return half

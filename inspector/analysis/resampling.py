"""Maps brought to another size: soft masks before their winners are taken, pictures before they are drawn."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from inspector.core.arrays import AnyArray, IntArray

_Planes: TypeAlias = npt.NDArray[np.float32]

_LARGEST_PRODUCT = 256
"""Cells of a row up to which a matrix product is faster than picking cells one by one."""


class Between(NamedTuple):
    """Where the cells of a resampled row lie among those of the row: `share` of the way from `lower` to `upper`."""

    lower: IntArray
    upper: IntArray
    share: _Planes


@lru_cache(maxsize=64)
def between(known: int, length: int) -> Between:
    """How `length` cells are made of `known` ones, at least 1; the arrays are shared, and not to be changed."""
    places = np.clip((np.arange(length) + 0.5) * (known / length) - 0.5, 0, known - 1)
    lower = places.astype(np.int64)
    found = Between(lower, np.minimum(lower + 1, known - 1), (places - lower).astype(np.float32))
    for array in found:
        array.flags.writeable = False
    return found


def resized(planes: AnyArray, height: int, width: int) -> _Planes:
    """Planes resampled bilinearly, pixel centres at halves; a shrink averages nothing.

    Args:
        planes: (..., rows, columns), any real dtype, at least one row and column.
        height: rows of the result.
        width: columns of the result.

    Returns:
        (..., height, width) float32; NaN spreads to its neighbours.

    Source: the sampling of `torch.nn.functional.interpolate(mode="bilinear", align_corners=False)`.
    """
    values = np.asarray(planes, np.float32)
    rows, columns = values.shape[-2:]
    if (rows, columns) == (height, width):
        return values
    if not np.isfinite(values).all():
        return _guarded(_guarded(values, height, -2), width, -1)
    if height < rows:
        return _across(_down(values, height), width)
    return _down(_across(values, width), height)


def _across(values: _Planes, width: int) -> _Planes:
    """Finite planes with `width` columns."""
    columns = values.shape[-1]
    if columns == width:
        return values
    if columns <= min(width, _LARGEST_PRODUCT):
        wide: _Planes = (values.reshape(-1, columns) @ _mixture(columns, width)).reshape(*values.shape[:-1], width)
        return wide
    lower, upper, share = between(columns, width)
    return _mixed(np.take(values, lower, -1), np.take(values, upper, -1), share)


def _down(values: _Planes, height: int) -> _Planes:
    """Finite planes with `height` rows; one at a time, which stays in the processor's cache."""
    rows, columns = values.shape[-2:]
    if rows == height:
        return values
    lower, upper, share = between(rows, height)
    tall = np.empty((*values.shape[:-2], height, columns), np.float32)
    below = np.empty((height, columns), np.float32)
    for plane, into in zip(values.reshape(-1, rows, columns), tall.reshape(-1, height, columns), strict=True):
        np.take(plane, lower, 0, out=below, mode="clip")
        np.take(plane, upper, 0, out=into, mode="clip")
        _mixed(below, into, share[:, None])
    return tall


def _mixed(below: _Planes, above: _Planes, share: npt.NDArray[np.floating[Any]]) -> _Planes:
    """What lies between two arrays, in the place of the second."""
    above -= below
    above *= share
    above += below
    return above


@lru_cache(maxsize=16)
def _mixture(known: int, length: int) -> _Planes:
    """(known, length): what each cell of a row adds to each of the resampled row."""
    lower, upper, share = between(known, length)
    matrix = np.zeros((known, length), np.float32)
    places = np.arange(length)
    np.add.at(matrix, (lower, places), 1 - share)
    np.add.at(matrix, (upper, places), share)
    return matrix


def _guarded(values: _Planes, length: int, axis: int) -> _Planes:
    """Planes that are not all finite: an infinity beside a share of 0 must not become NaN."""
    lower, upper, share = between(values.shape[axis], length)
    shares = share[:, None] if axis == -2 else share
    below, above = np.take(values, lower, axis), np.take(values, upper, axis)
    with np.errstate(invalid="ignore"):
        mixed: _Planes = np.where(shares == 0, below, below + (above - below) * shares)
    return mixed

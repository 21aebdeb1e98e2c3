"""Maps brought to another size: soft masks before their winners are taken, pictures before they are drawn."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from inspector.core.arrays import AnyArray, IntArray

_Planes: TypeAlias = npt.NDArray[np.float32]

_BLOCK = 32
"""Cells of a resampled row that are mixed by one matrix product."""


class Between(NamedTuple):
    """Where the cells of a resampled row lie among those of the row: `share` of the way from `lower` to `upper`.

    Each (cells,) of the resampled row: int64 indices of the row, and float32 in 0..1.
    """

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
    if values.shape[-1] == width:
        return values
    # Plane by plane, not all rows at once: equal planes must stay equal to the last bit, so that their ties hold.
    wide = np.empty((*values.shape[:-1], width), np.float32)
    for block in _blocks(values.shape[-1], width):
        np.matmul(values[..., block.of], block.mixture.T, out=wide[..., block.at])
    return wide


def _down(values: _Planes, height: int) -> _Planes:
    """Finite planes with `height` rows."""
    if values.shape[-2] == height:
        return values
    tall = np.empty((*values.shape[:-2], height, values.shape[-1]), np.float32)
    for block in _blocks(values.shape[-2], height):
        np.matmul(block.mixture, values[..., block.of, :], out=tall[..., block.at, :])
    return tall


class _Block(NamedTuple):
    """The cells `at` of a resampled row as mixtures of the cells `of` the row, (at, of)."""

    at: slice
    of: slice
    mixture: _Planes


@lru_cache(maxsize=64)
def _blocks(known: int, length: int) -> tuple[_Block, ...]:
    """How a row is resampled by matrix products, each of few cells: a cell is made of two of them."""
    found = []
    for start in range(0, length, _BLOCK):
        lower, upper, share = (array[start : start + _BLOCK] for array in between(known, length))
        mixture = np.zeros((len(lower), int(upper[-1] - lower[0]) + 1), np.float32)
        places = np.arange(len(lower))
        mixture[places, upper - lower[0]] = share
        mixture[places, lower - lower[0]] += 1 - share
        found.append(_Block(slice(start, start + len(lower)), slice(int(lower[0]), int(upper[-1]) + 1), mixture))
    return tuple(found)


def _guarded(values: _Planes, length: int, axis: int) -> _Planes:
    """Planes that are not all finite: an infinity beside a share of 0 must not become NaN."""
    lower, upper, share = between(values.shape[axis], length)
    shares = share[:, None] if axis == -2 else share
    below, above = np.take(values, lower, axis), np.take(values, upper, axis)
    with np.errstate(invalid="ignore"):
        mixed: _Planes = np.where(shares == 0, below, below + (above - below) * shares)
    return mixed

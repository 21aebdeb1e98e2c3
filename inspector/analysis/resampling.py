"""Maps brought to another size: soft masks before their winners are taken, pictures before they are drawn."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from inspector.core.arrays import AnyArray

_Planes: TypeAlias = npt.NDArray[np.float32]


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
    if values.shape[-2:] == (height, width):
        return values
    return _along(_along(values, height, -2), width, -1)


def _along(values: _Planes, length: int, axis: int) -> _Planes:
    known = values.shape[axis]
    if known == length:
        return values
    places = np.clip((np.arange(length) + 0.5) * (known / length) - 0.5, 0, known - 1)
    lower = places.astype(np.int64)
    upper = np.minimum(lower + 1, known - 1)
    shape = [1] * values.ndim
    shape[axis] = length
    share = (places - lower).astype(np.float32).reshape(shape)
    below: _Planes = np.take(values, lower, axis)
    between: _Planes = np.take(values, upper, axis)
    if np.isfinite(values).all():
        between -= below
        between *= share
        between += below
        return between
    # An infinity beside a share of 0 must not become NaN.
    with np.errstate(invalid="ignore"):
        guarded: _Planes = np.where(share == 0, below, below + (between - below) * share)
    return guarded

"""Array shapes with a name, the check that an array has one, and where lists of several lengths begin in one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
"""float64 of any shape; NaN means undefined."""

IntArray: TypeAlias = npt.NDArray[np.int64]
"""int64 of any shape."""

AnyArray: TypeAlias = npt.NDArray[Any]
"""Any dtype, any shape; the docstring says which."""

Rgba: TypeAlias = npt.NDArray[np.uint8]
"""(height, width, 4) uint8, straight alpha, red first."""

LabelMap: TypeAlias = npt.NDArray[np.int64]
"""(height, width) int64; negative where undefined."""

SlotMasks: TypeAlias = npt.NDArray[np.floating[Any]]
"""(slots, height, width) floating, each pixel summing to 1 over slots."""


class ShapeError(ValueError):
    """An array whose number of axes or lengths is not what the function takes."""


def starts_of(counts: AnyArray | Sequence[int]) -> IntArray:
    """Where each of some lists begins once they lie one after the other, and where the last ends, (lists + 1,) int64.

    Args:
        counts: (lists,) how long each is.
    """
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def check_axes(array: AnyArray, axes: str, name: str) -> None:
    """Raise unless `array` has one axis for each letter of `axes`.

    Raises:
        ShapeError: it has more or fewer.
    """
    if array.ndim != len(axes):
        message = f"{name} needs {len(axes)} axes ({axes}), this has {array.ndim}"
        raise ShapeError(message)

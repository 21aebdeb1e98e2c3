"""How many zeros an activation function leaves by itself: what the sparsity of a layer is compared with."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache, partial

import numpy as np

from inspector.analysis.normal_share import share_below_zero
from inspector.core.arrays import AnyArray, FloatArray


def _normal_below(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


def _sigmoid(x: FloatArray) -> FloatArray:
    logs: FloatArray = -np.logaddexp(0.0, -x)
    return np.exp(logs)


def _gelu(x: FloatArray) -> FloatArray:
    below: FloatArray = np.array([_normal_below(float(item)) for item in x])
    return x * below


def _leaky(x: FloatArray, slope: float) -> FloatArray:
    return np.where(x > 0, x, slope * x)


def _elu(x: FloatArray) -> FloatArray:
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0.0)))


_ACTIVATIONS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "relu": lambda x: np.maximum(x, 0.0),
    "gelu": _gelu,
    "silu": lambda x: x * _sigmoid(x),
    "swish": lambda x: x * _sigmoid(x),
    "elu": _elu,
    "tanh": np.tanh,
    "sigmoid": _sigmoid,
    "identity": lambda x: x,
}


NEAR_ZERO = 1e-2
"""|a| below this counts as zero after an activation that has no exact one. Source: rule S4.01."""

_EXACT = frozenset(("", "relu", "relu6"))
"""Activations whose silence is exactly 0; so also where none is known."""


def zero_epsilon(activation: str) -> float:
    """What counts as zero in the sparsity of a layer: 0 after a ReLU, so that a == 0 does; else |a| below NEAR_ZERO.

    Args:
        activation: the module's name in any spelling.
    """
    return 0.0 if activation.lower().replace("_", "") in _EXACT else NEAR_ZERO


_FARTHEST = 64.0
"""Inputs beyond this give what the one at it gives; 0, where the narrow bands lie, is on the grid between."""


@lru_cache(maxsize=64)
def near_zero_bands(activation: str, epsilon: float, slope: float = 0.01) -> tuple[tuple[float, float], ...] | None:
    """Inputs that an activation turns into near-zero outputs, as (from, to); None for an unknown activation.

    Args:
        activation: the module's name in any spelling (`LeakyReLU`, `leaky_relu`).
        epsilon: |a| below it counts; at 0, a == 0 does.
        slope: of a leaky ReLU below 0.
    """
    name = activation.lower().replace("_", "")
    function = partial(_leaky, slope=slope) if name == "leakyrelu" else _ACTIVATIONS.get(name)
    if function is None:
        return None

    def near(x: FloatArray) -> AnyArray:
        # A file may state any slope.
        with np.errstate(invalid="ignore", over="ignore"):
            return np.abs(function(x)) <= epsilon

    grid = np.linspace(-_FARTHEST, _FARTHEST, 16_385)
    inside = near(grid)
    crossings = np.flatnonzero(inside[1:] != inside[:-1])
    left, right = grid[crossings], grid[crossings + 1]
    starts_inside = inside[crossings]
    for _ in range(80):
        middle = (left + right) / 2
        same = near(middle) == starts_inside
        left, right = np.where(same, middle, left), np.where(same, right, middle)
    edges = [-math.inf] * bool(inside[0]) + right.tolist() + [math.inf] * bool(inside[-1])
    return tuple(zip(edges[::2], edges[1::2], strict=True))


def null_sparsity(
    activation: str, epsilon: float, *, slope: float = 0.01, shift: float = 0.0, scale: float = 1.0
) -> float:
    """Share of near-zero outputs that an activation gives on normal inputs: what a layer's sparsity is compared with.

    NaN for an unknown activation. `ReLU` gives 0.5 having learnt nothing, and `LeakyReLU(0.01)` 0.35 at 0.01.

    Args:
        activation: the module's name in any spelling (`LeakyReLU`, `leaky_relu`).
        epsilon: |a| below it counts; at 0, a == 0 does.
        slope: of a leaky ReLU below 0.
        shift: mean of the inputs, as a batch norm's bias sets it.
        scale: standard deviation of the inputs, as a batch norm's weight sets it.
    """
    return float(null_sparsities(activation, epsilon, np.asarray(shift), np.asarray(scale), slope=slope))


def null_sparsities(
    activation: str, epsilon: float, shifts: AnyArray, scales: AnyArray, *, slope: float = 0.01
) -> FloatArray:
    """`null_sparsity` of many channels, float64 shaped as they are; NaN where the scale is not above 0.

    Args:
        activation: as for `null_sparsity`; epsilon and slope too.
        epsilon: |a| below it counts.
        shifts: (channels,) biases of a batch norm.
        scales: (channels,) absolute weights of it.
        slope: of a leaky ReLU below 0.
    """
    bands = near_zero_bands(activation, epsilon, slope)
    means, spreads = np.broadcast_arrays(np.asarray(shifts, np.float64), np.asarray(scales, np.float64))
    with np.errstate(invalid="ignore"):
        known = np.isfinite(means) & np.isfinite(spreads) & (spreads > 0)
    share = np.where(known, 0.0 if bands is not None else np.nan, np.nan)
    for low, high in bands or ():
        for edge, sign in ((high, 1.0), (low, -1.0)):
            if edge == math.inf:
                share = share + 1.0
            elif edge != -math.inf:
                share = share + sign * share_below_zero(means - edge, np.where(known, spreads, np.nan))
    return share

"""Output units of a weight beside each other: which say the same."""

from __future__ import annotations

import math

import numpy as np

from inspector.artifacts.tensors.elements import load
from inspector.artifacts.tensors.windows import TensorWindow
from inspector.core.arrays import AnyArray, FloatArray
from inspector.core.errors import LimitError
from inspector.core.pulse import QUIET, Pulse

MAX_OUTPUTS = 65_536
MAX_GROUPS = 64
MAX_GROUP = 64
_NEIGHBOURS = 4
_COMPARED_BYTES = 64_000_000
_SLICE_BYTES = 1 << 23


def duplicate_outputs(
    window: TensorWindow, pulse: Pulse = QUIET, *, tolerance: float = 1e-6
) -> tuple[tuple[int, ...], ...]:
    """Groups of outputs (first axis) that are equal; those that are all zero, or not finite, are left out.

    Each output is put in order by its product with one fixed random vector, in which equal ones are neighbours; those
    are then compared element by element. Outputs that differ by less than the tolerance may be missed where others
    stand between them, never the other way round.

    Args:
        window: a weight with at least two axes; a vector has no groups.
        pulse: of this work.
        tolerance: of the distance of two outputs, relative to their norm.

    Returns:
        At most 64 groups of at most 64 indices, each ascending, in the order of their first.

    Raises:
        LimitError: more than 65,536 outputs, or one larger than 64 MB.
        FileError: as `tensors.load`.
    """
    if len(window.shape) < 2 or window.shape[0] < 2 or 0 in window.shape:
        return ()
    outputs, each = window.shape[0], math.prod(window.shape[1:])
    if outputs > MAX_OUTPUTS or each * 8 > _COMPARED_BYTES:
        raise LimitError(
            window.path, f"at most {MAX_OUTPUTS:,} outputs of {_COMPARED_BYTES:,} bytes", f"{outputs:,} of {each * 8:,}"
        )
    products, norms = _products(window, each, pulse)
    usable = np.flatnonzero(np.isfinite(norms) & (norms > 0))
    order = usable[np.argsort(products[usable], kind="stable")]
    group_of: dict[int, list[int]] = {}
    for place, first in enumerate(order.tolist()):
        pulse.beat(place, order.size, "comparing outputs")
        row: AnyArray | None = None
        for second in order[place + 1 : place + 1 + _NEIGHBOURS].tolist():
            reach = tolerance * norms[first]
            if products[second] - products[first] > reach:
                break
            if second in group_of or abs(norms[second] - norms[first]) > reach:
                continue
            row = _row(window, first, pulse) if row is None else row
            if np.linalg.norm(_row(window, second, pulse) - row) > reach:
                continue
            group = group_of.setdefault(first, [first])
            group.append(second)
            group_of[second] = group
        if len({id(group) for group in group_of.values()}) > MAX_GROUPS:
            break
    groups = {id(group): sorted(group)[:MAX_GROUP] for group in group_of.values()}
    return tuple(tuple(group) for group in sorted(groups.values())[:MAX_GROUPS])


def _products(window: TensorWindow, each: int, pulse: Pulse) -> tuple[FloatArray, FloatArray]:
    """(outputs,) float64 each: the product with a random vector of length 1, and the norm."""
    vector = np.random.default_rng(0).standard_normal(each)
    vector /= np.linalg.norm(vector)
    products, norms = np.zeros(window.shape[0]), np.zeros(window.shape[0])
    step = max(1, _SLICE_BYTES // (8 * each))
    for first in range(0, window.shape[0], step):
        rows = _wide(load(window, (slice(first, first + step),), pulse)).reshape(-1, each)
        with np.errstate(invalid="ignore", over="ignore"):
            products[first : first + step] = rows @ vector
            norms[first : first + step] = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    return products, norms


def _row(window: TensorWindow, output: int, pulse: Pulse) -> FloatArray:
    return _wide(load(window, (output,), pulse)).reshape(-1)


def _wide(array: AnyArray) -> FloatArray:
    """As float64; of complex numbers real and imaginary parts beside each other."""
    if array.dtype.kind == "c":
        array = np.stack((array.real, array.imag), axis=-1)
    with np.errstate(invalid="ignore"):
        wide: FloatArray = array.astype(np.float64)
    return wide

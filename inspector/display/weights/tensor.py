"""One tensor: statistics as text, its histogram, and pictures of its kernels."""

from __future__ import annotations

import math

import numpy as np

from inspector.core.arrays import AnyArray, FloatArray, IntArray, Rgba
from inspector.core.units import bytes_text, number_text, percent_text
from inspector.display.colour_maps import apply_map, symmetric_range
from inspector.display.rasters import nearest
from inspector.display.weights.scene import TensorScene
from inspector.display.weights.tree import shape_text
from inspector.formats.facts import TensorFacts

MAX_KERNELS = 64
MAX_KERNEL_SIDE = 32
"""A larger kernel is no pattern of a convolution but a picture of its own."""

MAX_MATRIX_SIDE = 256
# Below this share zeros are chance and not worth a colour.
_ZERO_SHARE = 0.01

_NO_KERNELS: AnyArray = np.zeros((0, 0, 0, 4), np.uint8)


def tensor_scene(
    tensor: TensorFacts,
    *,
    count: int,
    zeros: int,
    not_finite: int,
    moments: tuple[float, float, float, float],
    ends: tuple[float, float],
    histogram: IntArray | None,
    elements: AnyArray | None,
) -> TensorScene:
    """The scene of a tensor whose elements were read.

    Args:
        tensor: its facts.
        count: of its elements.
        zeros: how many are 0.
        not_finite: how many are NaN or infinite.
        moments: least, greatest, mean and standard deviation of the finite ones.
        ends: of the histogram.
        histogram: (bins,) int64, None where there is none.
        elements: the tensor itself, for pictures; None where it is too large.
    """
    least, greatest, mean, std = moments
    heights = np.zeros(0, np.int64) if histogram is None else np.asarray(histogram, np.int64)
    drawn = heights.size > 0 and all(math.isfinite(end) for end in ends)
    edges: FloatArray = np.linspace(ends[0], ends[1], heights.size + 1) if drawn else np.zeros(0)
    lines = [
        ("min", number_text(least)),
        ("max", number_text(greatest)),
        ("mean", number_text(mean)),
        ("std", number_text(std)),
        ("zero", percent_text(zeros / count) if count else "none"),
        ("not finite", f"{not_finite:,}"),
    ]
    kernels, names, reach = kernel_pictures(np.zeros(0) if elements is None else elements)
    empty = [] if elements is None else empty_outputs(elements)
    if empty:
        shown = ", ".join(str(output) for output in empty[:6]) + (", …" if len(empty) > 6 else "")
        lines.append(("outputs all zero", f"{len(empty)}: {shown}"))
    return TensorScene(
        name=tensor.name,
        facts=f"{shape_text(tensor)} · {bytes_text(tensor.bytes)}",
        lines=tuple(lines),
        heights=heights if drawn else heights[:0],
        edges=edges,
        zero_bin=_zero_bin(edges, zeros / count if count else 0.0),
        kernels=kernels,
        kernel_names=names,
        reach=reach,
    )


def unread_tensor(tensor: TensorFacts, problem: str) -> TensorScene:
    """The scene of a tensor whose elements cannot be read."""
    return TensorScene(
        name=tensor.name,
        facts=f"{shape_text(tensor)} · {bytes_text(tensor.bytes)}",
        problem=problem,
        heights=np.zeros(0, np.int64),
        edges=np.zeros(0),
        kernels=_NO_KERNELS,
        reach=math.nan,
    )


def _zero_bin(edges: FloatArray, share: float) -> int | None:
    if share < _ZERO_SHARE or edges.size < 2 or not edges[0] <= 0 <= edges[-1]:
        return None
    return min(int(np.searchsorted(edges, 0.0, "right")) - 1, edges.size - 2)


def empty_outputs(elements: AnyArray) -> list[int]:
    """The outputs (first axis) of a weight whose every element is 0; none for a vector."""
    if elements.ndim < 2 or not elements.size:
        return []
    filled = (elements.reshape(elements.shape[0], -1) != 0).any(axis=1)
    return [int(output) for output in np.flatnonzero(~filled)]


def kernel_pictures(elements: AnyArray) -> tuple[AnyArray, tuple[str, ...], float]:
    """Pictures of a weight on a diverging map centred on zero, all with the same reach.

    Args:
        elements: a weight of any shape and real dtype.

    Returns:
        (pictures, height, width, 4) uint8, their names, and the value at the map's ends. For a convolution (outputs,
        inputs, height, width) the strongest kernel of each output, evenly thinned to MAX_KERNELS outputs; for a
        matrix one picture of at most MAX_MATRIX_SIDE a side; otherwise nothing, and NaN.
    """
    if elements.ndim == 2 and min(elements.shape) > 1:
        height, width = (min(length, MAX_MATRIX_SIDE) for length in elements.shape)
        shown = nearest(elements, height, width).astype(np.float64)
        _, reach = symmetric_range(shown)
        return _coloured(shown[None], reach), ("outputs down, inputs across",), reach
    is_kernel = elements.ndim == 4 and 1 < max(elements.shape[2:]) <= MAX_KERNEL_SIDE and elements.size > 0
    if not is_kernel:
        return _NO_KERNELS, (), math.nan
    outputs = np.unique(np.linspace(0, elements.shape[0] - 1, MAX_KERNELS).astype(np.int64))
    chosen = elements[outputs].astype(np.float64)
    strength = np.nansum(np.abs(np.where(np.isfinite(chosen), chosen, 0.0)), axis=(2, 3))
    inputs = strength.argmax(axis=1)
    shown = chosen[np.arange(outputs.size), inputs]
    _, reach = symmetric_range(shown)
    names = tuple(f"output {out}, input {into}" for out, into in zip(outputs, inputs, strict=True))
    return _coloured(shown, reach), names, reach


def _coloured(shown: FloatArray, reach: float) -> Rgba:
    return apply_map(shown, -reach, reach, "diverging")

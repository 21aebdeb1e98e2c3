"""Pictures of a weight: kernels of a convolution, or a matrix as one map."""

from __future__ import annotations

import math

import msgspec
import numpy as np

from inspector.core.arrays import AnyArray, FloatArray, Rgba
from inspector.core.language import tr, tr_counted
from inspector.display.colour_maps import apply_map, symmetric_range
from inspector.display.rasters import nearest
from inspector.display.weights.tensor.scene import STRONGEST

MAX_KERNELS = 128
MAX_KERNEL_SIDE = 32
"""A larger kernel is no pattern of a convolution but a picture of its own."""

MAX_MATRIX_SIDE = 256

NO_PICTURES: Rgba = np.zeros((0, 0, 0, 4), np.uint8)


class Pictures(msgspec.Struct, frozen=True, kw_only=True):
    """Pictures on a diverging map centred on zero, all with the same reach.

    Attributes:
        rgba: (pictures, height, width, 4) uint8.
        names: one of each.
        said: which part of the tensor is shown, empty for all of it.
        inputs: of a convolution, 0 for what is none.
        reach: the value at the map's ends, NaN without pictures.
    """

    rgba: AnyArray
    names: tuple[str, ...] = ()
    said: str = ""
    inputs: int = 0
    reach: float = math.nan


def shown_rows(shape: tuple[int, ...]) -> slice:
    """Which rows of a large weight are enough for its pictures."""
    most = MAX_KERNELS if is_kernel(shape) else MAX_MATRIX_SIDE
    return slice(0, None, max(1, shape[0] // most))


def is_kernel(shape: tuple[int, ...]) -> bool:
    """Whether a weight is of a convolution over a plane or a volume, with more than one place a kernel."""
    return len(shape) in (4, 5) and 1 < max(shape[2:]) <= MAX_KERNEL_SIDE and math.prod(shape) > 0


def pictures_of(elements: AnyArray, wanted: int = STRONGEST, every: int = 1) -> Pictures:
    """The pictures of a weight.

    Args:
        elements: of any shape and real dtype; (outputs, inputs, height, width) is a convolution's, with a depth
            before height in three dimensions, of which each layer counts as an input.
        wanted: the input that is shown, or STRONGEST.
        every: which of the outputs the elements are (every third); 1 for all of them.
    """
    if is_kernel(elements.shape):
        return _kernels(elements.reshape(elements.shape[0], -1, *elements.shape[-2:]), wanted, every)
    if elements.ndim < 2 or not elements.size:
        return Pictures(rgba=NO_PICTURES)
    matrix = elements.reshape(elements.shape[0], -1)
    if min(matrix.shape) < 2:
        return Pictures(rgba=NO_PICTURES)
    height, width = (min(length, MAX_MATRIX_SIDE) for length in matrix.shape)
    shown = nearest(matrix, height, width).astype(np.float64)
    _, reach = symmetric_range(shown)
    said = _every(round(every * matrix.shape[0] / height), round(matrix.shape[1] / width))
    names = (tr("outputs down, inputs across"),)
    return Pictures(rgba=_coloured(shown[None], reach), names=names, said=said, reach=reach)


def _every(down: int, across: int) -> str:
    """`every 234th output, 39th input`; empty where all are shown."""
    if down > 1 and across > 1:
        text = tr("every {down} output, {across} input")
    elif down > 1:
        text = tr("every {down} output")
    else:
        text = tr("every {across} input") if across > 1 else ""
    return text.format(down=_ordinal(down), across=_ordinal(across))


def _ordinal(number: int) -> str:
    """`2nd`, `13th`."""
    last = number % 10 if number % 100 not in (11, 12, 13) else 0
    text = {1: tr("{number}st"), 2: tr("{number}nd"), 3: tr("{number}rd")}.get(last) or tr("{number}th")
    return text.format(number=number)


def _kernels(elements: AnyArray, wanted: int, every: int) -> Pictures:
    """The kernel of each output, evenly thinned to MAX_KERNELS outputs."""
    outputs = np.unique(np.linspace(0, elements.shape[0] - 1, MAX_KERNELS).astype(np.int64))
    chosen = elements[outputs].astype(np.float64)
    if 0 <= wanted < elements.shape[1]:
        inputs = np.full(outputs.size, wanted)
    else:
        inputs = np.where(np.isfinite(chosen), np.abs(chosen), 0.0).sum(axis=(2, 3)).argmax(axis=1)
    shown = chosen[np.arange(outputs.size), inputs]
    _, reach = symmetric_range(shown)
    name, total = tr("output {output}, input {input}"), elements.shape[0] * every
    said = tr("{shown} of {outputs}").format(shown=outputs.size, outputs=tr_counted(total, "output"))
    return Pictures(
        rgba=_coloured(shown, reach),
        names=tuple(name.format(output=out * every, input=into) for out, into in zip(outputs, inputs, strict=True)),
        said=said if outputs.size < total else "",
        inputs=elements.shape[1],
        reach=reach,
    )


def _coloured(shown: FloatArray, reach: float) -> Rgba:
    return apply_map(shown, -reach, reach, "diverging")

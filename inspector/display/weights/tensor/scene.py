"""The ask and the scene of one tensor."""

from __future__ import annotations

from typing import Literal

import msgspec

from inspector.core.arrays import AnyArray, FloatArray, IntArray
from inspector.diagnosis.thresholds import DEFAULTS, Thresholds

STRONGEST = -1
"""The input of a convolution that is pictured where none is chosen: each output's strongest."""


class TensorAsk(msgspec.Struct, frozen=True, kw_only=True):
    """Which tensor to show.

    Attributes:
        path: the checkpoint.
        tensor: a tensor's name, or a group's; empty, or a name that is not there, for one worth looking at.
        filter: text that the name of a tensor worth looking at contains; empty for any.
        input: which input of a convolution is pictured; STRONGEST for each output's strongest.
        before: the checkpoint before it in the run, empty where there is none.
        before_place: its place in time (`epoch 39`).
        thresholds: those in force for the run, as its findings decide by.
        stamp: changes when one of the files does.
    """

    path: str
    tensor: str = ""
    filter: str = ""
    input: int = STRONGEST
    before: str = ""
    before_place: str = ""
    thresholds: Thresholds = DEFAULTS
    generous: bool = False
    stamp: float = 0.0


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One statistic: its name, its value as text; `worrying` is written in the critical ink."""

    name: str
    value: str
    worrying: bool = False
    wide: bool = False


class TensorScene(msgspec.Struct, frozen=True, kw_only=True):
    """One tensor.

    Attributes:
        name: its dotted path, empty where the file is one tensor and nothing else.
        facts: shape, type and size as text; empty where the checkpoint has no tensor.
        problem: why its elements cannot be shown; empty where they can.
        change: `changed 0.4% since epoch 39`, empty where there is nothing to compare it with.
        empty: it has no elements.
        lines: its statistics.
        details: what else the file says of it, a name and a value each.
        heights: (bins,) int64 histogram of the finite elements; empty where there is none.
        edges: (bins + 1,) float64.
        zero_bin: the bin in which exact zeros lie, None where there are hardly any.
        kernels: (pictures, height, width, 4) uint8: kernels of a convolution, or a matrix as one picture; empty for
            what is neither.
        kernel_names: one of each picture.
        pictured: which part of the tensor the pictures show, where it is not all.
        inputs: how many inputs a convolution has, 0 for what is none; input: the one that is pictured.
        reach: the absolute value at the ends of the pictures' diverging map, NaN where there are none.
        values: (elements,) float64 of a vector or a matrix of one row, at most 2,048; empty otherwise.
        norms: (outputs,) float64 Euclidean norm of each output unit, NaN where it is not finite; empty where the
            tensor has no outputs.
        outputs_each: how many outputs stand behind one norm, the largest of which is shown.
        marked: bars of `norms` of outputs that are dead or a copy of another.
    """

    name: str
    facts: str = ""
    problem: str = ""
    change: str = ""
    empty: bool = False
    lines: tuple[Line, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    heights: IntArray
    edges: FloatArray
    zero_bin: int | None = None
    kernels: AnyArray
    kernel_names: tuple[str, ...] = ()
    pictured: str = ""
    inputs: int = 0
    input: int = STRONGEST
    reach: float
    values: FloatArray
    norms: FloatArray
    outputs_each: int = 1
    marked: dict[int, Literal["dead", "copy"]] = {}

"""The ask and the scene of weights."""

from __future__ import annotations

import msgspec

from inspector.core.arrays import AnyArray, FloatArray, IntArray


class WeightsAsk(msgspec.Struct, frozen=True, kw_only=True):
    """Which checkpoint to show, and which tensor of it.

    Attributes:
        place: the file and where it stands in time, as text.
        tensor: a tensor's name, or a group's; empty, or a name that is not there, for one worth looking at.
        filter: text searched in names whatever the case; empty for all.
        stamp: changes when the file does.
    """

    path: str
    place: str
    tensor: str = ""
    filter: str = ""
    stamp: float = 0.0


class TreeNode(msgspec.Struct, frozen=True, array_like=True):
    """A group of tensors, or one of them; nodes come depth first.

    Attributes:
        path: dotted path from the root.
        label: what is new in it below the parent.
        depth: 0 for a root.
        elements: of all tensors below.
        share: of the model's parameters, 0..1; None for what is no parameter.
        detail: shape and type of a tensor; how many tensors a group has.
        tensor: it is a tensor and has no children.
    """

    path: str
    label: str
    depth: int
    elements: int
    share: float | None
    detail: str
    tensor: bool


class ValueRow(msgspec.Struct, frozen=True, array_like=True):
    """A plain value: its dotted path, its type's name, and itself as text."""

    path: str
    kind: str
    text: str


class TensorScene(msgspec.Struct, frozen=True, kw_only=True):
    """One tensor.

    Attributes:
        facts: shape, type and size as text.
        problem: why its elements cannot be shown; empty where they can.
        lines: its statistics, a label and a value each.
        heights: (bins,) int64 histogram of the finite elements; empty where there is none.
        edges: (bins + 1,) float64.
        zero_bin: the bin in which exact zeros lie, None where there are hardly any.
        kernels: (pictures, height, width, 4) uint8: the strongest kernel of each output of a convolution, or a
            matrix as one picture; empty for what is neither.
        kernel_names: one of each picture.
        reach: the absolute value at the ends of the pictures' diverging map, NaN where there are none.
    """

    name: str
    facts: str
    problem: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    heights: IntArray
    edges: FloatArray
    zero_bin: int | None = None
    kernels: AnyArray
    kernel_names: tuple[str, ...] = ()
    reach: float


class WeightsScene(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the view paints.

    Attributes:
        summary: parameters, size, types.
        nodes: the tensors that pass the filter, as a tree.
        contents: what else the file holds, a label and a value each.
        values: plain values that pass the filter.
        values_left_out: how many there were too many of.
        would_import: what unpickling would import.
        notes: what could not be read.
    """

    path: str
    place: str
    summary: str
    nodes: tuple[TreeNode, ...]
    contents: tuple[tuple[str, str], ...]
    values: tuple[ValueRow, ...]
    values_left_out: int
    would_import: tuple[str, ...]
    notes: tuple[str, ...]
    tensor: TensorScene | None

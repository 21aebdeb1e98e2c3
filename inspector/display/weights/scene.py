"""The ask and the scene of weights: what a checkpoint holds, without the elements of any tensor."""

from __future__ import annotations

from enum import IntEnum
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from inspector.core.arrays import FloatArray, IntArray

SectionKind = Literal["optimizer", "scheduler", "scaler", "ema", "rng", "position", "settings", "other"]


class WeightsAsk(msgspec.Struct, frozen=True, kw_only=True):
    """Which checkpoint to list.

    Attributes:
        place: the file and where it stands in time, as text.
        generous: read on where the usual limits ended the reading.
        stamp: changes when the file does.
    """

    path: str
    place: str
    generous: bool = False
    stamp: float = 0.0


class NodeKind(IntEnum):
    """What a row of the tree is."""

    MODULE = 0
    TENSOR = 1
    SECTION = 2  # opens the scene's sections, in order
    RULE = 3  # the line between weights and sections


class Tree(msgspec.Struct, frozen=True, kw_only=True):
    """Rows depth first, a column each, so that 16,000 tensors travel in a few milliseconds.

    Attributes:
        paths: dotted path from the root of the file; labels: what a row says, safe to show.
        parents: (rows,) int64 row of the parent, -1 for a root.
        kinds: (rows,) uint8 of NodeKind.
        elements, sizes: (rows,) int64 numbers and bytes of all tensors below.
        shares: (rows,) float64 of the model's parameters, 0 to 1; NaN for what is no parameter.
        shapes: (rows,) int64 into `shape_texts`; dtypes: (rows,) int64 into `dtype_texts`; -1 for a group of several.
        buffers: (rows,) bool, a tensor that is kept and not trained.
    """

    paths: tuple[str, ...]
    labels: tuple[str, ...]
    parents: IntArray
    kinds: npt.NDArray[np.uint8]
    elements: IntArray
    sizes: IntArray
    shares: FloatArray
    shapes: IntArray
    dtypes: IntArray
    buffers: npt.NDArray[np.bool_]
    shape_texts: tuple[str, ...]
    dtype_texts: tuple[str, ...]


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """What stands beside the weights: an optimizer, a scheduler, random states, a position, settings.

    Attributes:
        path: where in the file it is.
        label: what it is, and the name of its class (`optimizer · AdamW`).
        value: it in a few words (`2 groups`).
        says: a sentence about it, or empty.
        head: titles of the table's columns, empty for rows of a name and a value.
        rows: the table.
        left_out: how many rows there were too many of.
    """

    kind: SectionKind
    path: str
    label: str
    value: str
    says: str = ""
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    left_out: int = 0


class ImportGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Names of one module that unpickling would import.

    Attributes:
        usual: a module that any checkpoint of torch names (torch, numpy, collections, ...).
    """

    module: str
    names: tuple[str, ...]
    usual: bool


class WeightsScene(msgspec.Struct, frozen=True, kw_only=True):
    """Everything but the elements.

    Attributes:
        summary: parameters, size, types.
        tree: the weights, and below a line the sections.
        sections: in the order of the tree's rows of that kind.
        values: how many plain values the file has.
        imports: what unpickling would import, what is unusual first.
        notes: what could not be read.
        limited: whether reading it generously shows more.
    """

    path: str
    place: str
    summary: str
    tree: Tree
    sections: tuple[Section, ...]
    values: int
    imports: tuple[ImportGroup, ...]
    notes: tuple[str, ...]
    limited: bool

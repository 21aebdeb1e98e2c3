"""Two checkpoints, a folder of them, and two runs, compared: what differs, as values."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from inspector.analysis.tensor_change import TensorChange
from inspector.core.arrays import FloatArray

State = Literal["same", "changed", "retyped", "reshaped", "added", "removed", "unread"]
"""What became of a tensor; `unread` where its elements cannot be compared, `retyped` ones are compared as numbers."""


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One of two checkpoints.

    Attributes:
        name: as shown; the two names of a comparison differ where their files do.
        parameters: elements of its weights.
    """

    path: str
    name: str
    container: str
    bytes: int
    tensors: int
    parameters: int


class RootPair(msgspec.Struct, frozen=True, kw_only=True):
    """Where the two files keep the same thing: `model` in one, `state_dict` in the other; empty is the file's top."""

    role: str
    first: str
    second: str
    tensors: int


class StrippedPrefix(msgspec.Struct, frozen=True, kw_only=True):
    """A part of names that was left out to make them meet; `first` and `second` count the tensors on each side."""

    prefix: str
    first: int
    second: int


class TensorRow(msgspec.Struct, frozen=True, kw_only=True):
    """One tensor, of one file or of both.

    Attributes:
        name: what the two names share; the full name where only one file has it.
        role: `weight`, `buffer`, `ema`, `settings`, `optimizer` or `other`.
        first, second: its full name in each file, None where it is not there.
        shapes, dtypes: of the first and the second, None where it is not there.
        elements: of the second, or of the first where it was removed.
        change: None where nothing was compared, and where the files' checksums say that it is the same.
        because: why it is `unread`, or what of it changed beside its numbers; empty otherwise.
        by_checksum: it is the same by CRC-32 and size, and was not read.
    """

    name: str
    role: str
    state: State
    first: str | None
    second: str | None
    shapes: tuple[tuple[int, ...] | None, tuple[int, ...] | None]
    dtypes: tuple[str | None, str | None]
    elements: int
    change: TensorChange | None = None
    because: str = ""
    by_checksum: bool = False


class ModuleRow(msgspec.Struct, frozen=True, kw_only=True):
    """The weights below one dotted path, compared together; rows come depth first.

    Attributes:
        depth: 0 for the outermost.
        tensors, elements: weights that were compared.
        moved: how many of the tensors differ.
        relative: ||b - a|| / ||a|| of the floating tensors that moved, taken together; 0 where none did, infinite where
            they were all zero before, NaN where nothing floating was compared.
        sign_flips: share of the elements of all floating tensors, 0..1, NaN where there are none.
    """

    path: str
    depth: int
    tensors: int
    moved: int
    elements: int
    relative: float
    sign_flips: float


class RoleSummary(msgspec.Struct, frozen=True, kw_only=True):
    """All tensors of one role, counted by their state, and their change as in `ModuleRow`."""

    role: str
    states: dict[State, int]
    relative: float
    sign_flips: float


class ValueRow(msgspec.Struct, frozen=True, kw_only=True):
    """A plain value that differs; long lists and texts are cut.

    Attributes:
        path: dotted.
        state: `changed`, `added` or `removed`.
        first, second: the values, None (and so told by `state`) where there is none.
        note: where two lists part (`differ from item 3 on`), or empty.
    """

    path: str
    state: State
    first: Any = None
    second: Any = None
    note: str = ""


class CheckpointDiff(msgspec.Struct, frozen=True, kw_only=True):
    """Two checkpoints compared.

    Attributes:
        same_file: both paths name one file.
        identical: every tensor and every plain value is the same, under the same names.
        roots: where the two keep the same thing, one a role.
        stripped: parts of names that were left out.
        rows: every tensor; weights first, then buffers, averages, settings, others, optimizer state, each in the order
            of the second file with removed ones after them. Optimizer state is listed, and compared only where asked
            for.
        modules: of weights alone.
        still: the outermost modules none of whose weights changed, where others did.
        values: what differs of the plain values, in the order of the first file.
        values_same: how many plain values do not differ.
        imports_first, imports_second: names that only one of them would import.
        skipped_bytes: of tensors whose checksums agree.
        notes: what a reader should know before trusting the numbers.
    """

    first: Side
    second: Side
    same_file: bool
    identical: bool
    roots: tuple[RootPair, ...] = ()
    stripped: tuple[StrippedPrefix, ...] = ()
    roles: tuple[RoleSummary, ...] = ()
    rows: tuple[TensorRow, ...] = ()
    modules: tuple[ModuleRow, ...] = ()
    still: tuple[str, ...] = ()
    values: tuple[ValueRow, ...] = ()
    values_same: int = 0
    imports_first: tuple[str, ...] = ()
    imports_second: tuple[str, ...] = ()
    skipped_bytes: int = 0
    notes: tuple[str, ...] = ()


class TrendPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What following the weights over a folder would read.

    Attributes:
        paths: the checkpoints, by step.
        left_out: how many others there are.
        read_bytes: of their weights, at most.
        notes: why some are left out.
    """

    paths: tuple[str, ...]
    left_out: int
    read_bytes: int
    notes: tuple[str, ...] = ()


class StoppedLayer(msgspec.Struct, frozen=True, kw_only=True):
    """A layer that moved, and has not since: `checkpoint` is the index of the first one it is unchanged from."""

    layer: str
    checkpoint: int


class WeightTrend(msgspec.Struct, frozen=True, kw_only=True):
    """The weights of a run over its checkpoints.

    Attributes:
        paths, names: of the checkpoints, by step.
        steps, epochs: (checkpoints,) float64, NaN where a file has none.
        layers: dotted paths of the modules that own weights, in the order of the last checkpoint.
        elements: of each layer.
        norms: (layers, checkpoints) float64, Euclidean; NaN where the layer is not in the checkpoint, or holds an
            element that is not finite.
        from_previous: (layers, checkpoints) float64, ||b - a|| / ||a|| against the checkpoint before that has the
            layer in the same shape; NaN in the first such and as above, infinite where only ||a|| is 0.
        from_first: the same against the first checkpoint that has it; 0 there.
        still: layers that are the same in all checkpoints that have them (two at least).
        stopped: layers that moved first, and no more to the end.
        left_out: checkpoints that were not read.
        read_bytes: of elements.
    """

    paths: tuple[str, ...]
    names: tuple[str, ...]
    steps: FloatArray
    epochs: FloatArray
    layers: tuple[str, ...]
    elements: tuple[int, ...]
    norms: FloatArray
    from_previous: FloatArray
    from_first: FloatArray
    still: tuple[str, ...] = ()
    stopped: tuple[StoppedLayer, ...] = ()
    left_out: int = 0
    read_bytes: int = 0
    notes: tuple[str, ...] = ()


class MetricRow(msgspec.Struct, frozen=True, kw_only=True):
    """One curve that two runs have both, or only one of them.

    Attributes:
        last, best: value of the first and of the second run; None where the run has none, and where no name tells
            which direction is better.
        last_steps, best_steps: where they were logged.
        better: `low` or `high`, empty where the name does not tell.
    """

    tag: str
    last: tuple[float | None, float | None]
    last_steps: tuple[float | None, float | None]
    better: Literal["low", "high", ""] = ""
    best: tuple[float | None, float | None] = (None, None)
    best_steps: tuple[float | None, float | None] = (None, None)


class FileRow(msgspec.Struct, frozen=True, kw_only=True):
    """A file by its name in the run's folder, and its size on each side; None where it is not there."""

    name: str
    kind: str
    bytes: tuple[int | None, int | None]


class RunDiff(msgspec.Struct, frozen=True, kw_only=True):
    """Two runs compared.

    Attributes:
        names: of the first and the second, told apart.
        settings: that differ.
        settings_same: how many do not.
        files: that differ in size, or that only one has.
        tensors: of their last checkpoints; None where one of the runs has none.
        notes: what could not be compared.
    """

    names: tuple[str, str]
    paths: tuple[str, str]
    settings: tuple[ValueRow, ...] = ()
    settings_same: int = 0
    metrics: tuple[MetricRow, ...] = ()
    files: tuple[FileRow, ...] = ()
    tensors: CheckpointDiff | None = None
    notes: tuple[str, ...] = ()

"""Pairs of tensors of two checkpoints as rows that say what became of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property

from inspector.analysis.tensor_change import TensorChange
from inspector.artifacts.checkpoints.checkpoint import Checkpoint
from inspector.artifacts.checkpoints.storage_checksums import Checksums, checksum_of, checksums_of, layout_of
from inspector.artifacts.tensors.windows import TensorWindow, Unreadable, reach
from inspector.core.errors import FileError, UnsupportedError
from inspector.core.language import tr
from inspector.core.pulse import Pulse
from inspector.formats.facts import TensorFacts
from inspector.runs.diff_values import State, TensorRow
from inspector.runs.module_changes import ROLES
from inspector.runs.name_pairs import Pair
from inspector.runs.tensor_slabs import ByteProgress, change_between
from inspector.runs.value_diff import is_same

Parts = dict[str, dict[str, TensorWindow]]
"""Windows of the parts that tensors without elements of their own are kept in, by tensor and part."""

_NOT_THERE = Unreadable("is not there", "unread")
NOT_ASKED = "is compared only where asked for"


class Comparison:
    """Makes a row of each pair of tensors; `optimizer` and `trust_checksums` as in `diff_of`.

    Attributes:
        same_file: both checkpoints are one file, so that nothing has to be read.
        skipped_bytes: of tensors that are the same by their checksums.
    """

    def __init__(
        self, first: Checkpoint, second: Checkpoint, pulse: Pulse, *, optimizer: bool, trust_checksums: bool
    ) -> None:
        self.same_file = first.identity == second.identity
        self.skipped_bytes = 0
        self._sides = (first, second)
        self._optimizer = optimizer
        self._pulse = pulse
        self._progress = ByteProgress(pulse, 0)
        self._known: dict[tuple[object, ...], TensorChange] = {}
        self._checksums: tuple[Checksums, Checksums] = ({}, {})
        if trust_checksums and not self.same_file:
            self._checksums = checksums_of(first, pulse), checksums_of(second, pulse)

    @cached_property
    def _parts(self) -> tuple[Parts, Parts]:
        return _parts_of(self._sides[0]), _parts_of(self._sides[1])

    def plan(self, pairs: Sequence[Pair]) -> None:
        """Say how much there is to read, for the progress."""
        sizes = [
            first.bytes + second.bytes
            for _, first, second in pairs
            if first and second and first.shape == second.shape and self._is_wanted(second)
        ]
        self._progress = ByteProgress(self._pulse, 0 if self.same_file else sum(sizes))

    def _is_wanted(self, tensor: TensorFacts) -> bool:
        return self._optimizer or tensor.role != "optimizer"

    def row(self, pair: Pair) -> TensorRow:
        """What became of one tensor."""
        name, first, second = pair
        if first is None or second is None:
            return _row(pair, "added" if first is None else "removed")
        if first.shape != second.shape:
            return _row(pair, "reshaped")
        if self.same_file:
            return _row(pair, "same")
        windows = (
            self._sides[0].windows.get(first.name, _NOT_THERE),
            self._sides[1].windows.get(second.name, _NOT_THERE),
        )
        self._progress.what = tr("comparing {what}").format(what=name)
        try:
            return self._compared(pair, *windows)
        except FileError as error:
            found = f"found {error.found}"
            because = (
                found
                if isinstance(error, UnsupportedError)
                else f"{error.path.name}: expected {error.expected}, {found}"
            )
            return _row(pair, "unread", because=because)
        finally:
            if self._is_wanted(second):
                self._progress.finish(first.bytes + second.bytes)

    def _compared(self, pair: Pair, first: TensorWindow | Unreadable, second: TensorWindow | Unreadable) -> TensorRow:
        _, facts, other = pair
        assert facts is not None
        assert other is not None
        if isinstance(first, Unreadable) or isinstance(second, Unreadable):
            return self._compared_in_parts(pair, first, second)
        if facts.dtype.startswith("q") and self._is_rescaled(facts, other):
            return _row(pair, "changed", change=self._change(first, second), because="has another scale or zero point")
        by_checksum = self._by_checksum(first, second)
        if by_checksum == "same":
            self.skipped_bytes += other.bytes
            return _row(pair, "same", by_checksum=True)
        if not self._is_wanted(other):
            return _row(
                pair, by_checksum or "unread", because="" if by_checksum else NOT_ASKED, by_checksum=bool(by_checksum)
            )
        change = self._change(first, second)
        return _row(pair, _state(change, facts.dtype, other.dtype), change=change)

    def _by_checksum(self, first: TensorWindow, second: TensorWindow) -> State | None:
        """`same` or `changed` where the archives' checksums tell, else None."""
        if layout_of(first) != layout_of(second):
            return None
        sums = checksum_of(first, self._checksums[0]), checksum_of(second, self._checksums[1])
        if sums[0] is None or sums[1] is None or sums[0].bytes != sums[1].bytes:
            return None
        if sums[0] == sums[1]:
            return "same"
        whole = math.prod(first.shape) == reach(first.shape, first.strides) == sums[0].bytes // first.item_bytes
        return "changed" if whole else None

    def _is_rescaled(self, first: TensorFacts, second: TensorFacts) -> bool:
        """Whether equal stored integers of two quantized tensors stand for other numbers."""
        nodes = [side.nodes.get(tensor.name) for side, tensor in zip(self._sides, (first, second), strict=True)]
        notable = [dict(node.notable) if node is not None else {} for node in nodes]
        if notable[0].keys() != notable[1].keys():
            return True
        if not all(is_same(notable[0][key], notable[1][key]) for key in notable[0]):
            return True
        parts = [side.get(tensor.name, {}) for side, tensor in zip(self._parts, (first, second), strict=True)]
        return parts[0].keys() != parts[1].keys() or not all(
            parts[0][part].shape == parts[1][part].shape and self._change(parts[0][part], parts[1][part]).identical
            for part in parts[0]
        )

    def _change(self, first: TensorWindow, second: TensorWindow) -> TensorChange:
        """The change, worked out once for tensors that have several names."""
        key = tuple(
            (side.path, side.storage.start, id(side.storage.source), *layout_of(side)) for side in (first, second)
        )
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = change_between(first, second, self._progress.pulse)
        return known

    def _compared_in_parts(
        self, pair: Pair, first: TensorWindow | Unreadable, second: TensorWindow | Unreadable
    ) -> TensorRow:
        """Sparse tensors and others without elements of their own: by their parts, such as `NAME.values`."""
        _, facts, other = pair
        assert facts is not None
        assert other is not None
        parts = [side.get(tensor.name, {}) for side, tensor in zip(self._parts, (facts, other), strict=True)]
        if not parts[0] or parts[0].keys() != parts[1].keys():
            because = next(window.reason for window in (second, first) if isinstance(window, Unreadable))
            return _row(pair, "unread", because=because)
        if not self._is_wanted(other):
            return _row(pair, "unread", because=NOT_ASKED)
        if any(parts[0][part].shape != parts[1][part].shape for part in parts[0]):
            return _row(pair, "unread", because="has other elements in its sparse form")
        changes = {part: self._change(parts[0][part], parts[1][part]) for part in parts[0]}
        values = changes.pop("values", None)
        if values is None or not all(change.identical for change in changes.values()):
            moved = not all(change.identical for change in (*changes.values(), *((values,) if values else ())))
            return _row(
                pair, "changed" if moved else "same", because="has its elements at other places" if moved else ""
            )
        return _row(pair, _state(values, facts.dtype, other.dtype), change=values)


def _parts_of(checkpoint: Checkpoint) -> Parts:
    names = {tensor.name for tensor in checkpoint.facts.tensors}
    parts: Parts = {}
    for key, window in checkpoint.windows.items():
        if key not in names and isinstance(window, TensorWindow):
            owner, _, part = key.rpartition(".")
            parts.setdefault(owner, {})[part] = window
    return parts


def _row(
    pair: Pair, state: State, *, change: TensorChange | None = None, because: str = "", by_checksum: bool = False
) -> TensorRow:
    name, first, second = pair
    tensor = second or first
    assert tensor is not None
    return TensorRow(
        name=name,
        role=tensor.role if tensor.role in ROLES else "other",
        state=state,
        first=first.name if first else None,
        second=second.name if second else None,
        shapes=(first.shape if first else None, second.shape if second else None),
        dtypes=(first.dtype if first else None, second.dtype if second else None),
        elements=math.prod(tensor.shape),
        change=change,
        because=because,
        by_checksum=by_checksum,
    )


def _state(change: TensorChange, first: str, second: str) -> State:
    if first != second:
        return "retyped"
    return "same" if change.equal == change.count else "changed"

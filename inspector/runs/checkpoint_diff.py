"""Two checkpoints compared: tensors by name, plain values, and what either would import."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from inspector.analysis.tensor_change import TensorChange
from inspector.artifacts.checkpoint import Checkpoint
from inspector.artifacts.storage_checksums import Checksums, checksum_of, checksums_of, layout_of
from inspector.artifacts.windows import TensorWindow, reach
from inspector.core.errors import FileError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.units import bytes_text
from inspector.formats.facts import CheckpointFacts, TensorFacts
from inspector.runs.diff_values import CheckpointDiff, RootPair, Side, State, TensorRow
from inspector.runs.module_changes import ROLES, module_rows, role_summaries, still_modules
from inspector.runs.name_pairs import Pair, paired
from inspector.runs.tensor_slabs import ByteProgress, change_between
from inspector.runs.value_diff import values_diff

NOT_ASKED = "is compared only where asked for"
_STORED_INTEGERS = ("q", "bits", "float4")
_NOTES_OF_A_FILE = 5


def diff_of(
    first: Checkpoint, second: Checkpoint, pulse: Pulse, *, optimizer: bool = False, trust_checksums: bool = True
) -> CheckpointDiff:
    """Compare two checkpoints, in constant memory whatever their size.

    A tensor that cannot be read, or not compared, is a row that says why.

    Args:
        first: the one that changes are relative to.
        second: the other one.
        pulse: of this work.
        optimizer: whether to read optimizer state too.
        trust_checksums: whether tensors are the same where the archives' CRC-32 and sizes agree, without reading them.
    """
    names = told_apart(first.path, second.path)
    notes = Notes()
    same_file = first.identity == second.identity
    pairing = paired(first.facts.tensors, second.facts.tensors)
    for note in pairing.notes:
        notes.add(note)
    comparison = _Comparison(first, second, pulse, optimizer, trust_checksums and not same_file)
    comparison.plan(pairing.pairs, same_file)
    rows = sorted((comparison.row(pair) for pair in pairing.pairs), key=lambda row: ROLES.index(row.role))
    values, values_same = values_diff(_under_roots_of_second(first.objects, pairing.roots), second.objects)
    modules = module_rows(rows)
    still = still_modules(modules)
    _add_notes(notes, rows, still, comparison, names)
    for name, facts in zip(names, (first.facts, second.facts), strict=True):
        _add_notes_of_file(notes, name, facts)
    own = [set(side.facts.would_import) for side in (first, second)]
    return CheckpointDiff(
        first=_side(first, names[0]),
        second=_side(second, names[1]),
        same_file=same_file,
        identical=same_file or (not values and own[0] == own[1] and all(map(_is_identical, rows))),
        roots=pairing.roots,
        stripped=pairing.stripped,
        roles=role_summaries(rows),
        rows=tuple(rows),
        modules=modules,
        still=still,
        values=values,
        values_same=values_same,
        imports_first=tuple(sorted(own[0] - own[1])),
        imports_second=tuple(sorted(own[1] - own[0])),
        skipped_bytes=comparison.skipped_bytes,
        notes=notes.texts(),
    )


def told_apart(first: Path, second: Path) -> tuple[str, str]:
    """The names of two paths with as many folders before them as it takes to tell them apart."""
    a, b = first.parts, second.parts
    for count in range(1, max(len(a), len(b)) + 1):
        if a[-count:] != b[-count:]:
            return str(Path(*a[-count:])), str(Path(*b[-count:]))
    return first.name, second.name


class _Comparison:
    """Makes a row of each pair of tensors."""

    def __init__(
        self, first: Checkpoint, second: Checkpoint, pulse: Pulse, optimizer: bool, trust_checksums: bool
    ) -> None:
        self.skipped = 0
        self.skipped_bytes = 0
        self.quantized = False
        self._sides = (first, second)
        self._optimizer = optimizer
        self._pulse = pulse
        self._checksums: tuple[Checksums, Checksums] = (
            (checksums_of(first, pulse), checksums_of(second, pulse)) if trust_checksums else ({}, {})
        )
        self._same_file = False
        self._progress = ByteProgress(pulse, 0)
        self._known: dict[tuple[object, ...], TensorChange] = {}

    def plan(self, pairs: Sequence[Pair], same_file: bool) -> None:
        """Say how much there is to read, for the progress."""
        self._same_file = same_file
        sizes = [
            first.bytes + second.bytes
            for _, first, second in pairs
            if first and second and first.shape == second.shape and self._is_wanted(second)
        ]
        self._progress = ByteProgress(self._pulse, 0 if same_file else sum(sizes))

    def _is_wanted(self, tensor: TensorFacts) -> bool:
        return self._optimizer or tensor.role != "optimizer"

    def row(self, pair: Pair) -> TensorRow:
        """What became of one tensor."""
        name, first, second = pair
        if first is None or second is None:
            return _row(pair, "added" if first is None else "removed")
        if first.shape != second.shape:
            return _row(pair, "reshaped")
        if self._same_file:
            return _row(pair, "same")
        windows = (
            self._sides[0].windows.get(first.name, "is not there"),
            self._sides[1].windows.get(second.name, "is not there"),
        )
        self._progress.what = f"comparing {name}"
        try:
            return self._compared(pair, *windows)
        except FileError as error:
            return _row(pair, "unread", because=f"{error.path.name}: expected {error.expected}, found {error.found}")
        finally:
            if self._is_wanted(second):
                self._progress.finish(first.bytes + second.bytes)

    def _compared(self, pair: Pair, first: TensorWindow | str, second: TensorWindow | str) -> TensorRow:
        _, facts, other = pair
        assert facts is not None
        assert other is not None
        if isinstance(first, str) or isinstance(second, str):
            return self._compared_in_parts(pair, first, second)
        by_checksum = self._by_checksum(first, second)
        if by_checksum == "same":
            self.skipped += 1
            self.skipped_bytes += other.bytes
            return _row(pair, "same", by_checksum=True)
        if not self._is_wanted(other):
            return _row(
                pair, by_checksum or "unread", because="" if by_checksum else NOT_ASKED, by_checksum=bool(by_checksum)
            )
        change = self._change(first, second)
        self.quantized |= facts.dtype.startswith(_STORED_INTEGERS)
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

    def _change(self, first: TensorWindow, second: TensorWindow) -> TensorChange:
        """The change, worked out once for tensors that have several names."""
        key = tuple(
            (side.path, side.storage.start, id(side.storage.source), *layout_of(side)) for side in (first, second)
        )
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = change_between(first, second, self._progress.pulse)
        return known

    def _compared_in_parts(self, pair: Pair, first: TensorWindow | str, second: TensorWindow | str) -> TensorRow:
        """Sparse tensors and others without elements of their own: by their parts, such as `NAME.values`."""
        _, facts, other = pair
        assert facts is not None
        assert other is not None
        parts = [_parts(side, tensor.name) for side, tensor in zip(self._sides, (facts, other), strict=True)]
        if not parts[0] or parts[0].keys() != parts[1].keys():
            because = next(text for text in (second, first) if isinstance(text, str))
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


def _parts(checkpoint: Checkpoint, name: str) -> dict[str, TensorWindow]:
    """The windows of a tensor's parts, by what follows its name."""
    start = f"{name}."
    return {
        key.removeprefix(start): window
        for key, window in checkpoint.windows.items()
        if key.startswith(start) and isinstance(window, TensorWindow)
    }


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


def _is_identical(row: TensorRow) -> bool:
    return row.state == "same" and row.first == row.second and (row.change is None or row.change.identical)


def _side(checkpoint: Checkpoint, name: str) -> Side:
    tensors = checkpoint.facts.tensors
    return Side(
        path=str(checkpoint.path),
        name=name,
        container=checkpoint.facts.container,
        bytes=checkpoint.facts.bytes,
        tensors=len(tensors),
        parameters=sum(math.prod(tensor.shape) for tensor in tensors if tensor.role == "weight"),
    )


def _under_roots_of_second(objects: Mapping[str, Any], roots: Sequence[RootPair]) -> dict[str, Any]:
    """The values of the first file, where it keeps the same thing elsewhere with the paths of the second."""
    renamed = dict(objects)
    for root in roots:
        start, other = f"{root.first}.", f"{root.second}." if root.second else ""
        if root.first:
            renamed = {
                other + path.removeprefix(start) if path.startswith(start) else path: value
                for path, value in renamed.items()
            }
    return renamed


def _add_notes(
    notes: Notes, rows: Sequence[TensorRow], still: Sequence[str], comparison: _Comparison, names: tuple[str, str]
) -> None:
    if not any(row.first and row.second for row in rows):
        notes.add(f"{names[0]} and {names[1]} have no tensor of one name, also with known prefixes left out")
    if comparison.skipped:
        notes.add(
            f"{comparison.skipped:,} tensors ({bytes_text(comparison.skipped_bytes)}) are the same by CRC-32 and size"
            " and were not read; what was damaged after it was written would not show here"
        )
    if comparison.quantized:
        notes.add("quantized tensors are compared by their stored integers, without scale and zero point")
    moving = [
        module
        for module in still
        if any(
            row.role == "buffer" and row.state == "changed" and row.name.startswith(f"{module}.") and _is_floating(row)
            for row in rows
        )
    ]
    if moving:
        notes.add(
            f"{len(moving):,} modules have the same weights and other running statistics ({_few(moving)}):"
            " frozen, yet not in evaluation mode"
        )
    reasons = Counter(row.because for row in rows if row.state == "unread" and row.because != NOT_ASKED)
    for because, count in reasons.most_common(_NOTES_OF_A_FILE):
        notes.add(f"{count:,} tensors could not be compared: {because}")


def _is_floating(row: TensorRow) -> bool:
    return row.dtypes[1] is not None and "float" in row.dtypes[1]


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")


def _add_notes_of_file(notes: Notes, name: str, facts: CheckpointFacts) -> None:
    for note in facts.notes[:_NOTES_OF_A_FILE]:
        notes.add(f"{name}: {note}")
    if len(facts.notes) > _NOTES_OF_A_FILE:
        notes.add(f"{name}: {len(facts.notes) - _NOTES_OF_A_FILE:,} more notes, see `info`")

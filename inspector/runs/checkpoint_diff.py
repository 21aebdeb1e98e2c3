"""Two checkpoints compared: tensors by name, plain values, and what either would import."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from inspector.analysis.optimizer_state import saved_optimizers
from inspector.artifacts.checkpoints.checkpoint import Checkpoint
from inspector.core.pulse import Pulse
from inspector.core.units import counted
from inspector.formats.facts import CheckpointFacts
from inspector.runs.diff_notes import notes_on_rows
from inspector.runs.diff_values import CheckpointDiff, RootPair, Side, TensorRow
from inspector.runs.module_changes import ROLES, module_rows, role_summaries, still_modules
from inspector.runs.name_pairs import paired
from inspector.runs.tensor_rows import Comparison
from inspector.runs.value_diff import values_diff

_NOTES_OF_A_FILE = 5
_LARGEST_PLACE = 1_000_000


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
    pairing = paired(first.facts.tensors, second.facts.tensors, (_places(first.facts), _places(second.facts)), pulse)
    comparison = Comparison(first, second, pulse, optimizer=optimizer, trust_checksums=trust_checksums)
    comparison.plan(pairing.pairs)
    rows = sorted((comparison.row(pair) for pair in pairing.pairs), key=lambda row: ROLES.index(row.role))
    values, values_same = values_diff(_under_roots_of_second(first.objects, pairing.roots), second.objects)
    modules = module_rows(rows)
    still = still_modules(modules)
    told = (
        *pairing.notes,
        *notes_on_rows(rows, still, names, comparison.skipped_bytes),
        *_notes_of_file(names[0], first.facts),
        *_notes_of_file(names[1], second.facts),
    )
    own = [set(side.facts.would_import) for side in (first, second)]
    return CheckpointDiff(
        first=_side(first, names[0]),
        second=_side(second, names[1]),
        same_file=comparison.same_file,
        identical=comparison.same_file or (not values and own[0] == own[1] and all(map(_is_identical, rows))),
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
        notes=told,
    )


def told_apart(first: Path, second: Path) -> tuple[str, str]:
    """The names of two paths with as many folders before them as it takes to tell them apart."""
    a, b = first.parts, second.parts
    for count in range(1, max(len(a), len(b)) + 1):
        if a[-count:] != b[-count:]:
            return str(Path(*a[-count:])), str(Path(*b[-count:]))
    return first.name, second.name


def _places(facts: CheckpointFacts) -> dict[str, str]:
    """Names of optimizer state by the parameters' places, where they are numbered by their addresses in memory.

    Source: torch/optim/optimizer.py before torch 1.5, `state_dict` used `id(parameter)`.
    """
    names: dict[str, str] = {}
    for optimizer in saved_optimizers(facts.tensors, facts.objects):
        ids = [one for group in optimizer.groups for one in group.ids]
        if any(one.isdecimal() and int(one) > _LARGEST_PLACE for one in ids):
            start = f"{optimizer.root}.state" if optimizer.root else "state"
            for place, one in enumerate(ids):
                kept = optimizer.state.get(one)
                names |= {tensor.name: f"{start}.{place}.{key}" for key, tensor in kept.tensors.items()} if kept else {}
    return names


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


def _notes_of_file(name: str, facts: CheckpointFacts) -> Iterator[str]:
    yield from (f"{name}: {note}" for note in facts.notes[:_NOTES_OF_A_FILE])
    if len(facts.notes) > _NOTES_OF_A_FILE:
        yield f"{name}: {counted(len(facts.notes) - _NOTES_OF_A_FILE, 'more note')}, see `info`"

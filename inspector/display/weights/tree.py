"""Tensors as a tree of their dotted names, and the plain values beside them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from inspector.core.texts import visible
from inspector.core.units import bytes_text, count_text, number_text
from inspector.display.weights.scene import TreeNode, ValueRow
from inspector.formats.facts import CheckpointFacts, TensorFacts

MAX_VALUES = 20_000
"""Plain values that are shown; a file with more of them is a data set."""

VALUE_CHARACTERS = 300
_WEIGHT = "weight"
_LOADED_AT_ONCE = 10_000


@dataclass(slots=True)
class _Branch:
    """A node while the tree is being built."""

    children: dict[str, _Branch] = field(default_factory=dict)
    tensor: TensorFacts | None = None
    elements: int = 0
    weights: int = 0
    tensors: int = 0


def elements_of(tensor: TensorFacts) -> int:
    """How many numbers a tensor has."""
    return math.prod(tensor.shape)


def shape_text(tensor: TensorFacts) -> str:
    """`[32, 32, 3, 3] float32`."""
    return f"[{', '.join(str(length) for length in tensor.shape)}] {tensor.dtype}"


def passes(name: str, wanted: str) -> bool:
    """Whether a name contains the filter's text, whatever the case."""
    return wanted.lower() in name.lower()


def tree_of(tensors: Sequence[TensorFacts], wanted: str = "") -> tuple[TreeNode, ...]:
    """The tensors whose name passes the filter, depth first in the order of the file.

    A group with nothing but one group in it is written together with it: `encoder.conv`.
    """
    root = _Branch()
    parameters = sum(elements_of(tensor) for tensor in tensors if tensor.role == _WEIGHT)
    for tensor in tensors:
        if passes(tensor.name, wanted):
            _insert(root, tensor)
    nodes: list[TreeNode] = []
    pending = [(name, name, 0, branch) for name, branch in reversed(root.children.items())]
    while pending:
        path, label, depth, branch = pending.pop()
        while branch.tensor is None and len(branch.children) == 1:
            name, only = next(iter(branch.children.items()))
            if only.tensor is not None:
                break
            path, label, branch = f"{path}.{name}", f"{label}.{name}", only
        nodes.append(_node(path, label, depth, branch, parameters))
        below = [(f"{path}.{name}", name, depth + 1, child) for name, child in branch.children.items()]
        pending.extend(reversed(below))
    return tuple(nodes)


def _insert(root: _Branch, tensor: TensorFacts) -> None:
    count = elements_of(tensor)
    branch = root
    for name in tensor.name.split("."):
        branch = branch.children.setdefault(name, _Branch())
        branch.elements += count
        branch.tensors += 1
        branch.weights += count if tensor.role == _WEIGHT else 0
    branch.tensor = tensor


def _node(path: str, label: str, depth: int, branch: _Branch, parameters: int) -> TreeNode:
    share = branch.weights / parameters if branch.weights and parameters else None
    if branch.tensor is not None:
        detail = shape_text(branch.tensor)
    else:
        detail = "1 tensor" if branch.tensors == 1 else f"{branch.tensors:,} tensors"
    # A name can be both a tensor and the start of others; it then keeps its children and can still be chosen.
    leaf = branch.tensor is not None and not branch.children
    return TreeNode(path, visible(label), depth, branch.elements, share, detail, leaf)


def summary_text(facts: CheckpointFacts) -> str:
    """`1.59 M parameters · 18.3 MB · float32`."""
    weights = [tensor for tensor in facts.tensors if tensor.role == _WEIGHT]
    types = Counter(tensor.dtype for tensor in weights or facts.tensors)
    parts = [
        f"{count_text(sum(elements_of(tensor) for tensor in weights))} parameters" if weights else "no parameters",
        bytes_text(facts.bytes),
        " and ".join(name for name, _ in types.most_common(2)) + (" and others" if len(types) > 2 else ""),
        facts.container,
    ]
    return " · ".join(part for part in parts if part)


def value_rows(objects: Mapping[str, Any], wanted: str = "") -> tuple[tuple[ValueRow, ...], int]:
    """The plain values whose path passes the filter, and how many of them are left out."""
    rows: list[ValueRow] = []
    left_out = 0
    for path, value in objects.items():
        if not passes(path, wanted):
            continue
        if len(rows) >= MAX_VALUES:
            left_out += 1
            continue
        rows.append(ValueRow(visible(path, VALUE_CHARACTERS), type(value).__name__, value_text(value)))
    return tuple(rows), left_out


def value_text(value: Any) -> str:
    """A plain value on one line."""
    if isinstance(value, float):
        return number_text(value) if not value.is_integer() else f"{value:g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}" if abs(value) >= _LOADED_AT_ONCE else str(value)
    return visible(str(value), VALUE_CHARACTERS)


def contents_of(objects: Mapping[str, Any], tensors: Iterable[TensorFacts]) -> tuple[tuple[str, str], ...]:
    """What stands beside the model at the root of the file: single values as they are, trees as a count."""
    counts: dict[str, int] = {}
    singles: dict[str, Any] = {}
    for path, value in objects.items():
        root, dot, _ = path.partition(".")
        if dot:
            counts[root] = counts.get(root, 0) + 1
        else:
            singles[root] = value
    with_weights = {tensor.name.partition(".")[0] for tensor in tensors if tensor.role == _WEIGHT}
    rows = [(visible(name), value_text(value)) for name, value in singles.items() if value is not None]
    for root, count in counts.items():
        if root not in with_weights:
            rows.append((_named(root, objects), "1 value" if count == 1 else f"{count:,} values"))
    return tuple(rows)


def _named(root: str, objects: Mapping[str, Any]) -> str:
    """`schedulers · CosineAnnealingLR` where the file tells the class."""
    name = next((v for path, v in objects.items() if path.startswith(f"{root}.") and path.endswith(".class")), None)
    shown = f"{root} · {str(name).rpartition('.')[2]}" if isinstance(name, str) else root
    return visible(shown, 80)

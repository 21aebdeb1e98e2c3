"""The tensors of a checkpoint as a tree of their dotted names, and below them what stands beside the weights."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np

from inspector.core.language import tr
from inspector.core.pulse import QUIET, Pulse
from inspector.core.texts import visible
from inspector.display.weights.facts_text import BUFFER, WEIGHT, elements_of, shape_text
from inspector.display.weights.scene import NodeKind, Tree
from inspector.display.weights.sections import Contents
from inspector.formats.facts import TensorFacts

_LABEL_CHARACTERS = 200
_BEAT_ROWS = 1000
_WHOLE_FILE = tr("the file's only tensor")
_SORTING = tr("sorting tensors")


@dataclass(slots=True)
class _Branch:
    """A node while the tree is being built."""

    children: dict[str, _Branch] = field(default_factory=dict)
    tensor: TensorFacts | None = None
    elements: int = 0
    size: int = 0
    weights: int = 0


class _Columns:
    """The rows of a tree as they are added, depth first."""

    def __init__(self, pulse: Pulse, parameters: int) -> None:
        self.pulse = pulse
        self.parameters = parameters
        self.paths: list[str] = []
        self.labels: list[str] = []
        self.parents: list[int] = []
        self.kinds: list[int] = []
        self.numbers: list[tuple[int, int, float]] = []
        self.types: list[tuple[int, int]] = []
        self.buffers: list[bool] = []
        self.shapes: dict[str, int] = {}
        self.dtypes: dict[str, int] = {}

    def add(self, path: str, label: str, parent: int, kind: NodeKind, branch: _Branch) -> int:
        """Add a row; its number."""
        if len(self.paths) % _BEAT_ROWS == 0:
            self.pulse.beat(len(self.paths), 0, _SORTING)
        share = branch.weights / self.parameters if branch.weights and self.parameters else math.nan
        tensor = branch.tensor
        self.paths.append(path)
        self.labels.append(visible(label, _LABEL_CHARACTERS) if path else _WHOLE_FILE)
        self.parents.append(parent)
        self.kinds.append(kind)
        self.numbers.append((branch.elements, branch.size, share))
        shape = -1 if tensor is None else self.shapes.setdefault(shape_text(tensor.shape), len(self.shapes))
        dtype = -1 if tensor is None else self.dtypes.setdefault(tensor.dtype, len(self.dtypes))
        self.types.append((shape, dtype))
        self.buffers.append(tensor is not None and tensor.role == BUFFER)
        return len(self.paths) - 1

    def add_below(self, start: str, root: _Branch, parent: int) -> None:
        """Add everything below a branch; a group with nothing but one group in it is written with it."""
        prefix = f"{start}." if start else ""
        pending = [(f"{prefix}{name}", name, parent, branch) for name, branch in reversed(root.children.items())]
        while pending:
            path, label, above, branch = pending.pop()
            while branch.tensor is None and len(branch.children) == 1:
                name, only = next(iter(branch.children.items()))
                if only.tensor is not None:
                    break
                path, label, branch = f"{path}.{name}", f"{label}.{name}", only
            # A name can be both a tensor and the start of others; it then keeps its children and can still be chosen.
            kind = NodeKind.MODULE if branch.children else NodeKind.TENSOR
            row = self.add(path, label, above, kind, branch)
            below = [(f"{path}.{name}", name, row, child) for name, child in branch.children.items()]
            pending.extend(reversed(below))

    def tree(self) -> Tree:
        """What was added."""
        numbers = np.array(self.numbers, np.float64).reshape(-1, 3)
        types = np.array(self.types, np.int64).reshape(-1, 2)
        return Tree(
            paths=tuple(self.paths),
            labels=tuple(self.labels),
            parents=np.array(self.parents, np.int64),
            kinds=np.array(self.kinds, np.uint8),
            elements=np.array([one[0] for one in self.numbers], np.int64),
            sizes=np.array([one[1] for one in self.numbers], np.int64),
            shares=np.ascontiguousarray(numbers[:, 2]),
            shapes=np.ascontiguousarray(types[:, 0]),
            dtypes=np.ascontiguousarray(types[:, 1]),
            buffers=np.array(self.buffers, np.bool_),
            shape_texts=tuple(self.shapes),
            dtype_texts=tuple(self.dtypes),
        )


def tree_of(
    tensors: Sequence[TensorFacts], contents: Sequence[Contents] = (), model: str = "", pulse: Pulse = QUIET
) -> Tree:
    """The tree of a checkpoint.

    Args:
        tensors: all of them, in the order of the file.
        contents: the sections below the weights, and which tensors they hold.
        model: the path that all weights hang below, which the rows then leave out; empty for none.
        pulse: of this work.
    """
    columns = _Columns(pulse, sum(elements_of(tensor) for tensor in tensors if tensor.role == WEIGHT))
    held = _held(tensors, contents)
    own = _branch_of(((tensor.name, tensor) for tensor in held[-1]), pulse)
    below = own
    for part in model.split("."):
        below = below.children[part] if list(below.children) == [part] and below.children[part].children else own
        if below is own:
            break
    columns.add_below("" if below is own else model, below, -1)
    if contents and columns.paths:
        columns.add("\n", "", -1, NodeKind.RULE, _Branch())
    for number, one in enumerate(contents):
        _add_section(columns, one, held[number])
    return columns.tree()


def _held(tensors: Sequence[TensorFacts], contents: Sequence[Contents]) -> dict[int, list[TensorFacts]]:
    """The tensors of each section by its number, and the model's own under -1."""
    owners: dict[str, int] = {prefix: number for number, one in enumerate(contents) for prefix in one.prefixes}
    lengths = sorted({prefix.count(".") + 1 for prefix in owners}, reverse=True)
    held: dict[int, list[TensorFacts]] = {number: [] for number in range(-1, len(contents))}
    for tensor in tensors:
        parts = tensor.name.split(".", max(lengths, default=0))
        starts = (".".join(parts[:length]) for length in lengths)
        held[next((owners[start] for start in starts if start in owners), -1)].append(tensor)
    return held


def _add_section(columns: _Columns, contents: Contents, tensors: Sequence[TensorFacts]) -> None:
    section, names = contents.section, contents.names
    if contents.is_tensor:
        columns.add_below("", _branch_of(((tensor.name, tensor) for tensor in tensors), columns.pulse), -1)
        return
    known = [(names.get(tensor.name) or _below(tensor.name, contents.prefixes), tensor) for tensor in tensors]
    root = _branch_of(known, columns.pulse, names)
    row = columns.add(section.path, section.label, -1, NodeKind.SECTION, root)
    first = len(columns.paths)
    columns.add_below("", root, row)
    # Rows made of joined names have paths of their own; a tensor keeps the name by which it is found.
    by_label = {name: tensor.name for name, tensor in known}
    for number in range(first, len(columns.paths)):
        path = columns.paths[number]
        columns.paths[number] = by_label.get(path) or f"{section.path}.{path}"


def _below(name: str, prefixes: Iterable[str]) -> str:
    for prefix in prefixes:
        if name.startswith(f"{prefix}."):
            return name[len(prefix) + 1 :]
    return name


def _branch_of(
    named: Iterable[tuple[str, TensorFacts]], pulse: Pulse, apart: Mapping[str, str] | None = None
) -> _Branch:
    """Tensors by the parts of their names; a name of `apart` has two parts, parameter and key."""
    root = _Branch()
    for number, (name, tensor) in enumerate(named):
        if number % _BEAT_ROWS == 0:
            pulse.beat(number, 0, _SORTING)
        count = elements_of(tensor)
        weights = count if tensor.role == WEIGHT else 0
        parts = name.rpartition(".")[::2] if apart and tensor.name in apart else name.split(".")
        branch = root
        _count(branch, count, tensor.bytes, weights)
        for part in parts:
            branch = branch.children.setdefault(part, _Branch())
            _count(branch, count, tensor.bytes, weights)
        branch.tensor = tensor
    return root


def _count(branch: _Branch, elements: int, size: int, weights: int) -> None:
    branch.elements += elements
    branch.size += size
    branch.weights += weights


def searchable(tree: Tree) -> list[str]:
    """What the filter looks at in each row: its path, and its label where that says more, in lower case."""
    pairs = zip(tree.paths, tree.labels, strict=True)
    return [(path if path.endswith(label) else f"{path}\n{label}").lower() for path, label in pairs]


def filtered(tree: Tree, wanted: str, texts: Sequence[str]) -> Tree:
    """The rows whose text contains another, whatever the case, with the groups that they are in.

    Args:
        tree: all rows.
        wanted: the text; empty for all.
        texts: what `searchable` gives of the tree.
    """
    text = wanted.lower()
    if not text:
        return tree
    hits = np.array([text in row for row in texts], np.bool_)
    kept = hits & (tree.kinds != NodeKind.RULE)
    above = kept.copy()
    while True:
        parents = tree.parents[above]
        above = np.zeros_like(kept)
        above[parents[parents >= 0]] = True
        above &= ~kept
        if not above.any():
            break
        kept |= above
    below = kept & (tree.kinds == NodeKind.SECTION)
    weights = kept & (tree.parents < 0) & (tree.kinds != NodeKind.SECTION)
    if below.any() and weights.any():
        kept |= tree.kinds == NodeKind.RULE
    return _picked(tree, kept)


def _picked(tree: Tree, kept: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Tree:
    rows = np.flatnonzero(kept)
    renumbered = np.cumsum(kept) - 1
    parents = tree.parents[rows]
    return msgspec.structs.replace(
        tree,
        paths=tuple(tree.paths[row] for row in rows.tolist()),
        labels=tuple(tree.labels[row] for row in rows.tolist()),
        parents=np.where(parents < 0, -1, renumbered[parents]),
        kinds=tree.kinds[rows],
        elements=tree.elements[rows],
        sizes=tree.sizes[rows],
        shares=tree.shares[rows],
        shapes=tree.shapes[rows],
        dtypes=tree.dtypes[rows],
        buffers=tree.buffers[rows],
    )

"""An optimizer as a checkpoint saved it: its groups, and which tensors and values it keeps for each parameter."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from inspector.formats.facts import TensorFacts
from inspector.formats.settings import nested

_GROUPS = "param_groups"
_STATE = "state"

MOMENTS = frozenset(
    (
        "exp_avg", "exp_avg_sq", "max_exp_avg_sq", "exp_inf", "square_avg", "grad_avg", "acc_delta", "sum",
        "momentum_buffer", "prev", "step_size", "exp_avg_sq_row", "exp_avg_sq_col", "row_var", "col_var", "variance",
        "exp_avg_slow", "exp_avg_diff", "neg_pre_grad", "state1", "state2", "ax", "eta", "mu", "step", "mu_product",
    )
)  # fmt: skip
"""Names under which optimizers keep what they remember of a parameter."""

_ENTRY = re.compile(rf"(?:^|\.){_STATE}\.(?P<id>.+)\.(?P<key>[A-Za-z_]\w*)$")
_SHORTENED = re.compile(r"^([\d,]+) items: ")
_LARGEST_COUNT = 1_000_000


class OptimizerGroup(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter group.

    Attributes:
        name: as it is stored, else its number.
        ids: of its parameters, as text, in its order.
        names: of its parameters where they are stored, else empty.
        values: its other plain values (`lr`, `betas`, `eps`, ...).
    """

    name: str
    ids: tuple[str, ...]
    names: tuple[str, ...]
    values: Mapping[str, Any]


class StateEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept for one parameter: tensors by key, plain values by key."""

    tensors: Mapping[str, TensorFacts]
    values: Mapping[str, Any]

    @property
    def shape(self) -> tuple[int, ...] | None:
        """The parameter's shape, None where nothing tells.

        Source: moments are shaped as their parameter; factored ones keep the means over its last two axes.
        """
        for key, tensor in self.tensors.items():
            if key not in ("step", "mu_product", "eta", "mu") and key in MOMENTS and not _is_factor(key):
                return tensor.shape
        row, column = self.tensors.get("exp_avg_sq_row"), self.tensors.get("exp_avg_sq_col")
        if row is not None and column is not None and column.shape:
            return *row.shape, column.shape[-1]
        row, column = self.tensors.get("row_var"), self.tensors.get("col_var")
        if row is not None and column is not None and row.shape and column.shape:
            return *row.shape[:-1], column.shape[-1]
        return None


def _is_factor(key: str) -> bool:
    return key in ("exp_avg_sq_row", "exp_avg_sq_col", "row_var", "col_var")


class SavedOptimizer(msgspec.Struct, frozen=True, kw_only=True):
    """One optimizer; `root` is its dotted path, `state` maps a parameter's id to what is kept for it."""

    root: str
    groups: tuple[OptimizerGroup, ...]
    state: Mapping[str, StateEntry]

    @property
    def common(self) -> OptimizerGroup:
        """A group of the plain values that all groups share, for a parameter whose group is not known."""
        shared = dict(self.groups[0].values) if self.groups else {}
        for group in self.groups[1:]:
            shared = {key: value for key, value in shared.items() if group.values.get(key) == value}
        return OptimizerGroup(name="", ids=(), names=(), values=shared)


def saved_optimizers(tensors: Sequence[TensorFacts], objects: Mapping[str, Any]) -> tuple[SavedOptimizer, ...]:
    """Every optimizer of a checkpoint, in the order of the file, whatever layout it is kept in."""
    roots = _roots(tensors, objects)
    kept: dict[str, dict[str, tuple[dict[str, TensorFacts], dict[str, Any]]]] = {root: {} for root in roots}
    for tensor in tensors:
        found = _place(tensor.name, roots)
        if found:
            kept[found[0]].setdefault(found[1], ({}, {}))[0][found[2]] = tensor
    for path, value in objects.items():
        found = _place(path, roots)
        if found:
            kept[found[0]].setdefault(found[1], ({}, {}))[1][found[2]] = value
    return tuple(_saved(root, kept[root], objects) for root in roots)


def _roots(tensors: Sequence[TensorFacts], objects: Mapping[str, Any]) -> list[str]:
    """Paths that have parameter groups, and those that have moments and no groups."""
    found: dict[str, None] = {}
    for path in objects:
        parts = path.split(".")
        if _GROUPS in parts[:-1]:
            found.setdefault(".".join(parts[: parts.index(_GROUPS)]))
    for tensor in tensors:
        match = _ENTRY.search(tensor.name)
        if match and match["key"] in MOMENTS and tensor.role == "optimizer":
            root = tensor.name[: match.start()]
            if not any(_is_below(tensor.name, known) for known in found):
                found.setdefault(root)
    return list(found)


def _is_below(path: str, root: str) -> bool:
    return not root or path.startswith(f"{root}.")


def _place(path: str, roots: Sequence[str]) -> tuple[str, str, str] | None:
    """(root, id, key) of a piece of state."""
    for root in roots:
        if not _is_below(path, root):
            continue
        rest = path[len(root) + 1 :] if root else path
        if not rest.startswith(f"{_STATE}."):
            continue
        owner, _, key = rest[len(_STATE) + 1 :].rpartition(".")
        if owner:
            return root, owner, key
    return None


def _saved(
    root: str, kept: dict[str, tuple[dict[str, TensorFacts], dict[str, Any]]], objects: Mapping[str, Any]
) -> SavedOptimizer:
    state = {owner: StateEntry(tensors=tensors, values=values) for owner, (tensors, values) in kept.items()}
    held = nested(objects, root).get(_GROUPS)
    if isinstance(held, list):
        return SavedOptimizer(root=root, groups=tuple(_group(i, one) for i, one in enumerate(held)), state=state)
    return SavedOptimizer(root=root, groups=_groups_by_name(root, objects), state=state)


def _group(index: int, held: Any) -> OptimizerGroup:
    values = held if isinstance(held, dict) else {}
    name = values.get("name")
    return OptimizerGroup(
        name=name if isinstance(name, str) else str(index),
        ids=_ids(values.get("params")),
        names=_names(values.get("param_names")),
        values={key: value for key, value in values.items() if key not in ("params", "param_names")},
    )


def _groups_by_name(root: str, objects: Mapping[str, Any]) -> tuple[OptimizerGroup, ...]:
    """Groups kept one a parameter, as `torch.distributed.checkpoint` flattens them; joined where alike."""
    prefix = f"{root}.{_GROUPS}." if root else f"{_GROUPS}."
    by_parameter: dict[str, dict[str, Any]] = {}
    for path, value in objects.items():
        if path.startswith(prefix):
            owner, _, key = path.removeprefix(prefix).rpartition(".")
            if owner:
                by_parameter.setdefault(owner, {})[key] = value
    alike: dict[str, tuple[list[str], dict[str, Any]]] = {}
    for owner, values in by_parameter.items():
        alike.setdefault(repr(sorted(values.items())), ([], values))[0].append(owner)
    return tuple(
        OptimizerGroup(name=str(index), ids=tuple(ids), names=tuple(ids), values=values)
        for index, (ids, values) in enumerate(alike.values())
    )


def _ids(held: Any) -> tuple[str, ...]:
    if isinstance(held, list):
        return tuple(map(str, held))
    # A long list is listed shortened; torch numbers parameters through all groups.
    shortened = _SHORTENED.match(held) if isinstance(held, str) else None
    if shortened is None:
        return ()
    count = int(shortened[1].replace(",", ""))
    shown = [part.strip() for part in held[shortened.end() :].split(",")[:2]]
    # Before torch 1.5 they were numbered by their address.
    if not all(part.isdecimal() for part in shown) or int(shown[-1]) - int(shown[0]) != 1 or count > _LARGEST_COUNT:
        return ()
    return tuple(str(int(shown[0]) + index) for index in range(count))


def _names(held: Any) -> tuple[str, ...]:
    return tuple(held) if isinstance(held, list) and all(isinstance(one, str) for one in held) else ()

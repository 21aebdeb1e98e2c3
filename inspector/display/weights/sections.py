"""What stands beside the weights in a checkpoint, each shown as what it is."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from inspector.analysis.optimizer_names import joined
from inspector.analysis.optimizer_state import OptimizerGroup, SavedOptimizer, saved_optimizers
from inspector.core.language import tr, tr_counted
from inspector.core.texts import visible
from inspector.core.units import count_text
from inspector.display.weights.facts_text import EMA, OPTIMIZER, WEIGHT, elements_of, value_text
from inspector.display.weights.scene import Section, SectionKind
from inspector.formats.facts import TensorFacts

MAX_ROWS = 500
"""Rows of a section's card; all values are on the objects page."""

_ORDER: tuple[SectionKind, ...] = ("ema", "optimizer", "scheduler", "scaler", "rng", "settings", "position", "other")
_POSITION = frozenset(
    ("epoch", "epochs", "step", "steps", "global_step", "iteration", "iter", "iters", "it", "next_epoch", "last_epoch",
     "num_updates", "update", "start_epoch", "n_iter", "current_epoch")
)  # fmt: skip
_SETTINGS = re.compile(r"(?:^|_)(?:args|arguments|hparams|hyper_?parameters|config|cfg|settings|options|opts?|params)$")
_SCALER = re.compile(r"(?:^|_)(?:scaler|amp|grad_scaler|native_scaler|loss_scaler)$")
_RNG = re.compile(r"(?:^|_)(?:rng|random|seed)(?:_|$)")
_LIBRARIES = ("torch", "cuda", "numpy", "python", "random")
_GROUP_COLUMNS = ("lr", "initial_lr", "weight_decay", "betas", "momentum", "eps", "nesterov", "amsgrad", "maximize")
_JOINED = 3
_LONG_CLASS = 32
_HIDDEN_COLUMNS = frozenset(("params", "param_names", "name", "foreach", "capturable", "differentiable", "fused"))


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """A section, and which tensors belong to it.

    Attributes:
        prefixes: starts of their names.
        names: what each is called in the tree where its own name says nothing (`conv1.weight.exp_avg`).
        is_tensor: it is one tensor at the root of the file, so a row of its own and no section.
    """

    section: Section
    prefixes: tuple[str, ...]
    names: Mapping[str, str] = {}
    is_tensor: bool = False


def sections_of(
    objects: Mapping[str, Any], tensors: Sequence[TensorFacts], places: Mapping[str, Hashable] | None = None
) -> tuple[Contents, ...]:
    """Every section of a checkpoint, in the order of the tree.

    Args:
        objects: its plain values by dotted path.
        tensors: all of them.
        places: where each tensor's elements are, so that tied weights are told.
    """
    roots = _by_root(objects)
    held = _tensors_by_root(tensors)
    weighty = {root for root, found in held.items() if any(tensor.role == WEIGHT for tensor in found)}
    models = {root for root in weighty if _kind_of(root, ()) == "other"} or weighty
    found = [*_optimizers(objects, tensors, places or {}), *_schedulers(objects)]
    taken = {contents.prefixes[0].partition(".")[0] for contents in found}
    position = {root: values[root] for root, values in roots.items() if root in _POSITION and root in values}
    singles: dict[str, Any] = {}
    for root in dict.fromkeys((*roots, *held)):
        if root in taken or root in models or root in position or root == "__class__":
            continue
        values = roots.get(root, {})
        if root in values and len(values) == 1 and root not in held and _kind_of(root, ()) in {"other", "scaler"}:
            singles |= {} if values[root] is None else values
            continue
        found.append(_root_section(root, values, held.get(root, [])))
    if position:
        found.append(_together("position", position))
    if singles:
        found.append(_together("other", singles))
    return tuple(sorted(found, key=lambda contents: _ORDER.index(contents.section.kind)))


def _by_root(objects: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    roots: dict[str, dict[str, Any]] = {}
    for path, value in objects.items():
        roots.setdefault(path.partition(".")[0], {})[path] = value
    return roots


def _tensors_by_root(tensors: Iterable[TensorFacts]) -> dict[str, list[TensorFacts]]:
    roots: dict[str, list[TensorFacts]] = {}
    for tensor in tensors:
        roots.setdefault(tensor.name.partition(".")[0], []).append(tensor)
    return roots


def _optimizers(
    objects: Mapping[str, Any], tensors: Sequence[TensorFacts], places: Mapping[str, Hashable]
) -> list[Contents]:
    """One section an optimizer: its parameter groups, a row each; its moments under the names of their parameters."""
    saved = saved_optimizers(tensors, objects)
    found = []
    for optimizer in saved:
        join = joined(optimizer, tensors, places)
        short = {one.id: one.short for one in join.parameters if one.id is not None}
        names = {
            tensor.name: f"{short.get(owner, owner)}.{key}"
            for owner, entry in optimizer.state.items()
            for key, tensor in entry.tensors.items()
        }
        head, rows = _group_table(optimizer.groups)
        count = len(rows)
        section = Section(
            kind="optimizer",
            path=optimizer.root or "optimizer",
            label=_titled(tr("optimizer"), _optimizer_class(optimizer, objects), optimizer.root, len(saved)),
            value=tr_counted(count, "group") if count else tr_counted(len(optimizer.state), "value"),
            says=join.because or (tr("state joined to parameters by {how}").format(how=join.how) if names else ""),
            head=head,
            rows=rows[:MAX_ROWS],
            left_out=max(0, count - MAX_ROWS),
        )
        prefixes = (optimizer.root,) if optimizer.root else ("state", "param_groups")
        found.append(Contents(section=section, prefixes=prefixes, names=names))
    return found


def _group_table(groups: Sequence[OptimizerGroup]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Columns that any group has, in the usual order, and a row a group."""
    said: dict[str, None] = {}
    for group in groups:
        for name, value in group.values.items():
            if name not in _HIDDEN_COLUMNS and "." not in name and value not in (None, False):
                said.setdefault(name)
    columns = [
        *(name for name in _GROUP_COLUMNS if name in said),
        *(name for name in said if name not in _GROUP_COLUMNS),
    ]
    rows = tuple(
        (
            visible(group.name, 60),
            *(value_text(group.values[name], 60) if name in group.values else "" for name in columns),
            f"{len(group.ids):,}",
        )
        for group in groups
    )
    return (tr("group"), *(visible(name, 40) for name in columns), tr("tensors")), rows


def _optimizer_class(optimizer: SavedOptimizer, objects: Mapping[str, Any]) -> str:
    """The class that the file names, else what its state and groups tell; empty where nothing does."""
    for beside in ("class", "__class__", "name"):
        named = objects.get(f"{optimizer.root}.{beside}")
        if isinstance(named, str):
            return named.rpartition(".")[2]
    state = {key for entry in optimizer.state.values() for key in entry.tensors}
    keys = {name for group in optimizer.groups for name in group.values}
    if {"exp_avg", "exp_avg_sq"} <= state:
        decoupled = any(group.values.get("decoupled_weight_decay") for group in optimizer.groups)
        return "AdamW" if decoupled else "Adam" if "decoupled_weight_decay" in keys else tr("Adam family")
    return "SGD" if {"momentum", "nesterov", "dampening"} <= keys else ""


def _schedulers(objects: Mapping[str, Any]) -> list[Contents]:
    """One section a scheduler: whatever holds `last_epoch` beside its rates."""
    found = []
    for path, value in objects.items():
        owner, _, last = path.rpartition(".")
        beside = (f"{owner}._step_count", f"{owner}.base_lrs", f"{owner}._last_lr", f"{owner}.num_bad_epochs")
        if last != "last_epoch" or not owner or not any(name in objects for name in beside):
            continue
        root = owner.partition(".")[0]
        inside = {name: held for name, held in objects.items() if name.startswith(f"{owner}.")}
        class_path = f"{owner.rpartition('.')[0]}.class"
        class_name = str(objects.get(class_path, objects.get(f"{owner}.__class__", ""))).rpartition(".")[2]
        rows, left_out = _rows(inside, owner)
        section = Section(
            kind="scheduler",
            path=owner,
            label=visible(" · ".join((tr("scheduler"), class_name)) if class_name else root, 80),
            value=_place_text(value, objects),
            rows=rows,
            left_out=left_out,
        )
        found.append(Contents(section=section, prefixes=(owner,)))
    return found


def _place_text(value: Any, objects: Mapping[str, Any]) -> str:
    """Where a scheduler stands, in what it counts as the position beside it tells: `epoch 40`."""
    place = value_text(value, 20)
    if objects.get("epoch") == value:
        return tr("epoch {epoch}").format(epoch=place)
    if value in (objects.get("step"), objects.get("global_step")):
        return tr("step {step}").format(step=place)
    return tr("at {place}").format(place=place)


def _root_section(root: str, values: Mapping[str, Any], tensors: Sequence[TensorFacts]) -> Contents:
    kind = _kind_of(root, tensors)
    rows, left_out = _rows(values, root)
    class_name = values.get(f"{root}.__class__")
    named = class_name if isinstance(class_name, str) else ""
    named = named if len(named) <= _LONG_CLASS else named.rpartition(".")[2]
    label = f"{root} · {named}" if named else root
    section = Section(
        kind=kind,
        path=root,
        label=visible(label, 80),
        value=_value_of(kind, root, values, tensors),
        rows=rows,
        left_out=left_out,
    )
    is_tensor = not values and any(tensor.name == root for tensor in tensors)
    return Contents(section=section, prefixes=(root,), is_tensor=is_tensor)


def _kind_of(root: str, tensors: Sequence[TensorFacts]) -> SectionKind:
    lowered = root.lower()
    if any(tensor.role == EMA for tensor in tensors):
        return "ema"
    if any(tensor.role == OPTIMIZER for tensor in tensors):
        return "optimizer"
    tests: tuple[tuple[re.Pattern[str], SectionKind], ...] = (
        (_SCALER, "scaler"), (_RNG, "rng"), (_SETTINGS, "settings"),
    )  # fmt: skip
    return next((kind for pattern, kind in tests if pattern.search(lowered)), "other")


def _value_of(kind: SectionKind, root: str, values: Mapping[str, Any], tensors: Sequence[TensorFacts]) -> str:
    if kind == "rng":
        held = [path for path, value in values.items() if value not in ([], {}, None)]
        paths = " ".join((*held, *(tensor.name for tensor in tensors))).lower()
        libraries = [name for name in _LIBRARIES if re.search(rf"(?:^|[._ ]){name}", paths)]
        named = [name for name in libraries if name != "random" or len(libraries) == 1]
        return ", ".join(named) or tr_counted(len(values), "value")
    if kind == "scaler" and f"{root}.scale" in values:
        return tr("scale {scale}").format(scale=value_text(values[f"{root}.scale"], 24))
    if root in values and len(values) == 1 and not tensors:
        return tr("none") if values[root] is None else value_text(values[root], 60)
    if tensors and not values:
        count = sum(elements_of(tensor) for tensor in tensors)
        return count_text(count)
    inside = sum(1 for path in values if not path.endswith("__class__"))
    return tr_counted(inside + len(tensors), "value")


def _together(kind: SectionKind, values: Mapping[str, Any]) -> Contents:
    """Single values at the root of the file as one section: `epoch · step` with `40 · 113,680`."""
    texts = [value_text(value, 60) for value in values.values()]
    names = list(values)
    few = len(names) <= _JOINED
    section = Section(
        kind=kind,
        path=names[0],
        label=visible(" · ".join(names[:_JOINED]) + ("" if few else " · …"), 80),
        value=" · ".join(texts) if few else tr_counted(len(names), "value"),
        rows=tuple((visible(name, 80), text) for name, text in zip(names, texts, strict=True))[:MAX_ROWS],
        left_out=max(0, len(names) - MAX_ROWS),
    )
    return Contents(section=section, prefixes=tuple(names))


def _rows(values: Mapping[str, Any], owner: str) -> tuple[tuple[tuple[str, ...], ...], int]:
    """A name and a value each, names without the owner's; and how many are left out."""
    start = len(owner) + 1
    rows = tuple(
        (visible(path[start:] or owner, 120), value_text(value, 200)) for path, value in list(values.items())[:MAX_ROWS]
    )
    return rows, max(0, len(values) - MAX_ROWS)


def _titled(what: str, class_name: str, path: str, count: int) -> str:
    """`optimizer · AdamW`, with the name of the owner where there are several."""
    parts = [what, class_name] if count < 2 else [path.rpartition(".")[2] or what, class_name]
    return visible(" · ".join(part for part in parts if part), 80)

"""The learning rates that checkpoints hold: a group's, its scheduler's last one, and the one the scheduler plans."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from inspector.analysis.numbers import finite_number
from inspector.analysis.schedule_replay import planned_rate_at
from inspector.analysis.schedules.scheduler_state import scheduler_class
from inspector.diagnosis.material import Material
from inspector.formats.facts import CheckpointFacts
from inspector.formats.settings import nested
from inspector.runs.values import FileEntry

_LAST = "_last_lr"
_CHILDREN = "_schedulers"
_GROUPS = "param_groups"
_MOST_STEPS = 2**53


@dataclass(frozen=True, slots=True, eq=False)
class HeldRate:
    """The rate of one optimizer group in one checkpoint.

    Attributes:
        path: dotted path of the rate, as the checkpoint's values are named.
        group: the group's name, else its number.
        index: its number.
        rate: as the group holds it; as the scheduler last set it where no optimizer is saved.
        last: as the scheduler last set it, NaN where it does not say.
        base: the scheduler's base rate of the group.
        t: the scheduler's own steps done.
        planned: what its closed form gives there, NaN where it keeps none.
        extras: other plain values of the group, which one-cycle schedules need.
    """

    entry: FileEntry
    path: str
    group: str
    index: int
    rate: float
    last: float
    base: float
    t: int
    planned: float
    scheduler: str
    state: Mapping[str, Any]
    extras: Mapping[str, Any]


def held_rates(material: Material) -> list[HeldRate]:
    """Every group of every checkpoint that holds a scheduler's state, oldest checkpoint first."""
    return [held for entry, facts in material.checkpoints for held in _of_checkpoint(entry, facts)]


def rates_of(facts: CheckpointFacts) -> list[HeldRate]:
    """Every group of one checkpoint that stands in no run."""
    entry = FileEntry(path="", name="", facts=facts, bytes=facts.bytes, modified_s=0.0)
    return list(_of_checkpoint(entry, facts))


def bare_rates(facts: CheckpointFacts) -> Iterator[tuple[str, str, str, float]]:
    """(optimizer's path, group's name, rate's path, rate) of every parameter group, with a scheduler or without."""
    for root in _group_roots(facts.objects):
        for index, group in enumerate(_groups(nested(facts.objects, root).get(_GROUPS))):
            rate = _number(group.get("lr"))
            if math.isfinite(rate):
                yield root, _group_name(group, index), f"{_joined(root, _GROUPS)}.{index}.lr", rate


def _group_name(group: Mapping[str, Any], index: int) -> str:
    return str(group["name"]) if isinstance(group.get("name"), str) else str(index)


def _of_checkpoint(entry: FileEntry, facts: CheckpointFacts) -> Iterator[HeldRate]:
    schedulers = [_tree(facts, root) for root in scheduler_roots(facts.objects)]
    roots = _group_roots(facts.objects)
    optimizers = [(root, _groups(nested(facts.objects, root).get(_GROUPS))) for root in roots]
    for place, (root, state) in enumerate(schedulers):
        wanted = _width(state)
        # Schedulers and optimizers are saved in one order; where one lacks, the number of groups must tell.
        fitting = [pair for pair in optimizers if len(pair[1]) == wanted]
        if len(optimizers) == len(schedulers) and len(optimizers[place][1]) == wanted:
            fitting = [optimizers[place]]
        optimizer = fitting[0] if len(fitting) == 1 else None
        name = facts.objects.get(f"{root.removesuffix('.state')}.class")
        yield from _of_scheduler(entry, root, state, str(name) if isinstance(name, str) else "", optimizer)


def _of_scheduler(
    entry: FileEntry,
    root: str,
    state: dict[str, Any],
    name: str,
    optimizer: tuple[str, list[dict[str, Any]]] | None,
) -> Iterator[HeldRate]:
    lasts, bases, t = _numbers(state.get(_LAST)), _bases(state), _steps_done(state)
    scheduler = name.rpartition(".")[2] or scheduler_class(state) or ""
    if t is None:
        return
    for index in range(_width(state)):
        group = optimizer[1][index] if optimizer else {}
        last = lasts[index] if index < len(lasts) else math.nan
        rate = _number(group.get("lr")) if optimizer else last
        base = bases[index] if index < len(bases) else _number(group.get("initial_lr"))
        if not math.isfinite(rate):
            continue
        exact = _exact_steps(state, t)
        planned = planned_rate_at(scheduler, state, base, exact, group, index) if math.isfinite(base) else None
        path = f"{_joined(optimizer[0], _GROUPS)}.{index}.lr" if optimizer else _joined(root, _LAST)
        yield HeldRate(
            entry=entry,
            path=path,
            group=_group_name(group, index),
            index=index,
            rate=rate,
            last=last,
            base=base,
            t=t,
            planned=math.nan if planned is None else planned,
            scheduler=scheduler,
            state=state,
            extras=group,
        )


def _tree(facts: CheckpointFacts, root: str) -> tuple[str, dict[str, Any]]:
    return root, nested(facts.objects, root)


def scheduler_roots(objects: Mapping[str, Any]) -> list[str]:
    """Paths of schedulers that are no other scheduler's children; old ones keep no last rate."""
    found = {root for leaf in (_LAST, "base_lrs", "num_bad_epochs") for root in _roots(objects, leaf)}
    return sorted(root for root in found if _CHILDREN not in root.split("."))


def _roots(objects: Mapping[str, Any], leaf: str) -> list[str]:
    """The paths above every value of that name."""
    return sorted({path.removesuffix(leaf).removesuffix(".") for path in objects if path.split(".")[-1] == leaf})


def _group_roots(objects: Mapping[str, Any]) -> list[str]:
    """The paths of everything that has parameter groups with rates."""
    found = set()
    for path in objects:
        parts = path.split(".")
        if len(parts) >= 3 and parts[-3] == _GROUPS and parts[-1] == "lr":
            found.add(".".join(parts[:-3]))
    return sorted(found)


def _groups(held: Any) -> list[dict[str, Any]]:
    groups = held if isinstance(held, list) else []
    return [group if isinstance(group, dict) else {} for group in groups]


def _width(state: Mapping[str, Any]) -> int:
    return max(len(_bases(state)), len(_numbers(state.get(_LAST))), len(_numbers(state.get("min_lrs"))))


def _bases(state: Mapping[str, Any]) -> list[float]:
    """Base rates; schedulers of schedulers keep them in their first child."""
    return _numbers(state.get("base_lrs")) or next(
        (found for child in _children(state) if (found := _bases(child))), []
    )


def _steps_done(state: Mapping[str, Any]) -> int | None:
    held = state.get("last_epoch")
    if isinstance(held, int) and not isinstance(held, bool) and 0 <= held <= _MOST_STEPS:
        return held
    return next((found for child in _children(state) if (found := _steps_done(child)) is not None), None)


def _exact_steps(state: Mapping[str, Any], t: int) -> float:
    """Steps done with their fraction: CosineAnnealingWarmRestarts may be stepped by parts of an epoch."""
    current = _number(state.get("T_cur"))
    return t + current - math.floor(current) if math.isfinite(current) else float(t)


def _children(state: Mapping[str, Any]) -> list[dict[str, Any]]:
    held = state.get(_CHILDREN)
    return [child for child in held if isinstance(child, dict)] if isinstance(held, list) else []


def _numbers(held: Any) -> list[float]:
    return [_number(one) for one in held] if isinstance(held, list) else []


def _number(held: Any) -> float:
    found = finite_number(held)
    return math.nan if found is None else found


def _joined(root: str, leaf: str) -> str:
    return f"{root}.{leaf}" if root else leaf

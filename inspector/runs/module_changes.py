"""The changes of single tensors taken together: by module, and by role."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from inspector.analysis.tensor_change import relative_change
from inspector.artifacts.tensors.dtypes import FLOATING
from inspector.runs.diff_values import ModuleRow, RoleSummary, TensorRow

ROLES = ("weight", "buffer", "ema", "settings", "other", "optimizer")
"""In the order shown."""

_COMPARED = frozenset(("same", "changed", "retyped"))


@dataclass(slots=True)
class _Sums:
    """What has been added up of some tensors."""

    tensors: int = 0
    moved: int = 0
    elements: int = 0
    floating: int = 0
    signed: int = 0
    flips: int = 0
    norm: float = 0.0
    difference: float = 0.0
    unknown: int = 0

    def add(self, row: TensorRow) -> None:
        """Take in a tensor that was compared."""
        change = row.change
        self.tensors += 1
        self.elements += row.elements
        self.moved += row.state != "same"
        if row.state != "same" and change is None:
            self.unknown += 1
            return
        dtype = row.dtypes[1] or ""
        if dtype not in FLOATING:
            return
        self.floating += row.elements
        if not dtype.startswith("complex"):
            self.signed += row.elements if change is None else change.finite
            self.flips += change.sign_flips or 0 if change is not None else 0
        if change is not None and row.state != "same" and change.finite:
            self.norm = math.hypot(self.norm, change.norms[0])
            self.difference = math.hypot(self.difference, change.difference)

    @property
    def relative(self) -> float:
        known = self.floating and not self.unknown
        return relative_change(self.norm, self.difference) if known else math.nan

    @property
    def sign_flips(self) -> float:
        return self.flips / self.signed if self.signed and not self.unknown else math.nan


@dataclass(slots=True)
class _Module:
    sums: _Sums = field(default_factory=_Sums)
    children: dict[str, _Module] = field(default_factory=dict)


def module_rows(rows: Iterable[TensorRow]) -> tuple[ModuleRow, ...]:
    """Every module that compared weights are below, depth first."""
    root = _Module()
    for row in rows:
        if row.role == "weight" and row.state in _COMPARED:
            at = root
            for segment in row.name.split(".")[:-1]:
                at = at.children.setdefault(segment, _Module())
                at.sums.add(row)
    made: list[ModuleRow] = []
    pending = [(name, 0, module) for name, module in reversed(root.children.items())]
    while pending:
        path, depth, module = pending.pop()
        sums = module.sums
        made.append(
            ModuleRow(
                path=path,
                depth=depth,
                tensors=sums.tensors,
                moved=sums.moved,
                elements=sums.elements,
                relative=sums.relative,
                sign_flips=sums.sign_flips,
            )
        )
        below = [(f"{path}.{name}", depth + 1, child) for name, child in module.children.items()]
        pending.extend(reversed(below))
    return tuple(made)


def still_modules(modules: Sequence[ModuleRow]) -> tuple[str, ...]:
    """The outermost modules none of whose weights moved; none where nothing moved at all."""
    found: list[str] = []
    if not any(module.moved for module in modules):
        return ()
    for module in modules:
        inside = found and module.path.startswith(f"{found[-1]}.")
        if not module.moved and not inside:
            found.append(module.path)
    return tuple(found)


def modules_above(name: str) -> tuple[str, ...]:
    """Every module that a tensor is in, the outermost first."""
    segments = name.split(".")
    return tuple(".".join(segments[:depth]) for depth in range(1, len(segments)))


def role_summaries(rows: Iterable[TensorRow]) -> tuple[RoleSummary, ...]:
    """All tensors of each role, in the order shown."""
    states: dict[str, Counter[str]] = {role: Counter() for role in ROLES}
    sums = {role: _Sums() for role in ROLES}
    for row in rows:
        states[row.role][row.state] += 1
        if row.state in _COMPARED:
            sums[row.role].add(row)
    return tuple(
        RoleSummary(
            role=role,
            states=dict(states[role]),  # type: ignore[arg-type]  # states are the keys
            relative=sums[role].relative,
            sign_flips=sums[role].sign_flips,
        )
        for role in ROLES
        if states[role]
    )

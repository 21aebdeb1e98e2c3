"""Gradients of parameters gathered into modules, at the depth at which a person would name them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from inspector.diagnosis.checkpoint_values import Flow, ModuleGradient, ParameterGradient

MOST_ROWS = 24

_GRAVEST: tuple[Flow, ...] = ("never", "disconnected", "unknown", "frozen")


def module_of(short: str) -> str:
    """The module that owns a parameter: its path without its last part."""
    path = short.partition(".parametrizations.")[0] if ".parametrizations." in short else short.rpartition(".")[0]
    return path or short


def by_module(parameters: Sequence[ParameterGradient], shorts: Mapping[str, str]) -> tuple[ModuleGradient, ...]:
    """Every module that owns parameters, in the model's order; a parameter beside submodules stands for itself."""
    return tuple(_gathered(name, members) for name, members in _leaves(parameters, shorts).items())


def rows_of(parameters: Sequence[ParameterGradient], shorts: Mapping[str, str]) -> tuple[ModuleGradient, ...]:
    """At most 24 rows: modules are opened level by level while there is room, those of a list together."""
    leaves = _leaves(parameters, shorts)
    parts = _parts(leaves)
    opened = list(parts.get("", ()))
    while True:
        together: dict[str, list[str]] = {}
        for path in opened:
            if path in parts:
                owner, _, last = path.rpartition(".")
                together.setdefault(owner if last.isdecimal() else path, []).append(path)
        room = MOST_ROWS - len(opened)
        # Opening a module costs as many rows as it has parts, less its own.
        costs = {key: sum(len(parts[path]) - 1 for path in paths) for key, paths in together.items()}
        fitting = [key for key, cost in costs.items() if cost <= room or not cost]
        if not fitting:
            break
        chosen = together[min(fitting, key=lambda key: (together[key][0].count("."), costs[key]))]
        opened = [part for path in opened for part in (parts[path] if path in chosen else (path,))]
    held = [[one for leaf, owned in leaves.items() if _within(leaf, path) for one in owned] for path in opened]
    rows = [_gathered(path, members) for path, members in zip(opened, held, strict=True)]
    if len(rows) <= MOST_ROWS:
        return tuple(rows)
    rest = [one for members in held[MOST_ROWS - 1 :] for one in members]
    return (*rows[: MOST_ROWS - 1], _gathered(f"{len(rows) - MOST_ROWS + 1} more", rest))


def _parts(leaves: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """What lies directly below each path that is no leaf, in order."""
    found: dict[str, dict[str, None]] = {}
    for leaf in leaves:
        path = leaf
        while path:
            owner = path.rpartition(".")[0]
            found.setdefault(owner, {}).setdefault(path)
            path = owner
    return {owner: tuple(parts) for owner, parts in found.items() if owner not in leaves}


def _leaves(parameters: Sequence[ParameterGradient], shorts: Mapping[str, str]) -> dict[str, list[ParameterGradient]]:
    owners = {module_of(short) for short in shorts.values()}
    with_parts = {owner for owner in owners if any(other.startswith(f"{owner}.") for other in owners)}
    found: dict[str, list[ParameterGradient]] = {}
    for one in parameters:
        short = shorts[one.name]
        owner = module_of(short)
        found.setdefault(short if owner in with_parts else owner, []).append(one)
    return found


def _within(leaf: str, path: str) -> bool:
    return leaf == path or leaf.startswith(f"{path}.")


def _gathered(module: str, members: Sequence[ParameterGradient]) -> ModuleGradient:
    flowing = [one for one in members if one.flow == "flowing" and math.isfinite(one.rms)]
    known = [one for one in members if math.isfinite(one.rms)]
    without = [one for one in members if one.flow in ("never", "disconnected", "frozen")]
    elements = sum(one.elements for one in known)
    square = sum(one.rms * one.rms * one.elements for one in known)
    flow: Flow = "flowing" if flowing else _gravest(members)
    lost = [one for one in without if one.flow != "frozen"]
    if flowing and lost:
        flow = "partly"
    telling = without if flow != "flowing" else []
    return ModuleGradient(
        module=module,
        elements=sum(one.elements for one in members),
        parameters=len(members),
        rms=math.sqrt(square / elements) if elements else math.nan,
        update_ratio=_ratio(flowing),
        flow=flow,
        because=telling[0].because if telling else next((one.because for one in members if one.flow == flow), ""),
        without=tuple(one.name for one in without),
    )


def _gravest(members: Sequence[ParameterGradient]) -> Flow:
    held = {one.flow for one in members}
    return next((flow for flow in _GRAVEST if flow in held), "unknown")


def _ratio(flowing: Sequence[ParameterGradient]) -> float:
    """RMS of all steps over RMS of all weights."""
    known = [one for one in flowing if math.isfinite(one.update_rms) and math.isfinite(one.weight_rms)]
    weights = sum(one.weight_rms * one.weight_rms * one.elements for one in known)
    steps = sum(one.update_rms * one.update_rms * one.elements for one in known)
    return math.sqrt(steps / weights) if weights > 0 else math.nan

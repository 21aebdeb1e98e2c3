"""Gradient flow from a checkpoint alone: what the optimizer remembers of every module's gradients.

The RMS gradient of a module is the root of the mean square over all elements of its parameters, each parameter's mean
square as `analysis.moments` has it (for Adam and AdamW the mean of `exp_avg_sq / (1 - beta2^t)`). It is the size that
gradients had over about the last 1 / (1 - beta2) steps, as the optimizer was given them: after clipping, if any.

Source: Kingma and Ba 2015, equation 4; the other families as in `analysis.moments`.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import NamedTuple

import numpy as np

from inspector.analysis.moments import Family, family_of
from inspector.analysis.numbers import finite_number
from inspector.analysis.optimizer_names import Join, Joined, joined
from inspector.analysis.optimizer_state import OptimizerGroup, SavedOptimizer, StateEntry, saved_optimizers
from inspector.artifacts.checkpoints.checkpoint import Checkpoint
from inspector.artifacts.checkpoints.checkpoint_summary import summary_of
from inspector.artifacts.tensors.elements import load
from inspector.core.errors import FileError
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.diagnosis.checkpoint_values import Flow, GradientFlow, ParameterGradient
from inspector.diagnosis.checkpoints.module_gradients import by_module, rows_of
from inspector.diagnosis.checkpoints.update_ratios import update_rms
from inspector.formats.checkpoint_summary import CheckpointSummary, SummaryRow

NO_STATE = "it is in a group of the optimizer and no step had a gradient for it: frozen, or not connected to the loss"
NO_GROUP = "it is in no group of the optimizer: frozen, or a buffer"
ALL_ZERO = "the optimizer made steps with it and every gradient was zero"
NOT_TRAINED = "the file says that it takes no gradient"


class _Member(NamedTuple):
    """One parameter in one optimizer."""

    parameter: Joined
    group: OptimizerGroup
    entry: StateEntry | None
    family: Family | None


def gradient_flow(
    checkpoint: Checkpoint, pulse: Pulse, *, updates: bool = True, summary: CheckpointSummary | None = None
) -> GradientFlow:
    """The gradient of every parameter and module, as far as the optimizer's state tells.

    Args:
        checkpoint: an opened one; all its tensors' statistics are taken, from the cache where they are there.
        pulse: of this work.
        updates: whether update-to-weight ratios are wanted, which read the moments a second time.
        summary: its tensors' statistics where they are known already.
    """
    facts = checkpoint.facts
    optimizers = saved_optimizers(facts.tensors, facts.objects)
    if not optimizers:
        return GradientFlow(because="the file holds no optimizer state")
    if not any(_keeps_something(one) for one in optimizers):
        because = "the optimizer keeps nothing for any parameter: it has made no step, or needs no memory"
        return GradientFlow(because=because)
    places = _places(checkpoint)
    joins = [(one, joined(one, facts.tensors, places)) for one in optimizers]
    good = [(one, join) for one, join in joins if not join.because]
    if not good:
        return GradientFlow(because=joins[0][1].because)
    members = _members(good)
    family = next((member.family for member in members.values() if member.family is not None), None)
    if family is None:
        return GradientFlow(because="the optimizer keeps nothing from which a gradient could be told")
    rows = (summary_of(checkpoint, pulse) if summary is None else summary).rows()
    trained = _marked_trained(checkpoint)
    parameters = []
    for done, member in enumerate(members.values()):
        pulse.beat(done, len(members), "reading moments")
        parameters.append(_gradient(checkpoint, member, rows, trained, pulse, updates=updates))
    shorts = {member.parameter.name: member.parameter.short for member in members.values()}
    modules = by_module(parameters, shorts)
    return GradientFlow(
        optimizer=family.name,
        source=family.source,
        formula=family.formula,
        estimate=family.estimate or _lacks_steps(parameters),
        joined_by=good[0][1].how,
        rows=rows_of(parameters, shorts),
        modules=modules,
        parameters=tuple(parameters),
        notes=tuple(_notes(joins)),
    )


def _keeps_something(optimizer: SavedOptimizer) -> bool:
    """Whether there is more in its state than names: plain SGD stores None for every momentum."""
    entries = optimizer.state.values()
    return any(entry.tensors or any(value is not None for value in entry.values.values()) for entry in entries)


def _places(checkpoint: Checkpoint) -> dict[str, Hashable]:
    """Where each weight's elements are, to know a tied parameter by."""
    found: dict[str, Hashable] = {}
    for tensor in checkpoint.facts.tensors:
        if tensor.role != "weight":
            continue
        try:
            window = checkpoint.window(tensor.name)
        except FileError:
            continue
        if window.storage.plain_bytes and window.storage.source is None:
            found[tensor.name] = (window.path, window.storage.start, window.offset, window.shape)
    return found


def _members(joins: list[tuple[SavedOptimizer, Join]]) -> dict[str, _Member]:
    """Every parameter with the optimizer that has most for it; the first of several."""
    found: dict[str, _Member] = {}
    for optimizer, join in joins:
        common = optimizer.common
        for parameter in join.parameters:
            entry = None if parameter.id is None else optimizer.state.get(parameter.id)
            group = common if parameter.group is None else optimizer.groups[parameter.group]
            keys = () if entry is None else (*entry.tensors, *entry.values)
            member = _Member(parameter, group, entry, family_of(keys, group.values))
            known = found.get(parameter.name)
            if known is None or _rank(member) > _rank(known):
                found[parameter.name] = member
    return found


def _rank(member: _Member) -> int:
    return 0 if member.parameter.id is None else 1 if member.family is None else 2


def _marked_trained(checkpoint: Checkpoint) -> Mapping[str, bool]:
    """What the file says of weights that are parameters: whether they take a gradient. Empty where it says nothing."""
    found: dict[str, bool] = {}
    for tensor in checkpoint.facts.tensors:
        if tensor.role == "weight":
            said = checkpoint.details(tensor.name)
            if said.get("parameter") and isinstance(said.get("requires_grad"), bool):
                found[tensor.name] = said["requires_grad"]
    return found if any(found.values()) else {}


def _gradient(
    checkpoint: Checkpoint,
    member: _Member,
    rows: Mapping[str, SummaryRow],
    trained: Mapping[str, bool],
    pulse: Pulse,
    *,
    updates: bool,
) -> ParameterGradient:
    name = member.parameter.name
    step = _step(checkpoint, member)
    rms, update = math.nan, math.nan
    flow, because = _without_state(member, trained)
    family, entry = member.family, member.entry
    if family is not None and entry is not None:
        row = rows.get(entry.tensors[family.moment].name) if family.moment in entry.tensors else None
        if row is None or not row.count:
            flow, because = "unknown", f"its {family.moment} cannot be read"
        elif row.nans or row.infinities:
            flow, because = "unknown", f"its {family.moment} is not finite"
        elif row.zeros == row.count:
            flow, because, rms, update = "never", ALL_ZERO, 0.0, 0.0
        else:
            value = row.mean if family.measure == "mean" else row.norm / row.count * row.norm
            square = family.mean_square(value, step, member.group.values)
            rms = math.sqrt(square) if square >= 0 else math.nan
            flow, because = "flowing", ""
            if updates:
                update = update_rms(checkpoint, entry, family, member.group.values, step, pulse)
    weight = rows.get(name)
    weight_rms = math.nan if weight is None or not weight.count else weight.norm / math.sqrt(weight.count)
    return ParameterGradient(
        name=name,
        elements=math.prod(member.parameter.shape),
        rms=rms,
        weight_rms=weight_rms,
        update_rms=update,
        update_ratio=update / weight_rms if weight_rms > 0 else math.nan,
        step=step,
        flow=flow,
        because=because,
    )


def _without_state(member: _Member, trained: Mapping[str, bool]) -> tuple[Flow, str]:
    """What is said of a parameter for which no moment is kept."""
    if trained.get(member.parameter.name) is False:
        return "frozen", NOT_TRAINED
    if member.parameter.id is None:
        return "frozen", NO_GROUP
    if member.entry is None:
        return "disconnected", NO_STATE
    return "unknown", "what is kept for it tells of no gradient"


def _lacks_steps(parameters: list[ParameterGradient]) -> bool:
    """Whether a correction for the first steps could not be made for want of their number."""
    return any(one.flow == "flowing" and one.step is None for one in parameters)


def _step(checkpoint: Checkpoint, member: _Member) -> float | None:
    """The steps that a parameter's state has seen."""
    if member.entry is None:
        return None
    tensor = member.entry.tensors.get("step")
    if tensor is not None:
        return scalar_of(checkpoint, tensor.name)
    held = member.entry.values.get("step", member.group.values.get("step"))
    return finite_number(held)


def scalar_of(checkpoint: Checkpoint, name: str) -> float | None:
    """The number that a tensor of one element holds, None where it cannot be read or is not finite."""
    try:
        window = checkpoint.window(name)
        if math.prod(window.shape) != 1:
            return None
        value = float(np.asarray(load(window)).reshape(-1)[0])
    except (FileError, TypeError):
        return None
    return value if math.isfinite(value) else None


def _notes(joins: list[tuple[SavedOptimizer, Join]]) -> list[str]:
    found = []
    for optimizer, join in joins:
        name = visible(optimizer.root, 60) or "the optimizer"
        if join.because:
            found.append(f"{name}: {join.because}")
        if join.nameless:
            found.append(f"{name} trains {len(join.nameless):,} parameters that the file holds no weights of")
    return found

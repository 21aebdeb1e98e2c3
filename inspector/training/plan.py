"""What a resume would do: what loads, the rates it would really use, devices and memory, and one step on trial."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import torch

from inspector.core.arrays import FloatArray
from inspector.core.errors import UsageError
from inspector.core.units import bytes_text, counted
from inspector.formats.recipes.optimizer import Optim
from inspector.formats.setting_fields import fields_of
from inspector.formats.settings_schema import json_schema
from inspector.training import devices
from inspector.training.build import Parts, built
from inspector.training.failures import cause_of
from inspector.training.restoring import Restored, restore
from inspector.training.resume import Prepared, process_notes
from inspector.training.trial import trial_step, warnings_of

_MOST_RATES = 20_000
"""A longer plan is thinned to at most so many steps, the first and the last among them."""

_FIRST = 10
_VALUE_BYTES = 4


def plan(resume: Prepared, device: torch.device, *, trial: bool) -> dict[str, Any]:
    """The facts of a resume as plain values; nothing is written.

    Args:
        resume: what is to be resumed.
        device: where it would run.
        trial: whether to take one real step and measure it.

    Raises:
        RunFolderError: the weights do not fit.
        UsageError: the memory of the machine or of the device runs out, or the device is lost.
    """
    try:
        return _planned(resume, device, trial=trial)
    except (RuntimeError, MemoryError) as error:
        cause = cause_of(error, resume.parent_folder, str(device))
        if cause is None:
            raise
        raise UsageError(cause) from error


def _planned(resume: Prepared, device: torch.device, *, trial: bool) -> dict[str, Any]:
    devices.prepare(device, resume.settings.train)
    parts = built(resume.recipe, resume.settings, device)
    restored = restore(resume, parts)
    state_bytes = _state_bytes(parts, resume.settings.optim)
    here = devices.facts()
    position = resume.position
    found: dict[str, Any] = {
        "run": str(resume.parent_folder),
        "checkpoint": resume.parent.checkpoint,
        "mode": resume.mode,
        "step": position.step,
        "epoch": position.epoch + position.index / parts.steps_per_epoch,
        "last_epoch": resume.last_epoch,
        "horizon": resume.settings.schedule.epochs,
        "steps_per_epoch": parts.steps_per_epoch,
        "repeated_samples": resume.repeated_samples,
        "edits": [_told_edit(resume, edit.path, edit.old, edit.new) for edit in resume.edits],
        "tensors": _tensors(restored),
        "optimizers": list(parts.optimizers),
        "device": str(device),
        "devices": here,
        "parameters": sum(weight.numel() for weight in parts.task.model.parameters()),
        "state_bytes": state_bytes,
        "notes": [*resume.notes, *restored.notes, *process_notes(resume, devices.launch().processes)],
    }
    if resume.recipe.file is not None:
        found["schema"] = json_schema(type(resume.settings))
    warnings = _memory_warnings(str(device), here, state_bytes)
    if trial:
        found["trial"] = trial_step(parts, resume.settings, position, device)
        warnings += warnings_of(found["trial"])
    steps, rates = _rates(resume, parts)
    first = {name: values[:_FIRST] for name, values in rates.items()}
    return {**found, "warnings": warnings, "first_rates": first, "steps": steps, "rates": rates}


def _state_bytes(parts: Parts, optim: Optim) -> int:
    """What weights, gradients, moments and an average of the weights take."""
    weights = list(parts.task.model.parameters())
    moments = 2 if optim.name != "sgd" else int(optim.momentum > 0)
    stepped = [group["params"] for optimizer in parts.optimizers.values() for group in optimizer.param_groups]
    values = sum(weight.numel() for weight in weights) * (1 if optim.ema_decay is None else 2)
    values += sum(weight.numel() for weight in weights if weight.requires_grad)
    values += moments * sum(weight.numel() for group in stepped for weight in group)
    return int(_VALUE_BYTES * values)


def _told_edit(resume: Prepared, path: str, old: Any, new: Any) -> dict[str, Any]:
    effect = resume.effects.get(path)
    applies = next(item.applies for item in fields_of(type(resume.settings)) if item.path == path)
    return {
        "path": path,
        "old": old,
        "new": new,
        "applies": applies,
        "tags": effect.tags if effect else ("takes effect",),
        "note": effect.note if effect else "",
    }


def _tensors(restored: Restored) -> dict[str, Any]:
    """How many of the model's tensors the checkpoint gives, and which of both sides are left out."""
    afresh = sum(one.own is not None for one in restored.left_out)
    return {
        "loaded": restored.loaded,
        "of": restored.loaded + afresh,
        "left_out": [msgspec.to_builtins(one) for one in restored.left_out],
    }


def _memory_warnings(device: str, here: list[dict[str, Any]], state_bytes: int) -> list[str]:
    free = next((one["free_bytes"] for one in here if one["device"] == device), None)
    if free is None or free > state_bytes:
        return []
    needed = bytes_text(state_bytes)
    return [f"weights, gradients and optimizer state take {needed}, and {device} has {bytes_text(free)} free"]


def _rates(resume: Prepared, parts: Parts) -> tuple[list[int], dict[str, list[float]]]:
    """Metric steps, and the rate of every group in each, from the scheduler itself."""
    position, per_epoch = resume.position, parts.steps_per_epoch
    done = position.epoch * per_epoch + position.index
    used = parts.rates.ahead(range(done, resume.last_epoch * per_epoch), per_epoch)
    kept: FloatArray = np.unique(np.linspace(0, len(used) - 1, min(len(used), _MOST_RATES)).round())
    chosen = [int(place) for place in kept]
    names = used[0] if used else {}
    return [position.step + 1 + place for place in chosen], {
        name: [used[place][name] for place in chosen] for name in names
    }


def told(facts: dict[str, Any]) -> str:
    """The plan as lines for a terminal."""
    tensors = facts["tensors"]
    lines = [
        f"From {facts['checkpoint']}, step {facts['step']}, epoch {facts['epoch']:g}",
        f"To epoch {facts['last_epoch']} of {facts['horizon']} on {facts['device']}",
        f"Loaded: {tensors['loaded']} of {counted(tensors['of'], 'tensor')}",
        *(f"Edit {_edit_text(edit)}" for edit in facts["edits"]),
        *_first_rates_lines(facts["first_rates"]),
        *(_trial_lines(facts["trial"]) if "trial" in facts else ()),
        *(f"Note: {note}" for note in facts["notes"]),
        *(f"Warning: {warning}" for warning in facts["warnings"]),
    ]
    return "".join(f"{line}\n" for line in lines)


def _edit_text(edit: dict[str, Any]) -> str:
    return f"{edit['path']}: {edit['old']} -> {edit['new']} ({', '.join(edit['tags'])})"


def _first_rates_lines(first: dict[str, list[float]]) -> list[str]:
    """A line for all groups that share their rates."""
    names: dict[tuple[float, ...], list[str]] = {}
    for name, rates in first.items():
        names.setdefault(tuple(rates), []).append(name)
    return [
        f"First rates, {', '.join(of)}: {', '.join(f'{rate:.4e}' for rate in rates)}" for rates, of in names.items()
    ]


def _trial_lines(trial: dict[str, Any]) -> list[str]:
    norms = {name.removeprefix("grad_norm/"): norm for name, norm in trial["gradient_norms"].items()}
    took = f"{1000 * trial['step_s']:.0f} ms, at most {bytes_text(trial['peak_bytes'])} of memory"
    return [
        f"One step: loss {trial['loss_before']:.4f} before, {trial['loss_after']:.4f} after, {took}",
        *([f"Waiting for their turn: {', '.join(trial['waiting'])}"] if trial["waiting"] else ()),
        *(f"Gradient of {name}: {norms[name]:.3g} ({kind})" for name, kind in trial["gradients"].items()),
        *(f"Predictions, {name}: {value:.4g}" for name, value in trial["probe"].items()),
    ]

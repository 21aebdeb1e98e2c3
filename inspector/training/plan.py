"""What a resume would do: the rates it would really use, the device, memory, and one step on trial."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch

from inspector.core.arrays import FloatArray
from inspector.formats.settings import fields_of
from inspector.training import devices
from inspector.training.build import Parts, built
from inspector.training.norms import gradient_norms, modules_of
from inspector.training.order import epoch_order
from inspector.training.restoring import restore
from inspector.training.resume import Prepared
from inspector.training.task import Batch

_MOST_RATES = 20_000
"""A longer plan is thinned to at most so many steps, the first and the last among them."""


def plan(resume: Prepared, device: torch.device, *, trial: bool) -> dict[str, Any]:
    """The facts of a resume as plain values; nothing is written.

    Args:
        resume: what is to be resumed.
        device: where it would run.
        trial: whether to take one real step and measure it.
    """
    devices.prepare(device, resume.settings.train)
    parts = built(resume.recipe, resume.settings, device)
    notes = restore(resume, parts).notes
    parameters = sum(weight.numel() for weight in parts.task.model.parameters())
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
        "edits": [
            {"path": edit.path, "old": edit.old, "new": edit.new, "applies": _applies(resume, edit.path)}
            for edit in resume.edits
        ],
        "device": str(device),
        "devices": devices.facts(),
        "parameters": parameters,
        # weights, gradients and Adam's two moments, 4 bytes each
        "state_bytes": 16 * parameters,
        "notes": [*resume.notes, *notes],
    }
    if trial:
        found["trial"] = _trial(resume, parts, device)
        parts = built(resume.recipe, resume.settings, device)
        restore(resume, parts)
    steps, rates = _rates(resume, parts)
    return {**found, "steps": steps, "rates": rates}


def _applies(resume: Prepared, path: str) -> str:
    return next(item.applies for item in fields_of(type(resume.settings)) if item.path == path)


def _rates(resume: Prepared, parts: Parts) -> tuple[list[int], dict[str, list[float]]]:
    """Metric steps, and the rate of every group in each, from the scheduler itself."""
    position, per_epoch = resume.position, parts.steps_per_epoch
    used: list[dict[str, float]] = []
    done = position.epoch * per_epoch + position.index
    # torch wants to see the optimizer step; without gradients that moves nothing.
    for optimizer in parts.optimizers.values():
        optimizer.zero_grad(set_to_none=True)
    for steps_done in range(done, resume.last_epoch * per_epoch):
        used.append(parts.rates.before_step(steps_done))
        for optimizer in parts.optimizers.values():
            optimizer.step()
        parts.rates.after_step()
        if (steps_done + 1) % per_epoch == 0:
            parts.rates.after_epoch()
    kept: FloatArray = np.unique(np.linspace(0, len(used) - 1, min(len(used), _MOST_RATES)).round())
    chosen = [int(place) for place in kept]
    names = used[0] if used else {}
    return [position.step + 1 + place for place in chosen], {
        name: [used[place][name] for place in chosen] for name in names
    }


def _trial(resume: Prepared, parts: Parts, device: torch.device) -> dict[str, Any]:
    """One training step: the loss before and after, gradients, how long it took and how much memory."""
    settings, position, task = resume.settings, resume.position, parts.task
    order = epoch_order(settings.train.seed, position.epoch, task.samples)
    batch = order[position.index * settings.data.batch_size :][: settings.data.batch_size]
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    state = torch.get_rng_state()
    task.model.train()
    began = time.perf_counter()
    at = Batch(batch, position.epoch, position.step)
    loss = task.losses(task.model, at, settings).total
    torch.autograd.backward(loss)
    norms = gradient_norms(modules_of(task))
    parts.rates.before_step(position.epoch * parts.steps_per_epoch + position.index)
    for name in task.phase(position.step, settings).optimizers:
        parts.optimizers[name].step()
    before = loss.item()
    seconds = time.perf_counter() - began
    torch.set_rng_state(state)
    with torch.no_grad():
        after = task.losses(task.model, at, settings).total.item()
    peak = torch.cuda.max_memory_allocated(device) if device.type == "cuda" else None
    return {
        "loss_before": before,
        "loss_after": after,
        "gradient_norms": norms,
        "step_s": seconds,
        "peak_bytes": peak,
    }


def told(facts: dict[str, Any]) -> str:
    """The plan as lines for a terminal."""
    rates: list[float] = next(iter(facts["rates"].values()), [])
    lines = [
        f"From {facts['checkpoint']}, step {facts['step']}, epoch {facts['epoch']:g}",
        f"To epoch {facts['last_epoch']} of {facts['horizon']} on {facts['device']}",
        *(f"Edit {edit['path']}: {edit['old']} -> {edit['new']}" for edit in facts["edits"]),
        f"First rates: {', '.join(f'{rate:.4e}' for rate in rates[:10])}",
        *(f"Note: {note}" for note in facts["notes"]),
    ]
    if "trial" in facts:
        trial = facts["trial"]
        lines.append(
            f"One step: loss {trial['loss_before']:.4f} before, {trial['loss_after']:.4f} after,"
            f" {1000 * trial['step_s']:.0f} ms"
        )
    return "".join(f"{line}\n" for line in lines)

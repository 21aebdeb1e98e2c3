"""The usual way to resume: build all from the edited settings, then load the optimizer's and the scheduler's state."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import torch
from torch.optim import lr_scheduler as ls

from inspector.formats.recipes.recipe import steps_per_epoch
from inspector.formats.settings import with_edits
from tests.training.matrix import FAMILIES, GROUPS, SAMPLES, STEP, Layout, Settings

_EPOCHS_DONE, _STEPS_OF_EPOCH = 1, 1


def usual_error(family: str, layout: Layout, edits: dict[str, Any], meaning: str) -> tuple[float | str, bool]:
    """How wrong the rates of the usual way are, and whether weight decay and betas are those of the edited settings.

    Returns:
        The largest difference from what was meant as a share of the largest rate meant, or the name of what is raised.
        What was meant is the same script without an interruption under the edited settings, started at the checkpoint
        for a restart, or the constant rate.
    """
    before: Any = with_edits(Settings(), {"schedule.family": family, **FAMILIES[family]})
    after: Any = with_edits(before, edits)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        saved = [
            (optimizer.state_dict(), scheduler.state_dict()) for optimizer, scheduler in _ran(before, layout, STEP)
        ]
        per_epoch = steps_per_epoch(SAMPLES, after.data.batch_size)
        starts_over = after.data.batch_size != before.data.batch_size
        done = _EPOCHS_DONE * per_epoch + (0 if starts_over else _STEPS_OF_EPOCH)
        count = after.schedule.epochs * per_epoch - done
        if meaning == "pin":
            after = with_edits(after, {"schedule.family": "constant", "schedule.warmup_epochs": 0.0})
        try:
            resumed = _built(after, layout)
            for (optimizer, scheduler), (of_optimizer, of_scheduler) in zip(resumed, saved, strict=True):
                optimizer.load_state_dict(of_optimizer)
                scheduler.load_state_dict(of_scheduler)
            used = _rates(resumed, count, per_epoch, done)
        except Exception as error:  # noqa: BLE001 - what it raises is what the table tells
            return type(error).__name__, False
        rest = count if meaning == "restart" else None
        reference = _built(after, layout, rest)
        meant = _rates(reference, count if rest else done + count, per_epoch, 0)[-count:]
    wanted = (after.optim.weight_decay, (after.optim.beta1, after.optim.beta2))
    groups = [group for optimizer, _ in resumed for group in optimizer.param_groups]
    right = all((group["weight_decay"], tuple(group["betas"])) == wanted for group in groups)
    return float(np.max(np.abs(used - meant)) / np.max(meant)), right


def _ran(settings: Any, layout: Layout, steps: int) -> list[tuple[torch.optim.Optimizer, Any]]:
    pairs = _built(settings, layout)
    _rates(pairs, steps, steps_per_epoch(SAMPLES, settings.data.batch_size), 0)
    return pairs


def _built(settings: Any, layout: Layout, total: int | None = None) -> list[tuple[torch.optim.Optimizer, Any]]:
    """Each optimizer with its scheduler; `total` is the steps of the schedule, the horizon's without it."""
    per_epoch = steps_per_epoch(SAMPLES, settings.data.batch_size)
    optim = settings.optim
    pairs = []
    for modules in GROUPS[layout].values():
        groups = [
            {"params": [torch.nn.Parameter(torch.ones(2))], "lr": optim.lr * getattr(optim.groups, module).lr_mult}
            for module in modules
        ]
        optimizer = torch.optim.AdamW(
            groups, lr=optim.lr, betas=(optim.beta1, optim.beta2), weight_decay=optim.weight_decay
        )
        pairs.append(
            (optimizer, _scheduler(optimizer, settings, per_epoch, total or settings.schedule.epochs * per_epoch))
        )
    return pairs


def _scheduler(optimizer: torch.optim.Optimizer, settings: Any, per_epoch: int, total: int) -> Any:
    """torch's own class of a family; a warm-up goes before it by SequentialLR, as torch's documentation has it."""
    schedule = settings.schedule
    warmup = round(schedule.warmup_epochs * per_epoch)
    rest = max(total - warmup, 1)
    tops = [group["lr"] for group in optimizer.param_groups]
    if schedule.family == "plateau":
        return ls.ReduceLROnPlateau(optimizer, factor=schedule.decay_factor, patience=schedule.plateau_patience)
    if schedule.family == "one_cycle":
        return ls.OneCycleLR(optimizer, tops, total_steps=total, cycle_momentum=False)
    if schedule.family == "inverse_sqrt":
        return ls.LambdaLR(optimizer, lambda t: min((t + 1) / warmup, (warmup / (t + 1)) ** 0.5))
    step = max(round(schedule.decay_epochs * per_epoch), 1)
    milestones = [round(epoch * per_epoch) for epoch in schedule.milestones_epochs]
    cycle = max(round(schedule.cycle_epochs * per_epoch), 1)
    makes: dict[str, Any] = {
        "constant": lambda: ls.ConstantLR(optimizer, 1.0, 0),
        "linear": lambda: ls.LinearLR(optimizer, 1.0, schedule.min_lr / settings.optim.lr, rest),
        "cosine": lambda: ls.CosineAnnealingLR(optimizer, rest, schedule.min_lr),
        "cosine_restarts": lambda: ls.CosineAnnealingWarmRestarts(optimizer, cycle, schedule.cycle_factor),
        "step": lambda: ls.StepLR(optimizer, step, schedule.decay_factor),
        "multistep": lambda: ls.MultiStepLR(optimizer, milestones, schedule.decay_factor),
        "exponential": lambda: ls.ExponentialLR(optimizer, schedule.decay_factor ** (1 / step)),
        "halving": lambda: ls.ExponentialLR(optimizer, 0.5 ** (1 / (schedule.half_life_epochs * per_epoch))),
        "polynomial": lambda: ls.PolynomialLR(optimizer, rest, schedule.power),
    }
    if not warmup:
        return makes[schedule.family]()
    rising = ls.LinearLR(optimizer, 1.0 / warmup, 1.0, max(warmup - 1, 1))
    return ls.SequentialLR(optimizer, [rising, makes[schedule.family]()], [warmup])


def _rates(pairs: list[tuple[torch.optim.Optimizer, Any]], count: int, per_epoch: int, done: int) -> np.ndarray:
    """The rate of every group in each step, (count, groups); validations are never better than the first."""
    used = []
    for step in range(done, done + count):
        used.append([group["lr"] for optimizer, _ in pairs for group in optimizer.param_groups])
        for optimizer, scheduler in pairs:
            for group in optimizer.param_groups:
                for weight in group["params"]:
                    weight.grad = torch.ones_like(weight)
            optimizer.step()
            if not isinstance(scheduler, ls.ReduceLROnPlateau):
                scheduler.step()
            elif (step + 1) % per_epoch == 0:
                scheduler.step(1.0)
    return np.asarray(used)

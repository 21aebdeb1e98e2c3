"""One optimizer step: gradients of a batch in parts, clipping, rates, the step, and what is measured on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import torch
from torch import Tensor

from inspector.training.averaging import Average
from inspector.training.engine import Engine
from inspector.training.norms import clip, gradient_norms, matrices, modules_of, update_ratios
from inspector.training.optimizer import settle_kernels
from inspector.training.progress import Counters
from inspector.training.rates import Rates
from inspector.training.step_record import StepLosses, peak_bytes
from inspector.training.task import Batch, Phase, Task


class Step(msgspec.Struct, frozen=True):
    """What a step was.

    Attributes:
        losses: of its batch.
        rates: of every group, as used.
        measured: norms and ratios where they were due.
        peak_bytes: the most memory held so far, with the norms.
        phase: whose turn it was.
    """

    losses: StepLosses
    rates: dict[str, float]
    measured: dict[str, float]
    peak_bytes: int | None
    phase: Phase


class Stepper:
    """Takes the steps of a run.

    Args:
        task: what learns.
        optimizers: by name.
        rates: of their groups.
        engine: on which it is worked out.
        average: of the weights, None without one.
    """

    def __init__(
        self,
        task: Task,
        optimizers: Mapping[str, torch.optim.Optimizer],
        rates: Rates,
        engine: Engine,
        average: Average | None,
    ) -> None:
        self._task = task
        self._optimizers = optimizers
        self._rates = rates
        self._engine = engine
        self._average = average
        self._model = engine.wrapped(task.model)
        self._modules = modules_of(task)
        self._weights = list(task.model.parameters())
        for optimizer in optimizers.values():
            settle_kernels(optimizer)
        self._stepped: dict[tuple[str, ...], list[Tensor]] = {}

    def take(self, batch: Batch, settings: Any, counters: Counters, scheduled: int) -> Step:
        """Take one step.

        Args:
            batch: its samples, of all processes.
            settings: those in force.
            counters: brought up to date.
            scheduled: steps of the schedule already taken.
        """
        train, engine = settings.train, self._engine
        phase = self._task.phase(batch.step, settings)
        optimizers = [self._optimizers[name] for name in phase.optimizers]
        losses = self._gradients(batch, settings)
        engine.unscale(optimizers)
        number = batch.step + 1
        measured: dict[str, float] = {}
        held_bytes: int | None = None
        if number % train.norm_every == 0:
            measured, held_bytes = gradient_norms(self._modules), peak_bytes(engine.device)
        counters.steps += 1
        if settings.optim.clip_norm is not None:
            counters.clipped += self._clip(phase, settings.optim.clip_norm)
        rates = self._rates.before_step(scheduled)
        before = matrices(self._modules) if number % train.ratio_every == 0 else None
        engine.step(optimizers)
        if before is not None:
            measured |= update_ratios(before, matrices(self._modules))
        if self._average is not None:
            self._average.update(self._task.model)
        for weight in self._weights:
            weight.grad = None
        self._rates.after_step()
        return Step(losses, rates, measured, held_bytes, phase)

    def _gradients(self, batch: Batch, settings: Any) -> StepLosses:
        """Gradients of the loss of a batch, and what it was."""
        found, engine = StepLosses(), self._engine
        for part in engine.parts(batch.indices, settings.optim.accumulate):
            with engine.alone(part):
                samples = batch if part.indices is batch.indices else Batch(part.indices, batch.epoch, batch.step)
                losses = self._task.losses(self._model, samples, settings)
                total = losses.total
                engine.backward(total if part.factor == 1.0 else total * part.factor)
            found.add(losses, total, part.share)
        return found

    def _clip(self, phase: Phase, longest: float) -> bool:
        """Shorten the gradient of what steps now to a length; whether it was longer."""
        if phase.optimizers not in self._stepped:
            groups = [group for name in phase.optimizers for group in self._optimizers[name].param_groups]
            self._stepped[phase.optimizers] = list(dict.fromkeys(one for group in groups for one in group["params"]))
        return clip(self._stepped[phase.optimizers], longest)

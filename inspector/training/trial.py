"""One training step on trial: whether it learns, what reaches each module, how long it takes; nothing is written."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from inspector.core.arrays import IntArray
from inspector.formats.gradients import SOURCE, gradient_class
from inspector.training import randomness
from inspector.training.build import Parts
from inspector.training.engine import Engine
from inspector.training.norms import Modules, gradient_norms, modules_of
from inspector.training.order import epoch_order
from inspector.training.progress import Position
from inspector.training.step_record import peak_bytes
from inspector.training.task import Batch


def trial_step(parts: Parts, settings: Any, position: Position, device: torch.device) -> dict[str, Any]:
    """What the next step does, as plain values.

    The loss is taken before and after it with the same samples and the same random numbers. A second step is timed, as
    the first also loads kernels.
    """
    order = epoch_order(settings.train.seed, position.epoch, parts.task.samples)
    batch = order[position.index * settings.data.batch_size :][: settings.data.batch_size]
    engine = Engine(device, settings.train)
    trial = _Trial(parts, engine.wrapped(parts.task.model), engine, settings, position, batch)
    parts.task.model.train()
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    state = randomness.captured()
    stepped = trial.modules()
    before, norms = trial.step(stepped)
    randomness.restore(state)
    with torch.no_grad():
        after = trial.loss()
    randomness.restore(state)
    probed = parts.task.probe(parts.task.model, Batch(batch, position.epoch, position.step), settings)
    randomness.restore(state)
    began = time.perf_counter()
    trial.step(stepped)
    return {
        "loss_before": before,
        "loss_after": after,
        "gradient_norms": norms,
        "gradients": {name.removeprefix("grad_norm/"): gradient_class(norm) for name, norm in norms.items()},
        "gradients_source": SOURCE,
        "waiting": [name for name in modules_of(parts.task) if name not in stepped],
        "probe": probed,
        "samples": len(batch),
        "step_s": time.perf_counter() - began,
        "peak_bytes": peak_bytes(device),
    }


@dataclass(frozen=True, slots=True)
class _Trial:
    """Steps on one batch, as the loop takes them."""

    parts: Parts
    model: nn.Module
    engine: Engine
    settings: Any
    position: Position
    batch: IntArray

    def loss(self, *, learns: bool = False) -> float:
        """The loss of the batch, with its gradients where the step learns."""
        whole = 0.0
        for part in self.engine.parts(self.batch, self.settings.optim.accumulate):
            at = Batch(part.indices, self.position.epoch, self.position.step)
            total = self.parts.task.losses(self.model, at, self.settings).total
            if learns:
                self.engine.backward(total if part.factor == 1.0 else total * part.factor)
            whole += total.item() * part.share
        return whole

    def modules(self) -> Modules:
        """Those whose turn it is."""
        task = self.parts.task
        names = {
            name for turn in task.phase(self.position.step, self.settings).optimizers for name in task.groups()[turn]
        }
        return {name: weights for name, weights in modules_of(task).items() if name in names}

    def step(self, modules: Modules) -> tuple[float, dict[str, float]]:
        """Take one; the loss before it, and L2 of each module's gradient."""
        parts, position = self.parts, self.position
        optimizers = [parts.optimizers[name] for name in parts.task.phase(position.step, self.settings).optimizers]
        loss = self.loss(learns=True)
        self.engine.unscale(optimizers)
        norms = gradient_norms(modules)
        if self.settings.optim.clip_norm is not None:
            nn.utils.clip_grad_norm_(_stepped(optimizers), self.settings.optim.clip_norm)
        parts.rates.before_step(position.epoch * parts.steps_per_epoch + position.index)
        self.engine.step(optimizers)
        for optimizer in parts.optimizers.values():
            optimizer.zero_grad(set_to_none=True)
        return loss, norms


def _stepped(optimizers: list[torch.optim.Optimizer]) -> list[Tensor]:
    weights = [weight for optimizer in optimizers for group in optimizer.param_groups for weight in group["params"]]
    return list(dict.fromkeys(weights))


def warnings_of(trial: dict[str, Any]) -> list[str]:
    """What in a trial asks for attention, one sentence each."""
    before, after = trial["loss_before"], trial["loss_after"]
    found = []
    if not (math.isfinite(before) and math.isfinite(after)):
        found.append(f"the loss is not finite: {before:g} before the step, {after:g} after it")
    elif after > before:
        found.append(f"one step raises the loss from {before:.4g} to {after:.4g}; a lower optim.lr may be needed")
    for kind, said in _SAID.items():
        modules = [name for name, one in trial["gradients"].items() if one == kind and name != "total"]
        if modules:
            found.append(f"{', '.join(modules)}: {said}")
    return found


_SAID = {
    "none": "no gradient, as nothing leads from the loss to it",
    "zero": "the gradient is 0 everywhere",
    "vanishing": "the gradient vanishes",
    "exploding": "the gradient explodes",
}

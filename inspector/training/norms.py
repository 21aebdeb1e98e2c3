"""How large gradients are, and how far a step moves the weights, by module."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from inspector.training.task import Task

Modules = Mapping[str, Sequence[Tensor]]
"""The trained weights of each module that has an optimizer group, by its name."""

_TORCH_ADDS = 1e-6
"""To the norm by which `clip_grads_with_norm_` divides."""


def modules_of(task: Task) -> Modules:
    """The modules that a task's optimizers step, each once."""
    names = dict.fromkeys(name for names in task.groups().values() for name in names)
    found = {name: list(task.model.get_submodule(name).parameters()) for name in names}
    trained = {name: [weight for weight in weights if weight.requires_grad] for name, weights in found.items()}
    return {name: weights for name, weights in trained.items() if weights}


def gradient_norms(modules: Modules) -> dict[str, float]:
    """L2 of each module's gradient and of all: NaN where no weight has one, 0 where all are zero."""
    gradients = [weight.grad for weights in modules.values() for weight in weights if weight.grad is not None]
    lengths = iter(_lengths(gradients))
    found = {
        name: [next(lengths) for weight in weights if weight.grad is not None] for name, weights in modules.items()
    }
    norms = {name: math.sqrt(sum(length * length for length in own)) for name, own in found.items() if own}
    total = math.hypot(*norms.values()) if norms else math.nan
    return {**{f"grad_norm/{name}": norms.get(name, math.nan) for name in modules}, "grad_norm/total": total}


def _lengths(gradients: list[Tensor]) -> list[float]:
    """L2 of each, with one wait for the device."""
    if not gradients:
        return []
    found: list[float] = torch.stack(torch._foreach_norm(gradients)).tolist()  # noqa: SLF001 - as torch's own clipping
    return found


def clip(weights: Sequence[Tensor], longest: float) -> bool:
    """Shorten the gradient of weights, whatever their shapes, as torch does; whether it was longer or not finite.

    Args:
        weights: changed in place, as far as they have a gradient.
        longest: L2 of them all.
    """
    norm = torch.nn.utils.get_total_norm([weight.grad for weight in weights if weight.grad is not None])
    length = norm.item()
    if not length <= 0.99 * longest - _TORCH_ADDS:  # any shorter one torch would multiply by 1
        torch.nn.utils.clip_grads_with_norm_(weights, longest, norm)
    return not length <= longest


def matrices(modules: Modules) -> dict[str, Tensor]:
    """A copy of each module's weights of two axes or more, (n,); gains and biases have no spread to compare with."""
    flat = {
        name: [weight.detach().flatten() for weight in weights if weight.dim() > 1] for name, weights in modules.items()
    }
    return {name: torch.cat(weights) for name, weights in flat.items() if weights}


def update_ratios(before: dict[str, Tensor], after: dict[str, Tensor]) -> dict[str, float]:
    """Spread of each module's update over the spread of its weights; about 1e-3 is healthy.

    Where all weights of a module are equal it is inf, or NaN if the update, too, has no spread.

    Args:
        before: as `matrices` gives them.
        after: the same of the same modules, one step later.

    Source: Karpathy's update ratio, of the update as made, so that momentum and decay count.
    """
    return {
        f"update_ratio/{name}": float((after[name] - weights).std() / weights.std()) for name, weights in before.items()
    }

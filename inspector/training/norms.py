"""How large gradients are, and how far a step moves the weights, by module."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from inspector.training.task import Task

Modules = Mapping[str, Sequence[Tensor]]
"""The trained weights of each module that has an optimizer group, by its name."""


def modules_of(task: Task) -> Modules:
    """The modules that a task's optimizers step, each once."""
    names = dict.fromkeys(name for names in task.groups().values() for name in names)
    found = {name: list(task.model.get_submodule(name).parameters()) for name in names}
    trained = {name: [weight for weight in weights if weight.requires_grad] for name, weights in found.items()}
    return {name: weights for name, weights in trained.items() if weights}


def gradient_norms(modules: Modules) -> dict[str, float]:
    """L2 of each module's gradient and of all: NaN where no weight has one, 0 where all are zero."""
    norms: dict[str, float] = {}
    for name, weights in modules.items():
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        norms[f"grad_norm/{name}"] = float(torch.nn.utils.get_total_norm(gradients)) if gradients else math.nan
    found = [norm for norm, weights in zip(norms.values(), modules.values(), strict=True) if _has_gradient(weights)]
    return {**norms, "grad_norm/total": math.hypot(*found) if found else math.nan}


def _has_gradient(weights: Sequence[Tensor]) -> bool:
    return any(weight.grad is not None for weight in weights)


def matrices(modules: Modules) -> dict[str, Tensor]:
    """A copy of each module's weights of two axes or more, flat; gains and biases have no spread to compare with."""
    flat = {
        name: [weight.detach().flatten() for weight in weights if weight.dim() > 1] for name, weights in modules.items()
    }
    return {name: torch.cat(weights) for name, weights in flat.items() if weights}


def update_ratios(before: dict[str, Tensor], after: dict[str, Tensor]) -> dict[str, float]:
    """Spread of each module's update over the spread of its weights; about 1e-3 is healthy.

    Source: Karpathy's update ratio, of the update as made, so that momentum and decay count.
    """
    return {
        f"update_ratio/{name}": float((after[name] - weights).std() / weights.std()) for name, weights in before.items()
    }

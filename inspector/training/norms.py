"""How large gradients are, and how far a step moves the weights, by optimizer group."""

from __future__ import annotations

import torch
from torch import Tensor


def gradient_norms(*optimizers: torch.optim.Optimizer) -> dict[str, float]:
    """L2 of each group's gradient and of all, before clipping; a group without any gradient is left out."""
    norms: dict[str, float] = {}
    for group in (group for optimizer in optimizers for group in optimizer.param_groups):
        gradients = [weight.grad for weight in group["params"] if weight.grad is not None]
        if gradients:
            lengths = torch.stack([torch.linalg.vector_norm(gradient) for gradient in gradients])
            norms[f"grad_norm/{group['name']}"] = float(torch.linalg.vector_norm(lengths))
    return {**norms, "grad_norm/total": sum(norm**2 for norm in norms.values()) ** 0.5}


def matrices(*optimizers: torch.optim.Optimizer) -> dict[str, Tensor]:
    """A copy of each group's weights of two axes or more, flat; gains and biases have no spread to compare with."""
    return {
        group["name"]: torch.cat([weight.detach().flatten() for weight in group["params"] if weight.dim() > 1])
        for optimizer in optimizers
        for group in optimizer.param_groups
    }


def update_ratios(before: dict[str, Tensor], after: dict[str, Tensor]) -> dict[str, float]:
    """Spread of each group's update over the spread of its weights; about 1e-3 is healthy.

    Source: Karpathy's update ratio, of the update as made, so that momentum and decay count.
    """
    return {
        f"update_ratio/{name}": float((after[name] - weights).std() / weights.std()) for name, weights in before.items()
    }

"""The optimizer: one group a module, and saved state joined to it by parameter name."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from inspector.formats.recipes.optimizer import Optim

_CLASSES: dict[str, type[torch.optim.Adam]] = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}


def built(model: nn.Module, groups: tuple[str, ...], optim: Optim) -> torch.optim.Optimizer:
    """An optimizer whose groups carry a name and the names of their parameters."""
    parameters = [
        {
            "name": name,
            "params": [(f"{name}.{leaf}", weight) for leaf, weight in model.get_submodule(name).named_parameters()],
            "lr": optim.lr * _factor(optim, name),
        }
        for name in groups
    ]
    return _CLASSES[optim.name](
        parameters, lr=optim.lr, betas=(optim.beta1, optim.beta2), eps=optim.eps, weight_decay=optim.weight_decay
    )


def _factor(optim: Optim, group: str) -> float:
    """A recipe's own factor of a group; 1 where its settings have none."""
    factors = getattr(optim, "groups", None)
    return float(getattr(factors, group).lr_mult) if hasattr(factors, group) else 1.0


def join_state(optimizer: torch.optim.Optimizer, saved: dict[str, Any]) -> list[str]:
    """Load the saved per-parameter state by name, and nothing else of it.

    The groups keep the hyper-parameters that the optimizer was built with; loading them the usual way would silently
    bring back the old learning rate, betas, eps and weight decay, and torch would not compare the names.

    Returns:
        Names of parameters without saved state of their shape; those start afresh.
    """
    by_name = {
        name: saved["state"].get(number)
        for group in saved["param_groups"]
        for name, number in zip(group["param_names"], group["params"], strict=True)
    }
    own = optimizer.state_dict()
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    names = [name for group in own["param_groups"] for name in group["param_names"]]
    joined: dict[int, Any] = {}
    fresh: list[str] = []
    for number, (name, parameter) in enumerate(zip(names, parameters, strict=True)):
        state = by_name.get(name)
        if state is None or not _fits(state, parameter):
            fresh.append(name)
        else:
            joined[number] = state
    optimizer.load_state_dict({"state": joined, "param_groups": own["param_groups"]})
    return fresh


def _fits(state: dict[str, Any], parameter: Tensor) -> bool:
    moments = [value for value in state.values() if isinstance(value, Tensor) and value.dim()]
    return all(moment.shape == parameter.shape for moment in moments)

"""The optimizers: one group a module, and saved state joined to them by parameter name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from inspector.core.errors import DamagedError
from inspector.formats.recipes.optimizer import Optim

_CLASSES: dict[str, type[torch.optim.Optimizer]] = {
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "sgd": torch.optim.SGD,
}


def built(model: nn.Module, groups: Mapping[str, tuple[str, ...]], optim: Optim) -> dict[str, torch.optim.Optimizer]:
    """Optimizers by name, whose groups carry a name and the names of their parameters.

    Weights that do not learn are left out, and so are modules that have no others.

    Args:
        model: what learns.
        groups: names of the optimizers, each with the modules that it steps, as `Task.groups` gives them.
        optim: the settings that they share.
    """
    return {
        name: _CLASSES[optim.name](
            [
                {"name": group_name(name, module, many=len(groups) > 1), "params": named, "lr": _rate(optim, module)}
                for module, named in _trained(model, modules).items()
            ],
            **_hyper_parameters(optim),
        )
        for name, modules in groups.items()
    }


def settle_kernels(optimizer: torch.optim.Optimizer) -> None:
    """Spare torch a choice that it makes for every group at every step, where there is but one: on the CPU.

    What is saved leaves it open, as a checkpoint may go on elsewhere.
    """
    if all(weight.device.type == "cpu" for group in optimizer.param_groups for weight in group["params"]):
        for group in optimizer.param_groups:
            group["foreach"] = False
        optimizer.register_state_dict_post_hook(_choice_left_open)


def _choice_left_open(_optimizer: torch.optim.Optimizer, state: dict[str, Any]) -> None:
    for group in state["param_groups"]:
        group["foreach"] = None


def _hyper_parameters(optim: Optim) -> dict[str, Any]:
    """What an optimizer of that kind is built with."""
    own: dict[str, Any] = (
        {"momentum": optim.momentum} if optim.name == "sgd" else {"betas": (optim.beta1, optim.beta2), "eps": optim.eps}
    )
    return {"lr": optim.lr, "weight_decay": optim.weight_decay, **own}


def group_name(optimizer: str, module: str, *, many: bool) -> str:
    """What the group of a module is called; with many optimizers the optimizer's name is a part of it."""
    return f"{optimizer}.{module}" if many else module


def _trained(model: nn.Module, modules: tuple[str, ...]) -> dict[str, list[tuple[str, nn.Parameter]]]:
    """The weights of each module that learn, by their whole names; one that two modules share is the first's."""
    seen: set[nn.Parameter] = set()
    found: dict[str, list[tuple[str, nn.Parameter]]] = {}
    for module in modules:
        for leaf, weight in model.get_submodule(module).named_parameters():
            if weight.requires_grad and weight not in seen:
                seen.add(weight)
                found.setdefault(module, []).append((f"{module}.{leaf}", weight))
    return found


def _rate(optim: Optim, module: str) -> float:
    """The base rate of a module: times the recipe's own factor where its settings have one."""
    factors = getattr(optim, "groups", None)
    return optim.lr * (float(getattr(factors, module).lr_mult) if hasattr(factors, module) else 1.0)


def join_states(optimizers: Mapping[str, torch.optim.Optimizer], saved: Mapping[str, dict[str, Any]]) -> list[str]:
    """Load the saved state of every optimizer, by the optimizer's name and by parameter name.

    Returns:
        Names of parameters without saved state of their shape, once for each optimizer; those start afresh.
    """
    return [
        fresh if len(optimizers) == 1 else f"{name}: {fresh}"
        for name, optimizer in optimizers.items()
        for fresh in join_state(optimizer, saved.get(name, {"state": {}, "param_groups": []}))
    ]


def check_names(saved: Mapping[str, Any], path: Path) -> None:
    """Raise unless every saved optimizer tells the name of each of its parameters, once.

    Raises:
        DamagedError: one does not, so that its state cannot be joined by name.
    """
    for optimizer, state in saved.items():
        names = [name for group in state["param_groups"] for name in group.get("param_names", ())]
        counted = [number for group in state["param_groups"] for number in group["params"]]
        if len(names) != len(counted):
            found = f"{len(names)} names for {len(counted)} parameters of optimizer {optimizer}"
            raise DamagedError(path, "a name of each parameter, by which its state is joined", found, _WITHOUT_STATE)
        twice = [name for name, count in Counter(names).items() if count > 1]
        if twice:
            found = f"{twice[0]} twice in optimizer {optimizer}"
            raise DamagedError(path, "every parameter once", found, _WITHOUT_STATE)


_WITHOUT_STATE = "use --mode new-optimizer"


def names_of(state: Mapping[str, Any]) -> list[str]:
    """Names of the parameters in an optimizer's state, in its order."""
    return [name for group in state["param_groups"] for name in group["param_names"]]


def strangers(optimizers: Mapping[str, torch.optim.Optimizer], saved: Mapping[str, Any]) -> list[str]:
    """Saved parameters that no optimizer of that name steps."""
    return [
        name
        for optimizer, state in saved.items()
        for own in [set(names_of(optimizers[optimizer].state_dict())) if optimizer in optimizers else set()]
        for name in names_of(state)
        if name not in own
    ]


def reordered(optimizers: Mapping[str, torch.optim.Optimizer], saved: Mapping[str, Any]) -> bool:
    """Whether a checkpoint lists the same parameters in another order."""
    for optimizer, state in saved.items():
        own = names_of(optimizers[optimizer].state_dict()) if optimizer in optimizers else []
        held = names_of(state)
        if held != own and sorted(held) == sorted(own):
            return True
    return False


def join_state(optimizer: torch.optim.Optimizer, saved: dict[str, Any]) -> list[str]:
    """Load the saved per-parameter state by name, and nothing else of it.

    The groups keep the hyper-parameters that the optimizer was built with; loading them the usual way would silently
    bring back the old learning rate, betas, eps and weight decay, and torch would not compare the names.

    Returns:
        Names of parameters without saved state of their shape and of this kind of optimizer; those start afresh.
    """
    wanted = _kept(optimizer)
    if wanted is None:
        return []
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
        if state is None or wanted not in state or not _fits(state, parameter):
            fresh.append(name)
        else:
            joined[number] = state
    optimizer.load_state_dict({"state": joined, "param_groups": own["param_groups"]})
    return fresh


def _kept(optimizer: torch.optim.Optimizer) -> str | None:
    """The key of the moment that a kind of optimizer keeps, None where it keeps nothing."""
    if isinstance(optimizer, torch.optim.SGD):
        return "momentum_buffer" if any(group["momentum"] for group in optimizer.param_groups) else None
    return "exp_avg"


def _fits(state: dict[str, Any], parameter: Tensor) -> bool:
    moments = [value for value in state.values() if isinstance(value, Tensor) and value.dim()]
    return all(moment.shape == parameter.shape for moment in moments)

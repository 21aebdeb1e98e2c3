"""Faults of the newest checkpoint: its weights, and what its optimizer keeps of their gradients."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tests.diagnosis.corpus.draws import Draw, Planted, fault
from tests.diagnosis.corpus.torch_files import write_checkpoint

Model = dict[str, Any]


def net(draw: Draw, layers: int | None = None) -> Model:
    """Convolutions with batch norms and a linear head, as training leaves them."""
    layers, width, model = layers or draw.whole(2, 5), int(draw.random.choice([8, 12, 16])), {}
    before = 3
    for layer in range(layers):
        spread = 1 / np.sqrt(before * 9)
        model[f"{layer}.conv.weight"] = draw.random.normal(0, spread, (width, before, 3, 3))
        model[f"{layer}.norm.weight"] = draw.random.uniform(0.6, 1.4, width)
        model[f"{layer}.norm.bias"] = draw.random.normal(0, 0.2, width)
        model[f"{layer}.norm.running_mean"] = draw.random.normal(0, 0.5, width)
        model[f"{layer}.norm.running_var"] = draw.random.uniform(0.2, 2, width)
        before = width
    model["head.weight"] = draw.random.normal(0, 0.2, (10, width))
    model["head.bias"] = draw.random.normal(0, 0.05, 10)
    return {name: one.astype(np.float32) for name, one in model.items()}


def adam(draw: Draw, model: Model, *, steps: int | None = None) -> dict[str, Any]:
    """An Adam's state over all that is learnt, its second moments those of gradients of one size."""
    names = [name for name in model if not name.endswith(("running_mean", "running_var"))]
    steps, state = steps or draw.whole(200, 5000), {}
    for place, name in enumerate(names):
        gradient = draw.random.normal(0, draw.orders(1e-3, 1e-2), model[name].shape)
        state[place] = {
            "step": np.asarray(float(steps), np.float32),
            "exp_avg": (0.1 * gradient).astype(np.float32),
            "exp_avg_sq": (gradient**2 + 1e-9).astype(np.float32),
        }
    group = {
        "lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0, "amsgrad": False, "maximize": False,
        "params": list(range(len(names))),
    }  # fmt: skip
    return {"state": state, "param_groups": [group]}


def places(model: Model, *words: str) -> list[int]:
    """Where the parameters of these names stand in the optimizer."""
    names = [name for name in model if not name.endswith(("running_mean", "running_var"))]
    return [place for place, name in enumerate(names) if any(word in name for word in words)]


def save(folder: Path, model: Model, optimizer: dict[str, Any] | None = None) -> None:
    """One newest checkpoint."""
    content: dict[str, Any] = {"epoch": 9, "model": model}
    if optimizer is not None:
        content["optimizer"] = optimizer
    write_checkpoint(folder / "last.pt", content)


Spoil = Callable[[Draw, Model, dict[str, Any]], None]


def _spoilt(spoil: Spoil, layers: int | None, folder: Path, draw: Draw) -> None:
    model = net(draw, layers)
    optimizer = adam(draw, model)
    spoil(draw, model, optimizer)
    save(folder, model, optimizer)


def _one(draw: Draw, model: Model, ending: str) -> Any:
    names = [name for name in model if name.endswith(ending)]
    return model[names[draw.whole(0, len(names) - 1)]]


def _not_finite(draw: Draw, model: Model, _optimizer: dict[str, Any]) -> None:
    weight = _one(draw, model, "weight").reshape(-1)
    weight[draw.random.permutation(len(weight))[: draw.whole(1, len(weight))]] = np.nan


def _moments_not_finite(draw: Draw, _model: Model, optimizer: dict[str, Any]) -> None:
    state = optimizer["state"][draw.whole(0, len(optimizer["state"]) - 1)]
    state["exp_avg" if draw.random.random() < 0.5 else "exp_avg_sq"].reshape(-1)[0] = np.nan


def _no_gradient(draw: Draw, model: Model, optimizer: dict[str, Any]) -> None:
    """One module never had a gradient: no state, or moments of zero."""
    for place in places(model, "1.conv", "1.norm"):
        if draw.seed % 2:
            del optimizer["state"][place]
        else:
            for name in ("exp_avg", "exp_avg_sq"):
                optimizer["state"][place][name][...] = 0.0


def _frozen(_draw: Draw, model: Model, optimizer: dict[str, Any]) -> None:
    """The head is in no group; the optimizer keeps names, as torch does where it is given them."""
    left = places(model, "head")
    names = [name for name in model if not name.endswith(("running_mean", "running_var"))]
    group = optimizer["param_groups"][0]
    group["params"] = [place for place in group["params"] if place not in left]
    group["param_names"] = [names[place] for place in group["params"]]
    for place in left:
        del optimizer["state"][place]


def _depth(draw: Draw, model: Model, optimizer: dict[str, Any]) -> None:
    """Gradients fall, or rise, by orders from the last kernel to the first."""
    total = len(optimizer["state"])
    factor = draw.orders(1e-6, 1e-4) if draw.random.random() < 0.6 else draw.orders(300, 1e4)
    for place in range(total):
        share = factor ** (1 - place / (total - 1))
        state = optimizer["state"][place]
        state["exp_avg"] = (state["exp_avg"] * share).astype(np.float32)
        state["exp_avg_sq"] = (state["exp_avg_sq"] * share**2).astype(np.float32)


def _empty(draw: Draw, model: Model, _optimizer: dict[str, Any]) -> None:
    _one(draw, model, "conv.weight")[...] = 0.0 if draw.random.random() < 0.5 else draw.between(-1, 1)


def _copied(draw: Draw, model: Model, _optimizer: dict[str, Any]) -> None:
    kernel = _one(draw, model, "conv.weight")
    for place in range(1, draw.whole(2, 5)):
        kernel[place] = kernel[0] * np.float32(1 + 1e-7 * draw.random.normal())


def _dead_outputs(draw: Draw, model: Model, _optimizer: dict[str, Any]) -> None:
    layer, how = draw.whole(0, 1), draw.whole(0, 2)
    for channel in range(draw.whole(1, 6)):
        if how == 0:
            model[f"{layer}.norm.weight"][channel] = draw.orders(1e-9, 3e-5)
            model[f"{layer}.norm.bias"][channel] = -draw.between(0.05, 0.5)
        elif how == 1:
            model[f"{layer}.norm.running_var"][channel] = draw.orders(1e-18, 1e-12)
        else:
            model[f"{layer}.conv.weight"][channel] *= np.float32(draw.orders(1e-9, 1e-6))


def _underflow(draw: Draw, _model: Model, optimizer: dict[str, Any]) -> None:
    """Moments in half precision: the square of 1e-4 is gone."""
    for state in optimizer["state"].values():
        state["exp_avg"] = draw.random.normal(0, 1e-4, state["exp_avg"].shape).astype(np.float16)
        state["exp_avg_sq"] = np.zeros(state["exp_avg_sq"].shape, np.float16)


def _zero_moments(draw: Draw, model: Model, optimizer: dict[str, Any]) -> None:
    """Most elements of a kernel never had a gradient."""
    state = optimizer["state"][places(model, "1.conv")[0]]
    gone = draw.random.random(state["exp_avg_sq"].shape) < draw.between(0.75, 0.97)
    for name in ("exp_avg", "exp_avg_sq"):
        state[name][gone] = 0.0


def _unequal(draw: Draw, model: Model, optimizer: dict[str, Any]) -> None:
    for place in places(model, "head"):
        optimizer["state"][place]["step"] = np.asarray(float(draw.whole(1, 150)), np.float32)


def write_healthy(folder: Path, draw: Draw) -> None:
    """A sound checkpoint."""
    model = net(draw)
    save(folder, model, adam(draw, model) if draw.random.random() < 0.7 else None)


def _kind(name: str, spoil: Spoil, *also: str, layers: int | None = None) -> Planted:
    return fault(name, partial(_spoilt, spoil, layers), *also, own_record=True)


WEIGHTS: tuple[Planted, ...] = (
    _kind("weights-not-finite", _not_finite),
    _kind("moments-not-finite", _moments_not_finite),
    _kind("no-gradient", _no_gradient),
    _kind("frozen-modules", _frozen),
    _kind("gradient-depth", _depth, layers=6),
    _kind("empty-weights", _empty, "dead-outputs"),
    _kind("duplicated-filters", _copied),
    _kind("dead-outputs", _dead_outputs),
    _kind("moments-underflow", _underflow),
    _kind("unequal-steps", _unequal),
    _kind("zero-gradients", _zero_moments),
)

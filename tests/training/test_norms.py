"""Norms and clipping of gradients, against torch's own."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from inspector.formats.recipes.optimizer import Optim
from inspector.training.norms import clip, gradient_norms
from inspector.training.optimizer import built, settle_kernels


def weights(*gradients: torch.Tensor | None) -> list[torch.Tensor]:
    found = []
    for gradient in gradients:
        weight = torch.zeros(3 if gradient is None else gradient.shape, requires_grad=True)
        weight.grad = None if gradient is None else gradient.clone()
        found.append(weight)
    return found


def random_weights() -> list[torch.Tensor]:
    draw = torch.Generator().manual_seed(5)
    return weights(torch.randn(40, generator=draw), None, torch.randn(3, 7, generator=draw) * 1e-3)


def test_norms_are_those_of_torch_and_tell_no_gradient_from_zero():
    given = random_weights()
    modules = {"all": given, "none": weights(None), "zero": weights(torch.zeros(4)), "last": given[2:]}
    found = gradient_norms(modules)
    for name in ("all", "last"):
        own = torch.nn.utils.get_total_norm([one.grad for one in modules[name] if one.grad is not None])
        assert found[f"grad_norm/{name}"] == pytest.approx(float(own), rel=1e-6)
    assert math.isnan(found["grad_norm/none"])
    assert found["grad_norm/zero"] == 0.0
    assert found["grad_norm/total"] == pytest.approx(math.hypot(found["grad_norm/all"], found["grad_norm/last"]))
    assert math.isnan(gradient_norms({"none": weights(None)})["grad_norm/total"])


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_gradient_that_is_not_finite_has_such_a_norm(bad):
    found = gradient_norms({"one": weights(torch.tensor([1.0, bad])), "other": weights(torch.ones(1))})
    assert not math.isfinite(found["grad_norm/one"])
    assert not math.isfinite(found["grad_norm/total"])
    assert found["grad_norm/other"] == 1.0


@pytest.mark.parametrize("share", [1e-7, 0.5, 0.98, 0.9899999, 0.99, 0.9999999, 1.0, 1.0000001, 1.5, 1e6])
@pytest.mark.parametrize("scale", [1e-9, 1e-4, 1.0, 1e15])
def test_clipping_is_torchs_to_the_bit(scale, share):
    ours, theirs = random_weights(), random_weights()
    for one in (*ours, *theirs):
        if one.grad is not None:
            one.grad *= scale
    norm = float(torch.nn.utils.get_total_norm([one.grad for one in theirs if one.grad is not None]))
    longest = norm / share
    torch.nn.utils.clip_grad_norm_(theirs, longest)
    assert clip(ours, longest) == (norm > longest)
    for mine, other in zip(ours, theirs, strict=True):
        assert (mine.grad is None) == (other.grad is None)
        assert mine.grad is None or torch.equal(mine.grad, other.grad)


def test_a_gradient_that_is_not_finite_counts_as_clipped_and_none_does_not():
    assert clip(weights(torch.tensor([math.nan])), 1.0)
    assert clip(weights(torch.tensor([math.inf])), 1.0)
    assert not clip(weights(None), 1.0)


@pytest.mark.parametrize("name", ["adam", "adamw", "sgd"])
def test_settled_kernels_give_the_same_bits_and_are_not_saved(name):
    def stepped(settle: bool) -> tuple[list[torch.Tensor], dict[str, object]]:
        torch.manual_seed(3)
        model = nn.ModuleDict({"a": nn.Linear(5, 4), "b": nn.Linear(4, 2)})
        optimizer = built(model, {"main": ("a", "b")}, Optim(name=name, lr=0.1))["main"]
        if settle:
            settle_kernels(optimizer)
            assert [group["foreach"] for group in optimizer.param_groups] == [False, False]
        for _ in range(3):
            model["b"](model["a"](torch.randn(6, 5))).square().mean().backward()
            optimizer.step()
            optimizer.zero_grad()
        return list(model.parameters()), optimizer.state_dict()

    (first, saved), (second, as_usual) = stepped(True), stepped(False)
    assert all(torch.equal(one, other) for one, other in zip(first, second, strict=True))
    assert saved["param_groups"] == as_usual["param_groups"]

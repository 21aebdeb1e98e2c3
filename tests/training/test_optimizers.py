"""Several optimizers: names of groups, shared modules, a scheduler each, state joined by name."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from inspector.formats.recipes.optimizer import Optim
from inspector.formats.recipes.schedule import Schedule
from inspector.training.optimizer import built, join_states
from inspector.training.rates import Rates

GROUPS = {"place": ("trunk", "head"), "done": ("trunk", "bell")}


def model() -> nn.Module:
    torch.manual_seed(1)
    return nn.ModuleDict({name: nn.Linear(2, 2) for name in ("trunk", "head", "bell")})


def one_step(net: nn.Module, optimizer: torch.optim.Optimizer, *modules: str) -> None:
    value = torch.ones(1, 2)
    for name in modules:
        value = net.get_submodule(name)(value)
    value.square().sum().backward()
    optimizer.step()
    optimizer.zero_grad()


def test_groups_are_called_by_module_with_one_optimizer_and_by_both_with_several():
    one = built(model(), {"main": ("trunk", "head")}, Optim())
    assert [group["name"] for group in one["main"].param_groups] == ["trunk", "head"]
    two = built(model(), GROUPS, Optim())
    names = [group["name"] for optimizer in two.values() for group in optimizer.param_groups]
    assert names == ["place.trunk", "place.head", "done.trunk", "done.bell"]
    assert two["done"].state_dict()["param_groups"][1]["param_names"] == ["bell.weight", "bell.bias"]


def test_frozen_weights_and_modules_of_nothing_else_are_left_out():
    net = model()
    net.get_submodule("trunk").requires_grad_(False)
    net.get_parameter("head.bias").requires_grad_(False)
    (optimizer,) = built(net, {"main": ("trunk", "head")}, Optim()).values()
    assert [(group["name"], group["param_names"]) for group in optimizer.state_dict()["param_groups"]] == [
        ("head", ["head.weight"])
    ]


def test_two_optimizers_of_one_module_keep_state_of_their_own_through_a_resume():
    net = model()
    optimizers = built(net, GROUPS, Optim())
    one_step(net, optimizers["place"], "trunk", "head")
    one_step(net, optimizers["done"], "trunk", "bell")
    one_step(net, optimizers["done"], "trunk", "bell")
    saved = {name: optimizer.state_dict() for name, optimizer in optimizers.items()}
    again = built(net, GROUPS, Optim(lr=1e-2))
    assert join_states(again, saved) == []
    for name, steps in (("place", 1), ("done", 2)):
        first = again[name].state_dict()["state"][0]
        assert first["step"] == steps
        assert torch.equal(first["exp_avg"], saved[name]["state"][0]["exp_avg"])
        assert again[name].param_groups[0]["lr"] == 1e-2


def test_an_optimizer_that_the_checkpoint_lacks_starts_afresh_and_is_told():
    net = model()
    optimizers = built(net, GROUPS, Optim())
    one_step(net, optimizers["place"], "trunk", "head")
    fresh = join_states(built(net, GROUPS, Optim()), {"place": optimizers["place"].state_dict()})
    assert fresh == ["done: trunk.weight", "done: trunk.bias", "done: bell.weight", "done: bell.bias"]


def test_every_optimizer_has_a_scheduler_that_moves_even_while_it_waits_for_its_turn():
    net = model()
    optimizers = built(net, GROUPS, Optim(lr=1.0))
    rates = Rates(optimizers, Schedule(family="halving", half_life_epochs=1.0, warmup_epochs=0.0), 1.0, 1)
    for step in range(3):
        used = rates.before_step(step)
        assert used == dict.fromkeys(("place.trunk", "place.head", "done.trunk", "done.bell"), 0.5**step)
        one_step(net, optimizers["place"], "trunk", "head")
        rates.after_step()
    assert {name: state["state"]["last_epoch"] for name, state in rates.states().items()} == {"place": 3, "done": 3}


def test_sgd_keeps_its_momentum_by_name_and_takes_edits():
    net = model()
    optimizers = built(net, {"main": ("trunk", "head")}, Optim(name="sgd", momentum=0.9))
    for _ in range(2):
        one_step(net, optimizers["main"], "trunk", "head")
    saved = {"main": optimizers["main"].state_dict()}
    again = built(net, {"main": ("head", "trunk")}, Optim(name="sgd", momentum=0.5, weight_decay=0.1))
    assert join_states(again, saved) == []
    group = again["main"].param_groups[0]
    assert (group["name"], group["momentum"], group["weight_decay"]) == ("head", 0.5, 0.1)
    held = again["main"].state[net.get_parameter("head.weight")]["momentum_buffer"]
    assert torch.equal(held, optimizers["main"].state[net.get_parameter("head.weight")]["momentum_buffer"])


@pytest.mark.parametrize(("before", "after"), [("adam", "sgd"), ("sgd", "adamw")])
def test_state_of_another_kind_of_optimizer_starts_afresh(before, after):
    net = model()
    optimizers = built(net, {"main": ("trunk",)}, Optim(name=before))
    one_step(net, optimizers["main"], "trunk")
    again = built(net, {"main": ("trunk",)}, Optim(name=after))
    fresh = join_states(again, {"main": optimizers["main"].state_dict()})
    assert fresh == ["trunk.weight", "trunk.bias"]
    assert not again["main"].state_dict()["state"]


def test_adam_and_adamw_keep_the_same_moments():
    net = model()
    optimizers = built(net, {"main": ("trunk",)}, Optim(name="adam"))
    one_step(net, optimizers["main"], "trunk")
    again = built(net, {"main": ("trunk",)}, Optim(name="adamw"))
    assert join_states(again, {"main": optimizers["main"].state_dict()}) == []

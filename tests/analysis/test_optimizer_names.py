"""An optimizer's state joined to parameter names: by stored names, else by order and shape, else said why not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.analysis.optimizer_names import ORDER_AND_SHAPE, STORED_NAMES, Join, joined
from inspector.analysis.optimizer_state import SavedOptimizer, saved_optimizers
from inspector.analysis.order_fits import fits_in_order
from inspector.formats.facts import TensorFacts

Shape = tuple[int, ...]


def _tensor(name: str, shape: Shape, role: str) -> TensorFacts:
    return TensorFacts(name=name, shape=shape, dtype="float32", bytes=4, role=role)


def _weights(section: str, shapes: dict[str, Shape]) -> list[TensorFacts]:
    return [_tensor(f"{section}.{name}" if section else name, shape, "weight") for name, shape in shapes.items()]


def _moments(root: str, shapes: dict[str, Shape]) -> list[TensorFacts]:
    return [
        _tensor(f"{root}.state.{owner}.{key}", shape, "optimizer")
        for owner, shape in shapes.items()
        for key in ("exp_avg", "exp_avg_sq")
    ]


def _groups(root: str, *ids: list[Any], **values: Any) -> dict[str, Any]:
    objects: dict[str, Any] = {}
    for place, own in enumerate(ids):
        objects[f"{root}.param_groups.{place}.lr"] = 0.1
        objects[f"{root}.param_groups.{place}.params"] = own
        objects.update({f"{root}.param_groups.{place}.{key}": value[place] for key, value in values.items()})
    return objects


def _only(tensors: Iterable[TensorFacts], objects: dict[str, Any]) -> SavedOptimizer:
    (one,) = saved_optimizers(list(tensors), objects)
    return one


def _ids(join: Join) -> dict[str, str | None]:
    return {one.short: one.id for one in join.parameters}


NET: dict[str, Shape] = {"conv.weight": (4, 3, 3, 3), "conv.bias": (4,), "head.weight": (2, 4), "head.bias": (2,)}


@pytest.mark.parametrize(
    "root",
    ["optimizer", "optimizer_state_dict", "optimizer_states.0", "optimizers.main", "optim", "opt_0", "a.b.optimizer"],
)
def test_one_group_in_the_models_order_is_joined_in_every_layout(root: str) -> None:
    tensors = _weights("model", NET) + _moments(root, {str(i): shape for i, shape in enumerate(NET.values())})
    optimizer = _only(tensors, _groups(root, [0, 1, 2, 3]))
    assert optimizer.root == root
    join = joined(optimizer, tensors)
    assert join.how == ORDER_AND_SHAPE
    assert _ids(join) == {"conv.weight": "0", "conv.bias": "1", "head.weight": "2", "head.bias": "3"}


def test_groups_with_and_without_decay_are_told_apart_by_shape() -> None:
    shapes = {"0": (4, 3, 3, 3), "1": (2, 4), "2": (4,), "3": (2,)}
    tensors = _weights("model", NET) + _moments("optimizer", shapes)
    join = joined(_only(tensors, _groups("optimizer", [0, 1], [2, 3])), tensors)
    assert _ids(join) == {"conv.weight": "0", "conv.bias": "2", "head.weight": "1", "head.bias": "3"}
    assert [one.group for one in join.parameters] == [0, 1, 0, 1]


def test_two_orders_that_fit_are_not_assessable() -> None:
    net = {"a.weight": (4, 4), "b.weight": (4, 4)}
    tensors = _weights("model", net) + _moments("optimizer", {"0": (4, 4), "1": (4, 4)})
    join = joined(_only(tensors, _groups("optimizer", [0], [1])), tensors)
    assert join.parameters == ()
    assert join.because == "more than one order of the weights fits the optimizer's groups"


CRITIC: dict[str, Shape] = {"0.weight": (8, 4), "0.bias": (8,), "2.weight": (1, 8), "2.bias": (1,)}


def _actor_and_critics(root: str, *, more: int = 0) -> tuple[list[TensorFacts], SavedOptimizer]:
    """A critic and its slow copy, as agents have them, and the optimizer of one of them."""
    tensors = _weights("policy.critic", CRITIC) + _weights("policy.actor.mu", {"weight": (8, 4), "bias": (8,)})
    tensors += _weights("policy.critic_target", CRITIC)
    tensors += _weights("policy.critic", {f"extra{number}.weight": (3, 3) for number in range(more)})
    tensors += _moments(root, {str(number): shape for number, shape in enumerate(CRITIC.values())})
    return tensors, _only(tensors, _groups(root, [0, 1, 2, 3]))


def test_an_optimizer_that_is_named_after_a_module_trains_that_module() -> None:
    tensors, optimizer = _actor_and_critics("critic.optimizer.pth")
    join = joined(optimizer, tensors)
    assert join.how == ORDER_AND_SHAPE
    assert {name: owner for name, owner in _ids(join).items() if owner is not None} == {
        f"critic.{name}": str(number) for number, name in enumerate(CRITIC)
    }
    order = [tensor.name for tensor in tensors if tensor.role == "weight"]
    assert [one.name for one in join.parameters] == order, "the model's order"


@pytest.mark.parametrize(("root", "more"), [("optimizer", 0), ("other.optimizer", 0), ("critic.optimizer", 1)])
def test_a_module_that_is_not_named_or_has_other_parameters_is_not_guessed(root: str, more: int) -> None:
    tensors, optimizer = _actor_and_critics(root, more=more)
    assert joined(optimizer, tensors).because == "more than one order of the weights fits the optimizer's groups"


def test_stored_names_decide_where_order_cannot() -> None:
    net = {"a.weight": (4, 4), "b.weight": (4, 4)}
    tensors = _weights("model.module", net) + _moments("optimizer", {"0": (4, 4), "1": (4, 4)})
    objects = _groups("optimizer", [0], [1], param_names=[["b.weight"], ["a.weight"]])
    join = joined(_only(tensors, objects), tensors)
    assert join.how == STORED_NAMES
    assert _ids(join) == {"a.weight": "1", "b.weight": "0"}


def test_a_name_that_no_weight_has_is_left_over() -> None:
    tensors = _weights("model", {"a.weight": (4, 4)}) + _moments("optimizer", {"0": (4, 4), "1": (4, 4)})
    objects = _groups("optimizer", [0, 1], param_names=[["a.weight", "gone.weight"]])
    assert joined(_only(tensors, objects), tensors).nameless == ("1",)


@pytest.mark.parametrize("listed", [True, False])
def test_state_that_is_keyed_by_name_is_joined(listed: bool) -> None:
    """As FSDP's full state keeps it, and `torch.distributed.checkpoint` with one group a parameter."""
    names = list(NET)
    tensors = _weights("model", NET) + _moments("optim", {name: NET[name] for name in names})
    objects: dict[str, Any] = {}
    if listed:
        objects = _groups("optim", names)
    else:
        for name in names:
            objects[f"optim.param_groups.{name}.lr"] = 0.1
            objects[f"optim.param_groups.{name}.weight_decay"] = 0.0 if name.endswith("bias") else 0.1
    optimizer = _only(tensors, objects)
    join = joined(optimizer, tensors)
    assert join.how == STORED_NAMES
    assert _ids(join) == {name: name for name in names}
    if not listed:
        assert [group.values["weight_decay"] for group in optimizer.groups] == [0.1, 0.0]


def test_state_that_is_keyed_by_name_beside_numbered_groups_has_what_all_groups_share() -> None:
    """As DeepSpeed's folders are listed."""
    tensors = _weights("model", NET) + _moments("optimizer", NET)
    objects = _groups("optimizer", [0], [1], betas=[[0.9, 0.99], [0.9, 0.99]], lr=[0.1, 0.2])
    optimizer = _only(tensors, objects)
    join = joined(optimizer, tensors)
    assert _ids(join) == {name: name for name in NET}
    assert {one.group for one in join.parameters} == {None}
    assert optimizer.common.values == {"betas": [0.9, 0.99]}


def test_frozen_weights_are_left_out_where_only_one_order_fits() -> None:
    tensors = _weights("model", NET) + _moments("optimizer", {"0": (2, 4), "1": (2,)})
    join = joined(_only(tensors, _groups("optimizer", [0, 1])), tensors)
    assert _ids(join) == {"conv.weight": None, "conv.bias": None, "head.weight": "0", "head.bias": "1"}


def test_parameters_without_state_keep_their_place() -> None:
    tensors = _weights("model", NET) + _moments("optimizer", {"0": (4, 3, 3, 3), "3": (2,)})
    join = joined(_only(tensors, _groups("optimizer", [0, 1, 2, 3])), tensors)
    assert _ids(join) == {"conv.weight": "0", "conv.bias": "1", "head.weight": "2", "head.bias": "3"}


def test_a_tied_weight_counts_once() -> None:
    net = {"embed.weight": (9, 4), "body.weight": (4, 4), "head.weight": (9, 4)}
    tensors = _weights("model", net) + _moments("optimizer", {"0": (9, 4), "1": (4, 4)})
    places = {"model.embed.weight": 7, "model.body.weight": 8, "model.head.weight": 7}
    join = joined(_only(tensors, _groups("optimizer", [0, 1])), tensors, places)
    assert _ids(join) == {"embed.weight": "0", "body.weight": "1"}


def test_two_models_are_told_apart_by_shape_or_by_name() -> None:
    tensors = _weights("netG", {"a.weight": (4, 3)}) + _weights("netD", {"a.weight": (5, 3)})
    tensors += _moments("optG", {"0": (4, 3)}) + _moments("optD", {"0": (5, 3)})
    objects = {**_groups("optG", [0]), **_groups("optD", [0])}
    found = {one.root: joined(one, tensors) for one in saved_optimizers(tensors, objects)}
    assert [one.name for one in found["optG"].parameters] == ["netG.a.weight"]
    assert [one.name for one in found["optD"].parameters] == ["netD.a.weight"]

    alike = _weights("netG", {"g.weight": (4, 3)}) + _weights("netD", {"d.weight": (4, 3)})
    alike += _moments("optimizer_G", {"0": (4, 3)}) + _moments("optimizer_D", {"0": (4, 3)})
    objects = {**_groups("optimizer_G", [0]), **_groups("optimizer_D", [0])}
    found = {one.root: joined(one, alike) for one in saved_optimizers(alike, objects)}
    assert [one.name for one in found["optimizer_D"].parameters] == ["netD.d.weight"]

    alike = alike[:2] + _moments("optimizer", {"0": (4, 3)})
    join = joined(_only(alike, _groups("optimizer", [0])), alike)
    assert join.because == "the weights of more than one model in the file fit the optimizer's state"


def test_parts_that_were_saved_apart_share_one_optimizer() -> None:
    tensors = _weights("encoder", {"a.weight": (4, 3)}) + _weights("decoder", {"a.weight": (3, 4)})
    tensors += _moments("optimizer", {"0": (4, 3), "1": (3, 4)})
    join = joined(_only(tensors, _groups("optimizer", [0, 1])), tensors)
    assert _ids(join) == {"encoder.a.weight": "0", "decoder.a.weight": "1"}


def test_factored_moments_tell_the_whole_shape() -> None:
    tensors = _weights("model", {"a.weight": (6, 5), "a.bias": (6,)})
    tensors += [
        _tensor("optimizer.state.0.exp_avg_sq_row", (6,), "optimizer"),
        _tensor("optimizer.state.0.exp_avg_sq_col", (5,), "optimizer"),
        _tensor("optimizer.state.1.exp_avg_sq", (6,), "optimizer"),
    ]
    optimizer = _only(tensors, _groups("optimizer", [0, 1]))
    assert [entry.shape for entry in optimizer.state.values()] == [(6, 5), (6,)]
    assert joined(optimizer, tensors).how == ORDER_AND_SHAPE


def test_a_long_list_of_ids_that_was_shortened_is_counted_on() -> None:
    count = 1_500
    tensors = _weights("model", {f"l{i}.weight": (2, i + 1) for i in range(count)})
    tensors += _moments("optimizer", {str(i): (2, i + 1) for i in range(count)})
    objects = _groups("optimizer", ["0"])
    objects["optimizer.param_groups.0.params"] = "1,500 items: 0, 1, 2, 3, 4, 5, 6, 7, …"
    assert len(joined(_only(tensors, objects), tensors).parameters) == count
    objects["optimizer.param_groups.0.params"] = "1,500 items: 139862731207736, 139862731210112, …"
    assert "do not list their parameters" in joined(_only(tensors, objects), tensors).because


@pytest.mark.parametrize(
    ("ids", "shapes", "because"),
    [
        ([0, 1, 2, 3, 4], {"0": (4, 3, 3, 3)}, "the optimizer has 5 parameters and the file 4 weights"),
        ([0, 1, 2, 3], {"0": (9, 9)}, "do not follow the order of the weights"),
        ([], {}, "lists no parameters"),
    ],
)
def test_what_does_not_fit_is_said(ids: list[int], shapes: dict[str, Shape], because: str) -> None:
    tensors = _weights("model", NET) + _moments("optimizer", shapes)
    assert because in joined(_only(tensors, _groups("optimizer", ids)), tensors).because


def test_too_many_ways_to_count_end() -> None:
    shapes = [(4, 4)] * 400
    because = "too many ways to deal the weights out to the optimizer's groups"
    assert fits_in_order(shapes, [[(4, 4)] * 100, [(4, 4)] * 100]) == because


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_was_dealt_out_comes_back_or_is_not_told(data: st.DataObject) -> None:
    """Dealing parameters out to groups and taking the order apart again never gives a wrong answer."""
    shapes = data.draw(st.lists(st.sampled_from([(1,), (2,), (3,), (2, 3), (3, 2)]), min_size=1, max_size=9))
    count = data.draw(st.integers(1, 3))
    dealt = data.draw(st.lists(st.integers(-1, count - 1), min_size=len(shapes), max_size=len(shapes)))
    groups: list[list[Shape | None]] = [[] for _ in range(count)]
    places = []
    for shape, group in zip(shapes, dealt, strict=True):
        places.append(None if group < 0 else (group, len(groups[group])))
        if group >= 0:
            groups[group].append(shape)
    found = fits_in_order(shapes, groups)
    assert isinstance(found, str) or list(found) == places

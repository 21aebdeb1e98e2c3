"""Which tensor is which of two checkpoints that keep a model differently."""

from __future__ import annotations

import pytest

from inspector.formats.facts import TensorFacts
from inspector.runs.name_pairs import Pairing, paired

NAMES = ("encoder.conv.weight", "encoder.conv.bias", "encoder.norm.weight", "head.0.weight", "head.0.bias")


def tensors(*names: str, role: str = "weight", shape: tuple[int, ...] = (2, 3)) -> list[TensorFacts]:
    return [TensorFacts(name=name, shape=shape, dtype="float32", bytes=24, role=role) for name in names]


def under(prefix: str, role: str = "weight") -> list[TensorFacts]:
    return tensors(*(f"{prefix}{name}" for name in NAMES), role=role)


def met(pairing: Pairing) -> dict[str | None, str | None]:
    """Full names of the second by those of the first."""
    return {
        pair.first.name if pair.first else None: pair.second.name if pair.second else None for pair in pairing.pairs
    }


def shared(pairing: Pairing) -> list[str]:
    return [pair.name for pair in pairing.pairs]


def test_equal_names_meet_as_they_are_in_the_order_of_the_second() -> None:
    pairing = paired(under("model."), list(reversed(under("model."))))
    assert shared(pairing) == [f"model.{name}" for name in reversed(NAMES)]
    assert pairing.roots == pairing.stripped == ()


@pytest.mark.parametrize(
    ("first", "second", "counts"),
    [
        ("", "module.", {"module.": (0, 5)}),
        ("_orig_mod.module.", "", {"_orig_mod.": (5, 0), "module.": (5, 0)}),
        ("module._orig_mod.", "model.", {"_orig_mod.": (5, 0), "module.": (5, 0), "model.": (0, 5)}),
        ("base_model.model.", "", {"base_model.model.": (5, 0)}),
        ("network.", "module.network.", {"module.": (0, 5)}),
        ("model.module.", "model.", {"module.": (5, 0)}),
    ],
)
def test_known_prefixes_are_left_out_and_counted(first: str, second: str, counts: dict[str, tuple[int, int]]) -> None:
    pairing = paired(under(first), under(second))
    assert met(pairing) == {f"{first}{name}": f"{second}{name}" for name in NAMES}
    assert {one.prefix: (one.first, one.second) for one in pairing.stripped} == counts


@pytest.mark.parametrize(
    ("first", "second", "roots"),
    [
        ("", "state_dict.", ("", "state_dict")),
        ("model_state_dict.", "state_dict.", ("model_state_dict", "state_dict")),
        ("net.params.", "", ("net.params", "")),
        ("model.", "", ("model", "")),
    ],
)
def test_other_layouts_are_aligned_by_their_roots(first: str, second: str, roots: tuple[str, str]) -> None:
    pairing = paired(under(first), under(second))
    assert shared(pairing) == list(NAMES)
    assert [(root.first, root.second, root.tensors) for root in pairing.roots] == [(*roots, 5)]


def test_what_stands_beside_the_roots_meets_as_it_is() -> None:
    pairing = paired([*under("model."), *tensors("log_scale")], [*tensors("log_scale"), *under("state_dict.")])
    assert met(pairing)["log_scale"] == "log_scale"
    assert all(pair.first and pair.second for pair in pairing.pairs)


def test_roots_and_prefixes_are_left_out_together() -> None:
    pairing = paired(under("state_dict.model._orig_mod."), under("network."))
    assert met(pairing) == {f"state_dict.model._orig_mod.{name}": f"network.{name}" for name in NAMES}


def test_wrappers_within_a_name_are_left_out() -> None:
    first = tensors("encoder._orig_mod.conv.weight", "encoder._orig_mod.conv.bias", "head.weight")
    second = tensors("encoder.conv.weight", "encoder.conv.bias", "head.weight")
    pairing = paired(first, second)
    assert shared(pairing) == ["encoder.conv.weight", "encoder.conv.bias", "head.weight"]
    assert [(one.prefix, one.first, one.second) for one in pairing.stripped] == [("_orig_mod.", 2, 0)]


def test_another_module_with_the_same_inside_is_not_the_same_module() -> None:
    pairing = paired(tensors("encoder.conv.weight", "head.weight"), tensors("decoder.conv.weight", "head.weight"))
    assert met(pairing) == {None: "decoder.conv.weight", "head.weight": "head.weight", "encoder.conv.weight": None}


def test_a_name_that_could_meet_two_stays_alone() -> None:
    pairing = paired(tensors("x.weight", "y.weight"), tensors("module.x.weight", "model.x.weight", "y.weight"))
    assert [pair.name for pair in pairing.pairs if pair.first and pair.second] == ["y.weight"]
    assert len(pairing.pairs) == 4


def test_averages_and_optimizer_state_are_looked_for_among_themselves() -> None:
    first = [*under("model."), *under("ema.", "ema"), *tensors("optimizer.state.0.exp_avg", role="optimizer")]
    second = [
        *under("state_dict."),
        *under("ema_state_dict.", "ema"),
        *tensors("optimizer_states.0.state.0.exp_avg", role="optimizer"),
    ]
    pairing = paired(first, second)
    assert all(pair.first and pair.second for pair in pairing.pairs)
    assert met(pairing)["ema.head.0.bias"] == "ema_state_dict.head.0.bias"
    assert {root.role: (root.first, root.second) for root in pairing.roots} == {
        "model": ("model", "state_dict"),
        "ema": ("ema", "ema_state_dict"),
        "optimizer": ("optimizer", "optimizer_states.0"),
    }


def test_averages_stand_for_the_model_where_a_file_has_no_other_weights() -> None:
    pairing = paired(under("ema_model.", "ema"), under(""))
    assert met(pairing) == {f"ema_model.{name}": name for name in NAMES}
    assert pairing.notes == ("the first holds averaged weights alone, which are compared as its weights",)


def test_nothing_in_common_leaves_all_alone() -> None:
    pairing = paired(tensors("a.weight"), tensors("b.bias"))
    assert met(pairing) == {None: "b.bias", "a.weight": None}
    assert paired([], []).pairs == ()

"""Dotted paths as a tree, whatever file they come from, and a tree as dotted paths."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from inspector.formats.settings import flatten, nested


def test_plain_values_become_a_tree_with_lists() -> None:
    tree = {"a": {"b": [1, 2], "groups": [{"lr": 1.0}, {"lr": 2.0}]}, "milestones": {"0": 1, "1": 2}}
    flat = {
        "x.a.b": [1, 2],
        "x.a.groups.0.lr": 1.0,
        "x.a.groups.1.lr": 2.0,
        "x.milestones.0": 1,
        "x.milestones.1": 2,
        "xy": 3,
        "y.z": 3,
    }
    assert nested(flat, "x") == tree
    assert nested(flat, "nowhere") == {}


def test_what_lies_below_a_plain_value_or_endlessly_deep_is_left_out() -> None:
    assert nested({"a.b": 1, "a.b.c": 2}, "a") == {"b": 1}
    assert nested({"a." * 3_000 + "b": 1, "c.d": 2}, "") == {"c": {"d": 2}}
    assert flatten(nested({"x." + "a." * 99 + "b": 1}, "x")) == {"a." * 99 + "b": 1}


@given(st.dictionaries(st.text("ab.01", min_size=1, max_size=6), st.integers(), max_size=8))
def test_of_any_paths_some_tree_keeps_each_value_that_no_other_hides(flat: dict[str, Any]) -> None:
    tree = nested(flat, "")
    for path, value in flat.items():
        if not any(other != path and (f"{path}.".startswith(f"{other}.") or f"{other}.".startswith(f"{path}."))
                   for other in flat):  # fmt: skip
            assert _found(tree, path) == value


def _found(tree: Any, path: str) -> Any:
    for name in path.split("."):
        tree = tree[int(name)] if isinstance(tree, list) else tree[name]
    return tree


@given(
    st.recursive(
        st.integers(),
        lambda below: st.dictionaries(st.text("abc", min_size=1, max_size=2), below, max_size=3),
        max_leaves=9,
    ).filter(lambda tree: isinstance(tree, dict))
)
def test_a_tree_of_names_comes_back(tree: dict[str, Any]) -> None:
    assert flatten(nested(flatten(tree), "")) == flatten(tree)

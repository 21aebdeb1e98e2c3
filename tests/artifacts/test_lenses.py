"""The lenses are total: whatever nodes a file makes, listing them ends, and what it gives can be stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.artifacts.byte_file import Memory
from inspector.artifacts.checkpoints.listing import NOT_READ, Lister
from inspector.artifacts.checkpoints.paths import MAX_NAME_CHARACTERS
from inspector.artifacts.identity import Identity
from inspector.artifacts.pickles.lens_torch import _REBUILDERS
from inspector.artifacts.pickles.lens_values import VALUE_LENSES
from inspector.artifacts.pickles.nodes import (
    Buffer,
    Call,
    Dict,
    Extension,
    Global,
    LargeInteger,
    PersistentId,
    Set,
    Span,
)
from inspector.artifacts.tensors.windows import Storage
from inspector.core.notes import Notes
from inspector.core.pulse import QUIET
from inspector.formats.facts import CheckpointFacts
from inspector.formats.nonfinite import to_json
from tests.examples import examples

NAMES = (
    *VALUE_LENSES, *_REBUILDERS, "numpy.dtype", "numpy.core.multiarray._reconstruct", "numpy._core.multiarray.scalar",
    "numpy._core.numeric._frombuffer", "torch.FloatTensor", "torch.FloatStorage", "torch.float32",
    "torch.storage._load_from_bytes", "copyreg._reconstructor", "copyreg.__newobj__", "omegaconf.dictconfig.DictConfig",
    "builtins.bytearray", "a.Thing", "torch.nn.modules.linear.Linear",
)  # fmt: skip


def deep(levels: int) -> tuple[Any, ...]:
    node: tuple[Any, ...] = ()
    for _ in range(levels):
        node = (node, 1)
    return node


def named(path: str) -> Global:
    module, _, name = path.rpartition(".")
    return Global(module, name)


def called(
    func: Any, args: Any, kwargs: Any, states: list[Any] | None, items: list[Any] | None, pairs: list[Any] | None
) -> Call:
    node = Call(func, args, kwargs)
    node.states, node.items, node.pairs = states, items, pairs
    return node


GLOBALS = st.sampled_from(NAMES).map(named)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**63, -(2**64), 1 << 40, 10**4000, -1, 0, 1])
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(
        ["f4", "<", "O8", "U3", "latin1", "storage", "cpu", "_parameters", "_modules", "_content", "\ud800"]
    )
    | st.binary(max_size=12)
    | GLOBALS
    | st.integers(3_000, 3_001).map(deep)
    | st.integers(2000, 2001).map(lambda length: (1,) * length)
    | st.builds(lambda data, text: Span(Memory(data), 0, len(data), text), st.binary(max_size=20), st.booleans())
    | st.builds(LargeInteger, st.integers(1, 10**9))
    | st.builds(Extension, st.integers(1, 9))
    | st.builds(Buffer)
)


def containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = st.lists(inner, max_size=5)
    tuples = lists.map(tuple)
    pairs = st.lists(st.tuples(inner, inner), max_size=4).map(lambda found: [part for pair in found for part in pair])
    maybe = st.none() | st.lists(inner, min_size=1, max_size=3)
    return (
        lists
        | tuples
        | pairs.map(Dict)
        | st.builds(Set, lists, st.booleans())
        | st.builds(PersistentId, inner)
        | st.builds(called, GLOBALS | inner, tuples | inner, st.none() | inner, maybe, maybe, st.none() | pairs)
    )


NODES = st.recursive(LEAVES, containers, max_leaves=25)


def listed(root: Any) -> Lister:
    lister = Lister(
        Path("file.pt"), Identity(1, 1, 1, 1), lambda _node: (Storage(0, 64, 64), "float32"), Notes(), QUIET
    )
    lister.walk(root)
    return lister


@given(NODES)
@examples(60)
def test_whatever_a_file_holds_can_be_listed_and_stored(root: Any) -> None:
    lister = listed(root)
    facts = CheckpointFacts(container="pickle", bytes=1, tensors=tuple(lister.tensors), objects=lister.objects)
    to_json(facts)
    assert {tensor.name for tensor in lister.tensors} <= set(lister.windows)


FOOLISH: dict[str, Any] = {
    "none": (),
    "absent": None,
    "a number": 3,
    "deep": (deep(5_000),),
    "long": ((1,) * 1000, (2,) * 1000, (3,) * 1000),
    "huge": (10**4000,) * 3,
    "nothing": (None,) * 9,
    "dictionaries": (Dict([1, 2]),) * 5,
}


@pytest.mark.parametrize("kind", FOOLISH)
def test_a_known_name_with_foolish_arguments_is_a_text(kind: str) -> None:
    args = FOOLISH[kind]
    for path in NAMES:
        for states in (None, [args], [Dict(["a", args])]):
            lister = listed(called(named(path), args, None, states, None, None))
            assert lister.tensors == [], path
            to_json(lister.objects)
            assert sum(len(str(value)) for value in lister.objects.values()) < 100_000, path


def test_names_are_cut_and_deep_values_left_out() -> None:
    node: Any = 1
    for _ in range(400):
        node = Dict(["k" * 5000, node])
    lister = Lister(Path("f"), Identity(1, 1, 1, 1), lambda _node: NOT_READ, notes := Notes(), QUIET)
    lister.walk(node)
    assert any("deeper than" in note for note in notes.texts())
    assert all(len(name) < 201 * (MAX_NAME_CHARACTERS + 40) for name in lister.objects)

"""Checkpoints that torch writes: tensors and plain values of every sort, damage, and what opening does not do."""

from __future__ import annotations

import argparse
import collections
import datetime as dt
import decimal
import enum
import fractions
import functools
import io
import json
import pathlib
import pickle  # makes the files that are read
import random
import re
import struct
import subprocess
import sys
import types
import uuid
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspector.artifacts.checkpoints import checkpoint as checkpoint_module
from inspector.artifacts.checkpoints.checkpoint import Checkpoint, opened
from inspector.artifacts.checkpoints.verify import verify
from inspector.artifacts.pickles.lens_torch import tensor_of
from inspector.artifacts.pickles.nodes import Call, Dict, Global, PersistentId
from inspector.artifacts.tensors.elements import load
from inspector.artifacts.tensors.windows import TensorWindow, Unreadable
from inspector.core.errors import FileError, MissingError, UnknownKindError
from inspector.formats.nonfinite import to_json
from tests.artifacts import pickle_words as words
from tests.artifacts.packed import entry_said
from tests.artifacts.safetensors_files import write_safetensors

torch = pytest.importorskip("torch")

HOWS = [
    {"pickle_protocol": protocol, "_use_new_zipfile_serialization": zipped}
    for protocol in (2, 3, 4, 5)
    for zipped in (True, False)
]


class Colour(enum.Enum):
    RED = 1
    BLUE = "b"


@dataclass
class Config:
    lr: float = 0.1
    colour: Colour = Colour.BLUE
    sizes: list[int] = field(default_factory=lambda: [1, 2])


class Slotted:
    __slots__ = ("left", "right")

    def __init__(self) -> None:
        self.left, self.right = 1, torch.ones(2)


def saved(folder: Path, value: Any, **how: Any) -> Checkpoint:
    path = folder / "saved.pt"
    torch.save(value, path, **how)
    return opened(path)


def model() -> Any:
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.Sequential(torch.nn.Linear(4, 2), torch.nn.ReLU())
    )


def trained() -> tuple[Any, Any, Any]:
    net = model()
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10)
    net[2](torch.randn(5, 4)).sum().backward()
    optimizer.step()
    scheduler.step()
    return net, optimizer, scheduler


def names(found: Checkpoint) -> list[tuple[str, tuple[int, ...], str]]:
    return [(tensor.name, tensor.shape, tensor.dtype) for tensor in found.facts.tensors]


def flat(value: Any, name: str = "") -> list[tuple[str, tuple[int, ...], str]]:
    """The same list from the objects in memory."""
    if isinstance(value, torch.Tensor):
        return [(name, tuple(value.shape), str(value.dtype)[6:])]
    if isinstance(value, dict):
        pairs: Any = value.items()
    elif isinstance(value, list | tuple):
        pairs = enumerate(value)
    else:
        return []
    return [found for key, item in pairs for found in flat(item, f"{name}.{key}" if name else str(key))]


@pytest.mark.parametrize("how", HOWS, ids=str)
def test_a_training_checkpoint_is_listed_by_the_keys_from_its_root(tmp_path: Path, how: dict[str, Any]) -> None:
    net, optimizer, scheduler = trained()
    value = {
        "model": net.state_dict(),
        "optimizer": optimizer.state_dict(),
        "ema": {name: tensor.clone() for name, tensor in net.state_dict().items()},
        "rng": {"torch": torch.get_rng_state(), "python": random.Random(0).getstate()},
        "schedulers": {"main": {"class": "CosineAnnealingLR", "state": scheduler.state_dict()}},
        "history": [torch.ones(1), {"deep": (torch.zeros(2, 3),)}],
        "epoch": 3,
        "best": {"val/loss": 0.25, "nan": float("nan")},
    }
    found = saved(tmp_path, value, **how)
    assert found.facts.notes == ()
    assert names(found) == flat(value)
    for tensor in found.facts.tensors:
        expected = functools.reduce(
            lambda at, key: at[int(key)] if isinstance(at, list | tuple) else at[int(key) if key.isdigit() else key],
            _path(tensor.name, value),
            value,
        )
        assert np.array_equal(load(found.window(tensor.name)), expected.numpy()), tensor.name
        assert tensor.bytes == expected.nbytes
    assert found.objects["epoch"] == 3
    assert found.objects["best.val/loss"] == 0.25
    assert found.objects["optimizer.param_groups.0.lr"] == optimizer.param_groups[0]["lr"]
    assert found.objects["optimizer.param_groups.0.betas"] == [0.9, 0.999]
    assert found.objects["schedulers.main.class"] == "CosineAnnealingLR"
    assert found.objects["schedulers.main.state.T_max"] == 10
    assert json.loads(to_json(found.facts))["objects"]["best.nan"] == "NaN"


def _path(name: str, value: dict[str, Any]) -> list[str]:
    """The keys of a dotted name; those of a state dict have dots themselves."""
    section, _, rest = name.partition(".")
    return [section, rest] if section in ("model", "ema") else name.split(".")


def test_roles_are_told(tmp_path: Path) -> None:
    net, optimizer, _ = trained()
    value = {
        "model": net.state_dict(),
        "optimizers": {"main": optimizer.state_dict()},
        "model_ema": net.state_dict(),
        "rng_state": torch.get_rng_state(),
        "best_loss": torch.tensor(0.5),
        "masks": [torch.ones(3)],
    }
    roles = {tensor.name: tensor.role for tensor in saved(tmp_path, value).facts.tensors}
    assert roles["model.0.weight"] == "weight"
    assert roles["model.1.running_mean"] == "buffer"
    assert roles["model.1.num_batches_tracked"] == "buffer"
    assert roles["model_ema.0.weight"] == "ema"
    assert roles["rng_state"] == "other"
    assert roles["best_loss"] == "other"
    assert roles["masks.0"] == "other"
    assert {role for name, role in roles.items() if name.startswith("optimizers.")} == {"optimizer"}


def test_a_hyper_parameter_that_is_a_tensor_is_a_setting_and_no_weight(tmp_path: Path) -> None:
    loss = torch.nn.CrossEntropyLoss(weight=torch.ones(3))
    chosen = {"quantiles": torch.tensor([0.1, 0.9]), "optimizer": {"w": torch.ones(2)}, "loss": loss, "lr": 0.1}
    content = {"state_dict": {"net.weight": torch.ones(2, 2)}, "hyper_parameters": chosen, "epoch": 3}
    torch.save(content, tmp_path / "a.ckpt")
    roles = {tensor.name: tensor.role for tensor in opened(tmp_path / "a.ckpt").facts.tensors}
    assert roles.pop("state_dict.net.weight") == "weight"
    assert len(roles) == 3
    assert set(roles.values()) == {"settings"}


@pytest.mark.parametrize("how", HOWS, ids=str)
def test_a_bare_state_dict_has_no_prefix(tmp_path: Path, how: dict[str, Any]) -> None:
    state = model().state_dict()
    found = saved(tmp_path, state, **how)
    assert names(found) == flat(state)
    assert {t.name: t.role for t in found.facts.tensors}["0.weight"] == "weight"
    assert found.objects == {}


@pytest.mark.parametrize("how", HOWS, ids=str)
def test_a_whole_module_is_named_as_its_state_dict_would_be(tmp_path: Path, how: dict[str, Any]) -> None:
    net = model()
    found = saved(tmp_path, net, **how)
    assert sorted(names(found)) == sorted(flat(net.state_dict()))
    roles = {tensor.name: tensor.role for tensor in found.facts.tensors}
    assert roles["1.running_var"] == "buffer"
    assert roles["2.0.bias"] == "weight"
    assert found.objects["0.__class__"] == "torch.nn.modules.conv.Conv2d"
    assert found.objects["0.kernel_size"] == [3, 3]
    assert "torch.nn.modules.container.Sequential" in found.facts.would_import


KINDS: dict[str, tuple[Callable[[], Any], dict[str, Any]]] = {
    "a namespace": (lambda: argparse.Namespace(lr=0.1, name="x", out=pathlib.PurePosixPath("/a/b")),
                    {"v.lr": 0.1, "v.name": "x", "v.out": "/a/b"}),
    "a simple namespace": (lambda: types.SimpleNamespace(a=1), {"v.a": 1}),
    "paths": (lambda: [pathlib.PurePosixPath("a/b"), pathlib.PureWindowsPath("C:\\x\\y"), pathlib.PurePosixPath(".")],
              {"v": ["a/b", "C:\\x\\y", "."]}),
    "numpy scalars": (lambda: [np.float64(0.25), np.int32(-3), np.bool_(True), np.float32(2.5)],
                      {"v": [0.25, -3, True, 2.5]}),
    "a numpy scalar": (lambda: np.float32("nan"), {"v": pytest.approx(float("nan"), nan_ok=True)}),
    "an array without axes": (lambda: np.array(7, dtype=">i2"), {"v": 7}),
    "an array of objects": (lambda: np.array(["a", None, 3], dtype=object), {"v": ["a", None, 3]}),
    "a numpy text": (lambda: np.str_("héllo"), {"v": "héllo"}),
    "dates": (lambda: [dt.datetime(2024, 5, 6, 7, 8, 9, 10),  # noqa: DTZ001 - as many write it
                       dt.date(1999, 12, 31),
                       dt.time(23, 59, 1), dt.timedelta(days=1, seconds=2)],
              {"v": ["2024-05-06T07:08:09.000010", "1999-12-31", "23:59:01", "86402 s"]}),
    "a zone": (lambda: dt.datetime(2024, 1, 2, tzinfo=dt.timezone(dt.timedelta(hours=-5))),
                           {"v": "2024-01-02T00:00:00-05:00"}),
    "a default dictionary": (lambda: collections.defaultdict(list, {"a": [1, 2]}), {"v.a": [1, 2]}),
    "an ordered dictionary": (lambda: collections.OrderedDict(a=1, b=2), {"v.a": 1, "v.b": 2}),
    "a counter": (lambda: collections.Counter("aab"), {"v.a": 2, "v.b": 1}),
    "a deque": (lambda: collections.deque([1, 2], maxlen=5), {"v": [1, 2]}),
    "sets": (lambda: [{1}, frozenset({2})], {"v.0": [1], "v.1": [2]}),
    "exact numbers": (lambda: [decimal.Decimal("1.5"), fractions.Fraction(1, 3), 3 + 4j],
                      {"v": ["1.5", "1/3", "complex(3.0, 4.0)"]}),
    "an identifier": (lambda: uuid.UUID(int=0x12345678123456781234567812345678),
                      {"v": "12345678-1234-5678-1234-567812345678"}),
    "a partial": (lambda: functools.partial(collections.Counter, 3), {"v": "partial(collections.Counter, 3)"}),
    "a pattern": (lambda: re.compile("a.*b"), {"v": "/a.*b/"}),
    "ranges": (lambda: [range(3), slice(1, 2)], {"v": ["range(0, 3, 1)", "slice(1, 2, None)"]}),
    "large integers": (lambda: [2**64, -(2**70), 10**400], {"v": [str(2**64), str(-(2**70)), "integer of 1,329 bits"]}),
    "bytes": (lambda: [b"abc", bytearray(b"12345")], {"v": ["3 bytes", "5 bytes"]}),
    "a lone surrogate": (lambda: "a\ud800", {"v": "a\\ud800"}),
    "empty containers": (lambda: {"a": {}, "b": [], "c": ()}, {"v.a": {}, "v.b": [], "v.c": []}),
    "odd keys": (lambda: {3: 1, None: 2, (1, 2): 3, 0.5: 4, True: 5},
                 {"v.3": 1, "v.None": 2, "v.[1, 2]": 3, "v.0.5": 4, "v.True": 5}),
    "torch's own": (lambda: [torch.device("cuda:1"), torch.float16, torch.Size([2, 3])],
                    {"v.0": "cuda:1", "v.1": "torch.float16", "v.2": [2, 3]}),
    "a long list": (lambda: list(range(5000)), {"v": "5,000 items: 0, 1, 2, 3, 4, 5, 6, 7, …"}),
    "a long text": (lambda: "x" * 200_000, {"v": "x" * 4096 + "… (200,000 bytes)"}),
}  # fmt: skip


@pytest.mark.parametrize("how", HOWS, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_plain_values_are_readable(tmp_path: Path, kind: str, how: dict[str, Any]) -> None:
    make, expected = KINDS[kind]
    found = saved(tmp_path, {"v": make()}, **how)
    assert found.objects == expected
    assert found.facts.tensors == ()
    msgspec.json.encode(found.facts)


@pytest.mark.parametrize("how", HOWS, ids=str)
def test_enumerations_and_classes_are_readable(tmp_path: Path, how: dict[str, Any]) -> None:
    objects = saved(tmp_path, {"colour": Colour.RED, "config": Config(), "slots": Slotted()}, **how).objects
    assert "Colour" in objects["colour"]
    assert objects["config.lr"] == 0.1
    assert objects["config.sizes"] == [1, 2]
    assert "Colour" in objects["config.colour"]
    assert objects["config.__class__"].endswith("Config")
    assert objects["slots.left"] == 1
    assert [name for name, _, _ in names(opened(tmp_path / "saved.pt"))] == ["slots.right"]


@pytest.mark.parametrize("how", HOWS, ids=str)
def test_parameters_and_whole_optimizers_are_listed(tmp_path: Path, how: dict[str, Any]) -> None:
    net, optimizer, scheduler = trained()
    found = saved(
        tmp_path,
        {
            "parameter": torch.nn.Parameter(torch.ones(2, 3)),
            "list": torch.nn.ParameterList([torch.ones(1), torch.ones(2)]),
            "optimizer": optimizer,
            "scheduler": scheduler,
            "states": [torch.get_rng_state(), np.random.RandomState(0).get_state(), random.Random(1).getstate()],
        },
        **how,
    )
    shapes = {name: shape for name, shape, _ in names(found)}
    assert shapes["parameter"] == (2, 3)
    assert shapes["list.0"] == (1,)
    assert shapes["list.1"] == (2,)
    assert shapes["states.1.1"] == (624,)
    assert found.objects["scheduler.T_max"] == 10
    assert sum(name.startswith("optimizer.") for name in shapes) >= len(list(net.parameters()))
    assert found.facts.notes == ()


class Marked(torch.Tensor):
    """A subclass with attributes of its own."""


@pytest.mark.parametrize("how", HOWS, ids=str)
def test_subclasses_keep_their_attributes_beside_their_elements(tmp_path: Path, how: dict[str, Any]) -> None:
    marked = torch.arange(3.0).as_subclass(Marked)
    marked.note = "seen"
    marked.extra = torch.ones(2)
    parameter = torch.nn.Parameter(torch.ones(4))
    parameter.tag = {"group": 7}
    found = saved(tmp_path, {"m": marked, "p": parameter}, **how)
    assert names(found) == [("m", (3,), "float32"), ("m.extra", (2,), "float32"), ("p", (4,), "float32")]
    assert found.objects["m.note"] == "seen"
    assert found.objects["p.tag.group"] == 7
    assert load(found.window("m")).tolist() == [0, 1, 2]
    assert found.facts.tensors[2].role == "weight"


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
def test_a_nested_tensor_gives_its_parts(tmp_path: Path) -> None:
    nested = torch.nested.nested_tensor([torch.ones(2, 3), torch.zeros(1, 3)])
    found = saved(tmp_path, {"n": nested})
    assert found.facts.tensors[0].dtype == "float32"
    assert load(found.window("n.buffer")).tolist() == [1.0] * 6 + [0.0] * 3
    assert load(found.window("n.sizes")).tolist() == [[2, 3], [1, 3]]


def _named(path: str) -> Global:
    module, _, name = path.rpartition(".")
    return Global(module, name)


def test_tensors_of_other_devices_are_read_from_their_arrays(tmp_path: Path) -> None:
    """Built by hand: only a machine with such a device writes them."""
    dtype = Call(_named("numpy.dtype"), ("f4", False, True))
    dtype.states = [(3, "<", None, None, None, -1, -1, 0)]
    array = Call(_named("numpy._core.multiarray._reconstruct"), (_named("numpy.ndarray"), (0,), b"b"))
    array.states = [(1, (2,), dtype, False, np.array([1.5, 2.5], "<f4").tobytes())]
    for name in ("_rebuild_device_tensor_from_numpy", "_rebuild_xla_tensor"):
        node = Call(_named(f"torch._utils.{name}"), (array, _named("torch.float32"), "xla:0", False))
        tensor = tensor_of(node)
        assert tensor is not None
        assert (tensor.dtype, tensor.shape) == ("float32", (2,))
    storage = PersistentId(("storage", _named("torch.FloatStorage"), "0", "cpu", 4))
    inner = Call(_named("torch._utils._rebuild_tensor_v2"), (storage, 1, (3,), (1,), False, Dict([])))
    moved = tensor_of(
        Call(
            _named("torch._utils._rebuild_device_tensor_from_cpu_tensor"), (inner, _named("torch.float32"), "hpu", True)
        )
    )
    assert moved is not None
    assert (moved.shape, moved.offset, moved.dtype) == ((3,), 1, "float32")
    wrapper = tensor_of(
        Call(
            _named("torch._utils._rebuild_wrapper_subclass"),
            (_named("a.Sub"), _named("torch.bfloat16"), (2, 3), (3, 1), 0, "strided", "cpu", False),
        )
    )
    assert wrapper is not None
    assert (wrapper.shape, wrapper.dtype, wrapper.storage) == ((2, 3), "bfloat16", None)


@pytest.mark.parametrize(("offset", "numbers_there"), [(1, [1.0, 2.0]), (3, None), (-1, None)])
def test_a_storage_that_is_a_stretch_of_another_is_read_there(
    tmp_path: Path, offset: int, numbers_there: list[float] | None
) -> None:
    """Written by hand, as torch before 0.4 wrote views: (key of the view, its first element, its elements)."""
    text, number = words.text, words.number
    view = words.several(text("v"), number(offset), number(2))
    class_ = words.name("torch", "FloatStorage")
    storage = words.several(text("storage"), class_, text("0"), text("cpu"), number(4), view) + b"Q"
    rebuild = words.name("torch._utils", "_rebuild_tensor_v2")
    tensor = words.called(rebuild, storage, number(0), words.numbers((2,)), words.numbers((1,)), b"\x89", b"}")
    elements = np.arange(4, dtype="<f4").tobytes()
    path = tmp_path / "view.pt"
    keys = b"](" + text("0") + b"e"
    path.write_bytes(words.legacy(words.entries(("w", tensor)), keys, struct.pack("<q", 4) + elements))
    window = opened(path).windows["w"]
    if numbers_there is None:
        assert window == Unreadable("is a view that reaches past its storage", "lost")
    else:
        assert isinstance(window, TensorWindow)
        assert load(window).tolist() == numbers_there


def test_names_that_meet_are_kept_apart_and_told(tmp_path: Path) -> None:
    found = saved(tmp_path, {"a": {"b": torch.ones(1)}, "a.b": torch.ones(2), 3: torch.ones(3), "3": torch.ones(4)})
    assert [(name, shape) for name, shape, _ in names(found)] == [
        ("a.b", (1,)), ("a.b#2", (2,)), ("3", (3,)), ("3#2", (4,)),
    ]  # fmt: skip
    assert load(found.window("a.b#2")).shape == (2,)
    assert any("both named a.b" in note for note in found.facts.notes)


def test_a_single_tensor_has_no_name(tmp_path: Path) -> None:
    assert names(saved(tmp_path, torch.ones(2))) == [("", (2,), "float32")]


@pytest.mark.parametrize("protocol", range(6))
def test_a_bare_pickle_opens_with_its_tensors_and_arrays(tmp_path: Path, protocol: int) -> None:
    value = {"t": torch.arange(6.0).view(2, 3), "a": np.arange(4, dtype="<u2"), "e": 3}
    path = tmp_path / "bare.pkl"
    path.write_bytes(pickle.dumps(value, protocol))
    found = opened(path)
    assert found.facts.container == "pickle"
    assert found.objects == {"e": 3}
    assert names(found) == [("t", (2, 3), "float32"), ("a", (4,), "uint16")]
    assert load(found.window("a")).tolist() == [0, 1, 2, 3]
    assert load(found.window("t")).tolist() == value["t"].tolist()


def test_several_pickles_in_a_file_are_numbered(tmp_path: Path) -> None:
    path = tmp_path / "many.pkl"
    path.write_bytes(pickle.dumps({"a": 1}) + pickle.dumps({"a": 2}) + b"\xff\xff")
    found = opened(path)
    assert found.objects == {"0.a": 1, "1.a": 2}
    assert found.facts.notes == ("2 bytes follow the last pickle",)


def test_an_opened_checkpoint_is_kept_until_its_file_changes(tmp_path: Path) -> None:
    first = saved(tmp_path, {"a": torch.ones(1)})
    assert opened(tmp_path / "saved.pt") is first
    second = saved(tmp_path, {"a": torch.ones(5000)})
    assert second is not first
    assert names(second) == [("a", (5000,), "float32")]
    for i in range(checkpoint_module.KEPT_CHECKPOINTS + 1):
        torch.save(i, tmp_path / f"{i}.pt")
        opened(tmp_path / f"{i}.pt")
    assert opened(tmp_path / "saved.pt") is not second


def test_a_tensor_that_is_not_there_is_said(tmp_path: Path) -> None:
    found = saved(tmp_path, {"a": torch.ones(1)})
    with pytest.raises(UnknownKindError, match="a tensor named b"):
        found.window("b")
    with pytest.raises(MissingError):
        opened(tmp_path / "nothing.pt")


def _repacked(source: Path, target: Path, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> None:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            entry = change(name, old.read(name))
            if entry is not None:
                new.writestr(*entry)


def test_a_storage_that_is_missing_or_short_costs_only_its_tensor(tmp_path: Path) -> None:
    torch.save({"a": torch.ones(4), "b": torch.ones(4), "c": torch.ones(4)}, tmp_path / "whole.pt")

    def change(name: str, data: bytes) -> tuple[str, bytes] | None:
        if name.endswith("data/0"):
            return None
        return (name, data[:8]) if name.endswith("data/1") else (name, data)

    _repacked(tmp_path / "whole.pt", tmp_path / "holes.pt", change)
    found = opened(tmp_path / "holes.pt")
    assert [name for name, _, _ in names(found)] == ["a", "b", "c"]
    notes = " ".join(found.facts.notes)
    assert "a refers to storage 0, which is not in the archive" in notes
    assert "b needs 16 bytes of a storage that has 8" in notes
    assert load(found.window("c")).tolist() == [1.0] * 4
    for name in ("a", "b"):
        with pytest.raises(FileError):
            found.window(name)
    assert found.lost() == {
        "a": "refers to storage 0, which is not in the archive",
        "b": "needs 16 bytes of a storage that has 8",
    }
    assert found.without_elements() == {"a", "b"}


@pytest.mark.parametrize(
    ("said", "reason", "kind"),
    [
        ({"size": 1_000_000}, "and it reaches past the end of the file", "lost"),
        ({"flags": 1}, "and it is encrypted", "unread"),
        ({"method": 99}, "packed by method 99", "unread"),
    ],
)
def test_an_entry_is_lost_where_its_bytes_are_not_there_and_unread_where_they_are(
    tmp_path: Path, said: dict[str, int], reason: str, kind: str
) -> None:
    whole, path = tmp_path / "whole.pt", tmp_path / "changed.pt"
    torch.save({"a": torch.ones(4), "b": torch.ones(4)}, tmp_path / "torch.pt")
    _repacked(tmp_path / "torch.pt", whole, lambda name, data: (name, data))
    path.write_bytes(entry_said(whole.read_bytes(), "torch/data/0", **said))
    found = opened(path)
    window = found.windows["a"]
    assert isinstance(window, Unreadable)
    assert window.reason.startswith("has its elements in torch/data/0")
    assert window.reason.endswith(reason)
    assert window.kind == kind
    assert found.without_elements() == ({"a"} if kind == "lost" else set())
    assert load(found.window("b")).tolist() == [1.0] * 4


def test_a_sparse_tensor_is_lost_with_its_parts(tmp_path: Path) -> None:
    path = tmp_path / "cut.pt"
    sparse = torch.sparse_coo_tensor(torch.tensor([[0, 2]]), torch.ones(2), (3,), check_invariants=True)
    torch.save({"s": sparse}, path, _use_new_zipfile_serialization=False)
    assert opened(path).lost() == {}
    assert verify(path).sound
    path.write_bytes(path.read_bytes()[:-4])
    found = opened(path)
    assert list(found.lost()) == ["s"]
    assert found.lost()["s"].startswith("is cut off: ")
    assert [record.sentence() for record in verify(path).damaged] == [f"s {found.lost()['s']}"]


def test_a_pickle_broken_in_the_middle_is_shown_in_part(tmp_path: Path) -> None:
    torch.save({"epoch": 3, "w": torch.ones(4), "lr": 0.1}, tmp_path / "whole.pt")

    def change(name: str, data: bytes) -> tuple[str, bytes]:
        return name, data[: data.index(b"lr")] + b"\xff" * 20 if name.endswith("data.pkl") else data

    _repacked(tmp_path / "whole.pt", tmp_path / "broken.pt", change)
    found = opened(tmp_path / "broken.pt")
    assert found.objects == {"epoch": 3}
    assert names(found) == [("w", (4,), "float32")]
    assert any("read only in part" in note and "byte" in note for note in found.facts.notes)


def test_a_view_past_its_storage_is_told_and_not_read(tmp_path: Path) -> None:
    torch.save({"w": torch.ones(4)}, tmp_path / "whole.pt")

    def change(name: str, data: bytes) -> tuple[str, bytes]:
        # the shape (4,): BININT1 4, TUPLE1
        return name, data.replace(b"K\x04\x85", b"K\xc8\x85", 1) if name.endswith("data.pkl") else data

    _repacked(tmp_path / "whole.pt", tmp_path / "past.pt", change)
    found = opened(tmp_path / "past.pt")
    assert names(found) == [("w", (200,), "float32")]
    assert "w needs 800 bytes of a storage that has 16" in found.facts.notes
    with pytest.raises(FileError):
        found.window("w")


def _other_pickle(folder: Path) -> bytes:
    torch.save({"w": torch.arange(4.0), "epoch": 99}, folder / "whole.pt")
    with zipfile.ZipFile(folder / "whole.pt") as archive:
        return archive.read("whole/data.pkl")


def _with_entry(name: str, first: bool) -> Callable[[bytes, bytes], bytes]:
    """An archive with a second pickle in it, before or after the first."""

    def change(whole: bytes, other: bytes) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(stream, "w") as new:
            entries = [(entry, old.read(entry)) for entry in old.namelist()]
            for entry, data in [(name, other), *entries] if first else [*entries, (name, other)]:
                new.writestr(entry, data)
        return stream.getvalue()

    return change


def _entry_at(whole: bytes, name: bytes, place: int, value: bytes) -> bytes:
    """Change a field of one entry of the directory."""
    start = whole.rindex(name) - 46 + place
    return whole[:start] + value + whole[start + len(value) :]


AMBIGUOUS: dict[str, Callable[[bytes, bytes], bytes]] = {
    "another case, after": _with_entry("whole/DATA.PKL", first=False),
    "another case, before": _with_entry("whole/DATA.PKL", first=True),
    "the same name, after": _with_entry("whole/data.pkl", first=False),
    "the same name, before": _with_entry("whole/data.pkl", first=True),
    "another folder, before": _with_entry("aaa/data.pkl", first=True),
    "another folder, after": _with_entry("zzz/data.pkl", first=False),
    "junk before": lambda whole, _: b"junk" * 16 + whole,
    "junk after": lambda whole, _: whole + b"junk" * 16,
    "another name where the bytes are": lambda whole, _: whole.replace(b"whole/data.pkl", b"whole/datap.kl", 1),
    "a wrong checksum": lambda whole, _: _entry_at(whole, b"whole/data/0", 16, b"\0\0\0\0"),
    "flags of encryption": lambda whole, _: _entry_at(whole, b"whole/data/0", 8, b"\x09"),
    "another entry's place": lambda whole, _: _entry_at(whole, b"whole/data/0", 42, bytes(4)),
    "two archives": lambda whole, _: whole + whole,
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", AMBIGUOUS)
def test_what_is_shown_is_what_torch_loads_or_the_doubt_is_told(tmp_path: Path, kind: str) -> None:
    other = _other_pickle(tmp_path)
    torch.save({"w": torch.arange(4.0), "epoch": 1}, tmp_path / "whole.pt")
    path = tmp_path / "doubtful.pt"
    path.write_bytes(AMBIGUOUS[kind]((tmp_path / "whole.pt").read_bytes(), other))
    try:
        expected = torch.load(path, weights_only=True)
    except Exception:  # noqa: BLE001 - torch refuses in many ways
        expected = None
    found = opened(path)
    doubt = " ".join(found.facts.notes)
    told = "ambiguous" in doubt or "torch" in doubt or "bytes follow" in doubt
    same = (
        expected is not None
        and found.objects == {"epoch": expected["epoch"]}
        and load(found.window("w")).tolist() == expected["w"].tolist()
    )
    assert told or same, found.facts.notes


def test_what_contains_itself_or_doubles_without_end_is_bounded(tmp_path: Path) -> None:
    loop: dict[str, Any] = {"a": 1}
    loop["self"] = loop
    laughs: list[Any] = [1]
    for _ in range(60):
        laughs = [laughs, laughs]
    for name, value in {"loop": loop, "laughs": laughs}.items():
        path = tmp_path / f"{name}.pkl"
        path.write_bytes(pickle.dumps(value))
        found = opened(path)
        assert found.facts.notes, name
    assert opened(tmp_path / "loop.pkl").objects == {"a": 1}


@pytest.fixture(scope="module")
def whole_files(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("whole")
    net, optimizer, _ = trained()
    value = {"model": net.state_dict(), "optimizer": optimizer.state_dict(), "args": argparse.Namespace(lr=0.1)}
    torch.save(value, folder / "zip.pt")
    torch.save(value, folder / "legacy.pt", _use_new_zipfile_serialization=False)
    (folder / "bare.pkl").write_bytes(pickle.dumps(value))
    return [path.read_bytes() for path in sorted(folder.iterdir())]


@given(which=st.integers(0, 2), edits=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=8))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_opens_or_gives_a_sentence(
    tmp_path: Path, whole_files: list[bytes], which: int, edits: list[tuple[float, int]]
) -> None:
    whole = bytearray(whole_files[which])
    for place, byte in edits:
        whole[int(place * (len(whole) - 1))] = byte
    path = tmp_path / "damaged.pt"
    path.write_bytes(whole)
    try:
        found = opened(path)
        to_json(found.facts)
        for tensor in found.facts.tensors:
            load(found.window(tensor.name))
    except FileError as error:
        assert str(error).startswith("damaged.pt: expected")


_LISTING = """
import json, sys
events = []
armed = False
def hook(name, arguments):
    if armed:
        events.append((name, str(arguments[0]) if arguments else ""))
sys.addaudithook(hook)
from pathlib import Path
from inspector.artifacts.checkpoints.checkpoint import facts
paths = [Path(path) for path in json.loads(sys.stdin.read())]
for path in paths:
    try: facts(path)
    except Exception: pass
from inspector.artifacts.checkpoints import checkpoint
checkpoint._opened.clear()
armed = True
for path in paths:
    try: facts(path)
    except Exception: pass
armed = False
named = {str(path) for path in paths}
print(json.dumps([sorted({"numpy", "torch", "h5py", "pickle", "zipfile", "PySide6"} & set(sys.modules)),
                  [event for event in events
                   if event[0] != "builtins.id" and not (event[0] == "open" and event[1] in named)]]))
"""


def test_listing_imports_no_numpy_and_opens_nothing_but_the_file(tmp_path: Path) -> None:
    torch.save({"w": torch.ones(4), "a": np.ones(3), "args": argparse.Namespace(x=1)}, tmp_path / "zip.pt")
    torch.save({"w": torch.ones(4)}, tmp_path / "legacy.pt", _use_new_zipfile_serialization=False)
    (tmp_path / "evil.pkl").write_bytes(b"cposix\nsystem\n(S'touch /tmp/never'\ntR.")
    (tmp_path / "words.pkl").write_bytes(pickle.dumps({"é": [np.float32(1)]}, 0))
    write_safetensors(tmp_path / "s.safetensors", {"a": [0.0]})
    answer = subprocess.run(
        [sys.executable, "-c", _LISTING],
        input=json.dumps([str(path) for path in sorted(tmp_path.iterdir())]),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    imported, events = json.loads(answer.stdout)
    assert imported == []
    assert events == []

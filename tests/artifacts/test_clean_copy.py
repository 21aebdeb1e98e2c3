"""Clean copies load under `weights_only=True`, bit for bit, and import nothing beyond tensors and OrderedDict."""

from __future__ import annotations

import argparse
import collections
import enum
import json
import os
import pathlib
import pickle  # makes the files that are read
import pickletools
import random
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inspector.artifacts.archives import zip_writer
from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.artifacts.checkpoints.verify import verify
from inspector.artifacts.clean.clean_copy import write_clean_copy
from inspector.artifacts.clean.pickle_writer import Pickler
from inspector.artifacts.clean.torch_values import ALLOWED, Entries, Fixed, Rebuilt
from inspector.artifacts.sniff import sniff
from inspector.artifacts.tensors.windows import TensorWindow
from inspector.core.errors import DamagedError, FileError, WorkCancelled
from inspector.core.pulse import Progress, Pulse
from inspector.formats.written import CleanCopy
from tests.artifacts.torch_oracle import torch_tensors
from tests.conftest import sample_files

torch = pytest.importorskip("torch")

pytestmark = [
    pytest.mark.filterwarnings("ignore:Sparse CSR tensor support"),
    pytest.mark.filterwarnings("ignore:ComplexHalf support"),
    pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor"),
    pytest.mark.filterwarnings("ignore:TypedStorage is deprecated"),
    pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors"),
]

DTYPES = [
    torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8,
    torch.uint8, torch.uint16, torch.uint32, torch.uint64, torch.bool, torch.complex32, torch.complex64,
    torch.complex128, torch.float8_e4m3fn, torch.float8_e4m3fnuz, torch.float8_e5m2, torch.float8_e5m2fnuz,
    torch.float8_e8m0fnu,
]  # fmt: skip


class Colour(enum.Enum):
    RED = 1


class Config:
    def __init__(self) -> None:
        self.lr = 0.1
        self.path = pathlib.PurePosixPath("/data/run")
        self.weights = torch.arange(3.0)


class Net(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = torch.nn.Linear(2, 3)
        self.norm = torch.nn.BatchNorm1d(3)
        self.register_buffer("scratch", torch.ones(2), persistent=False)


def copied(path: Path, out: Path | None = None, pulse: Pulse | None = None) -> tuple[Path, CleanCopy]:
    """A clean copy beside a file, and what was told of it."""
    out = out or path.with_name(f"clean-{path.name}.pt")
    descriptor = os.open(out, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    try:
        return out, write_clean_copy(path, descriptor, pulse or Pulse())
    finally:
        os.close(descriptor)


def clean(folder: Path, value: Any, **how: Any) -> tuple[Any, CleanCopy]:
    """What torch loads of the clean copy of a value that it saved."""
    path = folder / "saved.pt"
    torch.save(value, path, **how)
    out, told = copied(path)
    assert imported(out) <= ALLOWED
    return torch.load(out, weights_only=True), told


def imported(path: Path) -> set[str]:
    """Every name that a torch zip would import, as the standard library reads its pickle."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        data = archive.read("archive/data.pkl")
    opcodes = list(pickletools.genops(data))
    assert {opcode.name for opcode, _, _ in opcodes} <= {
        "PROTO", "STOP", "MARK", "GLOBAL", "REDUCE", "BUILD", "NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1",
        "BININT2", "LONG1", "BINFLOAT", "BINUNICODE", "EMPTY_LIST", "EMPTY_DICT", "EMPTY_TUPLE", "APPENDS", "SETITEMS",
        "TUPLE", "BINPERSID", "BINPUT", "LONG_BINPUT", "BINGET", "LONG_BINGET",
    }  # fmt: skip
    return {argument.replace(" ", ".") for opcode, argument, _ in opcodes if opcode.name == "GLOBAL"}


def bits(tensor: Any) -> bytes:
    return tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()


def test_every_name_that_may_be_imported_is_on_torchs_own_list() -> None:
    from torch._weights_only_unpickler import _get_allowed_globals

    assert set(_get_allowed_globals()) >= ALLOWED


@pytest.mark.parametrize("zipped", [True, False])
def test_a_training_checkpoint_keeps_its_structure_and_loads_into_what_made_it(tmp_path: Path, zipped: bool) -> None:
    torch.manual_seed(0)
    net = Net()
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10)
    net.norm(net.first(torch.randn(5, 2))).sum().backward()
    optimizer.step()
    scheduler.step()
    value = {
        "model": net.state_dict(),
        "optimizer": optimizer.state_dict(),
        "scheduler": scheduler.state_dict(),
        "args": argparse.Namespace(lr=1e-3, sizes=[1, (2, 3)], name="run"),
        "epoch": 3,
        "best": np.float64(0.25),
        "path": pathlib.PurePosixPath("a/b"),
        "rng": {"numpy": np.random.RandomState(0).get_state(), "python": random.Random(0).getstate()},
    }
    loaded, told = clean(tmp_path, value, _use_new_zipfile_serialization=zipped)
    assert list(loaded) == list(value)
    fresh = Net()
    fresh.load_state_dict(loaded["model"])
    assert loaded["model"]._metadata == net.state_dict()._metadata
    again = torch.optim.AdamW(fresh.parameters(), lr=5.0)
    again.load_state_dict(loaded["optimizer"])
    assert again.param_groups[0]["lr"] == optimizer.param_groups[0]["lr"]
    assert all(torch.equal(a, b) for a, b in zip(fresh.parameters(), net.parameters(), strict=True))
    assert list(loaded["optimizer"]["state"]) == [0, 1, 2, 3]
    assert loaded["scheduler"] == scheduler.state_dict()
    assert loaded["args"] == {"lr": 1e-3, "sizes": [1, (2, 3)], "name": "run"}
    assert (loaded["epoch"], loaded["best"], loaded["path"]) == (3, 0.25, "a/b")
    assert loaded["rng"]["python"] == random.Random(0).getstate()
    keys = loaded["rng"]["numpy"][1]
    assert keys.dtype == torch.uint32
    assert np.array_equal(keys.numpy(), np.random.RandomState(0).get_state()[1])
    changed = {change.name: (change.was, change.now) for change in told.changed}
    assert changed["args"] == ("argparse.Namespace", "dict")
    assert changed["best"] == ("numpy scalar", "float")
    assert changed["path"] == ("pathlib.PurePosixPath", "str")
    assert changed["rng.numpy.1"] == ("numpy array", "tensor")
    assert told.left_out_count == 0
    assert told.bytes == (tmp_path / "clean-saved.pt.pt").stat().st_size


def test_keys_and_containers_of_every_plain_sort_are_kept(tmp_path: Path) -> None:
    value = {
        1: "int", -7: "negative", "text": [1, 2.5, None, True, False], (1, ("a", None)): "tuple", None: "none",
        False: "truth", 2.5: "float", "": {}, "nested": ([], (), {}, [[]], ((),), {"a": [{"b": (1,)}]}),
        "numbers": [0, 255, 256, 65535, 65536, -1, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**63, -(2**200)],
        "floats": [0.1, float("inf"), -0.0, 5e-324], "unicode": "Ωμέγα \U0001f600 \x00 line\nbreak",
        "long": "x" * 100_000,
        "ordered": collections.OrderedDict([("z", 1), ("a", 2)]),
    }  # fmt: skip
    loaded, told = clean(tmp_path, value)
    assert loaded == value
    assert [type(key) for key in loaded] == [type(key) for key in value]
    assert type(loaded["ordered"]) is collections.OrderedDict
    assert list(loaded["ordered"]) == ["z", "a"]
    assert str(loaded["floats"][2]) == "-0.0"
    assert told.changed_count == told.left_out_count == 0


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_every_type_is_kept_bit_for_bit(tmp_path: Path, dtype: Any, zipped: bool) -> None:
    raw = torch.arange(96, dtype=torch.uint8)
    value = raw.bool() if dtype == torch.bool else raw.view(dtype)
    loaded, _ = clean(tmp_path, {"a": value, "b": value[1:]}, _use_new_zipfile_serialization=zipped)
    assert loaded["a"].dtype == dtype
    assert bits(loaded["a"]) == bits(value)
    assert bits(loaded["b"]) == bits(value[1:])


def test_shared_storages_stay_one_and_views_keep_their_strides(tmp_path: Path) -> None:
    base = torch.arange(24.0).reshape(4, 6)
    tied = torch.nn.Parameter(torch.ones(3))
    value = {
        "base": base, "transposed": base.t(), "row": base[1], "every second": base[:, ::2],
        "expanded": torch.tensor([5.0]).expand(7), "empty": torch.empty(0, 3), "scalar": torch.tensor(3),
        "tied": [tied, tied], "same list": [], "no grad": torch.nn.Parameter(torch.ones(2), requires_grad=False),
        "leaf": torch.ones(2, requires_grad=True),
    }  # fmt: skip
    value["same list too"] = value["same list"]
    loaded, told = clean(tmp_path, value)
    for name in ("base", "transposed", "row", "every second", "expanded", "empty", "scalar"):
        assert torch.equal(loaded[name], value[name]), name
        assert loaded[name].stride() == value[name].stride(), name
    loaded["base"][1, 0] = 99
    assert loaded["row"][0] == loaded["transposed"][0, 1] == 99
    assert loaded["expanded"].untyped_storage().nbytes() == 4
    assert loaded["tied"][0] is loaded["tied"][1]
    assert type(loaded["tied"][0]) is torch.nn.Parameter
    assert loaded["same list"] is loaded["same list too"]
    assert [loaded[name].requires_grad for name in ("no grad", "leaf", "base")] == [False, True, False]
    assert told.left_out_count == 0
    with zipfile.ZipFile(tmp_path / "clean-saved.pt.pt") as archive:
        records = [info for info in archive.infolist() if "/data/" in info.filename]
        assert sum(info.file_size for info in records) == 24 * 4 + 4 + 8 + 12 + 8 + 8


def test_sparse_quantized_nested_and_meta_tensors_are_kept(tmp_path: Path) -> None:
    dense = torch.tensor([[0.0, 1.5, 0.0], [2.5, 0.0, 0.0]])
    value = {
        "coo": dense.to_sparse().coalesce(), "loose": dense.to_sparse(), "csr": dense.to_sparse_csr(),
        "csc": dense.to_sparse_csc(), "meta": torch.empty(3, 4, device="meta", dtype=torch.bfloat16),
        "per tensor": torch.quantize_per_tensor(dense, 0.1, 10, torch.quint8),
        "per channel": torch.quantize_per_channel(
            dense, torch.tensor([0.1, 0.2]), torch.tensor([0, 3]), 0, torch.qint8
        ),
        "nested": torch.nested.nested_tensor([torch.ones(2), torch.zeros(3)]),
    }  # fmt: skip
    loaded, told = clean(tmp_path, value)
    for name in ("coo", "loose", "csr", "csc"):
        assert loaded[name].layout == value[name].layout
        assert torch.equal(loaded[name].to_dense(), dense)
    assert loaded["coo"].is_coalesced()
    assert loaded["meta"].is_meta
    assert (loaded["meta"].shape, loaded["meta"].dtype) == ((3, 4), torch.bfloat16)
    for name in ("per tensor", "per channel"):
        assert torch.equal(loaded[name].int_repr(), value[name].int_repr())
        assert loaded[name].qscheme() == value[name].qscheme()
        assert torch.equal(loaded[name].dequantize(), value[name].dequantize())
    assert [part.tolist() for part in loaded["nested"].unbind()] == [[1, 1], [0, 0, 0]]
    assert told.left_out_count == told.changed_count == 0


def test_objects_become_what_the_lenses_show(tmp_path: Path) -> None:
    value = {
        "config": Config(), "colour": Colour.RED, "set": {3}, "bytes": b"\x00\xff", "default": collections.defaultdict(
            list, {"a": [1]}
        ), "class": Config, "dtype": torch.float16, "size": torch.Size([2, 3]), "complex": 1 + 2j,
        "huge": 1 << 4000, "array": np.arange(6).reshape(2, 3)[:, ::-1], "objects": np.array([1, "a"], object),
        "words": np.array(["a", "bc"]), frozenset({1}): "odd key",
    }  # fmt: skip
    loaded, told = clean(tmp_path, value)
    assert loaded["config"]["lr"] == 0.1
    assert loaded["config"]["path"] == "/data/run"
    assert torch.equal(loaded["config"]["weights"], torch.arange(3.0))
    assert (loaded["set"], loaded["default"], loaded["size"]) == ([3], {"a": [1]}, (2, 3))
    assert loaded["bytes"].tolist() == [0, 255]
    assert torch.equal(loaded["array"], torch.from_numpy(np.ascontiguousarray(value["array"])))
    assert loaded["objects"] == [1, "a"]
    assert loaded["colour"].endswith((".Colour(1)", "Colour.RED"))  # by its value, by its name in Python 3.11.2
    assert loaded["class"].endswith(".Config")
    assert loaded["dtype"] == "torch.float16"
    assert isinstance(loaded["huge"], str)
    assert loaded["words"] is None
    assert [change.name for change in told.left_out] == ["words"]
    assert {"config", "colour", "set", "bytes", "class", "huge", "array"} <= {change.name for change in told.changed}


def test_a_whole_module_becomes_its_state_dict(tmp_path: Path) -> None:
    net = Net()
    loaded, told = clean(tmp_path, net)
    assert type(loaded) is collections.OrderedDict
    assert list(loaded) == list(net.state_dict())
    Net().load_state_dict(loaded)
    assert all(torch.equal(loaded[name], tensor) for name, tensor in net.state_dict().items())
    assert told.changed[0].now == "its state dict"
    net.extra = {"mask": torch.ones(2)}
    net.count = 3
    loaded, told = clean(tmp_path, net)
    assert list(loaded) == list(net.state_dict())
    assert [change.name for change in told.left_out] == ["extra"]
    assert "attributes that are no parameters or buffers are left out" in told.changed[0].because


def test_cycles_and_sharing_do_not_unfold(tmp_path: Path) -> None:
    ring: list[Any] = [1]
    ring.append(ring)
    inner: list[Any] = []
    knot = (inner, 5)
    inner.append(knot)
    bomb: list[Any] = ["x"]
    for _ in range(60):
        bomb = [bomb, bomb]
    loaded, told = clean(tmp_path, {"ring": ring, "knot": knot, "bomb": bomb})
    assert loaded["ring"][1] is loaded["ring"]
    assert loaded["bomb"][0] is loaded["bomb"][1]
    assert loaded["knot"][1] == 5
    assert told.bytes < 20_000


def test_what_lies_too_deep_is_left_out_and_told(tmp_path: Path) -> None:
    data = b"\x80\x02" + b"]" * 3000 + b"a" * 2999 + b"."
    (tmp_path / "deep.pkl").write_bytes(data)
    out, told = copied(tmp_path / "deep.pkl")
    assert torch.load(out, weights_only=True) is not None
    assert "deeper" in told.left_out[0].because


def test_keys_that_cannot_be_hashed_or_would_be_called_become_text(tmp_path: Path) -> None:
    pickled = b"\x80\x02}(]K\x01cos\nsystem\nK\x02X\x01\x00\x00\x00aK\x03cos\nsystem\nX\x01\x00\x00\x00b\x85RK\x04u."
    (tmp_path / "hostile.pkl").write_bytes(pickled)
    out, told = copied(tmp_path / "hostile.pkl")
    assert imported(out) == set()
    loaded = torch.load(out, weights_only=True)
    assert sorted(loaded.values()) == [1, 2, 3, 4]
    assert all(type(key) is str for key in loaded)
    assert told.changed_count == 3


def test_a_tensor_whose_numbers_do_not_fit_is_left_out_with_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "short.pt"
    torch.save({"a": torch.ones(7, 11), "b": torch.ones(2)}, path)
    whole = path.read_bytes()
    assert whole.count(b"K\x07K\x0b") == 1
    path.write_bytes(whole.replace(b"K\x07K\x0b", b"K\x09K\x0b"))
    out, told = copied(path)
    loaded = torch.load(out, weights_only=True)
    assert loaded["a"] is None
    assert loaded["b"].tolist() == [1, 1]
    assert "needs" in told.left_out[0].because


def test_big_endian_files_are_turned_round(tmp_path: Path) -> None:
    path = tmp_path / "big.pt"
    values = {"f": torch.arange(5.0), "h": torch.arange(5, dtype=torch.float16), "c": torch.tensor([1 + 2j, 3 - 1j])}
    torch.save(values, path)
    turned = tmp_path / "turned.pt"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(turned, "w") as new:
        sizes = {f"big/data/{i}": size for i, size in enumerate((4, 2, 4))}
        for info in old.infolist():
            data = old.read(info)
            unit = sizes.get(info.filename)
            if unit:
                data = np.frombuffer(data, f"<u{unit}").byteswap().tobytes()
            new.writestr(info.filename, b"big" if info.filename == "big/byteorder" else data)
    out, _ = copied(turned)
    loaded = torch.load(out, weights_only=True)
    assert all(torch.equal(loaded[name], values[name]) for name in values)


def test_storages_are_aligned_and_have_their_checksum(tmp_path: Path) -> None:
    path = tmp_path / "a.pt"
    torch.save({f"t{i}": torch.randn(i + 1) for i in range(30)}, path)
    out, _ = copied(path)
    assert verify(out).sound
    assert verify(out).notes == ()
    data = out.read_bytes()
    with zipfile.ZipFile(out) as archive:
        names = archive.namelist()
        for info in archive.infolist():
            name, extra = np.frombuffer(data, "<u2", 2, info.header_offset + 26).tolist()
            assert (info.header_offset + 30 + name + extra) % 64 == 0
        assert archive.read("archive/byteorder") == b"little"
        assert archive.read("archive/version") == b"3\n"
    assert names[0] == "archive/data.pkl"
    assert torch.load(out, weights_only=True, mmap=True)["t3"].shape == (4,)


def test_sizes_of_64_bits_are_read_by_torch_and_zipfile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_writer, "WIDE_FROM", 300)
    path = tmp_path / "a.pt"
    values = {"a": torch.arange(10.0), "b": torch.arange(1000.0)}
    torch.save(values, path)
    out, _ = copied(path)
    with zipfile.ZipFile(out) as archive:
        assert archive.testzip() is None
        assert {info.file_size for info in archive.infolist()} >= {40, 4000}
    assert b"PK\x06\x06" in out.read_bytes()
    loaded = torch.load(out, weights_only=True)
    assert all(torch.equal(loaded[name], values[name]) for name in values)
    assert opened(out).facts.notes == ()


def test_other_containers_become_a_flat_dictionary(tmp_path: Path) -> None:
    header = json.dumps({
        "__metadata__": {"format": "pt"},
        "layer.weight": {"dtype": "BF16", "shape": [2, 3], "data_offsets": [0, 12]},
        "scale": {"dtype": "F8_E4M3", "shape": [4], "data_offsets": [12, 16]},
    }).encode()  # fmt: skip
    path = tmp_path / "a.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(range(16)))
    out, told = copied(path)
    loaded = torch.load(out, weights_only=True)
    assert list(loaded) == ["layer.weight", "scale"]
    assert bits(loaded["layer.weight"]) + bits(loaded["scale"]) == bytes(range(16))
    assert (loaded["layer.weight"].dtype, loaded["scale"].dtype) == (torch.bfloat16, torch.float8_e4m3fn)
    assert [change.name for change in told.left_out] == ["__metadata__.format"]


def test_a_scripted_module_becomes_its_state_dict(tmp_path: Path) -> None:
    net = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.script(net), tmp_path / "scripted.pt")
    out, told = copied(tmp_path / "scripted.pt")
    loaded = torch.load(out, weights_only=True)
    assert list(loaded) == list(net.state_dict())
    assert all(torch.equal(loaded[name], tensor) for name, tensor in net.state_dict().items())
    net.load_state_dict(loaded)
    assert {change.was for change in told.left_out} == {"value"}


def test_several_pickles_in_a_row_become_a_list(tmp_path: Path) -> None:
    path = tmp_path / "two.pkl"
    path.write_bytes(pickle.dumps({"a": 1}) + pickle.dumps([np.arange(3)]))
    out, _ = copied(path)
    first, second = torch.load(out, weights_only=True)
    assert first == {"a": 1}
    assert second[0].tolist() == [0, 1, 2]


def test_a_cancel_is_seen_while_storages_are_copied(tmp_path: Path) -> None:
    path = tmp_path / "a.pt"
    torch.save({f"t{i}": torch.randn(1000) for i in range(20)}, path)
    beats: list[Progress] = []
    copied(path, pulse=Pulse(beats.append))
    copying = [beat for beat in beats if beat.what == "copying tensors"]
    assert [beat.total for beat in copying] == [80_000] * 20
    assert [beat.done for beat in copying] == [4000 * i for i in range(20)]
    with pytest.raises(WorkCancelled):
        copied(path, pulse=Pulse(beats.append, lambda: beats[-1].what == "copying tensors"))


def test_what_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello\n")
    (tmp_path / "cut.pt").write_bytes(b"PK\x03\x04" + bytes(100))
    for name in ("notes.txt", "cut.pt", "nothing.pt"):
        with pytest.raises(FileError, match=f"^{name}: expected "):
            copied(tmp_path / name)


def test_a_file_that_is_cut_off_under_our_hands_is_no_copy(tmp_path: Path) -> None:
    path = tmp_path / "a.pt"
    torch.save({"a": torch.randn(3_000_000)}, path)

    def cut(progress: Progress) -> None:
        if progress.what == "copying tensors":
            os.truncate(path, 5_000_000)

    with pytest.raises(DamagedError, match="expected 12,000,000 bytes"):
        copied(path, pulse=Pulse(cut))


def test_the_pickler_writes_nothing_that_is_not_allowed() -> None:
    for value in (Rebuilt("os.system", Fixed(["true"])), object(), {"a": 1}, 1 << 5000):
        with pytest.raises(ValueError, match="clean checkpoint"):
            Pickler().pickled(value)
    knot = Fixed([])
    knot.items.append([knot])
    with pytest.raises(ValueError, match="contains itself"):
        Pickler().pickled(knot)
    assert pickle.loads(Pickler().pickled(Entries(["a", [1, Fixed([2])]]))) == {"a": [1, (2,)]}


def test_copying_needs_no_torch_and_constant_memory(tmp_path: Path) -> None:
    path = tmp_path / "big.pt"
    torch.save({f"t{i}": torch.zeros(5_000_000) for i in range(10)}, path)
    script = f"""
import os, resource, sys
from pathlib import Path
from inspector.artifacts.clean.clean_copy import write_clean_copy
descriptor = os.open({str(tmp_path / "out.pt")!r}, os.O_RDWR | os.O_CREAT)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
write_clean_copy(Path({str(path)!r}), descriptor)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, "torch" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    grown_kb, torch_loaded = done.stdout.split()
    assert int(grown_kb) < 60_000
    assert torch_loaded == "False"


@pytest.mark.samples
def test_every_real_checkpoint_has_a_clean_copy_with_the_same_tensors(tmp_path: Path) -> None:
    files = [path for path in sample_files("checkpoints/**/*", "hostile/**/*") if path.is_file()]
    if not files:
        pytest.skip("the real sample files are not here")
    copies: dict[Path, Path] = {}
    told: dict[Path, CleanCopy] = {}
    for i, path in enumerate(files):
        if path.stat().st_size and sniff(path).kind == "checkpoint":
            try:
                copies[path], told[path] = copied(path, tmp_path / f"{i}.pt")
            except FileError as error:
                assert str(error).startswith(f"{path.name}: expected ")
    assert len(copies) >= 280
    loaded = torch_tensors([*copies.values(), *copies])
    compared = 0
    for path, copy in copies.items():
        assert imported(copy) <= ALLOWED, path
        tensors = loaded[copy]
        assert tensors is not None, path
        if loaded[path] is not None:
            assert tensors == loaded[path], path
            compared += 1
            continue
        found = {(name, tuple(shape), dtype) for name, shape, dtype, _ in tensors}
        there = opened(path)
        # What is shared is told once, under the first of its names.
        left_out = {change.name.rpartition(".")[2] for change in told[path].left_out if change.was == "attribute"}
        wanted = {
            (one.name, one.shape, one.dtype)
            for one in there.facts.tensors
            if isinstance(there.windows[one.name], TensorWindow)
            and one.dtype != "M8"
            and left_out.isdisjoint(one.name.split("."))
        }
        assert wanted <= found, path
    assert compared >= 120

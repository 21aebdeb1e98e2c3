"""Checkpoints of torch 0.1: values of files that an independent writer made, views, damage."""

from __future__ import annotations

import struct
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.artifacts.sniff import sniff
from inspector.artifacts.tensors.elements import load
from inspector.artifacts.tensors.windows import Unreadable
from inspector.core.errors import DamagedError, FileError, UnsupportedError
from tests.artifacts.packed import tar_of
from tests.artifacts.tars import Reference, Stored, Tensor, View, members, saved
from tests.conftest import sample_files

WEIGHT = np.arange(12, dtype="<f4") / 4
COUNTS = np.array([5, -7, 2**40], dtype="<i8")
VALUE: Any = {
    "model": OrderedDict(weight=Reference(11), transposed=Reference(12), row=Reference(13), counts=Reference(14)),
    "epoch": 3,
    "storage": Reference(1),
}
STORAGES = [Stored(1, WEIGHT, "cuda:0"), Stored(2, COUNTS)]
VIEWS = [View(3, 1, 4, 4)]
TENSORS = [
    Tensor(11, 1, (3, 4), (4, 1)),
    Tensor(12, 1, (4, 3), (1, 4)),
    Tensor(13, 3, (2,), (2,), 1),
    Tensor(14, 2, (3,), (1,)),
]
EXPECTED = {
    "model.weight": WEIGHT.reshape(3, 4),
    "model.transposed": WEIGHT.reshape(3, 4).T,
    "model.row": WEIGHT[4:8][1::2],
    "model.counts": COUNTS,
}


def test_names_values_and_places_are_those_that_were_written(tmp_path: Path) -> None:
    path = saved(tmp_path / "m.pt", VALUE, STORAGES, TENSORS, VIEWS)
    assert sniff(path).container == "torch-tar"
    found = opened(path)
    assert found.facts.notes == ()
    assert [tensor.name for tensor in found.facts.tensors] == list(EXPECTED)
    for tensor in found.facts.tensors:
        expected = EXPECTED[tensor.name]
        assert (tensor.shape, tensor.dtype, tensor.bytes) == (expected.shape, expected.dtype.name, expected.nbytes)
        assert np.array_equal(load(found.window(tensor.name)), expected)
    assert found.objects["epoch"] == 3
    raw = path.read_bytes()
    start = found.window("model.weight").storage.start
    assert raw[start : start + WEIGHT.nbytes] == WEIGHT.tobytes()
    assert found.details("model.weight")["device"] == "cuda:0"
    assert set(found.details("model.row")["shares storage with"]) == {"model.weight", "model.transposed"}


def test_variables_and_parameters_of_that_time_are_tensors(tmp_path: Path) -> None:
    def pickled() -> bytes:
        # torch.nn.parameter.Parameter(tensor 11), torch.autograd.variable.Variable(tensor 14), with their states
        one = b"ctorch.nn.parameter\nParameter\nX\x02\x00\x00\x0011Q\x85R(\x88\x89}tb"
        other = b"ctorch.autograd.variable\nVariable\nX\x02\x00\x00\x0014Q\x85R(\x89\x89}tb"
        return b"\x80\x02}(X\x01\x00\x00\x00p" + one + b"X\x01\x00\x00\x00v" + other + b"u."

    entries = members(VALUE, STORAGES, TENSORS, VIEWS)
    entries["pickle"] = pickled()
    path = tmp_path / "m.pt"
    path.write_bytes(tar_of(entries))
    found = opened(path)
    assert [(tensor.name, tensor.role) for tensor in found.facts.tensors] == [("p", "weight"), ("v", "buffer")]
    assert np.array_equal(load(found.window("p")), EXPECTED["model.weight"])
    assert found.details("p")["parameter"] is True


def test_the_source_of_a_class_is_shown(tmp_path: Path) -> None:
    entries = members(VALUE, STORAGES, TENSORS, VIEWS)
    text = b"class Net(nn.Module):\n    pass\n"
    # BINPERSID of (class, file, source) stands where the class would be called.
    entries["pickle"] = (
        b"\x80\x02cmy.models\nNet\nX\x05\x00\x00\x00my.py" + b"X" + struct.pack("<I", len(text)) + text + b"\x87Q)R."
    )
    path = tmp_path / "m.pt"
    path.write_bytes(tar_of(entries))
    found = opened(path)
    assert found.objects["source.my.models.Net"] == text.decode()
    assert found.facts.would_import == ("my.models.Net",)


@pytest.mark.parametrize("name", ["storages", "tensors"])
def test_a_cut_member_leaves_the_rest(tmp_path: Path, name: str) -> None:
    entries = members(VALUE, STORAGES, TENSORS, VIEWS)
    entries[name] = entries[name][: len(entries[name]) * 3 // 4]
    path = tmp_path / "m.pt"
    path.write_bytes(tar_of(entries))
    found = opened(path)
    assert any(f"the member {name} is read only in part" in note for note in found.facts.notes)
    assert np.array_equal(load(found.window("model.weight")), EXPECTED["model.weight"])


def test_absurd_numbers_are_said_and_allocate_nothing(tmp_path: Path) -> None:
    entries = members(VALUE, STORAGES, TENSORS, VIEWS)
    entries["tensors"] = entries["tensors"].replace(
        struct.pack("<5q", 3, 4, 4, 1, 0), struct.pack("<5q", 10**15, 4, 4, 1, 0)
    )
    entries["storages"] = entries["storages"].replace(struct.pack("<q", 3), struct.pack("<q", 2**62))
    path = tmp_path / "m.pt"
    path.write_bytes(tar_of(entries))
    found = opened(path)
    assert any("does not fit" in note for note in found.facts.notes)
    with pytest.raises(UnsupportedError, match="needs 16,000,000,000,000,000 bytes"):
        found.window("model.weight")
    with pytest.raises(UnsupportedError, match="not in the file"):
        found.window("model.counts")


def test_a_tar_without_its_pickle_is_said(tmp_path: Path) -> None:
    entries = members(VALUE, STORAGES, TENSORS, VIEWS)
    del entries["pickle"]
    path = tmp_path / "m.pt"
    path.write_bytes(tar_of(entries))
    with pytest.raises(DamagedError, match="a member named pickle"):
        opened(path)


def test_a_file_cut_anywhere_opens_or_says_so(tmp_path: Path) -> None:
    whole = tar_of(members(VALUE, STORAGES, TENSORS, VIEWS))
    path = tmp_path / "m.pt"
    opens = 0
    for end in range(64, len(whole), 64):
        path.write_bytes(whole[:end])
        try:
            found = opened(path)
        except FileError as error:
            assert str(error).startswith("m.pt: expected ")
            continue
        opens += 1
        for tensor in found.facts.tensors:
            window = found.windows[tensor.name]
            assert isinstance(window, Unreadable) or np.array_equal(load(window), EXPECTED[tensor.name])
    assert opens > 50


@given(place=st.integers(0, 10_000), content=st.binary(min_size=1, max_size=40))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_changed_bytes_end_in_a_listing_or_a_sentence(tmp_path: Path, place: int, content: bytes) -> None:
    whole = bytearray(tar_of(members(VALUE, STORAGES, TENSORS, VIEWS)))
    at = place % (len(whole) - len(content))
    whole[at : at + len(content)] = content
    path = tmp_path / "m.pt"
    path.write_bytes(whole)
    try:
        found = opened(path)
        for tensor in found.facts.tensors:
            found.details(tensor.name)
    except FileError as error:
        assert "expected" in str(error)


@pytest.mark.samples
@pytest.mark.skipif(not sample_files("checkpoints/**/tar_*.tar"), reason="the real sample files are not here")
def test_real_ones_hold_what_their_names_and_their_tests_say() -> None:
    values = {
        ("tar_float32.tar", "tensor"): np.array([1.0, 2.5, -3.7, 0.0], "f4"),
        ("tar_float64.tar", "tensor"): np.array([1.1, 2.2, 3.3], "f8"),
        ("tar_int64.tar", "tensor"): np.array([100, -200, 300, 0], "i8"),
        ("tar_2d_tensor.tar", "matrix"): np.arange(1, 13, dtype="f4").reshape(3, 4),
        ("tar_weight_bias.tar", "weight"): np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]], "f4"),
        ("tar_weight_bias.tar", "bias"): np.array([0.01, 0.02], "f4"),
        ("tar_multi_dtype.tar", "int_tensor"): np.array([10, 20, 30, 40], "i8"),
    }
    paths = {path.name: path for path in sample_files("checkpoints/**/tar_*.tar")}
    for (name, tensor), expected in values.items():
        found = load(opened(paths[name]).window(tensor))
        assert found.dtype == expected.dtype
        assert np.array_equal(found, expected)
    for path in paths.values():
        assert opened(path).facts.notes == ()

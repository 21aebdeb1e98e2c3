"""What is told of each tensor beside its facts: held against torch, which saves the tensors in one child process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inspector.artifacts.checkpoints.checkpoint import Checkpoint, opened
from inspector.artifacts.checkpoints.tensor_details import MAX_SHARING, shared_storages
from inspector.artifacts.tensors.elements import load, statistics
from inspector.artifacts.tensors.windows import Unreadable
from inspector.core.errors import UnknownKindError
from tests.with_torch import run_with_torch

torch = pytest.importorskip("torch")

_MAKE = """
import json, os, sys, warnings
warnings.filterwarnings("ignore")
import torch, torch.distributed as dist
from torch.distributed.tensor import DeviceMesh, DTensor, Shard
class Sub(torch.Tensor): pass
base = torch.arange(24.).reshape(4, 6)
torch.manual_seed(0)
z = torch.tensor([1 + 2j, 3 - 1j])
parameter = torch.nn.Parameter(torch.ones(2)); parameter.note = {"a": 1}
value = {
    "base": base, "view": base[1:3, 2:4], "transposed": base.t(), "expanded": torch.ones(3, 1).expand(3, 4),
    "conj": z.conj(), "neg": z.clone().conj().imag, "conj128": z.to(torch.complex128).conj(),
    "both": torch.tensor([5 + 6j]).conj().imag, "empty": torch.ones(0, 3), "scalar": torch.tensor(3.5),
    "per_tensor": torch.quantize_per_tensor(torch.randn(4), 0.1, 3, torch.quint8),
    "per_channel": torch.quantize_per_channel(torch.randn(2, 3), torch.tensor([.5, .25]), torch.tensor([0, 1]), 0,
                                              torch.qint8),
    "coo": torch.sparse_coo_tensor([[0, 2], [1, 0]], [[1., 2.], [3., 4.]], (3, 4, 2)),
    "coalesced": torch.eye(4).to_sparse(), "csr": torch.eye(4).to_sparse_csr(), "csc": torch.eye(4).to_sparse_csc(),
    "bsr": torch.eye(4).to_sparse_bsr((2, 1)), "bsc": torch.eye(4).to_sparse_bsc((2, 2)),
    "nested": torch.nested.nested_tensor([torch.ones(2, 3), torch.zeros(4, 3)]),
    "jagged": torch.nested.nested_tensor([torch.ones(2, 3), torch.zeros(4, 3)], layout=torch.jagged),
    "meta": torch.empty(3, 2, device="meta"), "parameter": parameter,
    "frozen": torch.nn.Parameter(torch.ones(2), requires_grad=False), "sub": torch.ones(2).as_subclass(Sub),
    "leaf": torch.ones(2, requires_grad=True),
}
for name, dtype in (("four_bits", torch.quint4x2), ("two_bits", torch.quint2x4)):
    value[name] = torch.quantize_per_channel(torch.randn(3, 8), torch.full((3,), 0.5), torch.arange(3.), 0, dtype)
dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
value["dtensor"] = DTensor.from_local(torch.ones(4, 2), DeviceMesh("cpu", [0]), [Shard(0)])
torch.save(value, "zip.pt")
torch.save(value, "legacy.pt", _use_new_zipfile_serialization=False)
told = {}
for name in ("base", "view", "transposed", "expanded", "conj", "neg", "conj128", "both", "empty", "scalar"):
    x = value[name]
    told[name] = {"stride": list(x.stride()), "offset": x.storage_offset(), "bytes": x.untyped_storage().nbytes(),
                  "values": torch.view_as_real(x.resolve_conj()).tolist() if x.is_complex() else x.tolist()}
q = value["per_channel"]
told["per_channel"] = {"scales": q.q_per_channel_scales().tolist(), "zeros": q.q_per_channel_zero_points().tolist(),
                       "axis": q.q_per_channel_axis(), "ints": q.int_repr().tolist()}
q = value["per_tensor"]
told["per_tensor"] = {"scale": q.q_scale(), "zero": q.q_zero_point(), "ints": q.int_repr().tolist()}
for name in ("coo", "coalesced"):
    x = value[name]
    told[name] = {"nnz": x._nnz(), "sparse": x.sparse_dim(), "dense": x.dense_dim(), "coalesced": x.is_coalesced()}
for name in ("csr", "csc", "bsr", "bsc"):
    x = value[name]
    plain = x.col_indices() if name.endswith("r") else x.row_indices()
    told[name] = {"nnz": plain.shape[-1], "values": x.values().tolist(), "plain": plain.tolist()}
for name in ("four_bits", "two_bits"):
    told[name] = (value[name].dequantize() / 0.5 + torch.arange(3.)[:, None]).round().int().tolist()
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Checkpoint], dict[str, Any]]:
    """The same tensors in both layouts of torch, and what torch says of them."""
    folder = tmp_path_factory.mktemp("details")
    told = json.loads(run_with_torch(_MAKE, folder=folder).splitlines()[-1])
    return {name: opened(folder / f"{name}.pt") for name in ("zip", "legacy")}, told


Made = tuple[dict[str, Checkpoint], dict[str, Any]]

pytestmark = pytest.mark.parametrize("layout", ["zip", "legacy"])


def test_strides_offsets_and_elements_are_those_of_torch(made: Made, layout: str) -> None:
    found, told = made[0][layout], made[1]
    for name in ("base", "view", "transposed", "expanded", "conj", "neg", "conj128", "both", "empty", "scalar"):
        details, expected = found.details(name), told[name]
        window = found.window(name)
        if window.strides != tuple(expected["stride"]):
            assert window.shape == () or 0 in window.shape
        assert details.get("strides", expected["stride"]) == expected["stride"]
        assert details.get("offset", 0) == expected["offset"]
        assert details["storage"].startswith(f"{expected['bytes']:,} bytes")
        values = load(window)
        pairs = np.stack([values.real, values.imag], -1) if np.iscomplexobj(values) else values
        assert pairs.tolist() == expected["values"]
    assert found.details("expanded")["expanded axes"] == [1]
    assert found.details("base").keys() >= {"device", "storage", "shares storage with"}


def test_lazy_conjugates_and_negatives_are_told_and_counted_as_torch_reads_them(made: Made, layout: str) -> None:
    found = made[0][layout]
    assert found.details("conj")["conjugated when read"] is True
    assert found.details("neg")["negated when read"] is True
    assert statistics(found.window("neg")).minimum == -2
    assert "conjugated when read" not in found.details("base")


def test_tensors_that_share_a_storage_name_each_other(made: Made, layout: str) -> None:
    found = made[0][layout]
    for name in ("base", "view", "transposed"):
        others = {"base", "view", "transposed"} - {name}
        assert set(found.details(name)["shares storage with"]) == others
    assert "shares storage with" not in found.details("frozen")


def test_quantized_tensors_tell_scale_and_zero_point(made: Made, layout: str) -> None:
    found, told = made[0][layout], made[1]
    details = found.details("per_tensor")
    assert (details["sort"], details["scheme"]) == ("quantized", "per_tensor_affine")
    assert (details["scale"], details["zero point"]) == (told["per_tensor"]["scale"], told["per_tensor"]["zero"])
    assert load(found.window("per_tensor")).tolist() == told["per_tensor"]["ints"]
    details, expected = found.details("per_channel"), told["per_channel"]
    assert (details["scheme"], details["axis"]) == ("per_channel_affine", expected["axis"])
    assert (details["scales"], details["zero points"]) == (expected["scales"], expected["zeros"])
    assert load(found.window("per_channel")).tolist() == expected["ints"]
    assert load(found.window("per_channel.scales")).tolist() == expected["scales"]


def test_elements_of_four_and_two_bits_are_one_number_each(made: Made, layout: str) -> None:
    found, told = made[0][layout], made[1]
    for name in ("four_bits", "two_bits"):
        window = found.window(name)
        assert load(window).tolist() == told[name]
        assert load(window, (1, slice(3, 8, 2))).tolist() == told[name][1][3:8:2]
        assert found.details(name)["scheme"] == "per_channel_affine"


def test_sparse_tensors_tell_their_parts(made: Made, layout: str) -> None:
    found, told = made[0][layout], made[1]
    for name in ("coo", "coalesced"):
        details, expected = found.details(name), told[name]
        assert details["specified elements"] == expected["nnz"]
        assert (details["sparse axes"], details["dense axes"]) == (expected["sparse"], expected["dense"])
        assert details["coalesced"] is expected["coalesced"]
        assert details["made of"] == [f"{name}.indices", f"{name}.values"]
    for name in ("csr", "csc", "bsr", "bsc"):
        details, expected = found.details(name), told[name]
        assert details["sort"] == f"sparse_{name}"
        assert details["specified elements"] == expected["nnz"]
        assert load(found.window(f"{name}.values")).tolist() == expected["values"]
        assert load(found.window(f"{name}.plain_indices")).tolist() == expected["plain"]
    assert found.details("bsr")["block shape"] == [2, 1]
    assert "open its parts" in found.details("csr")["elements"]
    assert found.details("csr.values")["storage"].startswith("16 bytes")


def test_nested_meta_subclasses_and_distributed_tensors_are_told(made: Made, layout: str) -> None:
    found = made[0][layout]
    details = found.details("nested")
    assert (details["sort"], details["tensors"], details["their shapes"]) == ("nested", 2, [[2, 3], [4, 3]])
    assert found.details("jagged")["layout"] == "jagged"
    assert load(found.window("jagged.offsets")).tolist() == [0, 2, 6]
    assert found.details("meta")["sort"] == "meta"
    assert found.windows["meta"] == Unreadable("has no elements in the file (meta)", "unwritten")
    assert "meta" in found.without_elements()
    assert not found.lost(), "no file was to hold them"
    assert found.details("sub")["class"].endswith("Sub")
    details = found.details("dtensor")
    assert (details["sort"], details["class"]) == ("wrapper subclass", "torch.distributed.tensor.DTensor")
    assert "dtensor._local_tensor" in details["made of"]
    assert found.objects["dtensor._spec.placements.0.dim"] == 0


def test_gradients_and_parameters_are_told(made: Made, layout: str) -> None:
    found = made[0][layout]
    assert found.details("parameter")["parameter"] is True
    assert found.details("parameter")["requires_grad"] is True
    assert found.details("frozen")["requires_grad"] is False
    assert found.details("leaf")["requires_grad"] is True
    assert "parameter" not in found.details("leaf")
    assert found.objects["parameter.note.a"] == 1


def test_every_answer_can_be_written_as_json_and_an_unknown_name_is_said(made: Made, layout: str) -> None:
    found = made[0][layout]
    for tensor in found.facts.tensors:
        assert json.loads(json.dumps(found.details(tensor.name)))
    with pytest.raises(UnknownKindError):
        found.details("nothing")


def test_many_that_share_are_counted(tmp_path: Path, layout: str) -> None:
    base = torch.ones(40)
    path = tmp_path / f"{layout}.pt"
    torch.save([base[i:] for i in range(40)], path, _use_new_zipfile_serialization=layout == "zip")
    found = opened(path)
    shown = found.details("0")["shares storage with"]
    assert len(shown) == MAX_SHARING + 1
    assert shown[-1] == "19 more"
    assert set(shared_storages(found.windows)["39"]) == {str(i) for i in range(40)}

"""TorchScript archives: tensors as the state dict has them, code and operators as text, also of torch 1.0 to 1.3."""

from __future__ import annotations

import hashlib
import io
import json
import pickle  # makes the files that are read
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.artifacts.facts import facts_of
from inspector.artifacts.sniff import sniff
from inspector.artifacts.tensors.elements import load
from inspector.artifacts.tensors.windows import Unreadable
from inspector.core.errors import DamagedError, FileError, UnsupportedError
from tests.artifacts.packed import entry_said
from tests.conftest import sample_files
from tests.with_torch import run_with_torch

_MAKE = """
import hashlib, json, sys, warnings
warnings.filterwarnings("ignore")
import torch
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 4, 3)
        self.norm = torch.nn.BatchNorm2d(4)
        self.layers = torch.nn.Sequential(torch.nn.Linear(4, 2), torch.nn.ReLU())
        self.register_buffer("steps", torch.arange(3))
    def forward(self, x):
        return self.layers(self.norm(self.conv(x)).mean((2, 3))) + torch.tensor([1.0, 2.0])
class Quantized(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.enter = torch.ao.quantization.QuantStub()
        self.conv, self.linear = torch.nn.Conv2d(3, 4, 3), torch.nn.Linear(4, 2)
        self.leave = torch.ao.quantization.DeQuantStub()
    def forward(self, x):
        return self.leave(self.linear(self.conv(self.enter(x)).mean((2, 3))))
def told(state):
    found = {}
    for name, value in state.items():
        if isinstance(value, tuple):
            found |= {f"{name}.{i}": one for i, one in enumerate(value)}
        elif isinstance(value, torch.Tensor):
            found[name] = value
    digest = lambda x: hashlib.sha256((x.int_repr() if x.is_quantized else x).detach().contiguous().numpy().tobytes())
    return {name: [list(x.shape), str(x.dtype)[6:], digest(x).hexdigest()] for name, x in found.items()}
torch.manual_seed(0)
net = Net().eval()
scripted = torch.jit.script(net)
scripted.save("scripted.pt", _extra_files={"notes.txt": "trained on x"})
scripted._save_for_lite_interpreter("mobile.ptl")
torch.jit.trace(net, torch.ones(1, 3, 8, 8)).save("traced.pt")
answer = {"plain": told(net.state_dict())}
engines = torch.backends.quantized.supported_engines
if "fbgemm" in engines:
    model = Quantized().eval()
    model.qconfig = torch.ao.quantization.get_default_qconfig("fbgemm")
    prepared = torch.ao.quantization.prepare(model)
    prepared(torch.randn(2, 3, 8, 8))
    converted = torch.ao.quantization.convert(prepared)
    torch.jit.script(converted).save("quantized.pt")
    answer["quantized"] = told(converted.state_dict())
print(json.dumps(answer))
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A folder of archives that torch wrote, and the state dicts they were made from."""
    pytest.importorskip("torch")
    folder = tmp_path_factory.mktemp("torchscript")
    (folder / "make.py").write_text(_MAKE)
    answer = run_with_torch(folder / "make.py", folder=folder)
    return folder, json.loads(answer.splitlines()[-1])


Made = tuple[Path, dict[str, Any]]


def listed(path: Path) -> dict[str, list[Any]]:
    found = opened(path)
    return {
        tensor.name: [
            list(tensor.shape),
            tensor.dtype,
            hashlib.sha256(load(found.window(tensor.name)).tobytes()).hexdigest(),
        ]
        for tensor in found.facts.tensors
        if not tensor.name.startswith("constants.")
    }


@pytest.mark.parametrize(
    ("name", "container"),
    [("scripted.pt", "torchscript"), ("traced.pt", "torchscript"), ("mobile.ptl", "torch-mobile")],
)
def test_tensors_are_those_of_the_state_dict(made: Made, name: str, container: str) -> None:
    folder, told = made
    assert sniff(folder / name).container == container
    assert listed(folder / name) == told["plain"]
    assert opened(folder / name).facts.notes == ()


def test_code_and_extra_files_are_texts(made: Made) -> None:
    folder, _ = made
    objects = opened(folder / "scripted.pt").objects
    with zipfile.ZipFile(folder / "scripted.pt") as archive:
        top = archive.namelist()[0].partition("/")[0]
        code = archive.read(f"{top}/code/__torch__.py").decode()
    assert objects["code.__torch__.py"] == code
    assert "def forward" in code
    assert objects["extra.notes.txt"] == "trained on x"
    assert not [name for name in objects if name.endswith("debug_pkl")]
    assert objects["conv.__class__"] == "__torch__.torch.nn.modules.conv.Conv2d"


def test_constants_are_tensors(made: Made) -> None:
    folder, _ = made
    found = opened(folder / "traced.pt")
    assert load(found.window("constants.0")).tolist() == [1, 2]


def test_a_mobile_model_tells_its_operators(made: Made) -> None:
    folder, _ = made
    objects = opened(folder / "mobile.ptl").objects
    assert objects["bytecode.version"] >= 4
    assert "aten::conv2d" in objects["bytecode.__torch__.Net.forward.operators"]
    assert objects["bytecode.__torch__.Net.forward.instructions"] > 10


def test_packed_weights_of_quantized_modules_have_the_names_of_the_state_dict(made: Made) -> None:
    folder, told = made
    if "quantized" not in told:
        pytest.skip("this torch has no engine for quantized modules")
    found = listed(folder / "quantized.pt")
    expected = told["quantized"]
    for name in ("conv.weight", "conv.bias", "linear._packed_params._packed_params.0", "enter.scale"):
        assert found[name] == expected[name]
    objects = opened(folder / "quantized.pt").objects
    assert (objects["conv.in_channels"], objects["conv.padding_mode"]) == (3, "zeros")
    details = opened(folder / "quantized.pt").details("conv.weight")
    assert (details["scheme"], details["axis"], len(details["scales"])) == ("per_channel_affine", 0, 4)
    assert {tensor.role for tensor in opened(folder / "quantized.pt").facts.tensors} == {"weight", "buffer"}


def old(model: Any, tensors: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """An archive as torch 1.0 to 1.3 wrote it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("net/version", "1\n")
        archive.writestr("net/code/net.py", "op_version_set = 0\ndef forward(self, x):\n  return x\n")
        for name, content in tensors.items():
            archive.writestr(f"net/{name}", content)
        archive.writestr("net/model.json", model if isinstance(model, str) else json.dumps(model))
    return out.getvalue()


WEIGHT = np.arange(12, dtype="<f4")
STEPS = np.array([7, 8], "<i8")
TENSORS = {"tensors/0": WEIGHT.tobytes(), "tensors/1": STEPS.tobytes(), "tensors/2": np.ones(3, "<f8").tobytes()}
MODEL: dict[str, Any] = {
    "protoVersion": "3",
    "producerName": "pytorch",
    "producerVersion": "1.0",
    "mainModule": {
        "torchscriptArena": {"key": "code/net.py"},
        "name": "Net",
        "parameters": [{"isBuffer": True, "tensorId": "1", "name": "steps"}],
        "attributes": [{"type": "int", "name": "width", "id": "0"}, {"type": "Tensor", "name": "mask", "id": "1"}],
        "submodules": [
            {
                "name": "fc",
                "parameters": [
                    {"isBuffer": False, "tensorId": "0", "name": "weight"},
                    {"isBuffer": False, "tensorId": "3", "name": "row"},
                ],
            }
        ],
    },
    "tensors": [
        {"dims": ["3", "4"], "offset": "0", "strides": ["4", "1"], "requiresGrad": True, "dataType": "FLOAT",
         "data": {"key": "tensors/0"}, "device": "cuda:0"},
        {"dims": ["2"], "offset": "0", "strides": ["1"], "requiresGrad": False, "dataType": "INT64",
         "data": {"key": "tensors/1"}, "device": "cpu"},
        {"dims": ["3"], "offset": "0", "strides": ["1"], "dataType": "DOUBLE", "data": {"key": "tensors/2"}},
        {"dims": ["2"], "offset": "1", "strides": ["4"], "dataType": "FLOAT", "data": {"key": "tensors/0"}},
        {"dims": ["2"], "offset": "0", "strides": ["1"], "dataType": "FLOAT", "data": {"key": "tensors/0"}},
    ],
}  # fmt: skip
ATTRIBUTES = {"attributes.pkl": b"\x80\x02](K\x40ctorch.jit._pickle\nbuild_tensor_from_id\nK\x04\x85Re."}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_archives_of_torch_1_0_are_read(tmp_path: Path, method: int) -> None:
    path = tmp_path / "net.pt"
    path.write_bytes(old(MODEL, TENSORS | ATTRIBUTES, method))
    assert sniff(path).container == "torchscript-old"
    found = opened(path)
    assert found.facts.notes == ()
    values = {tensor.name: load(found.window(tensor.name)).tolist() for tensor in found.facts.tensors}
    assert values == {
        "steps": STEPS.tolist(),
        "mask": [0, 1],
        "fc.weight": WEIGHT.reshape(3, 4).tolist(),
        "fc.row": [1, 5],
        "constants.2": [1, 1, 1],
    }
    assert {tensor.name: tensor.role for tensor in found.facts.tensors}["steps"] == "buffer"
    assert found.objects["width"] == 64
    assert found.objects["producerVersion"] == "1.0"
    assert found.objects["code.net.py"].startswith("op_version_set")
    assert found.details("fc.weight")["device"] == "cuda:0"
    assert found.details("fc.weight")["requires_grad"] is True


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"dims": ["1000000000000000"], "strides": ["1"]}, "needs 4,000,000,000,000,000 bytes"),
        ({"dims": ["-1"]}, ""),
        ({"dims": "x"}, ""),
        ({"offset": "99"}, "needs 444 bytes of a storage that has 48"),
        ({"dataType": "UNDEFINED"}, ""),
        ({"data": {"key": "tensors/9"}}, "refers to tensors/9, which is not in the archive"),
        ({"data": {"key": "../../etc/passwd"}}, "refers to ../../etc/passwd, which is not in the archive"),
        ({"data": None}, ""),
        ({"strides": ["1", "1", "1"]}, ""),
    ],
    ids=str,
)
def test_a_tensor_that_cannot_be_is_said(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    model = json.loads(json.dumps(MODEL))
    model["tensors"][0] |= change
    path = tmp_path / "net.pt"
    path.write_bytes(old(model, TENSORS))
    found = opened(path)
    assert found.facts.notes
    assert load(found.window("steps")).tolist() == [7, 8]
    if "fc.weight" in found.windows:
        with pytest.raises(UnsupportedError):
            found.window("fc.weight")
    assert ("fc.weight" in found.windows) == bool(reason)
    assert list(found.lost()) == (["fc.weight"] if reason else [])
    assert found.lost().get("fc.weight", "").startswith(reason)


def test_an_entry_that_reaches_past_the_end_of_the_file_is_lost_and_an_encrypted_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "net.pt"
    whole = old(MODEL, TENSORS)
    (name,) = (name for name in zipfile.ZipFile(io.BytesIO(whole)).namelist() if name.endswith("tensors/1"))
    for said, lost in (({"size": 1_000_000}, ["steps"]), ({"flags": 1}, []), ({"method": 99}, [])):
        path.write_bytes(entry_said(whole, name, **said))
        found = opened(path)
        assert isinstance(found.windows["steps"], Unreadable)
        assert list(found.lost()) == lost
        assert found.lost().get("steps", "past the end of the file").endswith("past the end of the file")


@pytest.mark.parametrize("model", ["", "{", "[]", "[" * 100_000, '{"mainModule": 3}', '{"tensors": []}'])
def test_a_model_that_is_none_is_said(tmp_path: Path, model: str) -> None:
    path = tmp_path / "net.pt"
    path.write_bytes(old(model, TENSORS))
    with pytest.raises(DamagedError, match=r"model\.json"):
        opened(path)


def test_modules_inside_modules_without_end_are_limited(tmp_path: Path) -> None:
    inner: dict[str, Any] = {"name": "x"}
    for _ in range(300):
        inner = {"name": "m", "submodules": [inner]}
    path = tmp_path / "net.pt"
    path.write_bytes(old(MODEL | {"mainModule": inner}, TENSORS))
    assert any("limit reached" in note for note in opened(path).facts.notes)


def test_an_archive_cut_anywhere_opens_or_says_so(tmp_path: Path) -> None:
    whole = old(MODEL, TENSORS | ATTRIBUTES)
    path = tmp_path / "net.pt"
    for end in range(1, len(whole), 40):
        path.write_bytes(whole[:end])
        with pytest.raises(FileError, match=r"^net\.pt: expected "):
            facts_of(path)


@given(place=st.integers(0, 1 << 16), content=st.binary(min_size=1, max_size=20))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_changed_bytes_end_in_a_listing_or_a_sentence(tmp_path: Path, place: int, content: bytes) -> None:
    whole = bytearray(old(MODEL, TENSORS | ATTRIBUTES))
    at = place % (len(whole) - len(content))
    whole[at : at + len(content)] = content
    path = tmp_path / "net.pt"
    path.write_bytes(whole)
    try:
        facts_of(path)
    except FileError as error:
        assert "expected" in str(error)


def test_code_that_is_hostile_is_only_shown(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("m/data.pkl", pickle.dumps({"a": 1}, 2))
        archive.writestr("m/constants.pkl", pickle.dumps((), 2))
        archive.writestr("m/bytecode.pkl", b"\x80\x02(K\x05(X\x01\x00\x00\x00f]tt.")
        archive.writestr("m/code/a.py", "import os\nos.system('touch ran')\n")
        archive.writestr("m/code/long.py", "x" * 300_000)
        archive.writestr("m/code/medium.py", "y" * 30_000)
    path = tmp_path / "m.pt"
    path.write_bytes(out.getvalue())
    objects = opened(path).objects
    assert objects["code.a.py"].startswith("import os")
    assert objects["code.long.py"] == "300,000 bytes"
    assert objects["code.medium.py"].endswith("(30,000 characters)")
    assert objects["bytecode.f.operators"] == []
    assert not Path("ran").exists()


@pytest.mark.samples
@pytest.mark.skipif(not sample_files("checkpoints/pytorch__examples/**/*.pt"), reason="the samples are not here")
def test_real_archives_show_their_code_and_packed_weights() -> None:
    for path in sample_files("checkpoints/pytorch__examples/**/*.pt"):
        found = opened(path)
        assert found.facts.notes == ()
        with zipfile.ZipFile(path) as archive:
            code = [item for item in archive.infolist() if item.filename.endswith(".py") and item.file_size]
        assert len([name for name in found.objects if name.startswith("code.")]) == len(code)
    (quantized,) = sample_files("checkpoints/pytorch__examples/**/mobilenet_quantized_scripted.pt")
    names = {tensor.name: tensor for tensor in opened(quantized).facts.tensors}
    assert names["features.0.0.weight"].shape == (32, 3, 3, 3)
    assert names["features.0.0.weight"].dtype == "qint8"
    assert names["classifier.1.weight"].shape == (1000, 1280)
    assert names["classifier.1.bias"].shape == (1000,)

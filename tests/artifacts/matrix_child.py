"""Writes benign files of every kind, pickle protocol and container, and says what is in them: `python -m ... FOLDER`.

One process for all, for importing torch takes seconds. Answers one JSON object: files by name with the tensors in them
(name, shape, dtype, SHA-256 of their elements), and for each kind why a protocol cannot write it.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import functools
import hashlib
import json
import pathlib
import pickle  # makes the files that are read
import random
import re
import sys
import types
import uuid
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

PROTOCOLS = range(6)


class Colour(enum.Enum):
    RED = 1
    BLUE = "b"


class Mode(enum.IntFlag):
    READ = 1
    WRITE = 2


@dataclasses.dataclass
class Config:
    lr: float = 0.1
    colour: Colour = Colour.BLUE
    sizes: list[int] = dataclasses.field(default_factory=lambda: [1, 2])
    inner: dict[str, Any] = dataclasses.field(default_factory=lambda: {"depth": 3})


class Slotted:
    __slots__ = ("left", "right")

    def __init__(self) -> None:
        self.left, self.right = 1, torch.arange(3.0)


class Point(NamedTuple):
    x: int
    y: float


class AttrDict(dict[str, Any]):
    """A dictionary whose entries are attributes too, as EasyDict makes them."""

    def __init__(self, **entries: Any) -> None:
        super().__init__(**entries)
        self.__dict__.update(entries)


class Project:
    """A class of somebody's project, with state of every sort."""

    def __init__(self) -> None:
        self.name = "run"
        self.weights = torch.linspace(0, 1, 5)
        self.history = [{"loss": 0.5}, {"loss": 0.25}]


class Net(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2), torch.nn.ReLU())
        self.head = torch.nn.Linear(2, 3)
        self.scale = torch.nn.Parameter(torch.ones(1))
        self.register_buffer("anchor", torch.arange(4))
        self.extra = Config()


def _omegaconf() -> Any:
    """The shape of omegaconf's values: a node around each of them, metadata beside."""
    package, containers, nodes = (types.ModuleType(f"omegaconf{end}") for end in ("", ".dictconfig", ".nodes"))
    containers.DictConfig = type("DictConfig", (), {"__module__": "omegaconf.dictconfig"})  # type: ignore[attr-defined]  # a module made here
    nodes.AnyNode = type("AnyNode", (), {"__module__": "omegaconf.nodes"})  # type: ignore[attr-defined]  # a module made here
    for module in (package, containers, nodes):
        sys.modules[module.__name__] = module

    def wrapped(value: Any) -> Any:
        made: Any
        if isinstance(value, dict):
            made = containers.DictConfig()
            made.__dict__["_content"] = {key: wrapped(item) for key, item in value.items()}
        else:
            made = nodes.AnyNode()
            made.__dict__["_val"] = value
        made.__dict__["_metadata"] = {"ref_type": "Any", "optional": True}
        return made

    return wrapped({"optim": {"lr": 0.5, "name": "sgd"}, "seed": 7})


def _config_dict() -> Any:
    package, module = types.ModuleType("ml_collections"), types.ModuleType("ml_collections.config_dict")
    module.ConfigDict = type("ConfigDict", (), {"__module__": "ml_collections.config_dict"})  # type: ignore[attr-defined]  # a module made here
    sys.modules["ml_collections"], sys.modules["ml_collections.config_dict"] = package, module

    def made(fields: dict[str, Any]) -> Any:
        found = module.ConfigDict()
        found.__dict__.update(_fields=fields, _locked=True, _type_safe=True, _convert_dict=True)
        return found

    return made({"lr": 0.5, "model": made({"depth": 4})})


def _training() -> tuple[Net, torch.optim.Optimizer, Any]:
    torch.manual_seed(0)
    net = Net()
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10)
    net.head(torch.randn(5, 2)).sum().backward()
    optimizer.step()
    scheduler.step()
    return net, optimizer, scheduler


def _dtypes() -> dict[str, torch.Tensor]:
    """Every dtype that torch makes from numbers."""
    kinds = (
        torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8,
        torch.uint8, torch.uint16, torch.uint32, torch.uint64, torch.bool, torch.complex64, torch.complex128,
        torch.float8_e4m3fn, torch.float8_e5m2,
    )  # fmt: skip
    return {str(kind)[6:]: torch.arange(6).to(torch.float32).to(kind) for kind in kinds}


def _views() -> dict[str, torch.Tensor]:
    base = torch.arange(24.0).view(4, 6)
    return {
        "turned": base.t(), "part": base[1:3, ::2], "spread": torch.ones(1).expand(3, 4), "empty": torch.empty(0, 3),
        "scalar": torch.tensor(3.5), "whole": base, "last": base.permute(1, 0)[5],
    }  # fmt: skip


def _scripted() -> Any:
    module = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    return torch.jit.script(module)


KINDS: dict[str, Callable[[], Any]] = {
    "state": lambda: _training()[0].state_dict(),
    "training": lambda: {"model": _training()[0].state_dict(), "optimizer": _training()[1].state_dict(), "epoch": 3},
    "lightning": lambda: {
        "pytorch-lightning_version": "2.4.0",
        "state_dict": _training()[0].state_dict(),
        "epoch": 1,
        "global_step": 9,
        "callbacks": {"ModelCheckpoint{'monitor': 'val'}": {"best_model_score": torch.tensor(0.5)}},
        "hyper_parameters": {"lr": 0.1},
        "optimizer_states": [_training()[1].state_dict()],
        "loops": {"fit_loop": {}},
    },
    "namespace": lambda: {"args": argparse.Namespace(lr=0.1, out=pathlib.PurePosixPath("/runs/a"), flags=[1, 2])},
    "omegaconf": lambda: {"cfg": _omegaconf()},
    "configdict": lambda: {"cfg": _config_dict()},
    "numpy": lambda: {
        "scalar": np.float64(0.25),
        "whole": np.int32(-3),
        "truth": np.bool_(True),
        "array": np.arange(6.0).reshape(2, 3),
        "fortran": np.asfortranarray(np.arange(6, dtype="i4").reshape(2, 3)),
        "big": np.arange(4, dtype=">u2"),
        "objects": np.array(["a", None, 3], dtype=object),
        "text": np.str_("hé"),
        "half": np.ones(3, "f2"),
    },
    "dataclass": lambda: {"config": Config(), "colour": Colour.RED, "mode": Mode.READ | Mode.WRITE},
    "module": lambda: {"net": _training()[0]},
    "optimizer": lambda: {"optimizer": _training()[1]},
    "scheduler": lambda: {"scheduler": _training()[2].state_dict(), "object": _training()[2]},
    "rng": lambda: {
        "torch": torch.get_rng_state(),
        "python": random.Random(1).getstate(),
        "numpy": np.random.RandomState(0).get_state(),
        "generator": np.random.default_rng(0).bit_generator.state,
    },
    "stdlib": lambda: {
        "when": dt.datetime(2024, 5, 6, 7, 8, 9),  # noqa: DTZ001 - as many write it
        "day": dt.date(1999, 12, 31),
        "span": dt.timedelta(days=1),
        "exact": decimal.Decimal("1.50"),
        "third": fractions.Fraction(1, 3),
        "id": uuid.UUID(int=7),
        "re": re.compile("a.*b"),
        "default": collections.defaultdict(list, {"a": [1]}),
        "deque": collections.deque([1, 2]),
        "big": 2**200,
        "counter": collections.Counter("aab"),
        "chain": collections.ChainMap({"a": 1}, {"b": 2}),
        "bytes": bytearray(b"12345"),
        "slice": slice(1, 2),
        "range": range(3),
        "complex": 3 + 4j,
        "simple": types.SimpleNamespace(a=1),
        "set": {1},
        "path": [pathlib.PurePosixPath("a/b"), pathlib.PureWindowsPath("C:\\x")],
        "point": Point(1, 2.5),
        "none": None,
    },
    "slots": lambda: {"slots": Slotted()},
    "dtypes": _dtypes,
    "views": _views,
    "sparse": lambda: {
        "coo": torch.tensor([[0.0, 1.0], [2.0, 0.0]]).to_sparse(),
        "csr": torch.eye(3).to_sparse_csr(),
        "plain": torch.ones(2),
    },
    "quantized": lambda: {
        "whole": torch.quantize_per_tensor(torch.arange(4.0), 0.5, 1, torch.qint8),
        "axis": torch.quantize_per_channel(
            torch.ones(2, 2), torch.ones(2), torch.zeros(2, dtype=torch.long), 0, torch.quint8
        ),
    },
    "meta": lambda: {"there": torch.ones(3), "meta": torch.empty(5, 7, device="meta")},
    "parameters": lambda: {
        "one": torch.nn.Parameter(torch.arange(4.0)),
        "list": torch.nn.ParameterList([torch.ones(1), torch.ones(2)]),
        "frozen": torch.nn.Parameter(torch.zeros(2), requires_grad=False),
    },
    "partial": lambda: {
        "make": functools.partial(Config, 0.5, colour=Colour.RED),
        "f": functools.partial(collections.Counter, "ab"),
    },
    "project": lambda: {"project": Project(), "entries": AttrDict(lr=0.5, depth=3)},
    "torch": lambda: {
        "device": torch.device("cuda:1"),
        "dtype": torch.float16,
        "size": torch.Size([2, 3]),
        "layout": torch.strided,
        "scaler": {"scale": 65536.0, "growth_factor": 2.0},
    },
    "nested": lambda: {"a": [{"b": (torch.ones(2), {"c": torch.zeros(1)})}], "keys": {3: 1, (1, 2): 2, None: 3}},
}


def flat(value: Any, name: str = "") -> list[tuple[str, Any]]:
    """The tensors and arrays in a value with the names that they are listed under."""
    join = f"{name}." if name else ""
    if isinstance(value, torch.Tensor):
        return [(name, value)]
    if isinstance(value, np.ndarray):
        return [(name, value)] if value.dtype != object else []
    if isinstance(value, torch.nn.ParameterList):
        return flat(list(value), name)
    if isinstance(value, torch.nn.Module):
        return [(f"{join}{key}", tensor) for key, tensor in value.state_dict().items()]
    if isinstance(value, torch.optim.Optimizer):
        # its state is keyed by the parameters themselves
        return []
    if isinstance(value, Slotted | Project):
        keys = value.__slots__ if isinstance(value, Slotted) else vars(value)
        return [found for key in keys for found in flat(getattr(value, key), f"{join}{key}")]
    pairs: Any = ()
    if isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, list | tuple):
        pairs = enumerate(value)
    return [found for key, item in pairs for found in flat(item, f"{join}{key}")]


def digest(tensor: Any) -> str | None:
    """SHA-256 of the elements row by row; None where there are none to compare."""
    if isinstance(tensor, np.ndarray):
        return hashlib.sha256(tensor.astype(tensor.dtype.newbyteorder("=")).tobytes()).hexdigest()
    if tensor.is_meta or tensor.layout != torch.strided:
        return None
    plain = tensor.int_repr() if tensor.is_quantized else tensor
    return hashlib.sha256(plain.detach().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()).hexdigest()


def _saved(value: Any, path: Path, container: str, protocol: int) -> None:
    if container == "pickle":
        path.write_bytes(pickle.dumps(value, protocol))
    else:
        torch.save(value, path, pickle_protocol=protocol, _use_new_zipfile_serialization=container == "zip")


def described(value: Any) -> list[tuple[str, list[int], str, str | None]]:
    """Name, shape, dtype and digest of each tensor."""
    return [
        (name, list(tensor.shape), str(tensor.dtype).removeprefix("torch."), digest(tensor))
        for name, tensor in flat(value)
    ]


def main() -> None:
    """Write every file and say what is in it."""
    warnings.simplefilter("ignore")
    folder = Path(sys.argv[1])
    files: dict[str, Any] = {}
    refused: dict[str, str] = {}
    for kind, make in KINDS.items():
        value = make()
        tensors = described(value)
        for container in ("zip", "legacy", "pickle"):
            for protocol in PROTOCOLS:
                path = folder / f"{kind}-{container}-{protocol}.{'pkl' if container == 'pickle' else 'pt'}"
                try:
                    _saved(value, path, container, protocol)
                except Exception as error:  # noqa: BLE001 - pickle and torch refuse in many ways
                    refused[path.name] = f"{type(error).__name__}: {error}"[:200]
                    path.unlink(missing_ok=True)
                else:
                    files[path.name] = tensors
    _others(folder, files)
    print(json.dumps({"files": files, "refused": refused}))


def _others(folder: Path, files: dict[str, Any]) -> None:
    """Containers that have no protocol."""
    scripted = _scripted()
    scripted.save(str(folder / "scripted.pt"))
    files["scripted.pt"] = described(dict(scripted.state_dict()))
    arrays = {"a": np.arange(6.0), "b": np.ones((2, 3), "f2")}
    np.savez(folder / "stored.npz", **arrays)
    np.savez_compressed(folder / "packed.npz", **arrays)
    files["stored.npz"] = files["packed.npz"] = described(arrays)


if __name__ == "__main__":
    main()

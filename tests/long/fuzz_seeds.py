"""Small sound files for every target of the fuzzer, and the small ones among the real samples."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import h5py
import msgspec
import numpy as np
from PIL import Image

from inspector.artifacts.sniff import sniff
from inspector.core.errors import InspectorError
from inspector.formats.messages import Envelope, encode
from inspector.formats.metrics import encode_record
from tests.artifacts.packed import tar_of, zip_of
from tests.artifacts.pickle_words import (
    archive,
    called,
    entries,
    legacy,
    name,
    number,
    numbers,
    pickled,
    several,
    tensor,
    text,
)
from tests.artifacts.tars import Stored, Tensor, members
from tests.artifacts.wandb_files import framed, history, part, varint
from tests.conftest import sample_files
from tests.long.fuzz_targets import TARGETS, event_record
from tests.long.pickle_mutants import small_seeds

MOST_BYTES = 8192
"""Of a sample that is a seed: the library looks at every byte."""

_WEIGHTS = pickled(entries(("w", tensor((2, 2), (2, 1))), ("epoch", number(3))))


def _npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def _npz(**arrays: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def _picture(kind: str, mode: str = "RGB") -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.arange(108, dtype=np.uint8).reshape(6, 6, 3)).convert(mode).save(stream, kind)
    return stream.getvalue()


def _hdf5(libver: str) -> bytes:
    stream = io.BytesIO()
    with h5py.File(stream, "w", libver=libver) as file:
        file.attrs["step"] = 3
        file["image"] = np.zeros((2, 4, 4, 3), np.uint8)
        file.create_dataset("masks", data=np.full((2, 2, 4, 4), 0.5, np.float32), chunks=(1, 2, 4, 4), compression=1)
        file["names"] = ["a", "b"]
    return stream.getvalue()


def _keras() -> bytes:
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file.attrs["layer_names"] = [b"dense"]
        file["dense/kernel"] = np.ones((2, 2), np.float32)
    return stream.getvalue()


def _scalar(tag: str, value: float) -> bytes:
    """The payload of an event with one scalar."""
    number_ = np.float32(value).tobytes()
    summary = part(1, part(1, tag.encode()) + b"\x15" + number_)
    return b"\x09" + np.float64(1.0).tobytes() + b"\x10" + varint(3) + part(5, summary)


def _histogram() -> bytes:
    edges = part(6, np.arange(3.0).tobytes()) + part(7, np.ones(3).tobytes())
    return b"\x10\x01" + part(5, part(1, part(1, b"h") + part(5, edges)))


def _tensor_event() -> bytes:
    content = b"\x08\x01" + part(2, part(2, b"\x08\x02")) + part(4, np.ones(2, np.float32).tobytes())
    metadata = part(9, part(1, part(1, b"scalars")))
    return b"\x10\x02" + part(5, part(1, part(1, b"t") + metadata + part(8, content)))


def _lines(*records: dict[str, object]) -> bytes:
    return b"".join(encode_record(dict(record)) + b"\n" for record in records)


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _message(kind: str, value: object) -> bytes:
    data = msgspec.msgpack.encode(Envelope(1, kind, encode(value)[0]))
    return len(data).to_bytes(4, "little") + data


_COCO = {
    "images": [{"id": 1, "file_name": "a.jpg", "width": 4, "height": 4}],
    "annotations": [
        {"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 2, 2], "segmentation": [[0, 0, 2, 0, 2, 2]]}
    ],
    "categories": [{"id": 1, "name": "a"}],
}
_SCALARS = ({"step": 1, "loss": 0.5, "time": 1.5}, {"step": 2, "loss": float("nan"), "acc": 1}, {"event": "paused"})
_FSC = {"2.jpg": {"H": 4, "W": 4, "points": [[1, 2], [3, 3]], "box_examples_coordinates": [[[0, 0], [1, 1]]]}}
_OLD_TENSOR = {"dims": ["3", "4"], "offset": "0", "strides": ["4", "1"], "dataType": "FLOAT",
               "requiresGrad": True, "device": "cpu", "data": {"key": "tensors/0"}}  # fmt: skip
_OLD_MODEL = {
    "protoVersion": "3",
    "producerName": "pytorch",
    "mainModule": {
        "name": "Net",
        "parameters": [{"isBuffer": True, "tensorId": "1", "name": "steps"}],
        "attributes": [{"type": "int", "name": "width", "id": "0"}, {"type": "Tensor", "name": "mask", "id": "1"}],
        "submodules": [{"name": "fc", "parameters": [{"isBuffer": False, "tensorId": "0", "name": "weight"}]}],
    },
    "tensors": [
        _OLD_TENSOR,
        {**_OLD_TENSOR, "dims": ["2"], "strides": ["1"], "dataType": "INT64", "data": {"key": "tensors/1"}},
        {"dims": ["3"], "strides": ["1"], "dataType": "DOUBLE", "data": {"key": "tensors/2"}},
    ],
}
_ZERO = {
    "module": {},
    "param_shapes": [{"a": [2], "b": [2, 2]}],
    "optimizer_state_dict": {
        "zero_stage": 2,
        "partition_count": 2,
        "single_partition_of_fp32_groups": [np.ones(3, np.float32)],
        "base_optimizer_state": {"state": {0: {"exp_avg": np.ones(3, np.float32), "step": 3}}, "param_groups": [{}]},
    },
}


class _Optim(msgspec.Struct, kw_only=True):
    lr: Annotated[float, msgspec.Meta(gt=0, extra_json_schema={"unit": "1", "applies": "live"})] = 0.1
    kind: Literal["sgd", "adam"] | None = None
    betas: tuple[float, float] = (0.9, 0.999)
    path: Annotated[str, msgspec.Meta(title="Path", description="Where", extra_json_schema={"format": "path"})] = ""


class _Settings(msgspec.Struct):
    optim: _Optim
    epochs: Annotated[int, msgspec.Meta(ge=1, le=9)] = 3
    ema: bool | None = None


_RUN = {"id": "a", "name": "a", "recipe": "slots", "seed": 1, "host": "h", "started": 1.0, "schema": "ri-run/1"}
_INDEX = {"metadata": {"total_size": 8}, "weight_map": {"w": "model-00001-of-00001.safetensors"}}
_TRIAGE = {
    "schema": "ri-triage/2",
    "files": {"a.h5": {"0-9,12": {"kind": "good", "at_s": 1.0}}},
    "dismissed": {"x": {"at_s": 1.0}},
}
_TABLE = b"step,loss,acc\n1,0.5,0.1\n2,nan,\n3,1e-3,0.3\n"
_CONSOLE = (
    b"Epoch 1/3 loss: 0.5 acc=0.1 lr 1e-3\n[2024-01-01 12:00:00,123] step 10 | loss 0.4 | 3.2 it/s\n"
    b"{'loss': 0.3, 'epoch': 1.0}\n 10%|#         | 1/10 [00:01<00:09, loss=0.2]\r 20%|##  | 2/10 [00:02<00:08]\n"
    b'Traceback (most recent call last):\n  File "a.py", line 1\nRuntimeError: CUDA out of memory\n'
)
_YAML = (
    b"a: &x {lr: 1e-3, b: [1, 2]}\nc: *x\nd: !!python/object:a.B {x: 1}\n--- \n- 2001-01-01\n- |\n  text\n<<: {q: 1}\n"
)
_TOML = b'lr = 1e-3\nwhen = 2001-01-01T00:00:00Z\n[a.b]\nc = [1, 2]\n[[d]]\ne = "\\u00e9"\n'
_NAMESPACE = b"Namespace(lr=0.1, a=[1, 'x', (2,)], b={'c': None}, d=True)"


def _dcp() -> bytes:
    """Metadata of a distributed checkpoint, as its classes are pickled."""
    module = "torch.distributed.checkpoint.metadata"

    def state(class_: str, *pairs: tuple[str, bytes]) -> bytes:
        return name(module, class_) + b")\x81" + entries(*pairs) + b"b"

    size = called(name("torch", "Size"), numbers((2, 2)))
    chunk = state("ChunkStorageMetadata", ("offsets", called(name("torch", "Size"), numbers((0, 0)))), ("sizes", size))
    properties = state("TensorProperties", ("dtype", name("torch", "float32")))
    one = state("TensorStorageMetadata", ("properties", properties), ("size", size), ("chunks", b"](" + chunk + b"e"))
    index = state("MetadataIndex", ("fqn", text("w")), ("offset", numbers((0, 0))), ("index", number(0)))
    place = name("torch.distributed.checkpoint.filesystem", "_StorageInfo") + b")\x81"
    place += entries(("relative_path", text("__0_0.distcp")), ("offset", number(0)), ("length", number(64))) + b"b"
    return pickled(
        state("Metadata", ("state_dict_metadata", entries(("w", one))), ("storage_data", b"}(" + index + place + b"u"))
    )


def _packed() -> bytes:
    return zip_of({"run/metrics.jsonl": _lines(*_SCALARS), "run/../../up.txt": b"x", "run/model.pt": archive(_WEIGHTS)})


def _tar() -> bytes:
    return tar_of(members({"w": 1}, [Stored(1, np.ones(4, np.float32))], [Tensor(2, 1, (2, 2), (2, 1), 0)]))


def _numpy() -> list[bytes]:
    return [_npy(np.ones((2, 3))), _npy(np.asfortranarray(np.ones((2, 3), "f2"))), _npy(np.zeros(3, "S3"))]


def _header_of_safetensors() -> list[bytes]:
    tensors = {"w": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}}
    return [_json({**tensors, "__metadata__": {"format": "pt"}}), _json({"a": {**tensors["w"], "dtype": "F8_E4M3"}})]


def _safetensors() -> bytes:
    header = _header_of_safetensors()[0]
    return len(header).to_bytes(8, "little") + header + bytes(16)


def _events() -> list[bytes]:
    return [_scalar("loss", 0.5), _histogram(), _tensor_event(), part(4, b"graph"), b"\x10\x05" + part(6, b"log")]


def _wandb() -> list[bytes]:
    return [history({"loss": "0.5", "a.b": '"NaN"', "_step": "1"}, 1), history({"x": "[1, 2]"}, 2, nested=False)]


def _wandb_media() -> list[bytes]:
    caption = "cat | 3/21 marked | Pred:(0.74, -0.10, done=0.15) | GT:(0.31, -0.42)"
    image = {"_type": "image-file", "path": "media/images/a.png", "caption": caption, "width": 3, "height": 2}
    several_ = {"_type": "images/separated", "filenames": ["media/images/a.png", "../b.png"], "captions": [caption] * 2}
    bins = {"_type": "histogram", "values": [1, 2], "bins": [0, 1, 2]}
    return [
        history({"a": json.dumps(image), "b": json.dumps(several_), "c": json.dumps(bins)}, step) for step in (1, 2)
    ]


def _predicted(name_: str) -> bytes:
    return _json(
        [{"image": name_, "pred_x": 1.5, "pred_y": 2, "score": 0.5}, {"image": "b.jpg", "pred_x": 3, "pred_y": 4}]
    )


def _bytecode() -> bytes:
    """What a mobile model says of a method."""
    operators = several(several(text("aten::add"), text("Tensor"), number(2)))
    return several(several(text("instructions"), several(numbers((0, 1)))), several(text("operators"), operators))


def _chunk() -> bytes:
    return b"\0" + zlib.compress(bytes(range(64)))


def _bodies() -> list[bytes]:
    return [encode((1, 2, "reading"))[0], encode([("<f4", (2, 2), 0)])[0], encode({"root": "/a", "files": []})[0]]


SEEDS: dict[str, Callable[[], list[bytes]]] = {
    "sniff": lambda: [
        _CONSOLE,
        _TABLE,
        _YAML,
        _json(_COCO),
        archive(_WEIGHTS),
        _hdf5("earliest"),
        _tar(),
        _npz(a=_ones()),
    ],
    "pickle machine": lambda: [*small_seeds(), _WEIGHTS],
    "pickle": lambda: [*small_seeds(), pickle.dumps({"loss": [1, 2], "w": np.ones(3)})],
    "torch zip": lambda: [archive(_WEIGHTS), archive(_WEIGHTS, packing=zipfile.ZIP_DEFLATED)],
    "pickle of a torch zip": lambda: [_WEIGHTS, *small_seeds()],
    "torch legacy": lambda: [legacy(entries(("w", tensor((2, 2), (2, 1)))), b"](" + text("0") + b"e", bytes(72))],
    "torch tar": lambda: [_tar()],
    "gzip": lambda: [gzip.compress(tar_of({"w.pt": archive(_WEIGHTS)}))],
    "code of TorchScript": lambda: [
        b"class Net(Module):\n  w : Tensor\n  def forward(self: __torch__.Net) -> Tensor:\n",
        b"op_version_set = 1\n" + b"def f(x: Tensor) -> Tensor:\n  return torch.add(x, CONSTANTS.c0, alpha=1)\n" * 20,
        "# \u202e\0\x1b[31m\n".encode() + b"\xff\xfe" + b"x" * 4000,
    ],
    "bytecode of TorchScript": lambda: [
        pickled(several(number(4), several(text("__torch__.Net.forward"), _bytecode()), several(text("b"), b"]")))
    ],
    "model of old TorchScript": lambda: [_json(_OLD_MODEL)],
    "zip of checkpoints": lambda: [
        zip_of({"a/model.pt": archive(_WEIGHTS), "b.safetensors": _safetensors(), "c.txt": b"x"})
    ],
    "clean copy": lambda: [
        archive(_WEIGHTS),
        _WEIGHTS,
        _safetensors(),
        pickle.dumps({"w": np.ones(3), "a": [1, (2,)]}),
    ],
    "npz": lambda: [_npz(a=_ones(), b=np.arange(4)), _npz(image=np.zeros((2, 4, 4, 3), np.uint8))],
    "npy": _numpy,
    "npy in npz": _numpy,
    "safetensors": lambda: [_safetensors()],
    "header of safetensors": _header_of_safetensors,
    "index of shards": lambda: [_json(_INDEX)],
    "distributed metadata": lambda: [_dcp()],
    "DeepSpeed": lambda: [pickle.dumps(_ZERO, protocol) for protocol in (2, 4)],
    "adapter": lambda: [_json({"peft_type": "LORA", "r": 8, "base_model_name_or_path": "x", "target_modules": ["q"]})],
    "trainer state": lambda: [_json({"global_step": 3, "epoch": 1.0, "log_history": [{"step": 1, "loss": 2.5}]})],
    "hdf5": lambda: [_hdf5("earliest"), _hdf5("latest"), _keras()],
    "structure of hdf5": lambda: [_hdf5("earliest")[:2048], _hdf5("latest")[:2048], _keras()[:2048]],
    "chunks of hdf5": lambda: [_chunk(), b"\2" + _chunk()[1:], bytes(65)],
    "png": lambda: [_picture("PNG"), _picture("PNG", "L"), _picture("PNG", "P"), _picture("PNG", "1")],
    "photograph": lambda: [_picture("JPEG"), _picture("PNG"), _picture("GIF"), _picture("BMP"), _picture("WEBP")],
    "folder of masks": lambda: [_picture("PNG", "L"), _picture("PNG", "P"), _picture("PNG")],
    "coco": lambda: [
        _json(_COCO),
        _json([{"image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1], "score": 0.5}]),
        _json(_FSC),
    ],
    "lines of points": lambda: [
        _lines({"image": "a.jpg", "points": [[1, 2], [3, 4]], "count": 2}, {"image": "b.jpg", "points": []})
    ],
    "table of points": lambda: [
        b"image,x,y,label\na.jpg,1,2,cat\na.jpg,3,4.5,\nb.jpg,,,\n",
        b"image,pred_x,pred_y,gt_x,gt_y,done\n/a.jpg,1,2,3,4,0.5\n../b.jpg,1,2,3,4,0\nin/c.jpg,1,2,3,4,1\n",
    ],
    "predictions beside truth": lambda: [_predicted("a.jpg"), _predicted("/b.jpg"), _predicted("../x/a.jpg")],
    "truth beside predictions": lambda: [
        _json([{"image": name, "gt_x": 1, "gt_y": 2} for name in ("a.jpg", "b.jpg")]),
        _json(_COCO),
        _json(_FSC),
        _json({"columns": ["image", "gt_x", "gt_y"], "data": [["a.jpg", 1, 2], ["b.jpg", 3, 4]]}),
    ],
    "events of TensorBoard": lambda: [b"".join(map(event_record, (b"\x1a\rbrain.Event:2", *_events())))],
    "record of TensorBoard": _events,
    "wandb": lambda: [framed(_wandb())],
    "record of wandb": _wandb,
    "run of wandb": lambda: [framed(_wandb()), framed(_wandb_media()), framed([*_wandb(), *_wandb_media()])],
    "jsonl": lambda: [_lines(*_SCALARS), b'{"step": 1, "a": {"b": NaN}, "loss": "Infinity"}\n{"step": 2'],
    "json history": lambda: [
        _json({"loss": [1, 2.5, None], "acc": [0, 1]}),
        _json([{"step": 1, "loss": 2}, {"step": 2}]),
    ],
    "csv": lambda: [_TABLE, b"a;b\n1,5;2\n", b'"x","y"\n"1","a ""q"""\n', "\ufeffa\tb\n1\t2\n".encode("utf-16")],
    "console": lambda: [_CONSOLE, _CONSOLE.decode().encode("utf-16"), b"| a | b |\n|---|---|\n| 1 | 2 |\n"],
    "metric of mlflow": lambda: [b"1700000000000 0.5 1\n1700000000001 nan 2\n"],
    "value of mlflow": lambda: [b"0.001", b"{'a': 1}"],
    "evaluations": lambda: [
        _npz(timesteps=np.arange(3), results=np.ones((3, 2)), ep_lengths=np.ones((3, 2), np.int64))
    ],
    "yaml": lambda: [_YAML, _NAMESPACE],
    "toml": lambda: [_TOML],
    "json": lambda: [_json({"lr": 0.1, "a": {"b": [1, None, "x"]}, "c": 1e300}), b'{"a": NaN, "b": -Infinity}'],
    "literal": lambda: [_NAMESPACE, b"{'a': [1, -2.5e3, (True, None)], 'b': 'x\\n'}"],
    "schema of settings": lambda: [
        _json(msgspec.json.schema(_Settings)),
        _json({"$ref": "#/$defs/A", "$defs": {"A": {"properties": {"a": {"$ref": "#/$defs/A"}}}}}),
    ],
    "run.json": lambda: [_json(_RUN), _json({**_RUN, "status": "failed", "parent": {"id": "b"}})],
    "edits.json": lambda: [_json([{"path": "lr", "old": 1, "new": 2, "reason": "x"}])],
    "alive.json": lambda: [_json({"pid": 1, "started": 1.0, "heartbeat": 2.0})],
    "metrics.jsonl": lambda: [_lines(*_SCALARS)],
    "control.jsonl": lambda: [_lines({"command": "pause"}, {"command": "edit", "path": "lr", "value": 1})],
    "triage.json": lambda: [_json(_TRIAGE)],
    "caches": lambda: [encode({"content": "0" * 64, "names": [], "unread": {}, "columns": {}})[0], _scan_entry()],
    "packed run": lambda: [_packed(), tar_of({"run/a.csv": _TABLE})],
    "messages": lambda: [
        _message("done", {"a": 1}),
        _message("progress", (1, 2, "x")) + _message("failed", ("a", "b")),
    ],
    "answers": _bodies,
}


def _ones() -> np.ndarray:
    return np.ones((2, 2), np.float32)


def _scan_entry() -> bytes:
    return encode({"key": "key", "columns": {"a": ("<f8", (2,), bytes(16))}, "notes": ["n"]})[0]


_OF_CONTAINERS = {
    "pickle": ("pickle", "pickle machine"), "torch-zip": ("torch zip",), "torchscript": ("torch zip",),
    "torch-legacy": ("torch legacy",), "torch-tar": ("torch tar",), "tar-gz": ("gzip",), "npz": ("npz",),
    "npy": ("npy", "npy in npz"), "npz-dump": ("npz",), "npy-dump": ("npy",), "safetensors": ("safetensors",),
    "hdf5": ("hdf5", "structure of hdf5"), "keras-h5": ("hdf5",), "coco": ("coco",), "coco-results": ("coco",),
    "fsc147": ("coco",), "point-records": ("coco",), "point-lines": ("lines of points",),
    "point-table": ("table of points",), "tfevents": ("events of TensorBoard",), "wandb": ("wandb",),
    "jsonl": ("jsonl", "metrics.jsonl"), "json-history": ("json history",), "mlflow-metric": ("metric of mlflow",),
    "csv": ("csv",), "text": ("console",), "yaml": ("yaml",), "json": ("json",), "run.json": ("run.json",),
}  # fmt: skip
"""Targets for which a real sample of a container is a seed."""


@cache
def _samples() -> tuple[tuple[str, Path], ...]:
    found = []
    for path in sample_files("**/*"):
        if path.stat().st_size <= MOST_BYTES:
            try:
                found.append((sniff(path).container, path))
            except InspectorError:
                continue
    return tuple(found)


def folder_name(target: str) -> str:
    """What the folders of a target are called."""
    return target.replace(" ", "-")


def samples_of(target: str) -> list[bytes]:
    """The real samples that are small enough."""
    return [path.read_bytes() for kind, path in _samples() if target in (*_OF_CONTAINERS.get(kind, ()), "sniff")]


assert SEEDS.keys() == TARGETS.keys()

"""TorchScript archives of torch 1.0 to 1.3: modules and tensors in `model.json`, elements in `tensors/`.

Source: caffe2/proto/torch.proto (`ModelDef`) as torch/csrc/jit/export.cpp writes it in JSON; import_legacy.cpp.
"""

from __future__ import annotations

import json
import math
from typing import Any

from inspector.artifacts.archives.zip_archive import Archive, open_archive
from inspector.artifacts.archives.zip_content import content, source_of
from inspector.artifacts.archives.zip_format import ENCRYPTED, STORED
from inspector.artifacts.byte_file import ReadableFile
from inspector.artifacts.checkpoints.listing import LARGEST_BYTES, NOT_READ, FoundStorage, Listed, Lister
from inspector.artifacts.checkpoints.torchscript import add_texts
from inspector.artifacts.pickles.lens_storage import StorageReference
from inspector.artifacts.pickles.lens_torch import TensorNode
from inspector.artifacts.pickles.node_text import cut
from inspector.artifacts.pickles.nodes import Call, Dict, Global, PersistentId
from inspector.artifacts.pickles.pickle_machine import run
from inspector.artifacts.tensors.dtypes import ITEM_BYTES
from inspector.artifacts.tensors.windows import LONGEST_AXIS, MAX_AXES, Unreadable, contiguous_strides, storage_at
from inspector.core.errors import DamagedError, FileError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.texts import clean

MODEL = "model.json"
MAX_MODEL_BYTES = 8_000_000
MAX_MODULES = 100_000
MAX_DEPTH = 200
_BEAT_MODULES = 500

_DTYPES = {
    "FLOAT": "float32", "DOUBLE": "float64", "FLOAT16": "float16", "INT64": "int64", "INT32": "int32",
    "INT16": "int16", "INT8": "int8", "UINT8": "uint8", "BYTE": "uint8", "UINT16": "uint16", "BOOL": "bool",
}  # fmt: skip
"""Element type by the name in caffe2.TensorProto.DataType."""


def read(file: ReadableFile, notes: Notes, pulse: Pulse) -> Listed:
    """List a TorchScript archive of torch 1.0 to 1.3.

    Raises:
        DamagedError: the archive has no directory, or no model.json that can be read.
        LimitError: model.json is larger than any real one.
    """
    archive = open_archive(file, notes, pulse)
    top = _top(archive)
    model = _model(archive, top)
    old = _Old(archive, top, model, notes)
    lister = Lister(file.path, file.identity, old.find, notes, pulse)
    for key in ("producerName", "producerVersion", "protoVersion"):
        if isinstance(model.get(key), str | int):
            lister.add_object(key, model[key])
    names = old.read_attributes(pulse)
    lister.walk(old.tree(pulse))
    add_texts(archive, top, lister, notes, pulse)
    return Listed(lister, names)


def _top(archive: Archive) -> str:
    for name in archive.by_name:
        if name == MODEL or name.endswith(f"/{MODEL}"):
            return name.removesuffix(MODEL)
    raise DamagedError(archive.file.path, f"an entry {MODEL} in the archive", "none")


def _model(archive: Archive, top: str) -> dict[str, Any]:
    text = content(archive, archive.by_name[f"{top}{MODEL}"], MAX_MODEL_BYTES)
    try:
        model = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DamagedError(archive.file.path, f"JSON in {MODEL}", "text that is none") from error
    if not isinstance(model, dict) or not isinstance(model.get("mainModule"), dict):
        raise DamagedError(archive.file.path, f"a mainModule in {MODEL}", "none")
    return model


class _Old:
    """The tables of a model: its tensors by number, its attributes by number."""

    def __init__(self, archive: Archive, top: str, model: dict[str, Any], notes: Notes) -> None:
        self._archive = archive
        self._top = top
        self._model = model
        self._notes = notes
        self._tensors = [_tensor(entry) for entry in _dicts(model.get("tensors"))]
        self._used: set[int] = set()
        self._attributes: list[Any] = []

    def find(self, reference: Any) -> FoundStorage:
        """The storage that a tensor refers to by the name of its entry."""
        if type(reference) is not StorageReference:
            return NOT_READ
        member = self._archive.by_name.get(f"{self._top}{reference.key}")
        if member is None:
            return Unreadable(f"refers to {cut(clean(reference.key), 200)}, which is not in the archive", "lost")
        home = f"has its elements in {cut(clean(member.name), 200)}"
        if member.problem:
            return Unreadable(f"{home}, and {member.problem}", "lost")
        if member.flags & ENCRYPTED:
            return Unreadable(f"{home}, and it is encrypted", "unread")
        if member.method == STORED:
            return storage_at(self._archive.file, member.data_start, member.plain_bytes), reference.dtype
        try:
            source = source_of(self._archive, member, self._notes)
        except FileError as error:
            return Unreadable(f"{home}: {error.found}", "lost" if isinstance(error, DamagedError) else "unread")
        return storage_at(source, 0, source.size), reference.dtype

    def read_attributes(self, pulse: Pulse) -> tuple[str, ...]:
        """Read the values of attributes; gives what their pickle would import."""
        member = self._archive.by_name.get(f"{self._top}attributes.pkl")
        if member is None:
            return ()
        try:
            pickled = run(source_of(self._archive, member, self._notes), 0, pulse)
        except FileError as error:
            self._notes.add(f"the attributes cannot be read: {error.mismatch}")
            return ()
        if pickled.problem:
            self._notes.add(f"the attributes are read only in part: {pickled.problem}")
        if type(pickled.root) in (list, tuple):
            self._attributes = [self._with_tensor(node) for node in pickled.root]
        return pickled.names

    def _with_tensor(self, node: Any) -> Any:
        """The tensor behind a call that takes one from the table by its number."""
        if type(node) is Call and type(node.func) is Global and node.func.name == "build_tensor_from_id":
            number = node.args[0] if type(node.args) is tuple and len(node.args) == 1 else None
            return self._numbered(number) if type(number) is int else node
        return node

    def _numbered(self, number: int | None) -> Any:
        if number is None or not 0 <= number < len(self._tensors) or self._tensors[number] is None:
            self._notes.add(f"tensor {number} is not in the table of tensors, or not as one should be")
            return None
        self._used.add(number)
        return PersistentId(self._tensors[number])

    def tree(self, pulse: Pulse) -> Dict:
        """All modules as nested dictionaries, then the tensors that no module names."""
        root = Dict([])
        pending = [(self._model["mainModule"], root, 0)]
        count = 0
        while pending:
            module, node, depth = pending.pop()
            count += 1
            if count % _BEAT_MODULES == 0:
                pulse.beat(count, 0, "listing modules")
            if count > MAX_MODULES or depth > MAX_DEPTH:
                self._notes.limit(f"only {MAX_MODULES:,} modules, {MAX_DEPTH} levels deep, are listed")
                break
            self._add_own(module, node)
            for inner in _dicts(module.get("submodules")):
                child = Dict([])
                node.flat += [_name(inner), child]
                pending.append((inner, child, depth + 1))
        rest = [number for number, one in enumerate(self._tensors) if one is not None and number not in self._used]
        constants = Dict([part for number in rest for part in (str(number), PersistentId(self._tensors[number]))])
        root.flat += ["constants", constants] if rest else []
        return root

    def _add_own(self, module: dict[str, Any], node: Dict) -> None:
        """A module's parameters, buffers and attributes."""
        for parameter in _dicts(module.get("parameters")):
            found = self._numbered(_integer(parameter.get("tensorId", 0)))
            if found is not None:
                found.id = found.id.changed(parameter=not parameter.get("isBuffer", False))
            node.flat += [_name(parameter), found]
        for attribute in _dicts(module.get("attributes")):
            number = _integer(attribute.get("id", 0))
            value = self._attributes[number] if number is not None and number < len(self._attributes) else None
            node.flat += [_name(attribute), value]


def _tensor(entry: dict[str, Any]) -> TensorNode | None:
    """A tensor of the table; None where its numbers make none."""
    dtype = _DTYPES.get(str(entry.get("dataType", "FLOAT")))
    data = entry.get("data")
    key = data.get("key") if isinstance(data, dict) else None
    shape = _lengths(entry.get("dims", []))
    if dtype is None or not isinstance(key, str) or shape is None:
        return None
    strides = _lengths(entry.get("strides", [])) if entry.get("strides") else contiguous_strides(shape)
    offset = _integer(entry.get("offset", 0))
    if strides is None or len(strides) != len(shape) or offset is None:
        return None
    if math.prod(shape) * ITEM_BYTES[dtype] >= LARGEST_BYTES:
        return None
    device = entry.get("device")
    reference = StorageReference(key, dtype, device if isinstance(device, str) else "", 0, None)
    flag = entry.get("requiresGrad")
    return TensorNode(dtype, shape, strides, offset, reference, requires_grad=flag if isinstance(flag, bool) else None)


def _lengths(values: Any) -> tuple[int, ...] | None:
    """Lengths or strides, which JSON has as text; None where they are none."""
    if not isinstance(values, list) or len(values) > MAX_AXES:
        return None
    lengths = tuple(_integer(value) for value in values)
    known = tuple(length for length in lengths if length is not None and length < LONGEST_AXIS)
    return known if len(known) == len(lengths) else None


def _integer(value: Any) -> int | None:
    """A whole number from 0 on, as such or as text; None where it is none."""
    if type(value) is int:
        return value if value >= 0 else None
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20 else None


def _dicts(values: Any) -> list[dict[str, Any]]:
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def _name(entry: dict[str, Any]) -> str:
    return str(entry.get("name", ""))

"""What a `.metadata` file says: which tensors and objects there are, and where the bytes of each piece stand.

Source: torch/distributed/checkpoint/metadata.py (`Metadata`, `MetadataIndex`, `ChunkStorageMetadata`), filesystem.py
(`_StorageInfo`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.pickles.node_text import cut
from inspector.artifacts.pickles.nodes import Call, Dict, Global, attributes_of, class_of, pairs_of
from inspector.artifacts.pickles.pickle_machine import note_problem, run
from inspector.artifacts.tensors.dtypes import ITEM_BYTES
from inspector.artifacts.tensors.pieces import Box
from inspector.artifacts.tensors.windows import LONGEST_AXIS, MAX_AXES
from inspector.core.errors import DamagedError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.texts import clean

MAX_PIECES = 4_096
"""More pieces than this of one tensor are not put together; the largest runs have some thousand ranks."""

MAX_PIECES_IN_ALL = 150_000
"""About as many as a `.metadata` within the usual limits can hold, unless many tensors share one list of them."""

_BEAT_TENSORS = 512


class Place(NamedTuple):
    """Where the bytes of a piece are: the file as it is named, and a stretch of it.

    Attributes:
        packed: what they were packed with, empty where they are as torch saved them.
    """

    file: str
    start: int
    length: int
    packed: str = ""


class DcpTensor(NamedTuple):
    """One tensor, and the places of its pieces, None where one is not told; `too_many` where they are not listed."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    pieces: dict[Box, Place | None]
    too_many: bool = False


class DcpMetadata(NamedTuple):
    """All that `.metadata` says; `blobs` are the places of values that are no tensors, by name."""

    tensors: tuple[DcpTensor, ...]
    blobs: dict[str, Place | None]
    names: tuple[str, ...]


def read_metadata(file: ByteFile, notes: Notes, pulse: Pulse) -> DcpMetadata:
    """Read a `.metadata` file; entries that do not look as they should are left out and noted.

    Raises:
        DamagedError: it is no pickle, or one of something else.
    """
    pickled = run(file, 0, pulse)
    class_ = class_of(pickled.root.func) if type(pickled.root) is Call else None
    fields = _fields(pickled.root)
    entries = fields.get("state_dict_metadata")
    if type(entries) is not Dict:
        found = pickled.problem or (f"a {cut(class_.path, 80)}" if class_ else "another value")
        raise DamagedError(file.path, "the metadata of a distributed checkpoint", found)
    note_problem(pickled, file.path.name, notes)
    places = _places(fields.get("storage_data"), pulse)
    tensors: dict[str, DcpTensor] = {}
    blobs: dict[str, Place | None] = {}
    left = MAX_PIECES_IN_ALL
    odd = 0
    for number, (key, entry) in enumerate(pairs_of(entries.flat)):
        pulse.beat(number, len(entries.flat) // 2, "listing tensors")  # each may have thousands of pieces
        name = clean(key) if type(key) is str else ""
        kind = class_of(entry.func) if type(entry) is Call else None
        if kind is not None and kind.name == "BytesStorageMetadata" and name:
            blobs[name] = places.get((key, None))
            continue
        tensor = _tensor(name, key, _fields(entry), places, left)
        if tensor is None or not name:
            odd += 1
            continue
        left -= len(tensor.pieces)
        tensors[name] = tensor
    if odd:
        notes.add(f"{odd:,} entries of {file.path.name} do not tell what they are, and are left out")
    return DcpMetadata(tuple(tensors.values()), blobs, pickled.names)


def _fields(node: Any) -> dict[str, Any]:
    """The attributes of an object by name."""
    if type(node) is not Call:
        return {}
    states = node.states
    if states and len(states) == 1 and type(states[0]) is Dict:
        flat = states[0].flat
        return {key: value for key, value in zip(flat[::2], flat[1::2], strict=False) if type(key) is str}
    return {key: value for key, value in attributes_of(states) if type(key) is str}


def _lengths(node: Any) -> tuple[int, ...] | None:
    """A `torch.Size`; None where it is none."""
    if type(node) is Call and type(node.args) is tuple and node.args:
        node = node.args[0]
    if type(node) not in (tuple, list) or len(node) > MAX_AXES:
        return None
    if any(type(length) is not int or not 0 <= length < LONGEST_AXIS for length in node):
        return None
    return tuple(node)


def _places(node: Any, pulse: Pulse) -> dict[tuple[str, tuple[int, ...] | None], Place]:
    """Where each piece is, by the tensor's name and the piece's first position."""
    found: dict[tuple[str, tuple[int, ...] | None], Place] = {}
    for number, (key, value) in enumerate(pairs_of(node.flat if type(node) is Dict else None)):
        if number % _BEAT_TENSORS == 0:
            pulse.beat(number, 0, "listing pieces")
        index, info = _fields(key), _fields(value)
        name, file = index.get("fqn"), info.get("relative_path")
        start, length = info.get("offset"), info.get("length")
        if type(name) is not str or type(file) is not str or type(start) is not int or type(length) is not int:
            continue
        if 0 <= start < LONGEST_AXIS and 0 <= length < LONGEST_AXIS:
            packed = ", ".join(cut(text, 40) for text in _texts(info.get("transform_descriptors")))
            found[name, _lengths(index.get("offset"))] = Place(file, start, length, packed)
    return found


def _texts(node: Any) -> Iterator[str]:
    if type(node) in (list, tuple):
        yield from (item for item in node[:8] if type(item) is str)


def _tensor(
    name: str,
    key: Any,
    fields: dict[str, Any],
    places: dict[tuple[str, tuple[int, ...] | None], Place],
    most_pieces: int,
) -> DcpTensor | None:
    shape, chunks = _lengths(fields.get("size")), fields.get("chunks")
    properties = fields.get("properties")
    states = properties.states if type(properties) is Call else None
    dtype = states[0][0] if states and type(states[0]) is tuple and states[0] else _fields(properties).get("dtype")
    if shape is None or type(chunks) is not list or type(dtype) is not Global or dtype.name not in ITEM_BYTES:
        return None
    if len(chunks) > min(MAX_PIECES, most_pieces):
        return DcpTensor(name, dtype.name, shape, {}, too_many=True)
    pieces: dict[Box, Place | None] = {}
    for chunk in chunks:
        first, lengths = _lengths(_fields(chunk).get("offsets")), _lengths(_fields(chunk).get("sizes"))
        if first is None or lengths is None or len(first) != len(lengths):
            return None
        box = tuple((start, start + length) for start, length in zip(first, lengths, strict=True))
        pieces[box] = places.get((key, first)) or places.get((key, None))
    return DcpTensor(name, dtype.name, shape, pieces)

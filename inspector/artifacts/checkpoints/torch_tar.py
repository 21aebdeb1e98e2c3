"""Checkpoints as torch 0.1 wrote them: a tar with the storages, the tensors and the pickle as members.

Source: torch/serialization.py (`legacy_load` inside `_legacy_load`); storages of other writers hang on the tuples
of later formats instead of a member `tensors`.
"""

from __future__ import annotations

from struct import Struct
from typing import Any, NamedTuple

from inspector.artifacts.archives.tar_archive import TarMember, tar_members
from inspector.artifacts.byte_file import ReadableFile, Section, Source
from inspector.artifacts.checkpoints.listing import NOT_READ, FoundStorage, Listed, Lister
from inspector.artifacts.checkpoints.torch_legacy import MAX_SOURCE_CHARACTERS, byteorder_of, sources_of
from inspector.artifacts.pickles.lens_storage import StorageReference
from inspector.artifacts.pickles.lens_torch import TensorNode
from inspector.artifacts.pickles.node_text import cut
from inspector.artifacts.pickles.nodes import Global
from inspector.artifacts.pickles.pickle_machine import note_problem, run
from inspector.artifacts.tensors.dtypes import ITEM_BYTES, STORAGE_DTYPES
from inspector.artifacts.tensors.windows import LONGEST_AXIS, MAX_AXES, Storage, Unreadable, storage_at, stretch_of
from inspector.core.errors import DamagedError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.texts import clean

MAX_RECORD_BYTES = 1 << 16
"""More than the pickle before a storage or a tensor has."""

_BEAT_RECORDS = 256
_COUNT = Struct("<q")
_AXES = Struct("<ixxxx")


class _Stored(NamedTuple):
    """A storage of the file and the type of its elements."""

    storage: Storage
    dtype: str
    location: str


class _Tables(NamedTuple):
    """What the members beside the pickle hold, by key."""

    storages: dict[str, _Stored]
    tensors: dict[str, TensorNode]


class _Broken(Exception):  # noqa: N818 - it ends the reading of one member, and is told as a note
    """A member cannot be read on."""


def read(file: ReadableFile, notes: Notes, pulse: Pulse) -> Listed:
    """List a checkpoint of torch 0.1.

    Raises:
        DamagedError: there is no pickle that can be read.
    """
    members = {member.name: member for member in tar_members(file, notes, pulse) if member.kind == "file"}
    if "pickle" not in members:
        found = "the file ends before it" if file.size % 512 else f"only {clean(', '.join(sorted(members)[:8]))}"
        raise DamagedError(file.path, "a member named pickle in the tar archive", found)
    pickled = run(_section(file, members["pickle"]), 0, pulse)
    if pickled.problem:
        if pickled.root is None:
            raise DamagedError(file.path, "a pickle in the member pickle", pickled.problem)
        note_problem(pickled, "the pickle", notes)
    tables = _Tables({}, {})
    for name, take in (("storages", _take_storages), ("tensors", _take_tensors)):
        if name in members:
            try:
                take(_section(file, members[name]), tables, pulse)
            except _Broken as broken:
                notes.add(f"the member {name} is read only in part: {broken}")
    for node in pickled.persistent_ids:
        if type(node.id) is tuple and node.id and type(node.id[0]) is Global:  # a class, its file and its source
            node.id = ("module", *node.id)
        elif type(node.id) in (int, str) and str(node.id) in tables.tensors:
            node.id = tables.tensors[str(node.id)]

    def find(reference: Any) -> FoundStorage:
        return _found(tables.storages, reference)

    lister = Lister(file.path, file.identity, find, notes, pulse, _byteorder(file, members))
    lister.walk(pickled.root)
    for path, text in sources_of(pickled.persistent_ids).items():
        lister.add_object(f"source.{path}", cut(text, MAX_SOURCE_CHARACTERS))
    return Listed(lister, pickled.names)


def _section(file: ReadableFile, member: TarMember) -> Section:
    return Section(file, member.start, member.size)


def _byteorder(file: ReadableFile, members: dict[str, TarMember]) -> str:
    if "sys_info" not in members:
        return "little"
    return byteorder_of(run(_section(file, members["sys_info"])).root)


def _found(storages: dict[str, _Stored], reference: Any) -> FoundStorage:
    if type(reference) is not StorageReference:
        return NOT_READ
    stored = storages.get(reference.key)
    if stored is None:
        return Unreadable(f"refers to storage {clean(reference.key)}, which is not in the file", "lost")
    return stored.storage, stored.dtype


def _record(source: Source, place: int) -> tuple[Any, int]:
    """A short pickle from a place on, and the place after it."""
    pickled = run(Section(source, place, MAX_RECORD_BYTES))
    if pickled.problem:
        raise _Broken(f"{pickled.problem}, counted from byte {place:,} of it")
    return pickled.root, place + pickled.end


def _number(source: Source, place: int, kind: Struct) -> int:
    data = source.read(place, kind.size)
    if len(data) < kind.size:
        raise _Broken(f"it ends at byte {source.size:,}")
    return int(kind.unpack(data)[0])


def _take_storages(source: Source, tables: _Tables, pulse: Pulse) -> None:
    """The storages one after the other, each behind a pickle of its key, place and type; then those that are views."""
    count, place = _record(source, 0)
    if type(count) is not int:
        raise _Broken("it does not begin with a number of storages")
    for i in range(count):
        if i % _BEAT_RECORDS == 0:
            pulse.beat(i, count, "reading storages")
        record, place = _record(source, place)
        if type(record) is not tuple or len(record) != 3 or type(record[2]) is not Global:
            raise _Broken(f"storage {i:,} is not described as one")
        dtype = STORAGE_DTYPES.get(record[2].name)
        if type(record[0]) not in (int, str) or dtype is None:
            raise _Broken(f"storage {i:,} is of type {cut(record[2].path, 80)}")
        size = _number(source, place, _COUNT) * ITEM_BYTES[dtype]
        place += _COUNT.size
        if not 0 <= size <= source.size - place:
            raise _Broken(f"storage {i:,} of {size:,} bytes does not fit into the {source.size - place:,} that follow")
        location = record[1] if type(record[1]) is str else ""
        tables.storages[str(record[0])] = _Stored(storage_at(source, place, size), dtype, location)
        place += size
    if place < source.size:
        views, _ = _record(source, place)
        for view in views if type(views) is list else ():
            _add_view(tables.storages, view)


def _add_view(storages: dict[str, _Stored], view: Any) -> None:
    """A storage that is a stretch of another one: (its key, the other's key, first element, elements)."""
    if type(view) is not tuple or len(view) != 4 or any(type(part) not in (int, str) for part in view):
        raise _Broken("a view of a storage is not described as one")
    key, root_key, offset, elements = view
    root = storages.get(str(root_key))
    if root is None or type(offset) is not int or type(elements) is not int:
        raise _Broken("a view of a storage belongs to none")
    storage = stretch_of(root.storage, offset, elements, ITEM_BYTES[root.dtype])
    if storage is None:
        raise _Broken("a view reaches past its storage")
    storages[str(key)] = _Stored(storage, root.dtype, root.location)


def _take_tensors(source: Source, tables: _Tables, pulse: Pulse) -> None:
    """Each tensor: a pickle of its key, its storage's key and type, then axes, lengths, strides and offset."""
    count, place = _record(source, 0)
    if type(count) is not int:
        raise _Broken("it does not begin with a number of tensors")
    for i in range(count):
        if i % _BEAT_RECORDS == 0:
            pulse.beat(i, count, "reading tensors")
        record, place = _record(source, place)
        if type(record) is not tuple or len(record) != 3 or any(type(key) not in (int, str) for key in record[:2]):
            raise _Broken(f"tensor {i:,} is not described as one")
        axes = _number(source, place, _AXES)
        if not 0 <= axes <= MAX_AXES:
            raise _Broken(f"tensor {i:,} has {axes:,} axes")
        layout = Struct(f"<{2 * axes + 1}q")
        data = source.read(place + _AXES.size, layout.size)
        if len(data) < layout.size:
            raise _Broken(f"it ends at byte {source.size:,}")
        place += _AXES.size + layout.size
        numbers = layout.unpack(data)
        if any(not 0 <= number < LONGEST_AXIS for number in numbers):
            raise _Broken(f"tensor {i:,} has a negative length, stride or offset")
        tables.tensors[str(record[0])] = _tensor(tables.storages, str(record[1]), numbers)


def _tensor(storages: dict[str, _Stored], key: str, numbers: tuple[int, ...]) -> TensorNode:
    stored = storages.get(key)
    axes = len(numbers) // 2
    dtype = stored.dtype if stored else "float32"
    elements = stored.storage.plain_bytes // ITEM_BYTES[dtype] if stored else 0
    reference = StorageReference(key, dtype, stored.location if stored else "", elements, None)
    return TensorNode(dtype, numbers[:axes], numbers[axes:-1], numbers[-1], reference)

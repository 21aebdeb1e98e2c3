"""Checkpoints as torch wrote them before 1.6: five pickles in a row, then the storages one after the other.

Source: torch/serialization.py (`_legacy_save`, `_legacy_load`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from inspector.artifacts.byte_file import ReadableFile, Source
from inspector.artifacts.checkpoints.listing import NOT_READ, FoundStorage, Listed, Lister
from inspector.artifacts.pickles.lens_storage import StorageReference, storage_reference
from inspector.artifacts.pickles.node_text import cut
from inspector.artifacts.pickles.nodes import Dict, Global, PersistentId, pairs_of
from inspector.artifacts.pickles.pickle_machine import note_problem, run
from inspector.artifacts.tensors.dtypes import ITEM_BYTES
from inspector.artifacts.tensors.windows import Storage, Unreadable, storage_at, stretch_of
from inspector.core.errors import DamagedError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.texts import clean

MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
PROTOCOL_VERSION = 1001
COUNT_BYTES = 8
LARGEST_KEY = 2**64
MAX_SOURCE_CHARACTERS = 20_000

_PARTS = ("the magic number", "the version", "the system's description", "the object", "the list of storages")
_ROOT = 3
"""Which part is the object; without it nothing is shown."""

_BEAT_STORAGES = 1000


class Legacy(NamedTuple):
    """The pickles of a legacy file, and where its storages are by key.

    `storages` also say why one is not there; `cut_at` is where the file ends, if that is before the storages do.
    """

    root: Any
    names: tuple[str, ...]
    byteorder: str
    storages: dict[str, Storage | Unreadable]
    ids: tuple[PersistentId, ...] = ()
    cut_at: int | None = None


def read(file: ReadableFile, notes: Notes, pulse: Pulse) -> Listed:
    """List a legacy checkpoint.

    Raises:
        DamagedError: nothing of its object can be read.
    """
    legacy = open_legacy(file, file, notes, pulse)
    lister = Lister(file.path, file.identity, lambda node: find(legacy, node), notes, pulse, legacy.byteorder)
    lister.walk(legacy.root)
    for path, text in sources_of(legacy.ids).items():
        lister.add_object(f"source.{path}", cut(text, MAX_SOURCE_CHARACTERS))
    return Listed(lister, legacy.names)


def open_legacy(file: ReadableFile, source: Source, notes: Notes, pulse: Pulse) -> Legacy:
    """Read the five pickles and the table of storages.

    Args:
        file: named in errors.
        source: the file itself, or the part of it that holds a legacy archive.
        notes: take what is odd.
        pulse: of this work.

    Raises:
        DamagedError: as `read`.
    """
    roots: list[Any] = []
    names: tuple[str, ...] = ()
    ids: tuple[PersistentId, ...] = ()
    place, broken = 0, False
    for part in _PARTS:
        pickled = run(source, place, pulse)
        roots.append(pickled.root)
        names += pickled.names
        ids += pickled.persistent_ids
        place = pickled.end
        broken = bool(pickled.problem)
        if broken:
            if len(roots) <= _ROOT or roots[_ROOT] is None:
                raise DamagedError(file.path, f"{part} of a checkpoint of torch before 1.6", pickled.problem)
            note_problem(pickled, part, notes)
            break
    magic, version, system, root = roots[: _ROOT + 1]
    if type(magic) is not int or magic != MAGIC_NUMBER or type(version) is not int or version != PROTOCOL_VERSION:
        raise DamagedError(file.path, "the magic number of a checkpoint of torch before 1.6", "another")
    if broken:
        return Legacy(root, names, byteorder_of(system), {}, ids, source.size)
    keys = roots[-1]
    if type(keys) is not list:
        raise DamagedError(file.path, "a list of storage keys", "something else")
    storages, cut_at = _table(source, place, keys, _references(ids), notes, pulse)
    return Legacy(root, names, byteorder_of(system), storages, ids, cut_at)


def _table(
    source: Source, place: int, keys: list[Any], references: dict[str, StorageReference], notes: Notes, pulse: Pulse
) -> tuple[dict[str, Storage | Unreadable], int | None]:
    """The storages from byte `place` on, and where the source ends if that is before they do."""
    storages: dict[str, Storage | Unreadable] = {}
    for i, node in enumerate(keys):
        if i % _BEAT_STORAGES == 0:
            pulse.beat(i, len(keys), "listing storages")
        key = node if type(node) is str else str(node) if type(node) is int and abs(node) < LARGEST_KEY else None
        if key is None:
            notes.add(f"the storages from number {i + 1:,} on are not read: their keys are no addresses")
            return storages, place
        count = int.from_bytes(source.read(place, COUNT_BYTES), "little")
        size = count * (ITEM_BYTES[references[key].dtype] if key in references else 1)
        start = place + COUNT_BYTES
        if start + size > source.size:
            notes.add(
                f"{i:,} of {len(keys):,} storages are whole: the file ends at byte {source.size:,}, in storage "
                f"{clean(key)}; it was cut off while it was written or copied"
            )
            if start < source.size:
                told = f"is cut off: its storage ends at byte {source.size - start:,} of {size:,}"
                storages[key] = Unreadable(told, "lost")
            return storages, source.size
        storages[key] = storage_at(source, start, size)
        place = start + size
    if place < source.size:
        notes.add(f"{source.size - place:,} bytes follow the last storage")
    return storages, None


def find(legacy: Legacy, reference: Any) -> FoundStorage:
    """The storage that a tensor refers to; a view is a stretch of another storage."""
    if type(reference) is not StorageReference:
        return NOT_READ
    storage = legacy.storages.get(reference.key)
    if isinstance(storage, Unreadable):
        return storage
    if storage is None and legacy.cut_at is not None:
        return Unreadable(f"is cut off: the file ends at byte {legacy.cut_at:,}, before its elements", "lost")
    if storage is None:
        return Unreadable(f"refers to storage {clean(reference.key)}, which is not in the file", "lost")
    if reference.view is not None:
        storage = stretch_of(storage, *reference.view, ITEM_BYTES[reference.dtype])
        if storage is None:
            return Unreadable("is a view that reaches past its storage", "lost")
    return storage, reference.dtype


def byteorder_of(system: Any) -> str:
    """`little` or `big`, from the description of the system that wrote the file."""
    pairs = dict(pair for pair in pairs_of(system.flat if type(system) is Dict else None) if type(pair[0]) is str)
    return "big" if pairs.get("little_endian") is False else "little"


def _references(ids: Iterable[PersistentId]) -> dict[str, StorageReference]:
    """The storages that a pickle refers to, by key."""
    references = (storage_reference(node) for node in ids)
    return {reference.key: reference for reference in references if reference is not None}


def sources_of(ids: Iterable[PersistentId]) -> dict[str, str]:
    """The source text of classes, which these files keep beside the objects, by class."""
    found: dict[str, str] = {}
    for node in ids:
        if type(node.id) is tuple and len(node.id) == 4 and type(node.id[0]) is str and node.id[0] == "module":
            _, class_, _, text = node.id
            if type(class_) is Global and type(text) is str:
                found.setdefault(class_.path, text)
    return found

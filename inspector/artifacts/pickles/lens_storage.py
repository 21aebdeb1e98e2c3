"""Storages in the words of a pickle: what a persistent id says of one.

Source: torch/serialization.py of torch 0.3 to 2.13.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from inspector.artifacts.pickles.nodes import Global, PersistentId
from inspector.artifacts.tensors.dtypes import STORAGE_DTYPES

LONGEST_ID = 1_000
_ID_IN_TEXT = (
    r"\('storage', <class 'torch\.(?:storage\.)?(?P<class>\w+)'>, '(?P<key>\w+)', '(?P<location>[^']*)', "
    r"(?P<elements>\d+)(?:, None)?\)$"
)


class StorageReference(msgspec.Struct, frozen=True, gc=False):
    """What a persistent id says of a storage.

    Attributes:
        elements: how many it has, of the type that its class names.
        view: offset and length in elements where it is a stretch of another one, in files of torch before 1.6.
    """

    key: str
    dtype: str
    location: str
    elements: int
    view: tuple[int, int] | None


def storage_reference(node: Any) -> StorageReference | None:
    """What a persistent id says of a storage; None where it is no such id.

    Other writers than torch have been seen to put the tuple itself where the id should be.
    """
    id_ = node.id if type(node) is PersistentId else node
    if type(node) is PersistentId and type(id_) is str:
        return _reference_in_text(id_)
    if type(id_) is not tuple or len(id_) < 5:
        return None
    kind, class_, key, location, elements = id_[:5]
    if type(kind) is not str or kind != "storage" or type(class_) is not Global or type(elements) is not int:
        return None
    dtype = STORAGE_DTYPES.get(class_.name)
    if dtype is None or type(key) is not str or type(location) not in (str, type(None)) or elements < 0:
        return None
    view = id_[5] if len(id_) > 5 else None
    if type(view) is tuple and len(view) == 3 and type(view[1]) is int and type(view[2]) is int:
        return StorageReference(key, dtype, location or "", elements, (view[1], view[2]))
    return StorageReference(key, dtype, location or "", elements, None)


def _reference_in_text(text: str) -> StorageReference | None:
    """What protocol 0 makes of such an id: the text of the tuple, which torch itself cannot load."""
    match = re.match(_ID_IN_TEXT, text) if len(text) <= LONGEST_ID else None
    if match is None or match["class"] not in STORAGE_DTYPES or len(match["elements"]) > 19:
        return None
    return StorageReference(
        match["key"], STORAGE_DTYPES[match["class"]], match["location"] or "", int(match["elements"]), None
    )

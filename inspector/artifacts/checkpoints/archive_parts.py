"""Files inside an archive: each checkpoint among them listed below its name, each short text as a value."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from inspector.artifacts.byte_file import InnerFile, ReadableFile, Source
from inspector.artifacts.checkpoints.gathering import named
from inspector.artifacts.checkpoints.listing import Lister
from inspector.artifacts.checkpoints.paths import MAX_NAME_CHARACTERS, below
from inspector.artifacts.checkpoints.readers import reader_of
from inspector.artifacts.inflated import Inflated
from inspector.artifacts.pickles.node_text import cut
from inspector.artifacts.reading_limits import limits_of
from inspector.artifacts.tensors.tensor_roles import EMA, OPTIMIZER, role_of
from inspector.core.errors import FileError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.texts import clean

MAX_PARTS = 1_000
"""How many members of an archive are opened; the rest is counted."""

UNPACK = "unpack it and open what is inside"
"""How to go on where a limit ended the reading of an archive."""

MAX_TEXT_BYTES = 64_000
MAX_ITEMS = 1_000
MAX_ENTRIES = 20_000
"""Longer lists and dictionaries of JSON are only counted."""

MAX_JSON_BYTES = 4_000_000

_READ = frozenset(
    (
        "torch-zip", "torch-legacy", "torch-tar", "torchscript", "torch-mobile", "safetensors", "pickle", "npy", "npz",
        "npy-dump", "npz-dump", "keras-h5",
    )
)  # fmt: skip
"""What can be read inside an archive; an archive inside an archive is named and left closed."""


class Part(NamedTuple):
    """A member of an archive as it can be read: its name, and its bytes."""

    name: str
    source: Source


Values = Callable[[str, Any, Lister], tuple[str, ...]]
"""Takes a member's name, the value of its JSON and the lister that shows it; gives what pickles in it would import."""


def list_parts(
    file: ReadableFile, parts: list[Part], lister: Lister, notes: Notes, pulse: Pulse, values: Values | None = None
) -> tuple[str, ...]:
    """Add every member to a lister, named below its own name; gives the names that they would import.

    Args:
        file: the archive, named in errors and windows.
        parts: its members in their order.
        lister: takes what they hold.
        notes: take what is wrong with one of them.
        pulse: of this work.
        values: shows the value of a JSON member; without it the value hangs below the name as it is.
    """
    names: tuple[str, ...] = ()
    visits = 0
    for i, part in enumerate(parts[:MAX_PARTS]):
        pulse.beat(i, len(parts), "reading the archive")
        if visits > limits_of(pulse).visits:
            notes.limit(f"{len(parts) - i:,} more files in the archive are not opened; {UNPACK}")
            return names
        try:
            found = _list_part(file, part, lister, notes, pulse, values or add_plain)
            names += found.names
            visits += found.visits
            if isinstance(part.source, Inflated) and part.source.problem and not part.source.limited:
                notes.add(f"{clean(part.name)} {part.source.problem}")
        except FileError as error:
            notes.add(f"{clean(part.name)}: {error.mismatch}")
            lister.add_object(_title(part.name), f"{part.source.size:,} bytes that cannot be read")
    if len(parts) > MAX_PARTS:
        notes.limit(f"{len(parts) - MAX_PARTS:,} more files in the archive are not opened; {UNPACK}")
    return names


class _Found(NamedTuple):
    """What a member would import, and how many values in it were looked at."""

    names: tuple[str, ...] = ()
    visits: int = 0


def _list_part(file: ReadableFile, part: Part, lister: Lister, notes: Notes, pulse: Pulse, values: Values) -> _Found:
    title, source = _title(part.name), part.source
    if source.size == 0:
        lister.add_object(title, "0 bytes")
        return _Found()
    from inspector.artifacts.sniff import container_of

    inner = InnerFile(file, source)
    container = container_of(inner, Path(part.name))
    reader = "keras-h5" if container == "hdf5" else container
    if reader in _READ:
        own = Notes()
        listed = reader_of(reader)(inner, own, pulse)
        for note in own.texts():
            notes.add(f"{clean(part.name)}: {note}")
        notes.limited |= own.limited
        adopt(lister, listed.lister, title)
        return _Found(listed.names, listed.lister.visits)
    if container == "json" and source.size <= MAX_JSON_BYTES:
        try:
            value = json.loads(source.read(0, source.size))
        except (ValueError, RecursionError):
            notes.add(f"{clean(part.name)} is no JSON that can be read")
        else:
            return _Found(values(title, value, lister))
    shown = f"{source.size:,} bytes ({container})"
    if container in ("text", "yaml", "csv", "other text", "json", "jsonl") and source.size <= MAX_TEXT_BYTES:
        shown = cut(source.read(0, source.size).decode("utf-8", "backslashreplace"))
    lister.add_object(title, shown)
    return _Found()


def adopt(lister: Lister, part: Lister, title: str) -> None:
    """Add to a lister what another one collected, every name below a title."""
    for tensor in part.tensors:
        name = below(title, tensor.name)
        section = role_of(name, tensor.dtype, parameter=None, keyed=False)
        role = section if section in (OPTIMIZER, EMA) else tensor.role
        lister.tensors.append(msgspec.structs.replace(tensor, name=name, role=role))
    for name, window in part.windows.items():
        lister.windows[below(title, name)] = named(window, below(title, name))
    for name, node in part.nodes.items():
        lister.nodes[below(title, name)] = node
    for name, value in part.objects.items():
        lister.add_object(below(title, name), value)


def add_plain(name: str, value: Any, lister: Lister) -> tuple[str, ...]:
    """Show a value of JSON: what hangs below it by dotted path, short lists whole; without recursion."""
    pending = [(name, value)]
    while pending:
        path, value = pending.pop()
        if isinstance(value, dict) and len(value) > MAX_ENTRIES:
            lister.add_object(path, f"{len(value):,} entries")
        elif isinstance(value, dict) and value:
            pending.extend((f"{path}.{cut(key, MAX_NAME_CHARACTERS)}", item) for key, item in reversed(value.items()))
        elif isinstance(value, list) and len(value) <= MAX_ITEMS and any(map(_is_nested, value)):
            pending.extend((f"{path}.{i}", item) for i, item in reversed(list(enumerate(value))))
        elif isinstance(value, str):
            lister.add_object(path, cut(value))
        elif isinstance(value, list) and len(value) > MAX_ITEMS:
            lister.add_object(path, f"{len(value):,} items")
        else:
            lister.add_object(path, value)
    return ()


def _is_nested(value: Any) -> bool:
    return isinstance(value, dict | list)


def _title(name: str) -> str:
    return cut(name, MAX_NAME_CHARACTERS)

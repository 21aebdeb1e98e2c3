"""One checkpoint cut into shards, with an index that says which tensor is in which file.

Source: huggingface_hub/serialization/_torch.py (`save_torch_state_dict`), transformers/modeling_utils.py.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec

from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.checkpoints.folders import index_in
from inspector.artifacts.checkpoints.gathering import Gathering
from inspector.artifacts.companions import belongs, entries_of, inside, set_container
from inspector.artifacts.opened_paths import file_of_set
from inspector.artifacts.pickles.node_text import cut
from inspector.artifacts.reading_limits import GENEROUS, READ_ON, limits_of
from inspector.core.errors import DamagedError, LimitError
from inspector.core.pulse import Pulse
from inspector.core.texts import clean
from inspector.core.units import counted

MAX_SHARDS = 10_000
_MAX_METADATA_BYTES = 1 << 16
_SHOWN_NAMES = 3
_BEAT_NAMES = 4_096
_EMPTY_OBJECT = b"{}"


class _Index(msgspec.Struct):
    weight_map: dict[str, str]
    metadata: msgspec.Raw = msgspec.Raw(_EMPTY_OBJECT)


def read(path: Path, gathering: Gathering, pulse: Pulse) -> None:
    """List all shards of an index.

    Args:
        path: of the index, or of the folder whose only index it is.
        gathering: takes what is found.
        pulse: of this work.

    Raises:
        DamagedError: the index is not one.
        LimitError: it is larger than any real one.
    """
    if path.is_dir():
        entries = entries_of(path)
        path = path / (index_in(entries, "safetensors-sharded") or index_in(entries, "torch-sharded"))
    gathering.looked_at(path)
    index = _index(path, gathering, limits_of(pulse).header_bytes)
    if index is None:
        return
    shard_of: dict[str, str] = {}
    promised: dict[str, list[str]] = {}
    for number, (raw_name, file) in enumerate(index.weight_map.items()):
        if number % _BEAT_NAMES == 0:
            pulse.beat(number, len(index.weight_map), "reading the index")
        name = clean(raw_name)
        shard_of[name] = file
        promised.setdefault(file, []).append(name)
    for number, (file, names) in enumerate(promised.items()):
        pulse.beat(number, len(promised), "reading shards")
        if number >= MAX_SHARDS or gathering.is_full:
            gathering.notes.add(f"only the first {number:,} of {len(promised):,} shards are read")
            break
        _add_shard(path, file, names, shard_of, gathering)
    for name in entries_of(path.parent).files:
        if name != path.name and belongs(path.name, name) and name not in promised:
            gathering.notes.add(f"the index names no tensor of {clean(name)}, which is left out")


def _index(path: Path, gathering: Gathering, most_bytes: int) -> _Index | None:
    """The index, its other values recorded; None and a note where it is longer than what is read unasked."""
    with ByteFile(path) as file:
        if file.size > GENEROUS.header_bytes:
            raise LimitError(path, f"at most {GENEROUS.header_bytes:,} bytes of an index", f"{file.size:,}")
        if file.size > most_bytes:
            told = f"the index has {file.size:,} bytes, and at most {most_bytes:,} are read unasked; {READ_ON}"
            gathering.notes.limit(told)
            return None
        text = file.read(0, file.size)
    try:
        index = msgspec.json.decode(text, type=_Index)
        metadata = bytes(index.metadata)
        values = msgspec.json.decode(metadata) if len(metadata) <= _MAX_METADATA_BYTES else None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise DamagedError(path, "an index of shards with a weight_map", cut(str(error), 200)) from error
    if not isinstance(values, dict):
        gathering.notes.add("the index's metadata is not what it should be, and is left out")
        return index
    for name, value in values.items():
        if value is None or isinstance(value, str | int | float | bool):
            gathering.add_object(f"metadata.{cut(name, 200)}", cut(value) if isinstance(value, str) else value)
    return index


def _add_shard(index: Path, file: str, names: list[str], shard_of: dict[str, str], gathering: Gathering) -> None:
    """One shard, and where it differs from what the index says of it."""
    shown = cut(file, 200)
    path = file_of_set(index, file)
    if path is None or set_container(path.name):
        wanted = f"the index looks for {counted(len(names), 'tensor')} in {shown}"
        if path is not None:
            gathering.notes.add(f"{wanted}, which holds no tensors itself, and it is not opened")
        elif inside(index.parent, file) is None:
            gathering.notes.add(f"{wanted}, outside the folder, and it is not opened")
        else:
            gathering.notes.add(f"{wanted}, which was not opened with it; open the folder")
        return
    if not gathering.looked_at(path):
        gathering.notes.add(f"{shown} is missing, and with it {_some(names)}")
        gathering.missing.update(dict.fromkeys(names, f"should be in {shown}, which is missing"))
        return
    same = gathering.same_as(path)
    if same is not None:
        gathering.notes.add(f"{shown} is the same file as {gathering.label(same)}, and is not read again")
        return
    part = gathering.opened(path)
    if part is None:
        gathering.missing.update(dict.fromkeys(names, f"should be in {shown}, which cannot be opened"))
        return
    gathering.add_tensors(part, but={name for name in part.windows if shard_of.get(name, file) != file})
    for name, value in part.facts.objects.items():
        gathering.add_object(name, value)
    there = Counter(tensor.name for tensor in part.facts.tensors)
    there.subtract(names)
    lacking = [name for name, count in there.items() if count < 0]
    unnamed = [name for name, count in there.items() if count > 0]
    if lacking:
        gathering.notes.add(f"{shown} lacks {_some(lacking)}, which the index looks for in it")
        gathering.missing.update(dict.fromkeys(lacking, f"should be in {shown}, and is not there"))
    if unnamed:
        gathering.notes.add(f"{shown} holds {_some(unnamed)}, which the index does not name there")


def _some(names: list[str]) -> str:
    """`a, b, c and 4 more tensors`."""
    shown = ", ".join(cut(name, 120) for name in names[:_SHOWN_NAMES])
    more = len(names) - _SHOWN_NAMES
    return f"{shown} and {more:,} more tensors" if more > 0 else shown

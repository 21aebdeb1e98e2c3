"""Archives of weights: tar, tar packed with gzip as AllenNLP makes it, zip as Stable-Baselines3 does.

Source: allennlp/models/archival.py (`weights.th`, `config.json`, `vocabulary/`), stable_baselines3/common/save_util.py
(`data`, `policy.pth`, ...).
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

import msgspec

from inspector.artifacts.archives.tar_archive import tar_members
from inspector.artifacts.archives.zip_content import source_of
from inspector.artifacts.archives.zip_format import DEFLATED, ENCRYPTED
from inspector.artifacts.archives.zip_scan import open_whole_or_cut
from inspector.artifacts.byte_file import Memory, ReadableFile, Section, Source
from inspector.artifacts.checkpoints.archive_parts import UNPACK, Part, add_plain, list_parts
from inspector.artifacts.checkpoints.listing import Listed, Lister
from inspector.artifacts.checkpoints.pickle_file import nested_lister
from inspector.artifacts.inflated import Inflated
from inspector.artifacts.packings import GZIP
from inspector.artifacts.pickles.node_text import cut
from inspector.artifacts.pickles.pickle_machine import Pickled, note_problem, run
from inspector.artifacts.reading_limits import limits_of
from inspector.artifacts.tensors.tensor_roles import OTHER
from inspector.core.errors import DamagedError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.texts import clean

_SERIALIZED = ":serialized:"
_TYPE = ":type:"


def read_tar(file: ReadableFile, notes: Notes, pulse: Pulse) -> Listed:
    """List the checkpoints and texts in a tar archive."""
    return _list_tar(file, file, notes, pulse)


def read_tar_gz(file: ReadableFile, notes: Notes, pulse: Pulse) -> Listed:
    """List the checkpoints and texts in a tar archive that is packed with gzip.

    Raises:
        DamagedError: not a byte of it can be unpacked.
    """
    plain = Inflated(file, file.place(0) or 0, file.size, GZIP, pulse)
    if plain.problem:
        if not plain.size:
            raise DamagedError(file.path, "a tar archive packed with gzip", f"one that {plain.problem}")
        say = notes.limit if plain.limited else notes.add
        say(f"the archive {plain.problem}" + (f"; {UNPACK}" if plain.limited else ""))
    return _list_tar(file, plain, notes, pulse)


def _list_tar(file: ReadableFile, source: Source, notes: Notes, pulse: Pulse) -> Listed:
    lister = nested_lister(file, notes, pulse)
    parts: list[Part] = []
    for member in tar_members(source, notes, pulse):
        if member.kind == "file":
            parts.append(Part(member.name, Section(source, member.start, member.size)))
        elif member.kind != "folder":
            target = f" to {cut(member.target, 200)}" if member.target else ""
            lister.add_object(cut(member.name, 200), f"{member.kind}{target}, not followed")
    return Listed(lister, list_parts(file, parts, lister, notes, pulse))


def read_zip(file: ReadableFile, notes: Notes, pulse: Pulse) -> Listed:
    """List the checkpoints and texts in a zip archive.

    Raises:
        DamagedError: no entry can be found.
        LimitError: its directory is larger than any real one.
    """
    archive = open_whole_or_cut(file, notes, pulse)
    lister = nested_lister(file, notes, pulse)
    parts: list[Part] = []
    left = limits_of(pulse).unpacked_bytes
    for member in archive.by_name.values():
        if member.name.endswith("/"):
            continue
        if member.problem and not member.cut_off:
            notes.add(f"{cut(clean(member.name), 200)} is not read: {member.problem}")
        elif member.flags & ENCRYPTED:
            notes.add(f"{cut(clean(member.name), 200)} is encrypted")
        elif member.method == DEFLATED and member.plain_bytes > left:
            notes.limit(f"{cut(clean(member.name), 200)} and others would unpack to more; {UNPACK}")
        else:
            left -= member.plain_bytes if member.method == DEFLATED else 0
            parts.append(Part(member.name, source_of(archive, member, notes, pulse)))
    return Listed(lister, list_parts(file, parts, lister, notes, pulse, _Serialized(notes, pulse).add))


class _Serialized:
    """Values of JSON with pickles in base64 among them, as Stable-Baselines3 keeps what JSON cannot say."""

    def __init__(self, notes: Notes, pulse: Pulse) -> None:
        self._notes = notes
        self._pulse = pulse

    def add(self, name: str, value: Any, lister: Lister) -> tuple[str, ...]:
        """Show a value; gives what its pickles would import."""
        if not isinstance(value, dict):
            return add_plain(name, value, lister)
        names: tuple[str, ...] = ()
        for key, item in value.items():
            path = f"{name}.{cut(key, 200)}"
            pickled = self._pickled(item, path) if isinstance(item, dict) and _SERIALIZED in item else None
            if pickled is None:
                names += add_plain(path, item, lister)
                continue
            names += pickled.names
            lister.add_object(f"{path}.{_TYPE}", cut(str(item.get(_TYPE, ""))))
            known = len(lister.tensors)
            lister.walk(pickled.root, path)
            lister.tensors[known:] = [msgspec.structs.replace(array, role=OTHER) for array in lister.tensors[known:]]
        return names

    def _pickled(self, item: dict[str, Any], path: str) -> Pickled | None:
        """What the pickle in a value says; None and a note where it cannot be read."""
        try:
            data = base64.b64decode(item[_SERIALIZED], validate=True)
        except (binascii.Error, ValueError, TypeError):
            self._notes.add(f"{path} is said to be serialized, yet is not in base64")
            return None
        pickled = run(Memory(data), 0, self._pulse)
        note_problem(pickled, path, self._notes)
        return pickled

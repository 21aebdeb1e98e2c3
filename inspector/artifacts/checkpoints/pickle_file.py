"""Pickles that stand alone in a file: one stream or several, with arrays and tensors inside them."""

from __future__ import annotations

from typing import Any

from inspector.artifacts.byte_file import Memory, ReadableFile, Section, Source
from inspector.artifacts.checkpoints.listing import NOT_READ, FoundStorage, Listed, Lister
from inspector.artifacts.checkpoints.torch_legacy import find, open_legacy
from inspector.artifacts.pickles.lens_numpy import bytes_of
from inspector.artifacts.pickles.lens_storage import storage_reference
from inspector.artifacts.pickles.nodes import Call, Span
from inspector.artifacts.pickles.pickle_machine import note_problem, run
from inspector.artifacts.reading_limits import limits_of
from inspector.artifacts.tensors.windows import Unreadable
from inspector.core.errors import DamagedError, FileError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse

MAX_TEXT_BYTES = 16_000_000
"""A longer tensor kept as text, as protocols 0 to 2 do, is listed and not read."""


def read(file: ReadableFile, notes: Notes, pulse: Pulse) -> Listed:
    """List every stream of a file; where there are several, their names begin with their number.

    Raises:
        DamagedError: not even a part of the first one can be read.
    """
    roots: list[Any] = []
    names: tuple[str, ...] = ()
    place, problem = 0, ""
    most = limits_of(pulse).streams
    while place < file.size:
        if len(roots) == most:
            notes.limit(f"only the first {most:,} pickles are listed")
            break
        pickled = run(file, place, pulse)
        if pickled.problem and pickled.root is None and not pickled.names:
            problem = pickled.problem
            break
        roots.append(pickled.root)
        names += pickled.names
        if pickled.problem:
            note_problem(pickled, "the pickle", notes)
            break
        place = pickled.end
    if not roots:
        raise DamagedError(file.path, "a pickle", f"that {problem}")
    if problem:
        notes.add(f"{file.size - place:,} bytes follow the last pickle")
    lister = nested_lister(file, notes, pulse)
    if len(roots) == 1:
        lister.walk(roots[0])
    else:
        for i, root in enumerate(roots):
            lister.walk(root, str(i))
    return Listed(lister, names)


def _source(data: Any) -> Source | None:
    """Bytes, or a run of them in the file, as a source; text of protocol 2 and earlier is turned into bytes."""
    if type(data) is bytes:
        return Memory(data)
    if type(data) is not Span or (data.text and data.length > MAX_TEXT_BYTES):
        return None
    if not data.text:
        return Section(data.source, data.start, data.length)
    try:
        return Memory(data.read(data.length).decode("utf-8", "surrogatepass").encode("latin-1"))
    except UnicodeError:
        return None


def nested_lister(file: ReadableFile, notes: Notes, pulse: Pulse) -> Lister:
    """A lister for pickles whose tensors are checkpoints of their own."""
    return Lister(file.path, file.identity, _Nested(file, notes, pulse).find, notes, pulse)


class _Nested:
    """Storages of tensors that were pickled alone: each is a legacy checkpoint inside a string of bytes."""

    def __init__(self, file: ReadableFile, notes: Notes, pulse: Pulse) -> None:
        self._file = file
        self._notes = notes
        self._pulse = pulse
        self._found: dict[int, tuple[Any, FoundStorage]] = {}

    def find(self, node: Any) -> FoundStorage:
        """The storage inside the argument of `torch.storage._load_from_bytes`."""
        known = self._found.get(id(node))
        if known is None:
            # The node is kept too, so that no other one gets its number.
            known = self._found[id(node)] = (node, self._find(node))
        return known[1]

    def _find(self, node: Any) -> FoundStorage:
        data = bytes_of(node.args[0]) if type(node) is Call and type(node.args) is tuple and node.args else None
        source = _source(data)
        if source is None:
            return NOT_READ
        try:
            legacy = open_legacy(self._file, source, self._notes, self._pulse)
        except FileError as error:
            told = f"keeps its elements in bytes with {error.found} where {error.expected} should be"
            return Unreadable(told, "lost" if isinstance(error, DamagedError) else "unread")
        reference = storage_reference(legacy.root)
        return Unreadable("refers to no storage", "unread") if reference is None else find(legacy, reference)

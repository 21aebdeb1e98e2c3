"""Any checkpoint as its tensors and plain values, whatever the container; no numpy, no torch."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.checkpoints.containers import container_at
from inspector.artifacts.checkpoints.paths import MAX_NAME_CHARACTERS
from inspector.artifacts.checkpoints.readers import READERS, reader_of
from inspector.artifacts.identity import Identity, identity_of_all, stamp_of
from inspector.artifacts.pickles.lens_torch import TensorNode
from inspector.artifacts.pickles.node_text import cut
from inspector.artifacts.tensors.windows import TensorWindow, Unreadable
from inspector.core.collector import collector_paused
from inspector.core.errors import FileError, UnknownKindError, UnsupportedError
from inspector.core.notes import Notes
from inspector.core.pulse import QUIET, Pulse
from inspector.core.texts import clean
from inspector.formats.facts import CheckpointFacts, TensorFacts

if TYPE_CHECKING:
    from inspector.artifacts.checkpoints.gathering import Gathering

KEPT_CHECKPOINTS = 8
"""How many opened checkpoints are remembered; 16,000 tensors take some 20 MB."""

MAX_IMPORTED_NAMES = 10_000

SetReader = Callable[[Path, "Gathering", Pulse], None]

_SET_READERS: dict[str, str] = {
    "safetensors-sharded": "inspector.artifacts.checkpoints.sharded:read",
    "torch-sharded": "inspector.artifacts.checkpoints.sharded:read",
    "dcp": "inspector.artifacts.checkpoints.dcp:read",
    "deepspeed": "inspector.artifacts.checkpoints.deepspeed:read",
    "peft": "inspector.artifacts.checkpoints.adapter:read",
    "hf-trainer": "inspector.artifacts.checkpoints.trainer_folder:read",
    "accelerate": "inspector.artifacts.checkpoints.trainer_folder:read",
}
"""Each reader of a checkpoint that is several files; it is given the folder, or the file that stands for the set."""


class Checkpoint:
    """An opened checkpoint, of one file or of several: its facts, and where each tensor's elements are.

    Attributes:
        path: the file or folder that was opened.
        identity: of the file, or one made of all files.
        nodes: what its pickles say of each tensor, by name.
        generous: whether it was read with generous limits.
        files: everything it was read from, with its identity then; None where nothing was there.
        missing: tensors that an index promises and no file of the checkpoint has: by name why, as the rest of a
            sentence that begins with the name.
        windows: by name, also of the parts of sparse tensors; each says in which file it is, or why there is none.
    """

    __slots__ = ("_sharing", "facts", "files", "generous", "identity", "missing", "nodes", "path", "windows")

    def __init__(
        self,
        path: Path,
        identity: Identity,
        facts: CheckpointFacts,
        windows: Mapping[str, TensorWindow | Unreadable],
        nodes: Mapping[str, TensorNode] | None = None,
        files: Mapping[Path, Identity | None] | None = None,
        *,
        missing: Mapping[str, str] | None = None,
    ) -> None:
        self.path = path
        self.identity = identity
        self.facts = facts
        self.windows = windows
        self.nodes = nodes or {}
        self.generous = False
        self.files = files or {path: identity}
        self.missing = missing or {}
        self._sharing: dict[str, tuple[str, ...]] | None = None

    @property
    def objects(self) -> dict[str, Any]:
        """Plain values by dotted path."""
        return self.facts.objects

    def window(self, name: str) -> TensorWindow:
        """Where the elements of a tensor are; parts of a sparse tensor are `NAME.values`, `NAME.indices`.

        Raises:
            UnsupportedError: the file has no elements for it, or not as they should be.
            UnknownKindError: there is no tensor of that name.
        """
        window = self.windows.get(name)
        if window is None:
            raise UnknownKindError(self.path, f"a tensor named {name}", "none")
        if isinstance(window, Unreadable):
            raise UnsupportedError(self.path, f"elements of {name}", f"that it {window.reason}")
        return window

    def without_elements(self) -> frozenset[str]:
        """Names of the tensors whose elements are nowhere: cut off, in a file that is missing, or never written."""
        whole = ((tensor.name, self.windows.get(tensor.name)) for tensor in self.facts.tensors)
        unwritten = (name for name, why in whole if isinstance(why, Unreadable) and why.kind == "unwritten")
        return frozenset((*self.lost(), *unwritten))

    def lost(self) -> dict[str, str]:
        """Tensors whose elements should be in its files and are not: by name why, as the rest of a sentence."""
        found = dict(self.missing)
        for tensor in self.facts.tensors:
            node = self.nodes.get(tensor.name)
            parts = [f"{tensor.name}.{part}" for part, _ in node.parts] if node is not None else ()
            for window in map(self.windows.get, (tensor.name, *parts)):
                if isinstance(window, Unreadable) and window.kind == "lost":
                    found.setdefault(tensor.name, window.reason)
        return found

    def details(self, name: str) -> dict[str, Any]:
        """What is known and notable of a tensor beside its facts, as plain values in reading order.

        Raises:
            UnknownKindError: there is no tensor of that name.
        """
        if name not in self.windows:
            raise UnknownKindError(self.path, f"a tensor named {name}", "none")
        from inspector.artifacts.checkpoints.tensor_details import details_of, shared_storages

        if self._sharing is None:
            self._sharing = shared_storages(self.windows)
        found = details_of(name, self.windows, self.nodes, self._sharing)
        window = self.windows[name]
        if isinstance(window, TensorWindow) and window.path != self.path:
            return {"file": clean(window.path.name), **found}
        return found


_opened: OrderedDict[Path, Checkpoint] = OrderedDict()


def opened(path: Path, pulse: Pulse = QUIET, *, generous: bool = False) -> Checkpoint:
    """Open a checkpoint, or give the one opened before if all its files are still the same.

    Args:
        path: of a file, of the index of several files, or of a folder that is one checkpoint.
        pulse: of this work.
        generous: read on where the usual limits ended the reading; what was opened so stays open for all.

    Raises:
        FileError: it is a folder that is no checkpoint.
        DamagedError: it breaks off, or contradicts itself beyond reading.
        LimitError: reading it would take more than the limits allow.
        UnsupportedError: it is of a container that is not read.
        MissingError: it is not there, or may not be read.
    """
    path = path.absolute()
    pulse = pulse.made_generous() if generous else pulse
    known = _opened.get(path)
    wants_more = known is not None and known.facts.limited and pulse.generous and not known.generous
    if known is None or wants_more or any(stamp_of(file) != then for file, then in known.files.items()):
        known = _opened[path] = _open(path, pulse)
        known.generous = pulse.generous
    _opened.move_to_end(path)
    while len(_opened) > KEPT_CHECKPOINTS:
        _opened.popitem(last=False)
    return known


def facts(path: Path, pulse: Pulse = QUIET) -> CheckpointFacts:
    """What `info` prints of a checkpoint; raises as `opened`."""
    return opened(path, pulse).facts


def _open(path: Path, pulse: Pulse) -> Checkpoint:
    container = container_at(path, pulse)
    if container in _SET_READERS:
        return _open_set(path, container, pulse)
    if path.is_dir():
        raise FileError(path, "a checkpoint", "a folder that is none by the names in it", "open it as a run")
    if container not in READERS:
        raise UnsupportedError(path, "a checkpoint", f"a file of kind {container}")
    read = reader_of(container)
    notes = Notes()
    with ByteFile(path) as file, collector_paused():
        listed = read(file, notes, pulse)
        identity = file.identity
    lister = listed.lister
    made = _facts(container, identity, lister.tensors, lister.objects, listed.names, notes)
    return Checkpoint(path, identity, made, lister.windows, lister.nodes)


def _open_set(path: Path, container: str, pulse: Pulse) -> Checkpoint:
    """A checkpoint of several files."""
    from inspector.artifacts.checkpoints.gathering import Gathering

    module, function = _SET_READERS[container].split(":")
    read: SetReader = getattr(import_module(module), function)
    notes = Notes()
    gathering = Gathering(path if path.is_dir() else path.parent, _open, notes, pulse)
    gathering.looked_at(path)
    read(path, gathering, pulse)
    identity = identity_of_all(file for where, file in gathering.files.items() if file and not where.is_dir())
    made = _facts(container, identity, gathering.tensors, gathering.objects, gathering.names, notes)
    return Checkpoint(
        path, identity, made, gathering.windows, gathering.nodes, gathering.files, missing=gathering.missing
    )


def _facts(
    container: str,
    identity: Identity,
    tensors: Iterable[TensorFacts],
    objects: dict[str, Any],
    imported: Iterable[str],
    notes: Notes,
) -> CheckpointFacts:
    names = sorted({cut(name, MAX_NAME_CHARACTERS) for name in imported})
    if len(names) > MAX_IMPORTED_NAMES:
        notes.add(f"only {MAX_IMPORTED_NAMES:,} of {len(names):,} names that it would import are listed")
    return CheckpointFacts(
        container=container,
        bytes=identity.bytes,
        tensors=tuple(tensors),
        objects=objects,
        would_import=tuple(names[:MAX_IMPORTED_NAMES]),
        notes=tuple(cut(note) for note in notes.texts()),
        limited=notes.limited,
    )

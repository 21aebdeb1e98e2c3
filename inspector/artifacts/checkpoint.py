"""Any checkpoint as its tensors and plain values, whatever the container; no numpy, no torch."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from inspector.artifacts.byte_file import ByteFile, ReadableFile
from inspector.artifacts.identity import Identity, identity_of
from inspector.artifacts.lens_torch import TensorNode
from inspector.artifacts.listing import MAX_NAME_CHARACTERS, Listed
from inspector.artifacts.node_text import cut
from inspector.artifacts.sniff import sniff
from inspector.artifacts.windows import TensorWindow
from inspector.core.errors import UnknownKindError, UnsupportedError
from inspector.core.notes import Notes
from inspector.core.pulse import QUIET, Pulse
from inspector.formats.facts import CheckpointFacts

KEPT_CHECKPOINTS = 8
"""How many opened checkpoints are remembered; 16,000 tensors take some 20 MB."""

MAX_IMPORTED_NAMES = 10_000


Reader = Callable[[ReadableFile, Notes, Pulse], Listed]

_READERS: dict[str, str] = {
    "torch-zip": "inspector.artifacts.torch_zip:read",
    "torchscript": "inspector.artifacts.torch_zip:read",
    "torch-legacy": "inspector.artifacts.torch_legacy:read",
    "safetensors": "inspector.artifacts.safetensors:read",
    "pickle": "inspector.artifacts.pickle_file:read",
}
"""Each container's reader, imported when the first such file is opened."""

_UNSUPPORTED: dict[str, str] = {
    "torch-tar": "a tar archive as torch 0.1 wrote them; load and save it once with torch",
    "torchscript-old": "a TorchScript archive of torch 1.0 to 1.3; load and save it once with torch.jit",
}


class Checkpoint:
    """An opened checkpoint, of one file or of several: its facts, and where each tensor's elements are.

    Attributes:
        path: the file or folder that was opened.
        windows: by name, also of the parts of sparse tensors; each says in which file it is; a text says why there
            is none, as the rest of a sentence that begins with the name.
    """

    __slots__ = ("_nodes", "facts", "identity", "path", "windows")

    def __init__(
        self,
        path: Path,
        identity: Identity,
        facts: CheckpointFacts,
        windows: Mapping[str, TensorWindow | str],
        nodes: Mapping[str, TensorNode] | None = None,
    ) -> None:
        self.path = path
        self.identity = identity
        self.facts = facts
        self.windows = windows
        self._nodes = nodes or {}

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
        if isinstance(window, str):
            raise UnsupportedError(self.path, f"elements of {name}", f"that it {window}")
        return window

    def details(self, name: str) -> dict[str, Any]:
        """What is known and notable of a tensor beside its facts, as plain values in reading order.

        Raises:
            UnknownKindError: there is no tensor of that name.
        """
        if name not in self.windows:
            raise UnknownKindError(self.path, f"a tensor named {name}", "none")
        from inspector.artifacts.tensor_details import details_of

        return details_of(name, self.windows, self._nodes)


_opened: OrderedDict[tuple[Path, Identity], Checkpoint] = OrderedDict()


def opened(path: Path, pulse: Pulse = QUIET) -> Checkpoint:
    """Open a checkpoint, or give the one opened before if the file is still the same.

    Raises:
        DamagedError: it breaks off, or contradicts itself beyond reading.
        LimitError: reading it would take more than the limits allow.
        UnsupportedError: it is of a container that is not read.
        MissingError: it is not there, or may not be read.
    """
    path = path.absolute()
    key = (path, identity_of(path))
    known = _opened.get(key)
    if known is not None:
        _opened.move_to_end(key)
        return known
    checkpoint = _open(path, pulse)
    _opened[path, checkpoint.identity] = checkpoint
    while len(_opened) > KEPT_CHECKPOINTS:
        _opened.popitem(last=False)
    return checkpoint


def facts(path: Path, pulse: Pulse = QUIET) -> CheckpointFacts:
    """What `info` prints of a checkpoint; raises as `opened`."""
    return opened(path, pulse).facts


def _open(path: Path, pulse: Pulse) -> Checkpoint:
    container = sniff(path).container
    if container in _UNSUPPORTED:
        raise UnsupportedError(path, "a checkpoint of torch 1.6 or later", _UNSUPPORTED[container])
    if container not in _READERS:
        raise UnsupportedError(path, "a checkpoint", f"a file of kind {container}")
    module, function = _READERS[container].split(":")
    read: Reader = getattr(import_module(module), function)
    notes = Notes()
    with ByteFile(path) as file:
        listed = read(file, notes, pulse)
        identity = file.identity
    names = sorted({cut(name, MAX_NAME_CHARACTERS) for name in listed.names})
    if len(names) > MAX_IMPORTED_NAMES:
        notes.add(f"only {MAX_IMPORTED_NAMES:,} of {len(names):,} names that it would import are listed")
    made = CheckpointFacts(
        container=container,
        bytes=identity.bytes,
        tensors=tuple(listed.lister.tensors),
        objects=listed.lister.objects,
        would_import=tuple(names[:MAX_IMPORTED_NAMES]),
        notes=tuple(cut(note) for note in notes.texts()),
    )
    return Checkpoint(path, identity, made, listed.lister.windows, listed.lister.nodes)

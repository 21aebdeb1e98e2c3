"""One checkpoint put together from several files."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from pathlib import Path
from typing import Any, Protocol

import msgspec

from inspector.artifacts.checkpoints.paths import below
from inspector.artifacts.identity import Identity, stamp_of
from inspector.artifacts.pickles.lens_torch import TensorNode
from inspector.artifacts.pickles.node_text import cut
from inspector.artifacts.reading_limits import limits_of
from inspector.artifacts.tensors.windows import TensorWindow, Unreadable
from inspector.core.errors import FileError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.texts import clean
from inspector.formats.facts import CheckpointFacts, TensorFacts

MAX_TENSORS = 500_000


class Part(Protocol):
    """A checkpoint as it is needed here: of one file, or put together itself."""

    @property
    def path(self) -> Path:
        """The file or folder."""
        ...

    @property
    def facts(self) -> CheckpointFacts:
        """What it holds."""
        ...

    @property
    def windows(self) -> Mapping[str, TensorWindow | Unreadable]:
        """Where its tensors are."""
        ...

    @property
    def nodes(self) -> Mapping[str, TensorNode]:
        """What its pickles say of tensors."""
        ...

    @property
    def files(self) -> Mapping[Path, Identity | None]:
        """What it was read from."""
        ...


class Gathering:
    """Collects what several files hold.

    Args:
        root: the folder that the files are named after in notes.
        open_part: opens one file or folder.

    Attributes:
        files: what was looked at, with its identity then; None where nothing was there.
        missing: as `Checkpoint.missing`.
        names: what unpickling the files would import.
    """

    def __init__(self, root: Path, open_part: Callable[[Path, Pulse], Part], notes: Notes, pulse: Pulse) -> None:
        self.root = root
        self.notes = notes
        self.tensors: list[TensorFacts] = []
        self.windows: dict[str, TensorWindow | Unreadable] = {}
        self.nodes: dict[str, TensorNode] = {}
        self.objects: dict[str, Any] = {}
        self.missing: dict[str, str] = {}
        self.names: set[str] = set()
        self.files: dict[Path, Identity | None] = {}
        self._read: dict[tuple[int, int], Path] = {}
        self._open_part = open_part
        self._pulse = pulse
        self._most_objects = limits_of(pulse).objects

    def label(self, path: Path) -> str:
        """A file's name in notes."""
        return clean(str(path.relative_to(self.root)) if path.is_relative_to(self.root) else path.name)

    @property
    def is_full(self) -> bool:
        """Whether no more tensors are listed."""
        return len(self.tensors) >= MAX_TENSORS

    def same_as(self, path: Path) -> Path | None:
        """The path by which the same file was read before, under whatever name."""
        stamp = stamp_of(path)
        found = self._read.get((stamp.device, stamp.inode)) if stamp is not None else None
        return found if found != path else None

    def looked_at(self, path: Path) -> bool:
        """Remember a file as it is now; whether there is one."""
        self.files[path] = stamp_of(path)
        return self.files[path] is not None

    def opened(self, path: Path) -> Part | None:
        """One file or folder, opened; None and a note where it cannot be."""
        self._pulse.beat(len(self.files), 0, f"reading {path.name}")
        self.looked_at(path)
        try:
            part = self._open_part(path, self._pulse)
        except FileError as error:
            advice = f"; {error.advice}" if error.advice else ""
            self.notes.add(f"{self.label(path)}: {error.mismatch}{advice}")
            return None
        self.files.update(part.files)
        self._read.update({(one.device, one.inode): where for where, one in part.files.items() if one is not None})
        self.names.update(part.facts.would_import)
        self.notes.limited |= part.facts.limited
        for note in part.facts.notes:
            self.notes.add(f"{self.label(path)}: {note}")
        return part

    def add(self, path: Path, prefix: str = "", role: str = "") -> Part | None:
        """Everything that a file holds, its names below a prefix.

        Args:
            path: of the file or folder.
            prefix: without its dot; left out where all names begin with it already.
            role: of all its tensors; where empty, each keeps its own.
        """
        part = self.opened(path)
        if part is None:
            return None
        if prefix and part.windows and all(name.startswith(f"{prefix}.") for name in part.windows) and path.is_dir():
            prefix = ""
        self.add_tensors(part, prefix, role)
        for name, value in part.facts.objects.items():
            self.add_object(below(prefix, name), value)
        return part

    def add_settings(self, path: Path, prefix: str, left_out: str = "") -> dict[str, Any]:
        """The values of a settings file, below a prefix; what they are by dotted path.

        Args:
            path: of the file.
            prefix: without its dot.
            left_out: what lies below this path stays out.
        """
        from inspector.artifacts.settings import settings_file

        self.looked_at(path)
        try:
            facts = settings_file.facts(path, self._pulse)
        except FileError as error:
            self.notes.add(f"{self.label(path)}: {error.mismatch}")
            return {}
        for note in facts.notes:
            self.notes.add(f"{self.label(path)}: {note}")
        values = {
            name: value for name, value in facts.values.items() if not left_out or not name.startswith(f"{left_out}.")
        }
        for name, value in values.items():
            self.add_object(below(prefix, name), value)
        return values

    def add_tensors(self, part: Part, prefix: str = "", role: str = "", but: Container[str] = ()) -> None:
        """The tensors of an opened file, but for some."""
        for tensor in part.facts.tensors:
            if tensor.name in but:
                continue
            name = below(prefix, tensor.name)
            self.add_tensor(
                msgspec.structs.replace(tensor, name=name, role=role or tensor.role), part.windows[tensor.name]
            )
        for name, window in part.windows.items():  # parts of sparse tensors are no tensors of their own
            if name not in but:
                self.windows.setdefault(below(prefix, name), named(window, below(prefix, name)))
        for name, node in part.nodes.items():
            self.nodes.setdefault(below(prefix, name), node)

    def add_tensor(self, facts: TensorFacts, window: TensorWindow | Unreadable) -> bool:
        """One tensor; False and a note where one of that name is there already."""
        if facts.name in self.windows:
            self.notes.add(f"{cut(facts.name, 200)} is there twice; the first one is shown")
            return False
        if self.is_full:
            self.notes.add(f"only the first {MAX_TENSORS:,} tensors are listed")
            return False
        self.tensors.append(facts)
        self.windows[facts.name] = named(window, facts.name)
        return True

    def add_object(self, name: str, value: Any) -> None:
        """One plain value; of a repeated name the first one stays."""
        if len(self.objects) >= self._most_objects:
            self.notes.limit(f"only the first {self._most_objects:,} plain values are listed")
            return
        self.objects.setdefault(name, value)


def named(window: TensorWindow | Unreadable, name: str) -> TensorWindow | Unreadable:
    """The window under another name."""
    if isinstance(window, Unreadable) or window.name == name:
        return window
    return msgspec.structs.replace(window, name=name)

"""A tree of nodes told as a list of tensors and a table of plain values, each by its dotted path."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice, repeat
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from inspector.artifacts.byte_file import Memory
from inspector.artifacts.checkpoints.lazy_bits import as_read
from inspector.artifacts.checkpoints.paths import MAX_NAME_CHARACTERS, are_segments, joined, segment_of
from inspector.artifacts.identity import Identity
from inspector.artifacts.pickles.lens_numpy import ArrayNode, array_of
from inspector.artifacts.pickles.lens_torch import TensorNode, tensor_of, tensor_of_array
from inspector.artifacts.pickles.lens_values import Mapping, Plain, Sequence, is_module
from inspector.artifacts.pickles.lenses import seen
from inspector.artifacts.pickles.node_text import Scalar, cut, scalar, text_of
from inspector.artifacts.pickles.nodes import MAX_ENTRIES, Call, Dict, PersistentId, Set, Span, attributes_of, pairs_of
from inspector.artifacts.reading_limits import limits_of
from inspector.artifacts.tensors.tensor_roles import role_of
from inspector.artifacts.tensors.windows import Storage, TensorWindow, Unreadable, item_bytes_of, misfit, storage_at
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.formats.facts import TensorFacts

FoundStorage = tuple[Storage, str] | Unreadable
"""A storage and its element type, or why there is none."""

NOT_READ = Unreadable("keeps its elements in a way that is not read", "unread")
"""Why a tensor that refers to something other than a storage has no window."""

MAX_REPEATS = 1_000
"""How often the same container is listed under other names; a few lists that share one another make billions."""

MAX_DEPTH = 200
MAX_LISTED_ITEMS = 1_000
LARGEST_BYTES = 2**63
"""No tensor has so many."""

ITEMS_A_VISIT = 256
"""So many items of a long list cost as much as one value of its own."""

NAME_CHARACTERS = 8
"""Characters of names count an eighth of those of values: they are cut, and most begin alike."""

_BEAT_VISITS = 256
_LOOKED_AT = 10_000
_SCALARS = frozenset(Scalar)
_STRINGS = {str}
_CONTAINERS = frozenset((list, tuple, Dict, Set))
_MODULE_PARTS = {"_parameters": True, "_buffers": False, "_modules": None}
"""Where an nn.Module keeps its tensors, and whether those are parameters."""


Children = Iterator[tuple[Any, Any, bool | None]]
"""What hangs below a node: key, node, and whether a parameter."""


class _Level(NamedTuple):
    """The children of one node that are still to be listed; `owner` begins their names."""

    owner: str
    children: Children
    node_id: int


class Listed(msgspec.Struct, frozen=True):
    """What the reader of a container gives: what hangs below its roots, and the names that it would import."""

    lister: Lister
    names: tuple[str, ...]


class Lister:
    """Collects what hangs below a root.

    Args:
        find_storage: gives the storage that a tensor's node refers to.
        byteorder: of the elements in this file's storages; numpy arrays say their own.

    Attributes:
        tensors: in the order of the file, parents before children.
        windows: by name, also of the parts of sparse tensors; or why there is none.
        objects: plain values by dotted path, JSON-able.
        nodes: what the pickle says of each tensor, by name.
        roots: what was walked, each with its prefix.
    """

    def __init__(
        self,
        path: Path,
        identity: Identity,
        find_storage: Callable[[Any], FoundStorage],
        notes: Notes,
        pulse: Pulse,
        byteorder: str = "little",
    ) -> None:
        self.tensors: list[TensorFacts] = []
        self.windows: dict[str, TensorWindow | Unreadable] = {}
        self.objects: dict[str, Any] = {}
        self.nodes: dict[str, TensorNode] = {}
        self.roots: list[tuple[str, Any]] = []
        self.byteorder = byteorder
        self._path = path
        self._identity = identity
        self._find_storage = find_storage
        self._notes = notes
        self._pulse = pulse
        self._limits = limits_of(pulse)
        self._characters = 0
        self._visits = 0
        self._beat_at = 0
        self._full = False
        self._numbers: Counter[str] = Counter()
        self._lacking: dict[str, list[str]] = {}
        self._bare = True

    @property
    def visits(self) -> int:
        """How many values were looked at."""
        return self._visits

    def walk(self, root: Any, prefix: str = "") -> None:
        """Add everything below a node, and say once of each reason which tensors have no elements for it."""
        self._walk(root, prefix)
        for reason, names in self._lacking.items():
            more = f"; so it is with {len(names) - 1:,} more" if len(names) > 1 else ""
            self._notes.add(f"{cut(names[0], 200)} {reason}{more}")
        self._lacking.clear()

    def _walk(self, root: Any, prefix: str) -> None:
        """Depth first, without recursion."""
        self._bare = _is_bare(root)
        self.roots.append((prefix, root))
        open_nodes: set[int] = set()
        repeats: Counter[int] = Counter()
        # Each level's children wait as an iterator: their names are joined, and their nodes seen, one by one.
        levels = [_Level("", iter(((prefix, root, None),)), 0)]
        while levels:
            owner, children, node_id = levels[-1]
            child = next(children, None)
            if child is None:
                open_nodes.discard(node_id)
                levels.pop()
                continue
            key, node, parameter = child
            name = f"{owner}{key}"
            self._characters += len(name) // NAME_CHARACTERS
            if not self._go_on(1):
                return
            below = self._take(name, node, len(levels) > 1 and type(key) is str, parameter)
            if below is None:
                continue
            if len(levels) > MAX_DEPTH:
                self._notes.add(f"{cut(name, 80)} and what else lies deeper than {MAX_DEPTH} levels is left out")
                continue
            repeats[id(node)] += 1
            if repeats[id(node)] > MAX_REPEATS:
                self._notes.add(f"what is shared more than {MAX_REPEATS:,} times is left out from then on")
                continue
            if id(node) in open_nodes:
                self._notes.add(f"{cut(name, 80)} contains itself")
                continue
            open_nodes.add(id(node))
            levels.append(_Level(f"{name}." if name else "", below, id(node)))

    def _go_on(self, visits: int) -> bool:
        """Count work that is done or about to be; whether there may be more."""
        self._visits += visits
        if self._visits >= self._beat_at:
            self._beat_at = self._visits + _BEAT_VISITS
            self._pulse.beat(self._visits, 0, "listing tensors")
        if self._visits <= self._limits.visits and self._characters <= self._limits.text_characters:
            return True
        if not self._full:
            self._full = True
            told = f"{len(self.tensors):,} tensors and {len(self.objects):,} plain values are listed, not all"
            self._notes.limit(told)
        return False

    def _take(self, name: str, node: Any, keyed: bool, parameter: bool | None) -> Children | None:
        """Record one node; what hangs below it, None where nothing does."""
        if type(node) is Call or type(node) is PersistentId:
            tensor = tensor_of(node)
            if tensor is None:
                array = array_of(node)
                if array is not None and array.shape != () and type(array.data) is not list:
                    tensor = tensor_of_array(array)
                elif array is not None and type(array.data) is list:
                    node = array.data
            if tensor is not None and self._add_tensor(name, tensor, keyed, parameter):
                attributes = attributes_of(tensor.attributes) if tensor.attributes else None
                return ((segment_of(key), value, None) for key, value in attributes) if attributes else None
        view = seen(node)
        if isinstance(view, Plain):
            self.add_object(name, view.value)
            return None
        if isinstance(view, Sequence):
            return self._add_sequence(name, view.items)
        return self._add_mapping(name, view, parameter)

    def _add_sequence(self, name: str, items: Any) -> Children | None:
        self._go_on(len(items) // ITEMS_A_VISIT)
        kinds = set(map(type, islice(items, MAX_ENTRIES)))
        if kinds <= _SCALARS:
            if len(items) <= MAX_LISTED_ITEMS:
                self.add_object(name, [scalar(item) for item in items])
            else:
                self.add_object(name, f"{len(items):,} items: {text_of(items[:8])[1:-1]}, …")
            self._characters += min(len(items), MAX_LISTED_ITEMS)
            return None
        if len(items) <= MAX_LISTED_ITEMS and kinds.isdisjoint(_CONTAINERS):
            values = _plain_values(items)
            if values is not None:
                self.add_object(name, values)
                return None
        self._say_if_cut(name, items)
        return ((i, item, None) for i, item in enumerate(islice(items, MAX_ENTRIES)))

    def _say_if_cut(self, name: str, items: Any) -> None:
        if len(items) >= MAX_ENTRIES:
            self._notes.add(f"only the first {MAX_ENTRIES:,} entries of {cut(name, 80)} are looked at")

    def _add_mapping(self, name: str, view: Mapping, parameter: bool | None) -> Children | None:
        self._go_on(len(view.pairs) // ITEMS_A_VISIT)
        self._say_if_cut(name, view.pairs)
        if is_module(view):
            return self._add_module(name, view)
        if view.class_name:
            self.add_object(joined(name, "__class__"), cut(view.class_name, MAX_NAME_CHARACTERS))
        elif not view.pairs:
            self.add_object(name, {})
        if not view.pairs:
            return None
        keys = [key for key, _ in view.pairs]
        if set(map(type, keys)) == _STRINGS and len(set(keys)) == len(keys):
            segments = keys if are_segments(keys) else map(segment_of, keys)
            return zip(segments, [value for _, value in view.pairs], repeat(parameter))
        found: dict[tuple[type, str], tuple[str, Any, bool | None]] = {}
        for i, (key, value) in enumerate(view.pairs):
            if i % _BEAT_VISITS == 0:
                self._pulse.beat(self._visits, 0, "listing tensors")
            segment = segment_of(key)
            if (type(key), segment) in found and not view.class_name:
                self._notes.add(f"the key {cut(joined(name, segment), 200)} is set twice; the later value counts")
            found[type(key), segment] = (segment, value, parameter)
        return iter(found.values())

    def _add_module(self, name: str, view: Mapping) -> Children | None:
        """A whole module: named as its state dict would name it."""
        parts = {key: value for key, value in view.pairs if type(key) is str and key in _MODULE_PARTS}
        self.add_object(joined(name, "__class__"), cut(view.class_name, MAX_NAME_CHARACTERS))
        children: list[tuple[Any, Any, bool | None]] = []
        for part, parameter in _MODULE_PARTS.items():
            entries = seen(parts.get(part))
            if isinstance(entries, Mapping):
                children.extend(
                    (segment_of(key), value, parameter) for key, value in entries.pairs if value is not None
                )
        for key, value in view.pairs:
            empty = value is None or value == () or (type(value) is Dict and not value.flat)
            hidden = type(key) is str and key.startswith("_")
            if not (type(key) is str and key in _MODULE_PARTS) and not empty and not hidden:
                children.append((segment_of(key), value, None))
        return iter(children) if children else None

    def add_object(self, name: str, value: Any) -> None:
        """Record a plain value, unless there are too many."""
        if len(self.objects) >= self._limits.objects or self._characters > self._limits.text_characters:
            self._notes.limit(f"only the first {len(self.objects):,} plain values are listed")
            return
        self._characters += len(name) + (len(value) if isinstance(value, str) else 0)
        self.objects[self._unused(name, self.objects)] = value

    def _add_tensor(self, name: str, tensor: TensorNode, keyed: bool, parameter: bool | None) -> bool:
        """Record a tensor; False where its numbers make none."""
        found = self.storage_of(tensor)
        dtype = tensor.dtype or self._dtype_of(found) or (self._part_dtype(tensor.parts[-1][1]) if tensor.parts else "")
        item_bytes = item_bytes_of(dtype) or (tensor.storage.item_bytes if type(tensor.storage) is ArrayNode else 0)
        size = math.prod(tensor.shape) * item_bytes
        if size >= LARGEST_BYTES or not dtype:
            return False
        name = self._unused(name, self.windows)
        keyed = keyed and (self._bare or "." in name)
        parameter = tensor.parameter if tensor.parameter is not None else parameter
        role = role_of(name, dtype, parameter=parameter, keyed=keyed)
        self.tensors.append(TensorFacts(name=name, shape=tensor.shape, dtype=dtype, bytes=size, role=role))
        self.windows[name] = self._window(name, tensor, found, dtype, item_bytes)
        self.nodes[name] = tensor
        for part, node in tensor.parts:
            part_name = self._unused(joined(name, part), self.windows)
            part_dtype = self._part_dtype(node)
            self.windows[part_name] = self._window(
                part_name, node, self.storage_of(node), part_dtype, item_bytes_of(part_dtype)
            )
        return True

    @staticmethod
    def _dtype_of(found: FoundStorage) -> str:
        return found[1] if isinstance(found, tuple) else ""

    def _part_dtype(self, part: TensorNode) -> str:
        return part.dtype or self._dtype_of(self.storage_of(part))

    def storage_of(self, tensor: TensorNode) -> FoundStorage:
        """Where a tensor's elements are; asked while the file is open."""
        storage = tensor.storage
        if storage is None:
            if tensor.parts:
                names = ", ".join(part for part, _ in tensor.parts)
                return Unreadable(f"is {tensor.sort}: open its parts {names}", "unread")
            return Unreadable(f"has no elements in the file ({tensor.sort})", "unwritten")
        return array_storage(storage) if type(storage) is ArrayNode else self._find_storage(storage)

    def _window(
        self, name: str, tensor: TensorNode, found: FoundStorage, dtype: str, item_bytes: int
    ) -> TensorWindow | Unreadable:
        if isinstance(found, Unreadable):
            if tensor.storage is not None:
                self._lacking.setdefault(found.reason, []).append(name)
            return found
        storage, _ = found
        byteorder = tensor.storage.byteorder if type(tensor.storage) is ArrayNode else self.byteorder
        if tensor.notable:
            read = as_read(storage, tensor, self._path, self._identity, item_bytes, byteorder)
            if isinstance(read, Unreadable):
                self._notes.add(f"{cut(name, 200)} {read.reason}")
                return read
            storage = read
        wrong = misfit(tensor.shape, tensor.strides, tensor.offset, item_bytes, storage.plain_bytes)
        if wrong is not None:
            self._notes.add(f"{cut(name, 200)} {wrong.reason}")
            return wrong
        return TensorWindow(
            path=self._path,
            identity=self._identity,
            name=name,
            dtype=dtype,
            shape=tensor.shape,
            strides=tensor.strides,
            offset=tensor.offset,
            item_bytes=item_bytes,
            storage=storage,
            byteorder=byteorder,
        )

    def _unused(self, name: str, taken: dict[str, Any]) -> str:
        if name not in taken:
            return name
        self._notes.add(f"two values are both named {cut(name, 200)}; the second is shown with a number")
        while True:
            self._numbers[name] += 1
            numbered = f"{name}#{self._numbers[name] + 1}"
            if numbered not in taken:
                return numbered


def array_storage(array: ArrayNode) -> FoundStorage:
    """The storage of a numpy array: in the file where its bytes stand there as they are, else in memory."""
    needed = math.prod(array.shape) * array.item_bytes
    data = array.data
    if not array.item_bytes or data is None or type(data) is list:
        return Unreadable("holds objects, not numbers", "unread")
    if type(data) is Span:
        place = data.source.place(data.start)
        packing = "latin1" if data.text else "plain"
        if place is not None:
            size = needed if data.text else data.length
            return Storage(place, size, data.length, packing), array.dtype  # type: ignore[arg-type]  # a Literal
        raw = data.read(data.length)
        data = raw.decode("utf-8", "replace").encode("latin-1", "replace") if data.text else raw
    return storage_at(Memory(data), 0, len(data)), array.dtype


def _is_bare(root: Any) -> bool:
    """Whether a root is a state dict itself: it holds tensors, and no dictionaries."""
    pairs = root.flat if type(root) is Dict else root.pairs if type(root) is Call else None
    return not any(
        type(value) in (Dict, list) or (type(value) is Call and tensor_of(value) is None and value.pairs)
        for _, value in islice(pairs_of(pairs), _LOOKED_AT)
    )


def _plain_values(items: Any) -> list[Any] | None:
    """The items as values; None where one of them is more than that."""
    values: list[Any] = []
    for item in items:
        view = seen(item) if tensor_of(item) is None else None
        if not isinstance(view, Plain):
            return None
        values.append(view.value)
    return values

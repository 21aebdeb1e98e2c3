"""A tree of nodes told as a list of tensors and a table of plain values, each by its dotted path."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from inspector.artifacts.byte_file import Memory
from inspector.artifacts.identity import Identity
from inspector.artifacts.lens_numpy import ArrayNode, array_of
from inspector.artifacts.lens_torch import TensorNode, attributes_of, tensor_of, tensor_of_array
from inspector.artifacts.lens_values import Mapping, Plain, Sequence
from inspector.artifacts.lenses import seen
from inspector.artifacts.node_text import TEXT_CHARACTERS, Scalar, clean, cut, scalar, text_of
from inspector.artifacts.nodes import Call, Dict, PersistentId, Set, Span, pairs_of
from inspector.artifacts.tensor_roles import role_of
from inspector.artifacts.windows import Storage, TensorWindow, item_bytes_of, misfit, storage_at
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.formats.facts import TensorFacts

FoundStorage = tuple[Storage, str] | str
"""A storage and its element type, or the rest of a sentence that says why there is none."""

MAX_VISITS = 250_000
MAX_REPEATS = 1_000
"""How often the same container is listed under other names; a few lists that share one another make billions."""

MAX_DEPTH = 200
MAX_OBJECTS = 20_000
MAX_TEXT_CHARACTERS = 8_000_000
MAX_LISTED_ITEMS = 1_000
MAX_NAME_CHARACTERS = 1_024
LARGEST_BYTES = 2**63

_BEAT_VISITS = 4096
_SCALARS = frozenset(Scalar)
_STRINGS = {str}
_CONTAINERS = frozenset((list, tuple, Dict, Set))
_MODULE_PARTS = {"_parameters": True, "_buffers": False, "_modules": None}
"""Where an nn.Module keeps its tensors, and whether those are parameters."""


class Listed(NamedTuple):
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
        windows: by name, also of the parts of sparse tensors; a text says why there is none.
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
        self.windows: dict[str, TensorWindow | str] = {}
        self.objects: dict[str, Any] = {}
        self.nodes: dict[str, TensorNode] = {}
        self.roots: list[tuple[str, Any]] = []
        self.byteorder = byteorder
        self._path = path
        self._identity = identity
        self._find_storage = find_storage
        self._notes = notes
        self._pulse = pulse
        self._characters = 0
        self._visits = 0
        self._bare = True

    def walk(self, root: Any, prefix: str = "") -> None:
        """Add everything below a node, depth first, without recursion."""
        self._bare = _is_bare(root)
        self.roots.append((prefix, root))
        open_nodes: set[int] = set()
        repeats: Counter[int] = Counter()
        pending: list[tuple[str, Any, int, bool, bool | None]] = [(prefix, root, 0, False, None)]
        while pending:
            name, node, depth, keyed, parameter = pending.pop()
            if depth < 0:  # everything below this node is done
                open_nodes.discard(node)
                continue
            self._visits += 1
            if self._visits % _BEAT_VISITS == 0:
                self._pulse.beat(self._visits, 0, "listing tensors")
            if self._visits > MAX_VISITS or self._characters > MAX_TEXT_CHARACTERS * 8:
                self._notes.add(f"limit reached: only the first {MAX_VISITS:,} values are listed")
                return
            children = self._take(name, node, keyed, parameter)
            if not children:
                continue
            if depth >= MAX_DEPTH:
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
            pending.append(("", id(node), -1, False, None))
            keyed = type(children[0][0]) is str
            prefix = f"{name}." if name else ""
            children.reverse()
            pending.extend([(f"{prefix}{key}", child, depth + 1, keyed, flag) for key, child, flag in children])
            self._characters += len(children) * len(name)

    def _take(self, name: str, node: Any, keyed: bool, parameter: bool | None) -> list[tuple[Any, Any, bool | None]]:
        """Record one node; what hangs below it as (key, node, whether a parameter)."""
        if type(node) is Call or type(node) is PersistentId:
            tensor = tensor_of(node)
            if tensor is None:
                array = array_of(node)
                if array is not None and array.shape != () and type(array.data) is not list:
                    tensor = tensor_of_array(array)
                elif array is not None and type(array.data) is list:
                    node = array.data
            if tensor is not None and self._add_tensor(name, tensor, keyed, parameter):
                return [(_segment(key), value, None) for key, value in attributes_of(tensor.attributes)]
        view = seen(node)
        if isinstance(view, Plain):
            self.add_object(name, view.value)
            return []
        if isinstance(view, Sequence):
            return self._add_sequence(name, view.items)
        return self._add_mapping(name, view, parameter)

    def _add_sequence(self, name: str, items: Any) -> list[tuple[Any, Any, bool | None]]:
        kinds = set(map(type, items))
        if kinds <= _SCALARS:
            if len(items) <= MAX_LISTED_ITEMS:
                self.add_object(name, [scalar(item) for item in items])
            else:
                self.add_object(name, f"{len(items):,} items: {text_of(items[:8])[1:-1]}, …")
            self._characters += len(items)
            return []
        if len(items) <= MAX_LISTED_ITEMS and kinds.isdisjoint(_CONTAINERS):
            views = [seen(item) for item in items if tensor_of(item) is None]
            plain = [view.value for view in views if isinstance(view, Plain)]
            if len(plain) == len(items):
                self.add_object(name, plain)
                return []
        return [(i, item, None) for i, item in enumerate(items)]

    def _add_mapping(self, name: str, view: Mapping, parameter: bool | None) -> list[tuple[Any, Any, bool | None]]:
        if view.class_name:
            parts = {key: value for key, value in view.pairs if type(key) is str and key in _MODULE_PARTS}
            if "_parameters" in parts and "_modules" in parts:
                return self._add_module(name, view, parts)
            self.add_object(_joined(name, "__class__"), cut(view.class_name, MAX_NAME_CHARACTERS))
        elif not view.pairs:
            self.add_object(name, {})
        keys = [key for key, _ in view.pairs]
        if set(map(type, keys)) == _STRINGS and len(set(keys)) == len(keys):
            return [(_segment(key), value, parameter) for key, value in view.pairs]
        found: dict[tuple[type, str], tuple[str, Any, bool | None]] = {}
        for key, value in view.pairs:
            segment = _segment(key)
            if (type(key), segment) in found and not view.class_name:
                self._notes.add(f"the key {cut(_joined(name, segment), 200)} is set twice; the later value counts")
            found[type(key), segment] = (segment, value, parameter)
        return list(found.values())

    def _add_module(self, name: str, view: Mapping, parts: dict[str, Any]) -> list[tuple[Any, Any, bool | None]]:
        """A whole module: named as its state dict would name it."""
        self.add_object(_joined(name, "__class__"), cut(view.class_name, MAX_NAME_CHARACTERS))
        children: list[tuple[Any, Any, bool | None]] = []
        for part, parameter in _MODULE_PARTS.items():
            entries = seen(parts.get(part))
            if isinstance(entries, Mapping):
                children.extend((_segment(key), value, parameter) for key, value in entries.pairs if value is not None)
        for key, value in view.pairs:
            empty = value is None or value == () or (type(value) is Dict and not value.flat)
            hidden = type(key) is str and key.startswith("_")
            if not (type(key) is str and key in _MODULE_PARTS) and not empty and not hidden:
                children.append((_segment(key), value, None))
        return children

    def add_object(self, name: str, value: Any) -> None:
        """Record a plain value, unless there are too many."""
        if len(self.objects) >= MAX_OBJECTS or self._characters > MAX_TEXT_CHARACTERS:
            self._notes.add(f"only the first {len(self.objects):,} plain values are listed")
            return
        self._characters += len(name) + (len(value) if isinstance(value, str) else 0)
        self.objects[self._unused(name, self.objects)] = value

    def _add_tensor(self, name: str, tensor: TensorNode, keyed: bool, parameter: bool | None) -> bool:
        """Record a tensor; False where its numbers make none."""
        found = self.storage_of(tensor)
        dtype = tensor.dtype or (found[1] if isinstance(found, tuple) else "")
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
            part_name = self._unused(_joined(name, part), self.windows)
            part_dtype = node.dtype
            self.windows[part_name] = self._window(
                part_name, node, self.storage_of(node), part_dtype, item_bytes_of(part_dtype)
            )
        return True

    def storage_of(self, tensor: TensorNode) -> FoundStorage:
        """Where a tensor's elements are; asked while the file is open."""
        storage = tensor.storage
        if storage is None:
            if tensor.parts:
                names = ", ".join(part for part, _ in tensor.parts)
                return f"is {tensor.sort}: open its parts {names}"
            return f"has no elements in the file ({tensor.sort})"
        return array_storage(storage) if type(storage) is ArrayNode else self._find_storage(storage)

    def _window(
        self, name: str, tensor: TensorNode, found: FoundStorage, dtype: str, item_bytes: int
    ) -> TensorWindow | str:
        if isinstance(found, str):
            if tensor.storage is not None:
                self._notes.add(f"{cut(name, 200)} {found}")
            return found
        storage, _ = found
        wrong = misfit(tensor.shape, tensor.strides, tensor.offset, item_bytes, storage.plain_bytes)
        if wrong:
            self._notes.add(f"{cut(name, 200)} {wrong}")
            return wrong
        is_array = type(tensor.storage) is ArrayNode
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
            byteorder=tensor.storage.byteorder if is_array else self.byteorder,
        )

    def _unused(self, name: str, taken: dict[str, Any]) -> str:
        if name not in taken:
            return name
        self._notes.add(f"two values are both named {cut(name, 200)}; the second is shown with a number")
        number = 2
        while f"{name}#{number}" in taken:
            number += 1
        return f"{name}#{number}"


def array_storage(array: ArrayNode) -> FoundStorage:
    """The storage of a numpy array: in the file where its bytes stand there as they are, else in memory."""
    needed = math.prod(array.shape) * array.item_bytes
    data = array.data
    if not array.item_bytes or data is None or type(data) is list:
        return "holds objects, not numbers"
    if type(data) is Span:
        place = data.source.place(data.start)
        packing = "latin1" if data.text else "plain"
        if place is not None:
            size = needed if data.text else data.length
            return Storage(place, size, data.length, packing), array.dtype  # type: ignore[arg-type]  # a Literal
        raw = data.read(data.length)
        data = raw.decode("utf-8", "replace").encode("latin-1", "replace") if data.text else raw
    return storage_at(Memory(data), 0, len(data)), array.dtype


def _joined(name: str, key: Any) -> str:
    return f"{name}.{key}" if name else str(key)


def _segment(key: Any) -> str:
    """A dictionary's key as a part of a dotted path."""
    if type(key) is str:
        return key if len(key) <= MAX_NAME_CHARACTERS and key.isascii() else cut(key, MAX_NAME_CHARACTERS)
    if type(key) is bytes and len(key) <= MAX_NAME_CHARACTERS:
        return clean(key.decode("utf-8", "backslashreplace"))
    view = seen(key)
    return str(view.value) if isinstance(view, Plain) else cut(text_of(key), TEXT_CHARACTERS)


def _is_bare(root: Any) -> bool:
    """Whether a root is a state dict itself: it holds tensors, and no dictionaries."""
    pairs = root.flat if type(root) is Dict else root.pairs if type(root) is Call else None
    return not any(
        type(value) in (Dict, list) or (type(value) is Call and tensor_of(value) is None and value.pairs)
        for _, value in pairs_of(pairs)
    )

"""The inert tree of a checkpoint as plain values and tensors, and what became of everything else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from inspector.artifacts.byte_file import Memory
from inspector.artifacts.clean.clean_tensors import Left, TensorWriter, strided
from inspector.artifacts.clean.module_state import module_entries
from inspector.artifacts.clean.pickle_writer import LARGEST_INTEGER_BYTES, integer_bytes
from inspector.artifacts.clean.told import NAME_CHARACTERS, Told
from inspector.artifacts.clean.torch_values import Entries, Fixed
from inspector.artifacts.pickles.lens_numpy import array_of, bytes_of, scalar_of
from inspector.artifacts.pickles.lens_torch import tensor_of, tensor_of_array
from inspector.artifacts.pickles.lens_values import Mapping, Plain, Sequence, is_module
from inspector.artifacts.pickles.lenses import seen
from inspector.artifacts.pickles.node_text import Scalar, text_of
from inspector.artifacts.pickles.nodes import Call, Dict, Global, Set, Span, attributes_of, class_of, pairs_of
from inspector.artifacts.tensors.dtypes import ITEM_BYTES
from inspector.artifacts.tensors.windows import Storage
from inspector.core.pulse import Pulse

MAX_VALUES = 20_000_000
MAX_DEPTH = 1_000
"""Deeper values are left out: Python compares, prints and copies what it loads by recursion."""

MAX_TEXT_BYTES = 64_000_000

_BEAT_VALUES = 1_000
_KEY_DEPTH = 8
_ORDERED = "collections.OrderedDict"
_OCTETS = frozenset(f"{module}.{name}" for module in ("builtins", "__builtin__") for name in ("bytes", "bytearray"))


class _Task(NamedTuple):
    """A node that is still to be put at a place of a list; the depth is -1 where its children are done."""

    name: str
    node: Any
    slots: list[Any]
    place: int
    depth: int


class CleanTree:
    """Turns the trees of one file into values that a clean checkpoint may hold.

    Attributes:
        tensors: how many tensors were kept.
        values: how many plain values.
        changed: what became another value.
        left_out: what is None in the copy, or not there.
    """

    def __init__(self, tensors: TensorWriter, pulse: Pulse) -> None:
        self.tensors = 0
        self.values = 0
        self.changed = Told()
        self.left_out = Told()
        self._writer = tensors
        self._pulse = pulse
        self._made: dict[int, Any] = {}
        self._kept: list[Any] = []  # keeps what was made here alive, and so its id its own
        self._pending: list[_Task] = []
        self._open: set[int] = set()
        self._visits = 0

    def value_of(self, root: Any, name: str = "") -> Any:
        """The value of a tree, without recursion.

        Raises:
            LimitError: the copy would be too large.
        """
        slots: list[Any] = [None]
        self._pending.append(_Task(name, root, slots, 0, 0))
        while self._pending:
            task = self._pending.pop()
            if task.depth < 0:
                self._open.discard(id(task.node))
                continue
            self._visits += 1
            if self._visits % _BEAT_VALUES == 0:
                self._pulse.beat(self._visits, 0, "reading values")
            if self._visits > MAX_VALUES:
                self.left_out.add(task.name, "and what follows", because=f"more than {MAX_VALUES:,} values")
                self._pending.clear()
                break
            task.slots[task.place] = self._value(task)
        return slots[0]

    def _value(self, task: _Task) -> Any:
        node = task.node
        kind = type(node)
        if kind in Scalar:
            return self._scalar(task.name, node)
        known = self._made.get(id(node))
        if type(known) is Fixed and id(node) in self._open:
            self.left_out.add(task.name, "tuple", because="it contains itself")
            return None
        if known is None:
            known = self._container(task)
            if type(known) in (list, Entries, Fixed) or kind is Call:
                self._made[id(node)] = known
        return known

    def _scalar(self, name: str, value: Any) -> Any:
        self.values += 1
        if type(value) is int and integer_bytes(value) > LARGEST_INTEGER_BYTES:
            self.changed.add(name, "int", "str", "it is larger than weights_only loads")
            return text_of(value)
        return value

    def _container(self, task: _Task) -> Any:
        node, name = task.node, task.name
        kind = type(node)
        if kind is Call:
            return self._call(task)
        if kind is list:
            return self._sequence(task, node)
        if kind is tuple:
            return self._fixed(task, node)
        if kind is Dict:
            return self._mapping(task, pairs_of(node.flat))
        if kind is Set:
            self.changed.add(name, "frozenset" if node.frozen else "set", "list")
            return self._sequence(task, node.items)
        if kind is bytes or kind is Span:
            return self._octets(name, node)
        return self._text(name, node)

    def _text(self, name: str, node: Any) -> str:
        self.values += 1
        self.changed.add(name, node.path if type(node) is Global else type(node).__name__, "str")
        return text_of(node)

    def _octets(self, name: str, data: Any) -> Any:
        """Bytes as a tensor, as they are; long text as text."""
        if type(data) is Span and data.text:
            if data.length > MAX_TEXT_BYTES:
                self.left_out.add(name, "str", because=f"it has {data.length:,} bytes")
                return None
            self.values += 1
            return data.read(data.length).decode("utf-8", "replace")
        source, start = (Memory(data), 0) if type(data) is bytes else (data.source, data.start)
        size = len(data) if type(data) is bytes else data.length
        storage = self._writer.storage_out(Storage(start, size, size, source=source), "uint8")
        self.changed.add(name, "bytes", "tensor")
        self.tensors += 1
        return strided(storage, "uint8", (size,), (1,), 0)

    def _children(self, task: _Task, names: Iterable[str], nodes: list[Any], slots: list[Any], step: int) -> None:
        """Put off a container's items: they go to every `step`-th place, the last one first."""
        if task.depth >= MAX_DEPTH:
            self.left_out.add(task.name, "what is in it", because=f"it lies deeper than {MAX_DEPTH:,} levels")
            return
        self._open.add(id(task.node))
        self._pending.append(_Task("", task.node, slots, 0, -1))
        first = step - 1
        tasks = [
            _Task(name, node, slots, first + i * step, task.depth + 1)
            for i, (name, node) in enumerate(zip(names, nodes, strict=True))
        ]
        tasks.reverse()
        self._pending.extend(tasks)

    def _sequence(self, task: _Task, items: Any) -> list[Any]:
        made: list[Any] = [None] * len(items)
        self._children(task, (_joined(task.name, i) for i in range(len(items))), list(items), made, 1)
        return made

    def _fixed(self, task: _Task, items: Any) -> Fixed:
        return Fixed(self._sequence(task, items))

    def _mapping(self, task: _Task, pairs: Iterable[tuple[Any, Any]], *, ordered: bool = False) -> Entries:
        flat: list[Any] = []
        names: list[str] = []
        nodes: list[Any] = []
        texts: set[str] = set()
        for key, node in pairs:
            kept = self._key(task.name, key, texts)
            flat += (kept, None)
            names.append(_joined(task.name, kept if type(kept) is str else text_of(key)))
            nodes.append(node)
        made = Entries(flat, ordered=ordered)
        self._children(task, names, nodes, flat, 2)
        return made

    def _key(self, name: str, key: Any, texts: set[str]) -> Any:
        """A dictionary's key that can be loaded: a plain value, a tuple of such, or a text."""
        if type(key) is str:
            texts.add(key)
        plain = _plain_key(key, _KEY_DEPTH)
        if plain is not None:
            return plain.value
        view = seen(key)
        text = view.value if isinstance(view, Plain) and type(view.value) is str else text_of(key)
        self.changed.add(_joined(name, text), "a key that is no plain value", "str")
        unused, number = text, 2
        while unused in texts:
            unused, number = f"{text}#{number}", number + 1
        texts.add(unused)
        return unused

    def _call(self, task: _Task) -> Any:
        node, name = task.node, task.name
        class_ = class_of(node.func)
        path = class_.path if class_ else "an object"
        if tensor_of(node) is not None or array_of(node) is not None:
            return self._tensor(task)
        number = scalar_of(node)
        if number is not None:
            self.changed.add(name, "numpy scalar", type(number[0]).__name__)
            return self._scalar(name, number[0])
        if path in _OCTETS or path == "_codecs.encode":
            data = bytes_of(node)
            if data is not None:
                return self._octets(name, data)
        view = seen(node)
        if isinstance(view, Plain):
            self.changed.add(name, path, type(view.value).__name__)
            return self._scalar(name, view.value)
        if isinstance(view, Sequence):
            if path == "torch.Size":
                return self._fixed(task, view.items)
            self.changed.add(name, path, "list")
            return self._sequence(task, view.items)
        if path == _ORDERED:
            return self._ordered(task, view)
        if is_module(view):
            return self._module(task, view.class_name or path)
        self.changed.add(name, view.class_name or path, "dict")
        return self._mapping(task, view.pairs)

    def _module(self, task: _Task, class_name: str) -> Entries:
        """A whole module as its state dict."""
        entries, others = module_entries(task.node)
        because = f"{len(others):,} attributes that are no parameters or buffers are left out" if others else ""
        self.changed.add(task.name, class_name, "its state dict", because)
        for attribute, value in others:
            if type(value) in (Call, Dict, list, tuple):
                self.left_out.add(
                    _joined(task.name, attribute), "attribute", because="a state dict has no place for it"
                )
        return self._mapping(task, entries, ordered=True)

    def _ordered(self, task: _Task, view: Mapping) -> Entries:
        """An OrderedDict, with its attributes: torch keeps the versions of modules there."""
        attributes = [(key, value) for key, value in attributes_of(task.node.states) if type(key) is str]
        holder: list[Any] = [None]
        if attributes:
            state = Dict([part for pair in attributes for part in pair])
            self._kept.append(state)
            self._pending.append(_Task(_joined(task.name, "__dict__"), state, holder, 0, task.depth + 1))
        made = self._mapping(task, view.pairs, ordered=True)
        made.attributes = holder
        return made

    def _tensor(self, task: _Task) -> Any:
        node, name = task.node, task.name
        tensor = tensor_of(node)
        if tensor is None:
            array = array_of(node)
            assert array is not None
            number = scalar_of(node)
            if number is not None:
                self.changed.add(name, "numpy array without axes", type(number[0]).__name__)
                return self._scalar(name, number[0])
            if type(array.data) is list:
                self.changed.add(name, "numpy array of objects", "list")
                return self._sequence(task, array.data)
            tensor = tensor_of_array(array)
            if tensor.dtype in ITEM_BYTES:
                self.changed.add(name, "numpy array", "tensor")
        attributes = attributes_of(tensor.attributes)
        if tensor.sort == "wrapper subclass":
            self.changed.add(name, "tensor subclass", "dict", "it holds other tensors instead of elements")
            return self._mapping(task, attributes)
        try:
            rebuilt = self._writer.rebuilt(node, tensor)
        except Left as reason:
            self.left_out.add(name, "tensor", because=f"it {reason}")
            return None
        if type(rebuilt) is Entries:
            self.changed.add(name, f"{tensor.sort} tensor", "dict", "weights_only takes its parts alone")
        elif attributes:
            self.changed.add(name, "tensor with attributes", "tensor")
        self.tensors += 1
        return rebuilt


def _plain_key(key: Any, depth: int) -> Plain | None:
    """A key as the copy may have it; None where it is none."""
    if type(key) in Scalar and (type(key) is not int or integer_bytes(key) <= LARGEST_INTEGER_BYTES):
        return Plain(key)
    if type(key) is not tuple or not depth:
        return None
    parts = [_plain_key(part, depth - 1) for part in key]
    return Plain(Fixed([part.value for part in parts if part])) if all(parts) else None


def _joined(name: str, key: Any) -> str:
    if len(name) > NAME_CHARACTERS:
        return name
    return f"{name}.{key}" if name else str(key)

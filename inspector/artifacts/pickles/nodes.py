"""What a pickle says, as inert values.

None, bool, int, float, str, bytes, list and tuple stand for themselves; everything else is a node. No node can be
called, compared by content or hashed by content, and nothing a node names is ever looked up. The same object in the
file is the same node here, so what a file shares stays shared.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from inspector.artifacts.byte_file import Source

MAX_ATTRIBUTES = 64
"""States of one object that are looked at; unpickling sets one."""

MAX_ENTRIES = 100_000
"""More entries of one dictionary, list or object are not looked at: what a step looks at takes some 50 ms."""


class Global:
    """A name that unpickling would import, as strings; `path` is `module.Name`."""

    __slots__ = ("module", "name", "path")

    def __init__(self, module: str, name: str) -> None:
        self.module = module
        self.name = name
        self.path = f"{module}.{name}"


class Call:
    """A call that unpickling would make, and what it would do to the result.

    Attributes:
        func: what would be called, any node.
        args: its arguments, nearly always a tuple; None where an opaque node was changed without a call.
        kwargs: keyword arguments, a node, or None.
        states: what BUILD would set on the result, in order, or None.
        items: what APPEND and ADDITEMS would add, or None.
        pairs: what SETITEM would set, key and value in turn, or None.
    """

    __slots__ = ("args", "func", "items", "kwargs", "pairs", "states")

    def __init__(self, func: Any, args: Any, kwargs: Any = None) -> None:
        self.func = func
        self.args = args
        self.kwargs = kwargs
        self.states: list[Any] | None = None
        self.items: list[Any] | None = None
        self.pairs: list[Any] | None = None


class Dict:
    """A dictionary as the file wrote it: key and value in turn, repeated keys kept."""

    __slots__ = ("flat",)

    def __init__(self, flat: list[Any]) -> None:
        self.flat = flat


class Set:
    """A set or frozen set: its members as the file wrote them."""

    __slots__ = ("frozen", "items")

    def __init__(self, items: list[Any], frozen: bool) -> None:
        self.items = items
        self.frozen = frozen


class PersistentId:
    """A reference to something outside the pickle, such as a tensor's storage."""

    __slots__ = ("id",)

    def __init__(self, id_: Any) -> None:
        self.id = id_


class Span:
    """A long run of bytes or text that stays in the file until someone asks for it."""

    __slots__ = ("length", "source", "start", "text")

    def __init__(self, source: Source, start: int, length: int, text: bool) -> None:
        self.source = source
        self.start = start
        self.length = length
        self.text = text

    def read(self, limit: int) -> bytes:
        """Its first bytes, UTF-8 if it is text."""
        return self.source.read(self.start, min(limit, self.length))


class Buffer:
    """An out-of-band buffer (protocol 5) that is not in the file."""

    __slots__ = ()


class Extension:
    """A number of copyreg's extension registry."""

    __slots__ = ("code",)

    def __init__(self, code: int) -> None:
        self.code = code


class LargeInteger:
    """An integer of so many bits that it is not built."""

    __slots__ = ("bits",)

    def __init__(self, bits: int) -> None:
        self.bits = bits


def pairs_of(flat: list[Any] | None) -> Iterator[tuple[Any, Any]]:
    """Key and value of a `Dict.flat` or `Call.pairs`, the first MAX_ENTRIES of them."""
    items = iter(flat or ())
    return islice(zip(items, items, strict=False), MAX_ENTRIES)


def class_of(func: Any) -> Global | None:
    """The class or function that a call names, also where a file of torch before 1.6 keeps its source beside it."""
    if type(func) is Global:
        return func
    if type(func) is PersistentId and type(func.id) is tuple and len(func.id) > 1 and type(func.id[1]) is Global:
        return func.id[1]
    return None


def attributes_of(states: tuple[Any, ...] | list[Any] | None) -> list[tuple[Any, Any]]:
    """The attributes that BUILD would set: of a dictionary, or of the pair (dictionary, slots)."""
    found: list[tuple[Any, Any]] = []
    for state in (states or ())[:MAX_ATTRIBUTES]:
        for part in state if type(state) is tuple and len(state) == 2 else (state,):
            if type(part) is Dict:
                found.extend(pairs_of(part.flat))
    return found

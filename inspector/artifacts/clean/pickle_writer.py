"""Pickles of plain values and tensors, written opcode by opcode in protocol 2, of which `weights_only` knows a part.

Source: Lib/pickletools.py (opcodes), torch/_weights_only_unpickler.py (those that it takes).
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import Any, ClassVar

from inspector.artifacts.clean.torch_values import ALLOWED, UNTYPED, Entries, Fixed, Name, Rebuilt, StorageOut
from inspector.core.pulse import QUIET, Pulse

LARGEST_INTEGER_BYTES = 255
"""A longer integer takes an opcode that `weights_only` does not know."""

_REMEMBERED_CHARACTERS = 200
"""A longer text is hardly there twice."""

_BEAT_VALUES = 10_000
_BINARY_FLOAT = Struct(">d")
_PROTOCOL, _STOP = b"\x80\x02", b"."
_MARK, _APPENDS, _SETITEMS, _TUPLE, _REDUCE, _BUILD = b"(", b"e", b"u", b"t", b"R", b"b"
_EMPTY_LIST, _EMPTY_DICT, _EMPTY_TUPLE = b"]", b"}", b")"
_NONE, _TRUE, _FALSE, _FLOAT, _TEXT, _GLOBAL, _PERSISTENT_ID = b"N", b"\x88", b"\x89", b"G", b"X", b"c", b"Q"
_INT8, _INT16, _INT32, _LONG = b"K", b"M", b"J", b"\x8a"
_PUT8, _PUT32, _GET8, _GET32 = b"q", b"r", b"h", b"j"


class Pickler:
    """Writes one pickle, without recursion; what is the same object in the tree is the same in the pickle."""

    def __init__(self, pulse: Pulse = QUIET) -> None:
        self._pulse = pulse
        self._out = bytearray(_PROTOCOL)
        self._places: dict[int, int] = {}
        self._words: dict[str, int] = {}
        self._open: set[int] = set()
        self._count = 0
        self._pending: list[tuple[bytes, Any]] = []

    def pickled(self, root: Any) -> bytes:
        """The pickle of a value.

        Raises:
            ValueError: it holds something that may not stand in a clean checkpoint.
        """
        self._later(root)
        values = 0
        while self._pending:
            opcode, value = self._pending.pop()
            if opcode:
                self._out += opcode
                if value is not None:
                    self._remember(value)
                continue
            values += 1
            if values % _BEAT_VALUES == 0:
                self._pulse.beat(values, 0, "writing values")
            self._write(value)
        return bytes(self._out + _STOP)

    def _later(self, value: Any) -> None:
        self._pending.append((b"", value))

    def _then(self, opcode: bytes, remembered: Any = None) -> None:
        """An opcode that follows what is put off after this call."""
        self._pending.append((opcode, remembered))

    def _write(self, value: Any) -> None:
        kind = type(value)
        if kind in _SCALARS:
            self._out += _SCALARS[kind](value)
        elif kind is str:
            self._text(value)
        elif id(value) in self._places:
            self._get(self._places[id(value)])
        else:
            write = self._WRITERS.get(kind)
            if write is None:
                raise ValueError(f"{kind.__name__} cannot stand in a clean checkpoint")
            write(self, value)

    def _list(self, value: list[Any]) -> None:
        self._out += _EMPTY_LIST
        self._remember(value)
        self._items(value, _APPENDS)

    def _entries(self, value: Entries) -> None:
        if value.ordered:
            self._global("collections.OrderedDict")
            self._out += _EMPTY_TUPLE + _REDUCE
        else:
            self._out += _EMPTY_DICT
        self._remember(value)
        if value.attributes is not None and type(value.attributes[0]) is Entries:
            self._then(_BUILD)
            self._later(value.attributes[0])
        self._items(value.flat, _SETITEMS)

    def _items(self, items: list[Any], opcode: bytes) -> None:
        """What goes into the container on the stack; comes before all that was put off."""
        if items:
            self._out += _MARK
            self._then(opcode)
            self._pending.extend([(b"", item) for item in reversed(items)])

    def _fixed(self, value: Fixed) -> None:
        if not value.items:
            self._out += _EMPTY_TUPLE
            return
        if id(value) in self._open:
            raise ValueError("a tuple that contains itself cannot stand in a clean checkpoint")
        self._open.add(id(value))
        self._out += _MARK
        self._then(_TUPLE, value)
        self._pending.extend([(b"", item) for item in reversed(value.items)])

    def _rebuilt(self, value: Rebuilt) -> None:
        self._global(value.path)
        self._then(_REDUCE, value)
        self._later(value.args)

    def _name(self, value: Name) -> None:
        self._global(value.path)

    def _storage(self, value: StorageOut) -> None:
        self._out += _MARK
        self._text("storage")
        self._global(f"torch.storage.{UNTYPED}" if value.class_name == UNTYPED else f"torch.{value.class_name}")
        for text in (value.key, "cpu"):
            self._text(text)
        self._out += _integer(value.elements) + _TUPLE + _PERSISTENT_ID

    def _global(self, path: str) -> None:
        if path not in ALLOWED:
            raise ValueError(f"{path} may not stand in a clean checkpoint")
        word = f"\n{path}"  # no text that is remembered: those are words of the file
        if not self._get_word(word):
            module, _, name = path.rpartition(".")
            self._out += _GLOBAL + f"{module}\n{name}\n".encode("ascii")
            self._put_word(word)

    def _text(self, text: str) -> None:
        if self._get_word(f"'{text}"):
            return
        data = text.encode("utf-8", "surrogatepass")
        self._out += _TEXT + len(data).to_bytes(4, "little") + data
        if len(text) <= _REMEMBERED_CHARACTERS:
            self._put_word(f"'{text}")

    def _get_word(self, word: str) -> bool:
        place = self._words.get(word)
        if place is not None:
            self._get(place)
        return place is not None

    def _put_word(self, word: str) -> None:
        self._words[word] = self._put()

    def _remember(self, value: Any) -> None:
        self._open.discard(id(value))
        self._places[id(value)] = self._put()

    def _put(self) -> int:
        place = self._count
        self._count += 1
        self._out += _PUT8 + bytes((place,)) if place < 256 else _PUT32 + place.to_bytes(4, "little")
        return place

    def _get(self, place: int) -> None:
        self._out += _GET8 + bytes((place,)) if place < 256 else _GET32 + place.to_bytes(4, "little")

    _WRITERS: ClassVar[dict[type, Callable[[Pickler, Any], None]]] = {
        list: _list,
        Entries: _entries,
        Fixed: _fixed,
        Rebuilt: _rebuilt,
        Name: _name,
        StorageOut: _storage,
    }


def _integer(value: int) -> bytes:
    if 0 <= value < 1 << 8:
        return _INT8 + value.to_bytes(1, "little")
    if 0 <= value < 1 << 16:
        return _INT16 + value.to_bytes(2, "little")
    if -(1 << 31) <= value < 1 << 31:
        return _INT32 + value.to_bytes(4, "little", signed=True)
    size = integer_bytes(value)
    if size > LARGEST_INTEGER_BYTES:
        raise ValueError(f"an integer of {size} bytes cannot stand in a clean checkpoint")
    return _LONG + bytes((size,)) + value.to_bytes(size, "little", signed=True)


def integer_bytes(value: int) -> int:
    """How many bytes an integer takes in two's complement."""
    return (value.bit_length() >> 3) + 1


_SCALARS: dict[type, Any] = {
    type(None): lambda _value: _NONE,
    bool: lambda value: _TRUE if value else _FALSE,
    int: _integer,
    float: lambda value: _FLOAT + _BINARY_FLOAT.pack(value),
}

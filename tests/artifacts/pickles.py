"""What the tests of pickles share: the value that nodes stand for, and streams of every opcode."""

from __future__ import annotations

import struct
from typing import Any

from inspector.artifacts.byte_file import Memory
from inspector.artifacts.pickles.nodes import (
    Buffer,
    Call,
    Dict,
    Extension,
    Global,
    LargeInteger,
    PersistentId,
    Set,
    Span,
    pairs_of,
)
from inspector.artifacts.pickles.pickle_machine import Pickled, run


def read(stream: bytes) -> Pickled:
    """Run the machine over one stream."""
    return run(Memory(stream))


def value_of(node: Any) -> Any:
    """The Python value that nodes of plain data stand for; calls become tuples that begin with "call"."""
    if isinstance(node, list | tuple):
        return type(node)(value_of(item) for item in node)
    make = _VALUES.get(type(node))
    return make(node) if make else node


def _text_or_bytes(node: Span) -> str | bytes:
    data = node.read(node.length)
    return data.decode("utf-8", "surrogatepass") if node.text else data


def _called(node: Call) -> Any:
    name, args = value_of(node.func), value_of(node.args)
    module, _, kind = name.rpartition(".")
    if name == "_codecs.encode":
        return args[0].encode("latin-1")
    if module in ("builtins", "__builtin__") and kind in _BUILT:
        return _BUILT[kind](*args)
    return ("call", name, args)


_BUILT: dict[str, Any] = {"bytearray": bytearray, "set": set, "frozenset": frozenset, "bytes": bytes}

_VALUES: dict[type, Any] = {
    Buffer: lambda _node: ("buffer",),
    Span: _text_or_bytes,
    Call: _called,
    Dict: lambda node: {value_of(key): value_of(value) for key, value in pairs_of(node.flat)},
    Set: lambda node: (frozenset if node.frozen else set)(value_of(item) for item in node.items),
    Global: lambda node: node.path,
    PersistentId: lambda node: ("reference", value_of(node.id)),
    Extension: lambda node: ("extension", node.code),
    LargeInteger: lambda node: ("large", node.bits),
}


def _u32(number: int) -> bytes:
    return struct.pack("<I", number)


def _u64(number: int) -> bytes:
    return struct.pack("<Q", number)


OPCODE_STREAMS: dict[str, tuple[bytes, Any]] = {
    "INT": (b"I42\n.", 42),
    "BININT": (b"J" + struct.pack("<i", -7) + b".", -7),
    "BININT1": (b"K\xff.", 255),
    "BININT2": (b"M\xff\xff.", 65535),
    "LONG": (b"L-123L\n.", -123),
    "LONG1": (b"\x8a\x02\xff\x7f.", 32767),
    "LONG4": (b"\x8b\x03\x00\x00\x00\x00\x00\x80.", -8388608),
    "STRING": (b"S'a\\'\\x41\\n\\101'\n.", "a'A\nA"),
    "BINSTRING": (b"T" + _u32(3) + b"abc.", "abc"),
    "SHORT_BINSTRING": (b"U\x02ab.", "ab"),
    "BINBYTES": (b"B" + _u32(2) + b"\x00\xff.", b"\x00\xff"),
    "SHORT_BINBYTES": (b"C\x01\xfe.", b"\xfe"),
    "BINBYTES8": (b"\x8e" + _u64(2) + b"hi.", b"hi"),
    "BYTEARRAY8": (b"\x96" + _u64(2) + b"hi.", bytearray(b"hi")),
    "NEXT_BUFFER": (b"\x97.", ("buffer",)),
    "READONLY_BUFFER": (b"\x97\x98.", ("buffer",)),
    "NONE": (b"N.", None),
    "NEWTRUE": (b"\x88.", True),
    "NEWFALSE": (b"\x89.", False),
    "UNICODE": (b"V\\u00e9a\n.", "éa"),
    "SHORT_BINUNICODE": (b"\x8c\x02\xc3\xa9.", "é"),
    "BINUNICODE": (b"X" + _u32(2) + b"\xc3\xa9.", "é"),
    "BINUNICODE8": (b"\x8d" + _u64(2) + b"\xc3\xa9.", "é"),
    "FLOAT": (b"F-1.5e3\n.", -1500.0),
    "BINFLOAT": (b"G" + struct.pack(">d", 0.1) + b".", 0.1),
    "EMPTY_LIST": (b"].", []),
    "APPEND": (b"]K\x01a.", [1]),
    "APPENDS": (b"](K\x01K\x02e.", [1, 2]),
    "LIST": (b"(K\x01K\x02l.", [1, 2]),
    "EMPTY_TUPLE": (b").", ()),
    "TUPLE": (b"(K\x01K\x02K\x03K\x04t.", (1, 2, 3, 4)),
    "TUPLE1": (b"K\x01\x85.", (1,)),
    "TUPLE2": (b"K\x01K\x02\x86.", (1, 2)),
    "TUPLE3": (b"K\x01K\x02K\x03\x87.", (1, 2, 3)),
    "EMPTY_DICT": (b"}.", {}),
    "DICT": (b"(K\x01K\x02d.", {1: 2}),
    "SETITEM": (b"}K\x01K\x02s.", {1: 2}),
    "SETITEMS": (b"}(K\x01K\x02K\x03K\x04u.", {1: 2, 3: 4}),
    "EMPTY_SET": (b"\x8f.", set()),
    "ADDITEMS": (b"\x8f(K\x01K\x02\x90.", {1, 2}),
    "FROZENSET": (b"(K\x01\x91.", frozenset({1})),
    "POP": (b"K\x01K\x020.", 1),
    "DUP": (b"K\x012\x86.", (1, 1)),
    "MARK": (b"K\x01(0.", 1),
    "POP_MARK": (b"K\x01(K\x02K\x031.", 1),
    "GET": (b"K\x05p7\n0g7\n.", 5),
    "BINGET": (b"K\x05q\x070h\x07.", 5),
    "LONG_BINGET": (b"K\x05r\x07\x01\x00\x000j\x07\x01\x00\x00.", 5),
    "PUT": (b"K\x05p0\n.", 5),
    "BINPUT": (b"K\x05q\x00.", 5),
    "LONG_BINPUT": (b"K\x05r\x00\x00\x00\x00.", 5),
    "MEMOIZE": (b"K\x05\x94K\x060h\x00\x86.", (5, 5)),
    "EXT1": (b"\x82\x05.", ("extension", 5)),
    "EXT2": (b"\x83\x05\x01.", ("extension", 261)),
    "EXT4": (b"\x84\x05\x00\x01\x00.", ("extension", 65541)),
    "GLOBAL": (b"cos\nsystem\n.", "os.system"),
    "STACK_GLOBAL": (b"\x8c\x02os\x8c\x06system\x93.", "os.system"),
    "REDUCE": (b"cm\nf\nK\x01\x85R.", ("call", "m.f", (1,))),
    "BUILD": (b"cm\nf\n)RK\x01b.", ("call", "m.f", ())),
    "INST": (b"(K\x01im\nf\n.", ("call", "m.f", (1,))),
    "OBJ": (b"(cm\nf\nK\x01o.", ("call", "m.f", (1,))),
    "NEWOBJ": (b"cm\nf\nK\x01\x85\x81.", ("call", "m.f", (1,))),
    "NEWOBJ_EX": (b"cm\nf\nK\x01\x85}\x92.", ("call", "m.f", (1,))),
    "PROTO": (b"\x80\x05K\x01.", 1),
    "STOP": (b"K\x01.", 1),
    "FRAME": (b"\x95" + _u64(3) + b"K\x01.", 1),
    "PERSID": (b"Pabc\n.", ("reference", "abc")),
    "BINPERSID": (b"K\x01Q.", ("reference", 1)),
}
"""A stream that uses each opcode, and what it means."""

"""What the rarer opcodes do to the registers: one function each, and the table of all 256 bytes."""

from __future__ import annotations

import re
from codecs import raw_unicode_escape_decode
from collections.abc import Callable
from struct import Struct
from typing import Any, TypeAlias

from inspector.artifacts.nodes import (
    Buffer,
    Call,
    Dict,
    Extension,
    Global,
    LargeInteger,
    PersistentId,
    Set,
)
from inspector.artifacts.pickle_state import NODE_CHARGE_BYTES, Broken, Registers

Opcode: TypeAlias = Callable[[Registers, int], int]
"""Takes the index after the opcode, gives the index after its arguments."""

HIGHEST_PROTOCOL = 5

INTEGER_BYTES = 4096
"""A longer integer is not built: one decimal line of it would cost seconds."""

OPAQUE = (Global, PersistentId, Extension, Buffer)
"""Nodes of which nothing is known, so any change to them is recorded."""

_i32 = Struct("<i").unpack_from
_u32 = Struct("<I").unpack_from
_u64 = Struct("<Q").unpack_from

_OCTAL = re.compile(rb"\s*[+-]?0[0-7]+$")
_DIGITS = re.compile(rb"\s*[+-]?[0-9]+$")
_ESCAPE = re.compile(rb"\\(\n|[\\'\"abfnrtv]|[0-7]{1,3}|x[0-9a-fA-F]{2})")
_ESCAPED = {
    b"\n": b"", b"\\": b"\\", b"'": b"'", b'"': b'"', b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r",
    b"t": b"\t", b"v": b"\v",
}  # fmt: skip


def extend(stack: list[Any], items: list[Any]) -> None:
    """What APPEND and APPENDS do to the top of the stack."""
    target = stack[-1]
    if type(target) is list:
        target.extend(items)
    elif items:
        call = _recorded(stack, "APPEND")
        if call.items is None:
            call.items = items
        else:
            call.items.extend(items)


def set_items(stack: list[Any], flat: list[Any]) -> None:
    """What SETITEM and SETITEMS do to the top of the stack."""
    if len(flat) % 2:
        raise Broken("a key has no value")
    target = stack[-1]
    if type(target) is Dict:
        target.flat.extend(flat)
    elif type(target) is list:
        _set_list_items(target, flat)
    elif flat:
        call = _recorded(stack, "SETITEM")
        if call.pairs is None:
            call.pairs = flat
        else:
            call.pairs.extend(flat)


def _set_list_items(target: list[Any], flat: list[Any]) -> None:
    for key, value in zip(flat[::2], flat[1::2], strict=True):
        if not isinstance(key, int) or not -len(target) <= key < len(target):
            raise Broken("SETITEM on a list needs an index in its range")
        target[key] = value


def _recorded(stack: list[Any], opcode: str) -> Call:
    """The call on top of the stack; an opaque node there becomes one without arguments."""
    target = stack[-1]
    if type(target) is Call:
        return target
    if isinstance(target, OPAQUE):
        stack[-1] = call = Call(target, None)
        return call
    raise Broken(f"{opcode} on a {type(target).__name__.lower()}")


def _build(registers: Registers, i: int) -> int:
    state = registers.stack.pop()
    if state is None and not isinstance(registers.stack[-1], (Call, *OPAQUE)):
        return i
    call = _recorded(registers.stack, "BUILD")
    if call.states is None:
        call.states = [state]
    else:
        call.states.append(state)
    return i


def _append(registers: Registers, i: int) -> int:
    value = registers.stack.pop()
    extend(registers.stack, [value])
    return i


def _setitem(registers: Registers, i: int) -> int:
    value = registers.stack.pop()
    key = registers.stack.pop()
    set_items(registers.stack, [key, value])
    return i


def _additems(registers: Registers, i: int) -> int:
    items = registers.unmark()
    target = registers.stack[-1]
    if type(target) is Set and not target.frozen:
        target.items.extend(items)
    elif items:
        call = _recorded(registers.stack, "ADDITEMS")
        call.items = [*(call.items or ()), *items]
    return i


def _push(registers: Registers, node: Any) -> None:
    registers.stack.append(node)
    registers.charge += NODE_CHARGE_BYTES


def _empty_dict(registers: Registers, i: int) -> int:
    _push(registers, Dict([]))
    return i


def _empty_list(registers: Registers, i: int) -> int:
    _push(registers, [])
    return i


def _empty_set(registers: Registers, i: int) -> int:
    _push(registers, Set([], frozen=False))
    return i


def _dict(registers: Registers, i: int) -> int:
    items = registers.unmark()
    if len(items) % 2:
        raise Broken("a key has no value")
    _push(registers, Dict(items))
    return i


def _list(registers: Registers, i: int) -> int:
    _push(registers, registers.unmark())
    return i


def _frozenset(registers: Registers, i: int) -> int:
    _push(registers, Set(registers.unmark(), frozen=True))
    return i


def _pop(registers: Registers, i: int) -> int:
    if registers.stack:
        registers.stack.pop()
    else:
        registers.unmark()
    return i


def _pop_mark(registers: Registers, i: int) -> int:
    registers.unmark()
    return i


def _dup(registers: Registers, i: int) -> int:
    registers.stack.append(registers.stack[-1])
    return i


def _proto(registers: Registers, i: int) -> int:
    if registers.data[i] > HIGHEST_PROTOCOL:
        raise Broken(f"pickle protocol {registers.data[i]} is not known")
    return i + 1


def _frame(_registers: Registers, i: int) -> int:
    return i + 8


def _global(registers: Registers, i: int) -> int:
    module, i = registers.line(i)
    name, i = registers.line(i)
    registers.stack.append(_named(registers, module, name))
    return i


def _named(registers: Registers, module: bytes, name: bytes) -> Global:
    if not module or not name:
        raise Broken("a name is empty")
    return registers.named(module.decode(), name.decode())


def _stack_global(registers: Registers, i: int) -> int:
    name = registers.stack.pop()
    module = registers.stack.pop()
    if type(name) is not str or type(module) is not str:
        raise Broken("STACK_GLOBAL needs two strings")
    registers.stack.append(registers.named(module, name))
    return i


def _inst(registers: Registers, i: int) -> int:
    module, i = registers.line(i)
    name, i = registers.line(i)
    node = _named(registers, module, name)
    arguments = tuple(registers.unmark())
    _push(registers, Call(node, arguments))
    return i


def _obj(registers: Registers, i: int) -> int:
    items = registers.unmark()
    if not items:
        raise Broken("OBJ has no class")
    _push(registers, Call(items[0], tuple(items[1:])))
    return i


def _newobj(registers: Registers, i: int) -> int:
    arguments = registers.stack.pop()
    registers.stack[-1] = Call(registers.stack[-1], arguments)
    registers.charge += NODE_CHARGE_BYTES
    return i


def _newobj_ex(registers: Registers, i: int) -> int:
    keywords = registers.stack.pop()
    arguments = registers.stack.pop()
    registers.stack[-1] = Call(registers.stack[-1], arguments, keywords)
    registers.charge += NODE_CHARGE_BYTES
    return i


def _get(registers: Registers, i: int) -> int:
    line, i = registers.line(i)
    registers.stack.append(registers.memo[int(_until_nul(line))])
    return i


def _put(registers: Registers, i: int) -> int:
    line, i = registers.line(i)
    number = int(_until_nul(line))
    if number < 0:
        raise Broken("a memo number is negative")
    registers.memo[number] = registers.stack[-1]
    return i


def _until_nul(line: bytes) -> bytes:
    """CPython hands these lines to C functions, which end at a zero byte."""
    return line.partition(b"\0")[0]


def _integer(text: bytes) -> int | LargeInteger:
    if _OCTAL.match(text):
        return int(text, 8)
    if len(text) > INTEGER_BYTES and _DIGITS.match(text):
        return LargeInteger(len(text) * 10 // 3)
    return int(text, 0)


def _int(registers: Registers, i: int) -> int:
    line, i = registers.line(i)
    if not line:
        raise Broken("a number is empty")
    value = _integer(_until_nul(line))
    is_bool = len(line) == 2 and value in (0, 1) if type(value) is int else False
    registers.stack.append(bool(value) if is_bool else value)
    return i


def _long(registers: Registers, i: int) -> int:
    line, i = registers.line(i)
    text = _until_nul(line.removesuffix(b"L"))
    if len(text) > INTEGER_BYTES and _DIGITS.match(text):
        registers.stack.append(LargeInteger(len(text) * 10 // 3))
    else:
        registers.stack.append(int(text, 0))
    return i


def _long_of(registers: Registers, i: int, length: int) -> int:
    if length > INTEGER_BYTES:
        registers.skip(i, length)
        registers.stack.append(LargeInteger(8 * length))
    else:
        i = registers.see(i, length)
        registers.stack.append(int.from_bytes(registers.data[i : i + length], "little", signed=True))
    return i + length


def _long1(registers: Registers, i: int) -> int:
    return _long_of(registers, i + 1, registers.data[i])


def _long4(registers: Registers, i: int) -> int:
    length = _i32(registers.data, i)[0]
    if length < 0:
        raise Broken("a length is negative")
    return _long_of(registers, i + 4, length)


def _float(registers: Registers, i: int) -> int:
    line, i = registers.line(i)
    registers.stack.append(float(_until_nul(line)))
    return i


def _persid(registers: Registers, i: int) -> int:
    line, i = registers.line(i)
    _push(registers, PersistentId(line.decode("ascii")))
    return i


def _unicode(registers: Registers, i: int) -> int:
    line, i = registers.line(i)
    _push(registers, raw_unicode_escape_decode(line)[0])
    registers.charge += len(line)
    return i


def _string(registers: Registers, i: int) -> int:
    line, i = registers.line(i)
    if len(line) < 2 or line[:1] != line[-1:] or line[:1] not in (b"'", b'"'):
        raise Broken("a string has no quotes")
    _push(registers, _python2_text(_ESCAPE.sub(_unescape, line[1:-1])))
    registers.charge += len(line)
    return i


def _unescape(match: re.Match[bytes]) -> bytes:
    code = match[1]
    if code[:1] == b"x":
        return bytes((int(code[1:], 16),))
    return _ESCAPED[code] if code in _ESCAPED else bytes((int(code, 8) & 0xFF,))


def _python2_text(data: bytes) -> str | bytes:
    """Python 2 kept text and bytes in one type; what is not UTF-8 was bytes."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def _bytes_of(registers: Registers, i: int, length: int) -> int:
    value, i = registers.payload(i, length)
    _push(registers, value)
    return i


def _python2_of(registers: Registers, i: int, length: int) -> int:
    value, i = registers.payload(i, length)
    _push(registers, _python2_text(value) if isinstance(value, bytes) else value)
    return i


def _short_binbytes(registers: Registers, i: int) -> int:
    return _bytes_of(registers, i + 1, registers.data[i])


def _binbytes(registers: Registers, i: int) -> int:
    return _bytes_of(registers, i + 4, _u32(registers.data, i)[0])


def _binbytes8(registers: Registers, i: int) -> int:
    return _bytes_of(registers, i + 8, _u64(registers.data, i)[0])


def _bytearray8(registers: Registers, i: int) -> int:
    i = _binbytes8(registers, i)
    registers.stack[-1] = Call(Global("builtins", "bytearray"), (registers.stack[-1],))
    return i


def _short_binstring(registers: Registers, i: int) -> int:
    return _python2_of(registers, i + 1, registers.data[i])


def _binstring(registers: Registers, i: int) -> int:
    length = _i32(registers.data, i)[0]
    if length < 0:
        raise Broken("a length is negative")
    return _python2_of(registers, i + 4, length)


def _binunicode8(registers: Registers, i: int) -> int:
    length = _u64(registers.data, i)[0]
    value, i = registers.text(i + 8, length)
    _push(registers, value)
    registers.charge += len(value) if type(value) is str else 0
    return i


def _extension(width: int) -> Opcode:
    def read(registers: Registers, i: int) -> int:
        code = int.from_bytes(registers.data[i : i + width], "little", signed=width == 4)
        if code <= 0:
            raise Broken("an extension number is not positive")
        _push(registers, Extension(code))
        return i + width

    return read


def _next_buffer(registers: Registers, i: int) -> int:
    _push(registers, Buffer(registers.buffers, readonly=False))
    registers.buffers += 1
    return i


def _readonly_buffer(registers: Registers, i: int) -> int:
    top = registers.stack[-1]
    if type(top) is Buffer:
        registers.stack[-1] = Buffer(top.index, readonly=True)
    return i


def unknown(registers: Registers, i: int) -> int:
    """Stands in the table for every byte that is no opcode, or that the machine's loop handles itself."""
    raise Broken(f"0x{registers.data[i - 1]:02x} is no opcode")


_RARE: dict[int, Opcode] = {
    0x30: _pop, 0x31: _pop_mark, 0x32: _dup, 0x42: _binbytes, 0x43: _short_binbytes, 0x46: _float, 0x49: _int,
    0x4C: _long, 0x50: _persid, 0x53: _string, 0x54: _binstring, 0x55: _short_binstring, 0x56: _unicode,
    0x5D: _empty_list, 0x61: _append, 0x62: _build, 0x63: _global, 0x64: _dict, 0x67: _get, 0x69: _inst, 0x6C: _list,
    0x6F: _obj, 0x70: _put, 0x73: _setitem, 0x7D: _empty_dict, 0x80: _proto, 0x81: _newobj, 0x82: _extension(1),
    0x83: _extension(2), 0x84: _extension(4), 0x8A: _long1, 0x8B: _long4, 0x8D: _binunicode8, 0x8E: _binbytes8,
    0x8F: _empty_set, 0x90: _additems, 0x91: _frozenset, 0x92: _newobj_ex, 0x93: _stack_global, 0x95: _frame,
    0x96: _bytearray8, 0x97: _next_buffer, 0x98: _readonly_buffer,
}  # fmt: skip

RARE_OPCODES: tuple[Opcode, ...] = tuple(_RARE.get(code, unknown) for code in range(256))

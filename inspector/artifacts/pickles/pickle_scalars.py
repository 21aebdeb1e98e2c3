"""What the opcodes of numbers, text and bytes push; the ones that checkpoints use most stand in the machine's loop."""

from __future__ import annotations

import re
from codecs import escape_decode, raw_unicode_escape_decode
from struct import Struct

from inspector.artifacts.pickles.nodes import Call, Global, LargeInteger
from inspector.artifacts.pickles.pickle_state import CHARACTER_BYTES, Broken, Opcode, Registers

INTEGER_BYTES = 4096
"""A longer integer is not built."""

DECIMAL_DIGITS = 1024
"""Nor is one of more digits: they cost with their square."""

MAX_ODD_ESCAPES = 100_000
"""Escapes of a line that are decoded one by one, where the line has some that mean nothing."""

_i32 = Struct("<i").unpack_from
_u32 = Struct("<I").unpack_from
_u64 = Struct("<Q").unpack_from

_OCTAL = re.compile(rb"\s*[+-]?0[0-7]+$")
_DIGITS = re.compile(rb"\s*[+-]?[0-9]+$")
_ESCAPE = re.compile(rb"\\(\n|[\\'\"abfnrtv]|[0-7]{1,3}|x[0-9a-fA-F]{2})")
_KNOWN_ESCAPES = tuple(b"\\%c" % code for code in b"\n'\"abfnrtvx0123")
"""Those of which Python's own decoder warns in no case, but for the backslash itself."""

_ESCAPED = {
    b"\n": b"", b"\\": b"\\", b"'": b"'", b'"': b'"', b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r",
    b"t": b"\t", b"v": b"\v",
}  # fmt: skip


def until_nul(line: bytes) -> bytes:
    """The part of a line before a zero byte: CPython hands these lines to C functions, which end at a zero byte."""
    return line.partition(b"\0")[0]


def _integer(text: bytes) -> int | LargeInteger:
    if _OCTAL.match(text):
        return int(text, 8)
    if len(text) > DECIMAL_DIGITS and _DIGITS.match(text):
        return LargeInteger(len(text) * 10 // 3)
    return int(text, 0)


def _int(registers: Registers, i: int) -> int:
    line, i = registers.line(i)
    if not line:
        raise Broken("a number is empty")
    value = _integer(until_nul(line))
    is_bool = len(line) == 2 and value in (0, 1) if type(value) is int else False
    registers.charge += len(line)
    registers.stack.append(bool(value) if is_bool else value)
    return i


def _long(registers: Registers, i: int) -> int:
    line, i = registers.line(i)
    text = until_nul(line.removesuffix(b"L"))
    registers.charge += len(text)
    if len(text) > DECIMAL_DIGITS and _DIGITS.match(text):
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
        registers.charge += length
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
    registers.stack.append(float(until_nul(line)))
    return i


def _unicode(registers: Registers, i: int) -> int:
    line, i = registers.line(i)
    registers.push(raw_unicode_escape_decode(line)[0])
    registers.charge += CHARACTER_BYTES * len(line)
    return i


def _string(registers: Registers, i: int) -> int:
    line, i = registers.line(i)
    if len(line) < 2 or line[:1] != line[-1:] or line[:1] not in (b"'", b'"'):
        raise Broken("a string has no quotes")
    registers.push(_python2_text(_unescaped(line[1:-1])))
    registers.charge += CHARACTER_BYTES * len(line)
    return i


def _unescaped(line: bytes) -> bytes:
    """A line of Python 2 with its escapes decoded, at once where all are known."""
    single = line.replace(b"\\\\", b"")
    escapes = single.count(b"\\")
    if escapes == sum(map(single.count, _KNOWN_ESCAPES)):
        return escape_decode(line)[0]
    if escapes > MAX_ODD_ESCAPES:
        raise Broken(f"a string has more than {MAX_ODD_ESCAPES:,} escapes, and some mean nothing")
    return _ESCAPE.sub(_unescape, line)


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
    registers.push(value)
    return i


def _python2_of(registers: Registers, i: int, length: int) -> int:
    value, i = registers.payload(i, length)
    registers.push(_python2_text(value) if isinstance(value, bytes) else value)
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
    registers.push(value)
    return i


SCALAR_OPCODES: dict[int, Opcode] = {
    0x42: _binbytes,
    0x43: _short_binbytes,
    0x46: _float,
    0x49: _int,
    0x4C: _long,
    0x53: _string,
    0x54: _binstring,
    0x55: _short_binstring,
    0x56: _unicode,
    0x8A: _long1,
    0x8B: _long4,
    0x8D: _binunicode8,
    0x8E: _binbytes8,
    0x96: _bytearray8,
}
"""By their byte."""

"""What the opcodes of containers, calls and the memo do to the registers, and the table of all 256 bytes."""

from __future__ import annotations

from typing import Any

from inspector.artifacts.pickles.nodes import (
    Buffer,
    Call,
    Dict,
    Extension,
    Global,
    PersistentId,
    Set,
)
from inspector.artifacts.pickles.pickle_scalars import SCALAR_OPCODES, until_nul
from inspector.artifacts.pickles.pickle_state import NODE_CHARGE_BYTES, Broken, Opcode, Registers

HIGHEST_PROTOCOL = 5

OPAQUE = (Global, PersistentId, Extension, Buffer)
"""Nodes of which nothing is known, so any change to them is recorded."""


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


def _empty_dict(registers: Registers, i: int) -> int:
    registers.push(Dict([]))
    return i


def _empty_list(registers: Registers, i: int) -> int:
    registers.push([])
    return i


def _empty_set(registers: Registers, i: int) -> int:
    registers.push(Set([], frozen=False))
    return i


def _dict(registers: Registers, i: int) -> int:
    items = registers.unmark()
    if len(items) % 2:
        raise Broken("a key has no value")
    registers.push(Dict(items))
    return i


def _list(registers: Registers, i: int) -> int:
    registers.push(registers.unmark())
    return i


def _frozenset(registers: Registers, i: int) -> int:
    registers.push(Set(registers.unmark(), frozen=True))
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
    registers.push(Call(node, arguments))
    return i


def _obj(registers: Registers, i: int) -> int:
    items = registers.unmark()
    if not items:
        raise Broken("OBJ has no class")
    registers.push(Call(items[0], tuple(items[1:])))
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
    registers.stack.append(registers.memo[int(until_nul(line))])
    return i


def _put(registers: Registers, i: int) -> int:
    line, i = registers.line(i)
    number = int(until_nul(line))
    if number < 0:
        raise Broken("a memo number is negative")
    registers.memo[number] = registers.stack[-1]
    return i


def _persid(registers: Registers, i: int) -> int:
    line, i = registers.line(i)
    registers.stack.append(registers.refer(line.decode("ascii")))
    return i


def _extension(width: int) -> Opcode:
    def read(registers: Registers, i: int) -> int:
        code = int.from_bytes(registers.data[i : i + width], "little", signed=width == 4)
        if code <= 0:
            raise Broken("an extension number is not positive")
        registers.push(Extension(code))
        return i + width

    return read


def _next_buffer(registers: Registers, i: int) -> int:
    registers.push(Buffer())
    return i


def _readonly_buffer(registers: Registers, i: int) -> int:
    registers.stack[-1]  # one must be there; whether it may be written to is of no matter here
    return i


def unknown(registers: Registers, i: int) -> int:
    """Stands in the table for every byte that is no opcode, or that the machine's loop handles itself."""
    raise Broken(f"0x{registers.data[i - 1]:02x} is no opcode")


_RARE: dict[int, Opcode] = {
    **SCALAR_OPCODES,
    0x30: _pop, 0x31: _pop_mark, 0x32: _dup, 0x50: _persid, 0x5D: _empty_list, 0x61: _append, 0x62: _build,
    0x63: _global, 0x64: _dict, 0x67: _get, 0x69: _inst, 0x6C: _list, 0x6F: _obj, 0x70: _put, 0x73: _setitem,
    0x7D: _empty_dict, 0x80: _proto, 0x81: _newobj, 0x82: _extension(1), 0x83: _extension(2), 0x84: _extension(4),
    0x8F: _empty_set, 0x90: _additems, 0x91: _frozenset, 0x92: _newobj_ex, 0x93: _stack_global, 0x95: _frame,
    0x97: _next_buffer, 0x98: _readonly_buffer,
}  # fmt: skip

RARE_OPCODES: tuple[Opcode, ...] = tuple(_RARE.get(code, unknown) for code in range(256))

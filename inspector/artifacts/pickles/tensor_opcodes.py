"""The opcodes that torch writes for one tensor, taken in one step; they are nearly all of a checkpoint's.

A step does what the machine's loop would do with the same bytes, opcode by opcode; where it could differ, nothing.

Source: `_reduce_ex_internal` in torch/_tensor.py and `persistent_id` in torch/serialization.py, as protocol 2 writes
what they give once the memo holds 256 values.
"""

from __future__ import annotations

import re
from functools import lru_cache
from struct import Struct
from typing import Any

from inspector.artifacts.pickles.nodes import Call
from inspector.artifacts.pickles.pickle_state import NODE_CHARGE_BYTES, Registers

_NUMBER = rb"(?:K.|M..|J...[\0-\x7f])"
_AXES = rb"(\(?" + _NUMBER + rb"{0,64}[)\x85\x86\x87t])(r....)?"
_TENSOR = re.compile(
    rb"\(h(.)(h.|j....)X(.)\0\0\0([0-9]{1,9})(r....h.)(" + _NUMBER + rb")t(r....)Q"
    rb"(" + _NUMBER + rb")" + _AXES + _AXES + rb"([\x88\x89]h.\)Rr....tr....Rr....)",
    re.DOTALL,
)
"""From the second of the two marks: ((kind, class, key, location, elements), offset, shape, strides, flag, hooks())."""

_FIXED = Struct("<xIxB xI xI xI BxB3xI2xI2xI")
"""What stands at fixed places: numbers of the memo, and the flag."""

_FIXED_OPCODES = 20
_NO_PUT = bytes(5)
_NUMBER_BYTES = {0x4B: 2, 0x4D: 3, 0x4A: 5}


def take_tensor(registers: Registers, i: int, stack: list[Any], most: int) -> tuple[int, int]:
    """Execute the opcodes of a tensor's arguments and its call, the first mark of them read already.

    Args:
        registers: of the machine, but for its stack.
        i: index after the first mark.
        stack: what stands below that mark.
        most: how many opcodes may be executed.

    Returns:
        The index after them, and how many they were; 0 where none were executed, and nothing has changed.
    """
    found = _TENSOR.match(registers.data, i, registers.soft)
    if found is None or not stack:
        return i, 0
    (kind, class_, length, digits, key_put, elements, id_put, offset, shape_text, shape_put, strides_text, strides_put,
     rest) = found.groups()  # fmt: skip
    shape, shape_opcodes = _axes(shape_text)
    strides, strides_opcodes = _axes(strides_text)
    opcodes = _FIXED_OPCODES + shape_opcodes + strides_opcodes + (shape_put is not None) + (strides_put is not None)
    fixed = b"".join((key_put, id_put, shape_put or _NO_PUT, strides_put or _NO_PUT, rest))
    (key_at, location_at, id_at, shape_at, strides_at, flag, hooks_at, made_at, arguments_at,
     tensor_at) = _FIXED.unpack(fixed)  # fmt: skip
    memo = registers.memo
    kind_at, class_at = kind[0], _number(class_)
    if (
        opcodes > most
        or not (shape_opcodes and strides_opcodes)
        or length[0] != len(digits)
        or not (kind_at in memo and class_at in memo and location_at in memo and hooks_at in memo)
    ):
        return i, 0
    # In the order of the opcodes: what one stores may be what a later one fetches.
    kind, class_ = memo[kind_at], memo[class_at]
    key = memo[key_at] = digits.decode()
    id_ = memo[id_at] = (kind, class_, key, memo[location_at], _number(elements))
    storage = registers.refer(id_)
    shape, strides = (*shape,), (*strides,)  # new ones, as the file has them
    if shape_put is not None:
        memo[shape_at] = shape
    if strides_put is not None:
        memo[strides_at] = strides
    hooks = memo[made_at] = Call(memo[hooks_at], ())
    arguments = memo[arguments_at] = (storage, _number(offset), shape, strides, flag == 0x88, hooks)
    stack[-1] = memo[tensor_at] = Call(stack[-1], arguments)
    registers.charge += 3 * NODE_CHARGE_BYTES  # the key and two calls
    return found.end(), opcodes


@lru_cache(maxsize=1024)
def _number(opcode: bytes) -> int:
    """The argument of an opcode that pushes a number, or what is stored under one."""
    return int.from_bytes(opcode[1:], "little")


@lru_cache(maxsize=1024)
def _axes(opcodes: bytes) -> tuple[tuple[int, ...], int]:
    """The numbers that opcodes make a tuple of, and how many opcodes those are; 0 where they do not."""
    marked = opcodes.startswith(b"(")
    numbers: list[int] = []
    i = int(marked)
    while i < len(opcodes) - 1:
        stop = i + _NUMBER_BYTES[opcodes[i]]
        numbers.append(_number(opcodes[i:stop]))
        i = stop
    count = len(numbers)
    end = b"t" if marked else b")\x85\x86\x87"[count : count + 1]
    return tuple(numbers), count + 1 + marked if opcodes[i:] == end else 0

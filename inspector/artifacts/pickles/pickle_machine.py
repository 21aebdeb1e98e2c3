"""An inert machine for pickles: it reads every opcode of protocols 0 to 5 and makes nodes, never objects.

Nothing that a pickle names is imported, called, compared or hashed, so nothing in it can run. Where CPython's
unpickler would stop, this one stops too, keeps what it has read, and says at which byte and why.

Source: Python's `Lib/pickletools.py` for the opcodes, `Modules/_pickle.c` for what each does to stack and memo.
"""

from __future__ import annotations

from itertools import chain, islice
from struct import Struct
from typing import Any

import msgspec

from inspector.artifacts.byte_file import Source
from inspector.artifacts.pickles.nodes import Call, Dict, Global, PersistentId
from inspector.artifacts.pickles.pickle_opcodes import RARE_OPCODES, extend, set_items, unknown
from inspector.artifacts.pickles.pickle_state import (
    CHARACTER_BYTES,
    NODE_CHARGE_BYTES,
    SPAN_TEXT_BYTES,
    Broken,
    Registers,
    TooMuch,
)
from inspector.artifacts.pickles.tensor_opcodes import take_tensor
from inspector.artifacts.reading_limits import ReadingLimits, limits_of
from inspector.core.collector import collector_paused
from inspector.core.notes import Notes
from inspector.core.pulse import QUIET, Pulse

BATCH_OPCODES = 1 << 12
"""Opcodes between two beats: some 3 ms, and 30 where all are names."""

OPCODE_CHARGE_BYTES = 72
"""What an opcode counts at least: a tuple of one, or a number and its place in a list."""

_PIECES = 64
"""In so many parts is let go of what was read and is no longer wanted: millions of values take 0.2 s together."""

LONG_TEXT_BYTES = 100
"""Longer text counts by its length too."""

STOP = 0x2E

_u16 = Struct("<H").unpack_from
_u32 = Struct("<I").unpack_from
_i32 = Struct("<i").unpack_from
_f64 = Struct(">d").unpack_from


class Pickled(msgspec.Struct, frozen=True):
    """What one pickle stream says.

    Attributes:
        root: its value, or as much of it as was read; None where nothing was.
        end: offset after its STOP, or of the opcode that could not be read.
        names: every `module.Name` that unpickling would import, in order of first use.
        problem: why reading stopped before STOP, with the byte; empty when the stream is whole.
        persistent_ids: every reference to something outside, in order.
        limited: whether it stopped at a limit, so that more could be read.
    """

    root: Any
    end: int
    names: tuple[str, ...]
    problem: str = ""
    persistent_ids: tuple[PersistentId, ...] = ()
    limited: bool = False


def run(source: Source, start: int = 0, pulse: Pulse = QUIET, limits: ReadingLimits | None = None) -> Pickled:
    """Read one pickle stream from byte `start` of a source.

    Damage and limits end the reading and are told in `Pickled.problem`.

    Raises:
        WorkCancelled: someone no longer wants the result.
    """
    limits = limits or limits_of(pulse)
    registers = Registers(source, start)
    i, stopped, opcodes, problem, limited = 0, False, 0, "", False
    with collector_paused():
        try:
            while not stopped:
                pulse.beat(registers.base + i, source.size, "reading a pickle")
                _check(registers, opcodes, limits)
                i, stopped, done = _batch(registers, i)
                opcodes += done
            root, end = registers.stack[-1], registers.base + i
        except Broken as broken:
            root, end = _partial(registers), registers.failed_at
            problem, limited = f"{broken} (byte {end:,})", isinstance(broken, TooMuch)
    names = tuple(node.path for node in registers.globals.values())
    _empty(registers, pulse)
    return Pickled(root, end, names, problem, tuple(registers.persistent_ids), limited)


def _empty(registers: Registers, pulse: Pulse) -> None:
    """Let go of what is no part of the value, a part between two beats."""
    left = [*registers.memo.values(), *chain.from_iterable((*registers.metastack, registers.stack))]
    registers.memo, registers.metastack, registers.stack = {}, [], []
    piece = len(left) // _PIECES + 1
    while left:
        del left[-piece:]
        pulse.beat(what="reading a pickle")


def note_problem(pickled: Pickled, what: str, notes: Notes) -> None:
    """Say that a pickle is read only in part, where it is."""
    if pickled.problem:
        notes.add(f"{what} is read only in part: {pickled.problem}")
        notes.limited |= pickled.limited


def _check(registers: Registers, opcodes: int, limits: ReadingLimits) -> None:
    registers.failed_at = registers.base
    charged = registers.charge + opcodes * OPCODE_CHARGE_BYTES + len(registers.memo) * NODE_CHARGE_BYTES
    if opcodes > limits.opcodes:
        raise TooMuch(f"limit reached: more than {limits.opcodes:,} opcodes")
    if charged > limits.charged_bytes:
        raise TooMuch(f"limit reached: its values would take more than {limits.charged_bytes:,} bytes")
    if len(registers.stack) > limits.stack or len(registers.metastack) > limits.stack:
        raise TooMuch(f"limit reached: more than {limits.stack:,} values or marks wait on the stack")


def _batch(registers: Registers, i: int) -> tuple[int, bool, int]:  # noqa: C901, PLR0912, PLR0915 - one loop, registers in locals
    """Execute up to BATCH_OPCODES from index `i`, or until another window is seen.

    Gives the next index, whether STOP was met, and how many opcodes count.

    The opcodes that make up nearly all of a checkpoint stand here, by how often they come; the rest in a table.
    """
    data, end, soft, base = registers.data, registers.end, registers.soft, registers.base
    stack, metastack, memo = registers.stack, registers.metastack, registers.memo
    op = STOP
    left = iter(range(1, BATCH_OPCODES + 1))
    try:
        for done in left:
            if i >= soft:
                i = registers.next_opcode(i)
                if registers.base != base:
                    registers.stack = stack
                    return i, False, 0
                data, end, soft = registers.data, registers.end, registers.soft
            op = data[i]
            i += 1
            if op == 0x72:  # LONG_BINPUT
                memo[_u32(data, i)[0]] = stack[-1]
                i += 4
            elif op == 0x4B:  # BININT1
                stack.append(data[i])
                i += 1
            elif op == 0x68:  # BINGET
                stack.append(memo[data[i]])
                i += 1
            elif op == 0x94:  # MEMOIZE
                memo[len(memo)] = stack[-1]
            elif op == 0x28:  # MARK
                if i < soft and data[i] == 0x28:
                    i, taken = take_tensor(registers, i, stack, BATCH_OPCODES - done)
                    if taken:
                        next(islice(left, taken, taken), None)
                        continue
                metastack.append(stack)
                stack = []
            elif op == 0x74:  # TUPLE
                items = tuple(stack)
                stack = metastack.pop()
                stack.append(items)
            elif op == 0x52:  # REDUCE
                last = stack.pop()
                stack[-1] = Call(stack[-1], last)
                registers.charge += NODE_CHARGE_BYTES
            elif op == 0x29:  # EMPTY_TUPLE
                stack.append(())
            elif op == 0x86:  # TUPLE2
                last = stack.pop()
                stack[-1] = (stack[-1], last)
            elif op == 0x58 or op == 0x8C:  # noqa: PLR1714 - BINUNICODE, SHORT_BINUNICODE; a tuple would be slower
                if op == 0x58:
                    start = i + 4
                    stop = start + _u32(data, i)[0]
                else:
                    start = i + 1
                    stop = start + data[i]
                registers.charge += NODE_CHARGE_BYTES
                if stop > end or stop - start > SPAN_TEXT_BYTES:
                    text, i = registers.text(start, stop - start)
                    stack.append(text)
                    if registers.base != base:
                        registers.stack = stack
                        return i, False, 0
                else:
                    if stop - start > LONG_TEXT_BYTES:
                        registers.charge += CHARACTER_BYTES * (stop - start)
                    stack.append(data[start:stop].decode("utf-8", "surrogatepass"))
                    i = stop
            elif op == 0x51:  # BINPERSID
                stack[-1] = registers.refer(stack[-1])
            elif op == 0x89:  # NEWFALSE
                stack.append(False)
            elif op == 0x6A:  # LONG_BINGET
                stack.append(memo[_u32(data, i)[0]])
                i += 4
            elif op == 0x4D:  # BININT2
                stack.append(_u16(data, i)[0])
                i += 2
            elif op == 0x4E:  # NONE
                stack.append(None)
            elif op == 0x71:  # BINPUT
                memo[data[i]] = stack[-1]
                i += 1
            elif op == 0x4A:  # BININT
                stack.append(_i32(data, i)[0])
                i += 4
            elif op == 0x75:  # SETITEMS
                pending = stack
                stack = metastack.pop()
                set_items(stack, pending)
            elif op == 0x65:  # APPENDS
                pending = stack
                stack = metastack.pop()
                extend(stack, pending)
            elif op == 0x85:  # TUPLE1
                stack[-1] = (stack[-1],)
            elif op == 0x87:  # TUPLE3
                last = stack.pop()
                middle = stack.pop()
                stack[-1] = (stack[-1], middle, last)
            elif op == 0x47:  # BINFLOAT
                stack.append(_f64(data, i)[0])
                i += 8
            elif op == 0x88:  # NEWTRUE
                stack.append(True)
            elif op == STOP:
                stack[-1]
                registers.stack = stack
                return i, True, 0
            else:
                registers.stack = stack
                i = RARE_OPCODES[op](registers, i)
                stack = registers.stack
                if registers.base != base:
                    return i, False, 0
    except (Broken, IndexError, KeyError, ValueError, MemoryError) as error:
        if RARE_OPCODES[op] is unknown:
            registers.stack = stack
        # Whatever fails does so before the index moves on from the byte after the opcode.
        place = error.place if isinstance(error, Broken) else None
        registers.failed_at = base + i - 1 if place is None else place
        raise Broken(_reason(error)) from None
    registers.stack = stack
    return i, False, BATCH_OPCODES


def _reason(error: Exception) -> str:
    if isinstance(error, Broken):
        return str(error)
    if isinstance(error, IndexError):
        return "an opcode takes more than the stack holds"
    if isinstance(error, KeyError):
        return f"nothing was stored under memo number {error.args[0]}"
    if isinstance(error, MemoryError):
        return "a value is larger than memory"
    return "text is not UTF-8" if isinstance(error, UnicodeDecodeError) else "a number cannot be read"


def _partial(registers: Registers) -> Any:
    """The outermost value as far as it was built: what waits above each mark is put into the container below it."""
    stack = registers.stack
    for outer in reversed(registers.metastack):
        pending, stack = stack, outer
        target = stack[-1] if stack else None
        if type(target) is list:
            target.extend(pending)
        elif isinstance(target, Dict):
            _put(target.flat, pending)
        elif type(target) is Call and pending:
            target.pairs = target.pairs or []
            _put(target.pairs, pending)
    # an object, and the state that BUILD would have set
    if len(stack) == 2 and type(stack[0]) is Call and type(stack[1]) is Dict and stack[0].states is None:
        stack[0].states = [stack[1]]
    return stack[0] if stack else None


def _put(flat: list[Any], pending: list[Any]) -> None:
    """Add what is a whole key and value; a class or function still waiting for its arguments is no value."""
    if len(pending) % 2:
        pending.pop()
    elif pending and type(pending[-1]) is Global:
        del pending[-2:]
    flat.extend(pending)

"""The registers of the pickle machine, and the window through which it sees its stream."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from inspector.artifacts.byte_file import Source
from inspector.artifacts.pickles.nodes import Global, PersistentId, Span

WINDOW_BYTES = 1 << 20
"""How much of a stream is in memory at once; a longer string takes a longer window."""

SPAN_BYTES = 4096
"""Longer byte strings stay in the file; text does from SPAN_TEXT_BYTES."""

SPAN_TEXT_BYTES = 1 << 16

LINE_BYTES = 1 << 23
"""The longest argument that ends with a newline (protocol 0)."""

NODE_CHARGE_BYTES = 100
"""What a container, a call, a string or a memo entry counts against the limit, beside its content."""

NAME_CHARGE_BYTES = 5_000
"""What a name that would be imported counts: files have some hundred, and they are sorted and shown."""

CHARACTER_BYTES = 4
"""What a character may take in memory."""

FIXED_ARGUMENT_BYTES = {
    0x2E: 0, 0x28: 0, 0x30: 0, 0x31: 0, 0x32: 0, 0x47: 8, 0x4A: 4, 0x4B: 1, 0x4D: 2, 0x68: 1, 0x6A: 4, 0x71: 1,
    0x72: 4, 0x80: 1, 0x82: 1, 0x83: 2, 0x84: 4, 0x8A: 1, 0x8B: 4, 0x8C: 1, 0x8D: 8, 0x8E: 8, 0x42: 4, 0x43: 1,
    0x54: 4, 0x55: 1, 0x58: 4, 0x95: 8, 0x96: 8,
}  # fmt: skip
"""Bytes that must follow an opcode: its number, or the length of what follows."""

LONGEST_ARGUMENT_BYTES = 8


class Broken(Exception):  # noqa: N818 - it ends the reading, and is told as a note
    """The stream cannot be read on; the text says why, `place` where, if not in the opcode being executed."""

    def __init__(self, reason: str, place: int | None = None) -> None:
        super().__init__(reason)
        self.place = place


class TooMuch(Broken):
    """The stream could be read on, and what it holds is more than the limits allow."""


class Registers:
    """What the machine holds between two opcodes.

    Attributes:
        stack: objects since the innermost mark; `metastack` holds the stacks below, one a mark.
        memo: by number, a dictionary so that a large number costs nothing.
        data: the window; `base` is its first byte's place in the stream, `end` its length.
        soft: index from which an opcode and its fixed argument might not be whole.
        charge: bytes counted against the limit.
        failed_at: where in the stream reading stopped, once it has.
    """

    __slots__ = (
        "base", "charge", "data", "end", "failed_at", "globals", "memo", "metastack",
        "persistent_ids", "soft", "source", "stack",
    )  # fmt: skip

    def __init__(self, source: Source, start: int) -> None:
        self.source = source
        self.stack: list[Any] = []
        self.metastack: list[list[Any]] = []
        self.memo: dict[int, Any] = {}
        self.globals: dict[tuple[str, str], Global] = {}
        self.persistent_ids: list[PersistentId] = []
        self.charge = 0
        self.base = start
        self.data = b""
        self.end = 0
        self.soft = 0
        self.failed_at = start

    def see(self, i: int, count: int) -> int:
        """Make `count` bytes from index `i` visible; their new index."""
        if i + count <= self.end:
            return i
        self.skip(i, count)
        place = self.base + i
        self.base = place
        self.data = self.source.read(place, max(WINDOW_BYTES, count + LONGEST_ARGUMENT_BYTES + 1))
        self.end = len(self.data)
        self.soft = self.end - LONGEST_ARGUMENT_BYTES
        if self.end < count:
            raise Broken("the file became shorter while it was read")
        return 0

    def next_opcode(self, i: int) -> int:
        """Make the opcode at index `i` and its fixed argument visible; its new index."""
        place = self.base + i
        left = self.source.size - place
        if left <= 0:
            raise Broken("the stream breaks off", place)
        i = self.see(i, min(left, LONGEST_ARGUMENT_BYTES + 1))
        need = FIXED_ARGUMENT_BYTES.get(self.data[i], 0)
        if need >= left:
            raise Broken("the stream breaks off inside an opcode", place)
        return i

    def skip(self, i: int, count: int) -> None:
        """Check that `count` bytes from index `i` are there, without seeing them."""
        left = self.source.size - self.base - i
        if count > left:
            raise Broken(f"{count:,} bytes are declared and {max(0, left):,} are left")

    def payload(self, i: int, length: int) -> tuple[bytes | Span, int]:
        """The `length` bytes from index `i`, left in the file when they are many, and the index after them."""
        if length > SPAN_BYTES:
            self.skip(i, length)
            return Span(self.source, self.base + i, length, text=False), i + length
        i = self.see(i, length)
        self.charge += length
        return self.data[i : i + length], i + length

    def text(self, i: int, length: int) -> tuple[str | Span, int]:
        """As `payload`, of UTF-8."""
        if length > SPAN_TEXT_BYTES:
            self.skip(i, length)
            return Span(self.source, self.base + i, length, text=True), i + length
        i = self.see(i, length)
        self.charge += CHARACTER_BYTES * length
        return self.data[i : i + length].decode("utf-8", "surrogatepass"), i + length

    def line(self, i: int) -> tuple[bytes, int]:
        """The bytes from index `i` to the next newline, and the index after it."""
        count = 256
        left = self.source.size - self.base - i
        while True:
            count = min(count, left, LINE_BYTES)
            i = self.see(i, count) if count else i
            stop = self.data.find(b"\n", i, i + count)
            if stop >= 0:
                return self.data[i:stop], stop + 1
            if count >= left:
                raise Broken("the stream breaks off inside a line")
            if count >= LINE_BYTES:
                raise Broken(f"a line is longer than {LINE_BYTES:,} bytes")
            count *= 16

    def unmark(self) -> list[Any]:
        """What was pushed since the innermost mark, which goes."""
        if not self.metastack:
            raise Broken("there is no mark")
        items = self.stack
        self.stack = self.metastack.pop()
        return items

    def push(self, node: Any) -> None:
        """Put a value that takes memory on the stack."""
        self.stack.append(node)
        self.charge += NODE_CHARGE_BYTES

    def refer(self, id_: Any) -> PersistentId:
        """The node of a reference to something outside the pickle."""
        node = PersistentId(id_)
        self.persistent_ids.append(node)
        self.charge += NODE_CHARGE_BYTES
        return node

    def named(self, module: str, name: str) -> Global:
        """The node of a global name, one for all its uses."""
        key = (module, name)
        node = self.globals.get(key)
        if node is None:
            node = self.globals[key] = Global(module, name)
            self.charge += NAME_CHARGE_BYTES + 2 * CHARACTER_BYTES * (len(module) + len(name))
        return node


Opcode: TypeAlias = Callable[[Registers, int], int]
"""Takes the index after the opcode, gives the index after its arguments."""

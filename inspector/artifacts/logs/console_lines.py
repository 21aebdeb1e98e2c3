"""Console bytes that come in any fragments, cut into lines as a terminal shows them."""

from __future__ import annotations

import re

HEAD_BYTES = 64 * 1024
"""Held of a console line at most; the rest of a longer one is counted and passed over."""

_EPOCH_LABEL = re.compile(rb"[^\w\n]{0,20}(?:[Ee]poch|EPOCH)\W{0,3}(\d+)")

Line = tuple[int, int, bytes]
"""One line as a terminal would show it: where its shown bytes begin and end, and at most HEAD_BYTES of them."""


class ConsoleLines:
    """Cuts bytes into lines as a terminal shows them.

    A progress bar rewrites its line behind carriage returns; its last state stays. A bar that goes on to another
    epoch begins a new line, where the writer only sent a carriage return.

    Attributes:
        folded: states that were overwritten.
    """

    __slots__ = ("_before", "_head", "_offset", "_start", "folded")

    def __init__(self) -> None:
        self.folded = 0
        self._offset = 0
        self._start = 0
        self._head = b""
        self._before: Line | None = None

    def take(self, data: bytes) -> list[Line]:
        """The lines that end in these bytes."""
        found: list[Line] = []
        first, *others = data.split(b"\n")
        self._take_states(first, found)
        if not others:
            return found
        *others, last = others
        self._newline(found)
        if b"\r" in data:
            for part in others:
                if b"\r" in part:
                    self._take_states(part, found)
                    self._newline(found)
                else:
                    end = self._offset + len(part)
                    found.append((self._offset, end, part[:HEAD_BYTES]))
                    self._start = self._offset = end + 1
        else:
            start = self._offset
            for part in others:
                end = start + len(part)
                found.append((start, end, part[:HEAD_BYTES]))
                start = end + 1
            self._start = self._offset = start
        self._take_states(last, found)
        return found

    def skip(self, count: int) -> None:
        """Pass over whole lines of so many bytes, which were read elsewhere; no line may be unfinished."""
        self._offset += count
        self._start = self._offset

    def unfinished(self) -> tuple[Line, ...]:
        """The line that has no end yet, if anything of it is there; where it waits for a newline only, that line."""
        found: list[Line] = []
        if self._offset > self._start or self._before is not None:
            found.append(self._ended(found, keep=True))
        return tuple(found)

    def _newline(self, found: list[Line]) -> None:
        found.append(self._ended(found))
        self._offset += 1
        self._start = self._offset

    def _take_states(self, part: bytes, found: list[Line]) -> None:
        first, *others = part.split(b"\r")
        self._grow(first)
        if not others:
            return
        *overwritten, current = others
        self._close(found)
        if b"poch" in part or b"POCH" in part:
            for state in overwritten:
                self._grow(state)
                self._close(found)
        else:
            self._fold(overwritten)
        self._grow(current)

    def _fold(self, states: list[bytes]) -> None:
        """Take whole states that no epoch tells apart, each overwritten by the next."""
        end = self._offset + sum(map(len, states)) + len(states)
        self._start = self._offset = end
        filled = sum(map(bool, map(bytes.strip, states)))
        if not filled:
            return
        self.folded += filled - (self._before is None)
        for state in reversed(states):
            end -= len(state) + 1
            if state.strip():
                self._before = end, end + len(state), state[:HEAD_BYTES]
                return

    def _grow(self, state: bytes) -> None:
        if len(self._head) < HEAD_BYTES:
            self._head += state[: HEAD_BYTES - len(self._head)]
        self._offset += len(state)

    def _close(self, found: list[Line]) -> None:
        """A carriage return ends the current state."""
        if self._head.strip():
            state = self._start, self._offset, self._head
            if self._before is not None:
                if _is_other_epoch(self._before[2], state[2]):
                    found.append(self._before)
                else:
                    self.folded += 1
            self._before = state
        self._head = b""
        self._offset += 1
        self._start = self._offset

    def _ended(self, found: list[Line], *, keep: bool = False) -> Line:
        """A newline ends the line: its last state that is not blank."""
        state, before = (self._start, self._offset, self._head), self._before
        if before is not None and not state[2].strip():
            state, before = before, None
        if before is not None and _is_other_epoch(before[2], state[2]):
            found.append(before)
            before = None
        if not keep:
            self.folded += before is not None
            self._before, self._head = None, b""
        return state


def _is_other_epoch(before: bytes, after: bytes) -> bool:
    one, other = _EPOCH_LABEL.match(before), _EPOCH_LABEL.match(after)
    return one is not None and other is not None and one[1] != other[1]

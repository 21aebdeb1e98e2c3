"""Messages on a Unix stream socket: a length, a msgpack envelope, and descriptors beside it.

One end may be a damaged or subverted reader, so that nothing received is believed: lengths are bounded before anything
is allocated, and every descriptor that arrives is either handed on or closed.
"""

from __future__ import annotations

import os
import socket
import struct
from array import array
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from inspector.core.arrays import AnyArray
from inspector.core.errors import ReaderLostError
from inspector.formats.messages import Envelope, arrays_in, encode, layout
from inspector.jobs.bounds import MAX_BLOCK_BYTES
from inspector.jobs.memory import mapped_block, sealed_block

MAX_ENVELOPE_BYTES = 64 << 20
_LENGTH = struct.Struct("<I")
_READ_BYTES = 256 << 10
# One readable event takes at most this much, so that a flood cannot hold the window's thread.
_TURN_BYTES = 8 << 20
_MAX_WAITING_DESCRIPTORS = 16
_MAX_ARRAYS = 10_000
_RIGHTS_BYTES = socket.CMSG_SPACE(_MAX_WAITING_DESCRIPTORS * array("i").itemsize)


class WireError(ReaderLostError):
    """The other end sent what no message looks like."""


@dataclass(frozen=True, slots=True)
class Message:
    """An envelope and the descriptors that came with it; whoever takes the message closes them."""

    envelope: Envelope
    descriptors: tuple[int, ...] = ()

    def close(self) -> None:
        """Close its descriptors."""
        for descriptor in self.descriptors:
            os.close(descriptor)


def block_descriptors(envelope: Envelope) -> int:
    """How many descriptors belong to an answer: one where a block follows."""
    return 1 if envelope.block_bytes else 0


def request_descriptors(envelope: Envelope) -> int:
    """How many descriptors belong to a request: that of the file to write, where there is one."""
    return 1 if envelope.output else 0


def request_of(request_id: int, kind: str, value: Any, output: int | None) -> Message:
    """A request as a message; `output` is the descriptor of a file to write, of which the message takes a copy.

    Raises:
        OSError: there is no descriptor left.
    """
    envelope = Envelope(request_id, kind, encode(value)[0], output=output is not None)
    return Message(envelope, () if output is None else (os.dup(output),))


def message_of(request_id: int, kind: str, value: Any) -> Message:
    """A value as a message, its arrays in one sealed block.

    Raises:
        WireError: the value is too large to send.
        BlockError: its arrays are.
        OSError: there is no room for the block.
        NotImplementedError: the value holds something that cannot be sent.
    """
    body, arrays = encode(value)
    if len(body) > MAX_ENVELOPE_BYTES - 4096:
        raise WireError(f"an answer of {len(body):,} bytes is larger than the {MAX_ENVELOPE_BYTES:,} allowed")
    places, total_bytes = layout(arrays)
    descriptors = (sealed_block(arrays, places, total_bytes),) if total_bytes else ()
    return Message(Envelope(request_id, kind, body, places, total_bytes), descriptors)


def arrays_of(message: Message) -> list[AnyArray]:
    """The arrays of a received message, read-only views of its block; closes its descriptors.

    Raises:
        BlockError: the block is not sealed, or not of the size announced.
        WireError: an array does not lie within the block, or is of a type that cannot be received.
    """
    envelope = message.envelope
    try:
        block = mapped_block(message.descriptors[0], envelope.block_bytes) if envelope.block_bytes else b""
    finally:
        message.close()
    try:
        return arrays_in(block, envelope.arrays)
    except (TypeError, ValueError, OverflowError, MemoryError) as error:
        raise WireError(f"an array in an answer does not fit its block ({error})") from error


def _descriptors_in(rights: bytes) -> array[int]:
    found = array("i")
    found.frombytes(rights[: len(rights) - len(rights) % found.itemsize])
    return found


def _checked_length(length: int) -> int:
    if not 0 < length <= MAX_ENVELOPE_BYTES:
        raise WireError(f"a message of {length:,} bytes was announced; {MAX_ENVELOPE_BYTES:,} are allowed")
    return length


class Channel:
    """One end of a socket that carries messages both ways.

    Args:
        end: a connected Unix stream socket; the channel owns it. Non-blocking for the window; sends on a blocking one
            wait, receiving never waits.
        descriptors: how many descriptors a received envelope should bring.
    """

    def __init__(self, end: socket.socket, descriptors: Callable[[Envelope], int] = block_descriptors) -> None:
        self._end = end
        self._descriptors_of = descriptors
        self._decoder = msgspec.msgpack.Decoder(Envelope)
        self._received = bytearray()
        self._waiting: deque[int] = deque()
        self._unsent: deque[tuple[memoryview, Message]] = deque()
        self.ended = False

    def fileno(self) -> int:
        """The socket's descriptor, -1 once closed."""
        return self._end.fileno()

    @property
    def has_unsent(self) -> bool:
        """Whether `flush` is wanted once the socket takes more."""
        return bool(self._unsent)

    def send(self, message: Message) -> None:
        """Send a message and close its descriptors; what the socket does not take now waits for `flush`."""
        data = msgspec.msgpack.encode(message.envelope)
        self._unsent.append((memoryview(_LENGTH.pack(len(data)) + data), message))
        self.flush()

    def flush(self) -> None:
        """Send what waits. An end that is gone takes everything: its loss shows on receiving."""
        while self._unsent:
            data, message = self._unsent[0]
            rights = (
                [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", message.descriptors))] if message.descriptors else []
            )
            try:
                sent = self._end.sendmsg([data], rights)
            except BlockingIOError:
                return
            except (BrokenPipeError, ConnectionResetError):
                self._drop_unsent()
                return
            message.close()
            self._unsent.popleft()
            if sent < len(data):
                self._unsent.appendleft((data[sent:], Message(message.envelope)))

    def receive(self) -> list[Message]:
        """Every whole message that is there now; `ended` is set once the other end has closed.

        Raises:
            WireError: what came is no message; the channel is then of no more use.
        """
        self._fill()
        try:
            messages = self._frames()
        except (ValueError, RecursionError) as error:
            raise WireError(f"a message could not be read ({error})") from error
        if self._waiting and not self._received:
            for message in messages:
                message.close()
            raise WireError("descriptors came that no message announced")
        return messages

    def _fill(self) -> None:
        taken = 0
        flags = socket.MSG_DONTWAIT | socket.MSG_CMSG_CLOEXEC
        # Many messages may wait that bring one descriptor each.
        while taken < _TURN_BYTES and len(self._waiting) < _MAX_WAITING_DESCRIPTORS // 2:
            try:
                # Not socket.recv_fds: it leaves out the flags before Python 3.13.
                data, beside, reply, _ = self._end.recvmsg(_READ_BYTES, _RIGHTS_BYTES, flags)
            except BlockingIOError:
                return
            except ConnectionResetError:
                data, beside, reply = b"", [], 0
            for _, _, rights in beside:
                self._waiting.extend(_descriptors_in(rights))
            if reply & socket.MSG_CTRUNC or len(self._waiting) > _MAX_WAITING_DESCRIPTORS:
                raise WireError("a message brought more descriptors than any message has")
            if not data:
                self.ended = True
                return
            self._received += data
            taken += len(data)

    def _frames(self) -> list[Message]:
        messages: list[Message] = []
        at = 0
        try:
            while len(self._received) - at >= _LENGTH.size:
                (length,) = _LENGTH.unpack_from(self._received, at)
                end = at + _LENGTH.size + _checked_length(length)
                if len(self._received) < end:
                    break
                with memoryview(self._received) as view:
                    envelope = self._decoder.decode(view[at + _LENGTH.size : end])
                at = end
                messages.append(self._message(envelope))
        except BaseException:
            for message in messages:
                message.close()
            raise
        del self._received[:at]
        return messages

    def _message(self, envelope: Envelope) -> Message:
        if len(envelope.arrays) > _MAX_ARRAYS:
            raise WireError(f"a message announced {len(envelope.arrays):,} arrays; {_MAX_ARRAYS:,} are allowed")
        wanted = self._descriptors_of(envelope)
        if wanted > len(self._waiting) or not 0 <= envelope.block_bytes <= MAX_BLOCK_BYTES:
            raise WireError(f"a message '{envelope.kind[:40]}' came without the memory that it announces")
        return Message(envelope, tuple(self._waiting.popleft() for _ in range(wanted)))

    def _drop_unsent(self) -> None:
        for _, message in self._unsent:
            message.close()
        self._unsent.clear()

    def close(self) -> None:
        """Close the socket and every descriptor that waits."""
        self._drop_unsent()
        while self._waiting:
            os.close(self._waiting.popleft())
        self._end.close()


def socket_pair() -> tuple[socket.socket, socket.socket]:
    """Two connected ends: ours, which never blocks, and a child's, which does."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    ours.setblocking(False)
    return ours, theirs

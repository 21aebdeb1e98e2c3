"""Messages arrive whole, and nothing that looks like no message is believed."""

from __future__ import annotations

import errno
import fcntl
import gc
import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from inspector.core.arrays import AnyArray, FloatArray
from inspector.formats.messages import ArrayDescriptor, Envelope, decode
from inspector.jobs import wire
from inspector.jobs.bounds import MAX_BLOCK_BYTES
from inspector.jobs.memory import BlockError, mapped_block
from inspector.jobs.wire import Channel, Message, WireError, arrays_of, message_of, socket_pair
from tests.reader.processes import open_descriptors


class Picture(msgspec.Struct, frozen=True):
    name: str
    pixels: AnyArray
    curve: FloatArray


@pytest.fixture
def ends() -> Iterator[tuple[Channel, socket.socket]]:
    """Our channel, and the raw socket at its other end; nothing may stay open after the test."""
    before = open_descriptors()
    ours, theirs = socket_pair()
    channel = Channel(ours)
    with theirs:
        yield channel, theirs
        channel.close()
    if open_descriptors() != before:
        gc.collect()  # a caught exception keeps what its frames saw
        assert open_descriptors() == before


def framed(envelope: Envelope) -> bytes:
    data = msgspec.msgpack.encode(envelope)
    return struct.pack("<I", len(data)) + data


def send_with(theirs: socket.socket, envelope: Envelope, *descriptors: int) -> None:
    """Send a frame as a reader would, and give the descriptors away."""
    socket.send_fds(theirs, [framed(envelope)], list(descriptors))
    for descriptor in descriptors:
        os.close(descriptor)


def memory(size: int, seals: int = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE) -> int:
    descriptor = os.memfd_create("test", os.MFD_ALLOW_SEALING)
    os.ftruncate(descriptor, size)
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
    return descriptor


def test_a_value_and_its_arrays_arrive_as_they_were_sent(ends):
    channel, theirs = ends
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)[:, ::2]  # not contiguous
    value = Picture("a", pixels, np.array([0.5, np.nan, np.inf]))
    other = Channel(theirs.dup())
    other.send(message_of(7, "done", value))
    other.close()
    (message,) = channel.receive()
    assert (message.envelope.id, message.envelope.kind) == (7, "done")
    received = decode(message.envelope.body, Picture, arrays_of(message))
    assert received.name == "a"
    assert received.pixels.dtype == np.uint8
    np.testing.assert_array_equal(received.pixels, pixels)
    np.testing.assert_array_equal(received.curve, [0.5, np.nan, np.inf])
    assert not received.pixels.flags.writeable


@pytest.mark.parametrize("array", [np.zeros((0, 3)), np.array(2.5, np.float32), np.ones(1, bool), np.zeros((2, 0))])
def test_empty_and_scalar_arrays_keep_their_shape_and_dtype(ends, array):
    channel, theirs = ends
    other = Channel(theirs.dup())
    other.send(message_of(1, "done", [array, np.arange(3)]))
    other.close()
    (received, ramp) = arrays_of(channel.receive()[0])
    assert (received.shape, received.dtype) == (array.shape, array.dtype)
    np.testing.assert_array_equal(received, array)
    np.testing.assert_array_equal(ramp, [0, 1, 2])


def test_a_frame_that_comes_byte_by_byte_is_one_message(ends):
    channel, theirs = ends
    data = framed(Envelope(3, "done", b"abc"))
    for byte in data[:-1]:
        theirs.sendall(bytes([byte]))
        assert channel.receive() == []
    theirs.sendall(data[-1:])
    assert [message.envelope.body for message in channel.receive()] == [b"abc"]


def test_several_frames_in_one_packet_are_several_messages_in_order(ends):
    channel, theirs = ends
    theirs.sendall(b"".join(framed(Envelope(number, "progress", b"")) for number in range(50)))
    assert [message.envelope.id for message in channel.receive()] == list(range(50))


def test_each_block_stays_with_its_own_message(ends):
    channel, theirs = ends
    other = Channel(theirs.dup())
    other.send(message_of(1, "done", [np.full(5, 1)]))
    other.send(message_of(2, "progress", None))
    other.send(message_of(3, "done", [np.full(5, 3)]))
    other.close()
    messages = channel.receive() + channel.receive() + channel.receive()
    assert [message.envelope.id for message in messages] == [1, 2, 3]
    first, none, third = (arrays_of(message) for message in messages)
    assert (first[0][0], none, third[0][0]) == (1, [], 3)


def test_what_the_socket_does_not_take_at_once_is_sent_later(ends):
    channel, theirs = ends
    body = os.urandom(3 << 20)
    channel.send(Message(Envelope(1, "open", body)))
    assert channel.has_unsent
    other = Channel(theirs.dup())
    received: list[Message] = []
    while not received:
        received = other.receive()
        channel.flush()
    other.close()
    assert received[0].envelope.body == body
    assert not channel.has_unsent


def test_what_was_not_sent_yet_is_closed_with_its_channel(ends):
    channel, _theirs = ends
    channel.send(Message(Envelope(1, "open", bytes(3 << 20))))
    channel.send(message_of(2, "open", [np.ones(4)]))
    assert channel.has_unsent


def test_an_end_that_closes_is_noticed_after_its_last_message(ends):
    channel, theirs = ends
    theirs.sendall(framed(Envelope(1, "done", b"")))
    theirs.shutdown(socket.SHUT_RDWR)
    assert [message.envelope.id for message in channel.receive()] == [1]
    assert channel.ended


@pytest.mark.parametrize(
    "data",
    [
        struct.pack("<I", 0),
        struct.pack("<I", 0xFFFFFFFF),
        struct.pack("<I", wire.MAX_ENVELOPE_BYTES + 1),
        struct.pack("<I", 5) + b"\xc1\xc1\xc1\xc1\xc1",
        struct.pack("<I", 3) + msgspec.msgpack.encode([1, 2]),
        framed(Envelope(1, "done", b"", (), 64)),  # a block, but no descriptor
        framed(Envelope(1, "done", b"", (), -64)),
        framed(Envelope(1, "done", b"", (ArrayDescriptor("<f4", (0,), 0),) * 10_001)),
        framed(Envelope(1, "done", b"", (), MAX_BLOCK_BYTES + 1)),
    ],
)
def test_what_is_no_message_is_refused(ends, data):
    channel, theirs = ends
    theirs.sendall(framed(Envelope(9, "done", b"")) + data)
    with pytest.raises(WireError):
        channel.receive()


def test_a_good_message_before_a_bad_one_leaves_nothing_open(ends):
    channel, theirs = ends
    send_with(theirs, Envelope(1, "done", b"", (), 64), memory(64))
    theirs.sendall(struct.pack("<I", 0))
    with pytest.raises(WireError):
        channel.receive() or channel.receive()


def test_many_messages_that_wait_with_a_descriptor_each_are_all_received(ends):
    channel, theirs = ends
    other = Channel(theirs.dup())
    for number in range(100):
        other.send(message_of(number, "done", [np.full(5, number)]))
    other.close()
    messages: list[Message] = []
    while len(messages) < 100:
        some = channel.receive()
        assert some
        messages += some
    assert [arrays_of(message)[0][0] for message in messages] == list(range(100))


def test_a_flood_of_descriptors_is_refused_and_closed(ends):
    channel, theirs = ends
    for _ in range(20):
        send_with(theirs, Envelope(1, "progress", b""), *(memory(64) for _ in range(8)))
    with pytest.raises(WireError, match="descriptors"):
        channel.receive()


def refused(channel: Channel) -> str:
    (message,) = channel.receive()
    with pytest.raises((BlockError, WireError)) as caught:
        arrays_of(message)
    return str(caught.value)


@pytest.mark.parametrize(
    "seals",
    [
        0,
        fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW,
        fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_WRITE,
        fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE,
    ],
)
def test_memory_that_its_maker_could_change_is_refused(ends, seals):
    channel, theirs = ends
    send_with(theirs, Envelope(1, "done", b"", (ArrayDescriptor("<f4", (4,), 0),), 64), memory(64, seals))
    assert "could still change" in refused(channel)


@pytest.mark.parametrize("size", [0, 16, 63, 65, 4096])
def test_memory_of_another_size_than_announced_is_refused(ends, size):
    channel, theirs = ends
    send_with(theirs, Envelope(1, "done", b"", (ArrayDescriptor("<f4", (4,), 0),), 64), memory(size))
    assert "announced 64 bytes" in refused(channel)


def test_a_file_in_place_of_memory_is_refused(ends, tmp_path: Path):
    channel, theirs = ends
    path = tmp_path / "file"
    path.write_bytes(bytes(64))
    send_with(theirs, Envelope(1, "done", b"", (), 64), os.open(path, os.O_RDONLY))
    assert "sealed memory was expected" in refused(channel)


@pytest.mark.parametrize(
    "place",
    [
        ArrayDescriptor("<f4", (17,), 0),
        ArrayDescriptor("<f4", (4,), 64),
        ArrayDescriptor("<f4", (4,), -4),
        ArrayDescriptor("<f4", (-1,), 0),
        ArrayDescriptor("<f4", (1 << 40, 1 << 40), 0),
        ArrayDescriptor("|O", (1,), 0),
        ArrayDescriptor("nonsense", (1,), 0),
    ],
)
def test_an_array_that_does_not_lie_in_its_block_is_refused(ends, place):
    channel, theirs = ends
    send_with(theirs, Envelope(1, "done", b"", (place,), 64), memory(64))
    assert "does not fit its block" in refused(channel)


def test_sealed_memory_can_neither_shrink_nor_change_once_given(ends):
    message = message_of(1, "done", [np.arange(1000)])
    (descriptor,) = message.descriptors
    with pytest.raises(PermissionError):
        os.ftruncate(descriptor, 10)
    with pytest.raises(PermissionError):
        os.ftruncate(descriptor, 1 << 20)
    with pytest.raises(PermissionError):
        os.pwrite(descriptor, b"x", 0)
    block = mapped_block(descriptor, message.envelope.block_bytes)
    message.close()
    np.testing.assert_array_equal(np.frombuffer(block, np.int64, 1000), np.arange(1000))


def test_an_answer_beyond_the_limits_is_refused_before_it_is_sent(monkeypatch):
    monkeypatch.setattr(wire, "MAX_ENVELOPE_BYTES", 10_000)
    with pytest.raises(WireError, match="larger than"):
        message_of(1, "done", b"x" * 10_000)
    monkeypatch.setattr("inspector.jobs.memory.MAX_BLOCK_BYTES", 10_000)
    with pytest.raises(BlockError, match="larger than"):
        message_of(1, "done", [np.zeros(10_000)])


def test_memory_that_there_is_no_room_for_is_given_back(monkeypatch):
    def full(*_arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    before = open_descriptors()
    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(OSError, match="No space left"):
        message_of(1, "done", [np.ones(4)])
    assert open_descriptors() == before

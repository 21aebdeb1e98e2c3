"""One reader's requests against a process that is played by the test: whatever it does, each request ends once."""

from __future__ import annotations

import os
import select
import socket
from collections import deque
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import pytest

from inspector.core.arrays import IntArray
from inspector.core.outcome import Cancelled, Done, Failed
from inspector.core.pulse import Progress
from inspector.formats.messages import ArrayDescriptor, Envelope
from inspector.jobs import reader as reader_module
from inspector.jobs.pump import Pump
from inspector.jobs.reader import Reader
from inspector.jobs.wire import Channel, Message, message_of, socket_pair


class Ramp(msgspec.Struct, frozen=True):
    values: IntArray


class Host:
    """Gives out sockets whose other ends the test holds, and notes what is ended."""

    silent_for_s = 60.0

    def __init__(self) -> None:
        self.pump = Pump()
        self.ends: list[Channel] = []
        self.raw: list[socket.socket] = []
        self.ended: list[tuple[int, bool]] = []
        self.killed = 0

    def fork(self, reader: Reader) -> tuple[int, Channel]:
        ours, theirs = socket_pair()
        self.raw.append(theirs)
        self.ends.append(Channel(theirs))
        return len(self.ends), Channel(ours)

    def end(self, number: int, *, silently: bool) -> None:
        self.ended.append((number, silently))

    def kill(self, _reader: Reader) -> None:
        self.killed += 1

    def discard(self, reader: Reader) -> None:
        self.pump.remove(reader)

    def heard(self, process: int = 0) -> list[tuple[int, str]]:
        """What arrived at a played process."""
        return [(message.envelope.id, message.envelope.kind) for message in self.ends[process].receive()]

    def say(self, request: int, kind: str, value: Any = None, process: int = 0) -> None:
        self.ends[process].send(message_of(request, kind, value))


@pytest.fixture
def host() -> Iterator[Host]:
    host = Host()
    yield host
    for end in host.ends:
        end.close()
    host.pump.close()


@pytest.fixture
def reader(host: Host) -> Iterator[Reader]:
    reader = Reader(host, ["/somewhere/last.h5"])
    host.pump.add(reader)
    yield reader
    reader.close()


class Heard:
    """Asks, and keeps every outcome and progress in the order delivered."""

    def __init__(self, host: Host, reader: Reader) -> None:
        self.host, self.reader = host, reader
        self.outcomes: list[tuple[str, Any]] = []

    def ask(self, name: str, answer_type: type = str, supersedes: str | None = None) -> Any:
        return self.reader.ask(
            "echo",
            {},
            answer_type,
            lambda outcome: self.outcomes.append((name, outcome)),
            lambda progress: self.outcomes.append((name, progress)),
            supersedes=supersedes,
        )

    def turn(self) -> list[tuple[str, Any]]:
        for _ in range(5):
            self.host.pump.turn()
        delivered, self.outcomes = self.outcomes, []
        return delivered


@pytest.fixture
def heard(host: Host, reader: Reader) -> Heard:
    return Heard(host, reader)


def test_requests_go_out_one_at_a_time_in_order(host, heard):
    heard.ask("a")
    heard.ask("b")
    assert host.heard() == [(1, "echo")]
    host.say(1, "done", "first")
    assert heard.turn() == [("a", Done("first"))]
    assert host.heard() == [(2, "echo")]
    host.say(2, "done", "second")
    assert heard.turn() == [("b", Done("second"))]


def test_outcomes_are_never_delivered_from_within_ask_or_cancel(host, heard):
    ticket = heard.ask("a", supersedes="x")
    heard.ask("b", supersedes="x").cancel()
    ticket.cancel()
    assert heard.outcomes == []
    assert heard.turn() == [("a", Cancelled()), ("b", Cancelled())]


def test_the_descriptor_is_readable_while_an_outcome_waits(host, heard):
    watch = select.poll()
    watch.register(host.pump.fileno(), select.POLLIN)
    host.pump.turn()
    assert not watch.poll(0)
    heard.ask("a").cancel()
    assert watch.poll(1000)
    heard.turn()
    assert not watch.poll(0)


def test_a_request_that_the_socket_takes_in_parts_arrives_whole_and_then_nothing_turns_for_nothing(host, reader):
    reader.ask("echo", {"text": "x" * (3 << 20)}, str, lambda _outcome: None)
    arrived: list[tuple[int, str]] = []
    while not arrived:
        host.pump.turn()
        arrived = host.heard()
    assert arrived == [(1, "echo")]
    host.pump.turn()
    watch = select.poll()
    watch.register(host.pump.fileno(), select.POLLIN)
    assert not watch.poll(0)


def test_progress_comes_before_the_outcome_and_never_after(host, heard):
    heard.ask("a")
    host.say(1, "progress", Progress(1, 2, "halfway"))
    host.say(1, "done", "end")
    host.say(1, "progress", Progress(2, 2, "late"))
    assert heard.turn() == [("a", Progress(1, 2, "halfway")), ("a", Done("end"))]


def test_a_second_answer_to_one_request_is_dropped(host, heard):
    heard.ask("a")
    for text in ("once", "twice"):
        host.say(1, "done", text)
    host.say(1, "failed", Failed("thrice"))
    assert heard.turn() == [("a", Done("once"))]
    heard.ask("b")
    host.say(2, "done", "fine")
    assert heard.turn() == [("b", Done("fine"))]


def test_a_second_answer_is_not_taken_for_the_next_requests(host, heard):
    heard.ask("a")
    heard.ask("b")
    for text in ("once", "twice"):
        host.say(1, "done", text)
    assert heard.turn() == [("a", Done("once"))]
    host.say(2, "done", "its own")
    assert heard.turn() == [("b", Done("its own"))]


def test_an_answer_that_was_cancelled_is_dropped_though_it_came(host, heard):
    ticket = heard.ask("a")
    host.say(1, "done", "too late")
    ticket.cancel()
    assert heard.turn() == [("a", Cancelled())]
    heard.ask("b")
    host.say(2, "done", "in time")
    assert heard.turn() == [("b", Done("in time"))]


def test_a_cancel_reaches_a_process_that_was_not_forked_yet_once_it_is(host, reader, heard):
    heard.ask("a").cancel()
    assert host.heard() == [(1, "echo")]
    reader.on_forked(123)
    assert host.heard() == [(1, "cancel")]


def test_a_cancel_that_is_obeyed_keeps_the_process(host, reader, heard):
    ticket = heard.ask("a")
    reader.on_forked(123)
    heard.ask("b")
    ticket.cancel()
    assert host.heard() == [(1, "echo"), (1, "cancel")]
    host.say(1, "cancelled")
    assert heard.turn() == [("a", Cancelled())]
    assert host.heard() == [(2, "echo")]
    assert host.ended == []


def test_a_cancel_that_is_not_obeyed_costs_the_process_its_life_and_the_next_request_goes_on(
    host, reader, heard, monkeypatch
):
    monkeypatch.setattr(reader_module, "OBEY_WITHIN_S", 0.0)
    ticket = heard.ask("a")
    reader.on_forked(123)
    heard.ask("b")
    ticket.cancel()
    assert heard.turn() == [("a", Cancelled())]
    assert host.ended == [(1, True)]
    assert host.heard(1) == [(2, "echo")]
    host.say(2, "done", "from the second", process=1)
    assert heard.turn() == [("b", Done("from the second"))]


def test_a_newer_request_cancels_only_those_with_the_same_word(host, heard):
    heard.ask("one", supersedes="scene")
    heard.ask("other", supersedes="refresh")
    heard.ask("two", supersedes="scene")
    heard.ask("three", supersedes="scene")
    assert heard.turn() == [("one", Cancelled()), ("two", Cancelled())]


def test_a_process_that_ends_fails_the_request_it_had_and_says_why(host, reader, heard):
    heard.ask("a")
    heard.ask("b")
    host.ends[0].close()
    assert heard.turn() == []  # the launcher is about to say why
    reader.on_ended("ended by SIGSEGV", "a trace")
    sentence = "last.h5: its reader ended by SIGSEGV while reading; the window is fine, open it again to retry"
    assert heard.turn() == [("a", Failed(sentence, "a trace"))]
    assert host.heard(1) == [(2, "echo")]


def test_an_end_that_is_reported_before_the_socket_closes_is_told_once(host, reader, heard):
    heard.ask("a")
    host.say(1, "done", "made it")
    host.ends[0].close()
    reader.on_ended("ended by SIGKILL", "")
    assert heard.turn() == [("a", Done("made it"))]
    heard.ask("b")
    assert host.heard(1) == [(2, "echo")]


def test_a_request_is_not_sent_to_a_process_that_answered_and_then_ended(host, heard):
    heard.ask("a")
    heard.ask("b")
    host.say(1, "done", "my last")
    host.ends[0].close()
    assert heard.turn() == [("a", Done("my last"))]
    assert host.heard(1) == [(2, "echo")]


def test_a_replacement_is_not_blamed_for_the_end_of_its_forerunner(host, reader, heard):
    heard.ask("a")
    host.say(1, "replaced")
    reader.on_ended("ended by SIGKILL", "")
    assert heard.turn() == []
    assert host.heard(1) == [(1, "echo")]


def test_a_process_that_ended_idle_is_replaced_without_a_word(host, heard):
    heard.ask("a")
    host.say(1, "done", "fine")
    assert heard.turn() == [("a", Done("fine"))]
    host.ends[0].close()
    heard.ask("b")
    host.say(2, "done", "fine too", process=1)
    assert heard.turn() == [("b", Done("fine too"))]


def test_an_end_without_a_reason_is_a_failure_all_the_same(host, heard, monkeypatch):
    monkeypatch.setattr(reader_module, "_SAY_WHY_WITHIN_S", 0.0)
    heard.ask("a")
    host.ends[0].close()
    ((name, outcome),) = heard.turn()
    assert name == "a"
    assert outcome.sentence.startswith("last.h5: its reader ended while reading")


def test_silence_beyond_the_limit_is_taken_for_a_hang(host, reader, heard):
    host.silent_for_s = 0.0
    heard.ask("a")
    reader.on_forked(123)
    ((name, outcome),) = heard.turn()
    assert (name, host.ended) == ("a", [(1, True)])
    assert "gave no sign of life for 0 s" in outcome.sentence


def test_a_launcher_that_does_not_come_to_life_is_ended(host, heard, monkeypatch):
    monkeypatch.setattr(reader_module, "_START_WITHIN_S", 0.0)
    heard.ask("a")
    heard.turn()
    assert host.killed == 1


def test_no_process_at_all_fails_everything_that_was_asked(host, reader, heard):
    heard.ask("a")
    heard.ask("b")
    reader.on_hopeless("Reading files does not work", "why")
    expected = Failed("Reading files does not work", "why")
    assert heard.turn() == [("a", expected), ("b", expected)]


def bad_block(host: Host) -> None:
    descriptor = os.memfd_create("test", os.MFD_ALLOW_SEALING)
    os.ftruncate(descriptor, 64)
    envelope = Envelope(1, "done", b"", (ArrayDescriptor("<i8", (4,), 0),), 64)
    host.ends[0].send(Message(envelope, (descriptor,)))


BAD_ANSWERS = {
    "an unsealed block": bad_block,
    "no message": lambda host: host.raw[0].sendall(b"\xff\xff\xff\xffgarbage"),
    "another type": lambda host: host.say(1, "done", {"values": "text"}),
    "an array that is not there": lambda host: host.say(1, "done", {"values": 3}),
    "an unknown word": lambda host: host.say(1, "maybe"),
    "no failure": lambda host: host.say(1, "failed", 17),
    "no progress": lambda host: host.say(1, "progress", "half"),
}


@pytest.mark.parametrize("what", BAD_ANSWERS)
def test_an_answer_that_cannot_be_trusted_ends_the_process_and_the_next_one_works(host, heard, what):
    heard.ask("a", Ramp)
    BAD_ANSWERS[what](host)
    ((name, outcome),) = heard.turn()
    assert name == "a"
    assert outcome.sentence.startswith("last.h5: its reader gave an answer that cannot be trusted")
    assert host.ended == [(1, True)]
    heard.ask("b", Ramp)
    host.say(2, "done", {"values": np.arange(3)}, process=1)
    ((name, outcome),) = heard.turn()
    np.testing.assert_array_equal(outcome.value.values, [0, 1, 2])


def test_a_replaced_file_gets_a_new_process_and_the_request_goes_on(host, heard):
    heard.ask("a")
    host.say(1, "replaced")
    assert heard.turn() == []
    assert host.ended == [(1, True)]
    assert host.heard(1) == [(1, "echo")]
    host.say(1, "done", "the new file", process=1)
    assert heard.turn() == [("a", Done("the new file"))]


def test_a_file_that_is_replaced_all_the_time_is_given_up(host, heard):
    heard.ask("a")
    delivered: deque[Any] = deque()
    for process in range(20):
        host.say(1, "replaced", process=process)
        delivered.extend(heard.turn())
        if delivered:
            break
    ((name, outcome),) = delivered
    assert name == "a"
    assert "faster than it can be read" in outcome.sentence


def test_closing_cancels_what_is_asked_and_ends_the_process(host, reader, heard):
    heard.ask("a")
    heard.ask("b")
    reader.close()
    assert heard.turn() == [("a", Cancelled()), ("b", Cancelled())]
    assert host.ended == [(1, True)]
    heard.ask("c")
    assert heard.turn() == [("c", Cancelled())]


def test_a_request_made_while_an_outcome_is_delivered_goes_out(host, reader, heard):
    reader.ask("echo", {}, str, lambda _outcome: heard.ask("second"))
    host.say(1, "done", "x")
    heard.turn()
    assert host.heard() == [(1, "echo"), (2, "echo")]


def test_an_outcome_may_turn_the_pump_itself(host, reader, heard):
    for name in "abc":
        heard.ask(name).cancel()
    reader.ask("echo", {}, str, lambda _outcome: host.pump.turn()).cancel()
    for name in "de":
        heard.ask(name).cancel()
    assert heard.turn() == [(name, Cancelled()) for name in "abcde"]


def test_an_outcome_that_raises_does_not_keep_the_next_from_being_delivered(host, reader, heard):
    def fail(_outcome: Any) -> None:
        raise RuntimeError("a view is broken")

    reader.ask("echo", {}, str, fail).cancel()
    heard.ask("a").cancel()
    with pytest.raises(RuntimeError, match="a view is broken"):
        host.pump.turn()
    assert heard.turn() == [("a", Cancelled())]

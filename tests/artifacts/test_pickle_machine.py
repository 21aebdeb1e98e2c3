"""The inert machine: every opcode, CPython's meaning, bounded work, and nothing ever run."""

from __future__ import annotations

import gc
import io
import json
import pickle
import pickletools
import struct
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from inspector.artifacts.byte_file import Memory
from inspector.artifacts.pickles import pickle_state
from inspector.artifacts.pickles.nodes import Call, Dict, LargeInteger, Span
from inspector.artifacts.pickles.pickle_machine import run
from inspector.artifacts.pickles.pickle_opcodes import RARE_OPCODES, unknown
from inspector.artifacts.pickles.pickle_state import FIXED_ARGUMENT_BYTES
from inspector.artifacts.reading_limits import ReadingLimits
from inspector.core.errors import WorkCancelled
from inspector.core.pulse import Pulse
from tests.artifacts.pickles import OPCODE_STREAMS, read, value_of
from tests.conftest import sample_files
from tests.examples import examples

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=300)
    | st.binary(max_size=300)
)
HASHABLE = st.integers() | st.text(max_size=20) | st.booleans()
VALUES = st.recursive(
    SCALARS | st.frozensets(HASHABLE, max_size=3) | st.sets(HASHABLE, max_size=3) | st.binary().map(bytearray),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.tuples(inner, inner)
        | st.tuples(inner, inner, inner, inner)
        | st.dictionaries(HASHABLE, inner, max_size=5)
    ),
    max_leaves=20,
)


class _Inert(pickle._Unpickler):
    """CPython's own unpickler in Python, kept from importing anything."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name}")


def test_every_opcode_of_the_language_is_covered_by_a_stream() -> None:
    assert set(OPCODE_STREAMS) == {opcode.name for opcode in pickletools.opcodes}
    assert len(OPCODE_STREAMS) == 68


@pytest.mark.parametrize("name", OPCODE_STREAMS)
def test_an_opcode_means_what_it_says(name: str) -> None:
    stream, expected = OPCODE_STREAMS[name]
    assert name in {opcode.name for opcode, _, _ in pickletools.genops(stream)}
    found = read(stream)
    assert found.problem == ""
    assert found.end == len(stream)
    assert value_of(found.root) == expected
    assert type(value_of(found.root)) is type(expected)


def test_the_order_of_the_memo_is_kept() -> None:
    assert read(b"]\x94(K\x01\x94K\x02\x94h\x01h\x02e.").root == [1, 2, 1, 2]


def test_fixed_arguments_are_as_long_as_the_language_says() -> None:
    counted = {
        pickletools.TAKEN_FROM_ARGUMENT1: 1, pickletools.TAKEN_FROM_ARGUMENT4: 4,
        pickletools.TAKEN_FROM_ARGUMENT4U: 4, pickletools.TAKEN_FROM_ARGUMENT8U: 8, pickletools.UP_TO_NEWLINE: 0,
    }  # fmt: skip
    for opcode in pickletools.opcodes:
        size = opcode.arg.n if opcode.arg else 0
        assert FIXED_ARGUMENT_BYTES.get(ord(opcode.code), 0) == counted.get(size, size), opcode.name


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@given(value=VALUES)
@examples(12)
def test_plain_data_reads_as_it_was_written(protocol: int, value: Any) -> None:
    found = read(pickle.dumps(value, protocol))
    assert found.problem == ""
    assert value_of(found.root) == value


@pytest.mark.parametrize("window", [9, 16, 61, 200])
@given(value=VALUES, protocol=st.integers(0, 5))
@examples(10)
def test_a_stream_read_through_a_small_window_is_the_same(window: int, value: Any, protocol: int) -> None:
    stream = pickle.dumps(value, protocol)
    before = pickle_state.WINDOW_BYTES
    pickle_state.WINDOW_BYTES = window
    try:
        found = read(stream)
    finally:
        pickle_state.WINDOW_BYTES = before
    assert found.problem == ""
    assert found.end == len(stream)
    assert value_of(found.root) == value


def test_shared_objects_stay_shared() -> None:
    shared = [1]
    root = read(pickle.dumps([shared, shared, {"a": shared}], 4)).root
    assert root[0] is root[1]
    assert root[2].flat[1] is root[0]


def test_long_strings_stay_in_the_file_until_asked_for() -> None:
    stream = pickle.dumps([b"x" * 5000, "é" * 50_000], 4)
    data, text = read(stream).root
    assert isinstance(data, Span)
    assert isinstance(text, Span)
    assert data.read(10) == b"x" * 10
    assert text.read(text.length).decode() == "é" * 50_000


def test_several_streams_are_read_one_after_the_other() -> None:
    stream = pickle.dumps(1, 2) + pickle.dumps({"a": 2}, 4) + b"rest"
    first = read(stream)
    second = run(Memory(stream), first.end)
    assert first.root == 1
    assert value_of(second.root) == {"a": 2}
    assert stream[second.end :] == b"rest"


def test_what_was_read_before_the_damage_is_kept() -> None:
    stream = pickle.dumps({"epoch": 3, "losses": [1.0, 2.0], "more": {"lr": 0.1, "momentum": 0.9}}, 2)
    whole = len(stream)
    seen: list[int] = []
    for cut in range(whole):
        found = read(stream[:cut])
        assert "byte" in found.problem
        assert found.end <= cut
        seen.append(len(found.root.flat) // 2 if isinstance(found.root, Dict) else 0)
    assert seen[-1] == 3
    assert sorted(seen) == seen
    root = read(stream[: stream.index(b"momentum")]).root
    assert value_of(root)["epoch"] == 3
    assert value_of(root)["losses"] == [1.0, 2.0]


def test_the_place_of_damage_is_the_opcode_that_could_not_be_read() -> None:
    assert read(b"K\x01K\x02\xffK\x03.").end == 4
    assert "byte 4" in read(b"K\x01K\x02\xffK\x03.").problem
    assert read(b"K\x01h\x09.").end == 2
    assert "memo number 9" in read(b"K\x01h\x09.").problem
    assert read(b"\x80\x02X\xff\xff\xff\xffabc").end == 2


@pytest.mark.parametrize(
    ("stream", "reason"),
    [
        (b".", "stack"),
        (b"0.", "mark"),
        (b"t.", "stack"),
        (b"K\x01\x86.", "stack"),
        (b"(K\x01K\x02u.", "stack"),
        (b"}(K\x01u.", "no value"),
        (b"K\x01K\x02a.", "APPEND"),
        (b"K\x01K\x02b.", "BUILD"),
        (b"K\x01K\x02\x93.", "two strings"),
        (b"c\nsystem\n.", "empty"),
        (b"\x80\x06N.", "protocol 6"),
        (b"p-1\n.", "negative"),
        (b"Ixyz\n.", "number"),
        (b"I\n.", "number"),
        (b"Sabc\n.", "quotes"),
        (b"\x8b\xff\xff\xff\xff.", "negative"),
        (b"\x82\x00.", "positive"),
        (b"X\x01\x00\x00\x00\xff.", "UTF-8"),
        (b"(o.", "class"),
    ],
)
def test_what_cpython_refuses_is_refused_with_a_reason(stream: bytes, reason: str) -> None:
    with pytest.raises(Exception):  # noqa: B017 - whatever CPython raises
        _Inert(io.BytesIO(stream)).load()
    assert reason in read(stream).problem


def test_old_numbers_read_as_c_reads_them() -> None:
    assert read(b"I00\n.").root is False
    assert read(b"I01\n.").root is True
    assert read(b"I0x1f\n.").root == 31
    assert read(b"I010\n.").root == 8
    assert read(b"L0x1fL\n.").root == 31
    assert read(b"I7\x00junk\n.").root == 7


def test_changes_to_things_unknown_are_recorded() -> None:
    root = read(b"cm\nThing\n}\x8c\x01xK\x01sb.").root
    assert isinstance(root, Call)
    assert root.args is None
    assert value_of(root.states[0]) == {"x": 1}


@given(st.binary(max_size=400))
@example(b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\xff.")
@example(b"((((((((((((((((((((")
@example(b"]q\x00h\x00a.")
@examples(150)
def test_random_bytes_never_raise(data: bytes) -> None:
    found = read(data)
    assert found.problem or data[found.end - 1 : found.end] == b"."


@given(
    value=VALUES, protocol=st.integers(0, 5), edits=st.lists(st.tuples(st.integers(0), st.integers(0, 255)), max_size=3)
)
@examples(80)
def test_a_damaged_stream_that_cpython_loads_reads_the_same(
    value: Any, protocol: int, edits: list[tuple[int, int]]
) -> None:
    stream = bytearray(pickle.dumps(value, protocol))
    for place, byte in edits:
        stream[place % len(stream)] = byte
    found = read(bytes(stream))
    try:
        expected = _Inert(io.BytesIO(stream)).load()
    except Exception:  # noqa: BLE001 - whatever CPython raises; ours must only not raise
        return
    if not found.problem and found.end <= len(stream):
        assert repr(_canonical(value_of(found.root))) == repr(_canonical(expected))
    else:
        assert _python_is_laxer(bytes(stream), found.problem)


def _canonical(value: Any) -> Any:
    """Sets in a fixed order, buffers and bytes alike."""
    if isinstance(value, set | frozenset):
        return [type(value).__name__, *sorted(map(repr, value))]
    if isinstance(value, list | tuple):
        return type(value)(_canonical(item) for item in value)
    if isinstance(value, dict):
        return {repr(_canonical(key)): _canonical(item) for key, item in value.items()}
    return value


def _python_is_laxer(stream: bytes, problem: str) -> bool:
    """Where pickle.py takes what _pickle.c, which everyone uses, does not."""
    try:
        pickle.loads(stream)
    except Exception:  # noqa: BLE001 - whatever C raises
        return True
    return "quotes" in problem


def _bombs() -> Iterator[tuple[str, bytes]]:
    yield "a memo number of 2^31", b"K\x01r\xff\xff\xff\x7f."
    yield "a terabyte of bytes declared", b"\x8e" + struct.pack("<Q", 1 << 40) + b"."
    yield "a terabyte of text declared", b"\x8d" + struct.pack("<Q", 1 << 40) + b"."
    yield "a frame of 2^63 bytes", b"\x95" + struct.pack("<Q", 1 << 63) + b"N."
    yield "an integer of 1 MB", b"\x8b" + struct.pack("<i", 1 << 20) + b"\x01" * (1 << 20) + b"."
    yield "a decimal integer of 1 MB", b"I" + b"9" * (1 << 20) + b"\n."
    yield "a decimal long of 1 MB", b"L" + b"9" * (1 << 20) + b"L\n."
    yield "marks without end", b"(" * 100_000
    yield "doubling by DUP", b"]" + b"2\x86" * 60 + b"."
    yield "doubling by the memo", b"]q\x00" + b"(h\x00h\x00tq\x00" * 60 + b"."
    yield (
        "hashes that collide",
        b"}("
        + b"".join(b"\x8a\x0a" + (i * ((1 << 61) - 1)).to_bytes(10, "little") + b"K\x01" for i in range(20_000))
        + b"u.",
    )
    yield "nested keys that double", b"}" + b")" + b"2\x86" * 40 + b"K\x01s."
    yield (
        "a billion laughs",
        b"(lp0\n" + b"".join(b"(lp%d\n" % i + b"g%d\na" % (i - 1) * 10 for i in range(1, 12)) + b".",
    )
    yield "a string line of 1 MB", b"V" + b"a" * (1 << 20)
    yield "numbers on the stack", b"K\x01" * 200_000


@pytest.mark.parametrize("name", [name for name, _ in _bombs()])
def test_a_bomb_takes_little_memory(name: str) -> None:
    stream = dict(_bombs())[name]
    gc.collect()
    tracemalloc.start()
    try:
        found = read(stream)
        peak = tracemalloc.get_traced_memory()[1]
        del found
    finally:
        tracemalloc.stop()
    # Every opcode may make one small object; a declared size alone may make nothing.
    assert peak < 8_000_000 + 150 * len(stream)


DEEP = 150_000
"""Deeper than what CPython's own hash and repr survive."""


@pytest.mark.parametrize(
    "stream",
    [
        b")" + b"\x85" * DEEP + b".",
        b"}" + b")" + b"\x85" * DEEP + b"K\x01s.",
        b"]" * DEEP + b"a" * (DEEP - 1) + b".",
        b"}" * DEEP + b"\x85" * DEEP + b".",
        b"cm\nf\n" + b")R" * DEEP + b".",
        b"N" + b"Q" * DEEP + b".",
    ],
    ids=["tuples", "a key", "lists", "tuples over dictionaries", "calls", "references"],
)
def test_depth_does_no_harm_in_reading_or_in_letting_go(stream: bytes) -> None:
    found = read(stream)
    assert found.problem == ""
    del found
    gc.collect()


def test_a_large_integer_is_not_built() -> None:
    assert isinstance(read(b"\x8b" + struct.pack("<i", 8000) + b"\x01" * 8000 + b".").root, LargeInteger)
    assert isinstance(read(b"L" + b"9" * 8000 + b"L\n.").root, LargeInteger)


def test_limits_end_the_reading_with_what_was_read() -> None:
    stream = b"](" + b"K\x01" * 100_000 + b"e."
    found = run(Memory(stream), limits=ReadingLimits(opcodes=40_000))
    assert "limit reached" in found.problem
    assert 40_000 <= len(found.root) < 100_000
    assert "limit reached" in run(Memory(stream), limits=ReadingLimits(charged_bytes=1_000_000)).problem
    assert "limit reached" in run(Memory(b"(" * 100_000), limits=ReadingLimits(stack=50_000)).problem


def test_reading_can_be_cancelled() -> None:
    gc.enable()
    try:
        with pytest.raises(WorkCancelled):
            run(Memory(b"](" + b"K\x01" * 100_000 + b"e."), pulse=Pulse(cancelled=lambda: True))
        assert gc.isenabled()
    finally:
        gc.disable()


def test_no_byte_that_is_no_opcode_is_taken_for_one() -> None:
    known = {ord(opcode.code) for opcode in pickletools.opcodes}
    for byte in set(range(256)) - known:
        assert RARE_OPCODES[byte] is unknown
        assert "no opcode" in read(bytes((byte,)) * 20).problem


_AUDITED = """
import json, sys
from pathlib import Path
from inspector.artifacts.byte_file import Memory
from inspector.artifacts.pickles.pickle_machine import run
streams = [Path(path).read_bytes() for path in json.loads(sys.stdin.read())]
streams.append(b"V\\\\u0041\\n.")
events = []
def hook(name, arguments):
    if armed: events.append((name, repr(arguments)[:80]))
armed = False
sys.addaudithook(hook)
armed = True
whole = 0
for stream in streams:
    place = 0
    while place < len(stream):
        found = run(Memory(stream), place)
        whole += not found.problem
        if found.problem: break
        place = found.end
armed = False
print(json.dumps([events, whole]))
"""


def test_hostile_pickles_cause_no_event_that_python_audits() -> None:
    files = sample_files("hostile/**/*.pkl", "hostile/**/*.pickle", "hostile/**/*.bin")
    if not files:
        pytest.skip("the real sample files are not beside this checkout")
    answer = subprocess.run(
        [sys.executable, "-c", _AUDITED],
        input=json.dumps([str(path) for path in files]),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    events, whole = json.loads(answer.stdout)
    assert events == []
    assert whole >= 80


def test_letting_go_of_what_was_read_beats_too() -> None:
    beats: list[int] = []
    kept = b"".join(b"\x8c\x04%04d\x940" % number for number in range(4_000))
    run(Memory(b"\x80\x04" + kept + b"N."), 0, Pulse(report=lambda progress: beats.append(progress.done)))
    # 12,000 opcodes are three batches; the thousands of values in the memo are let go of in parts.
    assert len(beats) > 60

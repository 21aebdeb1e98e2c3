"""The quick way through event files gives what the general way gives, whatever is in them."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from unittest import mock

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, types_pb2

from inspector.artifacts.logs import event_cycles
from inspector.artifacts.logs.crc32c import change_by, crc32c
from inspector.artifacts.logs.event_shapes import changes
from inspector.artifacts.logs.event_wire import EventReader
from inspector.artifacts.logs.tensorboard import EventsParser
from inspector.artifacts.logs.tfrecord import words_at
from inspector.core.errors import FileError
from inspector.formats.series import SeriesSet
from tests.artifacts.event_files import HEADER, framed
from tests.artifacts.series_checks import assert_same, fragments

PATH = Path("events.out.tfevents.1")
Value = summary_pb2.Summary.Value
FIXED = {"float_val": (types_pb2.DT_FLOAT, "<f4"), "double_val": (types_pb2.DT_DOUBLE, "<f8")}
VARYING = {"int_val": types_pb2.DT_INT32, "int64_val": types_pb2.DT_INT64, "bool_val": types_pb2.DT_BOOL}
CONTENT = {
    types_pb2.DT_FLOAT: "<f4",
    types_pb2.DT_DOUBLE: "<f8",
    types_pb2.DT_HALF: "<f2",
    types_pb2.DT_BFLOAT16: "<u2",
    types_pb2.DT_INT64: "<i8",
    types_pb2.DT_UINT8: "u1",
}


def read(data: bytes, *, quick: bool, cuts: tuple[int, ...] = ()) -> SeriesSet | str:
    parser = EventsParser(quick=quick)
    for piece in fragments(data, cuts):
        parser.take(piece)
    try:
        return parser.series(PATH)
    except FileError as error:
        return str(error)


def assert_both_ways(data: bytes, cuts: tuple[int, ...] = ()) -> SeriesSet | str:
    general, quick, pieces = read(data, quick=False), read(data, quick=True), read(data, quick=True, cuts=cuts)
    if isinstance(general, str):
        assert general == quick == pieces
        return general
    for other in (quick, pieces):
        assert isinstance(other, SeriesSet)
        assert_same(other, general)
        assert other.media == general.media
        assert [one.starts is None for one in other.series] == [one.starts is None for one in general.series]
        for mine, theirs in zip(other.series, general.series, strict=True):
            if theirs.starts is not None:
                np.testing.assert_array_equal(mine.starts, theirs.starts)
    return general


TAGS = ("a", "b", "train/loss", "val/loss", "größe/π", "x" * 200, "")
steps = st.one_of(
    st.integers(0, 300),
    st.integers(2**14 - 3, 2**14 + 3),
    st.integers(2**21 - 3, 2**50),
    st.integers(-(2**63), 2**63 - 1),
)
zeros_and_nines = st.binary(max_size=120).map(lambda data: data.translate(bytes([0, 9] * 128)))


@st.composite
def values(draw: st.DrawFn) -> summary_pb2.Summary.Value:
    tag = draw(st.sampled_from(TAGS))
    way = draw(
        st.sampled_from(["simple", "simple", *FIXED, *VARYING, "half_val", "content", "vector", "image", "text"])
    )
    value = Value(tag=tag)
    if way == "simple":
        value.simple_value = draw(st.floats(width=32))
    elif way == "image":
        value.image.encoded_image_string = draw(zeros_and_nines)
    elif way == "text":
        value.tensor.dtype = types_pb2.DT_STRING
        value.tensor.string_val.append(draw(zeros_and_nines))
        value.metadata.plugin_data.plugin_name = "text"
    elif way in FIXED:
        value.tensor.dtype = FIXED[way][0]
        getattr(value.tensor, way).append(draw(st.floats(width=32)))
    elif way in VARYING:
        value.tensor.dtype = VARYING[way]
        getattr(value.tensor, way).append(draw(st.integers(0, 1)))
    elif way == "half_val":
        value.tensor.dtype = draw(st.sampled_from([types_pb2.DT_HALF, types_pb2.DT_BFLOAT16]))
        value.tensor.half_val.append(draw(st.integers(0, 2**16 - 1)))
    elif way == "vector":
        value.tensor.CopyFrom(tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT, float_val=[1, 2]))
        value.tensor.tensor_shape.dim.add(size=2)
    else:
        dtype = draw(st.sampled_from(list(CONTENT)))
        value.tensor.dtype = dtype
        size = np.dtype(CONTENT[dtype]).itemsize
        value.tensor.tensor_content = draw(st.binary(min_size=size, max_size=size))
    if draw(st.booleans()) and way not in ("simple", "image", "text"):
        value.metadata.plugin_data.plugin_name = draw(st.sampled_from(["scalars", "scalars", "histograms"]))
        value.metadata.summary_description = draw(st.sampled_from(["", "what it is"]))
    return value


@st.composite
def events(draw: st.DrawFn) -> list[event_pb2.Event]:
    """Some events, each then repeated with other steps, times and numbers, in any order."""
    kinds = draw(st.lists(st.lists(values(), min_size=1, max_size=3), min_size=1, max_size=5))
    made = [HEADER]
    for kind, step, time, number in draw(
        st.lists(st.tuples(st.integers(0, 40), steps, st.floats(), st.floats(width=32)), min_size=1, max_size=40)
    ):
        if kind >= 38:
            start = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
            made.append(event_pb2.Event(wall_time=time, step=step, session_log=start))
            continue
        event = event_pb2.Event(wall_time=time, step=step)
        event.summary.value.extend(kinds[kind % len(kinds)])
        for value in event.summary.value:
            if value.HasField("simple_value"):
                value.simple_value = number
        made.append(event)
    return made


@settings(max_examples=60, deadline=None)
@given(events(), st.lists(st.integers(0, 10**6), max_size=4))
def test_any_events_give_the_same_both_ways(made: list[event_pb2.Event], cuts: list[int]) -> None:
    found = assert_both_ways(b"".join(map(framed, made)), tuple(cuts))
    if not isinstance(found, str):  # what the files say themselves
        expected = sum(value.HasField("simple_value") for event in made for value in event.summary.value)
        assert sum(len(one.values) for one in found.series) >= expected


@settings(max_examples=60, deadline=None)
@given(events(), st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 255)), min_size=1, max_size=3))
def test_damage_is_the_same_both_ways(made: list[event_pb2.Event], flips: list[tuple[int, int]]) -> None:
    data = bytearray(b"".join(map(framed, made)))
    for place, change in flips:
        data[place % len(data)] ^= change
    assert_both_ways(bytes(data), (len(data) // 2,))


@st.composite
def loops(draw: st.DrawFn) -> list[event_pb2.Event]:
    """What a training loop logs turn after turn, now and then with something else between, or going back."""
    tags = draw(st.lists(st.sampled_from(["a", "b", "loss", "x/y", "lr"]), min_size=1, max_size=4))
    wide = draw(st.booleans())
    made = []
    step = draw(st.sampled_from([0, 100, 2**14 - 9, 2**21 - 9]))
    for turn in range(draw(st.integers(5, 60))):
        event = draw(st.sampled_from(["turn"] * 12 + ["other", "start", "back", "stop"]))
        if event == "start":
            log = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
            made.append(event_pb2.Event(wall_time=1.7e9, step=step, session_log=log))
        step += -3 if event == "back" and step > 3 else 1
        for tag in [*tags, "other"] if event == "other" else tags[:1] if event == "stop" else tags:
            made.append(event_pb2.Event(wall_time=1.7e9 + turn / 3, step=step))
            value = made[-1].summary.value.add(tag=tag)
            if wide:
                value.tensor.dtype = types_pb2.DT_DOUBLE
                value.tensor.double_val.append(turn / 7)
            else:
                value.simple_value = turn / 7
    return made


@settings(max_examples=100, deadline=None)
@given(loops(), st.lists(st.integers(0, 10**6), max_size=5), st.lists(st.integers(0, 10**6), max_size=2))
def test_turns_of_a_loop_are_the_same_both_ways(made: list[event_pb2.Event], cuts: list[int], flips: list[int]) -> None:
    data = bytearray(b"".join(map(framed, made)))
    for place in flips:
        data[place % len(data)] ^= 1 << place % 8
    with (
        mock.patch.object(event_cycles, "FEWEST_TURNS", 2),
        mock.patch.object(event_cycles, "FEWEST_RECORDS", 4),
        mock.patch.object(event_cycles, "_SEEN_RECORDS", 12),
    ):
        assert_both_ways(bytes(data), tuple(cuts))


def test_a_loop_is_read_turn_by_turn_and_told_as_it_stands() -> None:
    names = [f"loss_{number}" for number in range(12)]
    records = [
        framed(
            event_pb2.Event(
                wall_time=1.7e9 + turn / 8,
                step=turn,
                summary=summary_pb2.Summary(value=[Value(tag=name, simple_value=turn + number / 16)]),
            )
        )
        for turn in range(1500)
        for number, name in enumerate(names)
    ]
    parser = EventsParser()
    parser.take(b"".join(records[:5000]))
    with mock.patch.object(EventsParser, "_add", side_effect=AssertionError("read another way")):
        parser.take(b"".join(records[5000:15_001])[:-7])
    parser.take((records[15_000] + b"".join(records[15_001:]))[-7 - sum(map(len, records[15_001:])) :])
    found = parser.series(PATH)
    assert found.notes == ()
    for number, one in enumerate(found.series):
        assert one.tag == names[number]
        np.testing.assert_array_equal(one.steps, np.arange(1500))
        np.testing.assert_array_equal(one.values, np.arange(1500) + number / 16)
        np.testing.assert_array_equal(one.times, 1.7e9 + np.arange(1500) / 8)


def long_log(count: int = 3000) -> list[event_pb2.Event]:
    """Tags in random order, steps that grow over every length of a varint, and pictures full of zeros and nines."""
    random = np.random.default_rng(5)
    made = [HEADER]
    for index in range(count):
        event = event_pb2.Event(wall_time=1.7e9 + index / 7, step=int(1.009**index) if index % 50 else 0)
        tag = f"loss_{random.integers(12)}"
        event.summary.value.add(tag=tag, simple_value=random.normal())
        if index % 97 == 0:
            payload = (
                random.integers(0, 2, 70_000 if index == 970 else int(random.integers(10, 5_000))).astype(np.uint8) * 9
            )
            event.summary.value.add(tag="picture").image.encoded_image_string = payload.tobytes()
        made.append(event)
    return made


def test_a_long_log_in_random_order_is_read_in_full() -> None:
    made = long_log()
    found = assert_both_ways(b"".join(map(framed, made)), (1_000_003, 2_000_001))
    assert isinstance(found, SeriesSet)
    expected: dict[str, list[tuple[float, float, float]]] = {}
    for event in made:
        for value in event.summary.value:
            if value.HasField("simple_value"):
                expected.setdefault(value.tag, []).append((event.step, event.wall_time, value.simple_value))
    assert [one.tag for one in found.series] == list(expected)
    for one in found.series:
        points = np.array(expected[one.tag])
        np.testing.assert_array_equal(np.stack([one.steps, one.times, one.values], axis=1), points)
    assert found.notes == ()
    assert len(found.media) == len(range(0, 3000, 97))


def test_nearly_all_of_a_long_log_is_read_the_quick_way(monkeypatch: pytest.MonkeyPatch) -> None:
    made = [event for event in long_log() if len(event.summary.value) == 1]
    seen = []
    read_one = EventReader.read
    monkeypatch.setattr(EventReader, "read", lambda self, data: seen.append(data) or read_one(self, data))
    parser = EventsParser()
    parser.take(b"".join(map(framed, made)))
    assert len(seen) < 0.3 * len(made)
    seen.clear()
    parser.take(b"".join(map(framed, made[-1000:])))
    assert len(seen) < 10


def test_events_of_many_forms_take_little_memory() -> None:
    made = [event_pb2.Event(wall_time=1.7e9, step=1) for _ in range(120)]
    for index, event in enumerate(made):
        event.summary.value.add(tag="t" * (index + 1), simple_value=1.0)
    data = b"".join(map(framed, made))
    parser = EventsParser()
    parser.take(framed(event_pb2.Event(file_version="brain.Event:2")))
    tracemalloc.start()
    try:
        before_bytes = tracemalloc.get_traced_memory()[0]
        for _ in range(3):
            parser.take(data)
        grown_bytes = tracemalloc.get_traced_memory()[0] - before_bytes
    finally:
        tracemalloc.stop()
    assert len(parser.series(PATH).series) == len(made)
    assert grown_bytes < 2e6


def test_a_flipped_bit_anywhere_in_the_data_is_found() -> None:
    made = [
        event_pb2.Event(
            wall_time=1.7e9 + step, step=step, summary=summary_pb2.Summary(value=[Value(tag="a", simple_value=step)])
        )
        for step in range(300)
    ]
    records = list(map(framed, made))
    whole = b"".join(records)
    begin = len(b"".join(records[:200]))
    for bit in range(8 * 12, 8 * len(records[200]), 3):
        data = bytearray(whole)
        data[begin + bit // 8] ^= 1 << bit % 8
        found = read(bytes(data), quick=True)
        assert isinstance(found, SeriesSet)
        assert found.notes == (f"the record at byte {begin:,} is damaged and was left out",)
        np.testing.assert_array_equal(found.series[0].values, [step for step in range(300) if step != 200])


def test_what_was_given_out_stays_as_it_was_while_the_log_grows() -> None:
    records = list(map(framed, long_log(800)))
    parser = EventsParser()
    parser.take(b"".join(records[:400]))
    early = parser.series(PATH)
    kept = msgspec.structs.asdict(early.series[0])
    copies = {name: array.copy() for name, array in kept.items() if isinstance(array, np.ndarray)}
    parser.take(b"".join(records[400:]))
    for name, array in copies.items():
        np.testing.assert_array_equal(getattr(early.series[0], name), array)
    assert len(parser.series(PATH).series[0].values) > len(early.series[0].values)


@given(st.binary(min_size=1, max_size=80), st.integers(0, 79), st.integers(0, 255))
def test_a_byte_changes_the_checksum_by_what_the_table_says(data: bytes, place: int, byte: int) -> None:
    place %= len(data)
    changed = bytearray(data)
    changed[place] ^= byte
    assert crc32c(bytes(changed)) == crc32c(data) ^ int(change_by(len(data) - 1 - place)[byte])


@pytest.mark.parametrize(("width", "after"), [(8, 50), (4, 4), (3, 3), (3, 20), (1, 1), (7, 9)])
def test_many_events_change_their_checksums_as_each_of_them_does(width: int, after: int) -> None:
    columns = np.random.default_rng(0).integers(0, 2 ** (8 * width) - 1, 20_000, np.uint64).view(np.int64)
    many = changes(columns, width, after)
    zeros = crc32c(bytes(after))
    for place in (0, 1, 777, 19_999):
        data = columns[place : place + 1].tobytes()[:width] + bytes(after - width)
        assert int(many[place]) == crc32c(data) ^ zeros
    np.testing.assert_array_equal(many[:100], changes(columns[:100], width, after))


def test_words_are_the_bytes_that_stand_at_their_places() -> None:
    data = np.random.default_rng(0).integers(0, 256, 9_000, np.uint8)
    places = np.concatenate([np.arange(len(data) - 48 + 1), np.arange(0, 8_000, 7)])
    words = words_at(data, places, 6)
    for row in (0, 1, 13, len(data) - 48, len(places) - 1):
        expected = data[places[row] : places[row] + 48].tobytes()
        assert b"".join(word[row : row + 1].tobytes() for word in words) == expected


def test_a_loop_that_begins_late_in_a_file_is_read_turn_by_turn() -> None:
    names = [f"loss_{number}" for number in range(8)]
    chance = np.random.default_rng(0)
    records = []
    for turn in range(600):
        order = chance.permutation(8) if turn < 200 else range(8)
        for number in order:
            summary = summary_pb2.Summary(value=[Value(tag=names[number], simple_value=turn + number / 16)])
            records.append(framed(event_pb2.Event(wall_time=1.7e9, step=turn, summary=summary)))
    parser = EventsParser()
    with mock.patch.object(event_cycles, "FEWEST_TURNS", 2), mock.patch.object(event_cycles, "FEWEST_RECORDS", 100):
        for first in range(0, len(records), 160):
            parser.take(b"".join(records[first : first + 160]))
    assert parser._cycle is not None
    for one in parser.series(PATH).series:
        number = int(one.tag[-1])
        np.testing.assert_array_equal(one.values, np.arange(600) + number / 16)

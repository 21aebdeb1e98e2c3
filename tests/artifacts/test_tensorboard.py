from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, types_pb2
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c
from tensorboard.util import tensor_util

from inspector.artifacts.logs import crc32c, tensorboard
from inspector.artifacts.logs.tensorboard import EventsParser
from inspector.core.errors import DamagedError, UnsupportedError
from inspector.core.pulse import QUIET
from inspector.formats.series import SeriesSet
from tests.artifacts.event_files import HEADER, framed, records_of
from tests.artifacts.series_checks import assert_same, by_tag, fragments
from tests.conftest import sample_files

REAL_EVENTS = sample_files("tfevents/**/*tfevents*", "rundirs/**/*tfevents*", "wandb/**/*tfevents*")
Value = summary_pb2.Summary.Value


def summary(step: int, *values: summary_pb2.Summary.Value, time: float = 1.7e9) -> event_pb2.Event:
    return event_pb2.Event(wall_time=time, step=step, summary=summary_pb2.Summary(value=values))


def simple(tag: str, value: float) -> summary_pb2.Summary.Value:
    return Value(tag=tag, simple_value=value)


def tensor(tag: str, array: np.ndarray | tensor_pb2.TensorProto, plugin: str = "") -> summary_pb2.Summary.Value:
    proto = array if isinstance(array, tensor_pb2.TensorProto) else tensor_util.make_tensor_proto(array)
    value = Value(tag=tag, tensor=proto)
    if plugin:
        value.metadata.plugin_data.plugin_name = plugin
    return value


def read(data: bytes, *, cuts: tuple[int, ...] = ()) -> SeriesSet:
    parser = EventsParser()
    for piece in fragments(data, cuts):
        parser.take(piece)
    return parser.series(Path("events.out.tfevents.1"))


def accumulated(path: Path) -> dict[str, list[tuple[float, int, float]]]:
    """What TensorBoard itself reads: time, step and value of every scalar, of tensors too."""
    reader = EventAccumulator(str(path), size_guidance={"scalars": 0, "tensors": 0}, purge_orphaned_data=False)
    reader.Reload()
    found = {
        tag: [(point.wall_time, point.step, point.value) for point in reader.Scalars(tag)]
        for tag in reader.Tags()["scalars"]
    }
    for tag in reader.Tags()["tensors"]:
        metadata = reader.summary_metadata.get(tag)
        arrays = [(event, tensor_util.make_ndarray(event.tensor_proto)) for event in reader.Tensors(tag)]
        if (metadata is None or metadata.plugin_data.plugin_name == "scalars") and arrays[0][1].size == 1:
            found[tag] = [(event.wall_time, event.step, float(array.item())) for event, array in arrays]
    return found


def assert_as_accumulated(path: Path) -> SeriesSet:
    found = tensorboard.series(path, QUIET)
    expected = accumulated(path)
    tags = by_tag(found)
    assert set(tags) == set(expected)
    for tag, points in expected.items():
        times, steps, values = zip(*points, strict=True)
        np.testing.assert_array_equal(tags[tag].times, times)
        np.testing.assert_array_equal(tags[tag].steps, steps)
        np.testing.assert_array_equal(tags[tag].values, values)
        assert not tags[tag].stepless
    return found


@pytest.mark.samples
@pytest.mark.parametrize("path", REAL_EVENTS, ids=lambda path: "/".join(path.parts[-3:]))
def test_real_event_files_read_as_tensorboard_reads_them(path):
    assert assert_as_accumulated(path).notes == ()


@pytest.mark.samples
def test_the_real_files_hold_curves(samples):
    assert len(REAL_EVENTS) >= 20
    path = next(path for path in REAL_EVENTS if "1755193653" in path.name)
    loss = by_tag(tensorboard.series(path, QUIET))["loss"]
    np.testing.assert_array_equal(
        loss.values, np.float32(1) / np.arange(1, 11, dtype=np.float32)
    )  # the script's 1/(n+1)


@pytest.mark.slow
def test_what_torchs_writer_writes_reads_as_tensorboard_reads_it(tmp_path):
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(str(tmp_path)) as writer:
        for step in range(30):
            writer.add_scalar("train/loss", 1 / (step + 1), step, walltime=1.7e9 + step)
            writer.add_scalar("new", step * 0.1, step, new_style=True)
            writer.add_scalar("double", step / 3, step, new_style=True, double_precision=True)
            writer.add_histogram("weights", np.arange(50.0), step)
        writer.add_scalar("odd", math.nan, -5)
        writer.add_scalar("odd", -math.inf, 2**40)
        writer.add_text("note", "hello", 3)
        writer.add_image("picture", np.zeros((3, 4, 4), np.uint8), 1)
    (path,) = tmp_path.iterdir()
    found = assert_as_accumulated(path)
    assert list(by_tag(found)) == ["train/loss", "new", "double", "odd"]
    assert Counter(media.kind for media in found.media) == {"histogram": 30, "text": 1, "image": 1}


DTYPES = [
    "float32",
    "float64",
    "float16",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "bool",
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_numbers_encoded_as_tensors_are_scalars(dtype, shape, tmp_path):
    array = np.full(shape, 1 if dtype == "bool" else 7, dtype=dtype)
    packed = tensor_util.make_tensor_proto(array)
    content = tensor_pb2.TensorProto(
        dtype=packed.dtype, tensor_shape=packed.tensor_shape, tensor_content=array.tobytes()
    )
    path = tmp_path / "events.out.tfevents.1"
    path.write_bytes(framed(HEADER, summary(1, tensor("a", packed, "scalars")), summary(2, tensor("a", content))))
    np.testing.assert_array_equal(by_tag(tensorboard.series(path, QUIET))["a"].values, [array.item()] * 2)
    if dtype not in ("uint32", "uint64"):  # TensorBoard's make_ndarray does not know these
        assert_as_accumulated(path)


def test_bfloat16_and_negative_integers_are_read():
    bfloat = tensor_pb2.TensorProto(dtype=types_pb2.DT_BFLOAT16, half_val=[0x3FC0])  # 1.5
    negative = tensor_pb2.TensorProto(dtype=types_pb2.DT_INT64, int64_val=[-3])
    found = by_tag(read(framed(summary(1, tensor("b", bfloat, "scalars"), tensor("n", negative, "scalars")))))
    assert (found["b"].values[0], found["n"].values[0]) == (1.5, -3)


def test_what_is_no_scalar_is_listed_or_counted():
    events = [
        HEADER,
        summary(1, tensor("text", np.array(b"hello"), "text"), tensor("h", np.zeros((5, 3)), "histograms")),
        summary(2, tensor("text", np.array(b"again")), tensor("vector", np.arange(3.0))),
        summary(3, Value(tag="i", image=summary_pb2.Summary.Image(height=1)), simple("loss", 1)),
        event_pb2.Event(graph_def=b"\x01"),
    ]
    found = read(framed(*events))
    assert list(by_tag(found)) == ["loss"]
    assert [media.kind for media in found.media] == ["text", "histogram", "text", "image", "graph"]
    assert [media.text for media in found.media if media.kind == "text"] == ["hello", "again"]
    assert found.skipped == ("1 tensor",)


def test_restarts_and_steps_that_go_back_keep_every_point():
    session = event_pb2.Event(session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START), step=1)
    steps = [0, 1, 2, 3]
    events = [summary(step, simple("a", step)) for step in steps]
    found = read(framed(HEADER, *events, session, *events))
    np.testing.assert_array_equal(found.series[0].steps, steps * 2)
    np.testing.assert_array_equal(found.series[0].starts, [0, 4])
    assert found.skipped == ()


def test_a_truncated_file_keeps_its_whole_records_at_every_cut():
    events = [HEADER, *(summary(step, simple("loss", step / 2)) for step in range(6))]
    data = framed(*events)
    ends = np.cumsum([len(framed(event)) for event in events])
    for cut in range(len(data) + 1):
        found = read(data[:cut])
        whole = int(np.count_nonzero(ends <= cut))
        np.testing.assert_array_equal(found.series[0].steps if found.series else [], np.arange(whole - 1))
        if cut == 0:
            assert found.notes == ("the file is empty",)
        elif cut not in ends:
            begin = 0 if whole == 0 else ends[whole - 1]
            assert found.notes == (f"the last record, at byte {begin:,}, breaks off and was left out",)
        else:
            assert found.notes == ()


EVENTS = [HEADER, *(summary(step, simple(f"tag{step % 3}", step)) for step in range(40))]
LARGE = framed(summary(100, tensor("h", np.arange(700.0), "histograms")))
SMALL = [framed(event) for event in EVENTS]


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 255), st.lists(st.integers(0, 10**6), max_size=4))
def test_one_wrong_byte_costs_one_record_at_most(place, flip, cuts):
    data = bytearray(b"".join(SMALL))
    data[place % len(data)] ^= flip
    found = read(bytes(data), cuts=tuple(cuts))
    assert_same(found, read(bytes(data)))
    steps = np.sort(np.concatenate([series.steps for series in found.series]))
    lost = sorted(set(range(40)) - set(steps.tolist()))
    assert len(steps) >= 39
    assert len(lost) <= 1
    assert len(found.notes) == 1  # every record is checked, so every flip is said
    for series in found.series:
        np.testing.assert_array_equal(series.values, series.steps)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 255))
def test_one_wrong_byte_in_a_large_record_costs_no_other(place, flip):
    data = bytearray(b"".join([*SMALL[:10], LARGE, *SMALL[10:]]))
    begin = len(b"".join(SMALL[:10]))
    data[begin + place % len(LARGE)] ^= flip
    steps = np.concatenate([series.steps for series in read(bytes(data)).series])
    assert {float(step) for step in range(40)} <= set(steps.tolist())


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=1, max_size=200), st.integers(0, 40), st.lists(st.integers(0, 10**6), max_size=4))
def test_bytes_between_records_cost_nothing_else(junk, after, cuts):
    data = b"".join([*SMALL[: after + 1], junk, *SMALL[after + 1 :]])
    found = read(data, cuts=tuple(cuts))
    assert_same(found, read(data))
    assert sum(len(series.steps) for series in found.series) == 40


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 10**6), max_size=12))
def test_any_fragments_give_what_the_whole_gives(cuts):
    data = b"".join([*SMALL[:20], LARGE, *SMALL[20:]])
    assert_same(read(data, cuts=tuple(cuts)), read(data))


numbers = st.floats(width=32)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-(2**63), 2**63 - 1), st.text(max_size=200), numbers, st.floats(1, 1e12)), max_size=8
    )
)
def test_any_event_reads_as_protobuf_reads_it(points):
    events = [summary(step, simple(tag, value), simple("x", value), time=time) for step, tag, value, time in points]
    events += [summary(step, simple(tag, value), time=time) for step, tag, value, time in points]
    found = by_tag(read(framed(HEADER, *events)))
    expected: dict[str, list[tuple[float, float, float]]] = {}
    for event in events:
        for value in event.summary.value:
            expected.setdefault(value.tag, []).append((event.step, event.wall_time, value.simple_value))
    assert list(found) == list(expected)
    for tag, rows in expected.items():
        steps, times, values = zip(*rows, strict=True)
        np.testing.assert_array_equal(found[tag].steps, np.array(steps, dtype=np.float64))
        np.testing.assert_array_equal(found[tag].values, values)
        np.testing.assert_array_equal(found[tag].times, times)


def test_an_event_without_time_has_none():
    found = read(
        framed(summary(1, simple("a", 1), time=0), summary(1, simple("b", 2)), summary(2, simple("b", 3), time=0))
    )
    assert by_tag(found)["a"].times is None
    np.testing.assert_array_equal(by_tag(found)["b"].times, [1.7e9, math.nan])


def test_a_file_of_another_sort_is_told_apart():
    with pytest.raises(DamagedError, match="expected a TensorBoard event file"):
        read(b"step,loss\n" * 50)
    with pytest.raises(DamagedError):
        read(b"\0" * 100)
    with pytest.raises(UnsupportedError, match="another sort"):
        read(records_of(b"\x0a\x03abc"))  # a tf.train.Example begins so


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_random_bytes_give_a_typed_error_or_a_noted_answer(data):
    try:
        found = read(data)
    except DamagedError:
        return
    assert found.notes
    assert found.series == ()


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 200), st.integers(0, 255))
def test_records_that_pass_their_check_and_are_no_events_are_noted(data, place, byte):
    changed = bytearray(EVENTS[5].SerializeToString())
    changed[place % len(changed)] = byte
    found = read(records_of(HEADER.SerializeToString(), data, bytes(changed), EVENTS[6].SerializeToString()))
    assert 5 in by_tag(found)["tag2"].steps  # the event after them is there


@given(st.binary(max_size=200), st.integers(0, 40))
def test_checksums_agree_with_tensorboards(data, length):
    assert crc32c.masked(data) == masked_crc32c(data)
    raw = np.frombuffer(data + bytes(100), dtype=np.uint8)
    starts = np.arange(60)
    expected = [masked_crc32c(raw[start : start + length].tobytes()) for start in range(60)]
    np.testing.assert_array_equal(crc32c.masked_many(raw, starts, length), expected)


def test_tags_without_end_are_bounded(monkeypatch):
    monkeypatch.setattr(tensorboard, "MAX_TAGS", 5)
    found = read(framed(*(summary(step, simple(f"t{step}", 1)) for step in range(9))))
    assert len(found.series) == 5
    assert "4 values were left out" in found.notes[0]

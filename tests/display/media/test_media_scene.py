"""What the media viewer shows, beside what TensorBoard's own code says of the same file."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorboard import data_compat
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.plugins.histogram import summary_v2
from tensorboard.plugins.hparams import summary_v2 as hparams_summary
from tensorboard.util import tensor_util

from inspector.artifacts.logs import tensorboard
from inspector.artifacts.logs.media import histogram_of, hparams_of, media_bytes, texts_of
from inspector.core.errors import DamagedError, LimitError
from inspector.core.pulse import QUIET
from inspector.display.media.encoded import declared
from inspector.display.media.judge import ask, judge
from inspector.display.media.prepare import prepare
from inspector.display.media.scene import MediaScene
from inspector.display.offer import Fit
from inspector.formats.log_media import LogMedia
from inspector.runs.scan import scan
from inspector.session.values import RunState, ViewState
from tests.artifacts.event_files import framed

Value = summary_pb2.Summary.Value
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000002000000010802000000"
    "7b40e8dd0000000f49444154789c63f8cfc0c0c0c0000006050101ec0cf6f20000000049454e44ae426082"
)
"""2 x 1 pixels."""


def write(path: Path, *events: event_pb2.Event) -> Path:
    path.write_bytes(framed(*events))
    return path


def summary(step: int, *values: summary_pb2.Summary.Value) -> event_pb2.Event:
    return event_pb2.Event(wall_time=1.7e9, step=step, summary=summary_pb2.Summary(value=values))


def image(data: bytes) -> summary_pb2.Summary.Value:
    return Value(tag="val/picture", image=summary_pb2.Summary.Image(encoded_image_string=data))


def legacy_histogram(step: int) -> summary_pb2.Summary.Value:
    histogram = summary_pb2.HistogramProto(
        min=-1 - step, max=3, num=8, sum=5, bucket_limit=[-1, 0, 2, 1e300], bucket=[1, 4, 0, 3]
    )
    return Value(tag="weights", histo=histogram)


def tensor_histogram() -> summary_pb2.Summary.Value:
    rows = np.array([[-2, -1, 3], [-1, 1, 5], [1, 4, 2.0]])
    value = Value(tag="new/weights", tensor=tensor_util.make_tensor_proto(rows))
    value.metadata.plugin_data.plugin_name = "histograms"
    return value


def text(words: list[bytes]) -> summary_pb2.Summary.Value:
    value = Value(tag="notes", tensor=tensor_util.make_tensor_proto(np.array(words)))
    value.metadata.plugin_data.plugin_name = "text"
    return value


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    session = hparams_summary.hparams_pb({"lr": 1e-3, "act": "relu", "aug": True}, trial_id="t")
    write(
        tmp_path / "events.out.tfevents.1",
        event_pb2.Event(wall_time=1.7e9, file_version="brain.Event:2"),
        event_pb2.Event(wall_time=1.7e9, summary=session),
        *(summary(step, image(PNG), legacy_histogram(step), Value(tag="loss", simple_value=1)) for step in (0, 10, 20)),
        summary(5, tensor_histogram(), text([b"one\ntwo"])),
    )
    return tmp_path


def shown(folder: Path, chosen: str = "", step: float | None = None) -> MediaScene:
    run = scan([folder], QUIET)
    wanted = ask(run, RunState(key=run.key, paths=run.paths, cursor_step=step), ViewState(media_tag=chosen))
    assert wanted is not None
    return prepare(wanted, QUIET)


def test_a_run_with_media_is_offered_them_and_one_without_is_told_why(folder: Path, tmp_path: Path) -> None:
    assert judge(scan([folder], QUIET)).because == "5 tags beside the curves in 1 log"
    bare = tmp_path / "bare"
    bare.mkdir()
    write(bare / "events.out.tfevents.2", summary(1, Value(tag="loss", simple_value=1)))
    verdict = judge(scan([bare], QUIET))
    assert (verdict.fit, verdict.because) == (Fit.NO, "no log of this run holds pictures, histograms or texts")


def test_the_list_tells_what_and_how_many(folder: Path) -> None:
    assert [(row.tag, row.detail) for row in shown(folder).rows] == [
        ("val/picture", "3 images · step 0 to 20"),
        ("weights", "3 histograms · step 0 to 20"),
        ("new/weights", "1 histogram · step 5"),
        ("notes", "1 text · step 5"),
        ("_hparams_/session_start_info", "1 record of settings · step 0"),
    ]


def test_the_picture_is_the_one_at_or_before_the_cursor(folder: Path) -> None:
    scene = shown(folder, "image val/picture", 15)
    assert (scene.where, scene.before, scene.after) == ("step 10 · 2 of 3", 0, 20)
    assert scene.picture is not None
    assert scene.picture.data.tobytes() == PNG
    assert (scene.picture.format, scene.picture.width, scene.picture.height) == ("png", 2, 1)
    assert shown(folder, "image val/picture").where == "step 20 · 3 of 3"
    assert shown(folder, "image val/picture", -5).where == "step 0 · 1 of 3"


def test_a_histogram_is_the_one_that_tensorboard_shows(folder: Path) -> None:
    path = folder / "events.out.tfevents.1"
    listed = [one for one in tensorboard.series(path, QUIET).media if one.kind == "histogram"]
    theirs = [
        tensor_util.make_ndarray(data_compat.migrate_value(legacy_histogram(step)).tensor) for step in (0, 10, 20)
    ]
    theirs.append(tensor_util.make_ndarray(tensor_histogram().tensor))
    assert len(listed) == len(theirs)
    for one, rows in zip(listed, theirs, strict=True):
        histogram = histogram_of(path, one, QUIET)
        np.testing.assert_array_equal(histogram.counts, rows[:, 2])
        np.testing.assert_array_equal(histogram.edges, [*rows[:, 0], rows[-1, 1]])


def test_histograms_over_steps_are_brightest_where_most_values_lie(folder: Path) -> None:
    histogram = shown(folder, "histogram weights", 0).histogram
    assert histogram is not None
    assert histogram.over_steps is not None
    np.testing.assert_array_equal(histogram.heights, [0, 4, 0, 3])
    rows = histogram.over_steps.astype(int).sum(axis=2)
    values = np.linspace(3, -21, 2 * 96 + 1)[1::2]  # the middles of the rows, greatest first
    assert -1 < values[rows[:, 0].argmax()] < 0
    assert histogram.legend == "step 0 to 20 from left to right, values −21 to 3 upwards"


def test_texts_and_settings_are_shown_as_they_were_logged(folder: Path) -> None:
    assert shown(folder, "text notes").text == "one\ntwo"
    assert set(shown(folder, "hparams _hparams_/session_start_info").table) >= {
        ("lr", "0.001"),
        ("act", "relu"),
        ("aug", "true"),
    }


def test_several_texts_of_one_value_are_all_there(tmp_path: Path) -> None:
    path = write(tmp_path / "events.out.tfevents.1", summary(1, text([b"a", b"b\x00c"])))
    (listed,) = tensorboard.series(path, QUIET).media
    assert (listed.count, listed.text) == (2, "a\nb\0c")
    assert texts_of(path, listed, QUIET) == ("a", "b\0c")
    assert shown(tmp_path).text == "a\nb\\x00c"


def test_a_new_style_histogram_of_tensorboards_own_making_reads_alike(tmp_path: Path) -> None:
    value = summary_v2.histogram_pb("h", np.arange(100.0), buckets=10).value[0]
    path = write(tmp_path / "events.out.tfevents.1", summary(1, value))
    (listed,) = tensorboard.series(path, QUIET).media
    histogram = histogram_of(path, listed, QUIET)
    np.testing.assert_array_equal(histogram.counts, np.full(10, 10))
    np.testing.assert_allclose(histogram.edges, np.linspace(0, 99, 11))


def test_what_is_gone_or_too_large_is_a_sentence(folder: Path) -> None:
    path = folder / "events.out.tfevents.1"
    beyond = LogMedia(kind="image", tag="x", bytes=100, start=path.stat().st_size - 10)
    with pytest.raises(DamagedError, match="expected 100 bytes"):
        media_bytes(path, beyond, QUIET)
    with pytest.raises(LimitError, match="at most"):
        media_bytes(path, LogMedia(kind="image", tag="x", bytes=2**40), QUIET)


def test_a_picture_that_declares_too_many_pixels_is_not_unpacked(tmp_path: Path) -> None:
    bomb = bytearray(PNG)
    struct.pack_into(">II", bomb, 16, 60_000, 60_000)
    write(tmp_path / "events.out.tfevents.1", summary(1, image(bytes(bomb))))
    scene = shown(tmp_path)
    assert scene.picture is None
    assert scene.note == "the picture has 60,000 × 60,000 pixels, more than are shown here"


def test_sizes_are_read_from_every_format() -> None:
    jpeg = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffc0001108001e00280301220002110103110100")
    assert declared(jpeg) == ("jpeg", 40, 30)
    assert declared(b"GIF89a" + struct.pack("<HH", 7, 9) + bytes(8)) == ("gif", 7, 9)
    webp = b"RIFF" + bytes(4) + b"WEBPVP8X" + bytes(8) + (39).to_bytes(3, "little") + (29).to_bytes(3, "little")
    assert declared(webp) == ("webp", 40, 30)
    assert declared(b"<svg xmlns='http://www.w3.org/2000/svg'/>") is None


@given(st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8", b"GIF89a", b"RIFFxxxxWEBPVP8 "]), st.binary(max_size=60))
def test_no_bytes_upset_the_look_at_a_picture(head: bytes, rest: bytes) -> None:
    found = declared(head + rest)
    assert found is None or (found.width > 0 and found.height > 0)


@given(st.binary(max_size=120))
def test_no_bytes_upset_the_readers_of_one_thing(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "x"
    path.write_bytes(data)
    listed = LogMedia(kind="histogram", tag="x", bytes=len(data))
    for read in (histogram_of, hparams_of):
        try:
            read(path, listed, QUIET)
        except DamagedError as error:
            assert str(error)

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.artifacts import byte_file
from inspector.artifacts.logs import following, table_csv
from inspector.artifacts.logs.logs import series_of
from inspector.core.errors import (
    DamagedError,
    FileError,
    MissingError,
    UnknownKindError,
    UnsupportedError,
    WorkCancelled,
)
from inspector.core.pulse import QUIET, Pulse
from inspector.formats.series import SeriesSet
from tests.artifacts.series_checks import assert_same, by_tag, fragments
from tests.artifacts.test_tensorboard import SMALL
from tests.conftest import sample_files

REAL_LOGS = sample_files(
    "tfevents/**/*tfevents*", "logs/**/*.csv", "logs/**/*.log", "rundirs/**/*.csv", "wandb/**/*.jsonl"
)

CONTENTS = {
    "metrics.jsonl": b"".join(
        json.dumps({"step": step, "loss": 1 / (step + 1), "lr": [None, step][step % 2]}).encode() + b"\n"
        for step in range(60)
    ),
    "metrics.csv": b"epoch,step,loss,val\n"
    + b"".join(b"%d,%d,%f,%s\n" % (step // 10, step, step / 7, b"" if step % 3 else b"nan") for step in range(60)),
    "train.log": b"Starting up\n"
    + b"".join(
        b"Epoch %d/9 | Step %d/10 | Loss=%f\r\n  Val ARI: 0.%d\n" % (n // 10, n % 10, n / 7, n) for n in range(60)
    ),
    "events.out.tfevents.1.host": b"".join(SMALL),
}


def answer(path: Path) -> SeriesSet | type[FileError]:
    try:
        return series_of(path, QUIET)
    except FileError as error:
        return type(error)


def assert_as_fresh(path: Path, folder: Path) -> None:
    """What a followed log gives is what a file with the same bytes gives that was never seen before."""
    copy = folder / str(random.getrandbits(60)) / path.name
    copy.parent.mkdir()
    copy.write_bytes(path.read_bytes())
    followed, fresh = answer(path), answer(copy)
    if isinstance(fresh, SeriesSet):
        assert isinstance(followed, SeriesSet)
        assert_same(followed, fresh)
    else:
        assert followed is fresh


@pytest.mark.parametrize("name", CONTENTS)
@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=8), st.integers(0, 2**30))
def test_a_log_that_grows_in_any_fragments_reads_as_a_fresh_one(tmp_path_factory, name, cuts, seed):
    folder = tmp_path_factory.mktemp("grow")
    path = folder / name
    path.touch()
    chooser = random.Random(seed)
    for piece in fragments(CONTENTS[name], cuts):
        with path.open("ab") as file:
            file.write(piece)
        if chooser.random() < 0.7:
            assert_as_fresh(path, folder)
    assert_as_fresh(path, folder)


steps = st.lists(
    st.tuples(st.sampled_from(["append", "truncate", "replace", "rewrite", "touch"]), st.integers(0, 10_000)),
    max_size=8,
)


@pytest.mark.parametrize("name", CONTENTS)
@settings(max_examples=12, deadline=None)
@given(steps)
def test_a_log_that_is_cut_replaced_or_rewritten_reads_as_a_fresh_one(tmp_path_factory, name, actions):
    folder = tmp_path_factory.mktemp("change")
    path = folder / name
    whole = CONTENTS[name]
    path.write_bytes(whole[: len(whole) // 2])
    series_of(path, QUIET)
    for clock, (action, place) in enumerate(actions):
        size = path.stat().st_size
        if action == "append":
            with path.open("ab") as file:
                file.write(whole[size : size + place % len(whole)])
        elif action == "truncate":
            os.truncate(path, place % (size + 1))
        elif action == "replace":
            other = folder / "other"
            other.write_bytes(whole[: place % len(whole)])
            other.rename(path)
        elif action == "rewrite":
            with path.open("r+b") as file:
                file.write(whole[:1] + bytes(reversed(whole[1:20])) + whole[20:])
        os.utime(path, ns=(0, 10**18 + clock))  # the clock of a disk may stand still between two writes
        assert_as_fresh(path, folder)


def test_only_what_was_appended_is_read_again(monkeypatch, tmp_path):
    path = tmp_path / "metrics.jsonl"
    line = b'{"step": 1, "loss": 0.5}\n'
    path.write_bytes(line * 40_000)
    assert len(series_of(path, QUIET).series[0].values) == 40_000
    read: list[int] = []
    original = byte_file.ByteFile.read
    monkeypatch.setattr(
        byte_file.ByteFile, "read", lambda self, offset, count: read.append(count) or original(self, offset, count)
    )
    with path.open("ab") as file:
        file.write(line)
    assert len(series_of(path, QUIET).series[0].values) == 40_001
    assert sum(min(count, 65_536) for count in read) < 300_000  # the file has a million bytes
    read.clear()
    first = series_of(path, QUIET)
    assert series_of(path, QUIET) is first


def test_a_rotated_log_is_followed_under_its_new_name(monkeypatch, tmp_path):
    path, old = tmp_path / "train.jsonl", tmp_path / "train.jsonl.1"
    line = b'{"step": 1, "loss": 0.5}\n'
    path.write_bytes(line * 40_000)
    series_of(path, QUIET)
    path.rename(old)
    path.write_bytes(line * 3)
    read: list[int] = []
    original = byte_file.ByteFile.read
    monkeypatch.setattr(
        byte_file.ByteFile, "read", lambda self, offset, count: read.append(count) or original(self, offset, count)
    )
    assert len(series_of(path, QUIET).series[0].values) == 3
    assert len(series_of(old, QUIET).series[0].values) == 40_000
    assert sum(min(count, 65_536) for count in read) < 500_000  # the old file has a million bytes


@pytest.mark.parametrize("name", ["metrics.jsonl", "metrics.csv"])
def test_a_rewrite_that_leaves_size_and_clock_as_they_were_is_seen(tmp_path, name):
    path = tmp_path / name
    header = b"step,loss\n" if name.endswith("csv") else b""
    row = "%d,%.6f\n" if name.endswith("csv") else '{"step": %d, "loss": %.6f}\n'
    one, other = (
        (row * 30_000 % tuple(n for k in range(30_000) for n in (k, k * slope))).encode() for slope in (1e-6, 2e-6)
    )
    assert len(one) == len(other)
    path.write_bytes(header + one)
    stamp = path.stat().st_mtime_ns
    assert series_of(path, QUIET).series[0].values[-1] == pytest.approx(29_999e-6)
    with path.open("r+b") as file:
        file.write(header + other)
    os.utime(path, ns=(stamp, stamp))
    assert series_of(path, QUIET).series[0].values[1] == pytest.approx(2e-6)


def test_lightnings_rewrite_with_a_new_column_is_read_anew(tmp_path):
    path = tmp_path / "metrics.csv"
    path.write_text("epoch,loss,step\n" + "".join(f"0,{step},{step}\n" for step in range(5)))
    inode = path.stat().st_ino
    series_of(path, QUIET)
    with path.open("r+") as file:
        file.write("epoch,loss,step,val\n" + "".join(f"0,{step},{step},\n" for step in range(5)) + "0,5,5,0.5\n")
    assert path.stat().st_ino == inode
    tags = by_tag(series_of(path, QUIET))
    np.testing.assert_array_equal(tags["loss"].values, range(6))
    np.testing.assert_array_equal(tags["val"].steps, [5])


def test_a_cancelled_read_goes_on_where_it_stopped(tmp_path):
    path = tmp_path / "metrics.csv"
    path.write_text("step,loss\n" + "".join(f"{step},{step}\n" for step in range(400_000)))
    beats: list[int] = []
    with pytest.raises(WorkCancelled):
        series_of(path, Pulse(lambda progress: beats.append(progress.done), lambda: len(beats) >= 3))
    np.testing.assert_array_equal(
        series_of(path, Pulse(lambda progress: beats.append(progress.done))).series[0].values, np.arange(400_000)
    )
    assert beats[3] >= beats[2] > 0  # it did not begin again


def test_forgotten_logs_are_read_again(monkeypatch, tmp_path):
    monkeypatch.setattr(following, "KEPT_FILES", 32)
    paths = [tmp_path / f"{number}.csv" for number in range(40)]
    for number, path in enumerate(paths):
        path.write_text(f"step,loss\n1,{number}\n2,{number}\n")
    for _ in range(2):
        for number, path in enumerate(paths):
            assert series_of(path, QUIET).series[0].values.tolist() == [number, number]
    assert len(table_csv.reader._known) <= 32


def test_what_is_no_log_is_a_typed_error(tmp_path):
    def written(name: str, data: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    with pytest.raises(UnknownKindError, match="expected a log of numbers"):
        series_of(written("a.png", b"\x89PNG\r\n\x1a\n" + bytes(100)), QUIET)
    for name, data, advice in (
        ("trackio.db", b"SQLite format 3\0" + bytes(100), "a SQLite database.*export its runs"),
        ("runs.parquet", b"PAR1" + bytes(100), "write it as CSV"),
        ("runs.arrow", b"ARROW1\0\0" + bytes(100), "write it as CSV"),
    ):
        with pytest.raises(UnsupportedError, match=advice):
            series_of(written(name, data), QUIET)
    with pytest.raises(DamagedError):
        series_of(written("a.csv", b""), QUIET)
    with pytest.raises(MissingError):
        series_of(tmp_path / "absent.csv", QUIET)


@pytest.mark.samples
@pytest.mark.parametrize("path", REAL_LOGS, ids=lambda path: "/".join(path.parts[-3:]))
def test_every_real_log_is_read_cut_anywhere(path, tmp_path):
    """Cut at eight places, each answer is a prefix of the whole one or a typed error."""
    if path.stat().st_size == 0:
        return
    data = path.read_bytes()
    whole = series_of(path, QUIET)
    tags = {series.tag: series for series in whole.series}
    for place in range(1, 9):
        copy = tmp_path / f"{place}" / path.name
        copy.parent.mkdir()
        copy.write_bytes(data[: place * len(data) // 9])
        found = answer(copy)
        if not isinstance(found, SeriesSet):
            continue
        for series in found.series:
            if series.tag in tags and path.suffix != ".log":
                count = len(series.values)
                np.testing.assert_array_equal(series.values, tags[series.tag].values[:count])


@settings(max_examples=100, deadline=None)
@given(
    st.binary(min_size=1, max_size=400), st.sampled_from(["a", "a.csv", "a.jsonl", "a.log", "events.out.tfevents.1"])
)
def test_random_bytes_of_any_name_give_a_typed_error_or_an_answer(tmp_path_factory, data, name):
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(data)
    found = answer(path)
    for one in found.series if isinstance(found, SeriesSet) else ():
        assert len(one.steps) == len(one.values) > 0

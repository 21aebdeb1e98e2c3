"""Points of curves in a file: read back by the csv module and numpy, bit for bit."""

from __future__ import annotations

import csv
import json
import math
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.core.errors import UsageError, WorkCancelled
from inspector.core.pulse import QUIET, Pulse
from inspector.display.curves.export import DataAsk, DataRun, is_among
from inspector.display.curves.export_data import export_curves
from inspector.display.curves.export_forms import member_name, number_texts
from inspector.display.curves.scene import CurvesAsk
from inspector.formats.written import ExportedCurves

ROWS = [
    {"step": step, "epoch": step / 4, "train/loss": 1 / (step + 3), 'odd, "name"': float(step) ** 40, "lr": 1e-3}
    for step in range(20)
]
# The run was restarted at step 8.
RECORDS = [*ROWS[:12], *ROWS[8:]]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "metrics.jsonl"
    records = [dict(record) for record in RECORDS]
    records[3]["train/loss"], records[4]["train/loss"], records[5]["train/loss"] = "NaN", "Infinity", "-Infinity"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def written(log: Path, form: str = "csv", pulse: Pulse = QUIET, **changes) -> tuple[Path, ExportedCurves]:
    """What is written of one log; `panels` and `x_range` are of the export, all else of the curves."""
    own = {name: changes.pop(name) for name in ("panels", "x_range") if name in changes}
    ask = DataAsk(runs=(DataRun("run", CurvesAsk(paths=(str(log),), **changes)),), form=form, **own)
    out = log.with_name(f"out.{form}")
    descriptor = os.open(out, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    try:
        return out, export_curves(ask, descriptor, pulse)
    finally:
        os.close(descriptor)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def bits(value: float) -> bytes:
    return struct.pack("<d", value)


@given(st.lists(st.floats(), max_size=30))
def test_every_number_is_read_back_bit_for_bit(values: list[float]) -> None:
    texts = number_texts(np.array(values, np.float64), b"nan")
    assert len(texts) == len(values)
    for text, value in zip(texts, values, strict=True):
        assert math.isnan(float(text)) if math.isnan(value) else bits(float(text)) == bits(value)


def test_whole_steps_have_no_point_and_what_is_not_known_is_empty() -> None:
    assert number_texts(np.array([0.0, 12.0, 2.0**52])) == [b"0", b"12", b"4503599627370496"]
    assert number_texts(np.array([0.5, np.nan])) == [b"0.5", b""]


def test_the_table_holds_every_point_of_every_attempt(log: Path) -> None:
    out, told = written(log)
    rows = table(out)
    assert list(rows[0]) == ["run", "tag", "attempt", "step", "epoch", "time", "value"]
    assert (told.curves, told.points) == (3, 3 * len(RECORDS))
    assert len(rows) == told.points
    assert told.bytes == out.stat().st_size
    odd = [row for row in rows if row["tag"] == 'odd, "name"']
    assert [bits(float(row["value"])) for row in odd] == [bits(record['odd, "name"']) for record in RECORDS]
    assert [row["step"] for row in odd] == [str(record["step"]) for record in RECORDS]
    assert [float(row["epoch"]) for row in odd] == [record["epoch"] for record in RECORDS]
    assert [row["attempt"] for row in odd] == ["1"] * 12 + ["2"] * 12
    assert {(row["run"], row["time"]) for row in rows} == {("run", "")}
    loss = [row["value"] for row in rows if row["tag"] == "train/loss"]
    assert loss[3:6] == ["nan", "inf", "-inf"]


def test_smoothed_values_are_those_of_tensorboard_from_the_start_of_each_attempt(log: Path) -> None:
    rows = table(written(log, smoothing=0.6)[0])
    odd = [float(row["smoothed"]) for row in rows if row["tag"] == 'odd, "name"']
    expected = []
    for begin, end in ((0, 12), (12, 24)):
        last, debias = 0.0, 0.0
        for record in RECORDS[begin:end]:
            last = last * 0.6 + 0.4 * record['odd, "name"']
            debias = debias * 0.6 + 0.4
            expected.append(last / debias)
    np.testing.assert_allclose(odd, expected, rtol=1e-12)
    assert {row["smoothed"] for row in rows if row["tag"] == "lr"} == {""}, "an average of rates never was"


def test_a_stretch_of_the_axis_a_filter_and_a_card_choose_points(log: Path) -> None:
    rows = table(written(log, x_range=(1.0, 2.0), x_axis="epoch", filter="train/*")[0])
    assert [row["step"] for row in rows] == ["4", "5", "6", "7", "8", "8"]
    assert {row["tag"] for row in rows} == {"train/loss"}
    assert {row["tag"] for row in table(written(log, panels=("LEARNING*",))[0])} == {"lr"}
    with pytest.raises(UsageError, match="none of the curves"):
        written(log, panels=("nope",))


def test_expressions_are_written_as_curves(log: Path) -> None:
    rows = table(written(log, expressions=("lr * 2",), filter="lr")[0])
    assert {row["value"] for row in rows if row["tag"] == "lr * 2"} == {"0.002"}


def test_numpy_reads_one_array_for_each_curve_and_axis(log: Path) -> None:
    out, told = written(log, "npz", smoothing=0.6)
    with np.load(out, allow_pickle=False) as arrays:
        assert set(arrays.files) >= {f"train/loss/{axis}" for axis in ("attempt", "step", "epoch", "value", "smoothed")}
        np.testing.assert_array_equal(arrays["lr/value"], np.full(24, 1e-3))
        np.testing.assert_array_equal(arrays["lr/step"], [record["step"] for record in RECORDS])
        assert np.isnan(arrays["train/loss/value"][3])
        assert not any(name.endswith("/time") for name in arrays.files)
    assert told.bytes == out.stat().st_size


@pytest.mark.parametrize(
    ("tag", "name"),
    [("train/loss", "train/loss"), ("../../etc", "_/_/etc"), ("/abs", "_/abs"), ("C:\\x", "C__x"), ("a/. /b", "a/_/b")],
)
def test_names_within_an_archive_lead_nowhere_else(tag: str, name: str) -> None:
    assert member_name(tag) == name


def test_a_cancel_is_seen_at_a_beat(log: Path) -> None:
    beats: list[str] = []

    def cancelled() -> bool:
        return any(what.startswith("writing") for what in beats)

    with pytest.raises(WorkCancelled):
        written(log, pulse=Pulse(lambda progress: beats.append(progress.what), cancelled))
    assert sum(what.startswith("writing") for what in beats) == 1


def test_a_card_is_named_by_key_title_or_glob() -> None:
    assert is_among((), "lr", "Learning rate")
    assert is_among(("lr",), "lr", "Learning rate")
    assert is_among(("learning rate",), "lr", "Learning rate")
    assert is_among(("*rate",), "lr", "Learning rate")
    assert is_among(("train/[x]",), "train/[x]", "x"), "a key is meant as it is before it is a glob"
    assert not is_among(("loss",), "lr", "Learning rate")

"""Samples as tables, against the numbers that were put into the dump."""

from __future__ import annotations

import csv
import json
import math
import os
from pathlib import Path
from typing import Any

import h5py
import msgspec
import numpy as np
import pytest

from inspector.core.errors import WorkCancelled
from inspector.core.pulse import QUIET, Progress, Pulse
from inspector.display.gallery import export_rows as export_rows_module
from inspector.display.gallery.export import SampleRowsAsk, chosen_samples, mark_places
from inspector.display.gallery.export_rows import export_rows
from inspector.display.gallery.scene import SamplesAsk
from inspector.formats.marks import NO_MARKS, Mark, marks_from
from inspector.formats.sample_export import OBJECT, SAMPLE
from inspector.formats.sample_table import SampleTable, sample_column
from inspector.formats.written import ExportedSamples
from inspector.session.gallery import GalleryState, NumberRange

GT = np.array([[4.0, 5.0], [20.5, 10.0], [7.0, 8.0], [1.0, 2.0]], np.float32)
PREDICTION = np.array([[4.0, 6.0], [23.5, 14.0], [math.nan, math.nan], [29.0, 19.0]], np.float32)
OFFSETS = np.array([0, 2, 2, 3, 4])
KEYS = ["a.jpg", "b,\n“c”.jpg", "", "=d"]
SCALE = 2
FLAGGED = Mark(flagged=True, tags=("far", "hard"), note='two "objects", touching\nhere')
REJECTED = Mark(rejected=True)


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four samples with 2, 0, 1 and 1 objects; the original images are twice as large as those that are stored."""
    path = tmp_path_factory.mktemp("export") / "points.h5"
    with h5py.File(path, "w") as file:
        file["samples/image"] = np.zeros((4, 20, 30, 3), np.uint8)
        file["samples/original_hw"] = np.full((4, 2), (20 * SCALE, 30 * SCALE), np.int32)
        file["samples/key"] = np.array([key.encode() for key in KEYS])
        for kind, points in (("gt", GT), ("pred", PREDICTION)):
            file[f"{kind}/points"] = points
            file[f"{kind}/points_offsets"] = OFFSETS
    return path


def asked(dump: Path, form: str, samples: tuple[int, ...] = (3, 0, 1, 2), **fields: Any) -> SampleRowsAsk:
    marks = tuple({0: 0, 1: 1}.get(sample, -1) for sample in samples)
    plain = {"view": "points", "run": "a", "step": 90, "epoch": 1.5, "objects": True, "kinds": (FLAGGED, REJECTED)}
    return SampleRowsAsk(
        form=form, numbers=SamplesAsk(path=str(dump)), samples=samples, marks=marks, **{**plain, **fields}
    )


def written(tmp_path: Path, ask: SampleRowsAsk, pulse: Pulse = QUIET) -> tuple[str, ExportedSamples]:
    descriptor = os.open(tmp_path / "out", os.O_RDWR | os.O_CREAT)
    try:
        made = export_rows(ask, descriptor, pulse)
    finally:
        os.close(descriptor)
    return (tmp_path / "out").read_text("utf-8"), made


def original(point: np.ndarray) -> list[float]:
    """Where the middle of a stored pixel lies in the original image."""
    return [(float(one) + 0.5) * SCALE - 0.5 for one in point]


def test_a_table_has_a_row_an_object_with_both_points_as_stored_and_in_the_original_image(
    dump: Path, tmp_path: Path
) -> None:
    text, made = written(tmp_path, asked(dump, "csv"))
    head, *rows = csv.reader(text.splitlines(keepends=True))
    assert tuple(head[: len(SAMPLE)]) == SAMPLE
    assert tuple(head[-len(OBJECT) :]) == OBJECT
    assert len(set(head)) == len(head)
    cells = [dict(zip(head, row, strict=True)) for row in rows]
    assert [(cell["sample"], cell["index"], cell["object"]) for cell in cells] == [
        ("4", "3", "1"), ("1", "0", "2"), ("1", "0", "1"), ("2", "1", ""), ("3", "2", "1"),
    ]  # fmt: skip
    assert (made.samples, made.objects, made.bytes) == (4, 4, len(text.encode()))
    assert [cell["key"] for cell in cells] == [KEYS[3], KEYS[0], KEYS[0], KEYS[1], KEYS[2]]
    for cell, row in zip([one for one in cells if one["object"]], (3, 1, 0, 2), strict=True):
        assert [float(cell[name]) for name in ("gt_x_stored", "gt_y_stored")] == GT[row].tolist()
        truth = original(GT[row])
        assert [float(cell[name]) for name in ("object_gt_x_px", "object_gt_y_px")] == pytest.approx(truth)
        if np.isnan(PREDICTION[row]).any():
            assert {cell[name] for name in OBJECT if "pred" in name or "err" in name} == {""}
        else:
            error = math.dist(truth, original(PREDICTION[row]))
            assert float(cell["object_err_px"]) == pytest.approx(error)
            assert float(cell["pred_y_stored"]) == PREDICTION[row][1]
    assert [cell["err_px"] for cell in cells[1:3]] == [cells[1]["object_err_px"]] * 2  # of the worst object
    assert cells[3]["err_px"] == ""
    assert [(cell["flagged"], cell["rejected"]) for cell in cells[::2]] == [
        ("false", "false"), ("true", "false"), ("false", "false"),
    ]  # fmt: skip
    assert (cells[3]["flagged"], cells[3]["rejected"]) == ("false", "true")
    assert (cells[1]["tags"], cells[1]["note"]) == ("far hard", FLAGGED.note)


def test_a_document_says_the_same_and_spells_what_is_not_finite(dump: Path, tmp_path: Path) -> None:
    table, _ = written(tmp_path, asked(dump, "csv"))
    text, made = written(tmp_path, asked(dump, "json"))
    told = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert (told["schema"], told["dump"], told["place"]) == ("ri-samples/1", "points.h5", "points.h5 · epoch 1.5")
    assert made.objects == 4
    assert [len(sample["objects"]) for sample in told["samples"]] == [1, 2, 0, 1]
    assert told["samples"][1] | {"numbers": 0, "objects": 0} == {
        "sample": 1, "index": 0, "key": "a.jpg", "flagged": True, "rejected": False, "tags": ["far", "hard"],
        "note": FLAGGED.note, "numbers": 0, "objects": 0,
    }  # fmt: skip
    lost = told["samples"][3]["objects"][0]
    assert (lost["object_err_px"], lost["pred_x_stored"], lost["gt_x_stored"]) == ("NaN", "NaN", 7.0)
    rows = iter(csv.DictReader(table.splitlines(keepends=True)))
    for sample in told["samples"]:
        assert set(sample["numbers"]) == set(told["columns"])
        for one in sample["objects"] or [{}]:
            row = next(rows)
            for name, value in {**sample["numbers"], **one}.items():
                assert row[name] == ("" if value == "NaN" else row[name])
                assert value == "NaN" or float(row[name]) == value


def test_samples_that_are_gone_are_told_and_views_without_points_have_a_row_a_sample(
    dump: Path, tmp_path: Path
) -> None:
    text, made = written(tmp_path, asked(dump, "csv", (9, 1, 0), objects=False))
    rows = list(csv.DictReader(text.splitlines(keepends=True)))
    assert [(row["sample"], row["flagged"], row["rejected"]) for row in rows] == [
        ("2", "false", "true"), ("1", "true", "false"),
    ]  # fmt: skip
    assert "object" not in rows[0]
    assert any("not in the dump" in note for note in made.notes)


@pytest.mark.parametrize("form", ["csv", "json"])
def test_writing_is_cancelled_at_a_beat(dump: Path, tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_rows_module, "_SAMPLES", 1)
    beats: list[Progress] = []
    pulse = Pulse(beats.append, lambda: any(beat.what == "writing samples" for beat in beats))
    with pytest.raises(WorkCancelled):
        written(tmp_path, asked(dump, form), pulse)
    assert [(beat.done, beat.total) for beat in beats if beat.what == "writing samples"] == [(1, 4)]


def test_choices_are_filters_of_their_own_in_the_order_of_the_gallery() -> None:
    errors = np.array([3.0, np.nan, 9.0, 1.0, 5.0])
    table = SampleTable(samples=5, scanned=5, columns=(sample_column("err_px", errors),))
    gallery = GalleryState(
        viewer="points", order="err_px", descending=True, filter="sample<4", ranges=(NumberRange("err_px", 2, 20),)
    )
    marks = marks_from({0: Mark(flagged=True), 4: Mark(flagged=True, rejected=True), 3: REJECTED, 7: FLAGGED})

    def chosen(which: str) -> list[int]:
        found = chosen_samples(which, table, gallery, marks, np.array([1, 2]))
        return found.samples.tolist()

    assert chosen("all") == [2, 4, 0, 3, 1]
    assert chosen("flagged") == [4, 0]
    assert chosen("kept") == [2, 0, 1]
    assert chosen("shown") == [2, 0]
    assert chosen("selected") == [2, 1]
    assert chosen("err_px<4 -flagged") == [3]
    assert chosen_samples("depth>3", table, gallery, marks).wrong


def test_each_sample_finds_its_mark() -> None:
    marks = marks_from({5: FLAGGED, 2: REJECTED, 9: FLAGGED})
    samples = np.array([9, 0, 2, 5, 12])
    found = [marks.kinds[place] if place >= 0 else None for place in mark_places(marks, samples)]
    assert found == [FLAGGED, None, REJECTED, FLAGGED, None]
    assert mark_places(NO_MARKS, samples) == (-1,) * 5
    ask = msgspec.msgpack.encode(SampleRowsAsk(
        view="points", run="", form="csv", numbers=SamplesAsk(path="/a"), samples=(1,), kinds=marks.kinds
    ))  # fmt: skip
    assert msgspec.msgpack.decode(ask, type=SampleRowsAsk).kinds == marks.kinds

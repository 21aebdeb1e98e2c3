"""The quick ways of reading tables and records give what the careful ones give."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from inspector.artifacts.logs import csv_cells, csv_columns, metrics_jsonl, table_csv
from inspector.artifacts.logs.csv_cells import numbers_in, plain_rows
from inspector.artifacts.logs.json_forms import MOST_KEYS, Forms
from inspector.artifacts.logs.metrics_jsonl import JsonlParser
from inspector.artifacts.logs.table_csv import CsvParser
from inspector.formats.series import SeriesSet
from tests.artifacts.series_checks import assert_same, by_tag, fragments

NUMBERS = st.one_of(
    st.floats().map(repr),
    st.integers(-(10**25), 10**25).map(str),
    st.floats(-1e4, 1e4).map(lambda number: f"{number:.4f}"),
    st.floats(-1e4, 1e4).map(lambda number: f"{number:.3e}"),
    st.sampled_from(["nan", "NaN", "inf", "-inf", "Infinity", "-Infinity", "1e999", "4.9e-324", "-0.0", "1E5"]),
)
ODD = st.sampled_from(
    [
        ".5",
        "1.",
        "+1",
        "01",
        "1_0",
        "",
        " ",
        " 7 ",
        "NA",
        "x",
        '"3"',
        '"5"',
        "1 2",
        "--1",
        "]",
        "null",
        "0x1",
        "1,234",
        '"1,234"',
        '""',
    ]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(NUMBERS, min_size=1, max_size=8))
def test_numbers_between_commas_are_what_python_reads(texts):
    found = numbers_in(",".join(texts).encode())
    assert found is None or np.array_equal(found, [float(text) for text in texts], equal_nan=True)
    assert found is not None or "1e999" in texts


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(NUMBERS, ODD), min_size=1, max_size=6))
@example(["nan", "5nan"])
@example(["1],[2"])
def test_what_is_no_plain_number_is_left_to_the_careful_way(texts):
    found = numbers_in(",".join(texts).encode())
    if found is not None:
        np.testing.assert_array_equal(found, [float(text) for text in ",".join(texts).split(",") if text.strip()])


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.lists(st.one_of(NUMBERS, ODD, st.just("")), min_size=3, max_size=3), min_size=1, max_size=8),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n"]),
    st.lists(st.integers(0, 500), max_size=2),
)
def test_a_table_read_quickly_is_the_same_table(rows, delimiter, end, cuts):
    text = end.join(delimiter.join(row) for row in (["step", "a", "b"], *rows)) + end

    def read() -> SeriesSet:
        parser = CsvParser()
        for piece in fragments(text.encode(), cuts):
            parser.take(piece)
        return parser.series(Path("metrics.csv"))

    quick = read()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table_csv, "plain_rows", lambda *_: None)
        assert_same(quick, read())


def test_plain_rows_equal_the_csv_module():
    text = "1,2.5,\r\n2,,nan\r\n3,-inf,4e-3\r\n, 7 ,8\r\n"
    rows = plain_rows(text.encode().removesuffix(b"\n"), ",", 3)
    assert rows is not None
    for row, values, filled in zip(csv.reader(text.splitlines()), rows.values, rows.filled, strict=True):
        np.testing.assert_array_equal(values, [float(cell) if cell else math.nan for cell in row])
        assert filled.tolist() == [bool(cell) for cell in row]


def test_the_quick_way_takes_nearly_all_of_a_sparse_table(monkeypatch):
    careful = []
    monkeypatch.setattr(
        csv_columns, "numbers_of", lambda *cells, **_: careful.append(cells) or csv_cells.numbers_of(*cells)
    )
    parser = CsvParser()
    parser.take(b"step,loss,val\n0,1,\n")
    parser.take(b"".join(b"%d,0.5,%s\n" % (step, b"" if step % 9 else b"nan") for step in range(1, 1000)))
    assert len(by_tag(parser.series(Path("a.csv")))["val"].values) == 111
    assert len(careful) == 3


JSON_VALUES = st.one_of(
    st.floats(),
    st.integers(-(10**20), 10**20),
    st.none(),
    st.booleans(),
    st.text(max_size=4),
    st.sampled_from(["NaN", " NaN, ", "-Infinity", math.nan, math.inf]),
    st.dictionaries(st.sampled_from(["x", "y"]), st.floats(), max_size=2),
    st.lists(st.floats(), max_size=2),
)
RECORDS = st.dictionaries(
    st.sampled_from(["step", "epoch", "loss", "val", "a: NaN, b", "time", 'a "b', "\ud800"]), JSON_VALUES, max_size=4
)
LINES = st.one_of(
    RECORDS.map(json.dumps),
    st.dictionaries(st.sampled_from(["step", "loss", "val"]), st.floats(-9, 9), max_size=3).map(json.dumps),
    st.sampled_from(["", "{}", "[1]", '{"step": 1', '{"step": 1}, {"step": 2}', "{ }", '{"step":1e999}', "\0"]),
    st.sampled_from(['{"step": 1, "time": 2, "event": "pause"}', '{"event": "pause"}']),
)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(LINES, min_size=1, max_size=12), st.lists(st.integers(0, 900), min_size=1, max_size=6), st.integers(1, 9)
)
def test_records_read_quickly_are_the_same_records(lines, cuts, new_lines):
    text = "\n".join(['{"step": 0, "loss": 1.0, "val": 2}', *lines]) + "\n"

    def read() -> SeriesSet:
        parser = JsonlParser()
        for piece in fragments(text.encode(), cuts):
            parser.take(piece)
        return parser.series(Path("metrics.jsonl"))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(metrics_jsonl, "_NEW_LINES", new_lines)
        quick = read()
        patch.setattr(Forms, "read", lambda *_: None)
        assert_same(quick, read())


def test_records_of_known_keys_are_decoded_as_one_type_also_where_they_hold_nan(monkeypatch):
    one_by_one = []
    decoded = metrics_jsonl._decoded
    monkeypatch.setattr(metrics_jsonl, "_decoded", lambda lines: one_by_one.extend(lines) or decoded(lines))
    parser = JsonlParser()
    parser.take(b'{"step": 0, "loss": NaN, "phase": "train"}\n')
    parser.take(b'{"step": 1, "loss": 2, "phase": "val"}\n{"loss": NaN, "step": 2}\n{"step": 3, "loss": -Infinity}\n')
    found = parser.series(Path("metrics.jsonl"))
    np.testing.assert_array_equal(found.series[0].values, [math.nan, 2, math.nan, -math.inf])
    np.testing.assert_array_equal(found.series[0].steps, range(4))
    assert found.skipped == ("phase (2 × text)",)
    assert len(one_by_one) == 1


def test_keys_that_change_on_every_line_do_not_make_ever_larger_types():
    parser = JsonlParser()
    for start in range(0, 4000, 100):
        parser.take(b"".join(b'{"step": %d, "key %d": 1}\n' % (step, step) for step in range(start, start + 100)))
    assert len(parser._forms._sorts) == MOST_KEYS + 1
    assert parser._forms._made < 10
    assert len(parser.series(Path("metrics.jsonl")).series) == 4000

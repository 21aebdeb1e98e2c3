from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.artifacts.logs import series_table, table_csv
from inspector.artifacts.logs.table_csv import CsvParser
from inspector.core.pulse import QUIET
from inspector.formats.series import SeriesSet
from tests.artifacts.series_checks import assert_same, by_tag, fragments
from tests.conftest import sample_files

REAL_TABLES = sample_files("logs/**/*.csv", "logs/**/*training.log", "rundirs/**/*.csv")


def read(text: str | bytes, *, cuts: tuple[int, ...] = ()) -> SeriesSet:
    data = text if isinstance(text, bytes) else text.encode()
    parser = CsvParser()
    for piece in fragments(data, cuts):
        parser.take(piece)
    return parser.series(Path("metrics.csv"))


def test_lightnings_sparse_rows_give_each_column_its_own_points():
    found = read(
        "epoch,lr,step,train_loss,val_acc\n0,,0,2.5,\n0,0.001,0,,\n0,,9,,0.25\n1,,10,1.5,\n1,,19,,nan\n",
    )
    tags = by_tag(found)
    np.testing.assert_array_equal(tags["train_loss"].steps, [0, 10])
    np.testing.assert_array_equal(tags["train_loss"].values, [2.5, 1.5])
    np.testing.assert_array_equal(tags["val_acc"].steps, [9, 19])
    np.testing.assert_array_equal(tags["val_acc"].values, [0.25, math.nan])
    np.testing.assert_array_equal(tags["val_acc"].epochs, [0, 1])
    np.testing.assert_array_equal(tags["lr"].values, [0.001])
    assert found.notes == ()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_in_the_header(delimiter):
    found = read(f"step{delimiter}a b{delimiter}c\n1{delimiter}2{delimiter}3\n4{delimiter}{delimiter}6\n")
    np.testing.assert_array_equal(by_tag(found)["a b"].values, [2])
    np.testing.assert_array_equal(by_tag(found)["c"].values, [3, 6])
    np.testing.assert_array_equal(by_tag(found)["c"].steps, [1, 4])


def test_decimal_commas_are_read_between_semicolons():
    np.testing.assert_array_equal(read("step;loss\n1;0,5\n2;1,25\n").series[0].values, [0.5, 1.25])


def test_marks_between_thousands_are_left_out_and_told():
    found = read('step,loss,n\n1,2,"1,234"\n2,3,"-1,234,567.5"\n3,4,"1,23"\n')
    np.testing.assert_array_equal(by_tag(found)["n"].values, [1234, -1234567.5])
    assert found.notes == (
        "2 numbers are read without the marks between their thousands, the first in line 2",
        "1 cell of n without a number left out, the first in line 4",
    )
    np.testing.assert_array_equal(read("step;loss\n1;1.234,5\n2;0,5\n").series[0].values, [1234.5, 0.5])


def test_more_columns_than_curves_are_wanted_are_read_as_far(monkeypatch):
    monkeypatch.setattr(series_table, "MAX_NAMES", 100)
    row = ",".join(map(str, range(150)))
    found = read(",".join(f"c{place}" for place in range(150)) + f"\n{row}\n{row}\n")
    assert len(found.series) == 100
    np.testing.assert_array_equal(found.series[99].values, [99, 99])
    assert len(found.notes) == 1


def test_a_blank_between_delimiters_is_an_empty_cell():
    np.testing.assert_array_equal(by_tag(read("step,a,b\n1, ,2\n2,3, 4\n"))["a"].values, [3])


def test_words_for_nothing_leave_no_point_and_nan_and_inf_stay():
    found = read("step,a\n1,NA\n2,nan\n3,-inf\n4,None\n5,1e999\n6,7\n")
    np.testing.assert_array_equal(found.series[0].steps, [2, 3, 5, 6])
    np.testing.assert_array_equal(found.series[0].values, [math.nan, -math.inf, math.inf, 7])
    assert found.notes == ()


def test_columns_of_text_are_named_and_single_texts_are_noted():
    found = read("step,phase,loss\n1,train,2\n2,val,oops\n3,val,1_0\n")
    assert list(by_tag(found)) == ["loss"]
    assert found.skipped == ("phase (3 × text)",)
    assert found.notes == ("2 cells of loss without a number left out, the first in line 3",)


def test_a_header_that_is_repeated_or_changed_starts_a_further_part():
    found = read("step,loss\n1,10\n2,20\nstep,loss\n1,11\nacc,loss,step\n0.5,12,3\n")
    np.testing.assert_array_equal(by_tag(found)["loss"].values, [10, 20, 11, 12])
    np.testing.assert_array_equal(by_tag(found)["loss"].steps, [1, 2, 1, 3])
    np.testing.assert_array_equal(by_tag(found)["acc"].steps, [3])
    assert found.notes == ("2 lines are a header again, what follows is read by them, the first is line 4",)


def test_lines_of_another_width_are_left_out_and_counted():
    found = read("step,a,b\n1,2,3\n2,2\n3,3,3,3\n4,5,6,,\n")
    np.testing.assert_array_equal(by_tag(found)["a"].steps, [1, 4])
    assert found.notes == (
        "2 lines have another number of cells than the header and were left out, the first is line 3",
    )


def test_quoted_cells_may_hold_delimiters_quotes_and_newlines():
    found = read('step,"a,b",note\n1,"2","say ""x"",\nthen"\n2,3,"plain"\n')
    np.testing.assert_array_equal(by_tag(found)["a,b"].values, [2, 3])
    assert found.skipped == ("note (2 × text)",)


def test_a_stray_quote_costs_its_line_and_no_more():
    rows = [f"{step},{step / 2}" for step in range(1000)]
    rows[400] = '400,"200.0'
    found = read("step,loss\n" + "\n".join(rows) + "\n")
    np.testing.assert_array_equal(found.series[0].steps, np.arange(1000))
    np.testing.assert_array_equal(found.series[0].values, np.arange(1000) / 2)
    assert found.notes == ("line 402 opens a quote that is never closed, it was read without it",)


def test_a_stray_quote_near_the_end_is_settled_when_the_file_ends():
    found = read('step,loss\n1,"5\n2,6\n3,"7\n')
    np.testing.assert_array_equal(found.series[0].values, [5, 6, 7])


def test_nul_bytes_of_a_crash_are_passed_over():
    found = read(b"step,a\n1,2\n\0\0\0\0\n2,3\n\0\0\0" + b"3,4\n")
    np.testing.assert_array_equal(found.series[0].values, [2, 3, 4])
    assert found.notes == ("2 lines hold NUL bytes, which were passed over, the first is line 3",)


def test_the_number_at_the_end_of_the_file_may_be_cut_and_is_not_taken():
    found = read("step,a,b\n1,2,3\n2,4,5")
    np.testing.assert_array_equal(by_tag(found)["a"].values, [2, 4])
    np.testing.assert_array_equal(by_tag(found)["b"].values, [3])
    assert found.notes == ("line 3, the last, has no end, so its last number may be cut off and was left out",)
    torn = read("step,a,b\n1,2,3\n2,4")
    np.testing.assert_array_equal(by_tag(torn)["a"].values, [2])
    assert torn.notes == ("line 3, the last, breaks off and was left out",)
    assert by_tag(read('"step","a"\n"1","2"'))["a"].values[0] == 2


def test_a_table_without_header_is_named_by_place_and_savetxts_comment_is_its_header():
    found = read("1,2\n3,4\n")
    assert list(by_tag(found)) == ["column 1", "column 2"]
    assert found.notes == ("line 1, the first, holds numbers, so the columns are named by their place",)
    buffer = io.StringIO()
    np.savetxt(buffer, [[1, 0.5], [2, 0.25]], delimiter=",", header="step,loss")
    np.testing.assert_array_equal(by_tag(read(buffer.getvalue()))["loss"].values, [0.5, 0.25])


def test_two_columns_of_one_name_stay_two():
    assert list(by_tag(read("a,a,\n1,2,3\n"))) == ["a", "a (2)", "column 3"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_encoding_is_told_by_a_mark_that_is_no_part_of_the_first_name_or_by_zero_bytes(encoding, tmp_path):
    path = tmp_path / "metrics.csv"
    path.write_bytes("step,ä\n1,2\n".encode(encoding))
    found = table_csv.series(path, QUIET)
    np.testing.assert_array_equal(by_tag(found)["ä"].steps, [1])


def test_empty_and_hopeless_files_are_noted():
    assert read("").notes == ("the file holds no table",)
    assert read("\n\n").notes == ("the file holds no table",)


values = st.floats(allow_nan=False) | st.integers(-(10**6), 10**6) | st.none()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(values, min_size=3, max_size=3), min_size=1, max_size=12),
    st.lists(st.integers(0, 5_000), max_size=5),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_the_csv_module_writes_comes_back_in_any_fragments(rows, cuts, newline, quoting):
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator=newline, quoting=quoting)
    writer.writerows([("alpha", "beta", "gamma"), *rows])
    tags = by_tag(read(buffer.getvalue(), cuts=tuple(cuts)))
    for place, name in enumerate(("alpha", "beta", "gamma")):
        expected = [float(row[place]) for row in rows if row[place] is not None]
        np.testing.assert_array_equal(tags[name].values if name in tags else [], expected)


messy = st.lists(
    st.sampled_from(["1", "x", '"', '""', ",", "\n", "\r\n", "\0", "#", "step", "a", " ", "nan", "2.5"]), max_size=40
)


@settings(max_examples=150, deadline=None)
@given(messy, st.lists(st.integers(0, 500), max_size=5))
def test_any_fragments_of_any_text_give_what_the_whole_gives(parts, cuts):
    text = "step,a\n1,2\n" + "".join(parts)
    assert_same(read(text, cuts=tuple(cuts)), read(text))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes_give_an_answer(data):
    found = read(data)
    assert all(len(series.values) == len(series.steps) > 0 for series in found.series)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2_000))
def test_cut_anywhere_a_table_keeps_its_whole_rows(cut):
    text = "step,loss,lr\n" + "".join(f"{step},{1 / (step + 1)},{step * 1e-5}\n" for step in range(40))
    kept = text[: cut % len(text)]
    tags = by_tag(read(kept))
    whole_rows = max(kept.count("\n") - 1, 0)
    steps = tags["lr"].steps if "lr" in tags else []
    np.testing.assert_array_equal(steps, np.arange(whole_rows))
    np.testing.assert_array_equal(tags["lr"].values if "lr" in tags else [], np.arange(whole_rows) * 1e-5)


@pytest.mark.samples
@pytest.mark.parametrize("path", REAL_TABLES, ids=lambda path: "/".join(path.parts[-3:]))
def test_real_tables_read_as_pandas_reads_them(path):
    if path.stat().st_size == 0:
        assert table_csv.series(path, QUIET).notes == ("the file holds no table",)
        return
    frame = pd.read_csv(path, comment="#", dtype=str, keep_default_na=False)  # pandas' own floats are not exact
    found = table_csv.series(path, QUIET)
    tags = by_tag(found)
    axes = {name: axis for name in frame.columns if (axis := f"{name.lower()}s") in ("steps", "epochs")}
    assert list(tags) == [name for name in frame.columns if name not in axes]
    for name, series in tags.items():
        filled = frame[frame[name] != ""]
        np.testing.assert_array_equal(series.values, [float(cell) for cell in filled[name]])
        for column, axis in axes.items():
            np.testing.assert_array_equal(getattr(series, axis), [float(cell) for cell in filled[column]])
    assert found.notes == ()


@pytest.mark.samples
def test_a_gym_monitor_tells_when_each_episode_ended(samples):
    found = table_csv.series(samples / "logs/DLR-RM__rl-baselines3-zoo/None.monitor.csv", QUIET)
    # t_start 1595690203.6552317 stands in the file's first line, t 15.341153 in its third
    assert by_tag(found)["r"].times[0] == 1595690203.6552317 + 15.341153
    assert by_tag(found)["l"].values[0] == 243


def test_a_header_that_fits_no_line_is_given_up(tmp_path):
    def read(text: str) -> SeriesSet:
        path = tmp_path / "a.csv"
        path.unlink(missing_ok=True)
        path.write_text(text)
        return table_csv.series(path, QUIET)

    rows = "".join(f"{step},{step / 10}\n" for step in range(30))
    titled = read("My experiment\nstep,loss\n" + rows)
    assert [(one.tag, one.steps[-1], len(one.values)) for one in titled.series] == [("loss", 29, 30)]
    damaged = read("step;loss\n" + rows)
    assert {one.tag: len(one.values) for one in damaged.series} == {"column 1": 30, "column 2": 30}
    assert damaged.notes[0] == "line 1 is no header of the lines below it, which have another number of cells"
    few = read("step,loss\n1,2,3\n1,2,3\n1,2\n")
    assert [len(one.values) for one in few.series] == [1]
    assert few.notes == ("2 lines have another number of cells than the header and were left out, the first is line 2",)
    none = read("step,loss\n1,2,3\n1,2,3\n")
    assert not none.series
    assert none.notes == few.notes

"""Tables of numbers that grow while they are looked at."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.artifacts.logs.growing import GrowingArray
from inspector.artifacts.logs.metrics_jsonl import JsonlParser
from inspector.artifacts.logs.series_table import SeriesTable
from inspector.artifacts.logs.table_csv import CsvParser
from tests.artifacts.series_checks import by_tag


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.lists(st.sampled_from([0.0, 1.5, math.nan]), max_size=30), st.booleans(), st.integers(0, 40)),
        max_size=12,
    )
)
def test_what_was_given_out_of_a_growing_array_never_changes(turns):
    growing, wanted = GrowingArray(np.float64), []
    given_out = []
    for numbers, looks, taken_back in turns:
        growing.extend(np.array(numbers, np.float64))
        wanted.extend(numbers)
        if looks:
            given_out.append((growing.view(), list(wanted)))
            growing.cut(max(0, len(wanted) - taken_back))
            del wanted[max(0, len(wanted) - taken_back) :]
    for view, numbers in [*given_out, (growing.view(), wanted)]:
        np.testing.assert_array_equal(view, numbers)


def test_a_further_look_gives_the_same_memory_and_what_was_added():
    parser = JsonlParser()
    parser.take(b"".join(b'{"step": %d, "time": %d, "loss": 1}\n' % (step, 1.7e9 + step) for step in range(1000)))
    parser.take(b"".join(b'{"step": %d, "time": %d, "val": 2}\n' % (step, 1.7e9 + step) for step in range(90)))
    before = by_tag(parser.series(Path("log")))
    parser.take(b'{"step": 7, "time": 1700000007, "val": 3}\n{"step": 8, "val"')
    after = by_tag(parser.series(Path("log")))
    for tag in ("loss", "val"):
        for axis in ("steps", "times", "values"):
            assert np.shares_memory(getattr(before[tag], axis), getattr(after[tag], axis)), (tag, axis)
    np.testing.assert_array_equal(after["val"].steps[-2:], [89, 7])
    np.testing.assert_array_equal(after["val"].values[-2:], [2, 3])
    assert len(before["val"].values) == 90


def test_an_unfinished_line_is_looked_at_and_then_read_as_what_it_became():
    parser = CsvParser()
    parser.take(b"step,loss,val\n1,2,3\n2,4,5")
    early = by_tag(parser.series(Path("log")))
    np.testing.assert_array_equal(early["loss"].values, [2, 4])
    parser.take(b"0,6\n2,9,")  # the cell was longer, and the line has one too many
    np.testing.assert_array_equal(by_tag(parser.series(Path("log")))["loss"].values, [2, 9])
    np.testing.assert_array_equal(early["loss"].values, [2, 4])
    parser.take(b"7\n")
    np.testing.assert_array_equal(by_tag(parser.series(Path("log")))["val"].values, [3, 7])


def test_a_step_that_comes_late_stands_below_all_records_before_it():
    table = SeriesTable()
    table.records = 2
    table.extend_rows("loss", 0, np.array([5.0, 6.0]))
    assert table.series()[0][0].stepless
    table.records = 4
    table.extend_rows("loss", 2, np.array([7.0, 8.0]))
    table.put("step", 3, 40.0)
    (loss,), notes = table.series()
    np.testing.assert_array_equal(loss.steps, [40, 40, 40, 40])
    assert notes == ("3 records have no step and stand at the one before them, the first is record 1",)


def test_the_fuller_axis_takes_over_while_a_table_grows():
    table = SeriesTable()
    table.records = 1
    for name, value in (("step", 1.0), ("loss", 2.0)):
        table.put(name, 0, value)
    assert [one.tag for one in table.series()[0]] == ["loss"]
    table.records = 3
    table.extend_rows("global_step", 1, np.array([10.0, 20.0]))
    table.extend_rows("loss", 1, np.array([3.0, 4.0]))
    tags = {one.tag: one for one in table.series()[0]}
    np.testing.assert_array_equal(tags["loss"].steps, [10, 10, 20])
    np.testing.assert_array_equal(tags["step"].values, [1])


def test_going_back_to_a_mark_undoes_names_records_and_axes():
    table = SeriesTable()
    table.records = 2
    table.extend_rows("loss", 0, np.array([1.0, 2.0]))
    mark = table.mark()
    table.records = 3
    for name, value in (("step", 9.0), ("loss", 3.0), ("val", 4.0)):
        table.put(name, 2, value)
    assert len(table.series()[0]) == 2
    table.back_to(mark)
    (loss,), notes = table.series()
    assert loss.stepless
    np.testing.assert_array_equal(loss.values, [1, 2])
    assert notes == ()

"""Lines read together as arrays give what lines read one by one give."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.artifacts.logs import console_parser
from inspector.artifacts.logs.console_shapes import number_of, shapes_of
from inspector.artifacts.logs.digit_runs import LEAST_LINES, stretches
from inspector.artifacts.logs.line_forms import LineReader, read_as_written
from inspector.formats.series import SeriesSet
from tests.artifacts.console_checks import read
from tests.artifacts.series_checks import assert_same, by_tag


def read_one_by_one(data: bytes) -> SeriesSet:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(console_parser, "stretches", lambda *_arguments: iter(()))
        patch.setattr(LineReader, "read", lambda _reader, block: read_as_written(block))
        return read(data)


digits = st.integers(0, 10**18).map(str)
numbers = st.one_of(
    digits,
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.floats(-10, 10).map("{:.4f}".format),
    st.floats(1e-9, 1).map("{:.3e}".format),
    st.builds("{}.{}".format, digits, digits),
    st.sampled_from(["0", "-0", "+5", ".5", "5.", "1,234", "12,345,678", "0,5", "nan", "-inf", "1e400", "1e-400", "007",
                     "12-5", "1.2.3", "٣", "5é"]),
)  # fmt: skip
templates = st.sampled_from([
    "Epoch {0}/100 | Step {1}/2842 | Loss={2} | Acc={3}",
    "step: {0} loss: {1}  conv{2}d: {3}",
    "2026-05-19 18:32:{0:.2},445 - root - INFO - step: {1} loss: {2} x{3}",
    "{0}-{1}-{2} 10:11:12 iter {3} loss 0.5",
    "  1/3  2.61G {0} {1} {2} {3}",
    "| loss | {0} |",
    "  acc: {0} ({1})",
    "{0} {1} {2} {3}",
    "Épöche loss → {0} epoch {1} loss: {2}",
])  # fmt: skip
like = st.builds(lambda template, rows: "".join(template.format(*row) + "\n" for row in rows), templates,
                 st.lists(st.tuples(numbers, numbers, numbers, numbers), max_size=3 * LEAST_LINES))  # fmt: skip


def counted(template: str, start: int, count: int) -> str:
    rows = ((f"{n % 60:02d}", str(n * 7), str(n / 8), f"{n:03d}") for n in range(start, start + count))
    return "".join(template.format(*row) + "\n" for row in rows)


smooth = st.builds(counted, templates, st.integers(0, 2000), st.integers(0, 4 * LEAST_LINES))
others = st.sampled_from(["\n", "epoch  step  loss  acc\n", "Epoch 3\n", "[Check]\n", "saved\n", "12\r13\n", "\0\n"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(smooth, like, others), max_size=6), st.lists(st.integers(0, 10**4), max_size=3))
def test_both_ways_give_the_same_curves(blocks, cuts):
    data = "".join(blocks).encode()
    assert_same(read(data, cuts=tuple(cuts)), read_one_by_one(data))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=LEAST_LINES, max_size=40),
       st.sampled_from(["{:.6f}", "{:.3e}", "{:.17g}", "{:.0f}", "{}"]))  # fmt: skip
def test_each_number_is_what_its_text_says(values, form):
    block = "".join(f"loss={form.format(value)}\n" for value in values)
    for stretch in stretches(block.encode(), 10_000):
        chosen = block[stretch.start : stretch.end].splitlines()
        assert len(chosen) == stretch.count
        expected = [number_of(shapes_of(line)[1][0]) for line in chosen]
        np.testing.assert_array_equal(stretch.column(0), expected)
        assert {shapes_of(line)[0][0] for line in chosen} == {stretch.shape}


def test_most_lines_of_a_plain_log_are_read_together():
    lines = [f"Epoch {n // 9}/100 | Step {n}/2842 | Loss={n / 8} | Acc=0.{n:03d}\n" for n in range(500)]
    lines.insert(250, "saved\n")
    block = "".join(lines)
    (first, second) = stretches(block.encode(), 8192)
    assert (first.start, first.count, second.end, second.count) == (0, 250, len(block), 250)
    assert block[first.end : second.start] == "saved\n"
    assert first.column(4).tolist() == [n / 8 for n in range(250)]
    assert len(by_tag(read(block.encode()))["loss"].values) == 500


def test_lines_whose_names_differ_in_digits_are_not_mixed_up():
    lines = "".join(f"Epoch {n} layer{n % 2}: {n}\n" for n in range(40)).encode()
    found = by_tag(read(lines))
    assert found["layer1"].values.tolist() == list(range(1, 40, 2))


rows = st.lists(st.tuples(templates, numbers, numbers, numbers, numbers), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(rows, st.randoms(use_true_random=False), st.integers(3, 8))
def test_lines_of_many_forms_are_read_as_they_are_written(rows, random, times):
    lines = [template.format(*chosen) for template, *chosen in rows for _ in range(times)]
    random.shuffle(lines)
    block = "\n".join(lines * 2).encode()
    reader, plain = LineReader(), read_as_written(block)
    for _ in range(2):
        found = reader.read(block)
        assert found.shapes == plain.shapes
        for shape, first, other in zip(found.shapes, found.firsts, plain.firsts, strict=True):
            count = shape.count("\0")
            assert found.values[first : first + count] == plain.values[other : other + count], shape


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(smooth, like, others), min_size=1, max_size=8), st.randoms(use_true_random=False),
       st.lists(st.integers(0, 10**4), max_size=3))  # fmt: skip
def test_mixed_lines_give_the_same_curves_both_ways(blocks, random, cuts):
    lines = "".join(blocks).splitlines(keepends=True)
    lines.extend(
        ["\x1b[32mstep: 3 loss: 0.5\x1b[0m\n", "Bar:  3%|| 3/9 [00:01, loss=1]\rBar: 6%|| 5/9 [00:02, loss=2]\n"] * 9
    )
    random.shuffle(lines)
    data = "".join(lines).encode()
    assert_same(read(data, cuts=tuple(cuts)), read_one_by_one(data))

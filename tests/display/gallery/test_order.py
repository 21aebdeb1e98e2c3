"""Which samples a gallery shows and in which order, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from inspector.display.gallery.bins import bins_of
from inspector.display.gallery.filters import filtered
from inspector.display.gallery.order import ordered, shown_samples
from inspector.formats.marks import NO_MARKS, Mark, marks_from
from inspector.formats.sample_table import SampleTable, sample_column
from inspector.session.gallery import GalleryState, NumberRange

NAN = float("nan")
TABLE = SampleTable(
    samples=6,
    scanned=5,
    columns=(
        sample_column("fg_ari", np.array([0.5, 0.1, NAN, 0.1, 0.9, NAN])),
        sample_column("active_slots", np.array([2.0, 3.0, 3.0, 1.0, 7.0, NAN])),
        sample_column("sparsity/enc.conv1", np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])),
        sample_column("sparsity/dec.conv1", np.array([0.6, 0.5, 0.4, 0.3, 0.2, 0.1])),
        sample_column("sparsity/head", np.array([0.0, 0.0, 1.0, 1.0, 1.0, 0.0])),
    ),
)
MARKS = marks_from(
    {
        1: Mark(flagged=True, flagged_s=1.0),
        2: Mark(tags=("Hard", "blur"), tags_s=1.0),
        4: Mark(flagged=True, flagged_s=1.0, note="two objects touch", note_s=1.0),
        5: Mark(flagged=False, flagged_s=2.0),
        9: Mark(flagged=True, flagged_s=1.0),
    }
)


@pytest.mark.parametrize(
    ("order", "descending", "expected"),
    [
        ("fg_ari", False, [1, 3, 0, 4, 2, 5]),
        ("fg_ari", True, [4, 0, 1, 3, 2, 5]),
        ("", False, [0, 1, 2, 3, 4, 5]),
        ("", True, [5, 4, 3, 2, 1, 0]),
        ("gone", True, [0, 1, 2, 3, 4, 5]),
    ],
)
def test_equal_samples_stand_by_number_and_undefined_ones_last(
    order: str, descending: bool, expected: list[int]
) -> None:
    assert ordered(TABLE, order, descending=descending).tolist() == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [0, 1, 2, 3, 4, 5]),
        ("fg_ari<0.5", [1, 3]),
        ("FG-ARI<=0.5", [0, 1, 3]),
        ("fg_ari=nan", [2, 5]),
        ("fg_ari!=nan", [0, 1, 3, 4]),
        ("fg_ari!=0.1", [0, 4]),
        ("-fg_ari<0.5", [0, 2, 4, 5]),
        ("active_slots>=3 fg_ari<1", [1, 4]),
        ("sample>4", [4, 5]),
        ("sample=2", [1]),
        ("head=1", [2, 3, 4]),
        ("sparsity/enc.conv1>0.35", [3, 4, 5]),
        ("enc.conv1>0.35", [3, 4, 5]),  # the end of a name is what stands after its slash
        ("flagged", [1, 4]),
        ("-flagged", [0, 2, 3, 5]),
        ("-", [0, 1, 2, 3, 4, 5]),
        ("flagged -", [1, 4]),
        ("tagged", [2]),
        ("noted", [4]),
        ("#hard", [2]),
        ("#har", []),
        ("TOUCH", [4]),
        ("blu", [2]),
        ("nothing", []),
    ],
)
def test_a_filter_keeps_what_all_its_terms_hold_of(text: str, expected: list[int]) -> None:
    kept, wrong = filtered(TABLE, text, (), MARKS)
    assert (np.flatnonzero(kept).tolist(), wrong) == (expected, ())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fgari<0.5", "There is no number 'fgari'"),
        ("fg_ari<x", "'x' is not a number"),
        ("conv1<1", "no number 'conv1'"),
    ],
)
def test_a_term_that_means_nothing_is_told_and_keeps_all(text: str, said: str) -> None:
    kept, wrong = filtered(TABLE, f"flagged {text}", (), MARKS)
    assert np.flatnonzero(kept).tolist() == [1, 4]
    assert len(wrong) == 1
    assert said in wrong[0]


def test_ranges_keep_both_ends_and_nothing_undefined() -> None:
    ranges = (NumberRange("fg_ari", 0.1, 0.5), NumberRange("active_slots", 2.0, 3.0), NumberRange("gone", 0.0, 0.0))
    gallery = GalleryState(viewer="slots", order="fg_ari", descending=True, ranges=ranges)
    assert shown_samples(TABLE, gallery, NO_MARKS).samples.tolist() == [0, 1]


def test_without_samples_nothing_is_shown() -> None:
    empty = SampleTable(samples=0)
    shown = shown_samples(empty, GalleryState(viewer="slots", order="fg_ari", filter="flagged"), MARKS)
    assert shown.samples.size == 0


def test_bins_count_all_and_those_kept() -> None:
    values = np.array([0.0, 0.1, 0.25, 0.5, 1.0, NAN, np.inf])
    kept = np.array([True, False, True, True, True, True, True])
    bins = bins_of(values, kept, most=4)
    assert bins.edges.tolist() == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert bins.every.tolist() == [2, 1, 1, 1]
    assert bins.kept.tolist() == [1, 1, 1, 1]
    assert bins.undefined == 2


def test_whole_numbers_stand_in_the_middle_of_their_bins() -> None:
    bins = bins_of(np.array([1.0, 3.0, 3.0]), np.ones(3, bool))
    assert bins.edges.tolist() == [0.5, 1.5, 2.5, 3.5]
    assert bins.every.tolist() == [1, 0, 2]


@pytest.mark.parametrize("value", [0.3, -1e300, 1e-320])
def test_a_constant_has_one_bin(value: float) -> None:
    bins = bins_of(np.full(5, value), np.ones(5, bool))
    assert bins.every.tolist() == [5]
    assert bins.edges[0] < value < bins.edges[1]


def test_a_range_too_wide_for_steps_has_one_bin() -> None:
    assert bins_of(np.array([-1.7e308, 1.7e308]), np.ones(2, bool)).every.tolist() == [2]


def test_nothing_known_has_no_bin() -> None:
    bins = bins_of(np.array([NAN, NAN]), np.ones(2, bool))
    assert (bins.edges.size, bins.undefined) == (0, 2)

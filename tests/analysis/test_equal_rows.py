"""Rows that are the same are found, whatever stands between them, and no others."""

from __future__ import annotations

import numpy as np
import pytest

from inspector.analysis import equal_rows as module
from inspector.analysis.equal_rows import equal_rows
from inspector.core.errors import WorkCancelled
from inspector.core.pulse import Pulse

DISTANCE = 1e-5


def test_equal_rows_are_grouped_whatever_lies_between() -> None:
    rows = np.random.default_rng(0).standard_normal((50, 9))
    rows[[7, 30]] = rows[3]
    rows[44] = rows[12] * (1 + 1e-8)
    rows[33] = -rows[8]
    rows[20] = rows[21] * (1 + 1e-3)
    assert equal_rows(rows, DISTANCE) == [(3, 7, 30), (12, 44)]


def test_rows_of_zeros_and_rows_that_are_not_finite_are_in_no_group() -> None:
    rows = np.random.default_rng(1).standard_normal((12, 9)).astype(np.float32)
    rows[[1, 2]] = 0
    rows[[3, 4]] = np.nan
    rows[[5, 6], 2] = np.inf
    rows[[8, 9]] = 3e38
    assert equal_rows(rows, DISTANCE) == [(8, 9)]
    assert equal_rows(np.full((3, 4), 1e300), DISTANCE) == [], "their length is no float64"


def test_rows_in_many_slices_are_those_of_a_search_by_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SLICE_ELEMENTS", 64)
    rows = np.random.default_rng(2).integers(-2, 3, (400, 4)).astype(np.int8)
    groups: dict[bytes, list[int]] = {}
    for index, row in enumerate(rows):
        groups.setdefault(row.tobytes(), []).append(index)
    expected = sorted(tuple(group) for group in groups.values() if len(group) > 1 and rows[group[0]].any())
    assert len(expected) > 50
    assert equal_rows(rows, DISTANCE) == expected


@pytest.mark.parametrize("shape", [(0, 4), (1, 4), (3, 0), (0, 0)])
def test_too_few_rows_or_empty_ones_have_no_groups(shape: tuple[int, int]) -> None:
    assert equal_rows(np.ones(shape), DISTANCE) == []


def test_all_rows_may_be_one_and_cancel_is_obeyed() -> None:
    rows = np.ones((1000, 4), np.float32)
    assert equal_rows(rows, DISTANCE) == [tuple(range(1000))]
    with pytest.raises(WorkCancelled):
        equal_rows(rows, DISTANCE, Pulse(cancelled=lambda: True))

"""What the tests of log readers share."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from inspector.formats.series import Series, SeriesSet


def by_tag(found: SeriesSet) -> dict[str, Series]:
    tags = {series.tag: series for series in found.series}
    assert len(tags) == len(found.series), "a tag stands twice"
    return tags


def assert_same(one: SeriesSet, other: SeriesSet) -> None:
    assert [series.tag for series in one.series] == [series.tag for series in other.series]
    for left, right in zip(one.series, other.series, strict=True):
        for axis in ("steps", "epochs", "times", "values"):
            np.testing.assert_array_equal(getattr(left, axis), getattr(right, axis), err_msg=f"{left.tag} {axis}")
        assert left.stepless == right.stepless
    assert one.skipped == other.skipped
    assert one.notes == other.notes


def fragments(data: bytes, cuts: Sequence[int]) -> list[bytes]:
    """The data in pieces, cut at places taken modulo its length."""
    places = sorted({cut % (len(data) + 1) for cut in cuts} | {0, len(data)})
    return [data[start:stop] for start, stop in itertools.pairwise(places)]

"""A cell counts where its centre lies within the content."""

from __future__ import annotations

import numpy as np
import pytest

from inspector.analysis.valid_cells import valid_cells
from inspector.core.arrays import ShapeError


def test_cells_of_the_samples_size_are_the_content_itself() -> None:
    found = valid_cells(np.array([[3, 2], [5, 6]]), (5, 6), (5, 6))
    assert found is not None
    expected = np.zeros((2, 5, 6), bool)
    expected[0, :3, :2] = True
    expected[1] = True
    np.testing.assert_array_equal(found, expected)


def test_coarse_cells_count_by_their_centres() -> None:
    found = valid_cells(np.array([[10, 13]]), (30, 30), (4, 4))
    # Centres at 3.75, 11.25, 18.75 and 26.25.
    assert found is not None
    assert found[0].any(axis=1).tolist() == [True, False, False, False]
    assert found[0].any(axis=0).tolist() == [True, True, False, False]


def test_nothing_padded_needs_no_mask() -> None:
    assert valid_cells(np.array([[30, 30], [30, 30]]), (30, 30), (7, 7)) is None


@pytest.mark.parametrize("content", [[0, 5], [31, 5], [-1, 3], [np.nan, 4]])
def test_content_that_does_not_fit_is_taken_as_unpadded(content: list[float]) -> None:
    assert valid_cells(np.array([content]), (30, 30), (7, 7)) is None


def test_other_arrays_are_refused() -> None:
    with pytest.raises(ShapeError, match="2 axes"):
        valid_cells(np.array([3, 4]), (30, 30), (7, 7))

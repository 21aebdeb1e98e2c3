"""Half precision widens to exactly the values that numpy gives, all 65,536 of them."""

from __future__ import annotations

import numpy as np
import pytest

from inspector.analysis.halves import widened


def every_half() -> np.ndarray:
    return np.arange(1 << 16, dtype=np.uint16).view(np.float16)


def test_every_half_is_the_single_of_numpy() -> None:
    halves = every_half()
    found = widened(halves)
    with np.errstate(invalid="ignore"):
        expected = halves.astype(np.float32)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, expected)
    numbers = ~np.isnan(halves)
    np.testing.assert_array_equal(np.signbit(found[numbers]), np.signbit(halves[numbers]))


def test_views_and_shapes_are_kept() -> None:
    halves = every_half()[: 2 * 3 * 4].reshape(2, 3, 4)
    turned = halves.transpose(2, 0, 1)[::2]
    np.testing.assert_array_equal(widened(turned), turned.astype(np.float32))
    assert widened(halves[:0]).shape == (0, 3, 4)
    assert float(widened(np.array(-1.5, np.float16))) == -1.5


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floats_pass_through(dtype: type) -> None:
    values = np.ones(3, dtype)
    assert widened(values) is values


@pytest.mark.parametrize(
    ("dtype", "wide"), [(np.uint8, np.float32), (np.int16, np.float32), (np.int32, np.float64), (bool, np.float32)]
)
def test_whole_numbers_become_floats_that_hold_them(dtype: type, wide: type) -> None:
    assert widened(np.ones(3, dtype)).dtype == wide

"""The change between two tensors, against float64 and extended numpy, and by hand."""

from __future__ import annotations

import math
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from inspector.analysis.tensor_change import BLOCK_ELEMENTS, Change, change_of

FLOATS = [
    np.float64, np.float32, np.float16, ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2,
]  # fmt: skip


def drawn(shape: tuple[int, ...], dtype: Any, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


@pytest.mark.parametrize("dtype", FLOATS, ids=lambda dtype: np.dtype(dtype).name)
def test_floating_numbers_agree_with_numpy_in_extended_precision(dtype: Any) -> None:
    first = drawn((7, 3, BLOCK_ELEMENTS // 9), dtype, 1)
    second = (first.astype(np.float64) * 0.9 + 0.05 * drawn(first.shape, np.float64, 2)).astype(dtype)
    a, b = first.astype(np.longdouble), second.astype(np.longdouble)
    found = change_of(first, second)
    assert found.norms == pytest.approx((float(np.linalg.norm(a.ravel())), float(np.linalg.norm(b.ravel()))), rel=1e-13)
    assert found.difference == pytest.approx(float(np.sqrt(((b - a) ** 2).sum())), rel=1e-13)
    assert found.relative == pytest.approx(float(np.sqrt(((b - a) ** 2).sum() / (a**2).sum())), rel=1e-13)
    assert found.cosine == pytest.approx(float((a * b).sum() / np.sqrt((a**2).sum() * (b**2).sum())), rel=1e-13)
    assert found.sign_flips == int((np.sign(a) * np.sign(b) < 0).sum()) > 0
    assert found.largest == float(np.abs(b - a).max())
    assert found.largest_at == tuple(np.unravel_index(np.abs(b - a).argmax(), a.shape))
    assert found.largest_at is not None
    assert found.largest_pair == (float(first[found.largest_at]), float(second[found.largest_at]))
    assert (found.count, found.equal) == (a.size, int((a == b).sum()))
    assert not found.identical


@pytest.mark.parametrize("scale", [1e-300, 1e-200, 1e-160, 1e-60, 1e60, 1e160, 1e300])
def test_numbers_near_the_ends_of_float64_neither_vanish_nor_overflow(scale: float) -> None:
    first, second = drawn((5000,), np.float64, 3) * scale, drawn((5000,), np.float64, 4) * scale
    a, b = first.astype(np.longdouble), second.astype(np.longdouble)
    if a.dtype.itemsize <= 8:
        pytest.skip("this machine has no wider type to compare with")
    found = change_of(first, second)
    assert found.relative == pytest.approx(float(np.sqrt(((b - a) ** 2).sum() / (a**2).sum())), rel=1e-12)
    assert found.cosine == pytest.approx(float((a * b).sum() / np.sqrt((a**2).sum() * (b**2).sum())), rel=1e-12)
    assert found.sign_flips == int((np.sign(first) * np.sign(second) < 0).sum())


def test_blocks_of_very_different_sizes_are_joined() -> None:
    first = np.concatenate([np.full(BLOCK_ELEMENTS, 1e-170), np.full(BLOCK_ELEMENTS, 1e170)])
    second = np.concatenate([np.full(BLOCK_ELEMENTS, -1e-170), np.full(BLOCK_ELEMENTS, 3e170)])
    found = change_of(first, second)
    assert found.norms[0] == pytest.approx(1e170 * math.sqrt(BLOCK_ELEMENTS))
    assert found.relative == pytest.approx(2.0)
    assert found.cosine == pytest.approx(1.0)
    assert found.sign_flips == BLOCK_ELEMENTS


def test_a_tensor_of_several_blocks_is_the_same_gathered_in_any_pieces() -> None:
    first, second = drawn((100_003,), np.float32, 5), drawn((100_003,), np.float32, 6)
    first[70_000], second[90_001] = np.nan, np.inf
    whole = change_of(first, second)
    pieces = Change()
    for start, end in ((0, 11), (11, 40_000), (40_000, 40_000), (40_000, 100_003)):
        pieces.add(first[start:end], second[start:end])
    apart = pieces.finished((100_003,))
    assert (apart.largest_at, apart.largest_pair, apart.equal) == (whole.largest_at, whole.largest_pair, whole.equal)
    assert apart.relative == pytest.approx(whole.relative, rel=1e-13)
    assert apart.sign_flips == whole.sign_flips


def test_nan_and_infinity_are_counted_on_each_side_and_left_out_of_the_rest() -> None:
    nan, inf = math.nan, math.inf
    first = np.array([1.0, nan, nan, inf, inf, -2.0, 3.0, 0.0])
    second = np.array([1.0, nan, 5.0, inf, -inf, 2.0, nan, -0.0])
    found = change_of(first, second)
    assert (found.nans, found.infinities) == ((2, 2), (2, 2))
    assert (found.count, found.finite) == (8, 3)
    assert found.equal == 4  # 1, NaN twice, infinity twice, and the two zeros
    assert found.norms == (pytest.approx(math.sqrt(5)), pytest.approx(math.sqrt(5)))
    assert (found.difference, found.sign_flips, found.largest) == (4.0, 1, 4.0)
    assert (found.largest_at, found.largest_pair) == ((5,), (-2.0, 2.0))


def test_nothing_finite_leaves_the_numbers_undefined() -> None:
    found = change_of(np.full(4, np.nan, np.float32), np.ones(4, np.float32))
    assert (found.finite, found.equal, found.nans) == (0, 0, (4, 0))
    assert all(math.isnan(value) for value in (found.relative, found.cosine, found.difference, found.largest))


def test_the_same_tensor_is_identical_also_with_nan_in_it() -> None:
    first = drawn((300,), np.float32, 7)
    first[17] = np.nan
    found = change_of(first, first.copy())
    assert found.identical
    assert (found.equal, found.relative, found.cosine, found.largest_at) == (300, 0.0, 1.0, None)


def test_equal_numbers_of_other_bits_or_another_type_are_not_identical() -> None:
    zeros = change_of(np.array([0.0, 1.0]), np.array([-0.0, 1.0]))
    assert (zeros.identical, zeros.equal, zeros.relative, zeros.sign_flips) == (False, 2, 0.0, 0)
    halves = drawn((50,), np.float16, 8)
    wider = change_of(halves, halves.astype(np.float32))
    assert (wider.identical, wider.equal, wider.relative, wider.converted) == (False, 50, 0.0, True)


def test_numbers_rounded_to_a_narrower_type_are_told_from_others() -> None:
    first = drawn((500,), np.float32, 9)
    rounded = first.astype(ml_dtypes.bfloat16)
    found = change_of(first, rounded)
    assert found.converted
    assert 0 < found.relative < 2**-8
    rounded[7] += 1
    assert not change_of(first, rounded).converted
    assert not change_of(first, first).converted


def test_a_change_from_all_zero_is_infinite_and_has_no_angle() -> None:
    found = change_of(np.zeros(3), np.array([0.0, 3.0, 4.0]))
    assert (found.relative, found.difference, found.norms) == (math.inf, 5.0, (0.0, 5.0))
    assert math.isnan(found.cosine)
    assert found.sign_flips == 0


def test_complex_numbers_are_vectors_of_two() -> None:
    first = np.array([3 + 4j, 1j], np.complex64)
    second = np.array([3 - 4j, 1j], np.complex64)
    found = change_of(first, second)
    assert found.norms == (pytest.approx(math.sqrt(26)), pytest.approx(math.sqrt(26)))
    assert (found.difference, found.largest, found.largest_pair) == (8.0, 8.0, (5.0, 5.0))
    assert found.cosine == pytest.approx((9 - 16 + 1) / 26)
    assert found.sign_flips is None
    tiny = change_of(first.astype(np.complex128) * 1e-250, second.astype(np.complex128) * 1e-250)
    assert (tiny.relative, tiny.cosine) == (pytest.approx(found.relative), pytest.approx(found.cosine))


def test_integers_are_counted_and_their_largest_difference_is_exact() -> None:
    first = np.array([[0, -(2**63)], [2**62, 7]], np.int64)
    second = np.array([[0, 2**63 - 1], [2**62 + 1, 7]], np.int64)
    found = change_of(first, second)
    assert (found.count, found.equal, found.finite) == (4, 2, 4)
    assert (found.largest, found.largest_at) == (2**64 - 1, (0, 1))
    assert found.largest_pair == (-(2**63), 2**63 - 1)
    assert found.sign_flips is None
    assert math.isnan(found.relative)
    assert math.isnan(found.norms[0])


def test_truth_values_are_counted() -> None:
    found = change_of(np.array([True, False, True]), np.array([True, True, False]))
    assert (found.equal, found.largest, found.largest_at, found.largest_pair) == (1, 1, (1,), (0, 1))


def test_an_empty_tensor_has_not_changed() -> None:
    found = change_of(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.float32))
    assert (found.count, found.equal, found.identical) == (0, 0, True)
    assert math.isnan(found.relative)


def test_a_scalar_tensor_has_an_index_of_no_axes() -> None:
    found = change_of(np.array(2.0), np.array(3.0))
    assert (found.relative, found.largest_at) == (0.5, ())

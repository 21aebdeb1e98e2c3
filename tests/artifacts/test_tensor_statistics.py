"""Percentiles, norms and places of what is not finite: equal to numpy's in float64 on every type and odd number."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from inspector.artifacts.byte_file import Memory
from inspector.artifacts.identity import Identity
from inspector.artifacts.tensors import blocks
from inspector.artifacts.tensors.elements import output_norms, statistics
from inspector.artifacts.tensors.tensor_statistics import PERCENTS, Moments, finish
from inspector.artifacts.tensors.windows import Storage, TensorWindow
from inspector.core.errors import LimitError, UnsupportedError, WorkCancelled
from inspector.core.pulse import Pulse

FLOATS = [np.dtype(name) for name in ("float64", "float32", "float16")]
SMALL_FLOATS = [
    np.dtype(getattr(ml_dtypes, name))
    for name in ("bfloat16", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz")
]
WHOLE = [np.dtype(f"{sign}int{bits}") for sign in ("", "u") for bits in (8, 16, 32, 64)]


def window_of(array: np.ndarray[Any, Any], **changes: Any) -> TensorWindow:
    """A tensor whose bytes are in memory, as arrays inside a pickle are."""
    data = np.ascontiguousarray(array).tobytes()
    item = array.dtype.itemsize
    steps = np.ascontiguousarray(array).reshape(array.shape).strides
    given = {
        "path": Path("memory.pt"),
        "identity": Identity(0, 0, 0, 0),
        "name": "t",
        "dtype": array.dtype.name,
        "shape": array.shape,
        "strides": tuple(step // item for step in steps),
        "offset": 0,
        "item_bytes": item,
        "storage": Storage(0, len(data), len(data), source=Memory(data)),
    }
    return TensorWindow(**(given | changes))


def wide(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    with np.errstate(invalid="ignore"):
        return array.astype(np.float64).reshape(-1)


def agrees(array: np.ndarray[Any, Any], tolerance: float = 2e-6) -> None:
    """Hold all statistics against numpy's in float64."""
    found = statistics(window_of(array))
    values = wide(array)
    finite = values[np.isfinite(values)]
    counts = (found.count, found.zeros, found.nans, found.infinities)
    assert counts == (values.size, (values == 0).sum(), np.isnan(values).sum(), np.isinf(values).sum())
    assert found.not_finite == values.size - finite.size
    assert found.histogram is not None
    assert found.histogram.sum() == finite.size
    assert found.percentiles is not None
    if not finite.size:
        assert all(map(math.isnan, (found.minimum, found.maximum, found.mean, found.std, *found.percentiles)))
        assert found.norm == 0
        return
    assert (found.minimum, found.maximum) == (finite.min(), finite.max())
    with np.errstate(over="ignore"):
        np.testing.assert_allclose(found.percentiles, np.percentile(finite, PERCENTS), rtol=1e-12, atol=0)
        size = np.abs(finite).max()
        if 1e-100 < size < 1e100:
            assert found.mean == pytest.approx(finite.mean(), rel=tolerance, abs=tolerance * size)
            assert found.std == pytest.approx(finite.std(), rel=tolerance, abs=3e-4 * tolerance * size)
            assert found.norm == pytest.approx(math.sqrt((finite**2).sum()), rel=tolerance, abs=0)


@pytest.mark.parametrize("dtype", [*FLOATS, *SMALL_FLOATS, *WHOLE], ids=str)
def test_every_type_is_as_numpy_has_it(dtype: np.dtype[Any]) -> None:
    numbers = np.random.default_rng(2).normal(size=150_000) * 20
    numbers[::9] = 0
    if dtype.kind in "iu":
        numbers = np.abs(numbers) if dtype.kind == "u" else numbers
        numbers = np.clip(numbers, np.iinfo(dtype).min, np.iinfo(dtype).max)
    agrees(numbers.astype(dtype).reshape(300, 500))


@pytest.mark.parametrize("dtype", [*FLOATS, *SMALL_FLOATS], ids=str)
def test_every_bit_pattern_is_understood(dtype: np.dtype[Any]) -> None:
    """NaN payloads, signalling ones too, subnormal numbers, both zeros, both infinities."""
    if dtype.itemsize <= 2:
        patterns = np.arange(1 << 8 * dtype.itemsize).astype(f"u{dtype.itemsize}")
    else:
        patterns = np.random.default_rng(1).integers(0, 2**64, 40_000, np.uint64).view(f"u{dtype.itemsize}")
        special = [0, 1, 1 << (8 * dtype.itemsize - 1), (1 << (8 * dtype.itemsize)) - 1]
        patterns[:4] = special
    agrees(patterns.view(dtype), 1e-5)


@pytest.mark.parametrize(
    "numbers",
    [
        1e8 + np.random.default_rng(0).normal(size=200_000),
        np.random.default_rng(0).normal(size=200_000) * 1e-20,
        np.random.default_rng(0).normal(size=200_000) ** 2 * 1e-14,
        np.random.default_rng(0).normal(size=200_000) * 1e-41,
        np.random.default_rng(0).normal(size=200_000) * 1e18,
        np.random.default_rng(0).normal(size=200_000) * 1e37,
        np.concatenate([np.full(100_000, 1e-3), [1e30]]),
        np.full(200_000, 0.1),
        np.array([-0.0, 0.0, -0.0]),
        np.array([np.nan, np.inf, -np.inf]),
        np.zeros(0),
    ],
    ids=[
        "far from zero", "tiny", "squares of gradients", "subnormal", "squares overflow", "near the end", "one giant",
        "constant", "zeros", "nothing finite", "empty",
    ],
)  # fmt: skip
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_digits_are_kept_whatever_the_size_of_numbers(numbers: np.ndarray[Any, Any], dtype: Any) -> None:
    array = numbers.astype(dtype)
    agrees(array)
    finite = wide(array)[np.isfinite(wide(array))]
    if finite.size > 3 and finite.std() > 1e-6 * np.abs(finite).max():
        assert statistics(window_of(array)).std == pytest.approx(finite.std(), rel=1e-5, abs=0)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(arrays.arrays(st.sampled_from([*FLOATS, *WHOLE]), st.integers(0, 60)))
def test_any_numbers_are_as_numpy_has_them(array: np.ndarray[Any, Any]) -> None:
    agrees(array, 1e-5)


@settings(max_examples=60, deadline=None)
@given(arrays.arrays(np.float32, st.integers(1, 200)), st.lists(st.integers(0, 200), max_size=4))
def test_parts_joined_are_the_whole(array: np.ndarray[Any, Any], cuts: list[int]) -> None:
    whole, joined = Moments(), Moments()
    whole.add(array)
    for part in np.split(array, sorted(min(cut, array.size) for cut in cuts)):
        moments = Moments()
        moments.add(part)
        joined.join(moments)
    first, second = finish(whole), finish(joined)
    assert (first.count, first.zeros, first.nans, first.infinities) == (
        second.count, second.zeros, second.nans, second.infinities,
    )  # fmt: skip
    size = max(abs(first.minimum), abs(first.maximum))
    for name in ("minimum", "maximum", "mean", "std", "norm"):
        assert getattr(second, name) == pytest.approx(getattr(first, name), rel=1e-5, abs=1e-5 * size, nan_ok=True)


def test_percentiles_are_exact_over_many_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK_ELEMENTS", 1000)
    monkeypatch.setattr(blocks, "READ_BYTES", 1 << 14)
    generator = np.random.default_rng(3)
    values = np.concatenate([generator.normal(size=20_000), np.full(9_000, 0.25), [1e30, -1e30, np.nan]])
    for dtype in (np.float32, np.float64, ml_dtypes.bfloat16):
        array = generator.permutation(values).astype(dtype)
        finite = wide(array)[np.isfinite(wide(array))]
        found = statistics(window_of(array))
        assert found.percentiles is not None
        np.testing.assert_allclose(found.percentiles, np.percentile(finite, PERCENTS), rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float16, ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn], ids=str)
def test_places_of_what_is_not_finite_are_indices(dtype: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK_ELEMENTS", 7)
    array = np.zeros((4, 5, 6), dtype)
    places = [(0, 0, 3), (1, 2, 5), (3, 4, 5)]
    for place in places:
        array[place] = np.nan
    assert statistics(window_of(array)).first_not_finite == tuple(places)
    steps = (1, 24, 4)  # the same bytes seen with other axes: (6, 5, 4) stored as (5, 6, 4)
    turned = window_of(array, shape=(4, 5, 6), strides=steps)
    assert len(statistics(turned).first_not_finite) == len(places)
    for index in statistics(turned).first_not_finite:
        flat = sum(place * step for place, step in zip(index, steps, strict=True))
        assert np.isnan(wide(array)[flat])
    assert len(statistics(window_of(np.full(100, np.nan, dtype))).first_not_finite) == 16


def test_places_in_views_with_holes_and_overlaps_lead_to_what_is_not_finite() -> None:
    stored = np.zeros(200, np.float32)
    stored[[8, 33, 120, 121]] = np.inf
    layouts = {
        "rows apart": ((5, 4), (40, 2)),
        "windows": ((4, 3), (30, 30)),
        "steps of 3 and 2": ((30, 20), (3, 2)),
        "expanded": ((6, 50), (0, 4)),
    }
    for name, (shape, strides) in layouts.items():
        window = window_of(stored, shape=shape, strides=strides)
        seen = np.lib.stride_tricks.as_strided(stored, shape, [4 * step for step in strides])
        found = statistics(window).first_not_finite
        assert all(np.isinf(seen[index]) for index in found), name
        assert bool(found) == bool(np.isinf(seen).any()), name


def test_without_histogram_there_are_no_percentiles() -> None:
    found = statistics(window_of(np.ones(5, np.float32)), histogram=False)
    assert (found.histogram, found.percentiles) == (None, None)


@pytest.mark.parametrize("dtype", [*FLOATS, *SMALL_FLOATS, *WHOLE, np.dtype(np.complex64), np.dtype(bool)], ids=str)
def test_norms_are_those_of_the_rows(dtype: np.dtype[Any]) -> None:
    numbers = np.random.default_rng(0).normal(size=(7, 3, 11)) * 9
    array = (np.abs(numbers) if dtype.kind == "u" else numbers).astype(dtype)
    rows = array.astype(np.complex128 if dtype.kind == "c" else np.float64).reshape(7, -1)
    np.testing.assert_allclose(output_norms(window_of(array)), np.linalg.norm(rows, axis=1), rtol=1e-12)


def test_norms_of_rows_larger_than_a_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    from inspector.artifacts.tensors import elements as tensors

    monkeypatch.setattr(tensors, "_NORM_BYTES", 64)
    array = np.random.default_rng(0).normal(size=(3, 10, 7, 2))
    array[1] = 0
    array[2, 3, 3, 1] = np.nan
    norms = output_norms(window_of(array))
    np.testing.assert_allclose(norms, np.linalg.norm(array.reshape(3, -1), axis=1), rtol=1e-12)
    turned = window_of(array, shape=(7, 10, 3), strides=(2, 14, 140))
    seen = np.moveaxis(array[..., 0], (0, 1, 2), (2, 1, 0)).reshape(7, -1)
    np.testing.assert_allclose(output_norms(turned), np.linalg.norm(seen, axis=1), rtol=1e-12)


def test_norms_neither_overflow_nor_underflow() -> None:
    array = np.array([[3e200, 4e200], [3e-200, 4e-200], [0, 0], [np.inf, 1]])
    np.testing.assert_allclose(output_norms(window_of(array)), [5e200, 5e-200, 0, np.inf], rtol=1e-12)


def test_repeated_axes_are_gone_over_once() -> None:
    row = np.array([3.0, 4.0], np.float32)
    many = window_of(row, shape=(2, 2**40), strides=(1, 0))
    np.testing.assert_allclose(output_norms(many), [3 * 2**20, 4 * 2**20])
    np.testing.assert_allclose(output_norms(window_of(row, shape=(5, 2), strides=(0, 1))), [5.0] * 5)
    with pytest.raises(LimitError, match="outputs"):
        output_norms(window_of(row, shape=(2**40, 2), strides=(0, 1)))


@pytest.mark.parametrize("shape", [(), (1,), (0, 4), (4, 0)])
def test_norms_of_small_and_empty_tensors(shape: tuple[int, ...]) -> None:
    expected = [2.0] if shape in ((), (1,)) else [0.0] * shape[0]
    assert output_norms(window_of(np.full(shape, -2.0))).tolist() == expected


def test_text_has_no_norms() -> None:
    with pytest.raises(UnsupportedError):
        output_norms(window_of(np.array([b"abc"]), dtype="S3"))


def test_cancel_is_obeyed_everywhere() -> None:
    window = window_of(np.ones((50, 60), np.float32))
    for work in (statistics, output_norms):
        with pytest.raises(WorkCancelled):
            work(window, Pulse(cancelled=lambda: True))

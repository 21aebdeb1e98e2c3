"""What one reading of a layer tells equals what numpy tells of all its values at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.analysis import channel_sums
from inspector.analysis.layer_totals import STRONGEST, LayerTotals, added, totals_of
from inspector.analysis.sparsity import EPSILONS


def made(seed: int, shape: tuple[int, ...], *, rectified: bool, odd: bool) -> np.ndarray:
    generator = np.random.default_rng(seed)
    values = generator.normal(0, 1, shape).round(1).astype(np.float32)
    if odd:
        values[generator.random(shape) < 0.1] = np.nan
        values[generator.random(shape) < 0.05] = -np.inf
    return np.maximum(values, 0) if rectified else values


def check_against_numpy(found: LayerTotals, values: np.ndarray, valid: np.ndarray | None = None) -> None:
    counts = np.isfinite(values) if valid is None else np.isfinite(values) & valid[:, None]
    near = [(values == 0) & counts] + [(np.abs(values) < eps) & counts for eps in EPSILONS[1:]]
    samples, channels, positions = len(values), values.shape[1], int(np.prod(values.shape[2:]))
    with np.errstate(invalid="ignore"):
        shares = near[0].reshape(samples, -1).sum(1) / counts.reshape(samples, -1).sum(1)
    np.testing.assert_allclose(found.zero_shares, shares)
    flat = counts.reshape(samples * channels, positions)
    np.testing.assert_array_equal(found.known_at, flat.sum(0))
    np.testing.assert_array_equal(found.near_at, [one.reshape(flat.shape).sum(0) for one in near])
    sizes = np.where(counts, np.abs(values), -1).reshape(samples, channels, positions).max(2, initial=-1)
    for channel in range(channels):
        ranked = sorted((-size, sample) for sample, size in enumerate(sizes[:, channel]) if size >= 0)[:STRONGEST]
        assert found.strongest[: len(ranked), channel].tolist() == [sample for _size, sample in ranked]
        np.testing.assert_allclose(found.strengths[: len(ranked), channel], [-size for size, _sample in ranked])
        assert np.isnan(found.strengths[len(ranked) :, channel]).all()
        assert (found.strongest[len(ranked) :, channel] == -1).all()


@settings(max_examples=30)
@given(
    st.integers(0, 999),
    st.tuples(st.integers(1, 40), st.integers(1, 9), st.integers(1, 7), st.integers(1, 5)),
    st.booleans(),
    st.booleans(),
    st.integers(0, 40),
)
def test_batches_add_up_to_the_whole(
    seed: int, shape: tuple[int, int, int, int], rectified: bool, odd: bool, cut: int
) -> None:
    values = made(seed, shape, rectified=rectified, odd=odd)
    valid = np.random.default_rng(seed).random((shape[0], *shape[2:])) < 0.8 if odd else None
    first, rest = (slice(0, cut), slice(cut, None)) if 0 < cut < shape[0] else (slice(0, None), slice(0, 0))
    parts = [totals_of(values[part], None if valid is None else valid[part], part.start) for part in (first, rest)]
    check_against_numpy(parts[0] if parts[1].zero_shares.size == 0 else added(*parts), values, valid)


@pytest.mark.parametrize("shape", [(300, 3), (9, 65, 4, 4), (40, 6, 197)])
def test_layers_of_every_kind_are_counted_right(shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """More rows than a byte counts, channels that stand last in memory, and several blocks of channels."""
    values = made(1, shape, rectified=True, odd=False)
    last = np.moveaxis(np.ascontiguousarray(np.moveaxis(values, 1, -1)), -1, 1)
    check_against_numpy(totals_of(values), values)
    monkeypatch.setattr(channel_sums, "_BLOCK_ELEMENTS", 2 * values[:, :1].size)
    check_against_numpy(totals_of(last), values)


def test_the_share_that_fires_is_what_is_not_near_zero() -> None:
    values = np.array([[[0.0, 1.0, np.nan]], [[0.0, 0.005, np.nan]]], np.float32)
    found = totals_of(values)
    assert found.firing_at(0).tolist() == pytest.approx([0, 1, np.nan], nan_ok=True)
    assert found.firing_at(EPSILONS.index(1e-2)).tolist() == pytest.approx([0, 0.5, np.nan], nan_ok=True)


@pytest.mark.parametrize("shape", [(0, 3, 2, 2), (4, 0), (2, 3, 0)])
def test_a_layer_without_a_value_has_totals(shape: tuple[int, ...]) -> None:
    found = totals_of(np.zeros(shape, np.float32))
    assert found.strongest.shape == (STRONGEST, shape[1])
    assert len(found.zero_shares) == shape[0]
    assert found.near_at.shape == (len(EPSILONS), int(np.prod(shape[2:])))

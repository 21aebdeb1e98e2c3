"""Channels that go together are told from the sketch as from all their responses."""

from __future__ import annotations

import numpy as np
import pytest

from inspector.analysis.channel_sketch import SKETCH_LENGTH, nearest_channels
from inspector.analysis.sparsity import LayerStatistics, channel_statistics, combined


def nearest(statistics: LayerStatistics) -> tuple[np.ndarray, np.ndarray]:
    assert statistics.sketch is not None
    assert statistics.sketch_of_ones is not None
    return nearest_channels(statistics.sketch, statistics.sketch_of_ones, statistics.mean)


def in_batches(values: np.ndarray, size: int) -> LayerStatistics:
    parts = [channel_statistics(values[start : start + size]) for start in range(0, len(values), size)]
    total = parts[0]
    for part in parts[1:]:
        total = combined(total, part)
    return total


@pytest.mark.parametrize("size", [1, 3, 8, 64])
def test_copies_and_multiples_are_found_in_any_batches(size: int) -> None:
    generator = np.random.default_rng(0)
    values = np.maximum(generator.normal(size=(64, 20, 9, 9)), 0).astype(np.float32)
    values[:, 7] = values[:, 3]
    values[:, 11] = 4 * values[:, 5] + 2
    found = in_batches(values, size)
    others, correlations = nearest(found)
    assert (others[7], others[3], others[11], others[5]) == (3, 7, 5, 11)
    np.testing.assert_allclose(correlations[[3, 7, 5, 11]], 1.0, atol=1e-4)
    rest = np.setdiff1d(np.arange(20), [3, 5, 7, 11])
    assert correlations[rest].max() < 0.4


def test_correlations_are_those_of_numpy_to_what_the_sketch_allows() -> None:
    generator = np.random.default_rng(1)
    shared = generator.normal(size=(40, 1, 16, 16))
    weights = np.linspace(0, 3, 24)[None, :, None, None]
    values = np.maximum(weights * shared + generator.normal(size=(40, 24, 16, 16)) + 0.3, 0)
    exact = np.corrcoef(np.moveaxis(values, 1, 0).reshape(24, -1))
    others, correlations = nearest(in_batches(values.astype(np.float32), 7))
    found = exact[np.arange(24), others]
    error = np.abs(correlations - found) / (1 - found**2)
    assert error.mean() < 2.5 / np.sqrt(SKETCH_LENGTH)


def test_layers_without_positions_are_sketched_too() -> None:
    values = np.random.default_rng(2).normal(size=(200, 6))
    values[:, 4] = -3 * values[:, 1] + 1
    values[:, 5] = 2 * values[:, 0]
    others, correlations = nearest(in_batches(values, 33))
    assert (others[5], others[0]) == (0, 5)
    assert correlations[[0, 5]].min() > 0.999
    # What goes the other way is not the same.
    assert correlations[4] < 0.9


def test_channels_that_do_not_vary_go_together_with_none() -> None:
    values = np.random.default_rng(3).normal(size=(8, 5, 4, 4))
    values[:, 1] = 0.0
    values[:, 2] = 7.0
    values[:, 3] = np.nan
    _others, correlations = nearest(channel_statistics(values))
    assert np.isnan(correlations[[1, 2, 3]]).all()
    assert np.isfinite(correlations[[0, 4]]).all()
    alone = nearest(channel_statistics(values[:, :1]))
    assert np.isnan(alone[1]).all()
    assert len(nearest(channel_statistics(values[:, :0]))[0]) == 0


def test_channels_of_one_place_or_one_sample_are_not_taken_for_copies() -> None:
    generator = np.random.default_rng(4)
    values = np.zeros((64, 64, 8, 8), np.float32)
    for channel in range(64):
        # Each looks at one row of its own samples.
        mine = generator.permutation(64)[:16]
        values[mine, channel, channel % 8] = generator.random((16, 8)) + 0.5
    for size in (1, 16, 64):
        _others, correlations = nearest(in_batches(values, size))
        assert correlations.max() < 0.95

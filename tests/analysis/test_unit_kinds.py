"""Channels that were planted get their kind, over batches, on few samples, and at thresholds that can be moved."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from inspector.analysis.null_sparsity import null_sparsity
from inspector.analysis.sparsity import LayerStatistics, channel_statistics, combined
from inspector.analysis.unit_kinds import UnitLabel, unit_labels, unit_numbers

PLANTED = {20: "dead", 21: "nearly dead", 22: "sparse", 23: "saturated", 24: "duplicate", 25: "dormant", 26: "unknown"}
"""By channel; channel 4, which 24 copies, is a duplicate too, and all others are healthy."""


def planted(samples: int, seed: int = 0) -> np.ndarray:
    """A ReLU layer of 28 channels."""
    generator = np.random.default_rng(seed)
    values = np.maximum(generator.normal(size=(samples, 28, 8, 8)), 0)
    values[:, 20] = 0.0
    values[:, 21] = 0.0
    values[samples // 2, 21, 3, 3] = 4.0
    values[:, 22] = np.where(generator.random((samples, 8, 8)) < 0.08, 3.0 + generator.random((samples, 8, 8)), 0)
    values[:, 23] = np.minimum(8 + 5 * generator.normal(size=(samples, 8, 8)), 6).clip(0)
    values[:, 24] = 3 * values[:, 4]
    values[:, 25] *= 1e-3
    values[0, 26, 0, 0] = np.nan
    return values.astype(np.float32)


def gathered(values: np.ndarray, size: int) -> LayerStatistics:
    total = channel_statistics(values[:size])
    for start in range(size, len(values), size):
        total = combined(total, channel_statistics(values[start : start + size]))
    return total


def kinds(labels: tuple[UnitLabel, ...]) -> list[str]:
    return [label.kind for label in labels]


@pytest.mark.parametrize(("samples", "size"), [(64, 64), (64, 5), (8, 8), (8, 1)])
def test_planted_channels_get_their_kind(samples: int, size: int) -> None:
    labels = unit_labels(gathered(planted(samples), size), "ReLU", null_sparsity("ReLU", 0.0))
    expected = [PLANTED.get(channel, "healthy") for channel in range(28)]
    expected[4] = "duplicate"
    assert kinds(labels) == expected
    assert (labels[4].other, labels[24].other) == (24, 4)
    assert [label.channel for label in labels] == list(range(28))


def test_each_label_carries_its_number_and_threshold() -> None:
    values = planted(64)
    labels = unit_labels(channel_statistics(values), "relu", 0.5)
    assert labels[20] == UnitLabel(20, "dead", 0.0, 0.0, bound=3 / 64)
    assert (labels[21].value, labels[21].threshold) == (1 / 64, 0.05)
    assert labels[22].value == pytest.approx(np.mean(values[:, 22] == 0) - 0.5)
    assert labels[23].value == pytest.approx(np.mean(values[:, 23] == 6))
    assert labels[24].value == pytest.approx(1.0, abs=1e-5)
    rest = np.delete(np.abs(values), 26, axis=1)
    layer = (rest.mean(axis=(0, 2, 3)).sum() + np.nanmean(values[:, 26])) / 28
    assert labels[25].value == pytest.approx(values[:, 25].mean() / layer, rel=1e-4)
    assert labels[26].value == 1.0
    assert math.isnan(labels[0].bound)


def test_few_samples_leave_a_wide_bound() -> None:
    few = unit_labels(channel_statistics(planted(8)), "relu", 0.5)
    assert few[20].bound == 3 / 8
    # One of eight samples is more than 5 %, so that values are counted instead: one of 512.
    assert (few[21].kind, few[21].value) == ("nearly dead", pytest.approx(1 / 512))
    assert unit_labels(channel_statistics(planted(8)[:2]), "relu", 0.5)[20].bound == 1.0


def test_rare_and_strong_on_many_samples_is_sparse_and_not_nearly_dead() -> None:
    values = np.maximum(np.random.default_rng(1).normal(size=(200, 3, 16, 16)), 0)
    values[:, 1] = 0
    values[:, 1, 5, 5] = 30.0 + np.random.default_rng(2).random(200)  # one place of 256, on every sample
    values[:, 2] = 0
    values[:8, 2] = 30.0 + np.random.default_rng(3).random((8, 16, 16))  # everywhere, on 4 % of samples
    assert kinds(unit_labels(channel_statistics(values), "relu", 0.5)) == ["healthy", "sparse", "nearly dead"]


def test_tanh_and_sigmoid_are_saturated_beyond_095() -> None:
    before = np.random.default_rng(4).normal(size=(32, 2, 8, 8))
    scaled = before * np.array([1.0, 5.0])[None, :, None, None]
    tanh = unit_labels(channel_statistics(np.tanh(scaled).astype(np.float32)), "Tanh")
    assert kinds(tanh) == ["healthy", "saturated"]
    assert tanh[1].value == pytest.approx(np.mean(np.abs(np.tanh(scaled[:, 1])) > 0.95), abs=1e-3)
    sigmoid = 1 / (1 + np.exp(-2 * scaled))
    found = unit_labels(channel_statistics(sigmoid.astype(np.float16)), "sigmoid")
    assert kinds(found) == ["healthy", "saturated"]
    expected = np.mean((sigmoid[:, 1] > 0.95) | (sigmoid[:, 1] < 0.05))
    assert found[1].value == pytest.approx(expected, abs=5e-3)


def test_a_hard_tanh_is_saturated_at_either_bound() -> None:
    before = np.random.default_rng(5).normal(size=(32, 2, 8, 8)) * np.array([0.5, 5.0])[None, :, None, None]
    labels = unit_labels(channel_statistics(np.clip(before, -1, 1)), "hardtanh")
    assert kinds(labels) == ["healthy", "saturated"]
    assert labels[1].value == pytest.approx(np.mean(np.abs(before[:, 1]) >= 1))


def test_a_channel_of_one_value_is_saturated_unless_it_is_zero() -> None:
    values = np.random.default_rng(6).normal(size=(16, 3, 4, 4))
    values[:, 1] = 0.7
    values[:, 2] = 0.0
    assert kinds(unit_labels(channel_statistics(values))) == ["healthy", "saturated", "dead"]


def test_the_threshold_of_zero_can_be_moved() -> None:
    before = np.random.default_rng(7).normal(size=(64, 4, 8, 8))
    before[:, 1] -= 12  # a GELU is never exactly zero there
    values = (before * norm.cdf(before)).astype(np.float32)
    assert unit_labels(channel_statistics(values), "gelu")[1].kind == "dormant"
    moved = unit_labels(channel_statistics(values), "gelu", zero=1e-6)[1]
    assert (moved.kind, moved.threshold) == ("dead", 1e-6)
    assert unit_labels(channel_statistics(values), zero=1e-3)[0].kind == "healthy"


def test_a_threshold_that_was_not_counted_tells_the_dead_all_the_same() -> None:
    values = np.full((8, 3, 2, 2), 2e-4)
    values[:, 1] = 6e-4
    values[:, 2] = 1.0
    labels = unit_labels(channel_statistics(values), zero=4e-4)
    assert (labels[0].kind, labels[0].threshold) == ("dead", 4e-4)
    assert labels[1].kind != "dead"
    assert unit_numbers(channel_statistics(values), zero=4e-4).silent.tolist() == [1.0, 1.0, 0.0]


def test_a_shift_explains_silence_where_the_baseline_knows_it() -> None:
    before = np.random.default_rng(8).normal(size=(64, 2, 8, 8)) + np.array([0.0, -1.0])[None, :, None, None]
    found = channel_statistics(np.maximum(before, 0))
    assert kinds(unit_labels(found, "relu", null_sparsity("relu", 0.0))) == ["healthy", "sparse"]
    shifted = np.array([null_sparsity("relu", 0.0, shift=shift) for shift in (0.0, -1.0)])
    labels = unit_labels(found, "relu", shifted)
    assert kinds(labels) == ["healthy", "healthy"]
    assert labels[1].value == pytest.approx(0.0, abs=0.02)


def test_without_a_baseline_no_channel_is_called_sparse() -> None:
    label = unit_labels(channel_statistics(planted(64)))[22]
    assert label.kind == "healthy"
    assert math.isnan(label.value)


def test_what_was_not_counted_is_not_told() -> None:
    whole = channel_statistics(planted(64))
    bare = replace(whole, least=None, greatest=None, at_least=None, at_greatest=None, near_one=None, firing=None,
                   sketch=None, sketch_of_ones=None)  # fmt: skip
    found = kinds(unit_labels(bare, "relu", 0.5))
    assert [found[channel] for channel in (20, 21, 22, 25, 26)] == [
        "dead",
        "nearly dead",
        "sparse",
        "dormant",
        "unknown",
    ]
    assert [found[channel] for channel in (4, 23, 24)] == ["healthy"] * 3
    numbers = unit_numbers(bare)
    assert np.isnan(numbers.saturated).all()
    assert np.isnan(numbers.correlation).all()
    assert np.isnan(numbers.firing).all()


def test_padding_neither_kills_nor_silences() -> None:
    values = np.maximum(np.random.default_rng(9).normal(size=(32, 2, 12, 12)), 0)
    valid = np.zeros((32, 12, 12), bool)
    valid[:, :4, :4] = True
    values[~np.broadcast_to(valid[:, None], values.shape)] = 0.0
    assert kinds(unit_labels(channel_statistics(values), "relu", 0.5)) == ["sparse", "sparse"]
    assert kinds(unit_labels(channel_statistics(values, valid=valid), "relu", 0.5)) == ["healthy", "healthy"]


def test_a_layer_without_samples_is_unknown() -> None:
    labels = unit_labels(channel_statistics(np.zeros((0, 3, 4, 4))), "relu", 0.5)
    assert kinds(labels) == ["unknown"] * 3
    assert unit_labels(channel_statistics(np.zeros((4, 0)))) == ()
    assert kinds(unit_labels(channel_statistics(np.ones((1, 1))))) == ["healthy"]

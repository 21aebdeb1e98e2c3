"""Layer statistics equal those of whole arrays; the null table equals torch's activations on normal samples."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.integrate import quad
from scipy.stats import norm

from inspector.analysis import sparsity
from inspector.analysis.null_sparsity import NEAR_ZERO, near_zero_bands, null_sparsities, null_sparsity, zero_epsilon
from inspector.analysis.sparsity import (
    EPSILONS,
    channel_statistics,
    combined,
)
from inspector.analysis.unit_limits import DORMANT_SCORE
from inspector.core.arrays import ShapeError
from inspector.formats.metric_meanings import tip_of

VALUES = st.one_of(
    st.just(0.0), st.floats(-1e3, 1e3), st.sampled_from([1e-7, -1e-4, 5e-3, 0.03, math.nan, math.inf, -math.inf])
)
BATCHES = hnp.arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(1, 3), st.integers(1, 4)), elements=VALUES)


def check_against_numpy(found: sparsity.LayerStatistics, values: np.ndarray) -> None:
    assert found.samples == len(values)
    for channel in range(values.shape[1]):
        whole = values[:, channel].ravel()
        kept = whole[np.isfinite(whole)]
        assert found.n[channel] == kept.size
        assert found.not_finite[channel] == whole.size - kept.size
        if not kept.size:
            assert np.isnan([found.mean[channel], found.variance[channel], found.absmax[channel]]).all()
            continue
        np.testing.assert_allclose(found.mean[channel], kept.mean(), rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(found.variance[channel], kept.var(), rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(found.mean_abs[channel], np.abs(kept).mean(), rtol=1e-9, atol=1e-12)
        assert found.absmax[channel] == np.abs(kept).max()
        assert (found.least[channel], found.greatest[channel]) == (kept.min(), kept.max())
        assert found.at_least[channel] == np.sum(kept == kept.min())
        assert found.at_greatest[channel] == np.sum(kept == kept.max())
        assert found.near_one[channel] == np.sum(np.abs(kept) > 0.95)
        for row, eps in enumerate(EPSILONS):
            finite = [np.abs(one[np.isfinite(one)]) for one in values[:, channel]]
            assert found.firing[row, channel] == sum(np.any(one >= eps if eps else one != 0) for one in finite)
        near = [np.mean(kept == 0)] + [np.mean(np.abs(kept) < eps) for eps in EPSILONS[1:]]
        np.testing.assert_allclose(found.fractions[:, channel], near)


@given(BATCHES)
def test_a_batch_has_the_statistics_of_numpy(values: np.ndarray) -> None:
    check_against_numpy(channel_statistics(values), values)


@given(BATCHES, st.data())
def test_batches_combine_to_the_statistics_of_the_whole(values: np.ndarray, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(values)))
    check_against_numpy(combined(channel_statistics(values[:cut]), channel_statistics(values[cut:])), values)


@given(BATCHES, st.data())
def test_what_is_padding_counts_nowhere(values: np.ndarray, data: st.DataObject) -> None:
    valid = data.draw(hnp.arrays(bool, (len(values), *values.shape[2:])))
    found = channel_statistics(values, valid=valid)
    padded = np.where(valid[:, None], values, np.nan)
    check_against_numpy(replace(found, not_finite=channel_statistics(padded).not_finite), padded)
    expected = (~np.isfinite(values) & valid[:, None]).sum(axis=(0, 2))
    np.testing.assert_array_equal(found.not_finite, expected)


def test_padding_of_another_shape_is_refused() -> None:
    with pytest.raises(ShapeError, match="do not belong"):
        channel_statistics(np.zeros((2, 3, 4, 4)), valid=np.ones((2, 4, 5), bool))


def test_padding_inflates_sparsity_unless_it_is_left_out() -> None:
    """The reference's figure: content of 10 × 10 in 30 × 30 with a true share of .5 seems .944."""
    values = np.zeros((4, 2, 30, 30))
    values[:, :, :10, :10] = np.indices((10, 10)).sum(axis=0) % 2
    valid = np.zeros((4, 30, 30), bool)
    valid[:, :10, :10] = True
    assert channel_statistics(values).sparsity(0.0) == pytest.approx(0.944, abs=5e-4)
    assert channel_statistics(values, valid=valid).sparsity(0.0) == 0.5


@pytest.mark.parametrize("shape", [(3, 5, 37, 41), (2, 300, 24, 24), (1, 1, 700, 700)])
@pytest.mark.parametrize("shift", [0.0, 50.0])
def test_single_precision_is_right_to_a_millionth(shape: tuple[int, ...], shift: float) -> None:
    values = (np.random.default_rng(0).normal(size=shape) + shift).astype(np.float32)
    found = channel_statistics(values)
    whole = np.moveaxis(values, 1, 0).reshape(shape[1], -1).astype(np.float64)
    np.testing.assert_allclose(found.mean, whole.mean(axis=1), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(found.variance, whole.var(axis=1), rtol=1e-5)
    np.testing.assert_allclose(found.mean_abs, np.abs(whole).mean(axis=1), rtol=1e-6)
    np.testing.assert_array_equal(found.near_zero[3], (np.abs(whole) < 1e-2).sum(axis=1))
    np.testing.assert_array_equal(found.near_one, (np.abs(whole) > 0.95).sum(axis=1))


def test_values_whose_squares_overflow_are_summed_in_double() -> None:
    found = channel_statistics(np.full((2, 1, 600), 3e30, np.float32))
    assert found.mean[0] == pytest.approx(3e30)
    assert found.variance[0] == pytest.approx(0.0, abs=1e50)


def test_what_a_file_did_not_count_stays_unknown() -> None:
    whole = channel_statistics(np.ones((2, 3, 4)))
    partly = replace(whole, firing=None, sketch=None, least=None)
    found = combined(whole, partly)
    assert found.firing is None
    assert found.sketch is None
    assert found.at_least is None
    assert found.at_greatest is not None


def test_the_nearest_threshold_is_by_orders_of_magnitude() -> None:
    found = channel_statistics(np.ones((1, 1)))
    asked = {0.0: 0, 1e-9: 1, 3e-6: 1, 2e-3: 2, 0.02: 3, 0.04: 4, 10.0: 4}
    assert {epsilon: found.nearest_row(epsilon) for epsilon in asked} == asked


def test_half_precision_values_are_not_lost() -> None:
    values = np.array([[[6e-8, 0.0]]], np.float16)
    found = channel_statistics(values)
    assert found.fractions[:, 0].tolist() == [0.5, 1.0, 1.0, 1.0, 1.0]
    assert found.absmax[0] > 0


def test_sparsity_of_a_layer_weighs_channels_by_what_was_seen() -> None:
    found = channel_statistics(np.array([[[0.0, 0.0, 1.0, 1.0], [0.004, 1.0, np.nan, np.nan]]]))
    assert found.sparsity(0.0) == pytest.approx(2 / 6)
    assert found.sparsity(1e-2) == pytest.approx(3 / 6)
    assert math.isnan(found.sparsity(0.3))


def test_a_layer_without_samples_is_undefined() -> None:
    found = channel_statistics(np.zeros((0, 3, 2)))
    assert np.isnan(found.fractions).all()
    assert math.isnan(found.sparsity(0.0))
    assert not sparsity.dead_channels(found).any()
    assert np.isnan(sparsity.dormant_scores(found)).all()


def test_dead_channels_never_fire_at_all() -> None:
    values = np.zeros((512, 4, 2))
    values[511, 1, 1] = 1e-6  # fired once
    values[0, 2, 0] = np.nan  # not known to be silent
    values[:, 3] = 1.0
    found = channel_statistics(values)
    assert sparsity.dead_channels(found).tolist() == [True, False, False, False]
    assert sparsity.dead_channels(found, epsilon=1e-5).tolist() == [True, True, False, False]


def test_the_bound_on_firing_shrinks_with_the_samples() -> None:
    # The reference's wording: never fired on 512 samples, < 0.6 % at 95 %.
    assert sparsity.firing_bound(512) == pytest.approx(0.00586, abs=1e-5)
    for samples in (30, 512, 10_000):
        exact = 1 - 0.05 ** (1 / samples)
        assert exact < sparsity.firing_bound(samples) < 1.06 * exact
    assert sparsity.firing_bound(1) == 1.0
    assert math.isnan(sparsity.firing_bound(0))


def test_dormant_scores_compare_a_channel_with_its_layer() -> None:
    values = np.stack([np.full((4, 3), 0.01), np.full((4, 3), -1.0), np.full((4, 3), 1.99)], axis=1)
    scores = sparsity.dormant_scores(channel_statistics(values))
    np.testing.assert_allclose(scores, [0.01, 1.0, 1.99])
    assert (scores <= DORMANT_SCORE).tolist() == [True, False, False]
    assert np.isnan(sparsity.dormant_scores(channel_statistics(np.zeros((2, 3, 2))))).all()


# Shares measured on samples, to their last printed digit.
# Source: reference table of near-zero shares for standard-normal inputs.
MEASURED = [
    ("ReLU", 0.0, 0.501),
    ("ReLU", 1e-2, 0.505),
    ("ReLU", 5e-2, 0.521),
    ("LeakyReLU", 1e-3, 0.040),
    ("LeakyReLU", 1e-2, 0.346),
    ("LeakyReLU", 5e-2, 0.521),
    ("GELU", 1e-3, 0.002),
    ("GELU", 1e-2, 0.020),
    ("GELU", 5e-2, 0.107),
    ("SiLU", 1e-2, 0.016),
    ("ELU", 1e-2, 0.008),
    ("Identity", 0.0, 0.0),
]


@pytest.mark.parametrize(("activation", "epsilon", "share"), MEASURED)
def test_the_null_agrees_with_measured_shares(activation: str, epsilon: float, share: float) -> None:
    assert null_sparsity(activation, epsilon) == pytest.approx(share, abs=0.0016)


def test_the_null_of_a_shifted_relu_agrees_with_measured_shares() -> None:
    assert null_sparsity("relu", 0.0, shift=-0.5) == pytest.approx(0.695, abs=0.005)
    assert null_sparsity("relu", 0.0, shift=0.5) == pytest.approx(0.312, abs=0.005)
    assert null_sparsity("leaky_relu", 1e-2, slope=0.1) == pytest.approx(0.044, abs=0.001)
    assert null_sparsity("leaky_relu", 5e-2, slope=0.1) == pytest.approx(0.212, abs=0.001)


@pytest.mark.parametrize("activation", ["ReLU", "LeakyReLU", "GELU", "SiLU", "ELU", "Tanh", "Sigmoid"])
@pytest.mark.parametrize(("shift", "scale"), [(0.0, 1.0), (-0.7, 0.4), (1.5, 2.0)])
def test_the_null_agrees_with_torchs_activations_integrated(activation: str, shift: float, scale: float) -> None:
    torch = pytest.importorskip("torch")
    module = getattr(torch.nn, activation)()
    x = torch.linspace(-13, 13, 260_001, dtype=torch.float64) * scale + shift
    output = module(x).abs()
    density = norm.pdf(x.numpy(), shift, scale) * float(x[1] - x[0])
    for epsilon in EPSILONS[2:]:
        share = float(density[(output < epsilon).numpy()].sum())
        assert null_sparsity(activation, epsilon, shift=shift, scale=scale) == pytest.approx(share, abs=2e-4)


def test_the_null_sees_bands_far_narrower_than_its_grid() -> None:
    exact = quad(norm.pdf, -1e-6, 1e-6)[0]
    assert null_sparsity("identity", 1e-6) == pytest.approx(exact, rel=1e-6)
    assert null_sparsity("identity", 1e-6, shift=40.0) == pytest.approx(0.0, abs=1e-30)


def test_the_nulls_of_many_channels_are_those_of_each() -> None:
    shifts, scales = np.array([-0.5, 0.0, 0.5, 1.0, np.nan]), np.array([1.0, 0.3, 2.0, 0.0, 1.0])
    for activation in ("relu", "gelu", "leaky_relu", "sigmoid"):
        found = null_sparsities(activation, 1e-2, shifts, scales)
        each = [null_sparsity(activation, 1e-2, shift=a, scale=b) for a, b in zip(shifts, scales, strict=True)]
        np.testing.assert_array_equal(found, each)
        assert np.isnan(found).tolist() == [False, False, False, True, True]
    assert null_sparsities("relu", 0.0, shifts[:3], scales[:3]) == pytest.approx(norm.cdf(0, shifts[:3], scales[:3]))


def test_the_bands_of_a_gelu_are_where_torch_finds_them() -> None:
    bands = near_zero_bands("gelu", 1e-2)
    assert bands is not None
    (far, near) = bands
    assert far[0] == -math.inf
    for edge in (far[1], *near):
        assert abs(edge * norm.cdf(edge)) == pytest.approx(1e-2, rel=1e-9)
    assert near_zero_bands("Mystery", 1e-2) is None


@pytest.mark.parametrize(
    ("activation", "epsilon"), [("ReLU", 0.0), ("relu6", 0.0), ("leaky_relu", 1e-2), ("GELU", 1e-2)]
)
def test_what_counts_as_zero_depends_on_whether_the_activation_has_an_exact_one(activation, epsilon):
    assert zero_epsilon(activation) == epsilon
    for slope in (math.nan, math.inf, 1e308, -1e308):
        assert null_sparsity("leaky_relu", 1e-2, slope=slope) < 0.01


def test_an_unknown_activation_has_no_null() -> None:
    assert math.isnan(null_sparsity("Mystery", 1e-2))
    assert math.isnan(null_sparsity("relu", 0.0, scale=0.0))


def test_what_the_metrics_of_layers_mean_names_the_thresholds_in_use():
    assert f"|a| < {NEAR_ZERO:g}" in tip_of("sparsity/encoder.conv1")
    assert f"at most {DORMANT_SCORE:g}" in tip_of("dormant_channels/encoder.conv1")
    assert tip_of("val/anything") == ""

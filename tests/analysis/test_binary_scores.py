"""Precision, recall, their area, Brier score and reliability equal scikit-learn's; the rest is worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import average_precision_score, brier_score_loss, f1_score, precision_recall_curve

from inspector.analysis import binary_scores as scores
from inspector.core.arrays import ShapeError

TIED = st.lists(
    st.tuples(st.integers(0, 20).map(lambda value: value / 20), st.booleans()), min_size=1, max_size=60
).filter(lambda pairs: any(yes for _value, yes in pairs))


@settings(max_examples=40)
@given(TIED)
def test_precision_and_recall_equal_scikit_learns(pairs: list[tuple[float, bool]]) -> None:
    values, answers = np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])
    curve = scores.precision_recall(values, answers)
    precision, recall, thresholds = precision_recall_curve(answers, values)
    np.testing.assert_array_equal(curve.thresholds, thresholds)
    np.testing.assert_allclose(curve.precision, precision[:-1])
    np.testing.assert_allclose(curve.recall, recall[:-1])


@settings(max_examples=40)
@given(TIED)
def test_the_scores_equal_scikit_learns(pairs: list[tuple[float, bool]]) -> None:
    values, answers = np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])
    found = scores.binary_scores(values, answers)
    assert found.average_precision == pytest.approx(average_precision_score(answers, values))
    assert found.brier == pytest.approx(brier_score_loss(answers, values))
    assert found.at_half.f1 == pytest.approx(f1_score(answers, values >= 0.5, zero_division=0))
    every = [f1_score(answers, values >= limit, zero_division=0) for limit in np.unique(values)]
    assert found.best.f1 == pytest.approx(max(every))
    assert found.base_rate == pytest.approx(answers.mean())


def test_reliability_equals_scikit_learns() -> None:
    generator = np.random.default_rng(3)
    values = generator.random(2_000)
    answers = generator.random(2_000) < values**2
    bins = scores.reliability(values, answers)
    share, mean = calibration_curve(answers, values, n_bins=scores.CALIBRATION_BINS)
    np.testing.assert_allclose(bins.share, share)
    np.testing.assert_allclose(bins.mean_probability, mean)
    expected = np.sum(np.abs(share - mean) * np.histogram(values, scores.CALIBRATION_BINS, (0, 1))[0]) / len(values)
    assert scores.binary_scores(values, answers.astype(float)).calibration_error == pytest.approx(expected)


def test_always_low_probabilities_recall_nothing_at_a_half() -> None:
    values = np.full(22, 0.05)
    answers = np.zeros(22)
    answers[0] = 1
    found = scores.binary_scores(values, answers)
    assert found.base_rate == pytest.approx(1 / 22)
    assert found.average_precision == pytest.approx(1 / 22)
    assert math.isnan(found.at_half.precision)
    assert (found.at_half.recall, found.at_half.f1) == (0, 0)
    assert found.best.threshold == 0.05


def test_samples_without_a_probability_or_an_answer_count_nowhere() -> None:
    values = np.array([0.9, np.nan, 0.2, np.inf])
    answers = np.array([1, 1, np.nan, 0])
    found = scores.binary_scores(values, answers)
    assert (found.samples, found.base_rate) == (1, 1)


def test_without_samples_or_without_a_yes_scores_are_undefined() -> None:
    empty = scores.binary_scores(np.empty(0), np.empty(0))
    assert empty.samples == 0
    assert math.isnan(empty.average_precision)
    never = scores.binary_scores(np.array([0.3, 0.6]), np.zeros(2))
    assert math.isnan(never.average_precision)
    assert math.isnan(never.best.f1)
    assert never.brier == pytest.approx((0.09 + 0.36) / 2)


def test_lists_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ShapeError, match="lists"):
        scores.binary_scores(np.zeros(3), np.zeros(2))

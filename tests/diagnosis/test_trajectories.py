"""The stated trajectories are those of the rules, and lie where they say."""

from __future__ import annotations

import math

import numpy as np
import pytest

from inspector.diagnosis.trajectories import SLACK, TRAJECTORIES, band_of, recipe_of


def of(rule: str, metric: str):
    return next(one for one in TRAJECTORIES if (one.rule, one.metric) == (rule, metric))


def test_between_two_points_values_run_straight_over_the_logarithm_of_the_epoch():
    """Worked by hand: halfway between 5 and 10 in logarithm lies the root of 50."""
    low, high = band_of(of("S0.12", "ari"), np.array([0.5, 1, 5, math.sqrt(50), 100, 101]))
    assert low == pytest.approx([math.nan, 0.10, 0.20, 0.275, 0.85, math.nan], nan_ok=True)
    assert high == pytest.approx([math.nan, 0.15, 0.25, 0.325, 0.90, math.nan], nan_ok=True)


def test_a_statement_from_epoch_0_on_runs_straight_in_the_logarithm_of_its_values():
    low, high = band_of(of("S3.08", "loss"), np.array([0.0, 15.0, 40.0]))
    middle = [2.30, math.sqrt(0.52 * 0.28), 0.16]
    assert low == pytest.approx([value * (1 - SLACK) for value in middle])
    assert high == pytest.approx([value * (1 + SLACK) for value in middle])


def test_every_trajectory_says_whence_it_comes():
    assert all(one.rule in one.source for one in TRAJECTORIES)
    assert [one.stated_range for one in TRAJECTORIES] == [False, True, True, False]


@pytest.mark.parametrize(
    ("text", "tags", "recipe"),
    [
        ("slots", ("train/loss",), "slots"),
        ("arc-solver-v1", ("train/loss",), "grids"),
        ("arc_slots", ("train/loss", "val/fg_ari"), None),
        ("search", ("train/loss",), None),
        ("resnet", ("val/fg_ari",), "slots"),
        ("resnet", ("val/variance",), None),
    ],
)
def test_a_recipe_is_told_by_its_words_or_by_its_metric(text, tags, recipe):
    assert recipe_of(text, tags) == recipe

"""Features of places are compared by their directions, and maps by the entropy of where they fire."""

from __future__ import annotations

import math

import numpy as np
import pytest

from inspector.analysis.spatial_features import map_entropies, spatial_diversity


def test_diversity_is_one_less_the_mean_cosine_of_two_places() -> None:
    """Directions (1, 0), (0, 1) and (1, 1): cosines 0, 0.7071 and 0.7071."""
    features = np.array([[2.0, 0.0, 3.0], [0.0, 5.0, 3.0]])
    assert spatial_diversity(features) == pytest.approx(1 - 2 * math.sqrt(0.5) / 3)


def test_it_agrees_with_every_pair_counted() -> None:
    features = np.random.default_rng(0).normal(0, 1, (5, 12))
    cosines = np.corrcoef(np.vstack([features, -features]).T)
    others = cosines[~np.eye(12, dtype=bool)]
    assert spatial_diversity(features) == pytest.approx(1 - others.mean())


def test_places_of_one_direction_have_none_whatever_their_length() -> None:
    assert spatial_diversity(np.outer([1.0, 2.0, 3.0], [1e-300, 1.0, 1e300])) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("features", [np.zeros((3, 4)), np.ones((3, 1)), np.full((2, 3), np.nan), np.zeros((0, 4))])
def test_without_two_places_that_have_a_direction_it_is_not_defined(features: np.ndarray) -> None:
    assert math.isnan(spatial_diversity(features))


def test_entropy_is_over_that_of_a_map_that_is_alike_everywhere() -> None:
    """Two of four places: ln 2 / ln 4 = 0.5; one: 0; a constant map has no least and greatest."""
    maps = np.array([[0.0, 1.0, 1.0, 0.0], [-3.0, -3.0, 7.0, -3.0], [2.0, 2.0, 2.0, 2.0], [np.nan, 1.0, 2.0, 3.0]])
    found = map_entropies(maps)
    assert found[:2] == pytest.approx([0.5, 0.0])
    assert np.isnan(found[2:]).all()
    assert np.isnan(map_entropies(np.ones((3, 1)))).all()

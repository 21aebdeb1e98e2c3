"""What a score is compared with: grids that look at nothing, and clusters that look at colour alone."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans

from inspector.analysis.baselines import COLOUR, GRIDS, baseline_agreement, colour_clusters
from inspector.analysis.segmentation import adjusted_rand_index, blocks


def test_a_grid_that_looks_at_nothing_scores_high_on_scattered_squares() -> None:
    generator = np.random.default_rng(0)
    truths = []
    for _ in range(200):
        truth = np.zeros((32, 32), np.int64)
        for label in range(1, 5):
            row, column = generator.integers(0, 24, 2)
            truth[row : row + 8, column : column + 8] = label
        truths.append(truth)
    scores = baseline_agreement(truths)
    # The reference measured .517 and ARI .03 to .05 for 8 × 8 squares; the scenes here are our own.
    assert 0.4 < scores["2×2 blocks"].value < 0.65
    grid = blocks(32, 32, 2, 2)
    assert np.mean([adjusted_rand_index(truth, grid) for truth in truths]) < 0.1


def test_blocks_are_a_grid() -> None:
    np.testing.assert_array_equal(blocks(4, 4, 2, 2), [[0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 3, 3], [2, 2, 3, 3]])
    assert np.unique(blocks(7, 5, 3, 3)).tolist() == list(range(9))


def test_colour_clusters_tell_apart_what_differs_in_colour() -> None:
    truth = np.random.default_rng(0).integers(0, 4, (24, 24))
    palette = np.array([[0, 0, 0], [250, 10, 10], [10, 250, 10], [200, 200, 10]])
    noise = np.random.default_rng(1).integers(-8, 9, (24, 24, 3))
    clusters = colour_clusters(palette[truth] + noise, 4)
    assert adjusted_rand_index(truth, clusters) == 1.0


def test_colour_clusters_are_as_tight_as_scikit_learns() -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (20, 20, 3))
    points = pixels.reshape(-1, 3)
    theirs = KMeans(5, n_init=10, random_state=0).fit(points).inertia_
    labels = colour_clusters(pixels, 5).ravel()
    ours = sum(((points[labels == label] - points[labels == label].mean(axis=0)) ** 2).sum() for label in range(5))
    assert ours < 1.15 * theirs


def test_objects_of_one_colour_are_one_cluster() -> None:
    truth = np.zeros((8, 8), np.int64)
    truth[1:3, 1:3] = 1
    truth[5:7, 5:7] = 2
    image = np.where(truth[..., None] > 0, 255, 0).repeat(3, axis=2).astype(np.uint8)
    scores = baseline_agreement([truth], [image], slots=4)
    assert set(scores) == {*GRIDS, COLOUR}
    assert scores[COLOUR].value == 0.0
    assert scores["2×2 blocks"].value == 1.0


@pytest.mark.parametrize("count", [1, 3, 100])
def test_fewer_colours_than_clusters_are_enough(count: int) -> None:
    clusters = colour_clusters(np.zeros((3, 4, 3), np.uint8), count)
    assert clusters.shape == (3, 4)
    assert (clusters == 0).all()
    assert colour_clusters(np.zeros((0, 4, 3), np.uint8), count).shape == (0, 4)

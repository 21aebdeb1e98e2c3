"""What a score is compared with: partitions that look at nothing, and clusters that look at colour alone."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from inspector.analysis.baselines import COLOUR, GRIDS, RANDOM, baseline_scores, blind_partitions
from inspector.analysis.colour_clusters import colour_clusters
from inspector.analysis.segmentation import adjusted_rand_index, blocks
from inspector.core.arrays import ShapeError


def test_a_grid_that_looks_at_nothing_scores_high_on_scattered_squares() -> None:
    generator = np.random.default_rng(0)
    scores = []
    for _ in range(200):
        truth = np.zeros((32, 32), np.int64)
        for label in range(1, 5):
            row, column = generator.integers(0, 24, 2)
            truth[row : row + 8, column : column + 8] = label
        scores.append(baseline_scores(truth, 7))
    means = {name: np.mean([one[name].fg_ari for one in scores]) for name in scores[0]}
    # The reference measured .517, .546 and ARI .03 to .05 for 8 × 8 squares; the scenes here are our own.
    assert 0.4 < means["2×2 blocks"] < 0.65
    assert 0.4 < means["3×3 blocks"] < 0.65
    assert means["one segment"] == pytest.approx(0.0, abs=0.03)  # but for scenes of which one square is left: 1
    assert abs(means[RANDOM]) < 0.01
    assert np.mean([one["2×2 blocks"].ari for one in scores]) < 0.1


def test_baselines_are_scored_as_any_segmentation_is() -> None:
    truth = np.random.default_rng(3).integers(0, 4, (18, 20))
    scores = baseline_scores(truth, 5)
    assert list(scores) == [*GRIDS, RANDOM]
    for name, labels in blind_partitions(18, 20, 5).items():
        foreground = truth > 0
        assert scores[name].fg_ari == pytest.approx(adjusted_rand_score(truth[foreground], labels[foreground]))
        assert scores[name].ari == pytest.approx(adjusted_rand_score(truth.ravel(), labels.ravel()))


def test_a_partition_is_shared_and_cannot_be_written_to() -> None:
    first, again = blind_partitions(9, 8, 3), blind_partitions(9, 8, 3)
    assert first[RANDOM] is again[RANDOM]
    with pytest.raises(ValueError, match="read-only"):
        first["one segment"][0, 0] = 1


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
    scores = baseline_scores(truth, 4, image)
    assert list(scores) == [*GRIDS, RANDOM, COLOUR]
    assert scores[COLOUR].fg_ari == 0.0
    assert scores["2×2 blocks"].fg_ari == 1.0


def test_a_photograph_of_many_colours_is_clustered_by_a_few_thousand() -> None:
    ramp = np.stack(np.meshgrid(np.linspace(0, 1, 96), np.linspace(0, 1, 96)), axis=-1)
    image = np.concatenate([ramp, ramp[..., :1] > 0.5], axis=-1).astype(np.float32)
    labels = colour_clusters(image, 2)
    assert adjusted_rand_index((image[..., 2] > 0.5).astype(np.int64), labels) == 1.0


def test_what_is_no_image_is_refused() -> None:
    with pytest.raises(ShapeError, match="one to four channels"):
        colour_clusters(np.zeros((2, 2, 7)), 2)


@pytest.mark.parametrize("count", [1, 3, 100])
def test_fewer_colours_than_clusters_are_enough(count: int) -> None:
    clusters = colour_clusters(np.zeros((3, 4, 3), np.uint8), count)
    assert clusters.shape == (3, 4)
    assert (clusters == 0).all()
    assert colour_clusters(np.zeros((0, 4, 3), np.uint8), count).shape == (0, 4)

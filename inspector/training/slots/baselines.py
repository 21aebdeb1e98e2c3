"""What the validation scenes score without learning: said beside each score of the model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from inspector.analysis.baselines import GRIDS
from inspector.analysis.colour_clusters import colour_clusters
from inspector.analysis.segmentation import blocks, labelled_contingency, mean_agreement, rand_index_of
from inspector.core.arrays import LabelMap
from inspector.training.slots.scenes import BACKGROUND, IGNORED, Scene

_BLIND = {"one_segment": "one segment", "blocks": "2×2 blocks"}
"""Grids that are said, by their word in a metric's name."""

_PACKED = np.array([1, 1 << 8, 1 << 16])
"""What makes one number of red, green and blue."""

Scores = list[tuple[float, float]]
"""FG-ARI and ARI of each image, NaN where undefined."""


def truth_of(scene: Scene) -> LabelMap:
    """The object of each pixel, negative where it counts nowhere."""
    labels = scene.labels.astype(np.int64)
    return np.where(labels == IGNORED, -1, labels)


def shares_a_colour(scene: Scene) -> bool:
    """Whether two objects, each of one colour, have the same; photographs have none such."""
    objects = scene.image[(scene.labels != BACKGROUND) & (scene.labels != IGNORED)].astype(np.int64)
    return len(np.unique(objects @ _PACKED)) < len(scene.centres)


def rand_indices(truth: LabelMap, predicted: LabelMap) -> tuple[float, float]:
    """FG-ARI, NaN without objects, and ARI of one image."""
    labels, _segments, counts = labelled_contingency(truth, predicted)
    return rand_index_of(counts[labels != BACKGROUND]), rand_index_of(counts)


def mean_scores(scores: Scores, same_colour: Sequence[bool]) -> dict[str, float]:
    """`fg_ari`, `ari` and `fg_ari_same_colour` as means over the scenes that have them.

    Args:
        scores: of each scene.
        same_colour: of each scene, whether two of its objects share a colour; without any, there is no score of those.
    """
    foreground, everything = [one for one, _ in scores], [one for _, one in scores]
    found = {"fg_ari": mean_agreement(foreground), "ari": mean_agreement(everything)}
    alike = [score for score, same in zip(foreground, same_colour, strict=True) if same]
    if alike:
        found["fg_ari_same_colour"] = mean_agreement(alike)
    return found


class Baselines:
    """Scores of blind partitions and of colours over some scenes, worked out once.

    Attributes:
        same_colour: whether two objects of a scene share a colour.
    """

    def __init__(self, scenes: Sequence[Scene], segments: int) -> None:
        self.same_colour = [shares_a_colour(scene) for scene in scenes]
        height, width = scenes[0].labels.shape
        blind = {word: blocks(height, width, *GRIDS[name]) for word, name in _BLIND.items()}
        self._values: dict[str, float] = {}
        every: dict[str, Scores] = {word: [] for word in (*blind, "colour")}
        for scene in scenes:
            truth = truth_of(scene)
            for word, segment in {**blind, "colour": colour_clusters(scene.image, segments)}.items():
                every[word].append(rand_indices(truth, segment))
        for word, scores in every.items():
            means = mean_scores(scores, self.same_colour)
            self._values |= {f"baseline/{score}_{word}": value for score, value in means.items()}

    def values(self) -> dict[str, float]:
        """By metric name, `baseline/fg_ari_blocks`."""
        return dict(self._values)

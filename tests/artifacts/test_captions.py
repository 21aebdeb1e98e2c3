"""Points, done signals and steps stand in captions as the counting scripts write them."""

from __future__ import annotations

import numpy as np

from inspector.artifacts.annotations.captions import annotated


def test_a_caption_of_the_counting_scripts_is_read() -> None:
    captions = (
        "cat | 3/21 marked | Pred:(0.74, -0.10, done=0.15) | GT:(0.31, -0.42)",
        "dog | 21/21 marked | Pred:(-1.00, -1e-3, done=0.87) | GT:(0.5, .25, done=1)",
        "epoch 3",
    )
    found = annotated(captions)
    assert found is not None
    assert found.truth is not None
    assert found.predicted is not None
    assert found.predicted_done is not None
    assert found.truth_done is not None
    assert found.predicted.places.tolist() == [[0.74, -0.1], [-1, -0.001]]
    assert found.truth.places.tolist() == [[0.31, -0.42], [0.5, 0.25]]
    assert found.truth.offsets.tolist() == [0, 1, 2, 2]
    np.testing.assert_array_equal(found.predicted_done, [0.15, 0.87, np.nan])
    np.testing.assert_array_equal(found.truth_done, [np.nan, 1, np.nan])
    np.testing.assert_array_equal(found.numbers["marked"], [3, 21, np.nan])
    np.testing.assert_array_equal(found.numbers["count"], [21, 21, np.nan])
    assert found.names == ("cat", "dog", "epoch 3")


def test_other_words_for_the_two_are_understood() -> None:
    found = annotated(["prediction = [10, 20] target = [11, 22]", "Predicted (nan, 3) ground truth (1, 2, done=True)"])
    assert found is not None
    assert found.predicted is not None
    assert found.truth_done is not None
    np.testing.assert_array_equal(found.predicted.places, [[10, 20], [np.nan, 3]])
    assert found.truth_done[1] == 1


def test_captions_without_points_are_none() -> None:
    assert annotated(["a picture of (3, 4) cats", "Pred: 7", ""]) is None
    assert annotated([]) is None

"""What is drawn over a sample is worked out by hand: lone points, places outside the picture, marked objects."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from inspector.core.pulse import QUIET
from inspector.display.points import thumbs
from inspector.display.points.overlay import Overlay, PointKind, overlay_of
from inspector.display.points.prepare import prepare
from inspector.display.points.scene import PointsAsk, PointThumbsAsk

HEIGHT, WIDTH = 100, 200
GT = ((20.0, 30.0), (100.0, 50.0), (150.0, 80.0))
PREDICTION = ((23.0, 34.0), (190.0, 10.0))
"""The first lies 5 px from the first object, the second near none."""


def write(path: Path, **changes: object) -> Path:
    """One sample with three objects, two predictions and two marked objects; the original is twice as large."""
    values = {
        "samples/image": np.full((1, HEIGHT, WIDTH, 3), 128, np.uint8),
        "samples/original_hw": np.array([[2 * HEIGHT, 2 * WIDTH]]),
        "gt/points": np.array(GT),
        "gt/points_offsets": np.array([0, len(GT)]),
        "pred/points": np.array(PREDICTION),
        "pred/points_offsets": np.array([0, len(PREDICTION)]),
        "pred/confidence": np.array([0.9, 0.25]),
        "gt/marked": np.array([[9.5, 49.5], [99.5, 24.5]]),
        "gt/marked_offsets": np.array([0, 2]),
        **changes,
    }
    with h5py.File(path, "w") as file:
        file.attrs.update(format="ri-dump", version=1, run_id="r", step=1, n_samples=1, complete=True)
        for name, array in values.items():
            if array is not None:
                file[name] = array
        file["samples/image"].attrs["layout"] = "NHWC"
    return path


def overlay(path: Path) -> Overlay:
    tile = prepare(PointsAsk(path=str(path), place="", sample=0), QUIET).tile
    return Overlay(tile.pairs, tile.marked)


def test_lone_points_are_told_from_pairs(tmp_path: Path) -> None:
    pairs = overlay(write(tmp_path / "d.h5")).pairs
    assert sorted(pair.kind for pair in pairs) == [
        PointKind.OBJECT,
        PointKind.MISSED,
        PointKind.MISSED,
        PointKind.SPURIOUS,
    ]
    assert pairs[0].kind is PointKind.OBJECT
    assert pairs[0].label == "err=10px"  # 5 px of the stored image
    assert pairs[0].confidence == pytest.approx(0.9)
    spurious = next(pair for pair in pairs if pair.kind is PointKind.SPURIOUS)
    assert spurious.gt is None
    assert spurious.prediction == pytest.approx(((190 + 0.5) / WIDTH, (10 + 0.5) / HEIGHT))
    assert spurious.confidence == pytest.approx(0.25)


def test_objects_of_a_file_without_predictions_are_not_missed(tmp_path: Path) -> None:
    none = {"pred/points": None, "pred/points_offsets": None, "pred/confidence": None}
    pairs = overlay(write(tmp_path / "d.h5", **none)).pairs
    assert [pair.kind for pair in pairs] == [PointKind.OBJECT] * 3
    assert all(pair.confidence is None for pair in pairs)


def test_how_far_a_point_lies_outside_is_in_pixels_of_the_original_image(tmp_path: Path) -> None:
    # 30 px right of the last pixel's edge and 40 above the first one's: 50 px, in the original twice that.
    outside = np.array([[WIDTH - 0.5 + 30, -0.5 - 40]])
    one = {"gt/points": np.array([[150.0, 20.0]]), "gt/points_offsets": np.array([0, 1])}
    path = write(
        tmp_path / "d.h5", **one, **{"pred/points": outside, "pred/points_offsets": [0, 1], "pred/confidence": [0.5]}
    )
    (pair,) = overlay(path).pairs
    assert pair.gt_outside_px == 0
    assert pair.prediction_outside_px == pytest.approx(100)


def test_marked_objects_have_their_places_and_numbers_from_one(tmp_path: Path) -> None:
    marked = overlay(write(tmp_path / "d.h5")).marked
    assert [mark.number for mark in marked] == [1, 2]
    assert [mark.place for mark in marked] == [pytest.approx((0.05, 0.5)), pytest.approx((0.5, 0.25))]


def test_a_thumbnail_carries_the_same_as_the_sample_alone(tmp_path: Path) -> None:
    path = write(tmp_path / "d.h5")
    scene = thumbs.prepare(PointThumbsAsk(path=str(path), samples=(0,)), QUIET)
    assert overlay_of(scene.points) == overlay(path)


def test_a_marked_object_without_a_place_is_left_out(tmp_path: Path) -> None:
    marked = overlay(write(tmp_path / "d.h5", **{"gt/marked": np.array([[99.5, 24.5], [np.nan, 1.0]])})).marked
    assert [(mark.number, mark.place) for mark in marked] == [(1, pytest.approx((0.5, 0.25)))]

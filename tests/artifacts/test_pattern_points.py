"""Mistakes that are planted in foreign files, in the coordinates of their heads, are named as they are read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from inspector.analysis.point_patterns import AtBorder, Collapsed, ConstantOffset, SwappedAxes, WrongScale
from inspector.artifacts.dumps.dump import opened
from inspector.artifacts.dumps.points.patterns import pattern_of, points_without_pattern
from inspector.core.pulse import QUIET

SAMPLES, SIZE = 60, (48, 64)
Places = Callable[[np.ndarray], np.ndarray]


def truth() -> np.ndarray:
    """x and y in -1..1."""
    return np.random.default_rng(0).uniform(-0.9, 0.9, (SAMPLES, 2))


def noise() -> np.ndarray:
    return np.random.default_rng(1).normal(0, 0.01, (SAMPLES, 2))


def pixels(points: np.ndarray) -> np.ndarray:
    return (points + 1) / 2 * SIZE[::-1] - 0.5


def written(path: Path, gt: np.ndarray, predicted: np.ndarray) -> Any:
    with h5py.File(path, "w") as file:
        file["images"] = np.random.default_rng(2).integers(0, 255, (SAMPLES, *SIZE, 3)).astype(np.uint8)
        file["gt_xy"], file["pred_xy"] = gt, predicted
    return opened(path)


@pytest.mark.parametrize(
    ("plant", "kind"),
    [
        (lambda points: points + noise(), type(None)),
        (lambda points: points[:, ::-1] + noise(), SwappedAxes),
        (lambda points: points + np.array([0.2, -0.1]) + noise(), ConstantOffset),
        (lambda points: 0.6 * points + noise(), WrongScale),
        (lambda points: (points + 1) / 2, WrongScale),
        (lambda points: np.full_like(points, -1.0) + noise() / 10, Collapsed),
        (lambda points: np.tanh(8 * points), AtBorder),
        (lambda points: np.clip(8 * points, -2, 2), AtBorder),
    ],
    ids=["healthy", "swapped", "offset", "scale", "0..1 for -1..1", "corner", "saturated", "clamped"],
)
def test_of_signed_coordinates(tmp_path: Path, plant: Places, kind: type) -> None:
    assert isinstance(pattern_of(written(tmp_path / "points.h5", truth(), plant(truth())), QUIET), kind)


@pytest.mark.parametrize(
    ("plant", "kind"),
    [(lambda points: points, type(None)), (lambda points: points[:, ::-1], SwappedAxes)],
    ids=["healthy", "rows first"],
)
def test_of_pixels(tmp_path: Path, plant: Places, kind: type) -> None:
    places = pixels(truth())
    assert isinstance(pattern_of(written(tmp_path / "points.h5", places, plant(places)), QUIET), kind)


def test_the_points_without_it_lie_where_they_belong(tmp_path: Path) -> None:
    dump = written(tmp_path / "points.h5", truth(), (truth() + 1) / 2)
    found = points_without_pattern(dump, QUIET)
    np.testing.assert_allclose(found.prediction_original, pixels(truth()), atol=1e-6)
    assert np.nanmax(found.errors_px) == pytest.approx(0, abs=1e-6)
    assert np.nanmin(points_without_pattern(dump, QUIET, undo=False).errors_px) > 1

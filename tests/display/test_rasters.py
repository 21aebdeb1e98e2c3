"""Maps are resampled as torch does it, and labels are never mixed."""

from __future__ import annotations

import numpy as np
import pytest

from inspector.display import rasters

torch = pytest.importorskip("torch")


@pytest.mark.parametrize("size", [(16, 24), (5, 3), (1, 1)])
def test_nearest_agrees_with_torch(size: tuple[int, int]) -> None:
    labels = np.random.default_rng(0).integers(0, 9, (8, 8))
    expected = torch.nn.functional.interpolate(
        torch.from_numpy(labels)[None, None].float(), size=size, mode="nearest-exact"
    )[0, 0].numpy()
    np.testing.assert_array_equal(rasters.nearest(labels, *size), expected)


def test_colours_are_rounded_and_held_within_what_can_be_shown() -> None:
    picture = rasters.rgba_of(np.array([[[0.5, 0.25, 1.0], [7.0, -1.0, 0.0]]]))
    assert picture.tolist() == [[[128, 64, 255, 255], [255, 0, 0, 255]]]


def test_borders_lie_on_both_sides_of_a_change() -> None:
    assert rasters.borders(np.array([[1, 1, 2, 2]])).tolist() == [[False, True, True, False]]


@pytest.mark.parametrize(("size", "drawn"), [((10, 20), (50, 100)), ((1, 400), (1, 100)), ((0, 0), (1, 1))])
def test_the_longer_side_is_drawn_as_asked(size: tuple[int, int], drawn: tuple[int, int]) -> None:
    assert rasters.drawn_size(*size, 100) == drawn

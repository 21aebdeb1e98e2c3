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


@pytest.mark.parametrize(
    ("size", "longest", "block"), [((384, 300), 160, 3), ((60, 4000), 160, 25), ((40, 30), 160, 1)]
)
@pytest.mark.parametrize("level", [None, 255])
def test_a_thumbnail_is_the_average_of_blocks_as_torch_takes_it(
    size: tuple[int, int], longest: int, block: int, level: int | None
) -> None:
    image = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    image = image if level is None else np.full_like(image, level)
    planes = torch.from_numpy(image.astype(np.float64)).permute(2, 0, 1)[None]
    expected = torch.nn.functional.avg_pool2d(planes, block)[0].permute(1, 2, 0).numpy()
    thumbnail = rasters.thumbnail(image, longest)
    assert np.abs(thumbnail[..., :3] - expected).max() <= 0.5
    assert (thumbnail[..., 3] == 255).all()

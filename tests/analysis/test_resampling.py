"""Maps are resampled as torch does it."""

from __future__ import annotations

import numpy as np
import pytest

from inspector.analysis.resampling import resized

torch = pytest.importorskip("torch")


@pytest.mark.parametrize("size", [(16, 16), (64, 48), (5, 7), (1, 1), (8, 8)])
def test_bilinear_agrees_with_torch(size: tuple[int, int]) -> None:
    planes = np.random.default_rng(0).normal(size=(3, 8, 8)).astype(np.float32)
    expected = torch.nn.functional.interpolate(
        torch.from_numpy(planes)[None], size=size, mode="bilinear", align_corners=False
    )[0].numpy()
    np.testing.assert_allclose(resized(planes, *size), expected, atol=1e-5)


def test_a_one_pixel_map_grows_constant() -> None:
    assert np.array_equal(resized(np.full((1, 1), 0.25), 4, 6), np.full((4, 6), 0.25, np.float32))


def test_infinity_stays_where_it_is_when_nothing_is_between() -> None:
    plane = np.array([[np.inf, 0], [1, 2]])
    assert resized(plane, 2, 2)[0, 0] == np.inf
    assert not np.isnan(resized(plane, 2, 2)).any()


@pytest.mark.parametrize(("rows", "columns", "height", "width"), [(5, 7, 33, 70), (31, 9, 100, 101), (64, 50, 20, 47)])
def test_equal_planes_stay_equal_to_the_last_bit(rows: int, columns: int, height: int, width: int) -> None:
    plane = np.random.default_rng(0).random((rows, columns), np.float32)
    many = resized(np.stack([plane] * 7), height, width)
    assert all(np.array_equal(one, many[0]) for one in many)

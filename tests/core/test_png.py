"""PNG files, read back by another program's reader."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from inspector.core.png import png_of


@pytest.mark.parametrize("shape", [(1, 1), (3, 700), (500, 300)])
def test_a_picture_is_read_back_with_its_alpha_or_without(shape: tuple[int, int]) -> None:
    rgba = np.random.default_rng(0).integers(0, 256, (*shape, 4), np.uint8)
    with_alpha = Image.open(io.BytesIO(png_of(rgba, alpha=True)))
    assert with_alpha.mode == "RGBA"
    np.testing.assert_array_equal(np.asarray(with_alpha), rgba)
    without = Image.open(io.BytesIO(png_of(rgba)))
    assert without.mode == "RGB"
    np.testing.assert_array_equal(np.asarray(without), rgba[..., :3])

"""The picture that the points of a sample are drawn over."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from inspector.artifacts.dumps.dump import Dump, image_of
from inspector.core.arrays import FloatArray, Rgba, ShapeError
from inspector.core.errors import FileError
from inspector.display.dumps import datasets
from inspector.display.gallery.thumbs import thumb_size
from inspector.display.rasters import thumbnail
from inspector.formats.dump import Role

_GREY = 48


class SamplePicture(NamedTuple):
    """A picture, or a grey place for it.

    Attributes:
        pixels: (height, width, 4) uint8.
        problem: why it is grey; None where it is a picture, or the dump has none of any sample.
    """

    pixels: Rgba
    problem: FileError | ShapeError | None = None


def sample_picture(dump: Dump, sample: int, size: FloatArray, longest_px: int) -> SamplePicture:
    """The image of a sample, its longer side at most so large; grey of its proportions where it cannot be read.

    Args:
        dump: where from.
        sample: its number.
        size: height and width of the image as the points say.
        longest_px: of what is given.
    """
    problem = None
    try:
        if datasets(dump.facts, Role.IMAGE):
            return SamplePicture(thumbnail(image_of(dump, sample, longest_px=longest_px), longest_px))
    except (FileError, ShapeError) as error:
        problem = error
    height, width = (max(1, round(side)) for side in size.tolist())
    grey = np.full((*thumb_size(height, width, longest_px), 4), 255, np.uint8)
    grey[..., :3] = _GREY
    return SamplePicture(grey, problem)

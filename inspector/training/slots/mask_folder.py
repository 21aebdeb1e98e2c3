"""A folder of pictures, and beside it a folder of masks under the same names, as COCO is often unpacked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from inspector.core.arrays import AnyArray, IntArray
from inspector.core.errors import DamagedError, FileError, MissingError, UnsupportedError

IMAGES, MASKS = "images", "masks"

_ENDINGS = (".png", ".jpg", ".jpeg")
_ADVICE = f"put pictures into {IMAGES} and, under the same names, label maps as PNG into {MASKS}"
_ONE_CHANNEL = ("1", "L", "P", "I", "I;16", "I;16B", "I;16L")
"""What Pillow calls pictures whose pixels are single numbers."""


class MaskFolder:
    """Pictures with masks in two folders, by name.

    Raises:
        FileError: there are none, or a picture has no mask.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        images, masks = path / IMAGES, path / MASKS
        if not images.is_dir() or not masks.is_dir():
            raise MissingError(path, f"folders {IMAGES} and {MASKS}", "other names", _ADVICE)
        self._pictures = sorted(one for one in images.iterdir() if one.suffix.lower() in _ENDINGS)
        self._masks = [masks / f"{one.stem}.png" for one in self._pictures]
        known = {one.name for one in masks.iterdir()}
        lacking = next((mask for mask in self._masks if mask.name not in known), None)
        if not self._pictures:
            raise MissingError(images, "PNG or JPEG files", "none", _ADVICE)
        if lacking is not None:
            raise MissingError(masks, f"a mask {lacking.name}", "none of that name", _ADVICE)
        self.count = len(self._pictures)

    def picture(self, index: int) -> npt.NDArray[np.uint8]:
        """(height, width, 3) uint8."""
        return np.asarray(_pixels(self._pictures[index], "RGB"), np.uint8)

    def labels(self, index: int) -> IntArray:
        """The object of each pixel, (height, width) int64: 0 background, 255 ignored."""
        mask = _pixels(self._masks[index]).astype(np.int64)
        shape = self.picture(index).shape[:2]
        if mask.shape != shape:
            raise DamagedError(self._masks[index], f"the size of its picture, {shape}", f"{mask.shape}")
        return mask

    def object_counts(self) -> IntArray | None:
        """Objects of each scene; None, as the masks would all have to be read."""
        return None


def _pixels(path: Path, mode: str = "") -> AnyArray:
    from PIL import Image  # here, as generated scenes need no pictures

    try:
        with Image.open(path, formats=("PNG", "JPEG")) as opened:
            if not mode and opened.mode not in _ONE_CHANNEL:
                raise UnsupportedError(path, "one number a pixel, its object", f"{opened.mode} pixels", _ADVICE)
            return np.asarray(opened.convert(mode) if mode else opened)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise FileError(path, "a PNG or JPEG picture", "something else, or a part of one") from error

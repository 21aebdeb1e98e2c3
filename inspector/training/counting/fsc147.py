"""FSC-147 as it is published: 6,135 images of one kind of object each, with a dot on every object.

Source: github.com/cvlab-stonybrook/LearningToCountEverything. The images are 384 pixels high or a little more, of any
width; dots are in pixels of the stored image.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
from PIL import Image, UnidentifiedImageError

from inspector.core.errors import DamagedError, LimitError, MissingError
from inspector.core.units import bytes_text, counted
from inspector.formats.recipes.counting import Data
from inspector.training.counting.pictures import Picture, fitting, reading_order, signed

ANNOTATIONS, SPLITS, IMAGES = "annotation_FSC147_384.json", "Train_Test_Val_FSC_147.json", "images_384_VarV2"

_MAX_JSON_BYTES = 512 << 20
_MAX_PIXELS = 64_000_000
_FORMATS = ("JPEG", "PNG")
_BORDER = (114, 114, 114)
"""What is left free by a letterbox."""
_NAMED = 3
"""Missing images that a sentence names."""


class _Annotated(msgspec.Struct):
    """What is read of an image's entry; the rest is passed over."""

    points: list[tuple[float, float]]


class Fsc147:
    """The images of one split.

    Args:
        data: the settings; `data.path` is the folder.
        split: which.

    Raises:
        MissingError: a file of the folder, or an image of the split, is not there.
        DamagedError: a file is not what it should be.
    """

    _KEPT_BYTES = 256_000_000

    def __init__(self, data: Data, split: Literal["train", "val"]) -> None:
        folder = Path(data.path).expanduser()
        self._data = data
        self._images = folder / IMAGES
        names = _names(folder / SPLITS, split)
        self._points = _points(folder / ANNOTATIONS, names)
        _all_there(self._images, names, split)
        self._names = names
        self.count = len(names)
        self._kept: dict[int, Picture] = {}
        self._most_kept = self._KEPT_BYTES // (3 * data.image_size**2)

    def picture(self, index: int) -> Picture:
        """One image, made square.

        Raises:
            FileError: it cannot be read.
        """
        found = self._kept.get(index)
        if found is None:
            found = self._read(self._names[index])
            if len(self._kept) < self._most_kept:
                self._kept[index] = found
        return found

    def _read(self, name: str) -> Picture:
        size = self._data.image_size
        path = self._images / name
        try:
            with Image.open(path, formats=_FORMATS) as image:
                if image.width * image.height > _MAX_PIXELS:
                    found = f"{image.width:,} × {image.height:,}"
                    raise LimitError(path, f"an image of at most {_MAX_PIXELS:,} pixels", found)
                original_hw = (image.height, image.width)
                affine = fitting(original_hw, size, letterbox=self._data.fit == "letterbox")
                square = _made_square(image.convert("RGB"), affine[0, 0], affine[1, 1], size)
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise DamagedError(path, "a whole JPEG or PNG image", f"{error}") from error
        points = np.array(self._points[name], np.float64).reshape(-1, 2)
        ordered = points[reading_order(points)]
        return Picture(square, signed(ordered, affine, size), original_hw, affine, name)


def _made_square(
    image: Image.Image, right: float, down: float, size: int
) -> np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]:
    """An image scaled by two factors, in the middle of a square."""
    width, height = max(1, round(image.width * right)), max(1, round(image.height * down))
    square = Image.new("RGB", (size, size), _BORDER)
    square.paste(image.resize((width, height), Image.Resampling.BILINEAR), ((size - width) // 2, (size - height) // 2))
    return np.array(square, np.uint8)


def _names(path: Path, split: str) -> list[str]:
    try:
        splits = msgspec.json.decode(_content(path), type=dict[str, list[str]])
    except (ValueError, RecursionError) as error:
        raise DamagedError(path, "lists of image names by split", f"{error}") from error
    if not splits.get(split):
        raise DamagedError(path, f"images of the split {split}", f"the splits {', '.join(splits) or 'none'}")
    return splits[split]


def _points(path: Path, names: list[str]) -> dict[str, list[tuple[float, float]]]:
    try:
        raw = msgspec.json.decode(_content(path), type=dict[str, msgspec.Raw])
        lacking = [name for name in names if name not in raw]
        if lacking:
            raise DamagedError(
                path,
                f"an entry for each of {counted(len(names), 'image')}",
                f"none for {_some(lacking)}",
                f"take them out of {SPLITS} or add them",
            )
        return {name: msgspec.json.decode(raw[name], type=_Annotated).points for name in names}
    except (ValueError, RecursionError) as error:
        raise DamagedError(path, "entries with points, x and y of each", f"{error}") from error


def _all_there(folder: Path, names: list[str], split: str) -> None:
    try:
        there = {entry.name for entry in folder.iterdir()}
    except OSError as error:
        raise MissingError(
            folder, "a folder of images", f"none ({error.strerror})", f"it stands beside {SPLITS}"
        ) from error
    lacking = [name for name in names if name not in there]
    if lacking:
        raise MissingError(
            folder,
            f"the {counted(len(names), 'image')} of the split {split}",
            f"{len(names) - len(lacking):,}; there is no {_some(lacking)}",
            f"add them, or take them out of {SPLITS}",
        )


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    return f"{shown} and {len(names) - _NAMED:,} more" if len(names) > _NAMED else shown


def _content(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > _MAX_JSON_BYTES:
            raise LimitError(path, f"at most {bytes_text(_MAX_JSON_BYTES)}", bytes_text(size))
        return path.read_bytes()
    except OSError as error:
        raise MissingError(
            path, "a file of FSC-147", f"none ({error.strerror})", "data.path is the folder that holds it"
        ) from error

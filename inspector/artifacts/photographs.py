"""Pictures that are files of their own, beside annotations: JPEG, PNG, WebP and others, decoded by Pillow.

The few pictures of a log are unpacked by the window; these come by the thousand and from anywhere, so that they are
decoded here, behind the reader's lock.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from inspector.artifacts.byte_file import ByteFile
from inspector.core.errors import DamagedError, LimitError, UnsupportedError
from inspector.core.units import bytes_text

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM")
"""What is decoded, by Pillow's names; its other formats are seldom used and seldom tried."""
MAX_PIXELS = 64_000_000
"""A larger picture is not decoded: it takes more than 450 MB."""
_STRIP_PIXELS = 1 << 20
MAX_BYTES = 256 << 20
"""Nor is a larger file read."""
HEAD_BYTES = 256 << 10
"""The size stands in the beginning, behind what a camera wrote."""


class Photograph(NamedTuple):
    """A decoded picture.

    Attributes:
        pixels: (height, width, 3) uint8; what is transparent is black.
        size: height and width of the picture as it is stored, which may be larger than `pixels`.
        note: what could not be read of it; empty where it is whole.
    """

    pixels: npt.NDArray[np.uint8]
    size: tuple[int, int]
    note: str = ""


def photograph_size(path: Path) -> tuple[int, int]:
    """Height and width of a picture as it is stored: a camera's note to turn it is not heeded, nor by training code.

    Raises:
        FileError: it is no picture, or cannot be read.
    """
    with ByteFile(path) as file:
        head = file.read(0, HEAD_BYTES)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with _opened(path, head) as picture:
            return picture.height, picture.width


def photograph(path: Path, longest_px: int = 0) -> Photograph:
    """A picture, at least as large as wanted where it is; a torn one as far as it goes.

    Args:
        path: of the file.
        longest_px: the longer side that is wanted, which makes large JPEG files faster to decode; 0 for all there is.

    Raises:
        FileError: it is no picture, is too large, or cannot be read.
    """
    with ByteFile(path) as file:
        if file.size > MAX_BYTES:
            raise LimitError(path, f"a picture of at most {bytes_text(MAX_BYTES)}", bytes_text(file.size))
        data = file.read(0, file.size)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what they say of is shown, or an error
        with _opened(path, data) as picture:
            size = picture.height, picture.width
        try:
            return Photograph(_pixels(path, data, longest_px), size)
        except (OSError, SyntaxError, ValueError, EOFError) as error:
            note = f"{path.name}: the picture breaks off ({error})"
            return Photograph(_torn(path, data, longest_px, error), size, note)


def _opened(path: Path, data: bytes) -> Image.Image:
    """A picture whose pixels are still packed."""
    from PIL import Image, UnidentifiedImageError  # a tenth of a second, which few readers have to spend

    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise UnsupportedError(path, "a picture", "bytes of another kind") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DamagedError(path, "a picture", f"{error}") from error
    if picture.width * picture.height > MAX_PIXELS:
        found = f"{picture.width:,} × {picture.height:,}"
        raise LimitError(path, f"a picture of at most {MAX_PIXELS:,} pixels", found)
    return picture


def _pixels(path: Path, data: bytes, longest_px: int) -> npt.NDArray[np.uint8]:
    with _opened(path, data) as picture:
        if longest_px:
            picture.draft("RGB", (longest_px, longest_px))
        return _rgb(picture)


def _torn(path: Path, data: bytes, longest_px: int, error: Exception) -> npt.NDArray[np.uint8]:
    from PIL import ImageFile

    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        return _pixels(path, data, longest_px)
    except (OSError, SyntaxError, ValueError, EOFError):
        raise DamagedError(path, "a whole picture", f"{error}") from error
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False


def _rgb(picture: Image.Image) -> npt.NDArray[np.uint8]:
    """A strip at a time, as a picture of four bytes a pixel would else be there several times."""
    pixels = np.empty((picture.height, picture.width, 3), np.uint8)
    rows = max(1, _STRIP_PIXELS // picture.width)
    strips = [slice(top, min(top + rows, picture.height)) for top in range(0, picture.height, rows)]

    def cut(strip: slice) -> Image.Image:
        return picture.crop((0, strip.start, picture.width, strip.stop))

    if picture.mode.startswith(("I", "F")):
        low, high = _ends(np.asarray(cut(strip), np.float64) for strip in strips)
        for strip in strips:
            pixels[strip] = _stretched(np.asarray(cut(strip), np.float64), low, high)
    else:
        for strip in strips:
            pixels[strip] = np.asarray(_on_black(cut(strip)))
    return pixels


def _on_black(picture: Image.Image) -> Image.Image:
    from PIL import Image

    if "A" in picture.getbands() or "transparency" in picture.info:
        straight = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", straight.size, (0, 0, 0, 255)), straight)
    return picture.convert("RGB")


def _ends(parts: Iterable[npt.NDArray[np.float64]]) -> tuple[float, float]:
    """What is black and what is white: 0 and 1, 255 or 65,535, whichever holds all; others by their ends."""
    ends = [(float(finite.min()), float(finite.max())) for part in parts if (finite := part[np.isfinite(part)]).size]
    low, high = (min(low for low, _ in ends), max(high for _, high in ends)) if ends else (0.0, 1.0)
    return (0.0, next((end for end in (1.0, 255.0, 65_535.0) if high <= end), high)) if low >= 0 else (low, high)


def _stretched(values: npt.NDArray[np.float64], low: float, high: float) -> npt.NDArray[np.uint8]:
    """Sixteen bits or floats as grey, between the two ends."""
    grey = np.clip(np.nan_to_num((values - low) / ((high - low) or 1.0)) * 255, 0, 255).round().astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)

"""Where the points of a dump lie: in pixels of its stored images, and of the original ones."""

from __future__ import annotations

import numpy as np

from inspector.artifacts.dumps.dump import picture_size
from inspector.artifacts.dumps.dump_file import Dump
from inspector.core.arrays import AnyArray, FloatArray, IntArray
from inspector.core.errors import FileError
from inspector.core.notes import Notes
from inspector.formats.dump import AFFINE, ORIGINAL_HW, SIZES

_FEW_PIXELS = 8
"""In a smaller image, points up to 1 may well be pixels."""


def in_pixels(gt: FloatArray, prediction: FloatArray, sizes: FloatArray, notes: Notes) -> tuple[FloatArray, FloatArray]:
    """Points that all lie within -1..1 are shares of their images, where these are larger than a few pixels.

    Source: x = (x / W) * 2 - 1 of the counting scripts.
    """
    finite = _finite(gt, prediction)
    if not finite.size or np.abs(finite).max() > 1 or not np.nanmin(sizes, initial=np.inf) >= _FEW_PIXELS:
        return gt, prediction
    signed = bool((finite < 0).any())
    notes.add(f"The points lie within {'−1' if signed else '0'} and 1 and are taken as shares of the image")

    def pixels(points: FloatArray) -> FloatArray:
        shares = (points + 1) / 2 if signed else points
        return shares * sizes[:, ::-1] - 0.5

    return pixels(gt), pixels(prediction)


class Placement:
    """Where points of stored images lie in the original ones."""

    def __init__(self, dump: Dump, stored: tuple[int, int] | None, notes: Notes) -> None:
        self._inverses = _inverses(dump, notes)
        self._scales = None if self._inverses is not None else _scales(dump, stored, notes)
        known = self._inverses is not None or self._scales is not None
        self.space = "pixels of the original image" if known else "pixels of the stored image"

    def original(self, points: FloatArray, of: IntArray) -> FloatArray:
        """(points, 2) in the original image of the sample that each is `of`; as they are where that is not known."""
        moved = points.copy()
        if self._inverses is not None:
            there = of < len(self._inverses)
            inverse = self._inverses[of[there]]
            moved[there] = np.einsum("nij,nj->ni", inverse[:, :, :2], points[there]) + inverse[:, :, 2]
        elif self._scales is not None:
            there = of < len(self._scales)
            moved[there] = (points[there] + 0.5) * self._scales[of[there]] - 0.5
        return moved


def _inverses(dump: Dump, notes: Notes) -> FloatArray | None:
    """(samples, 2, 3) network px -> original px, None where the dump does not say, or not usably."""
    affine = _whole(dump, AFFINE, notes)
    if affine is None or affine.ndim != 3 or affine.shape[1:] != (2, 3):
        return None
    linear = affine[:, :, :2]
    if not np.isfinite(affine).all() or (np.abs(np.linalg.det(linear)) < 1e-12).any():
        notes.add(f"{AFFINE} cannot be inverted; errors are in pixels of the stored images")
        return None
    inverse = np.linalg.inv(linear)
    shift = -np.einsum("nij,nj->ni", inverse, affine[:, :, 2])
    found: FloatArray = np.concatenate([inverse, shift[:, :, None]], axis=2)
    return found


def _scales(dump: Dump, stored: tuple[int, int] | None, notes: Notes) -> FloatArray | None:
    """(samples, 2) original over stored, x and y; None where either size is not known."""
    original = _whole(dump, ORIGINAL_HW, notes)
    if original is None or stored is None or original.ndim != 2 or original.shape[1] != 2 or not (original > 0).all():
        return None
    scales: FloatArray = original[:, ::-1] / np.array(stored[::-1], np.float64)
    return scales


def _whole(dump: Dump, path: str, notes: Notes) -> FloatArray | None:
    if dump.dataset(path) is None:
        return None
    try:
        return dump.read(path).astype(np.float64)
    except FileError as error:
        notes.add_error(error)
        return None


def _finite(*kinds: FloatArray) -> AnyArray:
    every = np.concatenate(kinds)
    return every[np.isfinite(every).all(axis=1)]


def stored_sizes(dump: Dump, samples: int, notes: Notes) -> FloatArray | None:
    """(samples, 2) height and width of the stored images, NaN where not known; None where none is."""
    stored = picture_size(dump)
    if stored is not None:
        return np.full((samples, 2), stored, np.float64)
    sizes = _whole(dump, SIZES, notes)
    return sizes if sizes is not None and sizes.shape == (samples, 2) and np.isfinite(sizes).any() else None


def known_sizes(sizes: FloatArray | None, gt: FloatArray, prediction: FloatArray, samples: int) -> FloatArray:
    """(samples, 2) height and width of the stored images, each known: else as large as holds all points of the dump."""
    finite = _finite(gt, prediction)
    extent = np.maximum(finite.max(axis=0, initial=0.0)[::-1] + 1, 1.0)
    if sizes is None:
        return np.tile(extent, (samples, 1))
    return np.where(
        np.isfinite(sizes).all(axis=1, keepdims=True) & (sizes > 0).all(axis=1, keepdims=True), sizes, extent
    )

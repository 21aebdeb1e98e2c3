"""Where the points of a dump lie: in pixels of the original images, and of the stored ones that are drawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from inspector.analysis.point_conventions import in_frame_px, in_given_px, in_original_px
from inspector.analysis.points import are_known
from inspector.artifacts.dumps.dump_file import Dump, picture_size
from inspector.core.arrays import FloatArray, IntArray
from inspector.core.errors import FileError
from inspector.core.notes import Notes
from inspector.core.units import counted
from inspector.formats.dump import AFFINE, FORMAT, ORIGINAL_HW, SIZES
from inspector.formats.point_conventions import Convention, Frame, Unit

ASSUMED_SIDE_PX = 1_000
"""Of images whose size nobody tells, where points are shares of it."""

_UNMOVED = np.eye(2, 3)
"""The affine of images that were stored as they were."""


@dataclass(frozen=True, slots=True, eq=False)
class ImageSizes:
    """How large the images of a dump are, and how the original ones became those that it stores.

    Attributes:
        stored: (samples, 2) float64, height and width of the images that are drawn; NaN where unknown.
        original: (samples, 2) float64, the same of the original images; NaN where not known either.
        affine: (samples, 2, 3) float64, original px -> stored px; None where the dump does not say.
        is_original: whether the size of the original images is told, or how they came from them.
    """

    stored: FloatArray
    original: FloatArray
    affine: FloatArray | None
    is_original: bool

    @property
    def resized(self) -> bool:
        """Whether the stored images are others than the original ones."""
        return self.affine is not None or not np.array_equal(self.stored, self.original, equal_nan=True)


def image_sizes(dump: Dump, samples: int, notes: Notes) -> ImageSizes:
    """What a dump tells of its images."""
    stored = _stored_sizes(dump, samples, notes)
    affine = _affine(dump, samples, notes)
    told = _whole(dump, ORIGINAL_HW, (samples, 2), notes)
    if dump.facts.attributes.get("format") == FORMAT and np.isnan(stored).all() and affine is None:
        told = None  # points of a dump of this program are pixels of its stored images, of which none is there
    original = stored.copy()
    if affine is not None:
        original = stored / np.linalg.norm(affine[:, :, :2], axis=1)[:, ::-1]
    if told is not None:
        usable = (np.isfinite(told) & (told > 0)).all(axis=1)
        if not usable.all():
            lost = counted(int((~usable).sum()), "sample")
            notes.add(f"{ORIGINAL_HW} has no size for {lost}; the stored images count as the original ones")
        original[usable] = told[usable]
    if affine is None:  # without pictures, what is drawn is as large as the original images
        stored = np.where(np.isnan(stored), original, stored)
    is_original = affine is not None or told is not None
    if affine is not None and (affine == _UNMOVED).all():
        affine = None
    return ImageSizes(stored, original, affine, is_original)


def _stored_sizes(dump: Dump, samples: int, notes: Notes) -> FloatArray:
    size = picture_size(dump)
    if size is not None:
        return np.full((samples, 2), size, np.float64)
    sizes = _whole(dump, SIZES, (samples, 2), notes)
    if sizes is None:
        return np.full((samples, 2), np.nan)
    return np.where((np.isfinite(sizes) & (sizes > 0)).all(axis=1, keepdims=True), sizes, np.nan)


def _affine(dump: Dump, samples: int, notes: Notes) -> FloatArray | None:
    affine = _whole(dump, AFFINE, (samples, 2, 3), notes)
    if affine is None:
        return None
    if not np.isfinite(affine).all() or (np.abs(np.linalg.det(affine[:, :, :2])) < 1e-12).any():
        notes.add(f"{AFFINE} cannot be inverted; errors are in pixels of the stored images")
        return None
    return affine


def _whole(dump: Dump, path: str, shape: tuple[int, ...], notes: Notes) -> FloatArray | None:
    """A dataset that has a row for each sample, without those of further samples."""
    dataset = dump.dataset(path)
    if dataset is None:
        return None
    if len(dataset.shape) != len(shape) or dataset.shape[1:] != shape[1:] or dataset.shape[0] < shape[0]:
        notes.add(f"{path} is left out: it has the shape {dataset.shape}, expected {shape}")
        return None
    try:
        return dump.read(path)[: shape[0]].astype(np.float64)
    except FileError as error:
        notes.add_error(error)
        return None


class Placement:
    """Brings points from the conventions of a file into pixels.

    Args:
        sizes: of the images.
        conventions: of all points that are brought.
        notes: of what had to be assumed.
    """

    def __init__(self, sizes: ImageSizes, conventions: Iterable[Convention], notes: Notes) -> None:
        used = tuple(conventions)
        shares = any(one.unit is not Unit.PIXELS for one in used)
        self._sizes = sizes
        letterboxed = any(one.frame is Frame.LETTERBOXED for one in used)
        self._fit = Frame.LETTERBOXED if letterboxed else Frame.RESIZED
        self.stored, self.original = sizes.stored, sizes.original
        self.space = f"pixels of the {'original' if sizes.is_original else 'stored'} image"
        if not sizes.resized and any(one.frame is not Frame.ORIGINAL and one.given_hw is None for one in used):
            notes.add("What size the network was given is not known; points of it are shown as those of the image")
        unknown = np.isnan(self.original[:, 0])
        self.size_known = not unknown.all()
        if shares and unknown.all():
            self._assume(next((one.given_hw for one in used if one.given_hw is not None), None), notes)
        elif shares and unknown.any():
            lost = f"{int(unknown.sum()):,} of {len(unknown):,} images"
            notes.add(f"The size of {lost} is not known, and their points are shares of it; they count as missing")

    def _assume(self, by_hand: tuple[int, int] | None, notes: Notes) -> None:
        """Take all images for as large as it was said by hand, or as some usual ones."""
        height, width = by_hand or (ASSUMED_SIDE_PX, ASSUMED_SIDE_PX)
        size = f"{width:,} × {height:,} px"
        if by_hand is None:
            unknown = "The points are shares of images whose size is not known"
            notes.add(f"{unknown}; {size} is assumed until one is given where coordinates are chosen")
        self.stored = self.original = np.tile(np.array([height, width], np.float64), (len(self.original), 1))
        self.space = f"pixels of images of {size}" if by_hand else f"pixels of images assumed to have {size}"

    def original_px(self, values: FloatArray, of: IntArray, convention: Convention) -> FloatArray:
        """(points, 2) x and y in pixels of the original image of the sample that each is `of`."""
        by_hand = convention.given_hw
        given = (
            self.stored.take(of, axis=0)
            if by_hand is None
            else np.broadcast_to(np.array(by_hand, np.float64), values.shape)
        )
        if convention.frame is not Frame.ORIGINAL and by_hand is None and self._sizes.affine is not None:
            return _moved(in_frame_px(values, convention, given), _inverses(self._sizes.affine)[of])
        return in_original_px(values, convention, self.original.take(of, axis=0), given)

    def stored_px(self, points: FloatArray, of: IntArray) -> FloatArray:
        """Points of the original image in pixels of the stored one; (points, 2) x and y, NaN stays NaN."""
        if self._sizes.affine is not None:
            return _moved(points, self._sizes.affine[of])
        same = (self.original[:, 0] == self.stored[:, 0]) & (self.original[:, 1] == self.stored[:, 1])
        differs = np.flatnonzero(~(same | ~are_known(self.original))[of])
        if not len(differs):
            return points
        found, sizes = points.copy(), (one.take(of[differs], axis=0) for one in (self.original, self.stored))
        found[differs] = in_given_px(points.take(differs, axis=0), self._fit, *sizes)
        return found


def _inverses(affine: FloatArray) -> FloatArray:
    inverse = np.linalg.inv(affine[:, :, :2])
    shift = -np.einsum("nij,nj->ni", inverse, affine[:, :, 2])
    found: FloatArray = np.concatenate([inverse, shift[:, :, None]], axis=2)
    return found


def _moved(points: FloatArray, affine: FloatArray) -> FloatArray:
    """Points moved by an affine each; their columns x, y, shift."""
    found: FloatArray = np.einsum("nij,nj->ni", affine[:, :, :2], points) + affine[:, :, 2]
    return found


def known_sizes(sizes: FloatArray, *points: FloatArray) -> FloatArray:
    """(samples, 2) sizes of images, each known: else as large as holds all points of the dump."""
    every = np.concatenate(points)
    known, found = are_known(every), are_known(sizes)
    if found.all():
        return sizes
    extent = [max(float(every[known, axis].max(initial=0.0)) + 1, 1.0) for axis in (1, 0)]
    return np.where(found[:, None], sizes, extent)

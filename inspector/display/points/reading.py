"""All points of a dump in pixels of its images, and their errors in pixels of the original ones."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inspector.analysis.points import point_errors
from inspector.artifacts.dumps.dump import Dump, opened, picture_size, points_of
from inspector.core.arrays import AnyArray, FloatArray, ShapeError
from inspector.core.errors import FileError, UnsupportedError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.display.dumps import datasets
from inspector.formats.dump import AFFINE, ORIGINAL_HW, Role


@dataclass(frozen=True, slots=True, eq=False)
class SamplePoints:
    """The objects of one sample, worst first; NaN where an object lacks a point.

    Attributes:
        gt, prediction: (objects, 2), x and y in pixels of the stored image, the middle of the first at 0, 0.
        gt_original, prediction_original: the same in the original image.
        errors_px: (objects,) in the original image.
        worst_px: the largest error, NaN where no object has both points.
        numbers: (objects,) which object this is in the file, from 0.
    """

    gt: FloatArray
    prediction: FloatArray
    gt_original: FloatArray
    prediction_original: FloatArray
    errors_px: FloatArray
    worst_px: float
    numbers: AnyArray


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Every sample of a dump.

    Attributes:
        errors_px: of all objects that have both points.
        unpredicted: objects without a prediction; unmatched: predictions without an object.
        size: height and width that the points refer to.
        space: the words for the pixels that errors are in.
        notes: what was guessed or could not be read.
    """

    samples: tuple[SamplePoints, ...]
    errors_px: FloatArray
    unpredicted: int
    unmatched: int
    size: tuple[float, float]
    space: str
    notes: tuple[str, ...]


def all_points(path: Path, pulse: Pulse) -> Points:
    """The points of a dump, read once as long as its file stays the same.

    Raises:
        FileError: the dump cannot be read, or it holds no points.
        WorkCancelled: the pulse says so.
    """
    dump = opened(path, pulse)
    if _REMEMBERED not in dump.remembered:
        dump.remembered[_REMEMBERED] = _read(dump, pulse)
    points: Points = dump.remembered[_REMEMBERED]
    return points


_REMEMBERED = "points of all samples"


def _read(dump: Dump, pulse: Pulse) -> Points:
    if not datasets(dump.facts, Role.GT_POINTS, Role.PRED_POINTS):
        raise UnsupportedError(dump.path, "points in this dump", "none", "choose another dump")
    notes = Notes()
    pairs = []
    for sample in range(dump.facts.samples or 1):
        pulse.beat(sample, dump.facts.samples or 1, "points")
        pairs.append(_pairs(dump, sample, notes))
    stored = picture_size(dump)
    if stored is not None:
        pairs = _in_pixels(pairs, stored, notes)
    placed = _Placement(dump, stored, notes)
    samples = tuple(_sample(gt, prediction, placed, index) for index, (gt, prediction) in enumerate(pairs))
    every = np.concatenate([sample.errors_px for sample in samples])
    gt = np.isfinite(np.concatenate([sample.gt for sample in samples])).all(axis=1)
    prediction = np.isfinite(np.concatenate([sample.prediction for sample in samples])).all(axis=1)
    return Points(
        samples=samples,
        errors_px=every[np.isfinite(every)],
        unpredicted=int(np.count_nonzero(gt > prediction)),
        unmatched=int(np.count_nonzero(prediction > gt)),
        size=stored or _extent(pairs),
        space=placed.space,
        notes=notes.texts(),
    )


def _pairs(dump: Dump, sample: int, notes: Notes) -> tuple[FloatArray, FloatArray]:
    """True and predicted points; one without the other is NaN."""
    try:
        gt, prediction = points_of(dump, sample)
    except (FileError, ShapeError) as error:
        notes.add(f"{error}")
        return np.empty((0, 2)), np.empty((0, 2))
    return _known(gt, notes), _known(prediction, notes)


def _known(points: FloatArray, notes: Notes) -> FloatArray:
    """Points without infinities; NaN says by itself that one is missing."""
    pairs = points.reshape(-1, 2)
    if np.isinf(pairs).any():
        notes.add("Some points are infinite and count as missing")
    return np.where(np.isfinite(pairs).all(axis=1, keepdims=True), pairs, np.nan)


def _in_pixels(
    pairs: list[tuple[FloatArray, FloatArray]], size: tuple[int, int], notes: Notes
) -> list[tuple[FloatArray, FloatArray]]:
    """Points that all lie within -1..1 are shares of images larger than a few pixels.

    Source: x = (x / W) * 2 - 1 of the counting scripts.
    """
    every = np.concatenate([np.concatenate(pair) for pair in pairs]) if pairs else np.empty((0, 2))
    finite = every[np.isfinite(every).all(axis=1)]
    if not finite.size or np.abs(finite).max() > 1 or min(size) < 8:
        return pairs
    signed = bool((finite < 0).any())
    notes.add(f"The points lie within {'−1' if signed else '0'} and 1 and are taken as shares of the image")
    side = np.array(size[::-1], np.float64)

    def pixels(points: FloatArray) -> FloatArray:
        shares = (points + 1) / 2 if signed else points
        return shares * side - 0.5

    return [(pixels(gt), pixels(prediction)) for gt, prediction in pairs]


class _Placement:
    """Where a point of a stored image lies in the original one."""

    def __init__(self, dump: Dump, stored: tuple[int, int] | None, notes: Notes) -> None:
        self._inverses = _inverses(dump, notes)
        self._scales = None if self._inverses is not None else _scales(dump, stored, notes)
        known = self._inverses is not None or self._scales is not None
        self.space = "pixels of the original image" if known else "pixels of the stored image"

    def original(self, points: FloatArray, sample: int) -> FloatArray:
        """(points, 2) in the original image."""
        if self._inverses is not None and sample < len(self._inverses):
            inverse = self._inverses[sample]
            moved: FloatArray = points @ inverse[:, :2].T + inverse[:, 2]
            return moved
        if self._scales is not None and sample < len(self._scales):
            scaled: FloatArray = (points + 0.5) * self._scales[sample] - 0.5
            return scaled
        return points


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
        notes.add(f"{error}")
        return None


def _sample(gt: FloatArray, prediction: FloatArray, placed: _Placement, index: int) -> SamplePoints:
    count = max(len(gt), len(prediction))
    gt, prediction = _padded(gt, count), _padded(prediction, count)
    gt_original, prediction_original = placed.original(gt, index), placed.original(prediction, index)
    errors = point_errors(gt_original, prediction_original)
    order = np.argsort(np.where(np.isfinite(errors), -errors, np.inf), kind="stable")
    return SamplePoints(
        gt=gt[order],
        prediction=prediction[order],
        gt_original=gt_original[order],
        prediction_original=prediction_original[order],
        errors_px=errors[order],
        worst_px=float(errors[order[0]]) if count else math.nan,
        numbers=order,
    )


def _padded(points: FloatArray, count: int) -> FloatArray:
    return np.concatenate([points, np.full((count - len(points), 2), np.nan)])


def _extent(pairs: list[tuple[FloatArray, FloatArray]]) -> tuple[float, float]:
    """Height and width that hold all points of a dump without images."""
    every = np.concatenate([np.concatenate(pair) for pair in pairs]) if pairs else np.empty((0, 2))
    finite = every[np.isfinite(every).all(axis=1)]
    if not finite.size:
        return 1.0, 1.0
    return max(1.0, float(finite[:, 1].max()) + 1), max(1.0, float(finite[:, 0].max()) + 1)

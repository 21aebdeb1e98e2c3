"""All points of a dump in pixels of its images, and their errors in pixels of the original ones."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from inspector.analysis.points import point_errors
from inspector.artifacts.dumps.dump import picture_size, points_of
from inspector.artifacts.dumps.dump_file import Dump
from inspector.artifacts.dumps.point_placement import Placement, in_pixels, known_sizes, stored_sizes
from inspector.core.arrays import FloatArray, IntArray, ShapeError
from inspector.core.errors import FileError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.formats.dump import Role
from inspector.formats.facts import DatasetFacts

MOST_POINTS = 4_000_000
"""Of a kind; they and what is worked out of them take 600 MB. The samples of the first ones are read."""

BATCH_POINTS = 250_000
"""Read between two beats: some milliseconds."""

_ROLES = ((Role.GT_POINTS, Role.GT_POINTS_OFFSETS), (Role.PRED_POINTS, Role.PRED_POINTS_OFFSETS))
_TOLD = 5
"""Samples whose points cannot be read, of which the reason is told."""


@dataclass(frozen=True, slots=True, eq=False)
class SamplePoints:
    """The objects of one sample, worst first; NaN where an object lacks a point.

    Attributes:
        gt, prediction: (objects, 2), x and y in pixels of the stored image, the middle of the first at 0, 0.
        gt_original, prediction_original: the same in the original image.
        gt_stored, prediction_stored: (objects, 2), as the file keeps them.
        errors_px: (objects,) in the original image.
        confidence: (objects,) of the predictions, as the file tells it; NaN where it does not.
        worst_px: the largest error, NaN where no object has both points.
        numbers: (objects,) which object this is in the file, from 0.
        marked: (marked objects, 2) those that were counted before, in pixels of the stored image.
        marked_numbers: (marked objects,) the how manieth each is, from 0.
        done, gt_done: how sure the model is that nothing is left to count, and whether that is so, 0 to 1.
        count, count_predicted: of objects; as the file tells them, else the numbers of points.
        sequence_step: which step of a count this is.
        missed, spurious: objects without a prediction, predictions without an object.
    """

    gt: FloatArray
    prediction: FloatArray
    gt_original: FloatArray
    prediction_original: FloatArray
    gt_stored: FloatArray
    prediction_stored: FloatArray
    errors_px: FloatArray
    confidence: FloatArray
    worst_px: float
    numbers: IntArray
    marked: FloatArray
    marked_numbers: IntArray
    done: float
    gt_done: float
    count: float
    count_predicted: float
    sequence_step: float
    missed: float
    spurious: float


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """The objects of every sample, one sample after the other; fields as of `SamplePoints`.

    Attributes:
        first: (samples + 1,) int64, where the objects of each sample begin.
        worst_px: (samples,) float64, of each the largest error.
        marked_first: (samples + 1,) int64, where the marked objects of each sample begin.
        done, gt_done, count, count_predicted, sequence_step, missed, spurious: (samples,) float64, NaN where unknown.
        sizes: (samples, 2) float64, height and width of the images that the points lie in.
        original_sizes: (samples, 2) float64, the same of the original images.
        space: the words for the pixels that errors are in.
        radius_px: up to which distance a prediction is matched to an object; NaN where they are paired by their order.
        convention_text: how coordinates are read, and why.
        convention_sure: whether other ways to read them are far less likely, or it was said by hand.
        notes: what was guessed or could not be read.
        limited: whether reading generously shows more.
    """

    first: IntArray
    gt: FloatArray
    prediction: FloatArray
    gt_original: FloatArray
    prediction_original: FloatArray
    gt_stored: FloatArray
    prediction_stored: FloatArray
    errors_px: FloatArray
    confidence: FloatArray
    numbers: IntArray
    marked_first: IntArray
    marked: FloatArray
    marked_numbers: IntArray
    worst_px: FloatArray
    done: FloatArray
    gt_done: FloatArray
    count: FloatArray
    count_predicted: FloatArray
    sequence_step: FloatArray
    missed: FloatArray
    spurious: FloatArray
    sizes: FloatArray
    original_sizes: FloatArray
    space: str
    radius_px: float
    convention_text: str
    convention_sure: bool
    notes: tuple[str, ...]
    limited: bool

    @property
    def samples(self) -> int:
        """How many there are."""
        return len(self.worst_px)

    def sample(self, index: int) -> SamplePoints:
        """The objects of one."""
        rows = slice(int(self.first[index]), int(self.first[index + 1]))
        marked = slice(int(self.marked_first[index]), int(self.marked_first[index + 1]))
        return SamplePoints(
            gt=self.gt[rows],
            prediction=self.prediction[rows],
            gt_original=self.gt_original[rows],
            prediction_original=self.prediction_original[rows],
            gt_stored=self.gt_stored[rows],
            prediction_stored=self.prediction_stored[rows],
            errors_px=self.errors_px[rows],
            confidence=self.confidence[rows],
            worst_px=float(self.worst_px[index]),
            numbers=self.numbers[rows],
            marked=self.marked[marked],
            marked_numbers=self.marked_numbers[marked],
            done=float(self.done[index]),
            gt_done=float(self.gt_done[index]),
            count=float(self.count[index]),
            count_predicted=float(self.count_predicted[index]),
            sequence_step=float(self.sequence_step[index]),
            missed=float(self.missed[index]),
            spurious=float(self.spurious[index]),
        )

    @property
    def known_errors_px(self) -> FloatArray:
        """Of all objects that have both points."""
        found: FloatArray = self.errors_px[np.isfinite(self.errors_px)]
        return found

    @property
    def unpredicted(self) -> int:
        """Objects without a prediction."""
        return int(np.count_nonzero(~np.isnan(self.gt[:, 0]) & np.isnan(self.prediction[:, 0])))

    @property
    def unmatched(self) -> int:
        """Predictions without an object."""
        return int(np.count_nonzero(np.isnan(self.gt[:, 0]) & ~np.isnan(self.prediction[:, 0])))


def has_points(dump: Dump) -> bool:
    """Whether a dump holds true or predicted points."""
    return any(dump.one(role) is not None for role, _offsets in _ROLES)


def all_points(dump: Dump, pulse: Pulse, radius_px: float = math.nan) -> Points:
    """The points of a dump, read once for each radius.

    Args:
        dump: where from.
        pulse: of this work.
        radius_px: up to which distance a prediction is matched to an object; NaN for the usual radius.

    Raises:
        FileError: it holds no points.
        WorkCancelled: the pulse says so.
    """
    name = f"points of all samples, matched within {radius_px:g}"
    if name not in dump.remembered:
        dump.remembered[name] = _read(dump, pulse)
    points: Points = dump.remembered[name]
    return points


def _read(dump: Dump, pulse: Pulse) -> Points:
    if not has_points(dump):
        raise dump.lacking("points")
    notes = Notes()
    first, gt, prediction = _pairs(dump, dump.facts.samples or 1, notes, pulse)
    pulse.beat(what="point errors")
    gt, prediction = _known(gt, notes), _known(prediction, notes)
    stored = picture_size(dump)
    as_kept = gt, prediction
    of = np.repeat(np.arange(len(first) - 1), np.diff(first))
    sizes = stored_sizes(dump, len(first) - 1, notes)
    if sizes is not None:
        gt, prediction = in_pixels(gt, prediction, sizes[of], notes)
    placed = Placement(dump, stored, notes)
    gt_original, prediction_original = placed.original(gt, of), placed.original(prediction, of)
    errors = point_errors(gt_original, prediction_original)
    pulse.beat(what="point errors")
    order = np.lexsort((np.where(np.isfinite(errors), -errors, np.inf), of))
    errors = errors[order]
    worst = np.full(len(first) - 1, np.nan)
    some = np.diff(first) > 0
    worst[some] = errors[first[:-1][some]]
    samples = len(first) - 1
    has_gt, has_prediction = (np.isfinite(points[:, 0]) for points in (gt, prediction))
    counts = [np.bincount(of[has], minlength=samples).astype(np.float64) for has in (has_gt, has_prediction)]
    lone = [np.bincount(of[has], minlength=samples) for has in (has_gt & ~has_prediction, has_prediction & ~has_gt)]
    shown_sizes = known_sizes(sizes, gt, prediction, samples)
    return Points(
        first=first,
        gt=gt[order],
        prediction=prediction[order],
        gt_original=gt_original[order],
        prediction_original=prediction_original[order],
        gt_stored=as_kept[0][order],
        prediction_stored=as_kept[1][order],
        errors_px=errors,
        confidence=np.full(len(of), np.nan),
        numbers=(np.arange(len(of)) - first[:-1][of])[order],
        marked_first=np.zeros(samples + 1, np.int64),
        marked=np.empty((0, 2)),
        marked_numbers=np.empty(0, np.int64),
        worst_px=worst,
        done=np.full(samples, np.nan),
        gt_done=np.full(samples, np.nan),
        count=counts[0],
        count_predicted=counts[1],
        sequence_step=np.full(samples, np.nan),
        missed=lone[0].astype(np.float64),
        spurious=lone[1].astype(np.float64),
        sizes=shown_sizes,
        original_sizes=shown_sizes,
        space=placed.space,
        radius_px=math.nan,
        convention_text="",
        convention_sure=True,
        notes=notes.texts(),
        limited=notes.limited,
    )


class _Lists(NamedTuple):
    """Points of one kind: (points, 2) values, and for each sample where its own begin and how many they are."""

    values: FloatArray
    first: IntArray
    counts: IntArray


def _pairs(dump: Dump, samples: int, notes: Notes, pulse: Pulse) -> tuple[IntArray, FloatArray, FloatArray]:
    """Where the objects of each sample begin, (samples + 1,), and their true and predicted points, (objects, 2).

    Lists of equal length are pairs in their order; others are paired one sample after the other.
    """
    truth, predicted = (_lists(dump, role, offsets, samples, notes, pulse) for role, offsets in _ROLES)
    counts = np.maximum(truth.counts, predicted.counts)
    alone = np.flatnonzero((truth.counts != predicted.counts) & (np.minimum(truth.counts, predicted.counts) > 0))
    matched = {}
    for done, sample in enumerate(alone.tolist()):
        pulse.beat(done, len(alone), "pairs of points")
        try:
            matched[sample] = points_of(dump, sample)
        except (FileError, ShapeError) as error:
            notes.add_error(error)
            matched[sample] = np.empty((0, 2)), np.empty((0, 2))
        counts[sample] = len(matched[sample][0])
    first = np.concatenate([[0], np.cumsum(counts)])
    of = np.repeat(np.arange(samples), counts)
    within = np.arange(len(of)) - first[:-1][of]
    gt, prediction = (_laid_out(lists, of, within) for lists in (truth, predicted))
    for sample, pair in matched.items():
        rows = slice(first[sample], first[sample + 1])
        gt[rows], prediction[rows] = pair
    return first, gt, prediction


def _laid_out(lists: _Lists, of: IntArray, within: IntArray) -> FloatArray:
    """(objects, 2), the points of each object by its sample and its number in it; NaN beyond a sample's own."""
    found = np.full((len(of), 2), np.nan)
    there = within < lists.counts[of]
    found[there] = lists.values[lists.first[of[there]] + within[there]]
    return found


def _lists(dump: Dump, role: Role, offsets_role: Role, samples: int, notes: Notes, pulse: Pulse) -> _Lists:
    """The points of one kind; none of a sample where they cannot be read, which is noted."""
    none = _Lists(np.empty((0, 2)), np.zeros(samples, np.int64), np.zeros(samples, np.int64))
    dataset = dump.one(role)
    if dataset is None:
        return none
    try:
        bounds, each = _bounds(dump, dataset, offsets_role)
        first, counts = _checked(dump, dataset, bounds, each, samples, notes)
        rows = min(dataset.shape[0], MOST_POINTS // each)
        beyond = first + counts > rows * each
        if beyond.any():
            kept = f"those of the first {int(np.argmax(beyond)):,} samples are read"
            notes.add(f"{dataset.path} holds more than {MOST_POINTS:,} points; {kept}")
        counts[beyond] = 0
        return _Lists(_values(dump, dataset, rows, pulse), first, counts)
    except (FileError, ShapeError) as error:
        notes.add_error(error)
        return none


def _bounds(dump: Dump, dataset: DatasetFacts, offsets_role: Role) -> tuple[IntArray, int]:
    """Where the points of each sample begin and the last end, and how many a row of the dataset has."""
    if len(dataset.shape) == 3:
        each = dataset.shape[1]
        return np.arange(dataset.shape[0] + 1) * each, max(each, 1)
    offsets = dump.one(offsets_role)
    if offsets is None:
        return np.arange(dataset.shape[0] + 1), 1
    return np.asarray(dump.read(offsets.path)).reshape(-1).astype(np.int64), 1


def _checked(
    dump: Dump, dataset: DatasetFacts, bounds: IntArray, each: int, samples: int, notes: Notes
) -> tuple[IntArray, IntArray]:
    """For each sample where its points begin and how many they are; none, and why, where that cannot be."""
    first, counts = np.zeros(samples, np.int64), np.zeros(samples, np.int64)
    told = min(samples, max(len(bounds) - 1, 0))
    first[:told], counts[:told] = bounds[:told], np.diff(bounds)[:told]
    wrong = (first < 0) | (counts < 0) | (first + counts > dataset.shape[0] * each)
    wrong[told:] = True
    for sample in np.flatnonzero(wrong)[:_TOLD].tolist():
        try:
            points_of(dump, sample)
        except FileError as error:
            notes.add_error(error)
    if (more := int(wrong.sum()) - _TOLD) > 0:
        notes.add(f"{more:,} more samples have no points that can be read in {dataset.path}")
    first[wrong] = counts[wrong] = 0
    return first, counts


def _values(dump: Dump, dataset: DatasetFacts, rows: int, pulse: Pulse) -> FloatArray:
    """(points, 2) float64 of the first rows."""
    step = max(1, BATCH_POINTS // max(math.prod(dataset.shape[1:-1]), 1))
    parts = []
    for start in range(0, rows, step):
        pulse.beat(start, rows, "points")
        parts.append(dump.rows(dataset, start, min(start + step, rows)).astype(np.float64).reshape(-1, 2))
    return np.concatenate([np.empty((0, 2)), *parts])


def _known(points: FloatArray, notes: Notes) -> FloatArray:
    """Points without infinities; NaN says by itself that one is missing."""
    if np.isinf(points).any():
        notes.add("Some points are infinite and count as missing")
    return np.where(np.isfinite(points).all(axis=1, keepdims=True), points, np.nan)

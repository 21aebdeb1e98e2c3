"""All points of a dump in pixels of its images, and their errors in pixels of the original ones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from inspector.analysis.point_patterns import Misplaced, undone
from inspector.analysis.points import point_errors
from inspector.artifacts.dumps.dump_file import Dump
from inspector.artifacts.dumps.last_few import last_few
from inspector.artifacts.dumps.points.counts import point_counts
from inspector.artifacts.dumps.points.kind_pairing import kinds_of, paired_by_kind
from inspector.artifacts.dumps.points.matching import Located, paired, values_at
from inspector.artifacts.dumps.points.placed import placed_points
from inspector.artifacts.dumps.points.placement import known_sizes
from inspector.core.arrays import FloatArray, IntArray
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.formats.point_conventions import Convention


@dataclass(frozen=True, slots=True, eq=False)
class SamplePoints:
    """The objects of one sample, worst first; NaN where an object lacks a point.

    Attributes:
        gt, prediction: (objects, 2) float64, x and y in pixels of the stored image, the middle of the first at 0, 0.
        gt_original, prediction_original: the same in the original image.
        gt_stored, prediction_stored: (objects, 2), as the file keeps them.
        errors_px: (objects,) float64 in the original image.
        confidence: (objects,) float64 of the predictions, as the file tells it; NaN where it does not.
        worst_px: the largest error, NaN where no object has both points.
        numbers: (objects,) int64, which object this is in the file, from 0.
        marked: (marked objects, 2) float64, those that were counted before, in pixels of the stored image.
        marked_numbers: (marked objects,) int64, when each was counted: 0 for the first.
        done, gt_done: how sure the model is that nothing is left to count, and whether that is so, 0 to 1;
            NaN where unknown, as all that follow.
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
        size_known: whether the size of some original image is told.
        space: the words for the pixels that errors are in.
        radius_px: up to which distance a prediction is matched to an object; NaN where they are paired by their order.
        pairing_text: how predictions and objects were paired, and why.
        gt_convention, prediction_convention: how coordinates are read.
        convention_text: the same in words, and why.
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
    size_known: bool
    space: str
    radius_px: float
    pairing_text: str
    gt_convention: Convention
    prediction_convention: Convention
    convention_text: str
    convention_sure: bool
    notes: tuple[str, ...]
    limited: bool

    @property
    def samples(self) -> int:
        """How many there are."""
        return len(self.worst_px)

    @property
    def of(self) -> IntArray:
        """(objects,) int64, the sample of each."""
        return np.repeat(np.arange(self.samples), np.diff(self.first))

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
        """(objects,) float64 of those that have both points."""
        found: FloatArray = self.errors_px[np.isfinite(self.errors_px)]
        return found


def all_points(dump: Dump, pulse: Pulse, radius_px: float | None = None, undo: Misplaced | None = None) -> Points:
    """The points of a dump, read once for each of the last few radii.

    Args:
        dump: where from.
        pulse: of this work.
        radius_px: up to which distance a prediction is matched to an object; None for the usual radius.
        undo: a mistake that predictions are to be without.

    Raises:
        FileError: it holds no points.
        WorkCancelled: the pulse says so.
    """
    return last_few(dump, "points of all samples", (radius_px, undo), partial(_read, dump, pulse, radius_px, undo))


def _read(dump: Dump, pulse: Pulse, radius_px: float | None, undo: Misplaced | None) -> Points:
    lists = placed_points(dump, pulse)
    notes = Notes()
    notes.extend(lists.notes)
    placement = lists.placement
    truth, predicted = Located(lists.truth_px, lists.truth.first), Located(lists.predicted_px, lists.predicted.first)
    original = known_sizes(placement.original, truth.px, predicted.px)
    if undo is not None:
        predicted = predicted._replace(px=undone(undo, predicted.px, original[lists.predicted.of]))
    kinds = kinds_of(dump, lists.truth, lists.predicted, notes)
    if kinds is None:
        pairs = paired(truth, predicted, original, radius_px, notes, pulse)
    else:
        pairs = paired_by_kind(truth, predicted, kinds, original, radius_px, notes=notes, pulse=pulse)
    pulse.beat(what="point errors")
    of = np.repeat(np.arange(len(pairs.first) - 1), np.diff(pairs.first))
    gt, prediction = values_at(truth.px, pairs.truth), values_at(predicted.px, pairs.predicted)
    errors = point_errors(gt, prediction)
    order = _worst_first(errors, of)
    gt, prediction, errors = (one.take(order, axis=0) for one in (gt, prediction, errors))
    stored = [placement.stored_px(points, of) for points in (gt, prediction)]
    marked = placement.stored_px(lists.marked_px, lists.marked.of)
    first, worst = pairs.first, np.full(len(pairs.first) - 1, np.nan)
    some = np.diff(first) > 0
    worst[some] = errors[first[:-1][some]]
    pulse.beat(what="point errors")
    counted = point_counts(dump, lists, pairs, of)
    return Points(
        first=first,
        gt=stored[0],
        prediction=stored[1],
        gt_original=gt,
        prediction_original=prediction,
        gt_stored=values_at(lists.truth.values, pairs.truth.take(order)),
        prediction_stored=values_at(lists.predicted.values, pairs.predicted.take(order)),
        errors_px=errors,
        confidence=values_at(lists.confidence, pairs.predicted.take(order)),
        numbers=(np.arange(len(of)) - first[:-1][of])[order],
        marked_first=lists.marked.first,
        marked=marked,
        marked_numbers=lists.marked_numbers,
        worst_px=worst,
        done=lists.signals.done,
        gt_done=lists.signals.gt_done,
        count=counted.count,
        count_predicted=counted.count_predicted,
        sequence_step=counted.sequence_step,
        missed=counted.missed,
        spurious=counted.spurious,
        sizes=known_sizes(placement.stored, *stored),
        original_sizes=original,
        size_known=placement.size_known,
        space=placement.space,
        radius_px=pairs.radius_px,
        pairing_text=pairs.text,
        gt_convention=lists.gt_convention,
        prediction_convention=lists.prediction_convention,
        convention_text=lists.convention_text,
        convention_sure=lists.convention_sure,
        notes=(*notes.texts(), *counted.notes),
        limited=notes.limited,
    )


def _worst_first(errors: FloatArray, of: IntArray) -> IntArray:
    """(objects,) their places, those of each sample together, the largest error first."""
    if (of[1:] > of[:-1]).all():  # one each
        return np.arange(len(of))
    return np.lexsort((np.where(np.isfinite(errors), -errors, np.inf), of))

"""Predictions and objects of which both files say what kind of point each is, such as a nose: paired kind by kind."""

from __future__ import annotations

import numpy as np

from inspector.artifacts.dumps.dump_file import Dump
from inspector.artifacts.dumps.points.lists import PointRows
from inspector.artifacts.dumps.points.matching import Located, Pairing, paired
from inspector.core.arrays import FloatArray, IntArray, starts_of
from inspector.core.errors import FileError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.units import counted
from inspector.formats.dump import GT_KINDS, PRED_KINDS


def kinds_of(dump: Dump, truth: PointRows, predicted: PointRows, notes: Notes) -> tuple[IntArray, IntArray] | None:
    """(points,) the kind of each true and of each predicted point; None unless the dump tells both.

    Args:
        dump: where from.
        truth: its objects.
        predicted: its predictions.
        notes: of what cannot be read.
    """
    found = [_kinds(dump, path, points, notes) for path, points in ((GT_KINDS, truth), (PRED_KINDS, predicted))]
    return None if found[0] is None or found[1] is None else (found[0], found[1])


def paired_by_kind(
    truth: Located,
    predicted: Located,
    kinds: tuple[IntArray, IntArray],
    sizes: FloatArray,
    radius_px: float | None,
    *,
    notes: Notes,
    pulse: Pulse,
) -> Pairing:
    """The objects of all samples as `paired` gives them, each with a prediction of its own kind.

    Predictions of a kind that a sample has no object of are left out where it has other objects: nobody said where that
    point is, so that they are neither right nor wrong.

    Args:
        truth: the objects.
        predicted: the predictions, of as many samples.
        kinds: as `kinds_of` gives them.
        sizes: (samples, 2) height and width of the original images.
        radius_px: within which predictions are matched; None for the usual radius.
        notes: of what is left out or cannot be matched.
        pulse: of this work.

    Raises:
        WorkCancelled: the pulse says so.
    """
    samples = len(truth.first) - 1
    known, numbered = np.unique(np.concatenate(kinds), return_inverse=True)
    of = np.concatenate([np.repeat(np.arange(samples), one.counts) for one in (truth, predicted)])
    groups, group_of = np.unique(of * max(1, len(known)) + numbered, return_inverse=True)
    parts = group_of[: len(truth.px)], group_of[len(truth.px) :]
    orders = [np.argsort(part, kind="stable") for part in parts]
    counts = [np.bincount(part, minlength=len(groups)) for part in parts]
    by_kind = [
        Located(one.px[order], starts_of(count))
        for one, order, count in zip((truth, predicted), orders, counts, strict=True)
    ]
    pairs = paired(by_kind[0], by_kind[1], sizes, radius_px, notes, pulse)
    group = np.repeat(np.arange(len(groups)), np.diff(pairs.first))
    sample = groups[group] // max(1, len(known))
    unlabelled = (counts[0][group] == 0) & (truth.counts[sample] > 0)
    if unlabelled.any():
        lost = counted(int(unlabelled.sum()), "prediction")
        notes.add(f"{lost} of kinds of points that are not labelled in their sample are left out")
    kept = ~unlabelled
    places = [
        np.append(order, -1)[chosen[kept]] for order, chosen in zip(orders, (pairs.truth, pairs.predicted), strict=True)
    ]
    first = starts_of(np.bincount(sample[kept], minlength=samples))
    return Pairing(first, places[0], places[1], pairs.radius_px, f"{pairs.text}, each kind of point by itself")


def _kinds(dump: Dump, path: str, points: PointRows, notes: Notes) -> IntArray | None:
    dataset = dump.dataset(path)
    if dataset is None or len(dataset.shape) != 1 or not dataset.dtype.startswith("int"):
        return None
    if len(points.rows) and points.rows.max() >= dataset.shape[0]:
        return None
    try:
        values: IntArray = dump.read(path).astype(np.int64)
    except FileError as error:
        notes.add_error(error)
        return None
    return values[points.rows]

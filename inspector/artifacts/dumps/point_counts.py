"""Counts of every sample: as the file declares them, else of the points that were paired."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from inspector.artifacts.dumps.dump_file import Dump
from inspector.artifacts.dumps.placed_points import KINDS, PlacedPoints
from inspector.artifacts.dumps.point_matching import Pairing, values_at
from inspector.core.arrays import AnyArray, FloatArray, IntArray
from inspector.formats.dump import Role


@dataclass(frozen=True, slots=True, eq=False)
class PointCounts:
    """Numbers of every sample, as of `Points`, and what is to be said of them."""

    count: FloatArray
    count_predicted: FloatArray
    sequence_step: FloatArray
    missed: FloatArray
    spurious: FloatArray
    notes: tuple[str, ...]


def point_counts(dump: Dump, lists: PlacedPoints, pairs: Pairing, of: IntArray) -> PointCounts:
    """The counts of every sample.

    Args:
        dump: where from.
        lists: its points.
        pairs: the objects.
        of: (objects,) the sample of each.
    """
    samples = len(pairs.first) - 1
    nothing = np.full(samples, np.nan)
    has_truth, has_prediction = (dump.one(role) is not None for role in KINDS)
    true, said = _is_there(lists.truth_px, pairs.truth), _is_there(lists.predicted_px, pairs.predicted)
    trues, saids = _sums(true, of, samples), _sums(said, of, samples)
    declared, declared_predicted = lists.signals.count, lists.signals.count_predicted
    notes = []
    differs = ~np.isnan(declared) & (declared != trues)
    # One object at a time is pointed at where a sequence is counted.
    if has_truth and differs.any() and (trues > 1).any():
        notes.append(f"The declared count is not the number of true points in {int(differs.sum()):,} samples")
    step = lists.signals.sequence_step
    if np.isnan(step).all() and dump.one(Role.MARKED_POINTS) is not None:
        step = np.diff(lists.marked.first).astype(np.float64)
    # Beside a declared count, predictions that are paired one by one with objects count nothing.
    counts_nothing = not np.isnan(declared).all() and math.isnan(pairs.radius_px)
    both = has_truth and has_prediction
    return PointCounts(
        count=_else(declared, trues if has_truth else nothing),
        count_predicted=_else(declared_predicted, nothing if counts_nothing or not has_prediction else saids),
        sequence_step=step,
        missed=_sums(true & ~said, of, samples) if both else nothing,
        spurious=_sums(said & ~true, of, samples) if both else nothing,
        notes=tuple(notes),
    )


def _is_there(px: FloatArray, places: IntArray) -> AnyArray:
    found: AnyArray = np.isfinite(values_at(px, places)[:, 0])
    return found


def _sums(chosen: AnyArray, of: IntArray, samples: int) -> FloatArray:
    return np.bincount(of[chosen], minlength=samples).astype(np.float64)


def _else(values: FloatArray, otherwise: FloatArray) -> FloatArray:
    return np.where(np.isnan(values), otherwise, values)

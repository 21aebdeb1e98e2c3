"""Counts of every sample: as the file declares them, else of the points that were paired."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from inspector.artifacts.dumps.dump_file import Dump
from inspector.artifacts.dumps.points.matching import Pairing, values_at
from inspector.artifacts.dumps.points.placed import KINDS, PlacedPoints
from inspector.core.arrays import AnyArray, FloatArray, IntArray
from inspector.core.units import counted
from inspector.formats.dump import IN_PREDICTIONS, IN_TRUTH, Role


@dataclass(frozen=True, slots=True, eq=False)
class PointCounts:
    """Numbers of every sample, each (samples,) float64 and NaN where unknown, as of `Points`; what is said of them."""

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
    has_truth, has_prediction = (
        _is_listed(dump, path, samples) & (dump.one(role) is not None)
        for role, path in zip(KINDS, (IN_TRUTH, IN_PREDICTIONS), strict=True)
    )
    true, said = _is_there(lists.truth_px, pairs.truth), _is_there(lists.predicted_px, pairs.predicted)
    trues, saids = _sums(true, of, samples), _sums(said, of, samples)
    declared, declared_predicted = lists.signals.count, lists.signals.count_predicted
    notes = []
    differs = has_truth & ~np.isnan(declared) & (declared != trues)
    # One object at a time is pointed at where a sequence is counted.
    if differs.any() and (trues > 1).any():
        lost = counted(int(differs.sum()), "sample")
        notes.append(f"The declared count is not the number of true points in {lost}")
    step = lists.signals.sequence_step
    if np.isnan(step).all() and dump.one(Role.MARKED_POINTS) is not None:
        step = _marked_counts(lists)
    # Beside a declared count, predictions that are paired one by one with objects count nothing.
    counts_nothing = not np.isnan(declared).all() and math.isnan(pairs.radius_px)
    both = has_truth & has_prediction
    return PointCounts(
        count=_else(declared, np.where(has_truth, trues, np.nan)),
        count_predicted=_else(declared_predicted, np.where(has_prediction & ~counts_nothing, saids, np.nan)),
        sequence_step=step,
        missed=np.where(both, _sums(true & ~said, of, samples), np.nan),
        spurious=np.where(both, _sums(said & ~true, of, samples), np.nan),
        notes=tuple(notes),
    )


def _marked_counts(lists: PlacedPoints) -> FloatArray:
    """(samples,) how many objects are marked, those before the last one that lie nowhere among them."""
    first = lists.marked.first
    found = np.zeros(len(first) - 1)
    some = np.diff(first) > 0
    found[some] = lists.marked_numbers[first[1:][some] - 1] + 1
    return found


def _is_listed(dump: Dump, path: str, samples: int) -> AnyArray:
    """(samples,) bool, whether one of two files knows each; where they are one file, it does."""
    dataset = dump.dataset(path)
    if dataset is None or dataset.shape != (samples,) or dataset.dtype != "bool":
        return np.ones(samples, np.bool_)
    return dump.read(path)


def _is_there(px: FloatArray, places: IntArray) -> AnyArray:
    found: AnyArray = np.isfinite(values_at(px, places)[:, 0])
    return found


def _sums(chosen: AnyArray, of: IntArray, samples: int) -> FloatArray:
    return np.bincount(of[chosen], minlength=samples).astype(np.float64)


def _else(values: FloatArray, otherwise: FloatArray) -> FloatArray:
    return np.where(np.isnan(values), otherwise, values)

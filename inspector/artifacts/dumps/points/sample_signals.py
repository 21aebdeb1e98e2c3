"""What a dump tells of each sample beside its points: done signals, counts, steps of a sequence, confidence."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from inspector.artifacts.dumps.dump_file import Dump
from inspector.artifacts.dumps.points.lists import PointRows
from inspector.core.arrays import FloatArray
from inspector.core.errors import FileError
from inspector.core.notes import Notes
from inspector.core.units import counted
from inspector.formats.dump import Role
from inspector.formats.facts import DatasetFacts


@dataclass(frozen=True, slots=True, eq=False)
class SampleSignals:
    """Numbers of every sample, each (samples,) float64, NaN where the dump does not tell.

    Attributes:
        done, gt_done: 0 to 1.
        count, count_predicted: of objects, as the file declares them.
        sequence_step: which step of a count the sample is.
    """

    done: FloatArray
    gt_done: FloatArray
    count: FloatArray
    count_predicted: FloatArray
    sequence_step: FloatArray


def sample_signals(dump: Dump, samples: int, notes: Notes) -> SampleSignals:
    """The numbers of every sample that a dump declares; what cannot be read is noted."""
    return SampleSignals(
        done=_done(dump, samples, notes),
        gt_done=_gt_done(dump, samples, notes),
        count=_one_each(dump, Role.COUNT, samples, notes),
        count_predicted=_one_each(dump, Role.PRED_COUNT, samples, notes),
        sequence_step=_one_each(dump, Role.SEQUENCE_STEP, samples, notes),
    )


def confidence_of(dump: Dump, predicted: PointRows, notes: Notes) -> FloatArray:
    """(predictions,) how sure the model is of each, NaN where the dump does not tell."""
    none = np.full(len(predicted.values), np.nan)
    dataset, points = dump.one(Role.CONFIDENCE), dump.one(Role.PRED_POINTS)
    if dataset is None or points is None:
        return none
    if math.prod(dataset.shape) != math.prod(points.shape[:-1]):
        expected = f"one number for each of the {math.prod(points.shape[:-1]):,} points of {points.path}"
        notes.add(f"{dataset.path} is left out: it has the shape {dataset.shape}, expected {expected}")
        return none
    values = _read(dump, dataset, notes)
    return none if values is None else _finite(values.reshape(-1)[predicted.rows])


def _one_each(dump: Dump, role: Role, samples: int, notes: Notes) -> FloatArray:
    """(samples,) a role's numbers; of several a sample the last, which is noted."""
    found = np.full(samples, np.nan)
    dataset = dump.one(role)
    values = _read(dump, dataset, notes) if dataset is not None else None
    if dataset is None or values is None or not values.size:
        return found
    rows = values.reshape(len(values), -1)
    if rows.shape[1] > 1:
        notes.add(f"{dataset.path} holds {rows.shape[1]} numbers a sample; the last is taken")
    if len(rows) != samples:
        notes.add(f"{dataset.path} has {len(rows):,} entries for {samples:,} samples")
    several = min(len(rows), samples)
    found[:several] = _finite(rows[:several, -1])
    return found


def _done(dump: Dump, samples: int, notes: Notes) -> FloatArray:
    """Values outside 0 to 1, or whose name says so, are logits."""
    values = _one_each(dump, Role.PRED_DONE, samples, notes)
    dataset = dump.one(Role.PRED_DONE)
    if dataset is None:
        return values
    outside = bool(((values < 0) | (values > 1)).any())
    if not outside and "logit" not in dataset.path.lower():
        return values
    because = "some lie outside 0 to 1" if outside else "its name says so"
    notes.add(f"{dataset.path} holds logits, as {because}; done is their sigmoid")
    # Written so that no power of e is too large.
    small = np.exp(-np.abs(values))
    found: FloatArray = np.where(values >= 0, 1, small) / (1 + small)
    return found


def _gt_done(dump: Dump, samples: int, notes: Notes) -> FloatArray:
    values = _one_each(dump, Role.GT_DONE, samples, notes)
    if np.isin(values[~np.isnan(values)], (-1.0, 1.0)).all() and (values == -1).any():
        return (values + 1) / 2
    wrong = (values < 0) | (values > 1)
    if wrong.any():
        lost = counted(int(wrong.sum()), "sample")
        notes.add(f"The true done of {lost} lies outside 0 to 1 and counts as unknown")
    return np.where(wrong, np.nan, values)


def _read(dump: Dump, dataset: DatasetFacts, notes: Notes) -> FloatArray | None:
    try:
        return np.atleast_1d(dump.read(dataset.path)).astype(np.float64)
    except FileError as error:
        notes.add_error(error)
        return None


def _finite(values: FloatArray) -> FloatArray:
    return np.where(np.isfinite(values), values, np.nan)

"""The lists of points of a dump as they are kept: by offsets, a row of points a sample, or one point a sample."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from inspector.analysis.points import are_known
from inspector.artifacts.dumps.dump_file import Dump
from inspector.core.arrays import AnyArray, FloatArray, IntArray, starts_of
from inspector.core.errors import DamagedError, FileError, UnsupportedError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.units import counted
from inspector.formats.dump import Role
from inspector.formats.facts import DatasetFacts

MOST_POINTS = 4_000_000
"""Of a kind; they and what is worked out of them take 600 MB. The samples of the first ones are read."""

FARTHEST = 1e100
"""The square of a coordinate far beyond is no number any more."""

BATCH_POINTS = 250_000
"""Read between two beats: some milliseconds."""

OFFSETS = {
    Role.GT_POINTS: Role.GT_POINTS_OFFSETS,
    Role.PRED_POINTS: Role.PRED_POINTS_OFFSETS,
    Role.MARKED_POINTS: Role.MARKED_POINTS_OFFSETS,
}
_TOLD = 5
"""Samples whose points cannot be read, of which the reason is told."""


@dataclass(frozen=True, slots=True, eq=False)
class PointRows:
    """The points of one kind, one sample after the other.

    Attributes:
        values: (points, 2) float64 as the file keeps them; NaN where one is missing.
        first: (samples + 1,) int64, where the points of each sample begin.
        rows: (points,) int64, the place of each in its dataset, from 0.
        is_padded: whether every sample has as many, so that some may only fill up.
    """

    values: FloatArray
    first: IntArray
    rows: IntArray
    is_padded: bool = False

    @property
    def of(self) -> IntArray:
        """(points,) int64, the sample of each."""
        return np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))

    @property
    def numbers(self) -> IntArray:
        """(points,) int64, the place of each in its sample, from 0."""
        found: IntArray = np.arange(len(self.values)) - self.first[self.of]
        return found

    def chosen(self, kept: AnyArray) -> PointRows:
        """Some of the points, (points,) whether each stays."""
        counts = np.bincount(self.of[kept], minlength=len(self.first) - 1)
        return PointRows(self.values[kept], starts_of(counts), self.rows[kept])


def read_points(dump: Dump, role: Role, samples: int, notes: Notes, pulse: Pulse) -> PointRows:
    """The points of one kind; none of a sample where they cannot be read, which is noted.

    Args:
        dump: where from.
        role: of the points: true, predicted or marked ones.
        samples: how many the dump has.
        notes: of what cannot be read.
        pulse: of this work.

    Raises:
        WorkCancelled: the pulse says so.
    """
    dataset = dump.one(role)
    if dataset is None:
        return no_points(samples)
    try:
        bounds, each = _bounds(dump, dataset, OFFSETS[role])
        first, counts = _checked(dump, dataset, bounds, each, samples, notes)
        rows = min(dataset.shape[0], MOST_POINTS // each)
        beyond = first + counts > rows * each
        if beyond.any():
            kept = f"those of the first {int(np.argmax(beyond)):,} samples are read"
            notes.add(f"{dataset.path} holds more than {MOST_POINTS:,} points; {kept}")
        counts[beyond] = 0
        values = _values(dump, dataset, rows, pulse)
    except FileError as error:
        notes.add_error(error)
        return no_points(samples)
    starts = starts_of(counts)
    of = np.repeat(np.arange(samples), counts)
    places = first[of] + np.arange(len(of)) - starts[of]
    return PointRows(_finite(values.take(places, axis=0), notes), starts, places, is_padded=len(dataset.shape) == 3)


def no_points(samples: int) -> PointRows:
    """Lists without a point."""
    return PointRows(np.empty((0, 2)), np.zeros(samples + 1, np.int64), np.empty(0, np.int64))


def without_padding(points: PointRows, counts: FloatArray) -> PointRows:
    """The points without those that fill rows of one length up: all of one value, beyond the count of their sample.

    Args:
        points: as they were read.
        counts: (samples,) how many each has, NaN where unknown.
    """
    if not points.is_padded or np.isnan(counts).all() or not len(points.values):
        return points
    beyond = points.numbers >= counts[points.of]  # never beyond an unknown count
    filling = points.values[beyond]
    if not len(filling) or not (np.isnan(filling).all() or (filling == filling[0]).all()):
        return points
    return points.chosen(~beyond)


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
    total = dataset.shape[0] * each
    wrong = (first < 0) | (counts < 0) | (counts > total) | (first > total - counts)
    for sample in np.flatnonzero(wrong)[:_TOLD].tolist():
        expected, found = f"offsets within the {total:,} points of {dataset.path}", bounds[sample : sample + 2].tolist()
        notes.add_error(DamagedError(dump.path, expected, f"{found[0]} to {found[1]}"))
    if (more := int(wrong.sum()) - _TOLD) > 0:
        notes.add(f"The points of {counted(more, 'more sample')} cannot be read in {dataset.path}")
    if told < samples:
        notes.add_error(UnsupportedError(dump.path, f"every sample in {dataset.path}", f"only the first {told:,}"))
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


def _finite(points: FloatArray, notes: Notes) -> FloatArray:
    """Points without infinities; NaN says by itself that one is missing."""
    x, y = np.abs(points[:, 0]), np.abs(points[:, 1])
    if np.isinf(x).any() or np.isinf(y).any():
        notes.add("Some points are infinite and count as missing")
    near = (x <= FARTHEST) & (y <= FARTHEST)
    if (are_known(points) & ~near).any():
        notes.add("Some points are as good as infinite and count as missing")
    return np.where(near[:, None], points, np.nan)

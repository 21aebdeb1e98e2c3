"""The points of two dumps, sample by sample."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inspector.analysis.point_changes import GOAL_SHARE, point_changes
from inspector.analysis.points import are_known
from inspector.artifacts.dumps.dump_file import Dump, opened
from inspector.artifacts.dumps.last_few import last_few
from inspector.artifacts.dumps.points.all_points import Points, all_points
from inspector.artifacts.dumps.points.patterns import points_without_pattern
from inspector.artifacts.dumps.sample_pairs import SamplePairs, sample_pairs
from inspector.core.arrays import AnyArray, FloatArray
from inspector.core.pulse import Pulse

_MOVED_PX = 1.0
"""Objects of one image that lie farther apart in the two dumps are not the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """The shown points and those of another dump.

    Attributes:
        other: the points of the other dump.
        pairs: which samples are the same.
        now_px, before_px: (samples,) errors of the shown dump and of the other one, NaN where not known.
        changes: (samples,) as of `point_changes`; good: (samples,) bool, whether the shown dump is within the limit.
        limit_px: by which they are judged.
        moved: samples that the two dumps share whose objects do not lie where they did.
    """

    other: Points
    pairs: SamplePairs
    now_px: FloatArray
    before_px: FloatArray
    changes: FloatArray
    good: AnyArray
    limit_px: float
    moved: int

    @property
    def change_px(self) -> FloatArray:
        """(samples,) by how much the error has grown, below 0 where it is smaller now."""
        return self.now_px - self.before_px

    def other_sample(self, sample: int) -> int | None:
        """Where the other dump has a sample, None where it does not."""
        place = int(np.searchsorted(self.pairs.here, sample))
        found = place < len(self.pairs.here) and self.pairs.here[place] == sample
        return int(self.pairs.there[place]) if found else None

    def predictions(self, sample: int) -> FloatArray:
        """(predictions, 2) those of the other dump for a sample, x and y as shares of the picture."""
        there = self.other_sample(sample)
        if there is None:
            return np.empty((0, 2))
        places: FloatArray = (self.other.sample(there).prediction + 0.5) / self.other.sizes[there][::-1]
        return places[are_known(places)]

    def numbers(self) -> dict[str, FloatArray]:
        """What became of each sample as columns, (samples,) float64 each."""
        return {"err_change_px": self.change_px, "err_other_px": self.before_px, "change": self.changes}


def compared_points(
    dump: Dump,
    other: str,
    pulse: Pulse,
    *,
    generous: bool = False,
    radius_px: float | None = None,
    undo: bool = False,
    limit_px: float = 0.0,
) -> Compared:
    """Hold the points of a dump against those of another; the last few comparisons are kept.

    Args:
        dump: the one that is shown.
        other: path of the other one.
        pulse: of this work.
        generous: read on in the other one where the usual limits leave something out.
        radius_px: as of `all_points`.
        undo: the shown predictions are without the one mistake behind their errors.
        limit_px: the largest error that is good enough; the usual at 0.

    Raises:
        FileError: the other dump cannot be opened, or either holds no points.
        WorkCancelled: the pulse says so.
    """
    before_dump = opened(Path(other), pulse, generous=generous)

    def work() -> Compared:
        now = points_without_pattern(dump, pulse, radius_px, undo=undo)
        before = all_points(before_dump, pulse, radius_px)
        return _compared(now, before, sample_pairs(dump, before_dump), limit_px)

    way = before_dump.path, before_dump.stamp, radius_px, undo, limit_px
    return last_few(dump, "compared points", way, work)


def _compared(now: Points, before: Points, pairs: SamplePairs, limit_px: float) -> Compared:
    limit = limit_px or GOAL_SHARE * float(np.median(now.original_sizes.max(axis=1)))
    before_px, judged_px = np.full(now.samples, np.nan), np.full(now.samples, np.nan)
    before_px[pairs.here] = before.worst_px[pairs.there]
    judged_px[pairs.here] = _judged(before)[pairs.there]
    return Compared(
        other=before,
        pairs=pairs,
        now_px=now.worst_px,
        before_px=before_px,
        changes=point_changes(judged_px, _judged(now), limit),
        good=np.asarray(_judged(now) <= limit),
        limit_px=limit,
        moved=_moved(now, before, pairs),
    )


def _judged(points: Points) -> FloatArray:
    """(samples,) the largest error of each; infinite where an object was missed."""
    found: FloatArray = np.where(points.missed > 0, np.inf, points.worst_px)
    return found


def _moved(now: Points, before: Points, pairs: SamplePairs) -> int:
    """Samples whose objects lie elsewhere, or are more or fewer."""
    here, there = _truth_sums(now)[pairs.here], _truth_sums(before)[pairs.there]
    same = (here[:, 0] == there[:, 0]) & (np.abs(here - there)[:, 1:] <= _MOVED_PX * here[:, :1]).all(axis=1)
    return int(np.count_nonzero(~same))


def _truth_sums(points: Points) -> FloatArray:
    """(samples, 3) how many objects each has, and the sums of their x and y."""
    of = points.of
    known = are_known(points.gt_original)
    sums = [np.bincount(of[known], column[known], points.samples) for column in points.gt_original.T]
    return np.stack([np.bincount(of[known], minlength=points.samples), *sums], axis=1)

"""The points that the checks look at: those of the newest dump that holds both kinds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inspector.analysis.point_changes import GOAL_SHARE
from inspector.analysis.point_patterns import FEWEST_POINTS, PointPattern
from inspector.artifacts.dumps.dump import opened
from inspector.artifacts.dumps.points.all_points import Points, all_points
from inspector.artifacts.dumps.points.patterns import pattern_of
from inspector.core.arrays import FloatArray
from inspector.core.errors import FileError
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.core.units import counted
from inspector.diagnosis.material import Material, file_text, step_of
from inspector.diagnosis.values import PointEvidence
from inspector.formats.dump import Role
from inspector.formats.facts import DumpFacts
from inspector.runs.values import FileEntry

MOST_LOOKED_BACK = 8
"""Earlier dumps that are looked through for where a mistake began."""


@dataclass(frozen=True, slots=True, eq=False)
class PointsSeen:
    """The points of a dump, and what is systematically wrong with them."""

    entry: FileEntry
    points: Points
    pattern: PointPattern | None

    @property
    def errors_px(self) -> FloatArray:
        """(objects with both points,) float64 distance in pixels of the original image."""
        return self.points.known_errors_px

    @property
    def longer_px(self) -> float:
        """The longer side of the original images; of several sizes, that of the middle one."""
        return float(np.median(self.points.original_sizes.max(axis=1)))

    @property
    def goal_px(self) -> float:
        """The largest error that is good enough."""
        return GOAL_SHARE * self.longer_px

    @property
    def since_step(self) -> float | None:
        """Where the dump stands, None where that is not known."""
        return step_of(self.entry)

    @property
    def told(self) -> str:
        """`500 points of points_e055.h5`."""
        return f"{counted(len(self.errors_px), 'point')} of {file_text(self.entry)}"

    def of_sample(self, sample: int, text: str) -> PointEvidence:
        """One sample as evidence."""
        return PointEvidence(dump=self.entry.path, sample=sample, text=text)

    def of_range(self, column: str, low: float | None, high: float | None, sample: int, text: str) -> PointEvidence:
        """The samples whose number lies between two ends as evidence, and one of them."""
        return PointEvidence(dump=self.entry.path, sample=sample, column=column, low=low, high=high, text=text)


def seen_points(material: Material, pulse: Pulse) -> PointsSeen | None:
    """The points of the newest dump with true and predicted ones, None where there is none.

    Raises:
        FileError: they cannot be read.
        WorkCancelled: the pulse says so.
    """
    both = _with_both(material)
    if not both:
        return None
    dump = opened(Path(both[-1].path), pulse)
    found = all_points(dump, pulse)
    return PointsSeen(both[-1], found, pattern_of(dump, pulse))


def pattern_since(material: Material, seen: PointsSeen, pulse: Pulse) -> FileEntry:
    """The first of the unbroken row of dumps up to the seen one whose points have its kind of mistake.

    Raises:
        WorkCancelled: the pulse says so.
    """
    earlier = _with_both(material)[-2 : -2 - MOST_LOOKED_BACK : -1]
    since = seen.entry
    for entry in earlier:
        try:
            pattern = pattern_of(opened(Path(entry.path), pulse), pulse)
        except FileError:
            break
        if type(pattern) is not type(seen.pattern):
            break
        since = entry
    return since


NO_POINTS = "no dump with both true and predicted points"


def too_few(seen: PointsSeen) -> str:
    """Why nothing is said of so few points, empty where they are enough."""
    known = len(seen.errors_px)
    if known >= FEWEST_POINTS:
        return ""
    return f"{visible(file_text(seen.entry))} has {counted(known, 'pair')} of points, and {FEWEST_POINTS} are needed"


def _with_both(material: Material) -> list[FileEntry]:
    """The dumps with true and predicted points, oldest first."""
    roles = (Role.GT_POINTS, Role.PRED_POINTS)
    return [entry for entry, facts in material.dumps if all(_holds(facts, role) for role in roles)]


def _holds(facts: DumpFacts, role: Role) -> bool:
    return any(one.role == role and bool(one.shape) and all(one.shape) for one in facts.datasets)

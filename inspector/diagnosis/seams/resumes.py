"""Where a run was resumed: within its log, where steps go back, or from a parent whose log may be read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from inspector.artifacts.byte_file import ByteFile
from inspector.core.arrays import IntArray
from inspector.core.errors import FileError
from inspector.core.pulse import Pulse
from inspector.diagnosis.material import Material
from inspector.diagnosis.parts import named_by_part
from inspector.formats.run_folder import EDITS_FILE, METRICS_FILE, Edit, Parent
from inspector.formats.series import Series
from inspector.runs.curves import run_series
from inspector.runs.log_paths import log_paths_of
from inspector.runs.parent_run import parent_folder
from inspector.runs.rising import finite, rising_curves

_MOST_BYTES = 1_000_000
_LEAST_TRAINING = 2
"""Points after epochs went back; one alone is no training."""


class Seam(NamedTuple):
    """A curve on both sides of a resume, finite and with rising steps; nothing stands before a later training."""

    before: Series
    after: Series

    @property
    def step(self) -> float:
        """The first that was logged after it."""
        return float(self.after.steps[0])

    @property
    def is_new_training(self) -> bool:
        """Whether it begins where the first did, so that nothing was resumed."""
        return not len(self.before.values)


def seams_of(material: Material, tag: str, pulse: Pulse) -> list[Seam]:
    """Where a curve of the run's own logs was written anew, up to the step that the run is looked at."""
    shown = material.curves[tag]
    curves = named_by_part(run_series(log_paths_of(material.run), pulse).curves)
    own = [one for one in curves if one.tag == tag and (one.stepless or one.starts is not None)]
    last = float(shown.steps[-1]) if len(shown.steps) else -np.inf
    found = [seam for one in own[:1] for seam in (_trainings_in(one) if one.stepless else _in(one))]
    return [
        Seam(seam.before, _part(seam.after, np.flatnonzero(seam.after.steps <= last)))
        for seam in found
        if seam.step <= last
    ]


def _in(one: Series) -> Iterator[Seam]:
    starts = [] if one.starts is None else [int(start) for start in one.starts]
    ends = [*starts[1:], len(one.values)]
    for begin, end in zip(starts[1:], ends[1:], strict=True):
        first = one.steps[begin]
        earlier = np.flatnonzero(one.steps[:begin] < first)
        before, after = finite(_part(one, earlier)), finite(_part(one, np.arange(begin, end)))
        if len(after.values):
            yield Seam(_rising(before), _rising(after))


def _trainings_in(one: Series) -> Iterator[Seam]:
    """The later trainings of a curve without steps: its epochs begin again where they began."""
    if one.epochs is None or not len(one.epochs) or not np.isfinite(one.epochs).all():
        return
    back = (one.epochs[1:] < one.epochs[:-1]) & (one.epochs[1:] <= one.epochs[0])
    begins = (np.flatnonzero(back) + 1).tolist()
    for begin, end in pairwise((*begins, len(one.values))):
        after = finite(_part(one, np.arange(begin, end)))
        if len(after.values) >= _LEAST_TRAINING:
            yield Seam(_part(one, np.arange(0)), after)


def _part(one: Series, places: IntArray) -> Series:
    return msgspec.structs.replace(
        one,
        steps=np.asarray(one.steps, np.float64)[places],
        values=np.asarray(one.values, np.float64)[places],
        epochs=None if one.epochs is None else one.epochs[places],
        times=None if one.times is None else one.times[places],
        starts=None,
    )


def _rising(one: Series) -> Series:
    """Without what later attempts wrote again."""
    steps = one.steps
    later = np.minimum.accumulate(np.append(steps[1:], np.inf)[::-1])[::-1] if len(steps) else steps
    return _part(one, np.flatnonzero(steps < later))


def parent_of(material: Material) -> Parent | None:
    """The run that this one was resumed from, None where it began by itself."""
    return None if material.run.record is None else material.run.record.parent


def is_resumed(material: Material) -> bool:
    """Whether a run says whose child it is."""
    return parent_of(material) is not None


def parent_seam(material: Material, tag: str, pulse: Pulse) -> Seam | str:
    """The same curve in the parent up to the resume, and in this run from there; why not where it cannot be read."""
    parent = parent_of(material)
    if parent is None:
        return "it was not resumed"
    folder = parent_folder(Path(material.run.root))
    if folder is None:
        return f"its parent {parent.id} is not among what was opened"
    curves = rising_curves((one.series for one in run_series([folder / METRICS_FILE], pulse).curves), pulse)
    if tag not in curves:
        return f"the log of its parent {parent.id} has no such loss"
    step = np.inf if parent.step is None else parent.step
    before = finite(curves[tag])
    return Seam(_part(before, np.flatnonzero(before.steps <= step)), finite(material.curves[tag]))


def edits_of(material: Material) -> tuple[Edit, ...]:
    """What was edited for the resume; nothing where the file is not there or damaged."""
    try:
        with ByteFile(Path(material.run.root) / EDITS_FILE) as file:
            data = file.read(0, file.size) if file.size <= _MOST_BYTES else b"[]"
        return tuple(msgspec.json.decode(data, type=list[Edit]))
    except (FileError, ValueError, RecursionError):
        return ()

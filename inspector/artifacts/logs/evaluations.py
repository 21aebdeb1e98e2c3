"""`evaluations.npz` of Stable-Baselines3: what a policy reached whenever it was evaluated, over several episodes.

Source: stable_baselines3/common/callbacks.py (`EvalCallback`), whose names in other logs the curves bear.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np

from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.checkpoints.numpy_files import read_npz
from inspector.artifacts.logs.log_facts import metrics_facts
from inspector.artifacts.tensors.elements import load
from inspector.artifacts.tensors.windows import TensorWindow, Unreadable
from inspector.core.arrays import FloatArray
from inspector.core.errors import DamagedError, FileError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.units import bytes_text
from inspector.formats.facts import MetricsFacts
from inspector.formats.series import Series, SeriesSet

CONTAINER = "evaluations"

STEPS = "timesteps"
MAX_BYTES = 64 * 2**20
"""Of one array."""


class _Measure(NamedTuple):
    """One array: a row an evaluation, a column an episode. `spread`: the tag of the standard deviation, if any."""

    array: str
    mean: str
    spread: str = ""


_MEASURES = (
    _Measure("results", "eval/mean_reward", "eval/std_reward"),
    _Measure("ep_lengths", "eval/mean_ep_length", "eval/std_ep_length"),
    _Measure("successes", "eval/success_rate"),
)


def series(path: Path, pulse: Pulse) -> SeriesSet:
    """Means over the episodes of each evaluation, and their standard deviations (of the population, as numpy's).

    Raises:
        FileError: the file cannot be read, or its steps cannot.
        WorkCancelled: the pulse was cancelled.
    """
    notes = Notes()
    with ByteFile(path) as file:
        windows = read_npz(file, notes, pulse).lister.windows
    steps = _numbers(windows, STEPS, notes, pulse)
    if steps is None or steps.ndim != 1:
        raise DamagedError(path, f"the steps of evaluations in {STEPS}", "no list of numbers")
    made: list[Series] = []
    for measure in _MEASURES:
        rows = _numbers(windows, measure.array, notes, pulse)
        if rows is None:
            continue
        rows = rows.reshape(len(rows), -1) if rows.ndim else rows.reshape(1, 1)
        if len(rows) != len(steps):
            notes.add(
                f"{measure.array} holds {len(rows):,} evaluations and {STEPS} {len(steps):,}; the rest is left out"
            )
        count = min(len(rows), len(steps))
        if not count or not rows.shape[1]:
            continue
        curves = {measure.mean: rows[:count].mean(axis=1)}
        if measure.spread and rows.shape[1] > 1:
            with np.errstate(invalid="ignore"):  # infinities have no deviation
                curves[measure.spread] = rows[:count].std(axis=1)
        made += (Series(tag=tag, steps=steps[:count], values=values) for tag, values in curves.items())
    return SeriesSet(series=tuple(made), notes=notes.texts())


def _numbers(windows: dict[str, TensorWindow | Unreadable], name: str, notes: Notes, pulse: Pulse) -> FloatArray | None:
    """An array as float64; None where there is none, or it cannot be read, which is noted."""
    window = windows.get(name)
    if window is None:
        return None
    if isinstance(window, Unreadable):
        notes.add(f"{name} {window.reason}")
        return None
    size = math.prod(window.shape) * window.item_bytes
    if size > MAX_BYTES:
        notes.add(f"{name} is left out: it takes {bytes_text(size)}, at most {bytes_text(MAX_BYTES)} are read")
        return None
    try:
        return np.asarray(load(window, pulse=pulse), np.float64)
    except FileError as error:
        notes.add(f"{name}: {error.mismatch}")
    except (TypeError, ValueError):
        notes.add(f"{name} holds something other than numbers")
    return None


def facts(path: Path, pulse: Pulse) -> MetricsFacts:
    """What the evaluations hold; raises as `series`."""
    return metrics_facts(path, CONTAINER, series(path, pulse))

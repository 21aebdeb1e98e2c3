"""The learning rate that a run has recorded, beside the plan of a checkpoint."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from inspector.core.arrays import FloatArray
from inspector.core.pulse import Pulse
from inspector.diagnosis.checkpoint_values import PlannedCurve
from inspector.diagnosis.rates.scheduler_times import scheduler_times
from inspector.diagnosis.tags import is_rate, rates
from inspector.formats.metric_names import words
from inspector.formats.series import Series
from inspector.runs.curves import run_series
from inspector.runs.rising import finite, rising_curves

_NUMBERED = re.compile(r"^(.*?)(\d+)$")


class RecordedRate(NamedTuple):
    """A recorded rate on the axis of a plan.

    Attributes:
        tag: of its curve.
        unit: what the times count, as the plan does; `step` where there is no plan.
        times: (points,) float64, rising.
        rates: (points,) float64, finite.
    """

    tag: str
    unit: str
    times: FloatArray
    rates: FloatArray


def recorded_rates(logs: Iterable[str], pulse: Pulse) -> dict[str, Series]:
    """Every learning rate in the logs of a run by tag, with steps that rise; a log that cannot be read has none."""
    series = (curve.series for curve in run_series(logs, pulse).curves)
    rising = rising_curves((one for one in series if is_rate(one.tag) and not one.stepless), pulse)
    curves = {tag: finite(one) for tag, one in rising.items()}
    return {tag: one for tag, one in curves.items() if len(one.values)}


def recorded_beside(
    curve: PlannedCurve, groups: int, recorded: Mapping[str, Series], steps_per_epoch: float | None
) -> RecordedRate | None:
    """The recorded rate of a group, None where none is surely its own or where the plan counts something else.

    Args:
        curve: the plan of the group.
        groups: how many groups the checkpoint has.
        recorded: what `recorded_rates` gives.
        steps_per_epoch: for a log that has no epochs.
    """
    tag = _tag_of(curve.group, groups, recorded)
    if not tag:
        return None
    one = recorded[tag]
    if not curve.times.size:
        return RecordedRate(tag, "step", one.steps, one.values)
    times = scheduler_times(curve.unit, one, steps_per_epoch)
    if times is None:
        return None
    known = np.isfinite(times)
    return RecordedRate(tag, curve.unit, times[known], one.values[known])


def _tag_of(group: str, groups: int, recorded: Mapping[str, Series]) -> str:
    """The curve of a group: by its name, else the only one, else by number where there is one for every group."""
    tags = rates(recorded)
    named = [tag for tag in tags if not group.isdecimal() and group.lower() in words(tag)]
    if named or len(tags) == 1:
        return (named or tags)[0]
    numbered = sorted((found[1], int(found[2]), tag) for tag in tags if (found := _NUMBERED.match(tag)))
    alike = len({start for start, _, _ in numbered}) == 1 and len(numbered) == len(tags) == groups
    return numbered[int(group)][2] if alike and group.isdecimal() and int(group) < groups else ""

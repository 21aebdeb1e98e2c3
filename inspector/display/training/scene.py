"""The ask and the scene of a run that trains."""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec

FirstRates: TypeAlias = dict[str, tuple[tuple[int, float], ...]]
"""By optimizer group, the first steps that logged a rate, with it."""


class RunStart(msgspec.Struct, frozen=True, kw_only=True):
    """What a resumed run was started with.

    Attributes:
        values: its settings by dotted path.
        samples: training samples in an epoch.
        schedulers: what its parent's checkpoint holds of them, `{class, state}` by name; empty where it is not open.
    """

    values: dict[str, Any]
    samples: int
    schedulers: dict[str, Any] = {}


class TrainingAsk(msgspec.Struct, frozen=True, kw_only=True):
    """A run's metric record.

    Attributes:
        path: of the record; bytes: how long it was when it was looked at last.
        logs: all logs of the run.
        start: of a resumed run whose first rates are to be worked out, else None.
    """

    path: str
    bytes: int
    logs: tuple[str, ...]
    start: RunStart | None = None


class TrainingEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What happened in a run (`edited`, `refused`, `paused`, `checkpoint`), with the values that came with it."""

    name: str
    step: int
    values: dict[str, Any] = {}


class TrainingScene(msgspec.Struct, frozen=True, kw_only=True):
    """A run that trains.

    Attributes:
        count: how many events there were in all; events: the last of them, oldest first.
        first_rates: as they were logged.
        expected: the rates of the same steps as settings and start tell them; nothing of what they do not tell.
        step, epoch: of the newest record.
        step_s: seconds that the newest step took, None where none is logged.
    """

    count: int
    events: tuple[TrainingEvent, ...]
    first_rates: FirstRates
    expected: FirstRates = {}
    step: int = 0
    epoch: float | None = None
    step_s: float | None = None

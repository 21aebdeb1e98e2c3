"""The ask and the scene of a run that trains."""

from __future__ import annotations

from typing import Any

import msgspec


class TrainingAsk(msgspec.Struct, frozen=True, kw_only=True):
    """A run's metric record.

    Attributes:
        path: of the record; bytes: how long it was when it was looked at last.
        logs: all logs of the run.
    """

    path: str
    bytes: int
    logs: tuple[str, ...]


class TrainingEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What happened in a run (`edited`, `refused`, `paused`, `checkpoint`), with the values that came with it."""

    name: str
    step: int
    values: dict[str, Any] = {}


class TrainingScene(msgspec.Struct, frozen=True, kw_only=True):
    """A run that trains.

    Attributes:
        count: how many events there were in all; events: the last of them, oldest first.
        first_rates: by optimizer group, the first steps that logged a rate, with it.
        step, epoch: of the newest record.
        step_s: seconds that the newest step took, None where none is logged.
    """

    count: int
    events: tuple[TrainingEvent, ...]
    first_rates: dict[str, tuple[tuple[int, float], ...]]
    step: int = 0
    epoch: float | None = None
    step_s: float | None = None

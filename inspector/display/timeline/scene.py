"""The timeline's ask and scene."""

from __future__ import annotations

import msgspec

from inspector.core.arrays import FloatArray


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A checkpoint or dump on the timeline; `kind` is `checkpoint` or `dump`."""

    step: float
    kind: str
    label: str
    path: str


class TimelineAsk(msgspec.Struct, frozen=True, kw_only=True):
    """The one curve to draw, the logs it may come from, and the marks.

    Attributes:
        unread_bytes: how much of the logs is still to be read; unless 0, they are read no further for this scene.
    """

    logs: tuple[str, ...]
    tag: str
    marks: tuple[Mark, ...]
    ticks: tuple[tuple[float, str], ...]
    stamp: float
    axis: str
    unread_bytes: int = 0


class TimelineScene(msgspec.Struct, frozen=True, kw_only=True):
    """What the timeline paints.

    Attributes:
        steps, values: (points,) float64, decimated, steps rising; values scaled to 0..1, NaN where not finite.
        first_step, last_step: the axis; equal where the run has no extent.
        ticks: (step, text).
        axis: what the ticks count, `epoch` or `step`.
    """

    tag: str
    steps: FloatArray
    values: FloatArray
    first_step: float
    last_step: float
    marks: tuple[Mark, ...]
    ticks: tuple[tuple[float, str], ...]
    axis: str

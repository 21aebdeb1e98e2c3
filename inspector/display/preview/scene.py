"""The preview's ask and scene."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from inspector.core.arrays import FloatArray


class PreviewAsk(msgspec.Struct, frozen=True, kw_only=True):
    """A resume, as far as the learning rate goes.

    Attributes:
        logs: where the recorded rate is.
        recipe: names the settings' type.
        before, after: settings by dotted path, as they were and edited.
        epoch: epochs done at the checkpoint, with a fraction; step: its optimizer steps.
        epochs: how many more, None to go on to the horizon.
        samples: training samples in an epoch as the run recorded them, for recipes whose settings do not tell.
        schedulers: what the checkpoint holds of them, `{class, state}` by name; empty where training begins anew.
    """

    logs: tuple[str, ...]
    recipe: str
    before: dict[str, Any]
    after: dict[str, Any]
    epoch: float
    step: int
    rate: Literal["rescale", "restart", "pin"]
    epochs: int | None
    samples: int | None = None
    schedulers: dict[str, Any] = {}
    stamp: float = 0.0


class RateLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the picture.

    Attributes:
        ink: `accent` for what was recorded, `dim` for the old future, `good` for the new one.
        steps: (points,) float64, as in the metrics.
        rates: (points,) float64, learning rate.
        epochs: (points,) float64, epochs done with that step; None where nothing tells them.
    """

    label: str
    ink: Literal["accent", "dim", "good"]
    dashed: bool
    steps: FloatArray
    rates: FloatArray
    epochs: FloatArray | None = None


class PreviewScene(msgspec.Struct, frozen=True, kw_only=True):
    """What a resume would do to the learning rate.

    Attributes:
        resume_step, resume_epoch: where the new line begins.
        steps_per_epoch: of the resumed run, 0 where that is not known.
        first: the first rates of the resumed run, at most ten, of a group without a factor of its own.
        first_of: the same of the groups of each module that has a factor.
        assumed_from: the first step whose rate is an assumption, None where all are known; assumption: which one.
        problem: why there is no preview, or empty; problem_path: the setting that it is about, empty where none is.
    """

    lines: tuple[RateLine, ...]
    resume_step: float
    first: tuple[float, ...]
    last_epoch: int
    first_of: dict[str, tuple[float, ...]] = {}
    assumed_from: int | None = None
    assumption: str = ""
    resume_epoch: float = 0.0
    steps_per_epoch: int = 0
    problem: str = ""
    problem_path: str = ""

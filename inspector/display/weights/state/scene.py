"""The ask and the scene of what a checkpoint alone tells of its run."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
import numpy as np

from inspector.core.arrays import FloatArray
from inspector.diagnosis.thresholds import DEFAULTS, Thresholds

RateInk = Literal["accent", "good", "critical"]


class StateAsk(msgspec.Struct, frozen=True, kw_only=True):
    """Which checkpoint.

    Attributes:
        settings: of the run, by dotted path.
        logs: those of the run that have a learning rate.
        step, epoch: where the checkpoint stands, None where unknown.
        thresholds: those in force for the run, as its findings decide by.
        stamp: changes when the checkpoint does; the rest of a log that grows is drawn with the next checkpoint.
    """

    path: str
    settings: dict[str, Any] = {}
    logs: tuple[str, ...] = ()
    step: int | None = None
    epoch: float | None = None
    thresholds: Thresholds = DEFAULTS
    generous: bool = False
    stamp: float = 0.0


class FlowBar(msgspec.Struct, frozen=True, kw_only=True):
    """The gradient of one module.

    Attributes:
        value: as text, or the word for why there is none (`never`, `frozen`).
        share: of the chart's width, 0 to 1, on a log scale; 0 for no bar.
        worrying: value and bar stand in the critical ink.
        tip: more about it.
    """

    label: str
    value: str
    share: float
    worrying: bool
    tip: str


class FlowCard(msgspec.Struct, frozen=True, kw_only=True):
    """Gradient flow as bars; `because` says why there are none, `says` what to keep in mind."""

    title: str
    bars: tuple[FlowBar, ...] = ()
    because: str = ""
    says: str = ""


class RateDot(msgspec.Struct, frozen=True, kw_only=True):
    """One rate at the checkpoint, with its words (`optimizer 1.0e-4`)."""

    text: str
    time: float
    rate: float
    ink: RateInk


class RateCard(msgspec.Struct, frozen=True, kw_only=True):
    """The planned rate of one group, or of several that are planned alike.

    Attributes:
        name: the groups' names, where there are several cards.
        unit: what the times count.
        times, rates: (points,) float64 of the plan, empty where it is not known.
        recorded_times, recorded_rates: (points,) float64 as the run logged it, empty where it did not.
        now: where the checkpoint stands, NaN where unknown.
        verdict: in words; worrying where the held rate is not the planned one.
        missing: what would be needed to draw the plan.
    """

    name: str
    title: str
    unit: str
    times: FloatArray
    rates: FloatArray
    now: float
    dots: tuple[RateDot, ...]
    verdict: str
    worrying: bool
    missing: str
    recorded_times: FloatArray = msgspec.field(default_factory=lambda: np.zeros(0))
    recorded_rates: FloatArray = msgspec.field(default_factory=lambda: np.zeros(0))


class ReadyCard(msgspec.Struct, frozen=True, kw_only=True):
    """What a resume needs: a text and whether it worries, for each part; then who owns the rate, in words."""

    parts: tuple[tuple[str, bool], ...]
    says: str


class SparsityBar(msgspec.Struct, frozen=True, kw_only=True):
    """The predicted share of silent values of one normalisation, NaN where unknown, and what stands out in it."""

    path: str
    layer: str
    mean: float
    said: str


class StateScene(msgspec.Struct, frozen=True, kw_only=True):
    """The cards below a tensor's.

    Attributes:
        rates: a card for each kind of group; empty where the file has no rate.
        sparsity: a bar a layer; empty where the file has no batch normalisation.
        condition: what must hold for the sparsity.
        problem: why a card is missing, empty for none.
    """

    path: str
    flow: FlowCard | None = None
    rates: tuple[RateCard, ...] = ()
    ready: ReadyCard | None = None
    sparsity: tuple[SparsityBar, ...] = ()
    condition: str = ""
    problem: str = ""

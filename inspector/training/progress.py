"""How far a run is, what its best validation was, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from inspector.formats.checkpoint import COUNTERS
from inspector.formats.run_folder import Status


@dataclass(slots=True)
class Position:
    """Where training stands: optimizer steps, whole epochs, and batches done of the epoch after them."""

    step: int = 0
    epoch: int = 0
    index: int = 0


@dataclass(slots=True)
class Best:
    """The best validation so far, and how many came after it without a better one.

    Attributes:
        value: of the recipe's score, None before the first finite one.
        step: where it was.
    """

    value: float | None = None
    step: int | None = None
    waited: int = 0


@dataclass(slots=True)
class Counters:
    """What a resumed run must go on counting.

    Attributes:
        lowest_loss: the lowest val/loss so far.
        risen: validations in a row above it by more than the share at which a run has diverged.
        watched: the best value of the score whose drop is warned of.
        not_finite_since: the step since which the loss has not been finite.
        clipped: steps since the last record whose gradient was clipped.
        steps: steps since the last record.
    """

    lowest_loss: float | None = None
    risen: int = 0
    watched: float | None = None
    not_finite_since: int | None = None
    clipped: int = 0
    steps: int = 0


@dataclass(frozen=True, slots=True)
class End:
    """How a run ended: its status, and one sentence why."""

    status: Status
    reason: str


def best_and_counters(content: dict[str, Any], metric: str) -> tuple[Best, Counters]:
    """The best and the counters of a checkpoint; older ones have fewer.

    Args:
        content: the checkpoint.
        metric: the recipe's score; the best of another one cannot be compared with.
    """
    saved = content["best"]
    best = Best(saved["value"], saved["step"], int(saved["waited"])) if saved["metric"] == metric else Best()
    counters = content.get(COUNTERS)
    if counters is not None:
        return best, Counters(**counters)
    return best, Counters(lowest_loss=saved["value"] if saved["metric"] == "val/loss" else None)

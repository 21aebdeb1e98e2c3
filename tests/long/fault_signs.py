"""By what each fault preset is seen: figures of its run, and the limit beyond which they are ill.

A fault shows all its signs within its epochs; the cure of its recipe shows at no fault all of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Literal

import numpy as np

CURE = "fixed"
"""The preset that shows none of its recipe's faults."""


@dataclass(frozen=True)
class Curves:
    """What a run recorded.

    Attributes:
        records: every line of its metrics, in order.
        settings: those that it ran under.
    """

    records: list[dict[str, Any]]
    settings: Any

    def of(self, tag: str) -> list[float]:
        """A metric's values, in order."""
        found = [record[tag] for record in self.records if tag in record]
        assert found, f"nothing was recorded as {tag}"
        return found

    def last(self, tag: str) -> float:
        """Its newest value."""
        return self.of(tag)[-1]

    def newest(self, prefix: str) -> dict[str, float]:
        """The newest value of each metric that begins so."""
        return {tag: value for record in self.records for tag, value in record.items() if tag.startswith(f"{prefix}/")}


@dataclass(frozen=True)
class Sign:
    """One figure by which a fault is seen.

    Attributes:
        sentence: what the figure is.
        measure: reads it off a run.
        worse: on which side of the limit a run is ill.
        seed: the figure of the reports that the fault comes from, empty where they have none.
    """

    sentence: str
    measure: Callable[[Curves], float]
    worse: Literal["above", "below"]
    limit: float
    seed: str = ""

    def is_shown(self, value: float) -> bool:
        """A value is ill; one that is not a number is neither."""
        return value > self.limit if self.worse == "above" else value < self.limit


@dataclass(frozen=True)
class Fault:
    """A preset of a table.

    Attributes:
        signs: all of them are shown.
        epochs: how many it is trained.
        edits: settings that are scaled down further than the preset does.
    """

    signs: tuple[Sign, ...]
    epochs: int
    edits: dict[str, Any] = field(default_factory=dict)


def _rates(curves: Curves) -> list[tuple[float, float]]:
    """The first group's rate at every step and warm-up times cosine there, as shares of the full rate.

    The closed form is that of an epoch's end, so a step of the warm-up is near it.
    """
    schedule, full = curves.settings.schedule, curves.settings.optim.lr
    tag = next(tag for record in curves.records for tag in record if tag.startswith("lr/"))
    found: list[tuple[float, float]] = []
    for record in curves.records:
        if tag in record:
            risen = min(1.0, record["epoch"] / schedule.warmup_epochs) if schedule.warmup_epochs else 1.0
            planned = risen * (1 + math.cos(math.pi * record["epoch"] / schedule.epochs)) / 2
            found.append((record[tag] / full, planned))
    return found


def _over_plan(curves: Curves) -> float:
    return max(rate - planned for rate, planned in _rates(curves))


def _under_plan(curves: Curves) -> float:
    return min(rate / planned for rate, planned in _rates(curves) if planned > 0.05)


def _rise(curves: Curves) -> float:
    losses = curves.of("val/loss")
    return losses[-1] / min(losses)


def _gap(curves: Curves) -> float:
    return curves.last("val/loss") / float(np.mean(curves.of("train/loss")[-10:]))


def _rise_at_start(curves: Curves) -> float:
    return max(later / before for before, later in combinations(curves.of("train/loss")[:6], 2))


def _highest_at_start(curves: Curves) -> float:
    losses = curves.of("train/loss")[:6]
    return max(losses) / losses[0]


def _most_dead(curves: Curves) -> float:
    return max(curves.newest("dead_channels").values())


def _silent(curves: Curves) -> float:
    return float(np.mean(list(curves.newest("sparsity").values())))


def _cut_off(curves: Curves) -> float:
    """Modules that had no gradient, or one of zero, at every look."""
    looks = [
        {tag for tag, value in record.items() if tag.startswith("grad_norm/") and value > 0}
        for record in curves.records
    ]
    return float(len(set(curves.newest("grad_norm")) - set().union(*looks)))


def _pull(curves: Curves) -> float:
    looks = [
        math.hypot(record["grad_norm/x_head"], record["grad_norm/y_head"])
        for record in curves.records
        if record["step"] <= 120 and "grad_norm/x_head" in record
    ]
    return float(np.median(looks))


def _over(score: str, baseline: str) -> Callable[[Curves], float]:
    return lambda curves: curves.last(score) - curves.last(baseline)


def _share_of(score: str, baseline: str) -> Callable[[Curves], float]:
    return lambda curves: curves.last(score) / curves.last(baseline)


def _last(tag: str) -> Callable[[Curves], float]:
    return lambda curves: curves.last(tag)


OVERWRITTEN = Sign(
    "how far the rate is above warm-up times cosine at most, as a share of the full rate",
    _over_plan, "above", 0.5, "seed 003: the rate never falls, the loss rises from 0.60 to 0.74 in five epochs",
)  # fmt: skip
COMPOUNDED = Sign(
    "rate by warm-up times cosine, at its least",
    _under_plan, "below", 0.5, "seed 003's own cure: 3.33e-5, 2.22e-5, 2.22e-5 for 3.33, 6.66, 9.98e-5",
)  # fmt: skip
RISES = Sign("last validation loss by its best", _rise, "above", 1.1, "seed 002: 0.606 at epoch 10, 1.509 at 55")
GAP = Sign(
    "validation loss by training loss", _gap, "above", 1.5,
    "seed 002: 1.51 beside 0.10; seed 000: training loss 0.1104 to 0.0001 in five epochs",
)  # fmt: skip
FAR_GAP = Sign("validation loss by training loss", _gap, "above", 4.0, "seed 002: 1.51 beside 0.10")
DEAD = Sign("greatest share of a layer's channels that never fire", _most_dead, "above", 0.5)
PADDED = Sign(
    "accuracy over padded cells", _last("val/accuracy_padded"), "above", 0.85,
    "seed 003: 0.88, where answering black gives 0.92; seed 004: 0.79",
)  # fmt: skip

_SOLVED = _over("val/accuracy_content", "baseline/accuracy_content_copy_input")
UNSOLVED = Sign("content accuracy beyond that of copying the input", _SOLVED, "below", 0.0)
HARDLY_SOLVED = Sign("content accuracy beyond that of copying the input", _SOLVED, "below", 0.05)
FLOOR = Sign(
    "part of the loss that no answer can go below", _over("val/loss", "val/loss_excess"), "above", 0.4,
    "seed 003: 0.50 of the 0.60 that it starts at",
)  # fmt: skip
JUMPS = Sign("greatest rise of the training loss within five steps", _rise_at_start, "above", 1.2)
WORSE = Sign("highest training loss of five steps by that before any", _highest_at_start, "above", 1.1)

TRIVIAL = Sign(
    "content accuracy beyond that of the most frequent colour",
    _over("val/accuracy_content", "baseline/accuracy_content_most_frequent"), "below", 0.02,
    "seed 004 tells no accuracy without padding",
)  # fmt: skip
UPDATES = Sign("length of a slot's update", _last("slots/update_norm"), "above", 15.0, "public project: 100 times")
SILENT = Sign("mean share of activations near zero", _silent, "above", 0.55, "seed 004: 60.5 %")
FEW_SLOTS = Sign("active slots of a grid, of 7", _last("slots/active"), "below", 2.5, "seed 004: 1 to 2")

NEGATIVE = Sign(
    "least training loss", lambda curves: min(curves.of("train/loss")), "below", 0.0, "seed 000: validation -0.0006"
)
NOT_FOUND = Sign(
    "FG-ARI by that of a fixed grid", _share_of("val/fg_ari", "baseline/fg_ari_blocks"), "below", 0.7,
    "seed 000: ARI 0.4471 to 0.0148",
)  # fmt: skip
ALIKE = Sign("mean cosine of a scene's slots", _last("slots/cosine"), "above", 0.9, "seed 000: above 0.7 is collapsed")
WRONG_AXIS = Sign(
    "how far a position's attention over slots is from a sum of 1", _last("slots/attention_axis_error"), "above", 0.5
)

EXPLODES = Sign(
    "training loss after one step by that before it",
    lambda curves: curves.of("train/loss")[1] / curves.of("train/loss")[0], "above", 2.0, "seed 001: 0.47 to 4.22",
)  # fmt: skip
SATURATED = Sign(
    "share of coordinates beyond 0.99", _last("predictions/saturated"), "above", 0.5, "seed 001: stuck at (-1, -1)"
)
NO_PLACES = Sign(
    "pixel error by that of the mean place", _share_of("val/pixel_error", "baseline/pixel_error_mean_position"),
    "above", 1.0, "seed 001: answers stuck at (-1, -1); seed 002: 7 to 30 px where 3 to 10 are wanted",
)  # fmt: skip
NEVER_DONE = Sign("highest chance of done", _last("val/done_highest"), "below", 0.58, "seed 002: 0.00 to 0.57")
FEW_DONE = Sign(
    "share of training samples that are done",
    lambda curves: float(np.mean(curves.of("train/done_share"))), "below", 0.1, "seed 002: 3 %",
)  # fmt: skip
WEAK = Sign(
    "gradient of the heads of places, median over the first 120 steps", _pull, "below", 0.15,
    "seed 002 expects more of 0.1 than of 0.3; its formula gives 0.10 for 0.42 at 40 px, which Adam evens out",
)  # fmt: skip
CUT_OFF = Sign("modules that never get a gradient", _cut_off, "above", 0.5, "seed 001: memory and foveation, 0.0")

FAULTS: dict[str, dict[str, Fault]] = {
    "counting": {
        "faulty": Fault((SATURATED, NO_PLACES, FEW_DONE, CUT_OFF), 2),
        "tanh_saturation": Fault((SATURATED,), 2),
        "high_rate": Fault((EXPLODES, NO_PLACES), 2),
        "no_done_weight": Fault((FEW_DONE, NEVER_DONE), 2),
        "unbalanced": Fault((FEW_DONE,), 1),
        "tight_funnel": Fault((WEAK,), 2),
        "tiny_subset": Fault((FAR_GAP,), 40),
        "disconnected_modules": Fault((CUT_OFF,), 1),
    },
    "arc_solver": {
        "faulty": Fault((UNSOLVED, PADDED, OVERWRITTEN), 6),
        "overwriting_warmup": Fault((OVERWRITTEN,), 4, {"data.train_puzzles": 400, "schedule.epochs": 4}),
        "compounding_warmup": Fault((COMPOUNDED,), 6),
        "high_rate": Fault((UNSOLVED,), 6),
        "label_smoothing": Fault((FLOOR,), 1),
        "padded_loss": Fault((HARDLY_SOLVED, PADDED), 3),
        "no_warmup": Fault((JUMPS, WORSE), 1),
        "tiny_subset": Fault((RISES, GAP), 100),
    },
    "arc_slots": {
        "faulty": Fault((TRIVIAL, PADDED, UPDATES, SILENT, FEW_SLOTS), 20),
        "dying_relu": Fault((DEAD,), 10),
        "wrong_softmax_axis": Fault((UPDATES,), 20),
        "tiny_subset": Fault((RISES, GAP), 200),
        "padded_loss": Fault((TRIVIAL, PADDED), 10),
        "high_rate": Fault((TRIVIAL,), 5),
    },
    "slots": {
        "faulty": Fault((NEGATIVE, NOT_FOUND), 450),
        "overwriting_warmup": Fault((OVERWRITTEN,), 4, {"schedule.epochs": 4}),
        "compounding_warmup": Fault((COMPOUNDED,), 7),
        "same_slots": Fault((ALIKE,), 6),
        "tiny_subset": Fault((RISES, GAP), 600),
        "high_rate": Fault((DEAD,), 4),
        "no_warmup": Fault((DEAD,), 1),
        "unclamped_diversity": Fault((NEGATIVE,), 3),
        "dying_relu": Fault((DEAD,), 1),
        "wrong_softmax_axis": Fault((WRONG_AXIS,), 3),
        "slots_sample": Fault((DEAD, NOT_FOUND), 160),
    },
}

CURED_EPOCHS = {"arc_solver": 4, "arc_slots": 80, "counting": 6, "slots": 6}
"""How long each cure is trained."""

"""What the state of one of torch's schedulers tells of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

from inspector.core.arrays import FloatArray

State: TypeAlias = Mapping[str, Any]
"""Plain values of a scheduler's `state_dict()`."""


def scheduler_class(state: State) -> str | None:
    """The torch class whose state has these keys, None where none or several have."""
    keys = set(state)
    return next((name for name, signature in _SIGNATURES if signature <= keys), None)


_SIGNATURES: tuple[tuple[str, frozenset[str]], ...] = (
    ("SequentialLR", frozenset(("_schedulers", "_milestones"))),
    ("ChainedScheduler", frozenset(("_schedulers",))),
    ("ReduceLROnPlateau", frozenset(("patience", "cooldown"))),
    ("OneCycleLR", frozenset(("total_steps", "_schedule_phases"))),
    ("CyclicLR", frozenset(("total_size", "step_ratio", "max_lrs"))),
    ("CosineAnnealingWarmRestarts", frozenset(("T_0", "T_mult"))),
    ("CosineAnnealingLR", frozenset(("T_max", "eta_min"))),
    ("LambdaLR", frozenset(("lr_lambdas",))),
    ("LinearLR", frozenset(("start_factor", "end_factor", "total_iters"))),
    ("PolynomialLR", frozenset(("power", "total_iters"))),
    ("MultiStepLR", frozenset(("milestones", "gamma"))),
    ("StepLR", frozenset(("step_size", "gamma"))),
    ("ConstantLR", frozenset(("factor", "total_iters"))),
    ("ExponentialLR", frozenset(("gamma",))),
)


def class_of(class_name: str, state: State) -> str:
    """The class without its module; told from the state where there is no name, empty where neither tells."""
    return class_name.rpartition(".")[2] or scheduler_class(state) or ""


def milestones_of(state: State) -> FloatArray:
    """Milestones, (milestones,) float64 ascending, repeated as often as they count; torch keeps a Counter."""
    held = state["milestones"]
    if isinstance(held, Mapping):
        held = [float(milestone) for milestone, count in held.items() for _ in range(min(int(count), 1000))]
    return np.sort(np.asarray(list(held), np.float64))

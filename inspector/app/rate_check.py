"""The rates that a resumed run is expected to use, held against those that it plans or logs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from inspector.app.plan import Plan, is_same_rate
from inspector.display.preview.scene import PreviewScene

_GROUP_FACTOR = "optim.groups.{}.lr_mult"


class ExpectedRates(msgspec.Struct, frozen=True, kw_only=True):
    """What a preview, and where it has answered the trainer, said of each step.

    Attributes:
        base: the rate before a group's factor, by step.
        by_group: the rate of a group, by step; it counts before `base`.
        factors: by the last part of a group's name; 1 where it has none.
    """

    base: dict[int, float] = {}
    by_group: dict[str, dict[int, float]] = {}
    factors: dict[str, float] = {}

    def of(self, group: str, step: int) -> float | None:
        """The rate of a group in a step, None where nothing was said of it."""
        known = self.by_group.get(group, {}).get(step)
        if known is not None or step not in self.base:
            return known
        return self.base[step] * self.factors.get(group.rpartition(".")[2], 1.0)


class Difference(msgspec.Struct, frozen=True):
    """Where a rate is not what was expected."""

    group: str
    step: int
    expected: float
    found: float


def expected_rates(scene: PreviewScene, plan: Plan | None, values: Mapping[str, Any]) -> ExpectedRates:
    """What is expected of a resume.

    Args:
        scene: its preview.
        plan: the trainer's answer, where it has come.
        values: the edited settings.
    """
    first = int(scene.resume_step) + 1
    before, after = _GROUP_FACTOR.split("{}")
    return ExpectedRates(
        base=dict(enumerate(scene.first, start=first)),
        by_group={name: dict(zip(plan.steps, rates, strict=False)) for name, rates in plan.rates.items()}
        if plan
        else {},
        factors={
            path.removeprefix(before).removesuffix(after): float(value)
            for path, value in values.items()
            if path.startswith(before) and path.endswith(after) and isinstance(value, int | float)
        },
    )


def first_difference(
    expected: ExpectedRates, found: Mapping[str, Iterable[tuple[int, float]]]
) -> tuple[Difference | None, int]:
    """The first rate that is not what was expected, and how many were compared.

    Args:
        expected: what was said.
        found: by group, steps and rates.
    """
    compared = 0
    for group, rates in found.items():
        for step, rate in rates:
            wanted = expected.of(group, step)
            if wanted is None:
                continue
            compared += 1
            if not is_same_rate(rate, wanted):
                return Difference(group, step, wanted, rate), compared
    return None, compared

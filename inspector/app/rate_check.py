"""The rates that a resumed run is expected to use, held against those that it plans or logs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from inspector.app.plan import Plan, is_same_rate
from inspector.display.preview.scene import PreviewScene


class ExpectedRates(msgspec.Struct, frozen=True, kw_only=True):
    """What a preview, and where it has answered the trainer, said of each step; what it assumed is left out.

    Attributes:
        base: the rate of a group without a factor of its own, by step.
        by_module: of the groups of a module that has one, by the last part of their names; they count before `base`.
        by_group: by whole names; they count before all.
    """

    base: dict[int, float] = {}
    by_module: dict[str, dict[int, float]] = {}
    by_group: dict[str, dict[int, float]] = {}

    def of(self, group: str, step: int) -> float | None:
        """The rate of a group in a step, None where nothing was said of it."""
        known = self.by_group.get(group, {}).get(step)
        return known if known is not None else self.by_module.get(group.rpartition(".")[2], self.base).get(step)


class Difference(msgspec.Struct, frozen=True):
    """Where a rate is not what was expected."""

    group: str
    step: int
    expected: float
    found: float


def expected_rates(scene: PreviewScene, plan: Plan | None) -> ExpectedRates:
    """What is expected of a resume.

    Args:
        scene: its preview.
        plan: the trainer's answer, where it has come.
    """

    def known(pairs: Iterable[tuple[int, float]]) -> dict[int, float]:
        return {step: rate for step, rate in pairs if scene.assumed_from is None or step < scene.assumed_from}

    first = int(scene.resume_step) + 1
    return ExpectedRates(
        base=known(enumerate(scene.first, start=first)),
        by_module={module: known(enumerate(rates, start=first)) for module, rates in scene.first_of.items()},
        by_group={name: known(zip(plan.steps, rates, strict=False)) for name, rates in plan.rates.items()}
        if plan
        else {},
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

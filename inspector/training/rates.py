"""Learning rates while training: torch's scheduler for each optimizer, and who else writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import torch

from inspector.formats.recipes.schedule import OWN, Schedule
from inspector.training.own_rates import Bring, Own
from inspector.training.rate_writers import RateWriter, writer_of


def _bring_none(_optimizer: torch.optim.Optimizer, _steps: int) -> None:
    """Most recipes have no scheduler of their own."""


class Rates:
    """The learning rates of a run: a scheduler for each of its optimizers, all at the same step of one schedule.

    Args:
        optimizers: by name, their groups at their base rates.
        schedule: the settings.
        base_lr: `optim.lr`.
        steps_per_epoch: optimizer steps in an epoch.
        by, bring: of the recipe's own scheduler, how often it is stepped and what makes it.

    Raises:
        UsageError: the schedule is the recipe's own, and it brings none.
    """

    def __init__(
        self,
        optimizers: Mapping[str, torch.optim.Optimizer],
        schedule: Schedule,
        base_lr: float,
        steps_per_epoch: int,
        by: Literal["step", "epoch"] = "step",
        bring: Bring = _bring_none,
    ) -> None:
        self._optimizers = optimizers
        self._writers: dict[str, RateWriter] = {}
        for name, optimizer in optimizers.items():
            # torch warns where a scheduler moves before its optimizer: an optimizer may wait for its turn.
            optimizer._opt_called = True  # type: ignore[attr-defined]  # noqa: SLF001
            self._writers[name] = (
                Own(optimizer, schedule, steps_per_epoch, by, bring)
                if schedule.family == OWN
                else writer_of(optimizer, schedule, base_lr, steps_per_epoch)
            )

    def before_step(self, steps_done: int) -> dict[str, float]:
        """The rate of every group as its optimizer is about to use it, after all writers.

        Args:
            steps_done: steps of the schedule already taken.
        """
        for writer in self._writers.values():
            writer.before_step(steps_done)
        return {
            str(group["name"]): float(group["lr"])
            for optimizer in self._optimizers.values()
            for group in optimizer.param_groups
        }

    def after_step(self) -> None:
        """One step is done, by whichever optimizers had their turn."""
        for writer in self._writers.values():
            writer.after_step()

    def after_epoch(self) -> None:
        """One epoch is done."""
        for writer in self._writers.values():
            writer.after_epoch()

    def after_validation(self, loss: float) -> None:
        """A validation gave this loss."""
        for writer in self._writers.values():
            writer.after_validation(loss)

    def ahead(self, steps: range, per_epoch: int) -> list[dict[str, float]]:
        """The rate of every group in each of the steps to come, by walking them; a plateau stays as it is.

        Args:
            steps: of the schedule, counted from its first, as those taken before each.
            per_epoch: of an epoch.
        """
        found = []
        for done in steps:
            found.append(self.before_step(done))
            self.after_step()
            if (done + 1) % per_epoch == 0:
                self.after_epoch()
        return found

    def advance(self, epochs_done: int, steps_of_epoch: int) -> None:
        """Go where an uninterrupted run with these settings would be.

        Moving a new scheduler there is the only way that is exact for every family and lets every edit take effect.
        """
        for writer in self._writers.values():
            writer.advance(epochs_done, steps_of_epoch)

    def restore(self, saved: Mapping[str, Mapping[str, Any]]) -> None:
        """Take over from saved states what a position does not tell: how far a plateau is down, and its counters."""
        for name, writer in self._writers.items():
            writer.restore(saved.get(name, {}))

    def take_over(self, saved: Mapping[str, Mapping[str, Any]], before: Rates, **what: bool) -> list[str]:
        """Take over from saved states of the recipe's own schedulers what a position does not tell.

        Args:
            saved: by the optimizers' names.
            before: as these, from the settings of the checkpoint and at its position.
            what: `edited` and `rewritten`, as of `Own.take_over`.

        Returns:
            What there is to know of it, one sentence each.
        """
        pairs = ((name, writer, before._writers.get(name)) for name, writer in self._writers.items())
        notes = [
            writer.take_over(saved[name], old, **what)
            for name, writer, old in pairs
            if isinstance(writer, Own) and isinstance(old, Own) and name in saved
        ]
        return list(dict.fromkeys(note for note in notes if note))

    def states(self) -> dict[str, dict[str, Any]]:
        """`{class, state}` of each scheduler by its optimizer's name, as a checkpoint holds them."""
        return {name: writer.state() for name, writer in self._writers.items()}

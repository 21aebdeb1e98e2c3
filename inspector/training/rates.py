"""Learning rates while training: torch's scheduler for each optimizer, and who else writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from inspector.formats.recipes.schedule import Schedule
from inspector.training.rate_writers import RateWriter, writer_of


class Rates:
    """The learning rates of a run: a scheduler for each of its optimizers, all at the same step of one schedule."""

    def __init__(
        self,
        optimizers: Mapping[str, torch.optim.Optimizer],
        schedule: Schedule,
        base_lr: float,
        steps_per_epoch: int,
    ) -> None:
        self._optimizers = optimizers
        self._writers: dict[str, RateWriter] = {
            name: writer_of(optimizer, schedule, base_lr, steps_per_epoch) for name, optimizer in optimizers.items()
        }

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

    def states(self) -> dict[str, dict[str, Any]]:
        """`{class, state}` of each scheduler by its optimizer's name, as a checkpoint holds them."""
        return {name: writer.state() for name, writer in self._writers.items()}

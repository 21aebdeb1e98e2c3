"""What a recipe brings to the loop: a model with its data, its losses and its measures."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeAlias

from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from inspector.core.arrays import IntArray
from inspector.core.pulse import QUIET, Pulse
from inspector.formats.checkpoint import MAIN


@dataclass(frozen=True, slots=True)
class Batch:
    """The samples of one step, or of one part of it.

    Attributes:
        indices: (n,) int64, of this process.
        epoch: whole epochs done; with the seed and an index it decides what is drawn for a sample.
        step: optimizer steps done.
    """

    indices: IntArray
    epoch: int
    step: int


@dataclass(frozen=True, slots=True)
class Losses:
    """What a batch cost.

    Attributes:
        terms: each loss before it is weighted, scalars.
        weights: the factor with which a term enters the total; 1 where absent.
        measures: other scalars to record beside them, by their name after `train/`.
    """

    terms: dict[str, Tensor]
    weights: dict[str, float] = field(default_factory=dict)
    measures: dict[str, Tensor] = field(default_factory=dict)

    @property
    def total(self) -> Tensor:
        """What is minimised, a scalar."""
        first, *rest = (self.weighted(name) for name in self.terms)
        return sum(rest, first)

    def weighted(self, name: str) -> Tensor:
        """A term as it enters the total, a scalar."""
        term = self.terms[name]
        return term * self.weights[name] if name in self.weights else term


@dataclass(frozen=True, slots=True)
class Phase:
    """What one step trains, for recipes that take turns.

    Attributes:
        name: as the record says it, empty where there are no turns.
        optimizers: names of those that step.
    """

    name: str
    optimizers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """The metric by which validations are compared: for the best checkpoint, early stopping and the warning of a drop.

    Attributes:
        name: among what `validate` returns.
        better: which end of it.
    """

    name: str
    better: Literal["lower", "higher"]


Scheduler: TypeAlias = LRScheduler | Callable[[int], float]
"""What sets rates: a scheduler of torch, or a function of the steps done that gives the factor on the base rates."""


class Task(ABC):
    """A model with its data; a recipe derives from it.

    Class attributes:
        unit: what a sample is called on the console.
        score: what makes a checkpoint the best.
        watched: the score whose drop is warned of, None for none.
        shown: metric to its word on the console line of a validation.
        scheduled_by: how often a scheduler of its own is stepped.

    Attributes:
        model: on its device, with its modules as children.
        samples: training samples in an epoch.
    """

    unit: ClassVar[str] = "samples"
    score: ClassVar[Score] = Score("val/loss", "lower")
    watched: ClassVar[Score | None] = None
    shown: ClassVar[dict[str, str]] = {"val/loss": "ValLoss"}
    scheduled_by: ClassVar[Literal["step", "epoch"]] = "step"

    model: nn.Module
    samples: int

    def groups(self) -> dict[str, tuple[str, ...]]:
        """Names of the optimizers, each with the modules that it steps, an optimizer group each.

        A module may belong to several optimizers.
        """
        return {
            MAIN: tuple(name for name, child in self.model.named_children() if any(True for _ in child.parameters()))
        }

    def phase(self, step: int, settings: Any) -> Phase:
        """What the step after `step` steps trains."""
        del step, settings
        return self._only_phase

    @cached_property
    def _only_phase(self) -> Phase:
        return Phase("", tuple(self.groups()))

    def scheduler(self, optimizer: Optimizer, settings: Any, steps: int) -> Scheduler | None:
        """A scheduler of the recipe's own for an optimizer, None where it brings none.

        It is asked for where `schedule.family` is `own`. A resume makes it anew from the edited settings and steps it
        to its place, so it takes all that it needs from what is handed in.

        Args:
            optimizer: whose groups hold their base rates, `optim.lr` times their own factors.
            settings: those in force.
            steps: how often it is stepped from its start to the horizon, `schedule.epochs`.

        Returns:
            A scheduler of torch, or a function of the steps done that gives the factor on the base rates.
        """
        del optimizer, settings, steps
        return None

    @abstractmethod
    def losses(self, model: nn.Module, batch: Batch, settings: Any) -> Losses:
        """What these samples cost.

        Args:
            model: the task's model as it is to be called, perhaps wrapped for precision or several processes; every
                output that is trained comes out of one call of it.
            batch: the samples.
            settings: those in force, which may have changed since the last step.
        """

    def validate(self, model: Any, settings: Any) -> dict[str, float]:
        """Metrics over the validation samples, by their whole names.

        The model is in evaluation mode, makes no gradients, and what is drawn leaves the random state as it was.

        Args:
            model: the task's model, or one with the same modules and averaged weights.
            settings: those in force.
        """
        del model, settings
        return {}

    def probe(self, model: nn.Module, batch: Batch, settings: Any) -> dict[str, float]:
        """What a dry run tells of the predictions for a batch beside their loss, as far as the recipe has it.

        Names begin with `spread/`, `saturation/` or `balance/`: the standard deviation of an output over samples, the
        share of it that is saturated, the share of a class among the samples as they are drawn.

        Args:
            model: the task's model.
            batch: samples of one step.
            settings: those in force.
        """
        del model, batch, settings
        return {}

    def dump(self, model: Any, path: Path, about: dict[str, Any], pulse: Pulse = QUIET) -> None:  # noqa: B027 - optional
        """Write activations of a fixed set of validation samples; nothing where the recipe has none to show.

        As `validate`, it looks at the model and does not train it.
        """

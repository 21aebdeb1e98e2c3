"""What a checkpoint holds of a run that is being trained, and what a resumed run takes over from it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Protocol

import msgspec
import torch

from inspector.formats.checkpoint import COUNTERS, KEYS, SCHEMA
from inspector.training import randomness
from inspector.training.averaging import Average
from inspector.training.engine import Engine
from inspector.training.progress import Best, Counters, Position
from inspector.training.rates import Rates
from inspector.training.task import Task


class Run(Protocol):
    """A run being trained."""

    recipe: str
    settings: Any
    task: Task
    optimizers: dict[str, torch.optim.Optimizer]
    rates: Rates
    engine: Engine
    average: Average | None
    position: Position
    best: Best
    counters: Counters
    metrics: dict[str, float]

    @property
    def epochs_done(self) -> float:
        """With the fraction of the current one."""


def content_of(run: Run) -> dict[str, Any]:
    """The checkpoint of this moment; its keys are those of `formats.checkpoint`."""
    position = run.position
    values = (
        SCHEMA,
        run.recipe,
        msgspec.to_builtins(run.settings),
        run.task.model.state_dict(),
        {name: optimizer.state_dict() for name, optimizer in run.optimizers.items()},
        run.rates.states(),
        run.engine.scaler_state(),
        None if run.average is None else run.average.state(),
        _random_states(run.engine),
        {
            "epoch": position.epoch,
            "index": position.index,
            "seed": run.settings.train.seed,
            "samples": run.task.samples,
            "batch_size": run.settings.data.batch_size,
        },
        run.epochs_done if position.index else position.epoch,
        position.step,
        dict(run.metrics),
        {"metric": run.task.score.name, **asdict(run.best)},
    )
    return {**dict(zip(KEYS, values, strict=True)), COUNTERS: asdict(run.counters)}


def _random_states(engine: Engine) -> dict[str, Any]:
    """Those of the first process, with the others' beside them."""
    first, *others = engine.gathered(randomness.captured())
    return {**first, "others": others} if others else first


def take_over(run: Run, content: dict[str, Any] | None) -> None:
    """Go on with what a checkpoint holds beside weights, optimizers and the first process's random state.

    Args:
        run: built, its weights and optimizers restored.
        content: the checkpoint, None where nothing but its weights is taken.
    """
    if content is not None:
        run.engine.load_scaler(content["scaler"])
        if run.average is not None:
            run.average.load(content["ema"], run.task.model)
    if run.engine.rank:
        states = dict(enumerate(content["rng"].get("others", ()) if content is not None else (), start=1))
        randomness.take_place(run.engine.rank, states, run.settings.train.seed, run.position.step)

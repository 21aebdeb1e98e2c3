"""What the solver's answers cost, and how right they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from inspector.core.arrays import AnyArray
from inspector.formats.recipes.arc_solver import ArcSolverSettings, Data, Loss
from inspector.training.arc.queries import Query
from inspector.training.arc.scores import baselines, scores, smoothed_floor, truth_of
from inspector.training.arc_solver.prompts import Prompts, prompts_of

_CELLS_AT_ONCE = 32 * 400
"""Cells that go through the model together in validation, which bounds the memory."""


def inputs(prompts: Prompts, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """What the model is called with: `given`, `told` and `seen` of the prompts, shapes and dtypes as there."""
    given, told, seen = (torch.from_numpy(part).to(device) for part in (prompts.given, prompts.told, prompts.seen))
    return given, told, seen


def costs(logits: Tensor, prompts: Prompts, loss: Loss) -> tuple[Tensor, Tensor]:
    """Cross entropy of each query in nats a cell, and the share of its cells that are right, both (queries,).

    Content cells of the target count, with `loss.pad_loss` all cells of the canvas.

    Args:
        logits: (queries, 10, height, width).
        prompts: that they answer.
        loss: what counts.
    """
    target, valid = (torch.from_numpy(part).to(logits.device) for part in (prompts.target, prompts.valid))
    if loss.pad_loss:
        valid = torch.ones_like(valid)
    entropy = functional.cross_entropy(logits, target, reduction="none", label_smoothing=loss.label_smoothing)
    cells = valid.sum((1, 2))
    right = (logits.argmax(1) == target) & valid
    return (entropy * valid).sum((1, 2)) / cells, right.sum((1, 2)) / cells


@dataclass(frozen=True, slots=True)
class Answers:
    """What the model says to some queries.

    Attributes:
        cells: (queries, size, size) uint8, the likeliest colours.
        shapes: (queries, 2) the guessed sizes.
        loss: nats a cell, the mean over queries.
    """

    cells: AnyArray
    shapes: AnyArray
    loss: float


def answers_of(model: Any, queries: Sequence[Query], settings: ArcSolverSettings, device: torch.device) -> Answers:
    """Ask the model, which is in evaluation mode; the first demonstrations of each query are shown."""
    size = settings.data.grid_size
    cells = np.zeros((len(queries), size, size), np.uint8)
    shapes = np.zeros((len(queries), 2), np.int64)
    spent = []
    for first, prompts in batches(queries, settings):
        logits = model(*inputs(prompts, device))
        last = first + len(logits)
        height, width = logits.shape[2:]
        cells[first:last, :height, :width] = logits.argmax(1).to(torch.uint8).cpu().numpy()
        shapes[first:last] = prompts.shapes
        spent.append(costs(logits, prompts, settings.loss)[0].double().cpu())
    return Answers(cells, shapes, float(torch.cat(spent).mean()) if spent else float("nan"))


def at_once(data: Data) -> int:
    """How many queries go through the model together where nothing is trained."""
    return max(1, _CELLS_AT_ONCE // (data.grid_size**2 * (data.demonstrations + 1)))


def batches(queries: Sequence[Query], settings: ArcSolverSettings) -> Iterator[tuple[int, Prompts]]:
    """The queries in order, as many at once as fit, with the place of the first."""
    data, many = settings.data, at_once(settings.data)
    side = data.grid_size if settings.loss.pad_loss else None
    for first in range(0, len(queries), many):
        yield first, prompts_of(queries[first : first + many], data.demonstrations, side)


class Validation:
    """The validation queries with their right answers, and what trivial answers score on them."""

    def __init__(self, queries: Sequence[Query], size: int) -> None:
        self.queries = queries
        self._truth = truth_of(queries, size)
        self._baselines = {f"baseline/{name}": value for name, value in baselines(queries, self._truth).items()}

    def metrics(self, model: Any, settings: ArcSolverSettings, device: torch.device) -> dict[str, float]:
        """Loss, how far it is above the least that smoothing leaves, and scores beside those of trivial answers."""
        answers = answers_of(model, self.queries, settings, device)
        found = {"loss": answers.loss, "loss_excess": answers.loss - smoothed_floor(settings.loss.label_smoothing)}
        # A model that learned padding is taken at its word there; another one says nothing of it.
        canvas = answers.cells if settings.loss.pad_loss else _cleared(answers)
        found |= scores(answers.cells, canvas, answers.shapes, self._truth)
        return {**{f"val/{name}": value for name, value in found.items()}, **self._baselines}


def _cleared(answers: Answers) -> AnyArray:
    """The answers with 0 outside their guessed sizes."""
    size = answers.cells.shape[1]
    rows, columns = (np.arange(size) < answers.shapes[:, axis, None] for axis in (0, 1))
    return answers.cells * (rows[:, :, None] & columns[:, None, :])

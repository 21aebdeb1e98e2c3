"""Training and validating the solver of ARC grids."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import nn

from inspector.core.pulse import QUIET, Pulse
from inspector.formats.recipes.arc_solver import ArcSolverSettings
from inspector.training.arc.scores import smoothed_floor
from inspector.training.arc_solver.dump import write_dump
from inspector.training.arc_solver.measures import Validation, costs, inputs
from inspector.training.arc_solver.model import ArcSolver
from inspector.training.arc_solver.prompts import prompts_of, queries_of, varied
from inspector.training.task import Batch, Losses, Score, Task


class ArcSolverTask(Task):
    """The recipe `arc_solver` as the loop uses it."""

    unit = "pairs"
    watched = Score("val/accuracy_content", "higher")
    shown: ClassVar = {"train/accuracy": "Acc", "val/loss": "ValLoss", "val/accuracy_content": "ValAcc",
                       "baseline/accuracy_content_copy_input": "CopyInput", "val/accuracy_padded": "PaddedAcc",
                       "val/exact_match": "Exact"}  # fmt: skip

    def __init__(self, settings: ArcSolverSettings, device: torch.device) -> None:
        self._device = device
        self._settings = settings
        queries = queries_of(settings.data)
        self.model = ArcSolver(settings.model).to(device)
        self.samples = len(queries.train)
        self._train = queries.train
        self._validation = Validation(queries.val, settings.data.grid_size)

    def losses(self, model: nn.Module, batch: Batch, settings: ArcSolverSettings) -> Losses:
        """Cross entropy of the answers' cells, the mean of each query's."""
        data = settings.data
        queries = [
            varied(self._train[index], data, settings.train.seed, batch.epoch, int(index)) for index in batch.indices
        ]
        prompts = prompts_of(queries, data.demonstrations, data.grid_size if settings.loss.pad_loss else None)
        logits = model(*inputs(prompts, self._device))
        spent, right = costs(logits, prompts, settings.loss)
        loss = spent.mean()
        floor = smoothed_floor(settings.loss.label_smoothing)
        return Losses({"cells": loss}, measures={"loss_excess": loss.detach() - floor, "accuracy": right.mean()})

    def validate(self, model: Any, settings: ArcSolverSettings) -> dict[str, float]:
        """Loss and scores on the validation puzzles, beside those of trivial answers."""
        return self._validation.metrics(model, settings, self._device)

    def dump(self, model: Any, path: Path, about: dict[str, Any], pulse: Pulse = QUIET) -> None:
        """Write what the first validation queries make of the layers, and statistics over more of them."""
        write_dump(path, self._settings, model, self._validation.queries, about, pulse)

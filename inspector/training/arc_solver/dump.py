"""Activations of validation queries as a dump: the recipe's model under the recorder that everyone uses."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from inspector.core.arrays import AnyArray
from inspector.core.pulse import QUIET, Pulse
from inspector.formats.recipes.arc_solver import ArcSolverSettings
from inspector.training.arc.pictures import picture
from inspector.training.arc.queries import Query, padded
from inspector.training.arc_solver.measures import at_once, inputs
from inspector.training.arc_solver.model import ArcSolver
from inspector.training.arc_solver.prompts import prompts_of
from inspector.training.recorder import ActivationRecorder
from inspector.training.taps import Tap

CELL_PX = 8
"""Side of a cell in the pictures."""

LARGEST_LOOKED_AT = 16
"""Cells a side of the largest canvas whose attention is written: it grows with the fourth power of that."""


def write_dump(
    path: Path,
    settings: ArcSolverSettings,
    model: ArcSolver,
    queries: Sequence[Query],
    about: dict[str, Any],
    pulse: Pulse = QUIET,
) -> None:
    """Ask the model and write what it makes of the queries.

    Args:
        path: of the file.
        settings: of the run.
        model: in evaluation mode.
        queries: of the validation.
        about: attributes of the file, `run_id, step, epoch, checkpoint_path, checkpoint_sha256`.
        pulse: beaten between batches.

    Raises:
        OSError: the disk is full.
        WorkCancelled: the pulse says so.
    """
    train, side = settings.train, settings.data.grid_size
    queries = queries[: max(train.dump_samples, train.stats_samples)]
    device = next(model.parameters()).device
    recorder = ActivationRecorder(
        path,
        model,
        layers=_layers(settings),
        values=_values(side),
        keep_samples=min(train.dump_samples, len(queries)),
        half=True,
        about={**_about(settings, queries), **about},
    )
    with recorder:
        for first in range(0, len(queries), at_once(settings.data)):
            pulse.beat(first, len(queries), path.name)
            part = queries[first : first + at_once(settings.data)]
            prompts = prompts_of(part, settings.data.demonstrations, side)
            logits = model(*inputs(prompts, device))
            looks = {"attention": model.looks(*inputs(prompts, device))} if side <= LARGEST_LOOKED_AT else {}
            answers = logits.argmax(1).to(torch.uint8).cpu().numpy()
            recorder.add(**_told(part, answers, prompts.shapes, side), **looks)
        pulse.beat(len(queries), len(queries), path.name)


def _layers(settings: ArcSolverSettings) -> dict[str, Tap]:
    side = settings.data.grid_size

    def answer_cells(tokens: Tensor) -> Tensor:
        """(queries, tokens, width) as maps of those of the answer, (queries, width, side, side)."""
        return tokens[:, -side * side :].transpose(1, 2).reshape(len(tokens), -1, side, side)

    return {f"layers.{place}": Tap(pick=answer_cells, layout="NCHW") for place in range(settings.model.layers)}


def _values(side: int) -> dict[str, Tap]:
    grid = {"grid_hw": [side, side], "special_tokens": 0}
    return {
        "question": Tap(layout="NHW"),
        "recon": Tap(attributes={"value_range": [0.0, 1.0]}),
        "attention": Tap(layout="NAQP", attributes={"kind": "encoder_attention", "normalised_over": "P", **grid}),
    }


def _about(settings: ArcSolverSettings, queries: Sequence[Query]) -> dict[str, Any]:
    told = hashlib.sha256()
    for query in queries[: settings.train.dump_samples]:
        told.update(query.pair.input.tobytes())
    return {
        "family": "arc_solver",
        "split": "val",
        "seed": settings.data.seed,
        "probe_sha256": told.hexdigest(),
        "config": settings,
    }


def _told(queries: Sequence[Query], answers: AnyArray, guesses: AnyArray, side: int) -> dict[str, Any]:
    """The right answers as pictures, the answers given as their reconstruction, and the questions as grids."""
    questions, _ = padded([query.pair.input for query in queries], side, side)
    truth, valid = padded([query.pair.output for query in queries], side, side)
    within = np.arange(side) < guesses[:, :, None]
    given = picture(answers, within[:, 0, :, None] & within[:, 1, None, :], CELL_PX)
    shapes = np.array([query.pair.output.shape for query in queries], np.int32)
    return {
        "key": np.array([query.puzzle for query in queries]),
        "image": picture(truth, valid, CELL_PX),
        "recon": given.astype(np.float32) / np.float32(255),
        "question": questions,
        "gt_grids": truth,
        "pred_grids": answers,
        "accuracy": ((answers == truth) & valid).sum((1, 2)) / valid.sum((1, 2)),
        "original_hw": shapes,
        "valid_hw": shapes * CELL_PX,
        "affine": np.tile(np.eye(2, 3) * CELL_PX, (len(queries), 1, 1)),
    }

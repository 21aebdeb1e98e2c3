"""Activations of validation grids as a dump: the recipe's model under the recorder that everyone uses."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from inspector.core.pulse import QUIET, Pulse
from inspector.formats.recipes.arc_slots import ArcSlotsSettings
from inspector.training.arc.pictures import enlarged, picture
from inspector.training.arc_slots.data import Canvases, objects
from inspector.training.arc_slots.model import ArcSlotModel, inputs
from inspector.training.recorder import ActivationRecorder
from inspector.training.slot_values import slot_taps
from inspector.training.taps import Tap

_BATCH = 64

CELL_PX = 8
"""Side of a cell in the pictures."""

_IGNORED = 255
"""The label of cells outside a grid."""


@dataclass(frozen=True, slots=True)
class Probe:
    """The grids that every dump of a run looks at.

    Attributes:
        boards: as many as the statistics need.
        noise: (grids, slots, features).
        dumped: how many of the first are written whole.
    """

    boards: Canvases
    noise: Tensor
    dumped: int
    device: torch.device


def write_dump(
    path: Path,
    settings: ArcSlotsSettings,
    model: ArcSlotModel,
    probe: Probe,
    about: dict[str, Any],
    pulse: Pulse = QUIET,
) -> None:
    """Look at the probe with the model and write what it shows.

    `about` are attributes of the file: `run_id, step, epoch, checkpoint_path, checkpoint_sha256`.

    Raises:
        OSError: the disk is full.
        WorkCancelled: the pulse says so.
    """
    recorder = ActivationRecorder(
        path,
        model,
        layers={f"encoder.activations.{place}": Tap(name=name) for place, name in enumerate(model.encoder.layer_names)},
        values=slot_taps(settings.data.grid_size, settings.model.attention_axis, _IGNORED),
        keep_samples=probe.dumped,
        half=True,
        about={**_about(settings, probe), **about},
    )
    count = len(probe.boards.cells)
    with recorder:
        for first in range(0, count, _BATCH):
            pulse.beat(first, count, path.name)
            boards = probe.boards[first : first + _BATCH]
            noise = probe.noise[first : first + _BATCH].to(probe.device)
            rebuilt = model(*inputs(boards, settings.model.padding, probe.device), noise)
            answers = rebuilt.logits.argmax(1).to(torch.uint8).cpu().numpy()
            recorder.add(
                **_truth(boards),
                pred_grids=answers,
                recon=picture(answers, boards.inside, CELL_PX).astype(np.float32) / np.float32(255),
                masks=rebuilt.masks,
                slots=rebuilt.read.slots,
                attention=rebuilt.read.attention,
            )
        pulse.beat(count, count, path.name)


def _about(settings: ArcSlotsSettings, probe: Probe) -> dict[str, Any]:
    return {
        "family": "arc_slot_ae",
        "split": "val",
        "seed": settings.data.seed,
        "probe_sha256": hashlib.sha256(probe.boards.cells[: probe.dumped].tobytes()).hexdigest(),
        "config": settings,
    }


def _truth(boards: Canvases) -> dict[str, Any]:
    """What is known of the grids themselves; sizes are in pixels of the picture."""
    labels = objects(boards)
    return {
        "image": picture(boards.cells, boards.inside, CELL_PX),
        "gt_masks": enlarged(np.where(labels < 0, _IGNORED, labels).astype(np.uint8), CELL_PX),
        "gt_grids": boards.cells,
        "original_hw": boards.shapes,
        "valid_hw": boards.shapes * CELL_PX,
        "affine": np.tile(np.eye(2, 3) * CELL_PX, (len(labels), 1, 1)),
    }

"""What a model makes of validation samples as a dump: points, done signals, marks, and the maps of its backbone."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import torch

from inspector.core.pulse import QUIET, Pulse
from inspector.formats.recipes.counting import CountingSettings
from inspector.training.counting.model import CountingModel, Found
from inspector.training.counting.validation import VAL_BATCH, Validation
from inspector.training.recorder import ActivationRecorder
from inspector.training.taps import Tap

CONVENTION = "x, y from -1 to 1 of the stored image, edge to edge"
"""How places are kept; `samples/affine` leads on to the original image."""


def write_dump(
    path: Path,
    settings: CountingSettings,
    model: CountingModel,
    validation: Validation,
    about: dict[str, Any],
    pulse: Pulse = QUIET,
) -> None:
    """Look at the first validation samples with the model and write what it shows.

    `about` are attributes of the file: `run_id, step, epoch, checkpoint_path, checkpoint_sha256`.

    Raises:
        FileError: an image cannot be read.
        OSError: the disk is full.
        WorkCancelled: the pulse says so.
    """
    train, data = settings.train, settings.data
    wanted = min(max(train.dump_samples, train.stats_samples), validation.count)
    recorder = ActivationRecorder(
        path,
        model,
        layers=[f"backbone.{layer}" for layer in model.backbone.layers],
        values={name: Tap(attributes={"convention": CONVENTION}) for name in _PLACES},
        keep_samples=min(train.dump_samples, wanted),
        half=True,
        about={
            "family": "counting",
            "split": "val",
            "seed": data.seed,
            "probe_sha256": _digest(validation, min(train.dump_samples, wanted)),
            "config": settings,
            **about,
        },
    )
    with recorder:
        for first in range(0, wanted, VAL_BATCH):
            pulse.beat(first, wanted, path.name)
            pictures = validation.pictures(first, min(VAL_BATCH, wanted - first))
            samples = validation.samples(pictures, first)
            found: Found = model(samples.inputs)
            place, target = found.place.float().cpu().numpy(), samples.target.cpu().numpy()
            done, is_done = torch.sigmoid(found.done.float()).cpu().numpy(), samples.done.cpu().numpy()
            left = is_done < 0.5
            recorder.add(
                image=samples.images,
                key=[picture.key for picture in pictures],
                original_hw=np.array([picture.original_hw for picture in pictures], np.int32),
                affine=np.stack([picture.affine for picture in pictures]),
                gt_points=[target[row : row + left[row]] for row in range(len(pictures))],
                # what is said where nothing is left has no object to lie on
                pred_points=[place[row : row + left[row]] for row in range(len(pictures))],
                pred_confidence=[1 - done[row : row + left[row]] for row in range(len(pictures))],
                marked_points=[picture.places[:step] for picture, step in zip(pictures, samples.steps, strict=True)],
                gt_done=is_done,
                pred_done=done,
                gt_count=np.array([len(picture.places) for picture in pictures], np.int64),
                sequence_step=samples.steps,
            )
        pulse.beat(wanted, wanted, path.name)


_PLACES = ("gt_points", "pred_points", "marked_points")


def _digest(validation: Validation, samples: int) -> str:
    """Of the images that are dumped, so that two dumps can be known to show the same."""
    found = hashlib.sha256()
    for first in range(0, samples, VAL_BATCH):
        for picture in validation.pictures(first, min(VAL_BATCH, samples - first)):
            found.update(picture.image.tobytes())
    return found.hexdigest()

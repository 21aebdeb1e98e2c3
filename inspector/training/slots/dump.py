"""Activations of validation scenes as a dump: the recipe's model under the recorder that everyone uses."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from inspector.analysis.matching import assign
from inspector.analysis.points import centroid
from inspector.analysis.segmentation import intersection_over_union
from inspector.core.arrays import AnyArray, FloatArray
from inspector.core.pulse import QUIET, Pulse
from inspector.formats.recipes.slots import Encoder, SlotsSettings
from inspector.training.recorder import ActivationRecorder
from inspector.training.slot_values import slot_taps
from inspector.training.slots.model import Painted, SlotModel, pictures_of
from inspector.training.slots.scenes import IGNORED, Scene
from inspector.training.taps import Tap

_BATCH = 64


@dataclass(frozen=True, slots=True)
class Probe:
    """The scenes that every dump of a run looks at.

    Attributes:
        scenes: as many as the statistics need.
        noise: (scenes, slots, features).
        dumped: how many of the first are written whole.
    """

    scenes: list[Scene]
    noise: Tensor
    dumped: int
    device: torch.device


def write_dump(
    path: Path, settings: SlotsSettings, model: SlotModel, probe: Probe, about: dict[str, Any], pulse: Pulse = QUIET
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
        layers=_layers(settings.encoder, model),
        values=slot_taps(settings.data.image_size // 2, settings.model.attention_axis, IGNORED),
        keep_samples=probe.dumped,
        half=True,
        about={**_about(settings, probe), **about},
    )
    with recorder:
        for first in range(0, len(probe.scenes), _BATCH):
            pulse.beat(first, len(probe.scenes), path.name)
            scenes = probe.scenes[first : first + _BATCH]
            pictures = pictures_of(np.stack([scene.image for scene in scenes]), probe.device)
            painted: Painted = model(pictures, probe.noise[first : first + len(scenes)].to(probe.device))
            masks = painted.masks.float().cpu().numpy()
            recorder.add(
                **_truth(scenes),
                recon=(painted.image + 1.0) / 2.0,
                masks=painted.masks,
                slots=painted.slots,
                attention=painted.attention,
                pred_points=[matched_points(scene, mask) for scene, mask in zip(scenes, masks, strict=True)],
            )
        pulse.beat(len(probe.scenes), len(probe.scenes), path.name)


def _layers(encoder: Encoder, model: SlotModel) -> dict[str, Tap]:
    slope = encoder.negative_slope if encoder.activation == "leaky_relu" else 0.0
    attributes = {"module_type": "Conv2d", "activation": encoder.activation, "negative_slope": slope}
    return {
        f"encoder.convs.{place}": Tap(name=name, attributes=attributes)
        for place, name in enumerate(model.encoder.layer_names)
    }


def _about(settings: SlotsSettings, probe: Probe) -> dict[str, Any]:
    images = np.stack([scene.image for scene in probe.scenes[: probe.dumped]])
    return {
        "family": "slots",
        "split": "val",
        "seed": settings.data.seed,
        "probe_sha256": hashlib.sha256(images.tobytes()).hexdigest(),
        "config": settings,
    }


def _truth(scenes: list[Scene]) -> dict[str, Any]:
    """What is known of the scenes themselves."""
    whole = np.full((len(scenes), 2), scenes[0].image.shape[0], np.int32)
    return {
        "image": np.stack([scene.image for scene in scenes]),
        "gt_masks": np.stack([scene.labels for scene in scenes]),
        "gt_points": [scene.centres for scene in scenes],
        "original_hw": whole,
        "valid_hw": whole,
        "affine": np.tile(np.eye(2, 3), (len(scenes), 1, 1)),
    }


def matched_points(scene: Scene, masks: AnyArray) -> FloatArray:
    """Where the model sees each object, (objects, 2) float64, x and y in pixels; NaN for an object without a slot.

    Objects and slots are matched one to one by overlap; the point is the centroid of what the matched slot wins,
    weighted by its mask, or of its whole mask where it wins nothing.

    Args:
        scene: with its objects.
        masks: (slots, height, width), summing to 1 over slots.
    """
    objects, slots = len(scene.centres), len(masks)
    winners = masks.argmax(0)
    points = np.full((objects, 2), np.nan)
    if not objects or not np.isfinite(masks).all():
        return points
    overlap = np.nan_to_num(intersection_over_union(scene.labels.astype(np.int64), winners, objects + 1, slots))[1:]
    # Where slots win nothing, the soft masks still tell them apart.
    soft = np.stack([masks[:, scene.labels == place + 1].sum(1) for place in range(objects)])
    cost = -(overlap + 1e-3 * soft / max(float(soft.max()), 1e-12))
    for place, slot in zip(*assign(cost), strict=True):
        won = winners == slot
        points[place] = centroid(masks[slot] * won if won.any() else masks[slot])
    return points

"""Training and validating slot attention on generated scenes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from inspector.core.pulse import QUIET, Pulse
from inspector.formats.recipes.slots import SlotsSettings, samples
from inspector.training.slots.dump import Probe, write_dump
from inspector.training.slots.measures import Measures, pair_cosines
from inspector.training.slots.model import SlotModel, looked_at, pictures_of
from inspector.training.slots.scenes import Scene, Scenes
from inspector.training.task import Batch, Losses, Score, Task

_VAL_BATCH = 64
_VAL_NOISE_SEED = 20_200_626


class SlotsTask(Task):
    """The recipe `slots` as the loop uses it."""

    unit = "scenes"
    watched = Score("val/fg_ari", "higher")
    shown: ClassVar = {"val/loss": "ValLoss", "val/fg_ari": "FG-ARI", "val/ari": "ARI", "slots/cosine": "SlotCosine",
                       "slots/mask_entropy": "MaskEntropy"}  # fmt: skip

    def __init__(self, settings: SlotsSettings, device: torch.device) -> None:
        self._device = device
        self._settings = settings
        self.model = SlotModel(settings).to(device)
        self.samples = samples(settings)
        self._train = Scenes(settings.data, "train")
        self._val = Scenes(settings.data, "val")
        self._val_scenes: list[Scene] = []
        generator = torch.Generator().manual_seed(_VAL_NOISE_SEED)
        shape = (settings.data.val_scenes, settings.model.slots, settings.model.slot_size)
        # The same noise in every validation, so that two of them differ only by the weights.
        self._val_noise = torch.randn(shape, generator=generator)

    def losses(self, model: nn.Module, batch: Batch, settings: SlotsSettings) -> Losses:
        """Reconstruction error, and diversity where it is asked for."""
        pictures = pictures_of(self._train.images(batch.indices), self._device)
        # Drawn on the CPU, so that a run sees the same noise on every device.
        noise = torch.randn(len(batch.indices), settings.model.slots, settings.model.slot_size).to(self._device)
        painted = model(pictures, noise)
        terms: dict[str, Tensor] = {"reconstruction": torch.mean((painted.image - pictures) ** 2)}
        if not settings.loss.diversity_weight:
            return Losses(terms)
        cosines = pair_cosines(painted.slots[:, -1])
        terms["diversity"] = (cosines.clamp(min=0.0) if settings.loss.diversity_clamp else cosines).mean()
        return Losses(terms, {"diversity": settings.loss.diversity_weight})

    def validate(self, model: SlotModel, settings: SlotsSettings) -> dict[str, float]:
        """Loss, segmentation scores, how apart slots are, and how silent every conv layer is."""
        del settings
        scenes = self._validation_scenes()
        measures = Measures(model)
        try:
            for first in range(0, len(scenes), _VAL_BATCH):
                batch = scenes[first : first + _VAL_BATCH]
                pictures = pictures_of(np.stack([scene.image for scene in batch]), self._device)
                noise = self._val_noise[first : first + len(batch)]
                measures.add(batch, pictures, looked_at(model, pictures, noise))
        finally:
            measures.close()
        return measures.values()

    def dump(self, model: SlotModel, path: Path, about: dict[str, Any], pulse: Pulse = QUIET) -> None:
        """Write activations of the first validation scenes, and statistics over more of them."""
        train, scenes = self._settings.train, self._validation_scenes()
        wanted = max(train.dump_samples, train.stats_samples)
        probe = Probe(scenes[:wanted], self._val_noise[:wanted], min(train.dump_samples, len(scenes)), self._device)
        write_dump(path, self._settings, model, probe, about, pulse)

    def _validation_scenes(self) -> list[Scene]:
        if not self._val_scenes:
            self._val_scenes = [self._val.scene(index) for index in range(self._val.count)]
        return self._val_scenes

"""Training and validating slot attention."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from inspector.core.pulse import QUIET, Pulse
from inspector.formats.recipes.shared import in_use
from inspector.formats.recipes.slots import SlotsSettings
from inspector.training.slot_values import validation_noise
from inspector.training.slots.baselines import Baselines
from inspector.training.slots.dump import Probe, write_dump
from inspector.training.slots.measures import Measures
from inspector.training.slots.model import SlotModel, pictures_of
from inspector.training.slots.penalties import consistency, diversity, pair_cosines, spectral
from inspector.training.slots.scenes import KeptImages, Scene
from inspector.training.slots.stored_scenes import sources
from inspector.training.task import Batch, Losses, Score, Task

_VAL_BATCH = 64


class SlotsTask(Task):
    """The recipe `slots` as the loop uses it."""

    unit = "scenes"
    watched = Score("val/fg_ari", "higher")
    shown: ClassVar = {
        "val/loss": "ValLoss",
        "val/fg_ari": "FG-ARI",
        "baseline/fg_ari_blocks": "Blocks",
        "baseline/fg_ari_colour": "Colour",
        "val/ari": "ARI",
        "slots/cosine": "SlotCosine",
        "slots/mask_entropy": "MaskEntropy",
    }

    def __init__(self, settings: SlotsSettings, device: torch.device) -> None:
        self._device = device
        self._settings = settings
        train, self._val = sources(settings.data)
        self.model = SlotModel(settings).to(device)
        self.samples = in_use(train.count, settings.data.subset)
        self._train = KeptImages(train)
        self._val_scenes: list[Scene] = []
        self._baselines: Baselines | None = None
        model = settings.model
        self._val_noise = validation_noise(self._val.count, model.slots, model.slot_size)

    def losses(self, model: nn.Module, batch: Batch, settings: SlotsSettings) -> Losses:
        """Reconstruction error, and the penalties that are asked for."""
        loss = settings.loss
        pictures = pictures_of(self._train.of(batch.indices), self._device)
        noise = self._noise(len(pictures))
        painted = model(pictures, noise, self._noise(len(pictures)) if loss.consistency_weight else None)
        slots = painted.slots[:, -1]
        terms: dict[str, Tensor] = {"reconstruction": torch.mean((painted.image - pictures) ** 2)}
        if loss.diversity_weight:
            terms["diversity"] = diversity(slots, clamp=loss.diversity_clamp)
        if loss.spectral_weight:
            terms["spectral"] = spectral(slots)
        if painted.again is not None:
            terms["consistency"] = consistency(slots, painted.again)
        weights = {"diversity": loss.diversity_weight, "spectral": loss.spectral_weight,
                   "consistency": loss.consistency_weight}  # fmt: skip
        chosen = {name: weight for name, weight in weights.items() if name in terms}
        return Losses(terms, chosen, {"slot_cosine": pair_cosines(slots.detach()).mean()})

    def _noise(self, pictures: int) -> Tensor:
        """What slots start from, standard normal; drawn on the CPU, so that it is the same on every device."""
        model = self._settings.model
        return torch.randn(pictures, model.slots, model.slot_size).to(self._device)

    def validate(self, model: SlotModel, settings: SlotsSettings) -> dict[str, float]:
        """Loss, segmentation scores, how apart slots are, and how silent every conv layer is."""
        scenes = self._validation_scenes()
        measures = Measures(model, settings.encoder)
        try:
            for first in range(0, len(scenes), _VAL_BATCH):
                batch = scenes[first : first + _VAL_BATCH]
                pictures = pictures_of(np.stack([scene.image for scene in batch]), self._device)
                noise = self._val_noise[first : first + len(batch)].to(self._device)
                measures.add(batch, pictures, model(pictures, noise))
        finally:
            measures.close()
        if self._baselines is None:
            self._baselines = Baselines(scenes, self._settings.model.slots)
        return measures.values(self._baselines)

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

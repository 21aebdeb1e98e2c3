"""Training sequential counting, as the loop uses it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from inspector.core.pulse import QUIET, Pulse
from inspector.formats.checkpoint import MAIN
from inspector.formats.recipes.counting import CountingSettings, share_of
from inspector.training.counting.blobs import Blobs
from inspector.training.counting.dump import write_dump
from inspector.training.counting.fsc147 import Fsc147
from inspector.training.counting.losses import coord_loss, done_loss
from inspector.training.counting.model import CountingModel, Found
from inspector.training.counting.pictures import Pictures
from inspector.training.counting.samples import Asked, asked, drawn_step
from inspector.training.counting.validation import Validation
from inspector.training.task import Batch, Losses, Phase, Score, Task

CLASSIFICATION, REGRESSION = "classification", "regression"
"""What takes turns; also the names of the optimizers where there are two."""

_NOT_IN = {CLASSIFICATION: ("x_head", "y_head"), REGRESSION: ("done_head",)}
"""Modules that an optimizer leaves alone; what both use is stepped by both."""


class CountingTask(Task):
    """The recipe `counting`."""

    unit = "images"
    watched = Score("val/pixel_error", "lower")
    shown: ClassVar = {"val/loss": "ValLoss", "val/pixel_error": "PixelError", "val/done_average_precision": "DoneAP",
                       "val/done_highest": "DoneHighest", "val/count_mae": "CountMAE"}  # fmt: skip

    def __init__(self, settings: CountingSettings, device: torch.device) -> None:
        self._device, self._settings = device, settings
        data = settings.data
        train, held_out = _pictures(settings)
        self._train = train
        self.samples = share_of(train.count, data.subset)
        self._validation = Validation(data, held_out, train, device)
        self.model = CountingModel(settings.model).to(device)
        names = [name for name, module in self.model.named_children() if next(module.parameters(), None) is not None]
        self._groups: dict[str, tuple[str, ...]] = {MAIN: tuple(names)}
        if settings.optim.two_optimizers:
            self._groups = {
                turn: tuple(name for name in names if name not in others) for turn, others in _NOT_IN.items()
            }

    def groups(self) -> dict[str, tuple[str, ...]]:
        """One optimizer for all modules, or one for classification and one for regression."""
        return self._groups

    def phase(self, step: int, settings: CountingSettings) -> Phase:
        """Classification, then regression, where they take turns."""
        every = settings.loss.alternate_steps
        if not every:
            return Phase("", tuple(self._groups))
        turn = (CLASSIFICATION, REGRESSION)[step // every % 2]
        return Phase(turn, (turn,) if turn in self._groups else (MAIN,))

    def losses(self, model: nn.Module, batch: Batch, settings: CountingSettings) -> Losses:
        """The loss of places and of the done signal, or of the one whose turn it is."""
        samples = self._samples(batch)
        found: Found = model(samples.inputs)
        turn = self.phase(batch.step, settings).name
        terms: dict[str, Tensor] = {}
        if turn != CLASSIFICATION:
            terms["coord"] = coord_loss(found, samples, settings.loss)
        if turn != REGRESSION:
            terms["done"] = done_loss(found, samples)
        return Losses(terms, {"done": settings.loss.done_weight}, {"done_share": samples.done.mean()})

    def _samples(self, batch: Batch) -> Asked:
        data, seed = self._settings.data, self._settings.train.seed
        indices = [int(index) for index in batch.indices]
        pictures = [self._train.picture(index) for index in indices]
        steps = [
            drawn_step(data, seed, batch.epoch, index, len(picture.places))
            for index, picture in zip(indices, pictures, strict=True)
        ]
        return asked(pictures, steps, data.mark_radius_px, self._device)

    def validate(self, model: CountingModel, settings: CountingSettings) -> dict[str, float]:
        """Losses, pixel errors, the done signal and counts, each beside its trivial baseline."""
        return self._validation.scores(model, settings)

    def dump(self, model: CountingModel, path: Path, about: dict[str, Any], pulse: Pulse = QUIET) -> None:
        """Write answers and activations of the first validation samples, and statistics over more of them."""
        write_dump(path, self._settings, model, self._validation, about, pulse)


def _pictures(settings: CountingSettings) -> tuple[Pictures, Pictures]:
    """Training and held-out images."""
    data = settings.data
    if data.path:
        return Fsc147(data, "train"), Fsc147(data, "val")
    return Blobs(data, "train", data.train_images), Blobs(data, "val", data.val_images)

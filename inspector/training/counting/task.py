"""Training sequential counting, as the loop uses it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from inspector.core.pulse import QUIET, Pulse
from inspector.formats.checkpoint import MAIN
from inspector.formats.recipes.counting import CountingSettings
from inspector.formats.recipes.shared import in_use
from inspector.training.counting.blobs import Blobs
from inspector.training.counting.dump import write_dump
from inspector.training.counting.fsc147 import Fsc147
from inspector.training.counting.losses import coord_loss, done_loss
from inspector.training.counting.measures import SATURATED
from inspector.training.counting.model import CountingModel, Found
from inspector.training.counting.pictures import Picture, Pictures
from inspector.training.counting.samples import Asked, asked, drawn_step
from inspector.training.counting.validation import Validation
from inspector.training.looking import looking
from inspector.training.task import Batch, Losses, Phase, Score, Task

CLASSIFICATION, REGRESSION = "classification", "regression"
"""What takes turns; also the names of the optimizers where there are two."""

_PROBED_EPOCHS = 32

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
        train, held_out = _images(settings)
        self._train = train
        self.samples = in_use(train.count, data.subset)
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
        pictures = self._pictures(batch)
        steps = self._steps(batch, pictures, batch.epoch)
        return asked(pictures, steps, self._settings.data.mark_radius_px, self._device)

    def _pictures(self, batch: Batch) -> list[Picture]:
        return [self._train.picture(int(index)) for index in batch.indices]

    def _steps(self, batch: Batch, pictures: list[Picture], epoch: int) -> list[int]:
        """How many objects of each image are marked in an epoch."""
        data, seed = self._settings.data, self._settings.train.seed
        return [
            drawn_step(data, seed, epoch, int(index), len(picture.places))
            for index, picture in zip(batch.indices, pictures, strict=True)
        ]

    def validate(self, model: CountingModel, settings: CountingSettings) -> dict[str, float]:
        """Losses, pixel errors, the done signal and counts, each beside its trivial baseline."""
        return self._validation.scores(model, settings)

    def probe(self, model: nn.Module, batch: Batch, settings: CountingSettings) -> dict[str, float]:
        """Spread of the answers, how many coordinates are where their gradient ends, and how many samples are done.

        The share of done samples is that of the batch's images over many epochs.
        """
        samples = self._samples(batch)
        with looking(model):
            found: Found = model(samples.inputs)
        chance = torch.sigmoid(found.done)
        limit = settings.model.coord_clamp
        ended = torch.zeros_like(found.place)
        if settings.model.coord_activation == "tanh":
            ended = (found.place.abs() > SATURATED).float()
        elif limit is not None:
            ended = (found.before.abs() >= limit).float()
        drawn = [self._samples_done(batch, epoch) for epoch in range(batch.epoch, batch.epoch + _PROBED_EPOCHS)]
        names = ("x", "y")
        return {
            **{f"spread/{name}": float(found.place[:, axis].std(correction=0)) for axis, name in enumerate(names)},
            "spread/done": float(chance.std(correction=0)),
            **{f"saturation/{name}": float(ended[:, axis].mean()) for axis, name in enumerate(names)},
            "balance/done": sum(drawn) / len(drawn),
        }

    def _samples_done(self, batch: Batch, epoch: int) -> float:
        """Share of the batch's images that have nothing left to count in an epoch."""
        pictures = self._pictures(batch)
        steps = self._steps(batch, pictures, epoch)
        return sum(step == len(picture.places) for step, picture in zip(steps, pictures, strict=True)) / len(steps)

    def dump(self, model: CountingModel, path: Path, about: dict[str, Any], pulse: Pulse = QUIET) -> None:
        """Write answers and activations of the first validation samples, and statistics over more of them."""
        write_dump(path, self._settings, model, self._validation, about, pulse)


def _images(settings: CountingSettings) -> tuple[Pictures, Pictures]:
    """Training and held-out images."""
    data = settings.data
    if data.path:
        return Fsc147(data, "train"), Fsc147(data, "val")
    return Blobs(data, "train", data.train_images), Blobs(data, "val", data.val_images)

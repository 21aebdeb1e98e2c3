"""Validation: what the model says of held-out images, each score beside its trivial baseline."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from inspector.analysis.point_scores import count_scores
from inspector.core.arrays import FloatArray
from inspector.formats.recipes.counting import CountingSettings, Data
from inspector.training.counting.losses import coord_loss, done_loss
from inspector.training.counting.measures import Answers, done_scores, mean_place_error_px, place_scores
from inspector.training.counting.model import Found
from inspector.training.counting.pictures import Picture, Pictures
from inspector.training.counting.samples import Asked, asked, validation_step
from inspector.training.counting.sequences import counts

VAL_BATCH = 64
"""Images that are looked at together."""

_BASELINE_IMAGES = 256
"""Training images whose mean place and mean count are the trivial answers."""


class Validation:
    """The held-out images of a run.

    Args:
        data: the settings.
        held_out: images to look at.
        train: images that the trivial answers are taken from.
        device: of the model.
    """

    def __init__(self, data: Data, held_out: Pictures, train: Pictures, device: torch.device) -> None:
        self._data, self._device = data, device
        self._held_out, self._train = held_out, train
        self.count = min(data.val_images, held_out.count)
        self._trivial: tuple[FloatArray, float] | None = None

    def pictures(self, first: int, count: int) -> list[Picture]:
        """Some of them in a row.

        Raises:
            FileError: one cannot be read.
        """
        return [self._held_out.picture(index) for index in range(first, min(first + count, self.count))]

    def samples(self, pictures: Sequence[Picture], first: int) -> Asked:
        """The samples of images, the first of which is number `first`; the same in every validation."""
        steps = [validation_step(self._data, first + row, len(picture.places)) for row, picture in enumerate(pictures)]
        return asked(pictures, steps, self._data.mark_radius_px, self._device)

    def scores(self, model: nn.Module, settings: CountingSettings) -> dict[str, float]:
        """Losses, pixel errors, the done signal, and counts.

        Raises:
            FileError: an image cannot be read.
        """
        answers, coord, done = self._answers(model, settings)
        left = ~answers.is_done
        place, mean_count = self._trivial_answers()
        # where every sample is done there is no place to be wrong about
        total = settings.loss.done_weight * done + (coord if left.any() else 0.0)
        return {
            "val/loss": total,
            "val/loss_coord": coord,
            "val/loss_done": done,
            **place_scores(answers),
            "baseline/pixel_error_mean_position": mean_place_error_px(
                answers.target[left], answers.half_px[left], place
            ),
            **done_scores(answers),
            **self._counted(model, mean_count),
        }

    def _answers(self, model: nn.Module, settings: CountingSettings) -> tuple[Answers, float, float]:
        """What the model says of all samples, and both losses."""
        parts: list[tuple[Tensor, ...]] = []
        half: list[FloatArray] = []
        longer: list[int] = []
        coord = done = 0.0
        for first in range(0, self.count, VAL_BATCH):
            pictures = self.pictures(first, VAL_BATCH)
            samples = self.samples(pictures, first)
            found: Found = model(samples.inputs)
            coord += float(coord_loss(found, samples, settings.loss)) * float((1 - samples.done).sum())
            done += float(done_loss(found, samples)) * len(pictures)
            parts.append((samples.target, found.place, torch.sigmoid(found.done), samples.done))
            half += [picture.half_px for picture in pictures]
            longer += [max(picture.original_hw) for picture in pictures]
        target, place, chance, is_done = (
            torch.cat(rows).float().cpu().numpy().astype(np.float64) for rows in zip(*parts, strict=True)
        )
        answers = Answers(target, place, chance, is_done > 0.5, np.stack(half), np.array(longer, np.float64))
        left = float((1 - is_done).sum())
        return answers, coord / left if left else math.nan, done / self.count

    def _trivial_answers(self) -> tuple[FloatArray, float]:
        """The mean place of the next object, and the mean count."""
        if self._trivial is None:
            places: list[FloatArray] = []
            objects: list[int] = []
            for index in range(min(_BASELINE_IMAGES, self._train.count)):
                picture = self._train.picture(index)
                step = validation_step(self._data, index, len(picture.places))
                objects.append(len(picture.places))
                places.extend(picture.places[step : step + 1])
            self._trivial = np.mean(places, axis=0) if places else np.zeros(2), float(np.mean(objects))
        return self._trivial

    def _counted(self, model: nn.Module, mean_count: float) -> dict[str, float]:
        """Whole images counted from nothing marked until done, beside counts that are always the same."""
        data = self._data
        pictures = self.pictures(0, data.sequence_images)
        if not pictures:
            return {}
        truth = np.array([len(picture.places) for picture in pictures])
        found = counts(model, pictures, data.mark_radius_px, data.longest_sequence, self._device)
        scores = count_scores(truth, found)
        return {
            "val/count_mae": scores.mae,
            "val/count_rmse": scores.rmse,
            "val/count_nae": scores.nae,
            "baseline/count_mae_mean_count": count_scores(truth, np.full(len(truth), mean_count)).mae,
            "baseline/count_mae_never_done": count_scores(truth, np.full(len(truth), data.longest_sequence)).mae,
        }

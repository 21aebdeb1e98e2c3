"""From images to what the network is given: k objects marked, and the one after them asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from inspector.core.arrays import AnyArray, FloatArray, IntArray
from inspector.formats.recipes.counting import Data
from inspector.training.counting.marks import marked
from inspector.training.counting.pictures import Picture

_TRAIN_PURPOSE, _VAL_PURPOSE = 147, 148
"""Of a draw, so that no other draw of the same seed is like it."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the network is given.

    Attributes:
        pictures: (n, 4, size, size) float32 in -1..1: red, green, blue, and 1 where a mark is.
        counted: (n, most) bool, which rows of `places` hold a counted object.
        places: (n, most, 2) float32, x and y of the counted objects in their order, 0 in the rows that hold none; at
            least one row.
    """

    pictures: Tensor
    counted: Tensor
    places: Tensor


@dataclass(frozen=True, slots=True)
class Asked:
    """The samples of a batch.

    Attributes:
        inputs: what the network is given.
        target: (n, 2) float32, x and y of the next object in -1..1; 0 where none is left.
        done: (n,) float32, 1 where none is left.
        images: (n, size, size, 3) uint8, with marks.
        steps: (n,) int64, objects that are marked.
    """

    inputs: Inputs
    target: Tensor
    done: Tensor
    images: AnyArray
    steps: IntArray


def drawn_step(data: Data, seed: int, epoch: int, index: int, objects: int) -> int:
    """How many objects of a training image are marked in an epoch."""
    random = np.random.Generator(np.random.PCG64([seed, _TRAIN_PURPOSE, epoch, index]))
    share = data.done_positive_fraction
    if share is None:
        return int(random.integers(objects + 1))
    is_done, left = random.random() < share, random.integers(max(objects, 1))
    return objects if is_done else min(int(left), objects)


def validation_step(data: Data, index: int, objects: int) -> int:
    """How many objects of a validation image are marked: any number alike, and the same in every validation."""
    return int(np.random.Generator(np.random.PCG64([data.seed, _VAL_PURPOSE, index])).integers(objects + 1))


def asked(pictures: Sequence[Picture], steps: Sequence[int], radius_px: int, device: torch.device) -> Asked:
    """The samples of a batch, one an image, each with so many of its objects marked."""
    inputs, images = given(
        [picture.image for picture in pictures],
        [picture.places[:step] for picture, step in zip(pictures, steps, strict=True)],
        radius_px,
        device,
    )
    is_done = np.array([step >= len(picture.places) for picture, step in zip(pictures, steps, strict=True)])
    target = np.zeros((len(pictures), 2), np.float32)
    for place, (picture, step) in enumerate(zip(pictures, steps, strict=True)):
        if not is_done[place]:
            target[place] = picture.places[step]
    return Asked(
        inputs,
        torch.from_numpy(target).to(device),
        torch.from_numpy(is_done.astype(np.float32)).to(device),
        images,
        np.asarray(steps, np.int64),
    )


def given(
    images: Sequence[AnyArray], marks: Sequence[FloatArray], radius_px: int, device: torch.device
) -> tuple[Inputs, AnyArray]:
    """Inputs of images with so many marks each, and (n, size, size, 3) uint8 as they look."""
    pairs = [marked(image, places, radius_px) for image, places in zip(images, marks, strict=True)]
    painted, covered = np.stack([pair[0] for pair in pairs]), np.stack([pair[1] for pair in pairs])
    channels = np.concatenate([painted, covered[..., None]], axis=3)
    pictures = torch.from_numpy(channels).to(device).permute(0, 3, 1, 2).float() / 127.5 - 1.0
    most = max(1, *(len(places) for places in marks))
    padded = np.zeros((len(images), most, 2), np.float32)
    counted = np.zeros((len(images), most), bool)
    for row, places in enumerate(marks):
        padded[row, : len(places)], counted[row, : len(places)] = places, True
    return Inputs(pictures, torch.from_numpy(counted).to(device), torch.from_numpy(padded).to(device)), painted

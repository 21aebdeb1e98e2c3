"""Counting as it is meant: the model marks what it finds, object by object, until it says that none is left."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from inspector.core.arrays import FloatArray, IntArray
from inspector.training.counting.model import Found
from inspector.training.counting.pictures import Picture
from inspector.training.counting.samples import given

_DONE = 0.5


def counts(
    model: nn.Module, pictures: Sequence[Picture], radius_px: int, longest: int, device: torch.device
) -> IntArray:
    """What the model counts in each image, (images,); `longest` where it never comes to an end."""
    marks: list[FloatArray] = [np.empty((0, 2)) for _ in pictures]
    going = list(range(len(pictures)))
    while going and len(marks[going[0]]) < longest:
        inputs, _ = given([pictures[at].image for at in going], [marks[at] for at in going], radius_px, device)
        found: Found = model(inputs)
        places, done = found.place.double().cpu().numpy(), torch.sigmoid(found.done.float()).cpu().numpy()
        for row, at in enumerate(going):
            if not done[row] > _DONE:
                marks[at] = np.concatenate([marks[at], places[row : row + 1]])
        going = [at for row, at in enumerate(going) if not done[row] > _DONE]
    return np.array([len(one) for one in marks], np.int64)

"""A recipe of one's own: which of eight directions does a noisy line have?

Train it:  run-inspector train recipe.py -o my_run --set optim.lr=3e-3
Resume it: run-inspector resume my_run --recipe recipe.py --set optim.lr=1e-3
"""

from collections import OrderedDict
from typing import Annotated

import msgspec
import numpy as np
import torch
from torch.nn import Conv2d, Dropout, Flatten, Linear, Module, ReLU, Sequential
from torch.nn.functional import cross_entropy
from torch.optim.lr_scheduler import OneCycleLR

from inspector.training import Batch, Losses, Score, Settings, Task, setting

TITLE = "Directions of noisy lines"
SIDE_PX, CLASSES = 16, 8


class Model(msgspec.Struct, frozen=True, kw_only=True):
    channels: Annotated[int, setting(title="Channels", applies="restart", ge=1, le=512)] = 8


class LineSettings(Settings, frozen=True, kw_only=True):
    model: Model = Model()


class Recipe(Task):
    score = Score("val/accuracy", "higher")
    shown = {"val/loss": "ValLoss", "val/accuracy": "Accuracy"}

    def __init__(self, settings: LineSettings, device: torch.device) -> None:
        wide = settings.model.channels
        encoder = Sequential(Conv2d(1, wide, 5, 2, 2), ReLU(), Conv2d(wide, wide, 5, 2, 2), ReLU(), Flatten())
        head = Sequential(Dropout(0.1), Linear(wide * (SIDE_PX // 4) ** 2, CLASSES))
        self.model = Sequential(OrderedDict(encoder=encoder, head=head)).to(device)
        self.samples = max(1, int(1024 * settings.data.subset))
        self.device, self.seed = device, settings.data.seed

    def scheduler(self, optimizer: torch.optim.Optimizer, settings: LineSettings, steps: int) -> OneCycleLR:
        return OneCycleLR(optimizer, settings.optim.lr, total_steps=steps)

    def losses(self, model: Module, batch: Batch, settings: LineSettings) -> Losses:
        pictures, labels = self.loaded(batch.indices)
        return Losses({"cross_entropy": cross_entropy(model(pictures), labels)})

    def validate(self, model: Module, settings: LineSettings) -> dict[str, float]:
        pictures, labels = self.loaded(range(1_000_000, 1_000_256))
        with torch.no_grad():
            logits = model(pictures)
        accuracy = (logits.argmax(1) == labels).float().mean().item()
        return {"val/loss": cross_entropy(logits, labels).item(), "val/accuracy": accuracy}

    def loaded(self, indices) -> tuple[torch.Tensor, torch.Tensor]:
        pictures, labels = zip(*(line(self.seed, int(index)) for index in indices), strict=True)
        return torch.from_numpy(np.stack(pictures)).to(self.device), torch.tensor(labels, device=self.device)


def line(seed: int, index: int) -> tuple[np.ndarray, int]:
    """Picture and class of one sample, the same on every machine."""
    random = np.random.Generator(np.random.PCG64([seed, index]))
    label = int(random.integers(CLASSES))
    row, column = np.mgrid[:SIDE_PX, :SIDE_PX] - SIDE_PX / 2 + random.uniform(-2, 2)
    distance = np.cos(np.pi * label / CLASSES) * row - np.sin(np.pi * label / CLASSES) * column
    return ((np.abs(distance) < 1.5) + random.normal(0, 0.3, row.shape)).astype(np.float32)[None], label

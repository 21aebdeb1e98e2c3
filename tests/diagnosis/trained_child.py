"""A child process that trains two models and writes down what their gradients and activations really were.

Run as `python -m tests.diagnosis.trained_child FOLDER STEPS`. The first is the sample recipe's own model with its data,
loss and optimizer; one convolution is frozen, and a layer that nothing reaches is added to the decoder. The second is a
plain conv-BN-ReLU encoder that learns to tell the direction of streaks in noise whose spectrum falls as in photographs.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from inspector.core.arrays import IntArray
from inspector.formats.checkpoint import MAIN
from inspector.formats.recipes.catalogue import settings_of
from inspector.training import build, checkpoint
from inspector.training import optimizer as optimizers
from inspector.training.catalogue import trainable
from inspector.training.task import Batch

EDITS: dict[str, Any] = {
    "data.train_scenes": 64,
    "data.image_size": 32,
    "data.val_scenes": 16,
    "data.batch_size": 8,
    "encoder.channels": 12,
    "decoder.channels": 12,
    "optim.name": "adamw",
}
FROZEN, UNREACHED = "encoder.convs.1.conv", "decoder.unreached"

DIRECTIONS = 6
SIDE_PX = 32


def main(folder: Path, steps: int) -> None:
    """Leave `last.pt`, `encoder.pt` and `measured.json` in the folder."""
    torch.set_num_threads(1)
    measured = {"mean_squares": _recipe(folder / "last.pt", steps), "silent": _encoder(folder / "encoder.pt")}
    (folder / "measured.json").write_text(json.dumps(measured), encoding="utf-8")


def _recipe(path: Path, steps: int) -> dict[str, float]:
    """Train the recipe; the mean square of every parameter's gradient over all steps."""
    settings = settings_of("slots", edits=EDITS)
    task = build.built(trainable("slots"), settings, torch.device("cpu")).task
    model = task.model
    model.get_submodule("decoder").add_module("unreached", nn.Linear(16, 16))
    model.get_submodule(FROZEN).requires_grad_(False)
    # What is frozen stands in no group, as when an optimizer is given only what it trains.
    optimizer = optimizers.built(model, task.groups(), settings.optim)[MAIN]
    squares = {name: 0.0 for name, _ in model.named_parameters()}
    order = np.random.default_rng(0)
    model.train()
    for _ in range(steps):
        batch: IntArray = order.integers(0, task.samples, settings.data.batch_size)
        optimizer.zero_grad()
        task.losses(model, Batch(batch, 0, 0), settings).total.backward()
        for name, weight in model.named_parameters():
            if weight.grad is not None:
                squares[name] += float(weight.grad.double().square().mean()) / steps
        optimizer.step()
    checkpoint.save(path, {"model": model.state_dict(), "optimizers": {"main": optimizer.state_dict()}, "step": steps})
    return squares


def _streaks(count: int, random: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """(count, 3, side, side) pictures of unit spread, and the direction of each."""
    wanted = random.integers(0, DIRECTIONS, count)
    y, x = np.meshgrid(np.fft.fftfreq(SIDE_PX), np.fft.fftfreq(SIDE_PX), indexing="ij")
    radius = np.maximum(np.hypot(y, x), 1.0 / SIDE_PX)
    turned = np.arctan2(y, x)[None] - np.pi * wanted[:, None, None] / DIRECTIONS
    spectrum = (0.3 + 2.0 * np.cos(turned) ** 8) / radius
    noise = np.fft.fft2(random.standard_normal((count, 3, SIDE_PX, SIDE_PX)))
    pictures = np.fft.ifft2(noise * spectrum[:, None]).real
    pictures /= pictures.std(axis=(1, 2, 3), keepdims=True)
    return torch.from_numpy(pictures).float(), torch.from_numpy(wanted)


def _encoder(path: Path, steps: int = 80) -> dict[str, list[float]]:
    """Train the encoder; the share of zeros behind each ReLU by channel, over new pictures in evaluation mode."""
    torch.manual_seed(0)
    random = np.random.default_rng(1)
    layers: list[nn.Module] = []
    for before, after, stride in ((3, 16, 1), (16, 24, 2), (24, 32, 1), (32, 32, 2)):
        layers += [nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
    model = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, DIRECTIONS))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=1e-2)
    for _ in range(steps):
        pictures, wanted = _streaks(24, random)
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(pictures), wanted).backward()
        optimizer.step()
    model.eval()
    found = {}
    with torch.no_grad():
        values, wanted = _streaks(128, random)
        for place, layer in enumerate(model):
            values = layer(values)
            if isinstance(layer, nn.ReLU):
                found[str(place - 1)] = (values == 0).double().mean((0, 2, 3)).tolist()
        # What has not learnt has scales and shifts as they began, of which a prediction is no test.
        assert float((values.argmax(1) == wanted).double().mean()) > 0.8
    checkpoint.save(path, {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": steps})
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))

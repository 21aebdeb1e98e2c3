"""Slot Attention with a convolutional encoder, soft positions and a broadcast decoder.

Source: Locatello et al. 2020; the decoder paints 4 x 4 pixels a cell, which makes it small enough for a CPU.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from inspector.core.arrays import AnyArray
from inspector.formats.recipes.slots import Encoder, SlotsSettings
from inspector.training.activations import activation_of
from inspector.training.slot_attention import SlotAttention

_CELL_PX = 4
"""Side of the patch that one decoder cell paints."""


@dataclass(frozen=True, slots=True)
class Painted:
    """What the model makes of a batch.

    Attributes:
        image: (batch, 3, height, width), about -1..1.
        masks: (batch, slots, height, width), summing to 1 over slots.
        slots: (batch, iterations, slots, features), after each iteration.
        attention: (batch, iterations, slots, positions), summing to 1 over what `model.attention_axis` says.
        again: (batch, slots, features), the last slots of a second pass from other noise; None without one.
    """

    image: Tensor
    masks: Tensor
    slots: Tensor
    attention: Tensor
    again: Tensor | None = None


class _Positions(nn.Module):
    """Adds a learned projection of each cell's distance to the four borders."""

    def __init__(self, features: int, side: int) -> None:
        super().__init__()
        line = torch.linspace(0.0, 1.0, side)
        row, column = torch.meshgrid(line, line, indexing="ij")
        grid = torch.stack([row, column, 1.0 - row, 1.0 - column], dim=-1).reshape(side * side, 4)
        self.register_buffer("grid", grid, persistent=False)
        self.project = nn.Linear(4, features)

    def forward(self, cells: Tensor) -> Tensor:
        """(..., positions, features) in and out."""
        projected: Tensor = self.project(self.grid)
        return cells + projected


class _ConvLayer(nn.Module):
    """Convolution, normalisation, activation; what it returns is what the layer shows as its features."""

    def __init__(self, settings: Encoder, inputs: int, stride: int) -> None:
        super().__init__()
        channels, kernel = settings.channels, settings.kernel_px
        self.conv = nn.Conv2d(inputs, channels, kernel, stride=stride, padding=kernel // 2)
        self.norm: nn.Module = nn.BatchNorm2d(channels) if settings.norm == "batch" else nn.Identity()
        self.activation = activation_of(settings.activation, settings.negative_slope)
        bias = self.norm.bias if isinstance(self.norm, nn.BatchNorm2d) else self.conv.bias
        if settings.bias_init and bias is not None:
            nn.init.constant_(bias, settings.bias_init)

    def forward(self, cells: Tensor) -> Tensor:
        fired: Tensor = self.activation(self.norm(self.conv(cells)))
        return fired


class _Encoder(nn.Module):
    """Pictures to (batch, positions, features) at half the resolution."""

    def __init__(self, settings: Encoder, side: int, features: int) -> None:
        super().__init__()
        channels = settings.channels
        first = _ConvLayer(settings, 3, stride=2)
        rest = [_ConvLayer(settings, channels, stride=1) for _ in range(settings.layers - 1)]
        self.convs = nn.ModuleList([first, *rest])
        self.layer_names = tuple(f"encoder.conv{place + 1}" for place in range(settings.layers))
        self.positions = _Positions(channels, side)
        self.norm = nn.LayerNorm(channels)
        self.mlp = nn.Sequential(nn.Linear(channels, features), nn.ReLU(), nn.Linear(features, features))

    def forward(self, pictures: Tensor) -> Tensor:
        cells = pictures
        for layer in self.convs:
            cells = layer(cells)
        embedded: Tensor = self.mlp(self.norm(self.positions(cells.flatten(2).transpose(1, 2))))
        return embedded


class _Decoder(nn.Module):
    """Every slot, broadcast over the cells, paints its picture and how much of each pixel is its own."""

    def __init__(self, slot_size: int, channels: int, layers: int, side: int) -> None:
        super().__init__()
        self.side = side
        self.positions = _Positions(slot_size, side)
        widths = [slot_size] + [channels] * layers
        stack: list[nn.Module] = []
        for before, after in pairwise(widths):
            stack += [nn.Linear(before, after), nn.ReLU()]
        self.mlp = nn.Sequential(*stack, nn.Linear(channels, 4 * _CELL_PX**2))

    def forward(self, slots: Tensor) -> tuple[Tensor, Tensor]:
        batch, count, size = slots.shape
        cells = self.positions(slots.reshape(batch * count, 1, size).expand(-1, self.side**2, -1))
        patches = self.mlp(cells).transpose(1, 2).reshape(batch * count, -1, self.side, self.side)
        painted = functional.pixel_shuffle(patches, _CELL_PX).reshape(batch, count, 4, *[self.side * _CELL_PX] * 2)
        colours, logits = painted[:, :, :3], painted[:, :, 3]
        masks = functional.softmax(logits, dim=1)
        return (colours * masks.unsqueeze(2)).sum(1), masks


class SlotModel(nn.Module):
    """Encoder, slots, decoder; children are named as the optimizer groups."""

    def __init__(self, settings: SlotsSettings) -> None:
        super().__init__()
        side, slot_size = settings.data.image_size, settings.model.slot_size
        self.iterations = settings.model.iterations
        self.encoder = _Encoder(settings.encoder, side // 2, slot_size)
        self.slots = SlotAttention(
            slot_size, slot_size, settings.model.hidden_size, settings.model.slot_noise, settings.model.attention_axis
        )
        self.decoder = _Decoder(slot_size, settings.decoder.channels, settings.decoder.layers, side // _CELL_PX)

    def forward(self, pictures: Tensor, noise: Tensor, second: Tensor | None = None) -> Painted:
        """Paint the pictures again, slot by slot.

        Args:
            pictures: (batch, 3, height, width) in -1..1.
            noise: (batch, slots, features), standard normal.
            second: as `noise`, where the slots of a second pass are wanted too.
        """
        cells = self.encoder(pictures)
        read = self.slots(cells, noise, self.iterations)
        image, masks = self.decoder(read.slots[:, -1])
        again = None if second is None else self.slots(cells, second, self.iterations).slots[:, -1]
        return Painted(image, masks, read.slots, read.attention, again)


def pictures_of(images: AnyArray, device: torch.device) -> Tensor:
    """(n, height, width, 3) uint8 as (n, 3, height, width) float32 in -1..1."""
    tensor = torch.from_numpy(np.ascontiguousarray(images)).to(device)
    return tensor.permute(0, 3, 1, 2).float() / 127.5 - 1.0

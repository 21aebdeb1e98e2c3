"""Convolutions over one-hot colours, slot attention, and a decoder that paints the grid slot by slot.

Source: Locatello et al. 2020 for the slots; Watters et al. 2019 for the broadcast decoder.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from inspector.core.arrays import AnyArray
from inspector.formats.recipes.arc_slots import ArcSlotsSettings, Decoder, Encoder, Padding
from inspector.training.activations import activation_of
from inspector.training.arc.grids import COLOURS
from inspector.training.arc_slots.data import Canvases
from inspector.training.slot_attention import Attended, SlotAttention

_NO_COLOUR = 255
"""Of cells outside a grid: no channel of theirs is 1."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What the model makes of a batch.

    Attributes:
        logits: (batch, colours, height, width), of each cell's colour.
        masks: (batch, slots, height, width), summing to 1 over slots.
        read: what the slots took from the cells.
    """

    logits: Tensor
    masks: Tensor
    read: Attended


class InsideNorm(nn.BatchNorm2d):
    """A batch norm over the cells inside the grids; the others become 0."""

    def __init__(self, channels: int, bias: float) -> None:
        super().__init__(channels)
        nn.init.constant_(self.bias, bias)

    def forward(self, cells: Tensor, inside: Tensor | None = None) -> Tensor:
        """(batch, channels, height, width) in and out; `inside` is (batch, height, width) bool, None for all."""
        if inside is None:
            whole: Tensor = super().forward(cells)
            return whole
        last = cells.movedim(1, -1)
        normed: Tensor = super().forward(last[inside][:, :, None, None])
        return torch.zeros_like(last).masked_scatter(inside.unsqueeze(-1), normed.to(last.dtype)).movedim(-1, 1)


class _Positions(nn.Module):
    """Adds what is learned of each row and of each column."""

    def __init__(self, features: int, side: int) -> None:
        super().__init__()
        ramp = torch.linspace(-1.0, 1.0, side).unsqueeze(1)
        self.rows = nn.Parameter(ramp * torch.randn(features) + 0.1 * torch.randn(side, features))
        self.columns = nn.Parameter(ramp * torch.randn(features) + 0.1 * torch.randn(side, features))

    def forward(self, cells: Tensor) -> Tensor:
        """(..., 1 or positions, features) to (..., positions, features)."""
        return cells + (self.rows.unsqueeze(1) + self.columns.unsqueeze(0)).flatten(0, 1)


class _Encoder(nn.Module):
    """One-hot grids to (batch, positions, features)."""

    def __init__(self, settings: Encoder, side: int, features: int) -> None:
        super().__init__()
        layers, channels, kernel = settings.layers, settings.channels, settings.kernel_cells
        widths = [COLOURS] + [channels] * layers
        self.conv_layers = nn.ModuleList(
            nn.Conv2d(before, after, kernel, padding=kernel // 2) for before, after in pairwise(widths)
        )
        self.bn_layers = nn.ModuleList(InsideNorm(channels, settings.bias_init) for _ in range(layers))
        self.activations = nn.ModuleList(
            activation_of(settings.activation, settings.negative_slope) for _ in range(layers)
        )
        self.dropout = nn.Dropout(settings.dropout)
        self.layer_names = tuple(f"encoder.conv{place + 1}" for place in range(layers))
        self.positions = _Positions(channels, side)
        self.norm = nn.LayerNorm(channels)
        self.mlp = nn.Sequential(nn.Linear(channels, features), nn.ReLU(), nn.Linear(features, features))

    def forward(self, colours: Tensor, inside: Tensor | None) -> Tensor:
        cells = colours
        for conv, norm, activation in zip(self.conv_layers, self.bn_layers, self.activations, strict=True):
            cells = self.dropout(activation(norm(conv(cells), inside)))
        embedded: Tensor = self.mlp(self.norm(self.positions(cells.flatten(2).transpose(1, 2))))
        return embedded


class _Decoder(nn.Module):
    """Every slot, broadcast over the cells, gives a colour to each and how much of it is its own."""

    def __init__(self, settings: Decoder, slot_size: int, side: int) -> None:
        super().__init__()
        self.side = side
        channels, layers = settings.channels, settings.layers
        self.colour = nn.Linear(slot_size, COLOURS) if settings.one_colour else None
        self.from_slot = nn.Linear(slot_size, channels)
        self.positions = _Positions(channels, side)
        stack: list[nn.Module] = [nn.ReLU()]
        for _ in range(layers):
            stack += [nn.Linear(channels, channels), nn.ReLU()]
        self.mlp = nn.Sequential(*stack, nn.Linear(channels, 1 if settings.one_colour else 1 + COLOURS))

    def forward(self, slots: Tensor) -> tuple[Tensor, Tensor]:
        cells = self.positions(self.from_slot(slots).unsqueeze(2))
        painted = self.mlp(cells).transpose(2, 3).unflatten(3, (self.side, self.side))
        masks = functional.softmax(painted[:, :, 0], dim=1)
        colours = painted[:, :, 1:] if self.colour is None else self.colour(slots)[..., None, None]
        return (colours * masks.unsqueeze(2)).sum(1), masks


class ArcSlotModel(nn.Module):
    """Encoder, slots, decoder; children are named as the optimizer groups."""

    def __init__(self, settings: ArcSlotsSettings) -> None:
        super().__init__()
        model, side = settings.model, settings.data.grid_size
        self.iterations = model.iterations
        self.encoder = _Encoder(settings.encoder, side, model.slot_size)
        self.slots = SlotAttention(
            model.slot_size, model.slot_size, model.hidden_size, model.slot_noise, model.attention_axis
        )
        # As the original's layers start: by torch's own the first attention is almost uniform, and stays so for long.
        for layer in (self.slots.to_query, self.slots.to_key, self.slots.to_value):
            nn.init.xavier_uniform_(layer.weight)
        self.decoder = _Decoder(settings.decoder, model.slot_size, side)

    def forward(self, colours: Tensor, inside: Tensor | None, noise: Tensor) -> Rebuilt:
        """Rebuild a batch.

        Args:
            colours: (batch, colours, height, width) one-hot; all zero where a cell has none.
            inside: (batch, height, width) bool, the cells that take part; None for all.
            noise: (batch, slots, features), standard normal.
        """
        valid = None if inside is None else inside.flatten(1)
        read = self.slots(self.encoder(colours, inside), noise, self.iterations, valid)
        logits, masks = self.decoder(read.slots[:, -1])
        return Rebuilt(logits, masks, read)


def inputs(boards: Canvases, padding: Padding, device: torch.device) -> tuple[Tensor, Tensor | None]:
    """Canvases as the model takes them: colours, and which cells take part, as `forward` has them."""
    if padding == "black":
        return _one_hot(boards.cells, device), None
    cells = np.where(boards.inside, boards.cells, _NO_COLOUR)
    return _one_hot(cells, device), torch.from_numpy(boards.inside).to(device)


def _one_hot(grids: AnyArray, device: torch.device) -> Tensor:
    cells = torch.from_numpy(grids).to(device)
    return torch.stack([cells == colour for colour in range(COLOURS)], dim=1).float()

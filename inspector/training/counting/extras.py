"""Modules that look at what was counted, or closer; each adds to the tokens of a backbone.

With all of them at once, and their outputs cut off from the loss, a run looks busy and learns without them: switched on
one at a time, their gradients tell whether they take part.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from inspector.training.counting.backbones import Seen
from inspector.training.counting.samples import Inputs

_HEADS = 4
_GLIMPSE_CELLS = 12
_GLIMPSE_REACH = 0.25
"""Half the side of what is looked at more closely, where half the image is 1."""


class Memory(nn.Module):
    """An LSTM over the places of the counted objects, in their order."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.embed = nn.Linear(2, features)
        self.lstm = nn.LSTM(features, features, batch_first=True)

    def forward(self, _seen: Seen, inputs: Inputs) -> Tensor:
        """(n, 1, features), 0 where nothing was counted."""
        states, _ = self.lstm(self.embed(inputs.places))
        lengths = inputs.counted.sum(1)
        last = states.gather(1, (lengths - 1).clamp(min=0)[:, None, None].expand(-1, 1, states.shape[2]))
        remembered: Tensor = last * (lengths > 0)[:, None, None]
        return remembered


class Foveation(nn.Module):
    """A closer look at a place that the first token chooses."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.fixate = nn.Linear(features, 2)
        self.look = nn.Sequential(nn.Conv2d(4, 16, 3, stride=2, padding=1), nn.ReLU())
        self.project = nn.Linear(16 * (_GLIMPSE_CELLS // 2) ** 2 + 2, features)

    def forward(self, seen: Seen, inputs: Inputs) -> Tensor:
        """(n, 1, features)."""
        place = torch.tanh(self.fixate(seen.tokens[:, 0]))
        line = torch.linspace(-_GLIMPSE_REACH, _GLIMPSE_REACH, _GLIMPSE_CELLS, device=place.device)
        grid = torch.stack(torch.meshgrid(line, line, indexing="xy"), dim=-1) + place[:, None, None]
        glimpse = functional.grid_sample(inputs.pictures, grid, align_corners=False)
        looked: Tensor = self.project(torch.cat([self.look(glimpse).flatten(1), place], dim=1))
        return looked.unsqueeze(1)


class CrossAttention(nn.Module):
    """From the tokens to the counted objects: where each lies and what was seen there."""

    def __init__(self, features: int, cell_channels: int) -> None:
        super().__init__()
        heads = _HEADS if features % _HEADS == 0 else 1
        self.embed = nn.Linear(cell_channels + 2, features)
        self.nothing = nn.Parameter(torch.zeros(1, 1, features))
        self.attend = nn.MultiheadAttention(features, heads, batch_first=True)

    def forward(self, seen: Seen, inputs: Inputs) -> Tensor:
        """(n, 3, features)."""
        there = functional.grid_sample(seen.cells, inputs.places.unsqueeze(1), align_corners=False)
        objects = self.embed(torch.cat([there.squeeze(2).transpose(1, 2), inputs.places], dim=2))
        # something to attend to where nothing was counted
        keys = torch.cat([self.nothing.expand(len(objects), -1, -1), objects], dim=1)
        hidden = functional.pad(~inputs.counted, (1, 0), value=False)
        attended: Tensor = self.attend(seen.tokens, keys, keys, key_padding_mask=hidden, need_weights=False)[0]
        return attended

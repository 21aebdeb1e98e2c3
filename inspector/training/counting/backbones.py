"""What looks at the pictures: the interface of a backbone, and a small convolutional one."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable
from itertools import pairwise
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from inspector.formats.recipes.counting import HEADS, Model
from inspector.training.counting.samples import Inputs


class Seen(NamedTuple):
    """What a backbone makes of pictures.

    Attributes:
        tokens: (n, 3, features), what each of the heads is given, in their order.
        cells: (n, channels, height, width), what was seen where.
    """

    tokens: Tensor
    cells: Tensor


class Backbone(nn.Module):
    """Pictures with marks to a token for each head; a backbone derives from it.

    Attributes:
        layers: names of its modules whose maps are shown, below the backbone.
        cell_channels: of `Seen.cells`.
    """

    layers: ClassVar[tuple[str, ...]] = ()
    cell_channels: int

    @abstractmethod
    def forward(self, inputs: Inputs) -> Seen:
        """Tokens of `Model.features` values, and the cells that they were made of."""


_SHARPNESS = 8.0
_AROUND = 8
_GENTLEST, _STEEPEST = 2.0, 64.0


class ConvBackbone(Backbone):
    """Three conv layers that halve the picture, and where each of their channels is strongest.

    Source: the expected places are those of Levine et al. 2016 (spatial softmax).
    """

    layers = ("convs.0", "convs.1", "convs.2")

    def __init__(self, model: Model) -> None:
        super().__init__()
        widths = (4 + 2, model.channels, 2 * model.channels, 4 * model.channels)
        self.cell_channels = widths[-1]
        self.convs = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(before, after, 5 if place == 0 else 3, stride=2, padding=2 if place == 0 else 1), nn.ReLU()
            )
            for place, (before, after) in enumerate(pairwise(widths))
        )
        self.attend = nn.Conv2d(self.cell_channels, self.cell_channels, 1)
        self.lean = nn.Conv2d(2, self.cell_channels, 1, bias=False)
        with torch.no_grad():
            self.lean.weight.copy_(_directions(self.cell_channels)[:, :, None, None])
        self.project = nn.Sequential(nn.Linear(4 * self.cell_channels, model.features), nn.ReLU())

    def forward(self, inputs: Inputs) -> Seen:
        """The same token for every head."""
        cells = torch.cat([inputs.pictures, _places(inputs.pictures)], dim=1)
        for layer in self.convs:
            cells = layer(cells)
        grid = _places(cells[:1])
        weights = torch.softmax((_SHARPNESS * self.attend(cells) + self.lean(grid)).flatten(2), dim=2)
        places = weights @ grid.flatten(2).transpose(1, 2)
        values = (weights * cells.flatten(2)).sum(2)
        strongest = cells.amax((2, 3))
        token = self.project(torch.cat([places.flatten(1), values, strongest], dim=1))
        return Seen(token.unsqueeze(1).expand(-1, len(HEADS), -1), cells)


def _directions(channels: int) -> Tensor:
    """(channels, 2) slopes over x and y, all around and from gentle to steep."""
    number = torch.arange(channels)
    angle = number * (2 * math.pi / _AROUND)
    steep = _GENTLEST * (_STEEPEST / _GENTLEST) ** ((number // _AROUND) / max(1, (channels - 1) // _AROUND))
    return torch.stack([angle.cos(), angle.sin()], dim=1) * steep[:, None]


def _places(maps: Tensor) -> Tensor:
    """Where each cell lies, x and y in -1..1 as two channels, (n, 2, height, width)."""
    count, _, height, width = maps.shape
    x, y = ((torch.arange(side, device=maps.device) * 2 + 1) / side - 1 for side in (width, height))
    grid = torch.stack([x.expand(height, width), y[:, None].expand(height, width)])
    return grid.expand(count, -1, -1, -1)


BACKBONES: dict[str, Callable[[Model], Backbone]] = {"cnn": ConvBackbone}
"""By `model.backbone`."""

"""What looks at the pictures: the interface of a backbone, and a small convolutional one."""

from __future__ import annotations

import math
from abc import abstractmethod
from itertools import pairwise
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from inspector.formats.recipes.counting import Model
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


_SIDES = (5, 3, 3)
"""Of the kernels."""

_FINDERS = 4
_SELDOM = -1.3
"""Where the finders start, as the logarithm of how much each finds in a whole picture.

Were it more than one in all, whatever they find would lie in the uppermost cells, and the rest get no gradient.
"""

_RULED_OUT = 12.0
"""By how much logits fall in a cell that marks cover: what is marked is not looked for."""

_LEAST_CHANCE = 1e-3
"""Of a finder that finds nothing anywhere."""


class ConvBackbone(Backbone):
    """Three conv layers to cells, and where in reading order something is found first.

    Each finder says of every cell how likely it holds what it looks for; a cell counts as far as no cell before it,
    row by row from the top, holds that, and not under a mark. An expected place over all cells would be the middle of
    the objects instead. Cells are to be smaller than the objects are apart in height, or which is first is not seen.
    Whether anything is left at all is told by the strongest value of each channel, so that the finders serve places.
    """

    layers = ("convs.0", "convs.1", "convs.2")

    def __init__(self, model: Model) -> None:
        super().__init__()
        widths = (4 + 2, model.channels, model.channels, 2 * model.channels)
        strides = (2 if place < model.strided_layers else 1 for place in range(len(_SIDES)))
        self.cell_channels = widths[-1]
        self.convs = nn.ModuleList(
            nn.Sequential(nn.Conv2d(before, after, side, stride=stride, padding=side // 2), nn.ReLU())
            for (before, after), side, stride in zip(pairwise(widths), _SIDES, strides, strict=True)
        )
        self.find = nn.Conv2d(self.cell_channels, _FINDERS, 1)
        nn.init.constant_(self.find.bias, _SELDOM)  # type: ignore[arg-type]  # it has one
        self.where = nn.Linear(3 * _FINDERS, model.features)
        self.whether = nn.Sequential(nn.Linear(self.cell_channels, model.features), nn.ReLU())

    def forward(self, inputs: Inputs) -> Seen:
        """One token for both coordinates, and one for the done signal."""
        cells = torch.cat([inputs.pictures, _places(inputs.pictures)], dim=1)
        # few channels of many pixels: kernels of this layout take about half the time on a CPU
        cells = cells.contiguous(memory_format=torch.channels_last)
        for layer in self.convs:
            cells = layer(cells)
        height, width = cells.shape[2:]
        marks = functional.adaptive_avg_pool2d((inputs.pictures[:, 3:] + 1) / 2, (height, width))
        first = _first((self.find(cells) - math.log(height * width) - _RULED_OUT * marks).flatten(2))
        chance = first.sum(2, keepdim=True)
        places = first @ _places(cells).flatten(2).transpose(1, 2) / (chance + _LEAST_CHANCE)
        place = self.where(torch.cat([places, chance], dim=2).flatten(1))
        return Seen(torch.stack([place, place, self.whether(cells.amax((2, 3)))], dim=1), cells)


def _first(logits: Tensor) -> Tensor:
    """How likely each cell is the first with a yes, of logits (..., cells) in order; the rest to 1 is for none."""
    not_here = functional.logsigmoid(-logits)
    none_before = not_here.cumsum(-1) - not_here
    return torch.exp(functional.logsigmoid(logits) + none_before)


def _places(maps: Tensor) -> Tensor:
    """Where each cell lies, x and y in -1..1 as two channels, (n, 2, height, width)."""
    count, _, height, width = maps.shape
    x, y = ((torch.arange(side, device=maps.device) * 2 + 1) / side - 1 for side in (width, height))
    grid = torch.stack([x.expand(height, width), y[:, None].expand(height, width)])
    return grid.expand(count, -1, -1, -1)

"""What looks at the pictures: the interface of a backbone, and a small convolutional one."""

from __future__ import annotations

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


_KERNELS = ((7, 4), (3, 2), (3, 1))
"""Side and stride of each."""

_FINDERS = 16
_SELDOM = -5.0
"""Where the finders start, as logits: so low that the last cell counts as well as the first."""


_RULED_OUT = 12.0
"""By how much logits fall in a cell that marks cover: what is marked is not looked for."""

_LEAST_CHANCE = 1e-3
"""Of a finder that finds nothing anywhere."""


class ConvBackbone(Backbone):
    """Three conv layers to cells of 8 pixels, and where in reading order something is found first.

    Each finder says of every cell how likely it holds what it looks for; a cell counts as far as no cell before it,
    row by row from the top, holds that, and not under a mark. An expected place over all cells would be the middle of
    the objects instead. Whether anything is left at all is told by the strongest value of each channel, so that the
    finders serve places.
    """

    layers = ("convs.0", "convs.1", "convs.2")

    def __init__(self, model: Model) -> None:
        super().__init__()
        widths = (4 + 2, model.channels, 2 * model.channels, 4 * model.channels)
        self.cell_channels = widths[-1]
        self.convs = nn.ModuleList(
            nn.Sequential(nn.Conv2d(before, after, side, stride=stride, padding=side // 2), nn.ReLU())
            for (before, after), (side, stride) in zip(pairwise(widths), _KERNELS, strict=True)
        )
        self.find = nn.Conv2d(self.cell_channels, _FINDERS, 1)
        nn.init.constant_(self.find.bias, _SELDOM)  # type: ignore[arg-type]  # it has one
        self.where = _projected(_FINDERS * (self.cell_channels + 3), model.features)
        self.whether = _projected(self.cell_channels, model.features)

    def forward(self, inputs: Inputs) -> Seen:
        """One token for both coordinates, and one for the done signal."""
        cells = torch.cat([inputs.pictures, _places(inputs.pictures)], dim=1)
        for layer in self.convs:
            cells = layer(cells)
        marks = functional.adaptive_avg_pool2d((inputs.pictures[:, 3:] + 1) / 2, (cells.shape[2], cells.shape[3]))
        first = _first((self.find(cells) - _RULED_OUT * marks).flatten(2))
        values = first @ cells.flatten(2).transpose(1, 2)
        chance = first.sum(2, keepdim=True)
        places = first @ _places(cells).flatten(2).transpose(1, 2) / (chance + _LEAST_CHANCE)
        place = self.where(torch.cat([values, places, chance], dim=2).flatten(1))
        return Seen(torch.stack([place, place, self.whether(cells.amax((2, 3)))], dim=1), cells)


def _projected(inputs: int, features: int) -> nn.Module:
    return nn.Sequential(nn.Linear(inputs, features), nn.ReLU())


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

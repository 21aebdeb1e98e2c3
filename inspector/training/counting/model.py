"""A backbone with three heads of two layers: x and y of the next object, and whether none is left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from inspector.formats.recipes.counting import Model
from inspector.formats.recipes.counting_modules import EXTRAS, HEADS
from inspector.training.counting.backbones import Backbone, ConvBackbone
from inspector.training.counting.extras import CrossAttention, Foveation, Memory
from inspector.training.counting.qwen2_vl import Qwen2VlBackbone
from inspector.training.counting.samples import Inputs

BACKBONES: dict[str, Callable[[Model], Backbone]] = {"cnn": ConvBackbone, "qwen2_vl": Qwen2VlBackbone}
"""By `model.backbone`."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the model says of a batch.

    Attributes:
        place: (n, 2), x and y in -1..1 and somewhat beyond, as far as the clamp allows.
        before: (n, 2), the same before activation and clamp.
        done: (n,) logits of nothing being left.
    """

    place: Tensor
    before: Tensor
    done: Tensor


class CountingModel(nn.Module):
    """Backbone, heads and the modules that are switched on; children are named as the optimizer groups."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._settings = model
        self.backbone = BACKBONES[model.backbone](model)
        makers: dict[str, Callable[[], nn.Module]] = {
            "memory": lambda: Memory(model.features),
            "foveation": lambda: Foveation(model.features),
            "cross_attention": lambda: CrossAttention(model.features, self.backbone.cell_channels),
        }
        self._extras = tuple(name for name in EXTRAS if getattr(model, name))
        for name in self._extras:
            self.add_module(name, makers[name]())
        self.dropout = nn.Dropout(model.dropout)
        for name in HEADS:
            self.add_module(name, _head(model))

    def forward(self, inputs: Inputs) -> Found:
        """Places and done logits of pictures with marks."""
        seen = self.backbone(inputs)
        tokens = seen.tokens
        for name in self._extras:
            added = self.get_submodule(name)(seen, inputs)
            tokens = tokens + (added.detach() if self._settings.detach_modules else added)
        tokens = self.dropout(tokens)
        x, y, done = (self.get_submodule(name)(tokens[:, place]) for place, name in enumerate(HEADS))
        before = torch.cat([x, y], dim=1)
        return Found(self._bounded(before), before, done.squeeze(1))

    def _bounded(self, places: Tensor) -> Tensor:
        if self._settings.coord_activation == "tanh":
            places = torch.tanh(places)
        limit = self._settings.coord_clamp
        return places if limit is None else places.clamp(-limit, limit)


def _head(model: Model) -> nn.Module:
    return nn.Sequential(nn.Linear(model.features, model.hidden), nn.ReLU(), nn.Linear(model.hidden, 1))

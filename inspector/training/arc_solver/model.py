"""The grid solver: a transformer over the cells of all pairs; an input cell and the output cell on it are one token."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from inspector.formats.recipes.arc_solver import Model
from inspector.formats.recipes.shared import LARGEST_SIDE
from inspector.training.arc.grids import COLOURS
from inspector.training.arc_solver.prompts import TOKENS

_HIDDEN = 4
"""How many times as wide as a token the inside of a layer is."""

_SPREAD = 0.02
"""Of embeddings and of the head before training: logits that close to 0 cost ln 10, as they should."""


class Embedding(nn.Module):
    """Tokens from what a cell has in the input, in the output, and where it is."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.given = nn.Embedding(TOKENS, width)
        self.told = nn.Embedding(TOKENS, width)
        self.row = nn.Embedding(LARGEST_SIDE, width)
        self.column = nn.Embedding(LARGEST_SIDE, width)
        for part in (self.given, self.told, self.row, self.column):
            nn.init.normal_(part.weight, std=_SPREAD**0.5)

    def forward(self, given: Tensor, told: Tensor) -> Tensor:
        """Tokens, (queries, pairs × height × width, width); for the arguments see `Prompts`."""
        height, width = given.shape[2:]
        place = self.row.weight[:height, None] + self.column.weight[None, :width]
        tokens: Tensor = self.given(given) + self.told(told) + place
        return tokens.flatten(1, 3)


class Attention(nn.Module):
    """Self-attention of several heads."""

    def __init__(self, settings: Model) -> None:
        super().__init__()
        self.heads, self.dropout = settings.heads, settings.dropout
        self.parts = nn.Linear(settings.width, 3 * settings.width)
        self.out = nn.Linear(settings.width, settings.width)

    def forward(self, tokens: Tensor, seen: Tensor) -> Tensor:
        """What each token takes from those that are seen; as `tokens`.

        Args:
            tokens: (queries, tokens, width).
            seen: (queries, tokens) bool.
        """
        query, key, value = self._split(tokens)
        dropout = self.dropout if self.training else 0.0
        taken = functional.scaled_dot_product_attention(query, key, value, seen[:, None, None], dropout)
        out: Tensor = self.out(taken.transpose(1, 2).flatten(2))
        return out

    def weights(self, tokens: Tensor, seen: Tensor, last: int) -> Tensor:
        """How much the last tokens take from each, (queries, heads, last, tokens), summing to 1; else as `forward`."""
        query, key, _value = self._split(tokens)
        scores = query[:, :, -last:] @ key.transpose(2, 3) * query.shape[-1] ** -0.5
        weights: Tensor = scores.masked_fill(~seen[:, None, None], -torch.inf).softmax(-1)
        return weights

    def _split(self, tokens: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        parts = self.parts(tokens).reshape(*tokens.shape[:2], 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        return parts[0], parts[1], parts[2]


class Layer(nn.Module):
    """Attention, then each token by itself; both added to what was there."""

    def __init__(self, settings: Model) -> None:
        super().__init__()
        width = settings.width
        self.before = nn.LayerNorm(width)
        self.attention = Attention(settings)
        self.between = nn.LayerNorm(width)
        self.inside = nn.Sequential(nn.Linear(width, _HIDDEN * width), nn.GELU(), nn.Linear(_HIDDEN * width, width))
        self.dropout = nn.Dropout(settings.dropout)

    def forward(self, tokens: Tensor, seen: Tensor) -> Tensor:
        """Tokens as they came, changed; both arguments as `Attention.forward` has them."""
        tokens = tokens + self.dropout(self.attention(self.before(tokens), seen))
        out: Tensor = tokens + self.dropout(self.inside(self.between(tokens)))
        return out

    def looks(self, tokens: Tensor, seen: Tensor, last: int) -> Tensor:
        """The attention's weights of the last tokens; all as `Attention.weights`."""
        return self.attention.weights(self.before(tokens), seen, last)


class Head(nn.Module):
    """Logits of the colours from tokens."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.colours = nn.Linear(width, COLOURS)
        nn.init.normal_(self.colours.weight, std=_SPREAD)
        nn.init.zeros_(self.colours.bias)

    def forward(self, tokens: Tensor) -> Tensor:
        """Tokens, (queries, tokens, width), as logits, (queries, tokens, 10)."""
        logits: Tensor = self.colours(self.norm(tokens))
        return logits


class ArcSolver(nn.Module):
    """Colours of the last pair's output."""

    def __init__(self, settings: Model) -> None:
        super().__init__()
        self.embed = Embedding(settings.width)
        self.layers = nn.ModuleList(Layer(settings) for _ in range(settings.layers))
        self.head = Head(settings.width)

    def forward(self, given: Tensor, told: Tensor, seen: Tensor) -> Tensor:
        """Logits, (queries, 10, height, width); for the arguments see `Prompts`."""
        tokens = self.embed(given, told)
        for layer in self.layers:
            tokens = layer(tokens, seen.flatten(1))
        height, width = given.shape[2:]
        logits: Tensor = self.head(tokens[:, -height * width :])
        return logits.transpose(1, 2).reshape(len(logits), COLOURS, height, width)

    def looks(self, given: Tensor, told: Tensor, seen: Tensor) -> Tensor:
        """Where each cell of the answer looks in the last layer, whichever pair the cells there are of.

        Returns:
            (queries, heads, cells, cells), a cell's row summing to 1.
        """
        tokens, flat = self.embed(given, told), seen.flatten(1)
        *before, last = self.layers
        for layer in before:
            tokens = layer(tokens, flat)
        cells = given.shape[2] * given.shape[3]
        weights = cast("Layer", last).looks(tokens, flat, cells)
        return weights.reshape(*weights.shape[:3], -1, cells).sum(3)

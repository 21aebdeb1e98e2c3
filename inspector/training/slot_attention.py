"""Slot attention, which recipes share.

Source: Locatello et al. 2020.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from inspector.formats.recipes.choices import AttentionAxis

_TINY = 1e-8


@dataclass(frozen=True, slots=True)
class Attended:
    """What slots took from the cells of a batch, iteration by iteration.

    Attributes:
        slots: (batch, iterations, slots, features), after each.
        attention: (batch, iterations, slots, positions), as the softmax gives it.
        updates: (batch, iterations, slots, features), what each slot was told.
    """

    slots: Tensor
    attention: Tensor
    updates: Tensor


class SlotAttention(nn.Module):
    """Slots that start alike but for noise and take turns at reading the cells.

    Args:
        inputs: features of a cell.
        slot_size: features of a slot.
        hidden: width of the slots' MLP.
        noise: spread of the slots around their mean before training.
        axis: `slots` is right: they compete for each position, and each reads a weighted mean. With `positions`, the
            softmax runs over positions and is then divided by its sum over slots: nothing competes, and what a slot
            reads is a sum that grows with the positions, by about positions / slots.
    """

    def __init__(self, inputs: int, slot_size: int, hidden: int, noise: float, axis: AttentionAxis = "slots") -> None:
        super().__init__()
        self.axis = axis
        self.mu = nn.Parameter(torch.empty(1, 1, slot_size))
        nn.init.xavier_uniform_(self.mu)
        self.log_sigma = nn.Parameter(torch.full((1, 1, slot_size), math.log(noise)))
        self.norm_inputs = nn.LayerNorm(inputs)
        self.norm_slots = nn.LayerNorm(slot_size)
        self.norm_mlp = nn.LayerNorm(slot_size)
        self.to_key = nn.Linear(inputs, slot_size, bias=False)
        self.to_value = nn.Linear(inputs, slot_size, bias=False)
        self.to_query = nn.Linear(slot_size, slot_size, bias=False)
        self.gru = nn.GRUCell(slot_size, slot_size)
        self.mlp = nn.Sequential(nn.Linear(slot_size, hidden), nn.ReLU(), nn.Linear(hidden, slot_size))

    def forward(self, cells: Tensor, noise: Tensor, iterations: int, valid: Tensor | None = None) -> Attended:
        """Read the cells.

        Args:
            cells: (batch, positions, features).
            noise: (batch, slots, features), standard normal.
            iterations: how often each slot reads.
            valid: (batch, positions) bool, False for cells that no slot reads; None for all.
        """
        cells = self.norm_inputs(cells)
        keys, values = self.to_key(cells), self.to_value(cells)
        slots = self.mu + self.log_sigma.exp() * noise
        size = slots.shape[-1]
        every: tuple[list[Tensor], list[Tensor], list[Tensor]] = ([], [], [])
        for _ in range(iterations):
            queries = self.to_query(self.norm_slots(slots)) * size**-0.5
            attention, weights = self._weights(queries @ keys.transpose(1, 2), valid)
            updates = weights @ values
            slots = self.gru(updates.reshape(-1, size), slots.reshape(-1, size)).reshape_as(updates)
            slots = slots + self.mlp(self.norm_mlp(slots))
            for kept, value in zip(every, (slots, attention, updates), strict=True):
                kept.append(value)
        return Attended(*(torch.stack(kept, 1) for kept in every))

    def _weights(self, logits: Tensor, valid: Tensor | None) -> tuple[Tensor, Tensor]:
        """The attention and what the values are weighted with, both (batch, slots, positions)."""
        if self.axis == "slots":
            attention = functional.softmax(logits, dim=1)
            weights = attention + _TINY
            if valid is not None:
                weights = weights * valid.unsqueeze(1)
            return attention, weights / weights.sum(dim=2, keepdim=True)
        if valid is not None:
            logits = logits.masked_fill(~valid.unsqueeze(1), -math.inf)
        attention = functional.softmax(logits, dim=2)
        return attention, attention / (attention.sum(dim=1, keepdim=True) + _TINY)

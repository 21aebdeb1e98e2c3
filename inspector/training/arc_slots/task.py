"""Training and validating the slot autoencoder of ARC grids."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from inspector.core.pulse import QUIET, Pulse
from inspector.formats.recipes.arc_slots import ArcSlotsSettings
from inspector.training.arc_slots.data import Canvases, augmented, canvases, colour_shares, grids_of
from inspector.training.arc_slots.dump import Probe, write_dump
from inspector.training.arc_slots.measures import Measures
from inspector.training.arc_slots.model import ArcSlotModel, Rebuilt, inputs
from inspector.training.looking import looking
from inspector.training.slot_values import validation_noise
from inspector.training.task import Batch, Losses, Score, Task

_VAL_BATCH = 64


class ArcSlotsTask(Task):
    """The recipe `arc_slots` as the loop uses it."""

    unit = "grids"
    watched = Score("val/accuracy_content", "higher")
    shown: ClassVar = {"val/loss": "ValLoss", "val/accuracy_content": "Acc",
                       "baseline/accuracy_content_most_frequent": "MostFrequentColour",
                       "slots/active": "ActiveSlots", "val/fg_ari": "FG-ARI"}  # fmt: skip

    def __init__(self, settings: ArcSlotsSettings, device: torch.device) -> None:
        self._device = device
        self._settings = settings
        grids = grids_of(settings.data)
        self.train = grids.train
        self.samples = len(grids.train)
        self.model = ArcSlotModel(settings).to(device)
        self._val = canvases(grids.val, settings.data.grid_size)
        shares = colour_shares(grids.train, permuted=settings.data.augment)
        self._shares = torch.from_numpy(shares).float().to(device)
        model = settings.model
        self._val_noise = validation_noise(len(grids.val), model.slots, model.slot_size)

    def losses(self, model: nn.Module, batch: Batch, settings: ArcSlotsSettings) -> Losses:
        """Cross entropy of the colours."""
        boards, rebuilt = self._rebuilt(model, batch, settings)
        cost, cells = self._cost(boards, rebuilt, settings)
        return Losses({"reconstruction": cost / cells})

    def _rebuilt(self, model: nn.Module, batch: Batch, settings: ArcSlotsSettings) -> tuple[Canvases, Rebuilt]:
        """The grids of a batch, and what the model makes of them."""
        if settings.data.augment:
            grids = augmented(self.train, batch.indices, settings.train.seed, batch.epoch)
        else:
            grids = [self.train[index] for index in batch.indices]
        boards = canvases(grids, settings.data.grid_size)
        # Drawn on the CPU, so that a run sees the same noise on every device.
        noise = torch.randn(len(grids), settings.model.slots, settings.model.slot_size).to(self._device)
        return boards, model(*self._inputs(boards, settings), noise)

    def _inputs(self, boards: Canvases, settings: ArcSlotsSettings) -> tuple[Tensor, Tensor | None]:
        return inputs(boards, settings.model.padding, self._device)

    def _cost(self, boards: Canvases, rebuilt: Rebuilt, settings: ArcSlotsSettings) -> tuple[Tensor, int]:
        """The summed cross entropy of the cells that count, and how many they are."""
        targets = torch.from_numpy(boards.cells).to(self._device, torch.int64)
        entropies = functional.cross_entropy(rebuilt.logits.float(), targets, reduction="none")
        if settings.loss.rare_colours:
            entropies = entropies * colour_weights(self._shares, settings.loss.rare_colours)[targets]
        if settings.loss.pad_loss:
            return entropies.sum(), boards.inside.size
        return (entropies * torch.from_numpy(boards.inside).to(self._device)).sum(), int(boards.inside.sum())

    def validate(self, model: ArcSlotModel, settings: ArcSlotsSettings) -> dict[str, float]:
        """Loss, how right the colours are beside trivial answers, what slots take, how silent every conv layer is."""
        measures = Measures(settings.encoder, model.encoder.layer_names)
        cost, cells = 0.0, 0
        for first in range(0, len(self._val.cells), _VAL_BATCH):
            boards = self._val[first : first + _VAL_BATCH]
            with measures.tapping(model, boards.inside):
                rebuilt = model(
                    *self._inputs(boards, settings), self._val_noise[first : first + _VAL_BATCH].to(self._device)
                )
            measures.add(boards, rebuilt)
            summed, counted = self._cost(boards, rebuilt, settings)
            cost, cells = cost + float(summed), cells + counted
        return {"val/loss": cost / cells, **measures.values()}

    def probe(self, model: nn.Module, batch: Batch, settings: ArcSlotsSettings) -> dict[str, float]:
        """How much logits and slots differ from grid to grid, and the share of each colour."""
        with looking(model):
            boards, rebuilt = self._rebuilt(model, batch, settings)
        slots = rebuilt.read.slots[:, -1].mean(1)
        shares = colour_shares([boards.cells[boards.inside]], permuted=False)
        return {
            "spread/logits": float(rebuilt.logits.float().std(0, correction=0).mean()),
            "spread/slots": float(slots.float().std(0, correction=0).mean()),
            **{f"balance/colour_{colour}": float(share) for colour, share in enumerate(shares)},
        }

    def dump(self, model: ArcSlotModel, path: Path, about: dict[str, Any], pulse: Pulse = QUIET) -> None:
        """Write activations of the first validation grids, and statistics over more of them."""
        train = self._settings.train
        wanted = max(train.dump_samples, train.stats_samples)
        probe = Probe(
            self._val[:wanted], self._val_noise[:wanted], min(train.dump_samples, len(self._val.cells)), self._device
        )
        write_dump(path, self._settings, model, probe, about, pulse)


def colour_weights(shares: Tensor, power: float) -> Tensor:
    """(10,) what a cell of each colour counts: 1 / its share to a power, on average over cells 1; 0 of a share of 0.

    Args:
        shares: (10,) of each colour among the cells.
        power: 0 counts all alike, 1 every colour as much as any other.
    """
    weights = torch.where(shares > 0, shares.clamp(min=1e-6) ** -power, 0.0)
    return weights / (weights * shares).sum()

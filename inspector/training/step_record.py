"""What is recorded of a step beside norms and rates: its losses, and the memory it took."""

from __future__ import annotations

import resource
import sys

import torch
from torch import Tensor

from inspector.training.engine import Engine
from inspector.training.task import Losses

_MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024


class StepLosses:
    """What the parts of a step cost, each counted by its share of the batch."""

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}
        self._weights: dict[str, float] = {}

    def add(self, losses: Losses, total: Tensor, share: float) -> None:
        """Count one part.

        Args:
            losses: of the part.
            total: what of them is minimised, a scalar.
            share: of the batch that the part is.
        """
        found = {"loss": total, **{f"loss_{name}": term for name, term in losses.terms.items()}, **losses.measures}
        if share != 1.0:
            found = {name: value.detach() * share for name, value in found.items()}
            found = {name: self._sums[name] + value if name in self._sums else value for name, value in found.items()}
        self._sums = {**self._sums, **found}
        if len(losses.terms) > 1:
            self._weights = {name: losses.weights.get(name, 1.0) for name in losses.terms}

    def values(self, engine: Engine) -> dict[str, float]:
        """Metrics of the whole batch, over all processes."""
        values = list(self._sums.values())
        if engine.on_cpu:
            numbers = [value.item() for value in values]
        else:
            numbers = torch.stack([value.detach().float() for value in values]).tolist()  # one wait for the device
        numbers = engine.summed(numbers)
        record = {f"train/{name}": number for name, number in zip(self._sums, numbers, strict=True)}
        for name, weight in self._weights.items():
            record[f"train/loss_{name}_weighted"] = record[f"train/loss_{name}"] * weight
        return record


def peak_bytes(device: torch.device) -> int:
    """The most memory that this process has held: of its GPU, or of the machine."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    if device.type == "mps":
        return torch.mps.driver_allocated_memory()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_BYTES

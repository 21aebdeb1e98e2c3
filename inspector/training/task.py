"""What the loop needs of a recipe."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from torch import Tensor, nn

from inspector.core.arrays import IntArray
from inspector.core.pulse import QUIET, Pulse


class Task(Protocol):
    """A model with its data.

    Attributes:
        samples: training samples in use.
    """

    samples: int

    @property
    def model(self) -> nn.Module:
        """On its device."""

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the model's parts, an optimizer group each."""

    def losses(self, indices: IntArray, settings: Any) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss of these samples, and its terms before they are weighted."""

    def validate(self) -> dict[str, float]:
        """Metrics over the validation samples; draws from no shared random state."""

    def dump(self, path: Path, about: dict[str, Any], pulse: Pulse = QUIET) -> None:
        """Write activations of a fixed set of validation samples."""

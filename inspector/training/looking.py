"""A model that is looked at and not trained."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from inspector.training import randomness


@contextmanager
def looking(model: nn.Module) -> Iterator[None]:
    """Evaluation mode, no gradients, and whatever is drawn inside leaves the random state as it was."""
    training, state = model.training, randomness.captured()
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(training)
        randomness.restore(state)

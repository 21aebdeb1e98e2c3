"""The moving average of the weights, with which validation and dumps look."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


class Average:
    """A copy of a model whose weights follow it slowly; buffers are the model's own.

    Args:
        model: what is trained.
        decay: what a step leaves of the average.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self._decay = decay
        self._averaged = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(decay))  # type: ignore[no-untyped-call]  # torch's own

    @property
    def model(self) -> nn.Module:
        """The model with the averaged weights."""
        return self._averaged.module

    def update(self, model: nn.Module) -> None:
        """Follow the model by one step."""
        self._averaged.update_parameters(model)

    def state(self) -> dict[str, Any]:
        """As a checkpoint holds it."""
        return {"decay": self._decay, "updates": int(self._averaged.n_averaged), "model": self.model.state_dict()}

    def load(self, state: dict[str, Any] | None, model: nn.Module) -> None:
        """Go on from a checkpoint's average; from the model's weights where it has none that fits."""
        if state is None:
            state = {"updates": 0, "model": model.state_dict()}
        self.model.load_state_dict(state["model"])
        self._averaged.n_averaged.copy_(torch.tensor(state["updates"]))

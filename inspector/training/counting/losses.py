"""Losses of places, where the image runs from -1 to 1."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from inspector.formats.recipes.counting import Loss
from inspector.training.counting.model import Found
from inspector.training.counting.samples import Asked


def funnel(offset: Tensor, threshold: float) -> Tensor:
    """Squares below the threshold t, t * d + t * t from it on; (n,) of offsets (n, 2), d = |dx| + |dy|.

    It jumps from t * t to 2 * t * t, and its slope halves there: a lower threshold pulls less, not more.
    """
    distance = offset.abs().sum(1)
    return torch.where(distance < threshold, distance**2, threshold * distance + threshold**2)


def huber(offset: Tensor, threshold: float) -> Tensor:
    """As `funnel` below the threshold t, and t * (2 * d - t) from it on, without a jump or a bend."""
    distance = offset.abs().sum(1)
    return torch.where(distance < threshold, distance**2, threshold * (2 * distance - threshold))


def mse(offset: Tensor, _threshold: float) -> Tensor:
    """The square of the straight distance, (n,) of offsets (n, 2); it knows no threshold."""
    return (offset**2).sum(1)


COORD_LOSSES: dict[str, Callable[[Tensor, float], Tensor]] = {"funnel": funnel, "huber": huber, "mse": mse}
"""By `loss.coord`."""


def coord_loss(found: Found, asked: Asked, loss: Loss) -> Tensor:
    """Mean over the samples with an object left, a scalar; 0 where there is none."""
    each = COORD_LOSSES[loss.coord](found.place - asked.target, loss.funnel_threshold)
    left = 1 - asked.done
    return (each * left).sum() / left.sum().clamp(min=1)


def done_loss(found: Found, asked: Asked) -> Tensor:
    """Mean cross-entropy of the done signal in nats, a scalar."""
    return functional.binary_cross_entropy_with_logits(found.done, asked.done)

"""What keeps slots apart and steady: losses of the slots themselves, each 0 or more where it is as it should be."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from inspector.analysis.matching import assign

_SMALLEST = 1e-12


def pair_cosines(slots: Tensor) -> Tensor:
    """Cosine of every ordered pair of different slots of an image, (batch, slots * (slots - 1)).

    Args:
        slots: (batch, slots, features).
    """
    unit = functional.normalize(slots.float(), dim=-1)
    cosines = unit @ unit.transpose(1, 2)
    return cosines[:, ~torch.eye(slots.shape[1], dtype=torch.bool, device=slots.device)]


def diversity(slots: Tensor, *, clamp: bool) -> Tensor:
    """Mean cosine between the slots of an image, a scalar; without the clamp it goes down to -1 / (slots - 1).

    Args:
        slots: (batch, slots, features).
        clamp: count those below 0 as 0.
    """
    cosines = pair_cosines(slots)
    return (cosines.clamp(min=0.0) if clamp else cosines).mean()


def effective_ranks(slots: Tensor) -> Tensor:
    """How many directions the slots of each image use, (batch,) from 1 to their number; all NaN if one is not finite.

    Args:
        slots: (batch, slots, features).

    Source: Roy and Vetterli 2007; the exponential of the entropy of the singular values' shares.
    """
    if not torch.isfinite(slots).all():
        return torch.full(slots.shape[:1], torch.nan, device=slots.device)
    singular = torch.linalg.svdvals(slots.float())
    shares = singular / singular.sum(dim=-1, keepdim=True).clamp(min=_SMALLEST)
    return torch.exp(-(shares * shares.clamp(min=_SMALLEST).log()).sum(dim=-1))


def spectral(slots: Tensor) -> Tensor:
    """What the effective rank lacks of the number of slots, as a share of it: 0 for slots at right angles.

    Args:
        slots: (batch, slots, features).

    Returns:
        A scalar, the mean over the images; NaN where any slot is not finite.
    """
    return 1.0 - effective_ranks(slots).mean() / slots.shape[1]


def consistency(first: Tensor, second: Tensor) -> Tensor:
    """How far the slots of two passes over the same images differ: 1 less the mean cosine of matched pairs.

    Slots of an image are matched one to one so that their cosines are largest.

    Args:
        first: (batch, slots, features).
        second: the same of the other pass.

    Returns:
        A scalar in 0..2; NaN where any slot is not finite.
    """
    unit, other = functional.normalize(first.float(), dim=-1), functional.normalize(second.float(), dim=-1)
    cosines = (unit @ other.transpose(1, 2)).detach().cpu().numpy()
    # A pass that is no longer finite is told by its loss; any matching will do for it.
    pairs = [assign(-np.nan_to_num(one.astype(np.float64)))[1] for one in cosines]
    order = torch.from_numpy(np.stack(pairs)).to(other.device)
    matched = other.gather(1, order.unsqueeze(-1).expand_as(other))
    return 1.0 - (unit * matched).sum(dim=-1).mean()

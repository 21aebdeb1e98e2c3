"""The activation of an encoder's layers, which recipes share."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from inspector.formats.recipes.choices import Activation


def activation_of(kind: Activation, slope: float) -> nn.Module:
    """A module for an activation by its setting; the slope is that of `leaky_relu` below 0."""
    makers: dict[Activation, Callable[[], nn.Module]] = {
        "relu": nn.ReLU,
        "leaky_relu": lambda: nn.LeakyReLU(slope),
        "gelu": nn.GELU,
    }
    return makers[kind]()

"""What a module says of the values that it gives: which axis is which, and what made them."""

from __future__ import annotations

from typing import Any

from torch import nn

_CHANNELS_LAST = (nn.Linear, nn.LayerNorm, nn.Embedding, nn.MultiheadAttention, nn.TransformerEncoderLayer)

_LAYOUTS = {2: "NC", 3: "NPC", 4: "NCHW", 5: "NCFHW"}
_LAYOUTS_CHANNELS_LAST = {**_LAYOUTS, 4: "NHWC", 5: "NFHWC"}
_LAYOUTS_OF_ONE_AXIS = {**_LAYOUTS, 3: "NCP"}
_ONE_AXIS = (nn.Conv1d, nn.BatchNorm1d, nn.MaxPool1d, nn.AvgPool1d, nn.AdaptiveAvgPool1d, nn.ConvTranspose1d)

_ACTIVATIONS: dict[type[nn.Module], str] = {
    nn.ReLU: "relu", nn.LeakyReLU: "leaky_relu", nn.GELU: "gelu", nn.SiLU: "silu", nn.ELU: "elu", nn.Tanh: "tanh",
    nn.Sigmoid: "sigmoid", nn.ReLU6: "relu6", nn.PReLU: "prelu", nn.Mish: "mish", nn.Hardswish: "hardswish",
    nn.Softplus: "softplus", nn.CELU: "celu", nn.SELU: "selu",
}  # fmt: skip
"""By the words that `activation` takes in a dump."""

_LINEAR = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose2d, nn.BatchNorm1d, nn.BatchNorm2d,
           nn.BatchNorm3d, nn.LayerNorm, nn.GroupNorm)  # fmt: skip
"""Give pre-activations."""


def usual_layout(module: nn.Module, axes: int) -> str:
    """One letter a dimension of what a module gives; empty where nothing is usual."""
    layouts = _LAYOUTS
    if isinstance(module, _CHANNELS_LAST):
        layouts = _LAYOUTS_CHANNELS_LAST
    elif isinstance(module, _ONE_AXIS):
        layouts = _LAYOUTS_OF_ONE_AXIS
    return layouts.get(axes, "")


def layer_attributes(module: nn.Module) -> dict[str, Any]:
    """Kind of the module, and the activation that made its values where that can be told."""
    found: dict[str, Any] = {"module_type": type(module).__name__, "tap": "post"}
    last = module
    while isinstance(last, nn.Sequential) and len(last):
        last = last[len(last) - 1]
    if isinstance(last, _LINEAR):
        found["tap"] = "pre"
    activation = _ACTIVATIONS.get(type(last))
    if activation is not None:
        found["activation"] = activation
    if isinstance(last, nn.LeakyReLU):
        found["negative_slope"] = last.negative_slope
    return found

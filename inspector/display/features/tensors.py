"""Which tensors of a checkpoint belong to a layer of a dump: the weights that lead into it, and its normalisation."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from inspector.analysis.name_prefixes import stripped
from inspector.formats.facts import TensorFacts

_STATISTICS = ("running_mean", "running_var")


@dataclass(frozen=True, slots=True)
class LayerTensors:
    """Names in the checkpoint, empty where there is none.

    Attributes:
        output_axis: of the weight that counts channels: 1 for a transposed convolution, else 0.
        scale, shift: of the normalisation behind it; mean, variance: that it has gathered.
        guessed: the weight was found by its place among others, not by name.
    """

    weight: str = ""
    output_axis: int = 0
    bias: str = ""
    scale: str = ""
    shift: str = ""
    mean: str = ""
    variance: str = ""
    guessed: bool = False


def tensors_of(layer: str, channels: int, tensors: Sequence[TensorFacts], layers: Sequence[str] = ()) -> LayerTensors:
    """The tensors of a layer.

    A weight is the layer's own by name; of a layer that has none, as an activation in a sequence, it is that of the
    nearest module before it, or, as `relu2`, of `conv2`; of one that holds several modules, that of the last. Where
    no name agrees and there are as many kernels below the layers' first name as there are layers, they are paired in
    their order.

    Args:
        layer: as the dump names it.
        channels: of the layer.
        tensors: of the checkpoint.
        layers: every layer of the dump, in order.
    """
    by_name = {stripped(one.name): one for one in tensors if one.role in {"weight", "buffer"}}
    named = (*_candidates(layer), *_within(layer, by_name))
    weight = next((name for name in named if _fits(by_name.get(f"{name}.weight"), channels)), None)
    guessed = weight is None
    if weight is None:
        weight = _by_order(layer, channels, by_name, layers)
    if weight is None:
        return _normalisation(layer, layer, channels, by_name, LayerTensors())
    facts = by_name[f"{weight}.weight"]
    bias = by_name.get(f"{weight}.bias")
    found = LayerTensors(
        weight=facts.name,
        output_axis=0 if facts.shape[0] == channels else 1,
        bias=bias.name if bias is not None and bias.shape == (channels,) else "",
        guessed=guessed,
    )
    return _normalisation(layer, weight, channels, by_name, found)


_ACTIVATION = re.compile(r"(?:relu|lrelu|leaky_?relu|elu|gelu|silu|act|activation|non_?lin(?:earity)?)_?(\d*)")
_WEIGHTED = ("conv", "fc", "linear", "dense", "lin")


def _candidates(layer: str) -> list[str]:
    """The layer itself, then those before it: in a sequence the nearest first, by name the one of its number."""
    parent, dot, last = layer.rpartition(".")
    if last.isdecimal() and len(last) <= 4:
        return [f"{parent}{dot}{place}" for place in range(int(last), -1, -1)]
    activation = _ACTIVATION.fullmatch(last.lower())
    if activation is None:
        return [layer]
    number = activation[1]
    return [layer, *(f"{parent}{dot}{kind}{mark}{number}" for kind in _WEIGHTED for mark in ("", "_"))]


def _within(layer: str, by_name: Mapping[str, TensorFacts]) -> list[str]:
    """The modules of a layer that holds several, the last first."""
    below = [name.removesuffix(".weight") for name in by_name if name.startswith(f"{layer}.")]
    return [name for name in reversed(below) if f"{name}.weight" in by_name]


def _fits(tensor: TensorFacts | None, channels: int) -> bool:
    """Whether it is a weight that leads to so many channels."""
    return tensor is not None and len(tensor.shape) >= 2 and channels in tensor.shape[:2]


def _by_order(layer: str, channels: int, by_name: dict[str, TensorFacts], layers: Sequence[str]) -> str | None:
    root = layer.split(".", 1)[0]
    alike = [one for one in layers if one.split(".", 1)[0] == root]
    kernels = [
        name.removesuffix(".weight")
        for name, one in by_name.items()
        if name.startswith(f"{root}.") and name.endswith(".weight") and len(one.shape) >= 4
    ]
    if layer not in alike or len(alike) != len(kernels):
        return None
    found = kernels[alike.index(layer)]
    return found if _fits(by_name[f"{found}.weight"], channels) else None


def _normalisation(
    layer: str, module: str, channels: int, by_name: dict[str, TensorFacts], found: LayerTensors
) -> LayerTensors:
    """With the batch normalisation of a module, or between it and the layer: the next that gathers a mean.

    It stands below the same parent as the module, and in a sequence not behind the layer.
    """
    own = not found.weight
    parent = module.rpartition(".")[0]
    names = list(by_name)
    start = 0 if own else names.index(f"{module}.weight")
    for name in names[start:]:
        base, _, last = name.rpartition(".")
        if not own and last == "weight" and base != module and len(by_name[name].shape) > 1:
            break
        if last != "running_mean" or by_name[name].shape != (channels,):
            continue
        if (base != module) if own else (base.rpartition(".")[0] != parent or _is_behind(base, layer)):
            continue
        known = {end: by_name.get(f"{base}.{end}") for end in ("weight", "bias", *_STATISTICS)}
        full = {end: one.name if one is not None and one.shape == (channels,) else "" for end, one in known.items()}
        return replace(
            found,
            scale=full["weight"],
            shift=full["bias"],
            mean=full["running_mean"],
            variance=full["running_var"],
        )
    return found


def _is_behind(module: str, layer: str) -> bool:
    """Whether a module stands behind a layer of the same sequence."""
    (parent, _, place), (other, _, last) = module.rpartition("."), layer.rpartition(".")
    return parent == other and place.isdecimal() and last.isdecimal() and int(place) > int(last)

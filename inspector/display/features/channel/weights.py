"""What a checkpoint says of one channel: incoming weights as a picture, normalisation, and what they hint at."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from inspector.analysis.silence_causes import bias_hint, shift_hint, weights_hint
from inspector.artifacts.checkpoints.checkpoint import Checkpoint, opened
from inspector.artifacts.tensors.elements import load, output_norms
from inspector.core.arrays import AnyArray, FloatArray, Rgba
from inspector.core.errors import FileError
from inspector.core.language import tr
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.core.units import number_text
from inspector.display.colour_maps import apply_map, symmetric_range
from inspector.display.features.causes import cause_text
from inspector.display.features.channel.scene import ChannelAsk
from inspector.display.features.tensors import LayerTensors, tensors_of
from inspector.display.rasters import nearest

MAX_INPUTS = 144
LARGEST_KERNEL = 32
_CELL_PX = 4
"""Pixels for each weight of a kernel, so that the gaps between kernels are thin."""

NO_PICTURE: Rgba = np.zeros((0, 0, 4), np.uint8)


@dataclass(slots=True)
class Incoming:
    """What was found."""

    picture: Rgba = field(default_factory=lambda: NO_PICTURE)
    said: str = ""
    lines: list[tuple[str, str]] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)


def incoming_of(ask: ChannelAsk, channels: int, layers: tuple[str, ...], pulse: Pulse) -> Incoming:
    """The weights of a channel in a checkpoint; what cannot be read is said.

    Args:
        ask: which channel of which layer.
        channels: of the layer.
        layers: every layer of the dump, in order.
        pulse: of this work.

    Raises:
        WorkCancelled: the pulse says so.
    """
    if not ask.checkpoint:
        return Incoming(said=tr("The run has no checkpoint to read weights from"))
    found = Incoming()
    try:
        checkpoint = opened(Path(ask.checkpoint), pulse)
        names = tensors_of(ask.layer, channels, checkpoint.facts.tensors, layers)
        if not (names.weight or names.mean):
            absent = tr("No module of the checkpoint of {place} is called {layer}")
            found.said = absent.format(place=ask.checkpoint_place, layer=visible(ask.layer, 60))
            return found
        _add_normalisation(found, checkpoint, names, ask.channel, pulse)
        if names.weight:
            _add_weights(found, checkpoint, names, ask.channel, pulse)
            found.said = f"{visible(names.weight, 80)} · {ask.checkpoint_place}"
            if names.guessed:
                found.said = tr("{weight}, found by its place").format(weight=found.said)
        else:
            found.said = f"{visible(names.mean.rpartition('.')[0], 80)} · {ask.checkpoint_place}"
    except FileError as error:
        found.said = str(error)
    return found


def _add_weights(found: Incoming, checkpoint: Checkpoint, names: LayerTensors, channel: int, pulse: Pulse) -> None:
    window = checkpoint.window(names.weight)
    index = (channel,) if names.output_axis == 0 else (slice(None), channel)
    own = np.asarray(load(window, index, pulse), np.float64)
    length = float(np.sqrt(np.nansum(own * own)))
    found.picture, reach = weights_picture(own)
    many = tr("{count:,}, length {length}").format(count=own.size, length=number_text(length))
    found.lines.append((tr("weights"), many))
    if math.isfinite(reach):
        found.lines.append((tr("largest weight"), number_text(reach)))
    bias = _element(checkpoint, names.bias, channel, pulse)
    if not math.isnan(bias):
        found.lines.append((tr("bias"), number_text(bias)))
    hints = []
    if names.output_axis == 0:
        hints.append(weights_hint(length, np.asarray(output_norms(window, pulse), np.float64)))
    if not names.scale:
        hints.append(bias_hint(bias, length))
    found.hints += [cause_text(hint) for hint in hints if hint is not None]


def _add_normalisation(
    found: Incoming, checkpoint: Checkpoint, names: LayerTensors, channel: int, pulse: Pulse
) -> None:
    words = tr("BatchNorm scale"), tr("BatchNorm shift"), tr("running mean"), tr("running variance")
    tensors = names.scale, names.shift, names.mean, names.variance
    values = [_element(checkpoint, name, channel, pulse) for name in tensors]
    told = zip(words, tensors, values, strict=True)
    found.lines += [(word, number_text(value)) for word, name, value in told if name]
    hint = shift_hint(*values[:2])
    if hint is not None:
        found.hints.append(cause_text(hint))


def _element(checkpoint: Checkpoint, name: str, channel: int, pulse: Pulse) -> float:
    """One number of a vector, NaN where there is none."""
    if not name:
        return math.nan
    return float(np.asarray(load(checkpoint.window(name), (channel,), pulse), np.float64).reshape(-1)[0])


def weights_picture(own: AnyArray) -> tuple[Rgba, float]:
    """The kernel of each input side by side on a diverging map centred on zero, and the value at its ends.

    Args:
        own: (inputs, ...) float64; without further axes an input is one square. Of many, the strongest are drawn.
    """
    if own.ndim == 0 or not own.size:
        return NO_PICTURE, math.nan
    kernels: FloatArray = own.reshape(own.shape[0], -1) if own.ndim <= 2 else own.reshape(-1, *own.shape[-2:])
    if kernels.ndim == 2:
        kernels = kernels[:, :, None]
    if len(kernels) > MAX_INPUTS:
        strength = np.abs(np.nan_to_num(kernels)).sum(axis=(1, 2))
        kernels = kernels[np.sort(np.argsort(-strength, kind="stable")[:MAX_INPUTS])]
    _, reach = symmetric_range(kernels)
    rows, columns = (min(side, LARGEST_KERNEL) for side in kernels.shape[1:])
    across = math.ceil(math.sqrt(len(kernels) * rows / columns))
    down = math.ceil(len(kernels) / across)
    high, wide = rows * _CELL_PX + 1, columns * _CELL_PX + 1
    picture = np.zeros((down * high - 1, across * wide - 1, 4), np.uint8)
    colours = apply_map(kernels, -reach, reach, "diverging")
    for place, kernel in enumerate(colours):
        top, left = place // across * high, place % across * wide
        picture[top : top + high - 1, left : left + wide - 1] = nearest(kernel, high - 1, wide - 1)
    return picture, reach

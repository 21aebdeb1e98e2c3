"""Reads a checkpoint's list of tensors, and the elements of the chosen one."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from inspector.artifacts.checkpoint import Checkpoint, opened
from inspector.artifacts.tensors import load, statistics
from inspector.core.arrays import AnyArray
from inspector.core.errors import FileError
from inspector.core.pulse import Pulse
from inspector.display.weights.scene import TensorScene, WeightsAsk, WeightsScene
from inspector.display.weights.tensor import tensor_scene, unread_tensor
from inspector.display.weights.tree import contents_of, elements_of, passes, summary_text, tree_of, value_rows
from inspector.formats.facts import TensorFacts

MAX_PICTURED_ELEMENTS = 16_000_000
"""A larger tensor has no pictures: reading all of it again would take longer than its statistics."""


def prepare(ask: WeightsAsk, pulse: Pulse) -> WeightsScene:
    """The tree, the chosen tensor, and the plain values of a checkpoint."""
    pulse.beat(what=f"reading {Path(ask.path).name}")
    checkpoint = opened(Path(ask.path), pulse)
    facts = checkpoint.facts
    values, left_out = value_rows(facts.objects, ask.filter)
    chosen = chosen_tensor(facts.tensors, ask.tensor, ask.filter)
    return WeightsScene(
        path=ask.path,
        place=ask.place,
        summary=summary_text(facts),
        nodes=tree_of(facts.tensors, ask.filter),
        contents=contents_of(facts.objects, facts.tensors),
        values=values,
        values_left_out=left_out,
        would_import=facts.would_import,
        notes=facts.notes,
        tensor=_read(checkpoint, chosen, pulse) if chosen is not None else None,
    )


def chosen_tensor(tensors: tuple[TensorFacts, ...], wanted: str, name_filter: str = "") -> TensorFacts | None:
    """The tensor of that name; of a group its weight or largest tensor; else the first convolution, or the largest."""
    exact = next((tensor for tensor in tensors if tensor.name == wanted), None)
    if exact is not None:
        return exact
    below = [tensor for tensor in tensors if wanted and tensor.name.startswith(f"{wanted}.")]
    if below:
        named = next((tensor for tensor in below if tensor.name == f"{wanted}.weight"), None)
        return named or max(below, key=elements_of)
    passing = [tensor for tensor in tensors if passes(tensor.name, name_filter)]
    weights = [tensor for tensor in passing if tensor.role == "weight"] or passing
    kernel = next((tensor for tensor in weights if len(tensor.shape) == 4 and max(tensor.shape[2:]) > 1), None)
    return kernel or max(weights, key=elements_of, default=None)


def _read(checkpoint: Checkpoint, tensor: TensorFacts, pulse: Pulse) -> TensorScene:
    try:
        window = checkpoint.window(tensor.name)
        found = statistics(window, pulse)
        pictured = len(tensor.shape) in (2, 4) and elements_of(tensor) <= MAX_PICTURED_ELEMENTS
        elements = _plain(load(window, pulse=pulse)) if pictured else None
    except FileError as error:
        return unread_tensor(tensor, str(error))
    return tensor_scene(
        tensor,
        count=found.count,
        zeros=found.zeros,
        not_finite=found.not_finite,
        moments=(found.minimum, found.maximum, found.mean, found.std),
        ends=(found.low, found.high),
        histogram=found.histogram,
        elements=elements,
    )


def _plain(elements: AnyArray) -> AnyArray | None:
    """The elements in a type that numpy calculates with; None for text and complex numbers."""
    if elements.dtype.kind in "fiub":
        return elements
    if elements.dtype.kind == "V" and math.prod(elements.shape):  # ml_dtypes: bfloat16, float8
        return elements.astype(np.float32)
    return None

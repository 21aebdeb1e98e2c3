"""Reads the elements of the chosen tensor: statistics of all of them, pictures of as many as can be seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from inspector.analysis.dead_outputs import dead_outputs
from inspector.analysis.effective_rank import MAX_SIDE, effective_rank
from inspector.analysis.tensor_change import change_of
from inspector.artifacts.checkpoints.checkpoint import Checkpoint, opened
from inspector.artifacts.tensors.elements import load, output_norms, statistics
from inspector.artifacts.tensors.windows import TensorWindow
from inspector.core.arrays import AnyArray
from inspector.core.errors import FileError, LimitError
from inspector.core.language import tr
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.core.units import percent_text
from inspector.display.weights.facts_text import elements_of, passes, tensor_text, value_text
from inspector.display.weights.tensor.lines import output_lines, rank_line, statistic_lines, zero_bin_of
from inspector.display.weights.tensor.outputs import Outputs, bars_of, outputs_of
from inspector.display.weights.tensor.picture import NO_PICTURES, is_kernel, pictures_of, shown_rows
from inspector.display.weights.tensor.scene import TensorAsk, TensorScene
from inspector.formats.facts import TensorFacts

WHOLE_ELEMENTS = 16_000_000
"""Of a larger tensor only every so manieth row is read for its picture; copies and rank are not looked at."""

MAX_VECTOR = 2048
_WHY_NOT_READ = "elements"
"""The detail that says why elements cannot be read, as the problem does."""
_LEAST_SAID = 0.001


def prepare(ask: TensorAsk, pulse: Pulse) -> TensorScene:
    """The chosen tensor with its statistics; without facts where the checkpoint has none."""
    pulse.beat(what=tr("reading {file}").format(file=Path(ask.path).name))
    checkpoint = opened(Path(ask.path), pulse, generous=ask.generous)
    chosen = chosen_tensor(checkpoint.facts.tensors, ask.tensor, ask.filter)
    if chosen is None:
        return bare_scene("")
    try:
        return _read(checkpoint, chosen, ask, pulse)
    except FileError as error:
        details = tuple(pair for pair in _details(checkpoint, chosen.name) if pair[0] != _WHY_NOT_READ)
        return bare_scene(chosen.name, tensor_text(chosen), str(error), details)


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
    kernel = next((tensor for tensor in weights if is_kernel(tensor.shape)), None)
    return kernel or max(weights, key=elements_of, default=None)


def bare_scene(
    name: str, facts: str = "", problem: str = "", details: tuple[tuple[str, str], ...] = (), **more: Any
) -> TensorScene:
    """A scene without elements: of none, or of a tensor that cannot be read."""
    none = {
        "heights": np.zeros(0, np.int64),
        "edges": np.zeros(0),
        "kernels": NO_PICTURES,
        "reach": float("nan"),
        "values": np.zeros(0),
        "norms": np.zeros(0),
    }
    return TensorScene(name=name, facts=facts, problem=problem, details=details, **{**none, **more})


def _read(checkpoint: Checkpoint, tensor: TensorFacts, ask: TensorAsk, pulse: Pulse) -> TensorScene:
    window = checkpoint.window(tensor.name)
    found = statistics(window, pulse)
    whole = elements_of(tensor) <= WHOLE_ELEMENTS
    rows = slice(0, None, 1) if whole or not tensor.shape else shown_rows(tensor.shape)
    elements = _plain(load(window, (rows,) if tensor.shape else (), pulse))
    pulse.beat(what=tr("drawing"))
    pictures = pictures_of(np.zeros(0) if elements is None else elements, ask.input, rows.step)
    outputs = None
    if elements is not None:
        outputs = outputs_of(elements, ask.thresholds, pulse) if whole else _streamed_outputs(window, pulse)
    norms, each, marked = bars_of(outputs) if outputs else (np.zeros(0), 1, {})
    bins = np.zeros(0, np.int64) if found.histogram is None else np.asarray(found.histogram, np.int64)
    drawn = bins.size > 0 and bool(np.isfinite([found.low, found.high]).all())
    edges = np.linspace(found.low, found.high, bins.size + 1) if drawn else np.zeros(0)
    # A matrix of one row is looked at as a vector too.
    is_vector = elements is not None and whole and outputs is None and elements.size == max(elements.shape, default=0)
    return bare_scene(
        tensor.name,
        tensor_text(tensor),
        details=_details(checkpoint, tensor.name),
        change=_change(window, elements if whole else None, ask, pulse),
        empty=not found.count,
        lines=(*statistic_lines(found), *_rank(elements, outputs, pulse), *output_lines(outputs)),
        heights=bins if drawn else bins[:0],
        edges=edges,
        zero_bin=zero_bin_of(edges, found.zeros / found.count if found.count else 0.0),
        kernels=pictures.rgba,
        kernel_names=pictures.names,
        pictured=pictures.said,
        inputs=pictures.inputs,
        input=ask.input if 0 <= ask.input < pictures.inputs else -1,
        reach=pictures.reach,
        values=_vector(elements) if is_vector and elements is not None else np.zeros(0),
        norms=norms,
        outputs_each=each,
        marked=marked,
    )


def _streamed_outputs(window: TensorWindow, pulse: Pulse) -> Outputs | None:
    """The outputs of a weight too large to hold, without a look for copies; None for what has no outputs."""
    if len(window.shape) < 2 or window.shape[0] < 2:
        return None
    try:
        norms = output_norms(window, pulse)
    except LimitError:
        return None
    return Outputs(norms=np.where(np.isfinite(norms), norms, np.nan), dead=dead_outputs(norms))


def _rank(elements: AnyArray | None, outputs: Outputs | None, pulse: Pulse) -> tuple[Any, ...]:
    if elements is None or outputs is None or elements.shape[0] != outputs.norms.size:
        return ()
    matrix = elements.reshape(elements.shape[0], -1)
    side = min(matrix.shape)
    if not 1 < side <= MAX_SIDE:
        return ()
    pulse.beat(what=tr("working out the rank"))
    return rank_line(effective_rank(matrix), side)


def _vector(elements: AnyArray) -> AnyArray:
    """At most MAX_VECTOR elements, those left out evenly spread."""
    step = max(1, -(-elements.size // MAX_VECTOR))
    return np.ascontiguousarray(elements.reshape(-1)[::step], np.float64)


def _change(window: TensorWindow, elements: AnyArray | None, ask: TensorAsk, pulse: Pulse) -> str:
    """`changed 0.4% since epoch 39`; empty where it cannot be told."""
    if not ask.before or elements is None or elements.dtype.kind != "f":
        return ""
    try:
        earlier = opened(Path(ask.before), pulse).windows.get(window.name)
        if not isinstance(earlier, TensorWindow) or earlier.shape != window.shape:
            return ""
        before = _plain(load(earlier, pulse=pulse))
    except FileError:
        return ""
    if before is None:
        return ""
    place = ask.before_place
    change = change_of(before, elements)
    if change.equal == change.count:
        return tr("unchanged since {place}").format(place=place)
    if not np.isfinite(change.relative):
        return tr("changed since {place}").format(place=place)
    amount = percent_text(change.relative) if change.relative >= _LEAST_SAID else f"< {percent_text(_LEAST_SAID)}"
    return tr("changed {amount} since {place}").format(amount=amount, place=place)


def _details(checkpoint: Checkpoint, name: str) -> tuple[tuple[str, str], ...]:
    return tuple((visible(key, 40), value_text(value, 120)) for key, value in checkpoint.details(name).items())


def _plain(elements: AnyArray) -> AnyArray | None:
    """The elements in a type that numpy calculates with; None for text and complex numbers."""
    if elements.dtype.kind in "fiu":
        return elements
    if elements.dtype.kind == "b":
        return elements.astype(np.uint8)
    if elements.dtype.kind == "V" and elements.size:  # ml_dtypes: bfloat16, float8
        return elements.astype(np.float32)
    return None

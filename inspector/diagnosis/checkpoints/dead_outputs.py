"""Output channels that can say nothing, told by the weights alone.

Three signs: a batch normalisation's scale next to nothing with a shift below zero, so that a ReLU after it stays
silent; a running variance next to nothing beside the layer's others, so that whatever came in was one value; a row
with next to no weight beside the layer's others.
"""

from __future__ import annotations

from typing import NamedTuple

from inspector.analysis.dead_outputs import DEAD_SHARE, dead_outputs
from inspector.artifacts.tensors.elements import output_norms
from inspector.core.errors import FileError
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.core.units import counted
from inspector.diagnosis.check import About
from inspector.diagnosis.checkpoints.newest_checkpoint import Newest, newest
from inspector.diagnosis.checkpoints.predicted_sparsity import predicted_sparsity
from inspector.diagnosis.material import Material, file_text
from inspector.diagnosis.thresholds import Thresholds
from inspector.diagnosis.values import Finding, NotAssessable, Severity, Sureness

ABOUT = About(
    id="dead-outputs",
    title="Output channels are dead",
    rules=("X.D2",),
    symptom="Single channels of a layer whose weights are next to nothing beside the others'",
    definition="One of three signs in the newest checkpoint: a batch normalisation's scale below 1e-4 with a shift"
    " below zero, so that a ReLU after it stays silent; a running variance at most {constant_variance} of the layer's"
    " upper quartile, so that what came in was one value; a row of weights with next to no norm beside the layer's"
    " upper quartile. It is an error where more than {dead_error} of a layer's outputs are dead.",
    why="Such a channel gives the layer after it one value whatever the picture; the layer works with fewer"
    " channels than it has",
    confirm="Record a dump of the layer: a dead channel is the same on every sample",
    false_alarm="Without a ReLU after it a small scale is only a small scale; a pruned layer has empty rows on purpose",
    cure="As for dead channels: an activation that passes a gradient below 0, a smaller rate, or fewer channels, where"
    " the others do the work already.",
    source="Rule X.D2; Phi(-shift / |scale|) of a normal lies below zero, Ioffe and Szegedy 2015",
)

_LISTED_LAYERS, _LISTED_CHANNELS = 3, 6


class _Layer(NamedTuple):
    """Dead outputs of one layer; `tensor` is what shows it, `how` the sign as a sentence goes on."""

    layer: str
    tensor: str
    outputs: tuple[int, ...]
    of: int
    how: str


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The newest checkpoint's batch normalisations and rows of weights (X.D2, predicted)."""
    one = newest(material, pulse)
    if isinstance(one, str):
        return ABOUT.not_assessable(one)
    layers = [*_normalised(one, material.thresholds, pulse), *_empty_rows(one, pulse)]
    if not layers:
        return None
    count = sum(len(layer.outputs) for layer in layers)
    worst = max(len(layer.outputs) / layer.of for layer in layers)
    texts = [_text(layer) for layer in layers]
    left = len(texts) - _LISTED_LAYERS
    more = f". {counted(left, 'more layer')}" if left > 0 else ""
    return ABOUT.finding(
        title=f"{count} output channel{'s are' if count > 1 else ' is'} dead",
        summary=f"{'. '.join(texts[:_LISTED_LAYERS])}{more}, in {file_text(one.entry)}",
        severity=Severity.ERROR if worst > material.thresholds.dead_error else Severity.WARNING,
        sureness=Sureness.LIKELY,
        since_step=one.step,
        since_epoch=one.entry.epoch,
        evidence=one.evidence(zip([layer.tensor for layer in layers], texts, strict=True)),
    )


def _text(layer: _Layer) -> str:
    shown = ", ".join(map(str, layer.outputs[:_LISTED_CHANNELS]))
    more = ", …" if len(layer.outputs) > _LISTED_CHANNELS else ""
    plural = "outputs" if len(layer.outputs) > 1 else "output"
    return f"{visible(layer.layer, 60)}: {plural} {shown}{more} of {layer.of} {layer.how}"


def _normalised(one: Newest, limits: Thresholds, pulse: Pulse) -> list[_Layer]:
    found = []
    for layer in predicted_sparsity(one.checkpoint, pulse, limits):
        of = len(layer.silent)
        if layer.dead:
            how = f"{'have' if len(layer.dead) > 1 else 'has'} a scale below 1e-4 and a shift below zero"
            found.append(_Layer(layer.layer, f"{layer.path}.weight", layer.dead, of, how))
        still = tuple(index for index in layer.unmoved if index not in layer.dead)
        if still:
            how = "never vary" if len(still) > 1 else "never varies"
            found.append(_Layer(layer.layer, f"{layer.path}.running_var", still, of, f"{how} before normalisation"))
    return found


def _empty_rows(one: Newest, pulse: Pulse) -> list[_Layer]:
    """Rows with next to no weight, in layers with a bias and in kernels.

    An embedding is neither, and its padding is zero on purpose.
    """
    # A quantized zero is stored as the zero point, so stored zeros mean nothing there.
    shapes = {
        tensor.name: tensor.shape
        for tensor in one.checkpoint.facts.tensors
        if tensor.role == "weight" and tensor.dtype.startswith(("float", "bfloat"))
    }
    found = []
    for name, shape in shapes.items():
        path, _, last = name.rpartition(".")
        biased = shapes.get(f"{path}.bias") == shape[:1]
        if last != "weight" or len(shape) < 2 or not (biased or len(shape) > 2):
            continue
        try:
            norms = output_norms(one.checkpoint.window(name), pulse)
        except FileError:
            continue
        empty = dead_outputs(norms)
        if empty:
            how = f"{'have' if len(empty) > 1 else 'has'} at most {DEAD_SHARE:g} of the layer's usual norm"
            found.append(_Layer(path, name, empty, shape[0], how))
    return found

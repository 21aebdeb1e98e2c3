"""Faults of slots and of channels, in logs and in dumps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tests.diagnosis.corpus.draws import Array, Draw, Planted, falling, fault, rising, write_log, write_settings
from tests.diagnosis.folders import write_dump

_SIDE = 16


def softmax(logits: Any, axis: int) -> Any:
    """Weights that sum to 1 over an axis."""
    weights = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return weights / weights.sum(axis=axis, keepdims=True)


def _loss(draw: Draw) -> dict[str, Array]:
    training = falling(draw, 0.4, 0.05, 4)
    return {"train/loss": draw.noisy(training), "val/loss": draw.noisy(training * 1.05)}


def write_attention(folder: Path, draw: Draw, *, over_slots: bool) -> None:
    """A dump of attention, of four to eight slots over a grid."""
    slots, samples = draw.whole(3, 8), draw.whole(2, 8)
    logits = draw.random.normal(0, draw.between(0.5, 3), (samples, slots, _SIDE * _SIDE))
    weights = softmax(logits, 1 if over_slots else 2)
    kind = np.float16 if draw.random.random() < 0.4 else np.float32
    attributes = {"slots__attn": {"layout": "NKP"}} if draw.random.random() < 0.5 else {}
    write_dump(folder / "dumps" / "step_0000500.h5", 500, {"slots/attn": weights.astype(kind)}, **attributes)


def _axis(folder: Path, draw: Draw) -> None:
    write_attention(folder, draw, over_slots=False)


def _not_separating_log(folder: Path, draw: Draw) -> None:
    """Masks as good as uniform to the end, slots alike; a step count far beyond the plateau."""
    curves = {
        **_loss(draw),
        "slots/mask_entropy": np.clip(draw.between(0.992, 0.999) + draw.random.normal(0, 1e-3, draw.epochs), 0, 1),
        "slots/cosine": np.clip(draw.between(0.9, 0.995) + draw.random.normal(0, 2e-3, draw.epochs), -1, 1),
        "val/fg_ari": draw.score(rising(draw, 0.0, 0.2, 4), 0.5),
    }
    write_log(folder, draw, curves, recipe="slots")


def write_masks(folder: Path, draw: Draw, *, alike: bool) -> None:
    """A late dump of scenes of two squares, with masks that are alike or that part."""
    samples, slots, side = draw.whole(4, 10), 4, 32
    truth = np.zeros((samples, side, side), np.uint8)
    for sample in range(samples):
        row, column = draw.whole(0, 8), draw.whole(0, 6)
        truth[sample, row : row + 8, column : column + 8] = 1
        truth[sample, row + 12 : row + 20, column + 16 : column + 24] = 2
    logits = draw.random.normal(0, draw.between(0.0, 0.15), (samples, slots, side, side))
    if not alike:
        for label in range(3):
            logits[:, label] += np.where(truth == label, draw.between(4, 8), 0.0)
    vectors = draw.random.normal(0, 0.01 if alike else 5.0, (samples, slots, 16)) + 1.0
    write_settings(folder, draw, "slots", "", {"schedule.epochs": 40})
    kept = {"slots/masks": softmax(logits, 1).astype(np.float16), "slots/slots": vectors.astype(np.float32)}
    write_dump(
        folder / "dumps" / "step_0004000.h5", 4000, {**kept, "gt/masks": truth}, gt__masks={"background_index": 0}
    )


def _not_separating_dump(folder: Path, draw: Draw) -> None:
    write_masks(folder, draw, alike=True)


def _collapse(folder: Path, draw: Draw) -> None:
    """Parted down to 0.25 to 0.45, and alike again for the last evaluations."""
    again = draw.whole(2, draw.epochs // 3)
    cosine = falling(draw, 0.99, draw.between(0.25, 0.42), 6)
    entropy = falling(draw, 1.0, draw.between(0.55, 0.75), 6)
    cosine[-again:], entropy[-again:] = draw.between(0.85, 0.99), draw.between(0.985, 0.999)
    curves = {**_loss(draw), "slots/cosine": draw.score(cosine, 0.2), "slots/mask_entropy": draw.score(entropy, 0.1)}
    write_log(folder, draw, curves, recipe="slots")


def _few(folder: Path, draw: Draw) -> None:
    curves = {**_loss(draw), "slots/active": draw.noisy(falling(draw, 3.0, draw.between(1.0, 1.6), 10))}
    write_log(folder, draw, curves, recipe="slots", edits={"data.min_objects": 3, "data.max_objects": 3})


def write_channels(folder: Path, draw: Draw, dead_share: float, *, activation: str = "relu") -> None:
    """A dump of one to three layers after their activation; of one layer so many channels never fire."""
    samples, layers = draw.whole(8, 24), draw.whole(1, 3)
    ill, datasets, attributes = draw.whole(0, layers - 1), {}, {}
    for layer in range(layers):
        channels = int(draw.random.choice([10, 16, 24]))
        values = np.maximum(draw.random.normal(draw.between(-0.8, 0.2), 1, (samples, channels, 8, 8)), 0)
        if activation == "leaky_relu":
            values = np.where(values > 0, values, -0.01 * np.abs(draw.random.normal(0, 1, values.shape)))
        if layer == ill and dead_share:
            values[:, : max(2, round(dead_share * channels))] = 0.0
        datasets[f"activations/conv{layer}"] = values.astype(np.float16)
        attributes[f"activations__conv{layer}"] = {"activation": activation, "tap": "post", "layout": "NCHW"}
    write_dump(folder / "dumps" / "step_0000625.h5", 625, datasets, **attributes)


def _dead(folder: Path, draw: Draw) -> None:
    write_channels(folder, draw, draw.between(0.15, 0.9))


LATE = (30, 60)
"""Epochs of runs of slots: their plateau is over."""

SLOTS: tuple[Planted, ...] = (
    fault("attention-axis", _axis, own_record=True),
    fault(
        "slots-not-separating in a log", _not_separating_log, of=("slots-not-separating",), epochs=LATE, own_record=True
    ),
    fault("slots-not-separating in a dump", _not_separating_dump, of=("slots-not-separating",), own_record=True),
    fault("slot-collapse", _collapse, epochs=LATE, own_record=True),
    fault("active-slots-low", _few, epochs=LATE, own_record=True),
    fault("dead-channels", _dead, own_record=True),
)

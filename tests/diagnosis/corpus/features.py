"""Faults of features and of masks that are no dead channels: sparse, faint, saturated, flat, badly scaled."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tests.diagnosis.corpus.draws import Draw, Planted, fault, write_settings
from tests.diagnosis.corpus.slots import softmax
from tests.diagnosis.folders import write_dump

_LATE = 5000
_SIDE = 16


def _dump(folder: Path, values: Any, activation: str) -> None:
    attributes = {"activation": activation, "tap": "post", "layout": "NCHW"}
    kept = {"activations/conv": values.astype(np.float32)}
    write_dump(folder / "dumps" / f"step_{_LATE:07d}.h5", _LATE, kept, activations__conv=attributes)


def _normal(draw: Draw, mean: float = 0.0) -> Any:
    return draw.random.normal(mean, 1, (draw.whole(16, 40), int(draw.random.choice([10, 16])), 8, 8))


def _sparse(folder: Path, draw: Draw) -> None:
    """Shifted so that 66 % to 88 % of values are silent."""
    _dump(folder, np.maximum(_normal(draw, -draw.between(0.4, 1.2)), 0), "relu")


def _dormant(folder: Path, draw: Draw) -> None:
    values = _normal(draw)
    faint = round(draw.between(0.3, 0.8) * values.shape[1])
    values[:, :faint] *= draw.orders(1e-4, 0.01)
    _dump(folder, values, "gelu")


def _saturated(folder: Path, draw: Draw) -> None:
    if draw.random.random() < 0.6:
        _dump(folder, np.tanh(draw.between(8, 40) * _normal(draw)), "tanh")
    else:
        _dump(folder, 1 / (1 + np.exp(-draw.between(15, 60) * _normal(draw))), "sigmoid")


def _flat(folder: Path, draw: Draw) -> None:
    """Every place of a sample has nearly the same features."""
    shape = (draw.whole(16, 40), 12, 8, 8)
    base = np.abs(draw.random.normal(0, 1, (*shape[:2], 1, 1))) + 0.1
    write_settings(folder, draw, "slots", "", {"schedule.epochs": 40})
    _dump(folder, base * (1 + draw.between(0.01, 0.1) * draw.random.normal(0, 1, shape)), "relu")


def _scale(folder: Path, draw: Draw) -> None:
    factor = draw.orders(1e-4, 5e-3) if draw.random.random() < 0.6 else draw.orders(60, 1000)
    _dump(folder, np.maximum(factor * _normal(draw), 0), "relu")


def _outside(folder: Path, draw: Draw) -> None:
    """A tenth to a half of the points, scattered, lie beyond the image."""
    count = draw.whole(60, 200)
    sizes = np.full((count, 2), 384.0)
    truth = draw.random.uniform(20, 364, (count, 2))
    predicted = truth + draw.random.normal(0, 5, truth.shape)
    far = draw.random.random(count) < draw.between(0.2, 0.5)
    predicted[far] = 192 + draw.random.uniform(220, 420, (int(far.sum()), 2)) * draw.random.choice(
        [-1, 1], (int(far.sum()), 2)
    )
    kept = {"gt/points": truth, "pred/points": predicted, "samples/size": sizes}
    write_dump(folder / "step_0000500.h5", 500, kept)


def _scenes(draw: Draw, fewest: int) -> Any:
    """Two squares an image, at drawn places."""
    labels = np.zeros((draw.whole(fewest, 40), _SIDE, _SIDE), np.uint8)
    for scene in labels:
        top, left = draw.random.integers(0, _SIDE - 5, 2), draw.random.integers(0, _SIDE // 2 - 5, 2)
        scene[top[0] : top[0] + 5, left[0] : left[0] + 5] = 1
        scene[top[1] : top[1] + 5, _SIDE // 2 + left[1] : _SIDE // 2 + left[1] + 5] = 2
    return labels


def _masks(folder: Path, draw: Draw, way: str) -> None:
    truth, slots = _scenes(draw, 20 if way == "drawn" else 4), 4
    rows, columns = np.mgrid[:_SIDE, :_SIDE]
    pieces = rows * slots // _SIDE if draw.random.random() < 0.5 else (rows * 2 // _SIDE) * 2 + columns * 2 // _SIDE
    winners = {
        "one": np.full(truth.shape, draw.whole(0, slots - 1)),
        "pieces": np.broadcast_to(pieces, truth.shape),
        "drawn": draw.random.integers(0, slots, truth.shape),
    }[way]
    logits = draw.between(3, 6) * np.moveaxis(np.eye(slots)[winners], -1, 1)
    masks = softmax(logits + draw.random.normal(0, 0.3, logits.shape), 1).astype(np.float32)
    layouts = {"slots__masks": {"layout": "NKHW", "kind": "decoder_mask"}, "gt__masks": {"layout": "NHW"}}
    write_dump(folder / f"step_{_LATE:07d}.h5", _LATE, {"slots/masks": masks, "gt/masks": truth}, **layouts)


def write_grids(folder: Path, draw: Draw, right: tuple[float, float]) -> None:
    """Rebuilt grids of 6 × 6 of which two thirds are black; of the other cells so many are right."""
    truth = np.zeros((draw.whole(15, 40), 8, 8), np.int64)
    truth[:, 2:4, :6] = draw.random.integers(1, 9, (len(truth), 2, 6))
    share = draw.between(*right)
    answers = np.where((truth > 0) & (draw.random.random(truth.shape) > share), 0, truth)
    answers = np.where(draw.random.random(truth.shape) < 0.03, 9, answers)
    kept = {"gt/grids": truth, "pred/logits_argmax": answers, "samples/original_hw": np.full((len(truth), 2), 6)}
    write_dump(folder / "dumps" / f"step_{_LATE:07d}.h5", _LATE, kept)


FEATURES: tuple[Planted, ...] = (
    fault("grid-accuracy", partial(write_grids, right=(0.0, 0.02)), own_record=True),
    fault("sparse-features", _sparse, own_record=True),
    fault("dormant-channels", _dormant, own_record=True),
    fault("saturated-channels", _saturated, own_record=True),
    fault("flat-features", _flat, own_record=True),
    fault("activation-scale", _scale, own_record=True),
    fault("points-outside", _outside, own_record=True),
    fault("one-slot", partial(_masks, way="one"), "active-slots-low", own_record=True),
    fault("striped-masks", partial(_masks, way="pieces"), own_record=True),
    fault("masks-below-baseline", partial(_masks, way="drawn"), own_record=True),
)

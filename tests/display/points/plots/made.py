"""A small dump of points with done signals, counts and steps, and the same values as plain lists."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from inspector.core.pulse import QUIET
from inspector.display.points.plots.prepare import prepare
from inspector.display.points.plots.scene import PlotsAsk, PlotsScene
from inspector.runs.loss_threshold import LossThreshold

HEIGHT, WIDTH = 100, 200
THRESHOLD = LossThreshold(value=0.3, setting="loss.funnel_threshold")


@dataclass(frozen=True)
class Object:
    """One object of a sample: its true and its predicted point."""

    sample: int
    gt: tuple[float, float]
    prediction: tuple[float, float]

    @property
    def error_px(self) -> float:
        """How far one is from the other."""
        return math.dist(self.gt, self.prediction)


@dataclass(frozen=True)
class Made:
    """A dump and what is in it."""

    path: Path
    objects: tuple[Object, ...]
    done: tuple[float, ...]
    gt_done: tuple[bool, ...]
    steps: tuple[int, ...]

    def scene(self, threshold: LossThreshold | None = THRESHOLD) -> PlotsScene:
        """Its plots."""
        return prepare(PlotsAsk(path=str(self.path), threshold=threshold), QUIET)


def make(path: Path, *, samples: int = 60, objects: int = 2, without: tuple[str, ...] = (), seed: int = 0) -> Made:
    """A dump of images of 100 by 200 pixels; `without` are datasets to leave out."""
    rng = np.random.default_rng(seed)
    made = []
    for sample in range(samples):
        for _ in range(objects):
            gt = rng.uniform((10, 10), (WIDTH - 10, HEIGHT - 10))
            off = rng.normal(0, 6, 2)
            made.append((sample, gt.astype(np.float32), (gt + off).astype(np.float32)))
    gt_done = rng.random(samples) < 0.3
    done = np.clip(rng.normal(0.3 + 0.3 * gt_done, 0.15), 0.01, 0.99).round(3).astype(np.float32)
    steps = rng.integers(0, 8, samples)
    offsets = np.arange(samples + 1) * objects
    values = {
        "samples/image": np.zeros((samples, HEIGHT, WIDTH, 3), np.uint8),
        "gt/points": np.stack([gt for _, gt, _ in made]),
        "pred/points": np.stack([prediction for _, _, prediction in made]),
        "gt/points_offsets": offsets,
        "pred/points_offsets": offsets,
        "gt/done": gt_done.astype(np.float32),
        "pred/done": done,
        "k": steps.astype(np.int32),
    }
    with h5py.File(path, "w") as file:
        file.attrs.update({"format": "ri-dump", "version": 1, "n_samples": samples, "complete": True})
        for name, array in values.items():
            if name not in without:
                file[name] = array
    return Made(
        path,
        tuple(Object(sample, tuple(gt.tolist()), tuple(prediction.tolist())) for sample, gt, prediction in made),
        tuple(done.tolist()),
        tuple(gt_done.tolist()),
        tuple(steps.tolist()),
    )

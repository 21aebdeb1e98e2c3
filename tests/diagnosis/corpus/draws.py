"""What the seed of a planted run decides: its length, its noise, its logger, and all that is drawn after these."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from inspector.formats.metrics import encode_record
from inspector.formats.nonfinite import to_json
from inspector.formats.recipes.catalogue import settings_of
from inspector.formats.run_folder import METRICS_FILE, RUN_FILE, SETTINGS_FILE, RunRecord

Array = np.ndarray[Any, np.dtype[np.float64]]
Logger = Literal["metrics", "csv", "console"]

LOGGERS: tuple[Logger, ...] = ("metrics", "csv", "console")
VALUES_PER_EPOCH = 5
"""Of a training loss in this program's own record; other loggers keep one an epoch."""


@dataclass(frozen=True)
class Draw:
    """One planted run's own numbers.

    Attributes:
        random: for all else that is drawn.
        noise: standard deviation of an epoch's value, as a share of it.
    """

    seed: int
    random: np.random.Generator
    logger: Logger
    epochs: int
    steps_per_epoch: int
    noise: float

    @property
    def ages(self) -> Array:
        """Epochs, the first is 1; (epochs,) float64."""
        return np.arange(1, self.epochs + 1, dtype=np.float64)

    def between(self, low: float, high: float) -> float:
        """A number, evenly."""
        return float(self.random.uniform(low, high))

    def orders(self, low: float, high: float) -> float:
        """A number, evenly over orders of magnitude."""
        return float(np.exp(self.random.uniform(np.log(low), np.log(high))))

    def whole(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return int(self.random.integers(low, high + 1))

    def noisy(self, values: Array, share: float = 1.0) -> Array:
        """Values with this run's noise, as a share of each."""
        return values * (1 + share * self.noise * self.random.normal(0, 1, len(values)))

    def score(self, values: Array, spread: float = 1.0) -> Array:
        """Scores with noise on their own scale of 0 to 1, kept within it."""
        return np.clip(values + spread * self.noise * self.random.normal(0, 1, len(values)), 0.0, 1.0)


Write = Callable[[Path, Draw], None]


@dataclass(frozen=True)
class Planted:
    """A kind of run.

    Attributes:
        write: makes one in an empty folder.
        labels: findings that must come; none of a healthy run.
        also: findings that may rightly come at severity error or above; any other there is a false alarm.
        epochs: fewest and most.
        own_record: whether only this program's record tells enough; of others the logger is drawn.
    """

    name: str
    write: Write
    labels: frozenset[str] = frozenset()
    also: frozenset[str] = frozenset()
    epochs: tuple[int, int] = (14, 60)
    own_record: bool = False

    @property
    def is_healthy(self) -> bool:
        return not self.labels

    def draw(self, seed: int) -> Draw:
        """The same for the same seed and name."""
        random = np.random.default_rng([seed, zlib.crc32(self.name.encode())])
        epochs = int(random.integers(self.epochs[0], self.epochs[1] + 1))
        steps = int(random.choice([40, 125, 300]))
        noise = float(np.exp(random.uniform(np.log(0.003), np.log(0.03))))
        logger = LOGGERS[int(random.integers(3))]
        return Draw(seed, random, "metrics" if self.own_record else logger, epochs, steps, noise)


def fault(name: str, write: Write, *also: str, of: tuple[str, ...] = (), **more: Any) -> Planted:
    """A run that must give the finding of its name, or those of `of`."""
    return Planted(name, write, frozenset(of or (name,)), frozenset(also), **more)


def write_log(
    folder: Path,
    draw: Draw,
    curves: Mapping[str, Array],
    *,
    recipe: str = "",
    preset: str = "",
    edits: Mapping[str, Any] | None = None,
    at_start: Mapping[str, float] | None = None,
) -> None:
    """One value of each curve an epoch, as the draw's logger writes it; settings where a recipe is named.

    `at_start` are values of the first step, before anything is learnt.
    """
    if recipe:
        write_settings(folder, draw, recipe, preset, edits or {})
    if draw.logger == "metrics":
        _write_metrics(folder, draw, curves, at_start or {})
    elif draw.logger == "csv":
        rows = [["epoch", *(tag.replace("/", "_") for tag in curves)]]
        rows += [
            [str(epoch + 1), *(f"{values[epoch]:.6g}" for values in curves.values())] for epoch in range(draw.epochs)
        ]
        (folder / "metrics.csv").write_text("".join(",".join(row) + "\n" for row in rows))
    else:
        lines = [
            f"Epoch {epoch + 1}/{draw.epochs} - "
            + " - ".join(f"{tag.replace('/', '_')}: {values[epoch]:.5g}" for tag, values in curves.items())
            for epoch in range(draw.epochs)
        ]
        (folder / "train.log").write_text("\n".join(lines) + "\n")


def write_settings(folder: Path, draw: Draw, recipe: str, preset: str, edits: Mapping[str, Any]) -> None:
    """run.json and settings.json as the trainer writes them, for as many epochs as the draw has."""
    both = {"schedule.epochs": draw.epochs, "schedule.warmup_epochs": 1.0, **edits}
    settings: Any = settings_of(recipe, presets=[preset] if preset else [], edits=both)
    samples = draw.steps_per_epoch * settings.data.batch_size
    known = {"id": "a", "name": "a", "recipe": recipe, "seed": 0, "host": "h", "started": 0.0, "status": "finished"}
    (folder / RUN_FILE).write_bytes(to_json(RunRecord(**known, samples=samples)))
    (folder / SETTINGS_FILE).write_bytes(to_json(settings))


def _write_metrics(folder: Path, draw: Draw, curves: Mapping[str, Array], at_start: Mapping[str, float]) -> None:
    """Training values several times an epoch with the noise of single steps, the rest at its end."""
    per_epoch = draw.steps_per_epoch
    lines = [encode_record({"step": 1, "epoch": 1 / per_epoch, **at_start})] if at_start else []
    often = {tag for tag in curves if tag.startswith("train/")}
    for epoch in range(draw.epochs):
        for part in range(VALUES_PER_EPOCH):
            step = epoch * per_epoch + (part + 1) * per_epoch // VALUES_PER_EPOCH
            own = draw.random.normal(1, 2 * draw.noise, len(often))
            record = {tag: float(curves[tag][epoch] * one) for tag, one in zip(sorted(often), own, strict=True)}
            if part == VALUES_PER_EPOCH - 1:
                record |= {tag: float(values[epoch]) for tag, values in curves.items() if tag not in often}
            if record:
                lines.append(encode_record({"step": step, "epoch": step / per_epoch, **record}))
    (folder / METRICS_FILE).write_bytes(b"\n".join(lines) + b"\n")


def falling(draw: Draw, first: float, last: float, speed: float) -> Array:
    """From `first` towards `last`; after 1 / speed of the run a third of the way is left."""
    ages = (draw.ages - 1) / max(1, draw.epochs - 1)
    return last + (first - last) * np.exp(-speed * ages)


def rising(draw: Draw, first: float, last: float, speed: float) -> Array:
    """As `falling`, the other way."""
    return falling(draw, first, last, speed)

"""Faults of predicted points and of done, in dumps and logs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from tests.diagnosis.corpus.draws import Array, Draw, Planted, falling, fault, write_log, write_settings
from tests.diagnosis.folders import write_dump


def _scene(draw: Draw) -> tuple[Array, Array]:
    """Where the objects are, in pixels (samples, 2), and sizes of the images, height first."""
    samples = draw.whole(40, 200)
    sizes = np.stack([draw.random.integers(200, 600, samples), draw.random.integers(200, 600, samples)], 1)
    return draw.random.uniform(0.05, 0.95, (samples, 2)) * sizes[:, ::-1], sizes.astype(np.float64)


def _dump(folder: Path, truth: Array, sizes: Array, predicted: Array, **more: Array) -> None:
    kept = {"gt/points": truth, "pred/points": predicted, "samples/size": sizes}
    write_dump(
        folder / "step_0000500.h5", 500, {**kept, **{name.replace("__", "/"): one for name, one in more.items()}}
    )


def _signed(points: Array, sizes: Array) -> Array:
    return (points + 0.5) / sizes[:, ::-1] * 2 - 1


def _pixels(places: Array, sizes: Array) -> Array:
    return (places + 1) / 2 * sizes[:, ::-1] - 0.5


def _error(draw: Draw, truth: Array, low_px: float = 1.0, high_px: float = 8.0) -> Array:
    return draw.random.normal(0, draw.between(low_px, high_px), truth.shape)


Plant = Callable[[Draw, Array, Array], Array]


def _planted(plant: Plant, folder: Path, draw: Draw) -> None:
    truth, sizes = _scene(draw)
    _dump(folder, truth, sizes, plant(draw, truth, sizes))


def _swapped(draw: Draw, truth: Array, sizes: Array) -> Array:
    if draw.random.random() < 0.5:
        return truth[:, ::-1] + _error(draw, truth)
    return _pixels(_signed(truth, sizes)[:, ::-1], sizes) + _error(draw, truth)


def _offset(draw: Draw, truth: Array, _sizes: Array) -> Array:
    angle = draw.between(0, 2 * np.pi)
    moved = draw.orders(20, 120) * np.array([np.cos(angle), np.sin(angle)])
    return truth + moved + _error(draw, truth, 0.5, 4)


def _scaled(draw: Draw, truth: Array, sizes: Array) -> Array:
    factor = draw.between(0.4, 0.75) if draw.random.random() < 0.7 else draw.between(1.3, 1.9)
    scaled = (
        factor * (truth + 0.5) - 0.5 if draw.random.random() < 0.5 else _pixels(factor * _signed(truth, sizes), sizes)
    )
    return scaled + _error(draw, truth, 0.3, 3)


def _collapsed(draw: Draw, truth: Array, sizes: Array) -> Array:
    corner = draw.random.random() < 0.5
    place = draw.random.choice([-1.0, 1.0], 2) if corner else draw.random.uniform(-0.6, 0.6, 2)
    return _pixels(np.broadcast_to(place, truth.shape), sizes) + _error(draw, truth, 0, 1)


def _at_border(draw: Draw, truth: Array, sizes: Array) -> Array:
    return _pixels(np.tanh(draw.between(6, 15) * _signed(truth, sizes)), sizes)


def _answers(draw: Draw, count: int, share: float) -> Array:
    done = np.zeros(count)
    done[draw.random.permutation(count)[: max(1, round(share * count))]] = 1.0
    return done


def _never(folder: Path, draw: Draw) -> None:
    truth, sizes = _scene(draw)
    done = _answers(draw, len(truth), draw.between(0.15, 0.5))
    said = np.clip(draw.random.uniform(0, draw.between(0.2, 0.5), len(truth)), 0, 0.56)
    _dump(folder, truth, sizes, truth + _error(draw, truth), gt__done=done, pred__done=said)


def _rare(folder: Path, draw: Draw) -> None:
    truth, sizes = _scene(draw)
    done = _answers(draw, len(truth), draw.between(0.01, 0.045))
    said = np.clip(done * 0.7 + draw.random.uniform(0.05, 0.25, len(truth)), 0, 1)
    _dump(folder, truth, sizes, truth + _error(draw, truth), gt__done=done, pred__done=said)


def _threshold(folder: Path, draw: Draw) -> None:
    """Errors of 10 to 25 px beneath a threshold that reaches 50 px and more."""
    truth, sizes = _scene(draw)
    _dump(folder, truth, sizes, truth + _error(draw, truth, 14, 24))
    edits = {"loss.coord": "funnel", "loss.funnel_threshold": round(draw.between(0.28, 0.4), 2)}
    write_settings(folder, draw, "counting", "", edits)


def _stuck(folder: Path, draw: Draw) -> None:
    error = np.maximum(falling(draw, 120, draw.between(15, 40), 40), 0)
    curves = {"train/loss": draw.noisy(falling(draw, 0.5, 0.3, 6)), "val/pixel_error": error}
    write_log(folder, draw, {**curves, "val/pixel_error": error + draw.random.normal(0, 0.2, draw.epochs)})


def write_healthy_points(folder: Path, draw: Draw) -> None:
    """Errors of a few pixels, done told rightly."""
    truth, sizes = _scene(draw)
    done = _answers(draw, len(truth), draw.between(0.2, 0.5))
    said = np.clip(done * 0.8 + draw.random.uniform(0, 0.15, len(truth)), 0, 1)
    _dump(folder, truth, sizes, truth + _error(draw, truth, 1, 15), gt__done=done, pred__done=said)


POINTS: tuple[Planted, ...] = (
    *(
        fault(name, partial(_planted, plant), own_record=True)
        for name, plant in (
            ("points-swapped", _swapped),
            ("points-offset", _offset),
            ("points-scaled", _scaled),
            ("points-collapsed", _collapsed),
            ("points-at-border", _at_border),
        )
    ),
    fault("done-never-fires", _never, own_record=True),
    fault("done-rare", _rare, own_record=True),
    fault("loss-threshold", _threshold, own_record=True),
    fault("pixel-error-stuck", _stuck, epochs=(25, 60)),
)

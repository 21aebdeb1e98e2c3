"""Faults that a loss shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.diagnosis.corpus.draws import Draw, Planted, falling, fault, write_log


def _healthy_pair(draw: Draw) -> dict[str, np.ndarray]:
    training = falling(draw, draw.between(0.8, 3), draw.between(0.1, 0.4), draw.between(3, 6))
    return {"train/loss": draw.noisy(training), "val/loss": draw.noisy(training * draw.between(1.02, 1.3))}


def _not_finite(folder: Path, draw: Draw) -> None:
    curves = _healthy_pair(draw)
    since = draw.whole(2, draw.epochs - 2)
    bad = np.nan if draw.random.random() < 0.7 else np.inf
    lasts = draw.epochs if draw.random.random() < 0.8 else since + draw.whole(1, 2)
    for values in curves.values():
        values[since:lasts] = bad
    write_log(folder, draw, curves)


def _diverging(folder: Path, draw: Draw) -> None:
    """From its best, which may be the first, to 1.2 to 5 times of it."""
    best = draw.whole(0, draw.epochs // 2)
    least, first = draw.between(0.2, 1.5), draw.between(1.5, 3)
    fall = np.geomspace(least * first, least, best + 1)
    climb = least * np.geomspace(1, draw.orders(1.2, 5), draw.epochs - best)
    training = np.concatenate([fall[:-1], climb])
    curves = {"train/loss": draw.noisy(training)}
    if draw.random.random() < 0.5:
        curves["val/loss"] = draw.noisy(training * 1.1)
    write_log(folder, draw, curves)


def _overfitting(folder: Path, draw: Draw) -> None:
    """Validation rises by 8 % to 150 % from its best, training goes on falling."""
    training = falling(draw, draw.between(0.9, 2.5), draw.between(0.02, 0.2), draw.between(2, 4))
    best = draw.whole(3, draw.epochs // 2)
    least = float(training[best]) * draw.between(1.1, 1.5)
    validation = np.empty(draw.epochs)
    validation[: best + 1] = np.geomspace(max(float(training[0]), least * 1.2), least, best + 1)
    validation[best:] = least * np.linspace(1, draw.orders(1.08, 2.5), draw.epochs - best)
    write_log(folder, draw, {"train/loss": draw.noisy(training), "val/loss": draw.noisy(validation)})


def _memorised(folder: Path, draw: Draw) -> None:
    """Gone within 3 to 4 epochs, and validation is not."""
    first = draw.between(0.1, 2.5)
    training = first * np.maximum(10 ** (-draw.between(0.8, 1.5) * (draw.ages - 1)), draw.orders(1e-4, 3e-3))
    validation = falling(draw, first, first * draw.between(0.4, 0.9), 8)
    write_log(folder, draw, {"train/loss": draw.noisy(training), "val/loss": draw.noisy(validation)})


def _negative(folder: Path, draw: Draw) -> None:
    first, last = draw.between(0.1, 0.5), -draw.orders(5e-4, 0.3)
    values = first + (last - first) * (1 - np.exp(-4 * (draw.ages - 1) / draw.epochs)) / (1 - np.exp(-4))
    values[-2:] = last
    curves = {"train/loss": draw.noisy(values), "val/loss": draw.noisy(values + abs(last) * draw.between(-0.3, 0.3))}
    write_log(folder, draw, curves)


def _stalled(folder: Path, draw: Draw) -> None:
    """Within 3 % of where it began, all the time."""
    level = np.log(draw.whole(2, 1000))
    curves = {"train/loss": level * np.linspace(1, 1 - draw.between(0, 0.03), draw.epochs)}
    if draw.random.random() < 0.5:
        curves["val/loss"] = curves["train/loss"] * 1.01
    quiet = {tag: values * (1 + 0.003 * draw.random.normal(0, 1, draw.epochs)) for tag, values in curves.items()}
    write_log(folder, draw, quiet)


def _done_stuck(folder: Path, draw: Draw) -> None:
    rate = draw.between(0.12, 0.35)
    floor = float(-rate * np.log(rate) - (1 - rate) * np.log(1 - rate))
    curves = _healthy_pair(draw)
    stuck = np.full(draw.epochs, floor + draw.between(0.0, 0.03))
    write_log(folder, draw, {**curves, "train/loss_done": draw.noisy(stuck), "val/loss_done": draw.noisy(stuck)})


def _funnel(folder: Path, draw: Draw) -> None:
    edits = {"loss.coord": "funnel", "loss.funnel_threshold": round(draw.between(0.05, 0.4), 2)}
    write_log(folder, draw, _healthy_pair(draw), recipe="counting", edits=edits)


def _initial(folder: Path, draw: Draw) -> None:
    """30 % to three times above ln 10, as with weights that begin too large."""
    first = np.log(10) * draw.orders(1.3, 4)
    training = falling(draw, 2.0, 0.6, draw.between(3, 5))
    write_log(
        folder, draw, {"train/loss": draw.noisy(training)}, recipe="arc_solver", at_start={"train/loss": float(first)}
    )


def _noisy(folder: Path, draw: Draw) -> None:
    """From one epoch to the next by 60 % and more of its course."""
    course = falling(draw, 1.5, 0.8, 2)
    swing = draw.between(0.3, 0.6) * np.where(draw.ages % 2 == 0, 1, -1) * draw.random.uniform(0.7, 1.3, draw.epochs)
    write_log(folder, draw, {"train/loss": course * (1 + swing)})


def _smoothing(folder: Path, draw: Draw) -> None:
    edits = {"loss.label_smoothing": round(draw.between(0.05, 0.3), 2)}
    curves = {
        "train/loss": draw.noisy(falling(draw, 2.2, 1.1, 4)),
        "train/accuracy": draw.score(falling(draw, 0.1, draw.between(0.4, 0.7), 3)),
    }
    write_log(folder, draw, curves, recipe="arc_solver", edits=edits)


def _still_improving(folder: Path, draw: Draw) -> None:
    score = np.linspace(draw.between(0.05, 0.2), draw.between(0.5, 0.8), draw.epochs)
    training = falling(draw, 2.0, 0.8, 1)
    curves = {"train/loss": draw.noisy(training), "val/loss": draw.noisy(training * 1.05)}
    write_log(folder, draw, {**curves, "val/accuracy": draw.score(score, 0.3)})


LOSSES: tuple[Planted, ...] = (
    fault("loss-not-finite", _not_finite),
    fault("loss-diverging", _diverging),
    fault("overfitting", _overfitting),
    fault("memorised", _memorised, "overfitting"),
    fault("negative-loss", _negative),
    fault("loss-stalled", _stalled),
    fault("done-loss-stuck", _done_stuck),
    fault("funnel-jump", _funnel, own_record=True),
    fault("initial-loss", _initial, own_record=True),
    fault("loss-noisy", _noisy),
    fault("smoothing-floor", _smoothing, own_record=True),
    fault("still-improving", _still_improving),
)

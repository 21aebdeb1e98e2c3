"""Faults that a score shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.diagnosis.corpus.draws import Array, Draw, Planted, falling, fault, rising, write_log


def _loss(draw: Draw) -> dict[str, Array]:
    return {"train/loss": draw.noisy(falling(draw, 1.0, 0.2, 4))}


def _collapsed(folder: Path, draw: Draw) -> None:
    """To 5 % to 40 % of its best, for two evaluations or more; some recover a little."""
    best = draw.between(0.35, 0.8)
    peak = draw.whole(3, draw.epochs - 4)
    score = np.concatenate([np.linspace(0.1, best, peak), np.full(draw.epochs - peak, best * draw.between(0.03, 0.35))])
    if draw.random.random() < 0.4:
        score[-1] = best * draw.between(0.5, 0.75)
    write_log(folder, draw, {**_loss(draw), "val/ari": draw.score(score)})


def _oscillating(folder: Path, draw: Draw) -> None:
    """Up and down by 0.35 to 0.5 of the scale in the last evaluations."""
    score = rising(draw, 0.2, draw.between(0.55, 0.7), 3)
    swings = draw.whole(7, 9)
    low = draw.between(0.35, 0.5)
    score[-swings:] = score[-swings:] - low * (np.arange(swings)[::-1] % 2 == 0)
    write_log(folder, draw, {**_loss(draw), "val/accuracy": draw.score(score)})


def _below_baseline(folder: Path, draw: Draw) -> None:
    baseline = draw.between(0.5, 0.65)
    curves = {
        **_loss(draw),
        "val/fg_ari": draw.score(rising(draw, 0.02, draw.between(0.15, 0.42), 6)),
        "baseline/fg_ari_blocks": np.full(draw.epochs, baseline),
        "slots/mask_entropy": draw.score(falling(draw, 0.97, 0.8, 6), 0.3),
    }
    write_log(folder, draw, curves, recipe="slots")


def _stagnant(folder: Path, draw: Draw) -> None:
    score = rising(draw, 0.05, draw.between(0.35, 0.5), draw.between(12, 20))
    write_log(folder, draw, {**_loss(draw), "val/fg_ari": draw.score(score, 0.5)})


def _behind(folder: Path, draw: Draw) -> None:
    """An ARI of less than two thirds of what is written down, or a grid solver's loss nearer to guessing than to 0."""
    if draw.random.random() < 0.5:
        score = 0.6 * draw.between(0.5, 0.9) * np.log(1 + draw.ages) / np.log(51)
        write_log(folder, draw, {**_loss(draw), "val/ari": draw.score(score, 0.3)})
    else:
        course = falling(draw, 2.2, draw.between(1.35, 1.9), draw.between(2, 6))
        write_log(folder, draw, {"train/loss": draw.noisy(course)}, recipe="arc_solver", preset="fixed")


def _padded(folder: Path, draw: Draw) -> None:
    high = draw.between(0.84, 0.9)
    curves = {
        **_loss(draw),
        "val/accuracy_padded": draw.score(rising(draw, 0.5, high, 5), 0.3),
        "val/accuracy_content": draw.score(rising(draw, 0.1, high - draw.between(0.25, 0.45), 5), 0.5),
        "baseline/accuracy_padded_all_zeros": np.full(draw.epochs, 0.92),
    }
    write_log(folder, draw, curves, recipe="arc_solver", edits={"loss.pad_loss": True})


def _gap(folder: Path, draw: Draw) -> None:
    top = draw.between(0.8, 0.99)
    curves = {
        "train/accuracy": draw.score(rising(draw, 0.2, top, 5), 0.5),
        "val/accuracy": draw.score(rising(draw, 0.2, top - draw.between(0.15, 0.35), 5), 0.5),
    }
    write_log(folder, draw, {**_loss(draw), **curves})


def _ahead(folder: Path, draw: Draw) -> None:
    """Held-out data that are part of the training data, in an easier mode."""
    trained = rising(draw, 0.5, draw.between(0.75, 0.88), 4)
    curves = {
        "train/accuracy": draw.score(trained, 0.3),
        "val/accuracy": draw.score(np.minimum(trained + draw.between(0.07, 0.11), 0.995), 0.3),
    }
    write_log(folder, draw, {**_loss(draw), **curves})


def _scattered(folder: Path, draw: Draw) -> None:
    curves = {
        **_loss(draw),
        "val/fg_ari": draw.score(rising(draw, 0.1, draw.between(0.83, 0.95), 6), 0.3),
        "val/ari": draw.score(rising(draw, 0.02, draw.between(0.08, 0.25), 6), 0.3),
    }
    write_log(folder, draw, curves)


SCORES: tuple[Planted, ...] = (
    fault("score-collapsed", _collapsed, "score-oscillating"),
    fault("score-oscillating", _oscillating, "score-collapsed"),
    fault("below-baseline", _below_baseline, epochs=(30, 60), own_record=True),
    fault("score-stagnant", _stagnant, epochs=(70, 110)),
    fault("behind-course", _behind, epochs=(30, 50), own_record=True),
    fault("padded-accuracy", _padded, own_record=True),
    fault("accuracy-gap", _gap),
    fault("validation-ahead", _ahead),
    fault("scattered-background", _scattered),
)

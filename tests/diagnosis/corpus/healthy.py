"""Runs that went well: of each recipe, of other fields, and the neighbours of faults."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from tests.diagnosis.corpus import features, gradients, points, rates, slots, weights
from tests.diagnosis.corpus.draws import Array, Draw, Planted, falling, rising, write_log


def _pair(draw: Draw, first: float, last: float, speed: float, gap: float = 1.08) -> dict[str, Array]:
    training = falling(draw, first, last, speed)
    return {"train/loss": draw.noisy(training), "val/loss": draw.noisy(training * gap)}


def _rate(draw: Draw, base: float, warmup: float = 1.0) -> Array:
    risen = np.minimum(1.0, draw.ages / warmup)
    return base * risen * (1 + np.cos(np.pi * draw.ages / draw.epochs)) / 2


def _slots(folder: Path, draw: Draw) -> None:
    """The plateau first, then slots part."""
    parted = 1 / (1 + np.exp(-(draw.ages / draw.epochs - draw.between(0.15, 0.35)) * 25))
    curves = {
        **_pair(draw, 0.3, draw.between(0.01, 0.05), 4),
        "val/fg_ari": draw.score(0.02 + draw.between(0.6, 0.85) * parted, 0.5),
        "val/ari": draw.score(0.02 + draw.between(0.4, 0.6) * parted, 0.5),
        "slots/cosine": draw.score(0.99 - draw.between(0.45, 0.65) * parted, 0.3),
        "slots/mask_entropy": draw.score(1.0 - draw.between(0.2, 0.45) * parted, 0.2),
        "slots/active": draw.noisy(1.5 + draw.between(1.5, 2.3) * parted),
        "lr/encoder": _rate(draw, 1e-3),
        "baseline/fg_ari_blocks": np.full(draw.epochs, draw.between(0.5, 0.57)),
    }
    write_log(folder, draw, curves, recipe="slots", preset="fixed")


def _slots_early(folder: Path, draw: Draw) -> None:
    """Still on the plateau: a cosine of 0.99 and uniform masks are normal there."""
    curves = {
        **_pair(draw, 0.3, 0.12, 2),
        "val/fg_ari": draw.score(np.full(draw.epochs, draw.between(0.02, 0.2)), 0.5),
        "slots/cosine": draw.score(np.full(draw.epochs, 0.99), 0.1),
        "slots/mask_entropy": draw.score(np.full(draw.epochs, 0.999), 0.02),
        "slots/active": draw.noisy(np.full(draw.epochs, 1.2)),
        "baseline/fg_ari_blocks": np.full(draw.epochs, 0.55),
    }
    early = replace(draw, steps_per_epoch=125)
    write_log(folder, early, curves, recipe="slots", preset="fixed", edits={"schedule.epochs": 40})


def _counting(folder: Path, draw: Draw) -> None:
    spread = draw.between(25, 35)
    curves = {
        **_pair(draw, 1.2, draw.between(0.05, 0.15), 4, draw.between(1.0, 1.3)),
        "train/loss_coord": draw.noisy(falling(draw, 0.3, 0.01, 5)),
        "train/loss_done": draw.noisy(falling(draw, 0.69, 0.08, 4)),
        "val/loss_done": draw.noisy(falling(draw, 0.69, 0.12, 4)),
        "val/pixel_error": draw.noisy(falling(draw, spread, draw.between(2, 7), 5)),
        "val/count_mae": draw.noisy(falling(draw, 5, draw.between(0.4, 1.2), 5)),
        "baseline/pixel_error_mean_position": np.full(draw.epochs, spread),
        "baseline/count_mae_mean_count": np.full(draw.epochs, 5.0),
        "lr/backbone": _rate(draw, 3e-3),
    }
    write_log(folder, draw, curves, recipe="counting", preset="fixed")


def _arc_solver(folder: Path, draw: Draw) -> None:
    content = rising(draw, 0.1, draw.between(0.75, 0.92), 4)
    curves = {
        **_pair(draw, 2.2, draw.between(0.3, 0.6), 4, draw.between(1.0, 1.1)),
        "train/accuracy": draw.score(content, 0.3),
        "val/accuracy_content": draw.score(content - 0.02, 0.3),
        "baseline/accuracy_content_copy_input": np.full(draw.epochs, draw.between(0.4, 0.55)),
        "lr/embed": _rate(draw, 1e-3),
    }
    write_log(
        folder,
        draw,
        curves,
        recipe="arc_solver",
        preset="fixed",
        at_start={"train/loss": 2.303 * draw.between(0.95, 1.1)},
    )


def _arc_slots(folder: Path, draw: Draw) -> None:
    parted = 1 / (1 + np.exp(-(draw.ages / draw.epochs - 0.25) * 20))
    curves = {
        **_pair(draw, 1.8, draw.between(0.1, 0.3), 4, 1.05),
        "val/accuracy_content": draw.score(0.3 + draw.between(0.5, 0.65) * parted, 0.3),
        "slots/cosine": draw.score(0.98 - draw.between(0.5, 0.7) * parted, 0.3),
        "slots/mask_entropy": draw.score(1.0 - draw.between(0.4, 0.6) * parted, 0.2),
        "slots/active": draw.noisy(2.0 + draw.between(1.5, 3) * parted),
        "baseline/slots_active_colours": np.full(draw.epochs, draw.between(2.5, 3.5)),
        "lr/encoder": _rate(draw, 4e-3),
    }
    write_log(folder, draw, curves, recipe="arc_slots", preset="fixed")


def _classifier(folder: Path, draw: Draw) -> None:
    top = draw.between(0.7, 0.97)
    curves = {
        **_pair(
            draw,
            float(np.log(draw.whole(10, 1000))),
            draw.between(0.2, 0.8),
            draw.between(3, 6),
            draw.between(0.95, 1.2),
        ),
        "train/accuracy": draw.score(rising(draw, 0.1, top, 4), 0.3),
        "val/accuracy": draw.score(rising(draw, 0.1, top - draw.between(0, 0.04), 4), 0.3),
    }
    write_log(folder, draw, curves)


def _language_model(folder: Path, draw: Draw) -> None:
    curves = {**_pair(draw, 10.8, draw.between(2.8, 4), draw.between(6, 12), 1.01), "lr": _rate(draw, 3e-4, 3.0)}
    write_log(folder, draw, curves)


def _converged(folder: Path, draw: Draw) -> None:
    """Flat for most of the run, as low as it gets."""
    write_log(folder, draw, _pair(draw, draw.orders(0.5, 50), draw.between(0.1, 0.3), draw.between(15, 30)))


def _tuned_further(folder: Path, draw: Draw) -> None:
    """Begins low and gains a little."""
    first = draw.between(0.3, 0.6)
    write_log(folder, draw, _pair(draw, first, first * draw.between(0.7, 0.9), 3))


def _steps(folder: Path, draw: Draw) -> None:
    """The rate falls by ten twice, and the loss with it."""
    place = (draw.ages - 1) / draw.epochs
    training = falling(draw, 2.0, 1.0, 12) * np.where(place > 2 / 3, 0.35, np.where(place > 1 / 3, 0.5, 1.0))
    rate = 0.1 * np.where(place > 2 / 3, 0.01, np.where(place > 1 / 3, 0.1, 1.0))
    write_log(folder, draw, {"train/loss": draw.noisy(training), "val/loss": draw.noisy(training * 1.1), "lr": rate})


def _restarts(folder: Path, draw: Draw) -> None:
    """Warm restarts: after each the loss rises by a tenth and falls further."""
    cycle = 10
    within = ((draw.ages - 1) % cycle) / cycle
    training = falling(draw, 1.5, 0.4, 3) * (1.08 - 0.1 * within)
    curves = {"train/loss": draw.noisy(training), "val/loss": draw.noisy(training * 1.1)}
    write_log(folder, draw, {**curves, "lr": 1e-3 * (1 + np.cos(np.pi * within)) / 2})


def _slight_gap(folder: Path, draw: Draw) -> None:
    """Validation stands and rises by 2 % at the end, as runs do that are trained to their end."""
    training = falling(draw, 2.0, 0.3, 4)
    validation = falling(draw, 2.1, 0.6, 7) * np.linspace(1, 1.02, draw.epochs)
    write_log(folder, draw, {"train/loss": draw.noisy(training), "val/loss": draw.noisy(validation)})


def _short(folder: Path, draw: Draw) -> None:
    """One to four epochs."""
    write_log(folder, draw, _pair(draw, 2.3, 1.0, 2))


def _contest(folder: Path, draw: Draw) -> None:
    """A generator and a discriminator: neither falls for long."""
    wave = np.sin(draw.ages / draw.between(2, 6))
    curves = {
        "loss/generator": draw.noisy(1.5 + 0.4 * wave + draw.ages / draw.epochs),
        "loss/discriminator": draw.noisy(0.9 - 0.2 * wave),
    }
    write_log(folder, draw, curves)


def _density(folder: Path, draw: Draw) -> None:
    """A density's loss goes below zero rightly."""
    training = falling(draw, 3.0, -draw.between(0.5, 3), 3)
    noise = 0.02 * draw.random.normal(0, 1, draw.epochs)
    write_log(folder, draw, {"train/nll_loss": training + noise, "val/nll_loss": training + 0.1 - noise})


def _cosine_checkpoints(folder: Path, draw: Draw) -> None:
    base, length = draw.orders(1e-5, 1e-2), draw.whole(30, 150)
    for epoch in sorted({int(length * share) for share in draw.random.uniform(0.1, 0.9, 3)}):
        rates.write_rates(folder, epoch, [rates.cosine(base, epoch, length)], [base], length)


def _channels(folder: Path, draw: Draw) -> None:
    """Sparse, and alive: at most one channel of a layer never fires."""
    slots.write_channels(folder, draw, 0.0, activation="relu" if draw.random.random() < 0.6 else "leaky_relu")


HEALTHY: tuple[Planted, ...] = (
    Planted("healthy slots", _slots, epochs=(30, 60), own_record=True),
    Planted("healthy slots on their plateau", _slots_early, epochs=(5, 8), own_record=True),
    Planted("healthy counting", _counting, epochs=(8, 40), own_record=True),
    Planted("healthy arc_solver", _arc_solver, epochs=(8, 40), own_record=True),
    Planted("healthy arc_slots", _arc_slots, epochs=(40, 120), own_record=True),
    Planted("healthy classifier", _classifier, epochs=(5, 90)),
    Planted("healthy language model", _language_model, epochs=(5, 60)),
    Planted("healthy and converged", _converged, epochs=(20, 90)),
    Planted("healthy and tuned further", _tuned_further, epochs=(5, 30)),
    Planted("healthy in steps", _steps, epochs=(24, 90)),
    Planted("healthy with restarts", _restarts, epochs=(20, 60)),
    Planted("healthy schedules", rates.write_schedules, epochs=(20, 90)),
    Planted("healthy with a slight gap", _slight_gap, epochs=(20, 60)),
    Planted("healthy and short", _short, epochs=(1, 4)),
    Planted("healthy contest", _contest),
    Planted("healthy density", _density),
    Planted("healthy rates in checkpoints", _cosine_checkpoints, own_record=True),
    Planted("healthy gradients", gradients.write_healthy, epochs=(20, 60), own_record=True),
    Planted("healthy and resumed", gradients.write_resumed, own_record=True),
    Planted("healthy channels", _channels, own_record=True),
    Planted("healthy grids", partial(features.write_grids, right=(0.5, 0.95)), own_record=True),
    Planted("healthy attention", partial(slots.write_attention, over_slots=True), own_record=True),
    Planted("healthy masks", partial(slots.write_masks, alike=False), own_record=True),
    Planted("healthy points", points.write_healthy_points, own_record=True),
    Planted("healthy weights", weights.write_healthy, own_record=True),
)

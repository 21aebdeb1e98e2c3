"""What a validation says of the run: whether it is the best so far, and whether the run has diverged or fallen back."""

from __future__ import annotations

import math
from dataclasses import dataclass

from inspector.core.units import number_text
from inspector.formats.checkpoint import checkpoint_name
from inspector.formats.recipes.training import Train
from inspector.training.progress import Best, Counters, Position
from inspector.training.task import Score, Task

LOSS = "val/loss"
_RISES = 2
"""Validations in a row above the relative limit that make a divergence."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from a validation.

    Attributes:
        better: it is the best so far.
        diverged: why the run ends now as failed, one sentence; empty where it goes on.
        over: patience is over, one sentence; empty where it goes on.
        dropped: what to warn of, one sentence; empty for nothing.
    """

    better: bool = False
    diverged: str = ""
    over: str = ""
    dropped: str = ""


def judged(found: dict[str, float], task: Task, train: Train, at: Position, best: Best, counts: Counters) -> Verdict:
    """Judge a validation, and count it.

    Args:
        found: its metrics.
        task: which scores count.
        train: the limits.
        at: where the run is.
        best: brought up to date.
        counts: brought up to date.
    """
    value = found.get(task.score.name, math.nan)
    better = _beats(value, best.value, task.score)
    if better:
        best.value, best.step, best.waited = value, at.step, 0
    else:
        best.waited += 1
    over = train.early_stop and best.waited >= train.patience
    return Verdict(
        better,
        _diverged(found[LOSS], train, best, counts) if LOSS in found else "",
        f"No better {_word(task.score.name)} for {best.waited} validations" if over else "",
        _dropped(found, task.watched, train, at, counts) if task.watched is not None else "",
    )


def _word(name: str) -> str:
    return "validation loss" if name == LOSS else name


def _beats(value: float, other: float | None, score: Score) -> bool:
    if not math.isfinite(value):
        return False
    return other is None or (value < other if score.better == "lower" else value > other)


def _diverged(loss: float, train: Train, best: Best, counts: Counters) -> str:
    lowest = counts.lowest_loss
    if lowest is None or loss < lowest:
        counts.risen = 0
        counts.lowest_loss = loss if math.isfinite(loss) else lowest
        return ""
    rise = loss - lowest if math.isfinite(loss) else math.inf
    share = train.divergence_share
    counts.risen = counts.risen + 1 if share is not None and rise > share * abs(lowest) else 0
    if train.divergence_rise is not None and rise > train.divergence_rise:
        limit = f"more than train.divergence_rise, {number_text(train.divergence_rise)}"
    elif share is not None and counts.risen >= _RISES:
        limit = f"more than train.divergence_share, {share:.0%} of it, {counts.risen} times in a row"
    else:
        return ""
    name = f"resume {checkpoint_name(best.step)}" if best.step is not None else "start again"
    return (
        f"Diverged: {LOSS} is {number_text(loss)}, above its lowest, {number_text(lowest)}, by {limit}; {name} with a"
        " lower optim.lr"
    )


def _dropped(found: dict[str, float], watched: Score, train: Train, at: Position, counts: Counters) -> str:
    value = found.get(watched.name, math.nan)
    if _beats(value, counts.watched, watched):
        counts.watched = value
        return ""
    best, share = counts.watched, train.watch_drop
    if best is None or share is None or at.epoch < train.watch_from_epoch:
        return ""
    lost = (best - value if watched.better == "higher" else value - best) / abs(best) if best else 0.0
    if lost < share:
        return ""
    return f"{watched.name} is {number_text(value)}, {lost:.0%} worse than its best, {number_text(best)}"

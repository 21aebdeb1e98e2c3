"""One curve a tag, its steps rising, for all that asks what a run's value was at a step."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import numpy as np

from inspector.core.arrays import AnyArray
from inspector.core.language import tr
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.formats.series import Series


def rising_curves(curves: Iterable[Series], pulse: Pulse) -> dict[str, Series]:
    """By tag, in the order in which the tags come, with steps that rise strictly.

    Args:
        curves: those of a run, as `runs.curves` joins them; where several stand apart under one tag, those that follow
            each other make one, else the fullest is taken.
        pulse: is beaten for every tag.
    """
    found: dict[str, list[Series]] = {}
    for one in curves:
        found.setdefault(one.tag, []).append(one)
    rising = {}
    for done, (tag, own) in enumerate(found.items()):
        pulse.beat(done, len(found), tr("joining {what}").format(what=visible(tag, 80)))
        rising[tag] = joined(own)
    return rising


def joined(parts: Iterable[Series]) -> Series:
    """One curve of a tag that several logs have: those that follow each other joined, else the fullest."""
    curves = sorted(map(cleaned, parts), key=lambda one: -len(one.values))
    whole = curves[0]
    for other in curves[1:]:
        if not len(other.values) or other.stepless or whole.stepless:
            continue
        if other.steps[0] > whole.steps[-1]:
            whole = _followed(whole, other)
        elif other.steps[-1] < whole.steps[0]:
            whole = _followed(other, whole)
    return whole


def _followed(first: Series, second: Series) -> Series:
    def both(one: AnyArray | None, other: AnyArray | None) -> AnyArray | None:
        return None if one is None or other is None else np.concatenate([one, other])

    return msgspec.structs.replace(
        first,
        steps=np.concatenate([first.steps, second.steps]),
        values=np.concatenate([first.values, second.values]),
        epochs=both(first.epochs, second.epochs),
        times=both(first.times, second.times),
    )


def cleaned(one: Series) -> Series:
    """The curve with steps that rise strictly: what a restarted run wrote again counts, what it replaced does not.

    Where a log gives no steps, epochs that go back tell of a restart.
    """
    one = _without_replaced_epochs(one)
    steps = np.asarray(one.steps, np.float64)
    if steps.size and np.isfinite(steps[[0, -1]]).all() and (steps[1:] > steps[:-1]).all():  # most are, and not copied
        return msgspec.structs.replace(one, steps=steps, values=np.asarray(one.values, np.float64), starts=None)
    placed = np.isfinite(steps)
    ahead = np.where(placed, steps, np.inf)
    later = np.minimum.accumulate(np.append(ahead[1:], np.inf)[::-1])[::-1]
    return _kept(one, placed & (ahead < later))


def _without_replaced_epochs(one: Series) -> Series:
    """A curve without steps less what a later training wrote again; one point alone is no training."""
    if not one.stepless or one.epochs is None or len(one.epochs) < 2 or not np.isfinite(one.epochs).all():
        return one
    epochs = np.asarray(one.epochs, np.float64)
    falls = np.flatnonzero(epochs[1:] < epochs[:-1]) + 1
    if not len(falls) or len(epochs) - falls[-1] < _LEAST_TRAINING:
        return one
    restarts = np.full(len(epochs), np.inf)
    restarts[falls - 1] = epochs[falls]
    return _kept(one, epochs < np.minimum.accumulate(restarts[::-1])[::-1])


_LEAST_TRAINING = 2
"""Points after epochs went back."""


def finite(one: Series) -> Series:
    """The points of a curve whose value is finite; its own arrays where all are."""
    known = np.isfinite(one.values)
    return msgspec.structs.replace(one, starts=None) if known.all() else _kept(one, known)


def _kept(one: Series, keep: AnyArray) -> Series:
    """Some points of a curve; its attempts are told no more."""
    return msgspec.structs.replace(
        one,
        steps=np.asarray(one.steps, np.float64)[keep],
        values=np.asarray(one.values, np.float64)[keep],
        epochs=None if one.epochs is None else one.epochs[keep],
        times=None if one.times is None else one.times[keep],
        starts=None,
    )

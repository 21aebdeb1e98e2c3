"""A learning rate that jumps within a step, and a loss that leaves its course there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from inspector.core.pulse import Pulse
from inspector.core.units import number_text
from inspector.diagnosis.check import About
from inspector.diagnosis.courses import spread_of
from inspector.diagnosis.cures import cure, edit
from inspector.diagnosis.losses.loss_curves import is_contest, training_loss
from inspector.diagnosis.losses.loss_not_finite import Break, breaks_of, checkpoint_before
from inspector.diagnosis.material import Material, file_text
from inspector.diagnosis.tags import rates, shown
from inspector.diagnosis.thresholds import Thresholds
from inspector.diagnosis.values import Cure, CurveEvidence, Finding, NotAssessable, Severity, Sureness
from inspector.formats.series import Series
from inspector.runs.rising import finite

ABOUT = About(
    id="rate-spike",
    title="Learning rate jumps, and the loss with it",
    rules=("S1.03",),
    symptom="The rate leaps within a step; the loss leaps, or ends, right after.",
    definition="A logged rate that was not rising, by {spike_still} times over two points at most, is, at the next"
    " point, **{spike_factor}** times or more of what it was. A loss that is no longer finite within {spike_losses}"
    " values is put down to it in any case. A training loss that rises within these above {spike_rise} times its"
    " median before, by {spike_spreads} standard deviations of a single value, is so only where the rate went as far"
    " above all that it had been, or came back at once, to {spike_near} times of it or less: a rate that returns to an"
    " earlier height is a restart, and losses rise a little after one. It is a warning where the loss ends within"
    " {spike_over} times its median before, else an error.",
    why="A step of so many times its usual length leaves the place that all earlier steps led to; what was learnt is"
    " lost, and where a weight overflows it stays lost",
    confirm="Look for who wrote the rate there: an edit, a resume, a unit that was mistaken, a scheduler that was"
    " stepped out of turn",
    false_alarm="A new stage of training whose rate is meant to be higher, of which the loss comes back by itself",
    cure="Resume from the last checkpoint before the jump with the rate as it was. A rate that is meant to rise should"
    " rise over many steps.",
    source="Rule S1.03 says it of a first step. Measured on a small network under Adam and SGD: a hundredfold rate for"
    " a single step raised the next losses 5 to 200 times, a tenfold one for a step left them on their course",
)

_COURSE = 3
"""Points before a jump that tell whether the rate was rising anyway, and after it that tell whether it came back."""
_BEFORE = 20
"""Losses before a jump whose median and spread are taken."""
_FEWEST = 3
"""Of fewer losses there is neither."""
_MOST_JUMPS = 100


class _Jump(NamedTuple):
    """Where a rate jumps: the index of the first point after it, and whether no schedule has this form."""

    tag: str
    one: Series
    at: int
    out_of_form: bool

    @property
    def before(self) -> float:
        return float(self.one.values[self.at - 1])

    @property
    def after(self) -> float:
        return float(self.one.values[self.at])


class _Effect(NamedTuple):
    """What the loss did: the step, whence it is to be seen, a sentence, and whether it came back by the end."""

    tag: str
    step: float
    seen_from: float
    text: str
    recovers: bool


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """Every recorded rate, and the losses after each of its jumps (S1.03)."""
    pulse.beat(0, 0, "looking for jumps of the rate")
    if not rates(material.curves):
        return ABOUT.not_assessable(material.lacking("no learning rate was logged"))
    breaks, learnt = breaks_of(material), None if is_contest(material.curves) else training_loss(material)
    loss = None if learnt is None else finite(material.curves[learnt])
    for tag in rates(material.curves):
        for done, jump in enumerate(_jumps(material, tag)):
            pulse.beat(done, _MOST_JUMPS, "looking at losses after a jump of the rate")
            effect = _not_finite(material, jump, breaks)
            if effect is None and loss is not None and jump.out_of_form:
                effect = _rise(jump, loss, material.thresholds)
            if effect is not None:
                return _finding(material, jump, effect)
    return None


def has_rates(material: Material) -> bool:
    """Whether a learning rate was logged."""
    return bool(rates(material.curves))


def _jumps(material: Material, tag: str) -> Iterator[_Jump]:
    """The first jumps of a rate from a course that did not rise."""
    one = finite(material.curves[tag])
    values, limits = one.values, material.thresholds
    if len(values) <= _COURSE:
        return
    top = np.maximum.accumulate(values)[_COURSE - 1 : -1]
    course = values[:-_COURSE]
    for place in range(1, _COURSE):
        course = np.maximum(course, values[place : place - _COURSE])
    still = values[_COURSE - 1 : -1] <= limits.spike_still * values[:-_COURSE]
    jumped = (top > 0) & still & (values[_COURSE:] >= limits.spike_factor * course)
    for place in np.flatnonzero(jumped)[:_MOST_JUMPS]:
        at = int(place) + _COURSE
        later = values[at + 1 : at + 1 + _COURSE]
        returns = bool(len(later)) and float(later.min()) <= limits.spike_near * float(course[place])
        yield _Jump(tag, one, at, returns or bool(values[at] >= limits.spike_factor * top[place]))


def _not_finite(material: Material, jump: _Jump, breaks: list[Break]) -> _Effect | None:
    """A loss that is NaN or infinite within a few values of the jump, and was finite before."""
    for found in breaks:
        one = material.curves[found.tag]
        after, last = _places(one, jump, material.thresholds.spike_losses)
        if one.stepless == jump.one.stepless and after <= found.first < last:
            step = float(one.steps[found.first])
            until = " for a while" if found.recovers else ""
            text = f"{shown(found.tag)} is not finite{until} from step {step:,.0f} on"
            return _Effect(found.tag, step, step, text, False)
    return None


def _rise(jump: _Jump, one: Series, limits: Thresholds) -> _Effect | None:
    """A training loss that leaps above what it had been."""
    after, last = _places(one, jump, limits.spike_losses)
    before = one.values[max(0, after - _BEFORE) : after]
    if one.stepless != jump.one.stepless or len(before) < _FEWEST or after >= last:
        return None
    middle, highest = float(np.median(before)), after + int(np.argmax(one.values[after:last]))
    rise = float(one.values[highest]) - middle
    if rise <= max((limits.spike_rise - 1) * abs(middle), limits.spike_spreads * spread_of(before)):
        return None
    end = float(np.median(one.values[max(after, len(one.values) - _FEWEST) :]))
    text = f"{shown(one.tag)} rises from {number_text(middle)} to {number_text(float(one.values[highest]))}"
    seen_from = float(one.steps[after - 1])
    return _Effect(
        one.tag, float(one.steps[highest]), seen_from, text, end <= middle + (limits.spike_over - 1) * abs(middle)
    )


def _places(one: Series, jump: _Jump, count: int) -> tuple[int, int]:
    """The first value of a curve after the last rate before a jump, and the end of those that count."""
    first, met = np.searchsorted(one.steps, jump.one.steps[jump.at - 1 : jump.at + 1], side="right")
    return int(first), min(int(met) + count, len(one.values))


def _finding(material: Material, jump: _Jump, effect: _Effect) -> Finding:
    steps = jump.one.steps
    step, place = float(steps[jump.at]), "point" if jump.one.stepless else "step"
    times = f", {jump.after / jump.before:.3g} times as much" if jump.before > 0 else ""
    before = checkpoint_before(material, step)
    return ABOUT.finding(
        summary=f"{shown(jump.tag)} jumps from {number_text(jump.before)} to {number_text(jump.after)} at {place}"
        f" {step:,.0f}{times}; {effect.text}",
        severity=Severity.WARNING if effect.recovers else Severity.ERROR,
        sureness=Sureness.LIKELY,
        since_step=min(step, effect.step),
        since_epoch=material.epoch_at(min(step, effect.step)),
        evidence=(
            CurveEvidence(
                series=jump.tag,
                first_step=float(steps[jump.at - 1]),
                last_step=step,
                text=f"{shown(jump.tag)} jumps to {number_text(jump.after)}",
            ),
            CurveEvidence(
                series=effect.tag,
                first_step=effect.seen_from,
                last_step=float(material.curves[effect.tag].steps[-1]),
                text=f"{shown(effect.tag)} after it",
            ),
        ),
        confirm=f"Resume from {file_text(before)}, the last checkpoint before it, with the rate as it was"
        if before is not None
        else ABOUT.confirm,
        cures=_cures(material, jump),
        baseline=f"Before the jump: {number_text(jump.before)}",
    )


def _cures(material: Material, jump: _Jump) -> tuple[Cure, ...]:
    """The highest rate that held until then, where the settings ask for more."""
    held, asked = float(jump.one.values[: jump.at].max()), material.number("optim.lr")
    if asked is None or asked <= held * material.thresholds.spike_near:
        return ()
    return cure("Keep the rate as it was", edit(material, "optim.lr", held, "The highest that held until the jump"))

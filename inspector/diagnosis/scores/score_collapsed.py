"""A validation score that falls far below its best, and whether it comes back."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from inspector.core.arrays import FloatArray
from inspector.core.pulse import Pulse
from inspector.core.units import number_text, percent_text
from inspector.diagnosis.blocks import BLOCKS_TEXT
from inspector.diagnosis.check import About
from inspector.diagnosis.courses import Course, course_of, evaluations_of
from inspector.diagnosis.cures import cure, edit, shorter_steps
from inspector.diagnosis.material import Material
from inspector.diagnosis.scores.baselines import blind_score
from inspector.diagnosis.scores.score_curves import is_ari, scores, shares_of, unnamed_score
from inspector.diagnosis.tags import loss_pair, shown
from inspector.diagnosis.thresholds import Thresholds
from inspector.diagnosis.values import Cure, Finding, NotAssessable, SettingEvidence, Severity, Sureness

ABOUT = About(
    id="score-collapsed",
    title="Score collapsed",
    rules=("S0.03", "S0.07", "S0.08", "S0.16"),
    symptom="A validation score climbs, falls to a fraction of its best within an evaluation or two, and may come back"
    " by chance.",
    definition="Over the evaluations s and the best one before each, where that best is at least {least_best} of the"
    " scale and above what a score has that looks at nothing, or the validation loss has given back {loss_given_back}"
    " or more of what it had gained by then:\n\n- error: two in a row with **s ≤ {collapse_error} · best**; critical"
    " where one of them is at **{collapse_critical} · best** or below;\n- warning: the middle one of the last three"
    " lies below **{drop_share} · best**, {drop_epochs} epochs or more after the first.\n\nA score that has come back"
    " to {recovered_share} of its best, or to what it had lost, is a warning at most. A number between 0 and 1 that a"
    " log prints without a name counts as one, where no other is there and it ends at more than {unnamed_rise} times"
    " its least.",
    why="What the model had found is lost, and what it finds anew may be lost again: the checkpoint of the best"
    " evaluation is better than the last",
    confirm="Evaluate the checkpoints around the fall on more samples; resume from the one before with smaller steps",
    false_alarm="A small validation set, or images of one object, make scores jump; two evaluations in a row are"
    " asked for. A rate that is restarted on purpose costs a score for a while",
    cure="Smaller steps: a quarter of the rate and clipped gradients, with a warm-up that multiplies the schedule."
    " Stop early, so that the best checkpoint is the result.",
    source="Rules S0.03 and S0.16, with a floor under the best; S0.07 and S0.08 count only beside a collapse, as"
    " 4e-4 is the published rate",
)


class _Fall(NamedTuple):
    """Indices of the best before the fall, of the first value after it, and of the least.

    Attributes:
        rules: that it meets.
        recovered: whether the last value is near the best again.
    """

    course: Course
    best: int
    first: int
    lowest: int
    rules: tuple[str, ...]
    severity: Severity
    recovered: bool

    def rose(self, limits: Thresholds) -> bool:
        """Whether it ends well above its least: a loss, whose fall is good, does not."""
        return float(self.course.values[-1]) > limits.unnamed_rise * max(float(self.course.values[self.lowest]), 0.0)


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """Every score of held-out data; the worst fall is told."""
    named = scores(material.curves)
    tags = named or unnamed_score(material.curves)
    if not tags:
        return ABOUT.not_assessable(material.lacking("no validation score was logged"))
    falls = []
    for done, tag in enumerate(tags):
        pulse.beat(done, len(tags), f"looking at {shown(tag)}")
        course = evaluations_of(material, tag, pulse)
        fall = _fall(course, material.thresholds, _least(material, course))
        if fall is not None and (named or fall.rose(material.thresholds)):
            falls.append(fall)
    if falls:
        return _finding(material, max(falls, key=lambda one: one.severity.rank), [one.course.tag for one in falls])
    longest = max(tags, key=lambda tag: len(material.curves[tag].values))
    if len(evaluations_of(material, longest, pulse)) < 2:
        return ABOUT.not_assessable(material.lacking(f"{shown(longest)} has one finite value or none; 2 are needed"))
    return None


def _least(material: Material, course: Course) -> float:
    """The best score below which there is nothing to lose, 0..1."""
    least = material.thresholds.least_best
    return least if _loss_went_too(material, course) else max(least, blind_score(material, course.tag))


def _loss_went_too(material: Material, course: Course) -> bool:
    """Whether the validation loss gave back a good part of what it had gained when the score was best."""
    pair = loss_pair(material.curves)
    if pair is None or not len(course):
        return False
    held_out = course_of(material, pair.validation)
    before = held_out.values[held_out.steps <= course.steps[int(np.argmax(course.values))]]
    if not len(before) or held_out.stepless != course.stepless:
        return False
    gained = float(before.max() - before.min())
    given_back = float(np.median(held_out.values[-3:]) - before.min())
    return 0 < gained * material.thresholds.loss_given_back <= given_back


def _fall(course: Course, limits: Thresholds, least: float) -> _Fall | None:
    if len(course) < 3:
        return None
    values = shares_of(course)
    best = np.maximum.accumulate(values)
    before = np.concatenate([[-np.inf], best[:-1]])
    deep = (before >= least) & (values <= limits.collapse_error * before)
    pairs = np.flatnonzero(deep[1:] & deep[:-1])
    recovered = bool(values[-1] >= limits.recovered_share * best[-1])
    if len(pairs):
        first = int(pairs[0])
        lost = float(values[:first].max())
        recovered = recovered or float(np.median(values[-3:])) >= lost
        nothing = deep & (values <= limits.collapse_critical * before)
        severity = Severity.CRITICAL if nothing.any() else Severity.ERROR
        severity = Severity.WARNING if recovered else severity
        return _Fall(
            course, _best_before(values, first), first, _lowest(values, first), ("S0.03",), severity, recovered
        )
    if recovered or course.ages[-1] < limits.drop_epochs or best[-1] < least:
        return None
    if float(np.median(values[-3:])) >= limits.drop_share * _usual_best(values):
        return None
    top = int(np.argmax(values))
    if top == len(values) - 1:
        return None
    return _Fall(course, top, top + 1, _lowest(values, top + 1), ("S0.16",), Severity.WARNING, recovered)


def _best_before(values: FloatArray, index: int) -> int:
    return int(np.argmax(values[:index]))


def _lowest(values: FloatArray, first: int) -> int:
    return first + int(np.argmin(values[first:]))


def _usual_best(values: FloatArray) -> float:
    """The best median of three evaluations in a row, so that one lucky one sets no mark."""
    return float(np.median(np.lib.stride_tricks.sliding_window_view(values, 3), axis=1).max())


def _finding(material: Material, fall: _Fall, tags: list[str]) -> Finding:
    course, values = fall.course, fall.course.values
    best, low, now = (float(values[index]) for index in (fall.best, fall.lowest, -1))
    summary = (
        f"{shown(course.tag)} was {number_text(best)} at {course.place(fall.best)}, fell to"
        f" {number_text(float(values[fall.first]))} at {course.place(fall.first)}"
    )
    if fall.lowest != fall.first:
        summary += f" and to {number_text(low)} at {course.place(fall.lowest)}"
    if fall.lowest != len(course) - 1:
        verb = "came back to" if fall.recovered or fall.rose(material.thresholds) else "is"
        summary += f", and {verb} {number_text(now)} at {course.place(len(course) - 1)}"
        summary += f", {percent_text(now / best)} of its best" if now < best else ""
    others = [shown(tag) for tag in tags if tag != course.tag]
    if others:
        summary += f". So {'does' if len(others) == 1 else 'do'} {', '.join(others[:3])}"
    causes = _settings_behind(material, course.tag)
    return ABOUT.finding(
        summary=summary,
        rules=(*fall.rules, *(rule for rule, _ in causes)),
        title="Score collapsed and came back" if fall.recovered else ABOUT.title,
        severity=fall.severity,
        sureness=_sureness(material, fall),
        since_step=float(course.steps[fall.first]),
        since_epoch=course.epoch(fall.first),
        evidence=(
            course.evidence(fall.best, len(course) - 1, "since its best"),
            *(evidence for _, evidence in causes),
        ),
        cures=_cures(material),
        baseline=_baseline(course),
    )


def _sureness(material: Material, fall: _Fall) -> Sureness:
    if fall.course.tag not in scores(material.curves):
        return Sureness.POSSIBLE
    return Sureness.CERTAIN if fall.severity is Severity.CRITICAL else Sureness.LIKELY


def _baseline(course: Course) -> str:
    return BLOCKS_TEXT if is_ari(course.tag) else ""


def _settings_behind(material: Material, tag: str) -> list[tuple[str, SettingEvidence]]:
    """Settings of slots that are told beside a collapse alone (rules S0.07 and S0.08)."""
    if not is_ari(tag):
        return []
    rate, warmup = material.number("optim.lr"), material.number("schedule.warmup_epochs")
    found = []
    if rate is not None and rate >= material.thresholds.collapse_rate:
        text = f"The rate is {number_text(rate)}"
        found.append(("S0.07", SettingEvidence(path="optim.lr", value=rate, text=text)))
    if warmup is not None and warmup <= material.thresholds.collapse_warmup:
        text = f"The warm-up takes {number_text(warmup)} epochs"
        found.append(("S0.08", SettingEvidence(path="schedule.warmup_epochs", value=warmup, text=text)))
    return found


def _cures(material: Material) -> tuple[Cure, ...]:
    cut = material.thresholds.collapse_rate_cut
    stop = edit(material, "train.early_stop", new=True, reason="The best checkpoint is the result (S0.16)")
    return (
        *shorter_steps(material, cut, "Smaller steps keep what was found (S0.03)"),
        *cure("Stop when validation no longer improves", stop),
    )

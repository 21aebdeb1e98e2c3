"""Validation that gets worse while training gets better.

Symptom: validation loss rises after its best, training loss goes on falling; evidence: both curves since the best.
False alarms: other reductions or dropout on one side. Cure: more data, weight decay, stopping at the best.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inspector.analysis.smoothing import smoothed
from inspector.core.arrays import FloatArray
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.core.units import counted, number_text
from inspector.diagnosis.check import About
from inspector.diagnosis.courses import Course, course_of, spread_of
from inspector.diagnosis.cures import cure, edit, more_weight_decay, varied_data, whole_data
from inspector.diagnosis.losses.loss_curves import compared_losses
from inspector.diagnosis.material import Material
from inspector.diagnosis.tags import Pair, shown
from inspector.diagnosis.thresholds import Thresholds
from inspector.diagnosis.values import Cure, CurveEvidence, Finding, NotAssessable, Severity, Sureness

ABOUT = About(
    id="overfitting",
    title="Overfitting",
    rules=("S2.02", "S2.03", "S2.05", "X.L6"),
    symptom="Validation loss falls, turns and rises while the training loss goes on falling",
    definition="Where the training loss has not risen above {training_rose} times what it was at the best evaluation,"
    " one of these holds:\n\n"
    "- the last validation loss is above **{overfit_ratio}** times the least one, {evaluations_since_best} evaluations"
    " after it or later;\n"
    "- validation over training is **{gap_ratio}** or more and has grown to {gap_growth} times what it was at the first"
    " evaluation; of a run that is trained on a part of its data, {gap_of_part} or more in the last two evaluations;\n"
    "- the moving average of validation (weight of the past {validation_decay}) lies above its best by"
    " **{rise_over_best}** of it and by {rise_over_spread} standard deviations of a single evaluation in the last"
    " {rising_evaluations} evaluations, while the average of training fell.\n\n"
    "Of a loss with a negative term, its term of the data is compared.",
    why="The model learns its training samples by heart; what it learns after its best evaluation does not carry"
    " over to others",
    confirm="Resume from the best checkpoint; with the cure, validation should go on falling from there",
    false_alarm="Losses that are reduced differently, or dropout, augmentation or label smoothing in training"
    " alone, also set the two apart; look at each term of the loss",
    cure="More and more varied data first, as it helps most; then more weight decay; then stopping"
    " {patience_proposed} evaluations after the best one, which loses nothing. Keep the best checkpoint, not the last.",
    source="Rules S2.02, S2.03 and X.L6; UMLAUT, the tuning playbook",
)


@dataclass(frozen=True, slots=True, eq=False)
class _Evaluations:
    """Validation and what training was like between evaluations.

    Attributes:
        course: of the validation loss.
        training: (evaluations,) float64 mean of the training loss over the later half of the time since the evaluation
            before; NaN where there is none.
    """

    pair: Pair
    course: Course
    training: FloatArray

    @property
    def validation(self) -> FloatArray:
        """(evaluations,) float64 validation loss, finite."""
        return self.course.values

    @property
    def best(self) -> int:
        """Index of the least validation loss."""
        return int(np.argmin(self.validation))

    @property
    def since_best(self) -> int:
        """Evaluations after the best one."""
        return len(self.validation) - 1 - self.best

    @property
    def gaps(self) -> FloatArray:
        """(evaluations,) float64 validation over training; NaN where either is not above 0."""
        usable = (self.training > 0) & (self.validation > 0)
        gaps: FloatArray = np.divide(self.validation, self.training, out=np.full(len(usable), np.nan), where=usable)
        return gaps


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The plainest pair of losses (rules S2.02, S2.03, X.L6)."""
    pulse.beat(0, 0, "comparing losses")
    pair = compared_losses(material.curves)
    if pair is None:
        return _open(material, "no validation loss was logged")
    validation = course_of(material, pair.validation)
    if len(validation) <= material.thresholds.rising_evaluations:
        found = f"{counted(len(validation), 'finite evaluation')} of {shown(pair.validation)}"
        return _open(material, f"{found}; {material.thresholds.rising_evaluations + 1} are needed")
    evaluations = _aligned(material, pair, validation)
    rules = _fired(evaluations, material.thresholds, part=(material.number("data.subset") or 1.0) < 1.0)
    if rules:
        return _finding(material, evaluations, rules)
    if not np.isfinite(evaluations.training).any():
        missing = "no training loss was logged beside" if pair.train is None else f"{shown(pair.train)} does not meet"
        return _open(material, f"{missing} {shown(pair.validation)}")
    return None


def _open(material: Material, because: str) -> NotAssessable:
    return ABOUT.not_assessable(material.lacking(because))


def _aligned(material: Material, pair: Pair, validation: Course) -> _Evaluations:
    training = np.full(len(validation), np.nan)
    if pair.train is not None:
        train = course_of(material, pair.train)
        if train.stepless == validation.stepless:
            training = _means_between(train.steps, train.values, validation.steps)
        elif train.by_epoch and validation.by_epoch:
            training = _means_between(train.epochs, train.values, validation.epochs)
    return _Evaluations(pair, validation, training)


def _means_between(places: FloatArray, values: FloatArray, ends: FloatArray) -> FloatArray:
    """Mean of the later half of the values after the end before, up to each end; without any, the last value before.

    The later half, as a loss may fall far between two evaluations.
    """
    sums = np.concatenate([[0.0], np.cumsum(values)])
    stops = np.searchsorted(places, ends, side="right")
    starts = np.concatenate([[0], stops[:-1]])
    starts = starts + (stops - starts) // 2
    means = np.full(len(ends), np.nan)
    some = stops > starts
    means[some] = (sums[stops[some]] - sums[starts[some]]) / (stops[some] - starts[some])
    none = ~some & (stops > 0)
    means[none] = values[stops[none] - 1]
    return means


def _fired(one: _Evaluations, limits: Thresholds, *, part: bool) -> tuple[str, ...]:
    """The rules that are met; `part` says that only a part of the data is trained on."""
    if _training_rose(one, limits):
        return ()  # it diverges
    rules = {
        "S2.02": _lost_its_best(one, limits),
        "S2.03": _gap_opened(one, limits.gap_ratio, limits) or (part and _gap_opened(one, limits.gap_of_part, limits)),
        "X.L6": _rises_while_training_falls(one, limits),
    }
    return tuple(rule for rule, fired in rules.items() if fired)


def _training_rose(one: _Evaluations, limits: Thresholds) -> bool:
    then, now = one.training[one.best], one.training[-1]
    return bool(one.since_best and then > 0 and now > then * limits.training_rose)


def _lost_its_best(one: _Evaluations, limits: Thresholds) -> bool:
    least = one.validation[one.best]
    return bool(
        least > 0
        and one.validation[-1] > limits.overfit_ratio * least
        and one.since_best >= limits.evaluations_since_best
    )


def _gap_opened(one: _Evaluations, ratio: float, limits: Thresholds) -> bool:
    known = one.gaps[np.isfinite(one.gaps)]
    if not np.isfinite(one.gaps[-1]) or len(known) < 2:
        return False
    lasts = ratio >= limits.gap_ratio or float(known[-2]) >= ratio
    return bool(lasts and known[-1] >= ratio and known[-1] >= limits.gap_growth * known[0])


def _rises_while_training_falls(one: _Evaluations, limits: Thresholds) -> bool:
    """Whether the last averages of validation stand clear of the least one, and training fell meanwhile."""
    validation = smoothed(one.validation, limits.validation_decay)
    training = smoothed(one.training, limits.validation_decay)
    best = int(np.argmin(validation))
    if len(validation) - 1 - best < limits.rising_evaluations:
        return False
    least = float(validation[best])
    clear = least + max(limits.rise_over_best * abs(least), limits.rise_over_spread * spread_of(one.validation))
    return bool((validation[-limits.rising_evaluations :] > clear).all() and training[-1] < training[best])


def _finding(material: Material, one: _Evaluations, rules: tuple[str, ...]) -> Finding:
    start, pair = _start(one, material.thresholds), one.pair
    before, last = float(one.validation[start]), float(one.validation[-1])
    place = one.course.place(start)
    texts = [f"{shown(pair.validation)} was {number_text(before)} at {place} and is {number_text(last)} now"]
    if one.since_best and before > 0:
        texts[0] += f", {last / before:.2f} times its best"
    then, now = float(one.training[start]), float(one.training[-1])
    if pair.train is not None and np.isfinite(then) and np.isfinite(now):
        verb = "fell" if now < then else "went"
        texts.append(f"{shown(pair.train)} {verb} from {number_text(then)} to {number_text(now)} in the same time")
    if np.isfinite(one.gaps[-1]):
        texts.append(f"Validation is {one.gaps[-1]:.1f} times training")
    after = min(start + 1, len(one.course) - 1)
    strong = "S2.02" in rules or bool(one.gaps[-1] >= material.thresholds.gap_ratio)
    return ABOUT.finding(
        rules=rules,
        title=_title(one),
        summary=". ".join(texts),
        severity=Severity.ERROR if strong else Severity.WARNING,
        sureness=_sureness(one, rules, material.thresholds),
        since_step=float(one.course.steps[after]),
        since_epoch=one.course.epoch(after),
        evidence=_evidence(one, start),
        confirm=_confirm(material, one),
        cures=_cures(material),
        source="Rules " + ", ".join(rules) + "; UMLAUT, the tuning playbook",
    )


def _start(one: _Evaluations, limits: Thresholds) -> int:
    """The last evaluation before it went wrong: the best, or the last at which the two had not yet parted."""
    if one.since_best:
        return one.best
    near = np.flatnonzero(~(one.gaps >= limits.gap_growth * one.gaps[np.isfinite(one.gaps)][0]))
    return int(near[-1]) if len(near) else 0


def _title(one: _Evaluations) -> str:
    if not one.since_best:
        return "Validation stays far behind training"
    if not np.isfinite(one.training[-1]):
        return "Validation is past its best"
    return "Validation gets worse while training improves"


def _sureness(one: _Evaluations, rules: tuple[str, ...], limits: Thresholds) -> Sureness:
    if not one.since_best or not np.isfinite(one.training[-1]):
        return Sureness.POSSIBLE
    averaged = smoothed(one.validation, limits.validation_decay)
    if rules == ("X.L6",) and averaged[-1] - averaged.min() < limits.sure_spreads * spread_of(one.validation):
        return Sureness.POSSIBLE
    return Sureness.CERTAIN if len(rules) > 1 else Sureness.LIKELY


def _evidence(one: _Evaluations, start: int) -> tuple[CurveEvidence, ...]:
    first, last = float(one.course.steps[start]), float(one.course.steps[-1])
    since = "since its best" if one.since_best else "since the two parted"
    texts = ((one.pair.validation, since), (one.pair.train, "in the same time"))
    return tuple(
        CurveEvidence(series=tag, first_step=first, last_step=last, text=f"{shown(tag)} {text}")
        for tag, text in texts
        if tag is not None
    )


def _confirm(material: Material, one: _Evaluations) -> str:
    if not one.since_best:
        return "Compare both losses on the same samples in the same mode"
    name = _best_checkpoint(material, float(one.course.steps[one.best]))
    where = f"Resume from {visible(name)}, the checkpoint of the best evaluation" if name else "Resume from the best"
    return f"{where}; with the cure, validation should go on falling from there"


def _best_checkpoint(material: Material, step: float) -> str | None:
    """The checkpoint that the run calls its best, else the last at or before the best evaluation."""
    if material.run.record is not None and material.run.record.best:
        return material.run.record.best
    before = [entry.name for entry, _ in material.checkpoints if entry.step is not None and entry.step <= step]
    return before[-1] if before else None


_GENERATED = ("data.train_scenes", "data.train_images", "data.train_puzzles", "data.train_grids")
"""How many training samples the recipes make, of which each has one."""


def _cures(material: Material) -> tuple[Cure, ...]:
    generated = next((path for path in _GENERATED if path in material.fields), "")
    more, many = whole_data(material), material.setting(generated)
    if more is None and isinstance(many, int):
        more = edit(material, generated, many * 4, "More samples are harder to learn by heart")
    patience = material.thresholds.patience_proposed
    reason = f"After {patience} evaluations without a better one the rest is lost time (S2.05)"
    stop = edit(material, "train.early_stop", new=True, reason=reason)
    waits = edit(material, "train.patience", patience, reason) if stop else None
    return (
        *cure("Train on more data", more),
        *varied_data(material),
        *more_weight_decay(material),
        *cure("Stop when validation no longer improves", stop, waits),
    )

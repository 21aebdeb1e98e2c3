"""A loss below zero, and the term that brought it there."""

from __future__ import annotations

import numpy as np

from inspector.core.pulse import Pulse
from inspector.core.units import number_text
from inspector.diagnosis.check import About
from inspector.diagnosis.courses import Course, course_of
from inspector.diagnosis.cures import cure, edit
from inspector.diagnosis.losses.loss_curves import is_contest, is_never_negative, may_be_negative, terms_of
from inspector.diagnosis.material import Material
from inspector.diagnosis.tags import losses, name_of, shown
from inspector.diagnosis.values import Cure, Evidence, Finding, NotAssessable, SettingEvidence, Severity, Sureness

ABOUT = About(
    id="negative-loss",
    title="Loss is below zero",
    rules=("S0.02",),
    symptom="A loss of squares or cross entropies goes through zero near the end of its fall.",
    definition="**min L < 0** for a loss that is not one by its name (a density, an entropy, a cosine, a policy)."
    " Where terms are logged, the one that is negative at the same step is named. A diversity loss without clamp, the"
    " mean cosine between K slots, can fall to −1/(K−1): with weight w it takes the total down by up to w/(K−1).",
    why="A sum of squares cannot be negative: some term pays for being driven down without end, and the total no longer"
    " says how good the model is",
    confirm="Log every term by itself and look for the one that is negative at that step",
    false_alarm="Likelihoods of densities, bounds of them, entropies and cosines are rightly negative; so is the mean"
    " cosine between slots that have parted, which is no fault of the run then",
    cure="Clamp the diversity loss: count positive cosines only, which keeps the total above zero and still parts"
    " slots. The unclamped form that is often proposed is what goes negative.",
    source="Rule S0.02 and AutoTrainer; that the proposed diversity loss itself can go negative follows from the least"
    " mean cosine of K vectors, −1/(K−1)",
)


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """Every loss whose name does not allow it."""
    tags = losses(material.curves)
    if not any(len(material.curves[tag].values) for tag in tags):
        return ABOUT.not_assessable(material.lacking("no loss was logged"))
    if is_contest(material.curves):
        return ABOUT.not_assessable("its losses follow a reward or an opponent, and may be negative")
    below = []
    for done, tag in enumerate(tags):
        pulse.beat(done, len(tags), f"looking at {shown(tag)}")
        values = material.curves[tag].values
        if not may_be_negative(tag) and (np.isfinite(values) & (values < 0)).any():
            below.append(tag)
    if not below:
        return None
    wholes = [tag for tag in below if name_of(tag) == ("loss",)]
    return _finding(material, course_of(material, (wholes or below)[0]), below)


def _finding(material: Material, course: Course, below: list[str]) -> Finding:
    negative = course.values < 0
    first, lowest = int(np.argmax(negative)), int(np.argmin(course.values))
    low = number_text(float(course.values[lowest]))
    texts = [
        f"{shown(course.tag)} is below 0 from {course.place(first)} and {low} at its least, {course.place(lowest)}"
    ]
    others = [shown(tag) for tag in below if tag != course.tag]
    if others:
        texts.append(f"So {'is' if len(others) == 1 else 'are'} {', '.join(others[:3])}")
    evidence: list[Evidence] = [course.evidence(first, len(course) - 1, "is below 0 from here")]
    term = _negative_term(material, course, lowest)
    if term is not None:
        value = float(term.values[int(np.searchsorted(term.steps, course.steps[lowest], side="right")) - 1])
        texts.append(f"{shown(term.tag)} brings it there: {number_text(value)} at that point")
        evidence.append(term.evidence(0, len(term) - 1, "is the negative term"))
    unclamped = material.setting("loss.diversity_clamp") is False and (material.number("loss.diversity_weight") or 0)
    if unclamped:
        texts.append(_bound(material))
        text = "The diversity loss counts negative cosines"
        evidence.append(SettingEvidence(path="loss.diversity_clamp", value=False, text=text))
    explained = bool(unclamped) or (term is not None and may_be_negative(term.tag))
    return ABOUT.finding(
        summary=". ".join(texts),
        title="A term takes the loss below zero" if explained else ABOUT.title,
        severity=Severity.WARNING if explained or not is_never_negative(material, course.tag) else Severity.ERROR,
        sureness=Sureness.CERTAIN if explained else Sureness.LIKELY,
        since_step=float(course.steps[first]),
        since_epoch=course.epoch(first),
        evidence=tuple(evidence),
        cures=_cures(material),
    )


def _negative_term(material: Material, course: Course, lowest: int) -> Course | None:
    """The term of a loss that is least where the loss is, None where none is negative there or terms are not logged."""
    found = None
    least = 0.0
    for tag in terms_of(material.curves, course.tag):
        term = course_of(material, tag)
        place = int(np.searchsorted(term.steps, course.steps[lowest], side="right")) - 1
        if place >= 0 and term.values[place] < least:
            found, least = term, float(term.values[place])
    return found


def _bound(material: Material) -> str:
    weight, slots = material.number("loss.diversity_weight"), material.number("model.slots")
    if weight is None or slots is None or slots < 2:
        return "Its diversity loss is not clamped, so it may be negative"
    return (
        f"Its diversity loss is not clamped: with weight {number_text(weight)} over {slots:.0f} slots it can take"
        f" {number_text(weight / (slots - 1))} off"
    )


def _cures(material: Material) -> tuple[Cure, ...]:
    if not material.number("loss.diversity_weight"):
        return ()
    reason = "Positive cosines alone still push slots apart, and the loss stays above 0 (S0.02)"
    return cure("Clamp the diversity loss", edit(material, "loss.diversity_clamp", new=True, reason=reason))

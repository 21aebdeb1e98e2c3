"""An accuracy that counts padding, where the right answer is nothing."""

from __future__ import annotations

from inspector.core.pulse import Pulse
from inspector.core.units import percent_text
from inspector.diagnosis.check import About
from inspector.diagnosis.courses import Course, course_of
from inspector.diagnosis.cures import cure, edit
from inspector.diagnosis.material import Material
from inspector.diagnosis.scores.score_curves import accuracies, in_shares
from inspector.diagnosis.tags import shown
from inspector.diagnosis.trajectories import recipe_of
from inspector.diagnosis.values import Evidence, Finding, NotAssessable, Severity, Sureness
from inspector.formats.metric_names import words

ABOUT = About(
    id="padded-accuracy",
    title="Accuracy counts padding",
    rules=("S3.09",),
    symptom="An accuracy that looks high, of grids most of whose cells lie outside the answer.",
    definition="The accuracy over padded canvases is **{padded_excess}** or more above that over the cells of the"
    " answers; or a run on ARC grids logs one accuracy that does not say which cells it counts and reaches"
    " {padded_least}, but not **{padded_copy}**, that of copies of the input. It is information, and a warning where"
    " padding counts in the loss too.",
    why="Of 30×30 canvases 85% is padding: an empty answer is right in 92% of the cells and a copy of the input in"
    " 94%, so an accuracy of 88% is worse than both",
    confirm="Count the cells of the answers alone: empty answers have 48% there",
    false_alarm="An accuracy over content that is merely not named so",
    cure="Report the accuracy of content, and leave padding out of the loss and of what the model sees",
    source="Rule S3.09, with baselines measured on the training pairs of ARC-AGI-2",
)


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """Padded against content accuracy where both are logged, else the plain one of a run on grids."""
    pulse.beat(0, 0, "comparing accuracies")
    for part in ("validation", "train", ""):
        tags = accuracies(material.curves, part)
        padded = next((tag for tag in tags if "padded" in words(tag)), None)
        content = next((tag for tag in tags if {"content", "cells"} & set(words(tag))), None)
        if padded is not None and content is not None:
            return _compared(material, course_of(material, padded), course_of(material, content))
    for part in ("validation", "", "train"):
        for tag in accuracies(material.curves, part):
            if not {"padded", "content", "cells"} & set(words(tag)):
                return _unnamed(material, course_of(material, tag))
    return ABOUT.not_assessable(material.lacking("no accuracy was logged"))


def is_of_grids(material: Material) -> bool:
    """Whether a run is about ARC grids and logs an accuracy."""
    recipe = material.recipe
    spoken = " ".join((recipe, material.run.name, *material.run.settings.values))
    known = recipe.startswith("arc") or recipe_of(spoken, tuple(material.curves)) == "grids"
    return known and any(accuracies(material.curves, part) for part in ("validation", "train", ""))


def _compared(material: Material, padded: Course, content: Course) -> Finding | None:
    if not is_of_grids(material) or not len(padded) or not len(content):
        return None
    whole, own = float(in_shares(padded.values)[-1]), float(in_shares(content.values)[-1])
    if whole - own < material.thresholds.padded_excess:
        return None
    empty = _empty_answers(material)
    trivial = empty is not None and whole <= empty
    text = f"{shown(padded.tag)} is {percent_text(whole)} and {shown(content.tag)} {percent_text(own)}"
    evidence: list[Evidence] = [
        padded.evidence(0, len(padded) - 1, "counts padding"),
        content.evidence(0, len(content) - 1, "counts the cells of the answers"),
    ]
    return ABOUT.finding(
        summary=text + ("; empty answers have more" if trivial else ""),
        severity=Severity.WARNING if material.setting("loss.pad_loss") is True else Severity.INFO,
        sureness=Sureness.CERTAIN,
        evidence=tuple(evidence),
        baseline="" if empty is None else f"Empty answers: {percent_text(empty)} of the padded cells",
        cures=cure(
            "Leave padding out of the loss",
            edit(material, "loss.pad_loss", new=False, reason="What is learnt is then what the answer says (S3.09)"),
            edit(material, "model.padding", "left_out", "Cells outside a grid are then no black ones; in a new run"),
        ),
    )


def _empty_answers(material: Material) -> float | None:
    for tag in material.curves:
        if {"baseline", "padded", "zeros"} <= set(words(tag)):
            course = course_of(material, tag)
            if len(course):
                return float(in_shares(course.values)[-1])
    return None


def _unnamed(material: Material, course: Course) -> Finding | None:
    if not is_of_grids(material) or not len(course):
        return None
    best, limits = float(in_shares(course.values).max()), material.thresholds
    if best >= limits.padded_copy or best < limits.padded_least:
        return None
    return ABOUT.finding(
        summary=f"{shown(course.tag)} is {percent_text(best)} at best and does not say which cells it counts",
        title="Accuracy may count padding",
        severity=Severity.INFO,
        sureness=Sureness.POSSIBLE,
        evidence=(course.evidence(0, len(course) - 1, "may count padding"),),
        baseline="Of ARC's training pairs on 30×30 canvases: empty answers 92.1%, copies of the input 94.1%",
    )

"""A first loss that is not that of a guess."""

from __future__ import annotations

import math

from inspector.core.pulse import Pulse
from inspector.core.units import number_text
from inspector.diagnosis.check import About
from inspector.diagnosis.courses import course_of
from inspector.diagnosis.losses.loss_curves import training_losses
from inspector.diagnosis.material import Material
from inspector.diagnosis.tags import name_of, shown
from inspector.diagnosis.values import Finding, NotAssessable, Severity, Sureness
from inspector.formats.metric_names import words

ABOUT = About(
    id="initial-loss",
    title="First loss is not that of a guess",
    rules=("S3.04", "X.L9"),
    symptom="The very first loss is far above, or below, what a model must have that knows nothing.",
    definition="At the first step, before anything is learnt: **|L − E| > {initial_distance} · E**, where E is ln C of"
    " a cross entropy over C classes (2.303 of 10) and ln 2 of a yes or no. The mean of the first epoch is no first"
    " loss and is not judged.",
    why="Above it, the last layer begins with weights that are too large and is surely wrong; below it, the loss counts"
    " something that is known from the start, such as padding",
    confirm="Print the outputs of the first batch: their spread should be well below 1",
    false_alarm="Classes that are weighted, cells of padding that count, and a last layer whose bias was set to the"
    " classes' shares all begin lower",
    cure="A smaller first scale of the last layer, or its bias set to the classes' shares",
    source="Rules S3.04 and X.L9; a cross entropy over padded grids begins at 0.44 for a model that knows the padding",
)

_CLASSES = frozenset({"num_classes", "n_classes", "classes", "num_colors", "num_colours", "n_colors", "vocab_size"})
_YES_OR_NO = frozenset({"bce", "done"})
_ENTROPIES = frozenset({"ce", "crossentropy", "nll"})
_OF_CLASSES = ("arc_solver",)
"""Recipes whose whole loss is a cross entropy over ten colours."""


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The first of the losses of which is known what a guess has."""
    pulse.beat(0, 0, "looking at first losses")
    tags = training_losses(material)
    if not tags:
        return ABOUT.not_assessable(material.lacking("no training loss was logged"))
    because = "what a guess would have is known of none of its losses"
    for tag in tags:
        expected = _expected(material, tag)
        if expected is None:
            continue
        course = course_of(material, tag)
        if not len(course) or course.stepless or course.steps[0] > 1:
            because = f"the first step of {shown(tag)} was not logged"
            continue
        value, (guess, words_of_it) = float(course.values[0]), expected
        if abs(value - guess) <= material.thresholds.initial_distance * guess:
            return None
        return ABOUT.finding(
            summary=f"{shown(tag)} begins at {number_text(value)}, where {words_of_it} has {number_text(guess)}",
            severity=Severity.WARNING if value > guess else Severity.INFO,
            sureness=Sureness.POSSIBLE,
            since_step=float(course.steps[0]),
            since_epoch=course.epoch(0),
            evidence=(course.evidence(0, 0, "at the first step"),),
            baseline=f"A guess: {number_text(guess)}",
        )
    return ABOUT.not_assessable(material.lacking(because))


def has_known_guess(material: Material) -> bool:
    """Whether one of its losses is one of which is known what a guess has."""
    return any(_expected(material, tag) is not None for tag in training_losses(material))


def _expected(material: Material, tag: str) -> tuple[float, str] | None:
    """What a guess has, and of what; None where that is not known."""
    found = set(words(tag))
    if "weighted" in found:
        return None
    if found & _YES_OR_NO:
        return math.log(2), "a guess between yes and no"
    classes = classes_of(material)
    recipe = material.recipe
    if classes and (found & _ENTROPIES or (recipe in _OF_CLASSES and name_of(tag) == ("loss",))):
        return math.log(classes), f"a guess among {classes:g} classes"
    return None


def classes_of(material: Material) -> float | None:
    """How many classes a run tells apart, None where nothing says so."""
    if material.run.record and material.run.record.recipe in _OF_CLASSES:
        return 10.0
    for path in material.run.settings.values:
        count = material.number(path) if path.rpartition(".")[2] in _CLASSES else None
        if count is not None and count >= 2:
            return count
    return None

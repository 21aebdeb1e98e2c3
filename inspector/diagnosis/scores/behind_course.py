"""An ARI, or the loss of a grid solver, that lies behind what is written down of good training."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from inspector.core.arrays import AnyArray, FloatArray
from inspector.core.pulse import Pulse
from inspector.core.units import number_text
from inspector.diagnosis.blocks import BLOCKS_TEXT
from inspector.diagnosis.check import About
from inspector.diagnosis.courses import Course, evaluations_of, typical_course
from inspector.diagnosis.material import Material
from inspector.diagnosis.scores.score_curves import ari_tag, shares_of
from inspector.diagnosis.tags import losses, part_of, shown
from inspector.diagnosis.trajectories import TRAJECTORIES, Recipe, band_of, recipe_of, words_of_run
from inspector.diagnosis.values import Finding, NotAssessable, Severity, Sureness

ABOUT = About(
    id="behind-course",
    title="Behind the course of good training",
    rules=("S0.12", "S0.13", "S3.08"),
    symptom="The curve runs below the band of what is expected, or, of a loss, above it, and does not draw near.",
    definition="The last **{behind_values}** values all lie behind what is written down of good training at their"
    " epochs: the ARI of slots below the lower of two courses (0.3 at 20, 0.6 at 50, 0.8 at 100, 0.9 at 200); the"
    " training loss of a grid solver from epoch {behind_epoch} on, which should be 0.28 at 20 and 0.16 at 40, still"
    " above **{behind_guess}** of the 2.30 that guessing among ten colours has.",
    why="The same settings on the same data came further by then",
    confirm="Compare the number of steps: epochs of fewer samples are shorter",
    false_alarm="Epochs are no measure across sizes of data, and losses none across data and reductions; a smaller"
    " model or harder scenes come less far. Hence it is information only",
    cure="Look at the other findings first; where there are none, train on: the curve may be late and not ill.",
    source="Rules S0.12, S0.13 and S3.08, the same bands that the Curves view can show",
)

_GUESS_LOSS = 2.30
"""Cross entropy of guessing among ten colours, ln 10, where the course of a grid solver begins."""


class _Behind(NamedTuple):
    """A curve, what is expected of it (NaN where nothing is), which values are behind; `high` is better or not."""

    course: Course
    values: FloatArray
    expected: FloatArray
    behind: AnyArray
    rules: tuple[str, ...]
    high: bool


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The ARI of slots and the loss of grids against what is written down (S0.12, S0.13, S3.08)."""
    pulse.beat(0, 0, "comparing with the course of good training")
    seen = _seen(material, pulse)
    if seen is None:
        return ABOUT.not_assessable(material.lacking("no ARI and no loss of a grid solver was logged"))
    last, count = np.flatnonzero(np.isfinite(seen.expected)), material.thresholds.behind_values
    if len(last) < count or last[-1] != len(seen.course) - 1:
        return ABOUT.not_assessable(f"{shown(seen.course.tag)} has fewer than {count} values at epochs with a course")
    if not seen.behind[-count:].all():
        return None
    word = "or more" if seen.high else "or less"
    return ABOUT.finding(
        rules=seen.rules,
        summary=f"{shown(seen.course.tag)} is {number_text(float(seen.values[-1]))} at"
        f" {seen.course.place(len(seen.course) - 1)}, where good training has {number_text(float(seen.expected[-1]))}"
        f" {word}",
        severity=Severity.INFO,
        sureness=Sureness.POSSIBLE,
        evidence=(seen.course.evidence(len(seen.course) - count, len(seen.course) - 1, "lies behind its course"),),
        baseline=BLOCKS_TEXT if seen.high else "",
    )


def has_course(material: Material) -> bool:
    """Whether something is written down of one of a run's curves."""
    recipe = _recipe(material)
    return (recipe == "slots" and ari_tag(material.curves) is not None) or (
        recipe == "grids" and _loss_tag(material) is not None
    )


def _recipe(material: Material) -> Recipe | None:
    return recipe_of(words_of_run(material.run), tuple(material.curves))


def _loss_tag(material: Material) -> str | None:
    """The plainest loss on what is learnt from."""
    found = [tag for tag in losses(material.curves) if len(material.curves[tag].values)]
    return next((tag for part in ("train", "") for tag in found if part_of(tag) == part), None)


def _seen(material: Material, pulse: Pulse) -> _Behind | None:
    if not has_course(material):
        return None
    if _recipe(material) == "slots":
        course = evaluations_of(material, ari_tag(material.curves) or "", pulse)
        values, expected = shares_of(course), _expected(course, "slots", "ari")
        return _Behind(course, values, expected, values < expected, ("S0.12", "S0.13"), high=True)
    course = typical_course(material, _loss_tag(material) or "", pulse)
    expected = np.where(course.epochs >= material.thresholds.behind_epoch, _expected(course, "grids", "loss"), np.nan)
    # One document's losses are no norm: far behind is what is nearer to guessing than to an answer. What is above
    # guessing is a loss of another scale, or diverges, which another finding tells.
    far = material.thresholds.behind_guess * _GUESS_LOSS < course.values
    return _Behind(course, course.values, expected, far & (course.values <= _GUESS_LOSS), ("S3.08",), high=False)


def _expected(course: Course, recipe: Recipe, metric: Literal["ari", "loss"]) -> FloatArray:
    """Of several courses the one that asks for least, from where all are written down: slots may part late."""
    stated = [one for one in TRAJECTORIES if (one.recipe, one.metric) == (recipe, metric)]
    ends = [np.minimum(course.epochs, one.points[-1].epoch) for one in stated]  # what was reached is kept
    bands = np.array([band_of(one, epochs)[metric == "loss"] for one, epochs in zip(stated, ends, strict=True)])
    least: FloatArray = np.minimum.reduce(bands) if metric == "ari" else np.maximum.reduce(bands)
    return least

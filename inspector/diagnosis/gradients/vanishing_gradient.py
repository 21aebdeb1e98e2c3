"""Modules whose gradient has all but gone beside that of the others."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from inspector.core.pulse import Pulse
from inspector.core.units import number_text
from inspector.diagnosis.check import About
from inspector.diagnosis.courses import Course, course_of
from inspector.diagnosis.cures import cure, edit, leaky
from inspector.diagnosis.gradients.norm_curves import last_quarter, of_modules, since_always
from inspector.diagnosis.material import Material
from inspector.diagnosis.tags import losses, name_of, part_of, shown
from inspector.diagnosis.values import Cure, Finding, NotAssessable, Severity, Sureness
from inspector.formats.metric_names import words

ABOUT = About(
    id="vanishing-gradient",
    title="Gradients of modules vanish",
    rules=("S1.08", "S1.10", "S2.13", "X.G2", "X.G6"),
    symptom="One line of the gradient norms falls by orders while the others stay where they are.",
    definition="Of the last quarter of a module's logged gradient norms, {norm_records} or more, the median is below"
    " **{vanishing_norm}** and below **{vanishing_ratio}** of that of the module with the largest. A norm that is 0"
    " from the first record on, or not there, is another finding; one that fell to 0 is told here. Norms that go down"
    " together, as they do where a loss comes to its end, are not told, nor is that of a module whose own loss"
    " (`loss_done` of `done_head`) is below {memorised_share} of its first value: nothing is left for it to learn.",
    why="The module learns next to nothing while the rest goes on. Adam makes steps as long of small gradients as of"
    " large ones, until they are lost beside its epsilon; with SGD the module stands still at once",
    confirm="Look at what the module gives: saturated outputs (tanh at 1, sigmoid at 0 or 1) and silent ReLU pass no"
    " gradient back",
    false_alarm="A head whose task is solved has little left to learn, which shows only where its loss is logged by"
    " itself; a module that is hardly tuned on purpose, or that small weights of a loss reach, shows the same",
    cure="Take away what saturates: no tanh on coordinates, an activation that passes a gradient below 0, a smaller"
    " rate that does not throw the weights there. Residual paths and normalisation help where depth is the cause.",
    source="Rules X.G2 and X.G6; the seeds' absolute figures (1e-4, 0.001, 1, 50 to 200) contradict each other, as"
    " norms depend on the loss and on the number of weights, so that a module is held against the others",
)


class _Small(NamedTuple):
    module: str
    course: Course
    now: float
    since: int


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """Each module's gradient norms against the largest."""
    limits = material.thresholds
    least = limits.norm_records
    courses = {}
    tags = of_modules(material)
    for done, (module, tag) in enumerate(tags.items()):
        pulse.beat(done, len(tags), "comparing gradients")
        course = course_of(material, tag)
        if len(course) >= least:
            courses[module] = course
    if len(courses) < 2:
        because = f"fewer than two modules have {least} logged gradient norms"
        return ABOUT.not_assessable(material.lacking(because))
    now = {module: float(np.median(last_quarter(course.values, least))) for module, course in courses.items()}
    largest = max(now, key=lambda module: now[module])
    bound = min(limits.vanishing_norm, limits.vanishing_ratio * now[largest])
    small = [
        _Small(module, course, now[module], min(since_always(course.values < bound), len(course) - 1))
        for module, course in courses.items()
        if now[module] < bound and course.values.any() and not _is_solved(material, module)
    ]
    return _finding(material, small, courses[largest], now[largest]) if small else None


_SAID_OF_MANY = frozenset({"head", "heads", "loss", "net", "network", "module", "model"})


def _is_solved(material: Material, module: str) -> bool:
    """Whether a training loss that bears the module's name has come to next to nothing."""
    limits, name = material.thresholds, set(words(module)) - _SAID_OF_MANY
    own = [tag for tag in losses(material.curves) if part_of(tag) in ("train", "") and name & set(name_of(tag))]
    courses = [course for tag in own if len(course := course_of(material, tag))]
    return any(
        float(np.median(last_quarter(course.values, limits.norm_records))) < limits.memorised_share * course.values[0]
        for course in courses
    )


def _finding(material: Material, small: list[_Small], largest: Course, usual: float) -> Finding:
    texts = [
        f"that of {shown(one.module)} is {number_text(one.now)} since {one.course.place(one.since)}" for one in small
    ]
    first = min(small, key=lambda one: one.course.steps[one.since])
    names = ", ".join(shown(one.module) for one in small)
    return ABOUT.finding(
        title=f"Gradients of {names} vanish",
        summary=f"Gradient norm at the end: {'; '.join(texts)}; {shown(largest.tag)} is {number_text(usual)}",
        severity=Severity.WARNING,
        sureness=Sureness.POSSIBLE,
        since_step=float(first.course.steps[first.since]),
        since_epoch=first.course.epoch(first.since),
        evidence=(
            *(one.course.evidence(one.since, len(one.course) - 1, "all but vanishes") for one in small),
            largest.evidence(0, len(largest) - 1, "beside it"),
        ),
        cures=_cures(material),
    )


def _cures(material: Material) -> tuple[Cure, ...]:
    free = None
    if material.setting("model.coord_activation") == "tanh":
        reason = "tanh passes no gradient where it has come to its ends (S1.01)"
        free = edit(material, "model.coord_activation", "none", reason)
    passing = leaky(material, "ReLU passes no gradient where it is silent; LeakyReLU always does")
    return (*cure("Take the saturation away", free), *cure("Let gradients through below 0", passing))

"""Points that are wrong in one way: axes swapped, all moved alike, scaled, in one place, pressed against a border.

Symptom: errors that one mistake explains; evidence: the median error as it is and without the mistake, in the newest
dump with true and predicted points. At most one is told of, for each hides what else there is.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from inspector.analysis.point_patterns import (
    AtBorder,
    Collapsed,
    ConstantOffset,
    Misplaced,
    PointPattern,
    SwappedAxes,
    WrongScale,
    at_border,
)
from inspector.core.pulse import Pulse
from inspector.core.units import whole_text
from inspector.diagnosis.check import About
from inspector.diagnosis.cures import cure, edit
from inspector.diagnosis.material import Material, step_of
from inspector.diagnosis.points.pattern_words import is_constant, pattern_text, pattern_title
from inspector.diagnosis.points.seen import NO_POINTS, PointsSeen, pattern_since, seen_points, too_few
from inspector.diagnosis.points.slower_heads import slower_heads
from inspector.diagnosis.thresholds import Thresholds
from inspector.diagnosis.values import Cure, Finding, NotAssessable, PointEvidence, Severity, Sureness
from inspector.runs.values import FileEntry

_HALVED = "Undoing the mistake leaves at most half of the median error, and of that of one place for all"
_UNDO = "Switch on Undo it in the Points view, and the predictions lie on their objects"

ABOUT = About(
    id="point-pattern",
    title="One mistake behind the point errors",
    rules=("S1.01", "S1.05", "S1.06", "S1.11", "S1.14"),
    symptom="Error lines that all point the same way, or predictions that gather in one place",
    definition="One of five mistakes explains the points of the newest dump: axes swapped, all moved alike, scaled, one"
    " place for every image, pressed against a border. Each is tried, and at most one is told: it hides what else there"
    " is.",
    why="A single mistake in reading or writing coordinates looks like a model that does not learn",
    confirm=_UNDO,
    false_alarm="How a foreign file's coordinates are to be read is a guess; a wrong guess looks like such a mistake",
    cure="Mend the code between the head, the loss and the dump. Where predictions are stuck, lower the rate and"
    " predict without tanh, in a new run.",
    source=_HALVED,
)

SWAPPED = About(
    id="points-swapped",
    title="Predicted points have x and y swapped",
    rules=(),
    symptom="Predictions lie on their objects once the picture is mirrored at its diagonal",
    definition="With x and y of the predictions exchanged, the median error falls to half of what it was or less; it is"
    " certain where {surely_explained} of it or less is left.",
    why="The model may be right: its loss, its errors and every score are worked out against swapped axes",
    confirm=f"{_UNDO}; look for (row, column) taken for (x, y) between the head, the loss and the dump",
    false_alarm="Objects along the diagonal of their images fit both ways",
    cure="Exchange the axes in one place, where the points are made or where they are read. No setting mends it.",
    source=_HALVED,
)

OFFSET = About(
    id="points-offset",
    title="Predicted points are all moved alike",
    rules=(),
    symptom="Error lines of one length and one direction in every sample",
    definition="With one vector taken off all predictions, the median error falls to half of what it was or less; it is"
    " certain where {surely_explained} of it or less is left, and graver where the vector is longer than the goal.",
    why="What is the same in every image was not learnt from it: a crop, padding or half a cell of the feature map"
    " was left out on the way back to pixels",
    confirm=f"{_UNDO}; take the same crop and padding into account for objects and for predictions",
    false_alarm="Marks that stand beside their objects, as on stems, move all objects alike",
    cure="Take the same crop, padding and cell centres into account on both ways. No setting mends it.",
    source=_HALVED,
)

SCALED = About(
    id="points-scaled",
    title="Predicted points are scaled",
    rules=(),
    symptom="Errors that grow with the distance from the centre or from a corner",
    definition="With distances from the centre or a corner divided by one factor, the median error falls to half of"
    " what it was or less; it is certain where {surely_explained} of it or less is left.",
    why="Such a factor is that of two sizes of the image, or of two ranges of coordinates, and was not learnt",
    confirm=f"{_UNDO}; compare the factor with input size over image size, and −1..1 with 0..1",
    false_alarm="A head that is unsure draws its predictions to the middle, which looks like a scale below"
    " 1 from the centre; it leaves large errors, and a wrong scale leaves none",
    cure="Scale by the size that the image really had. No setting mends it.",
    source=_HALVED,
)

COLLAPSED = About(
    id="points-collapsed",
    title="All predictions lie in one place",
    rules=("S1.01", "S1.11", "S1.14"),
    symptom="The red ring is in the same place in every sample, often in a corner",
    definition="Predictions spread far less than objects do; below {constant_share} of the objects' spread they are one"
    " constant. In a corner it is critical: a saturated tanh gives (−1, −1) or (1, 1) whatever comes in.",
    why="A head that says one thing whatever it sees has no gradient towards saying another: it is saturated,"
    " its inputs are dead, or the rate threw it there",
    confirm="Look at the values before the last activation, and at the gradient norm of the coordinate heads",
    false_alarm="Data with one object that is always in the same place; here objects are spread out",
    cure="A new run, as a saturated head does not come back: the rate divided by {collapsed_cut}, though not below"
    " {collapsed_rate}, and coordinates without tanh.",
    source="Rules S1.01, S1.11 and S1.14",
)

AT_BORDER = About(
    id="points-at-border",
    title="Predicted coordinates pile up at the border",
    rules=("S1.05", "S1.06"),
    symptom="Red rings along the edges of the image, where few objects are",
    definition="Far more of the predicted coordinates than of the objects' lie at the border of the image or of a"
    " clamp; above {saturated_share} of all the head is saturated.",
    why="A clamp passes no gradient and a saturated tanh hardly any, so these points cannot come back",
    confirm="Leave the last activation out and punish softly what lies outside, in place of clamping it",
    false_alarm="Objects that truly lie at the border, of which there are few here",
    cure="A new run without tanh or clamp, and with the rate divided by {collapsed_cut}, though not below"
    " {collapsed_rate}.",
    source="Rules S1.05 and S1.06",
)

ABOUTS = (ABOUT, SWAPPED, OFFSET, SCALED, COLLAPSED, AT_BORDER)


class _Told(NamedTuple):
    """What a pattern is called here, and how bad and how sure it is; `evidence` comes before the worst samples."""

    about: About
    severity: Severity
    sureness: Sureness
    rules: tuple[str, ...] = ()
    evidence: tuple[PointEvidence, ...] = ()


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The pattern of the newest dump's points (rules S1.01, S1.05, S1.06, S1.11, S1.14).

    Raises:
        FileError: the points cannot be read.
    """
    seen = seen_points(material, pulse)
    if seen is not None and seen.pattern is not None:
        return _finding(material, seen, seen.pattern, pattern_since(material, seen, pulse))
    lacking = NO_POINTS if seen is None else too_few(seen)
    return ABOUT.not_assessable(lacking) if lacking else None


def _finding(material: Material, seen: PointsSeen, pattern: PointPattern, since: FileEntry) -> Finding:
    told = _told(seen, pattern, material.thresholds)
    guessed = "" if seen.points.convention_sure else "how coordinates are to be read is a guess here"
    return told.about.finding(
        rules=told.rules,
        title=pattern_title(pattern, material.thresholds),
        summary=f"{pattern_text(pattern)}, over {seen.told}",
        severity=told.severity,
        sureness=Sureness.POSSIBLE if guessed else told.sureness,
        since_step=step_of(since),
        since_epoch=since.epoch,
        evidence=(*told.evidence, *_worst(seen)),
        cures=_cures(material) if isinstance(pattern, Collapsed | AtBorder) else (),
        false_alarm="; ".join(text for text in (told.about.false_alarm, guessed) if text),
    )


def _told(seen: PointsSeen, pattern: PointPattern, limits: Thresholds) -> _Told:
    match pattern:
        case SwappedAxes():
            return _Told(SWAPPED, Severity.ERROR, _explained(pattern, limits))
        case ConstantOffset(x_px, y_px):
            far = float(np.hypot(x_px, y_px)) > seen.goal_px
            return _Told(OFFSET, Severity.ERROR if far else Severity.WARNING, _explained(pattern, limits))
        case WrongScale():
            return _Told(SCALED, Severity.ERROR, _explained(pattern, limits))
        case Collapsed():
            return _collapsed(pattern, limits)
        case AtBorder():
            return _pressed(seen, pattern, limits)


def _collapsed(pattern: Collapsed, limits: Thresholds) -> _Told:
    constant = is_constant(pattern, limits)
    own = ("S1.01", Severity.CRITICAL) if pattern.is_corner else ("S1.11", Severity.ERROR)
    rule, severity = own if constant or pattern.is_corner else ("", Severity.WARNING)
    rules = (*((rule,) if rule else ()), "S1.14")
    return _Told(COLLAPSED, severity, Sureness.CERTAIN if constant else Sureness.LIKELY, rules)


def _pressed(seen: PointsSeen, pattern: AtBorder, limits: Thresholds) -> _Told:
    saturated = pattern.share > limits.saturated_share
    points = seen.points
    of = points.of
    there = of[at_border(points.prediction_original, points.original_sizes[of])]
    return _Told(
        AT_BORDER,
        Severity.ERROR if saturated else Severity.WARNING,
        Sureness.CERTAIN if saturated else Sureness.LIKELY,
        AT_BORDER.rules,
        tuple(
            seen.of_sample(sample, f"Sample {sample + 1}, whose prediction lies at the border")
            for sample in there[:1].tolist()
        ),
    )


def _explained(pattern: Misplaced, limits: Thresholds) -> Sureness:
    certain = pattern.remaining_px <= limits.surely_explained * pattern.error_px
    return Sureness.CERTAIN if certain else Sureness.LIKELY


def _worst(seen: PointsSeen) -> tuple[PointEvidence, ...]:
    """The samples that are at least as wrong as half of them, and the worst."""
    worst = seen.points.worst_px
    if not np.isfinite(worst).any():
        return ()
    sample, median = int(np.nanargmax(worst)), float(np.nanmedian(worst))
    return (
        seen.of_range("err_px", median, None, sample, f"Samples that are {whole_text(median)} px off or more"),
        seen.of_sample(sample, f"Sample {sample + 1}, {whole_text(worst[sample])} px off"),
    )


def _cures(material: Material) -> tuple[Cure, ...]:
    lower = slower_heads(material, "Large steps threw the heads to where they get no gradient (S1.01)")
    reason = "tanh saturates at the border, where its gradient ends (S1.01, S1.05)"
    straight = edit(material, "model.coord_activation", "none", reason)
    title = "Start anew with a lower rate" if lower else "Start anew"
    return cure(f"{title}, and without tanh" if straight else title, lower, straight)

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
from inspector.diagnosis.cures import cure, edit
from inspector.diagnosis.material import Material
from inspector.diagnosis.points.pattern_words import is_constant, pattern_text, pattern_title
from inspector.diagnosis.points.seen import NO_POINTS, PointsSeen, pattern_since, seen_points, too_few
from inspector.diagnosis.thresholds import (
    COLLAPSED_RATE,
    SATURATED_SHARE,
    SURELY_EXPLAINED,
)
from inspector.diagnosis.values import Cure, Finding, NotAssessable, PointEvidence, Severity, Sureness
from inspector.runs.values import FileEntry

ID = "point-pattern"
TITLE = "One mistake behind the point errors"

SWAPPED_ID = "points-swapped"
OFFSET_ID = "points-offset"
SCALE_ID = "points-scaled"
COLLAPSED_ID = "points-collapsed"
BORDER_ID = "points-at-border"


class _Told(NamedTuple):
    """What differs between the patterns; `evidence` comes before the worst samples."""

    id: str
    severity: Severity
    sureness: Sureness
    why: str
    confirm: str
    false_alarm: str
    rules: tuple[str, ...] = ()
    evidence: tuple[PointEvidence, ...] = ()
    source: str = "Undoing the mistake leaves at most half of the median error"


def check(material: Material, pulse: Pulse) -> Finding | NotAssessable | None:
    """The pattern of the newest dump's points (rules S1.01, S1.05, S1.06, S1.11, S1.14).

    Raises:
        FileError: the points cannot be read.
    """
    seen = seen_points(material, pulse)
    if seen is not None and seen.pattern is not None:
        return _finding(material, seen, seen.pattern, pattern_since(material, seen, pulse))
    lacking = NO_POINTS if seen is None else too_few(seen)
    return NotAssessable(id=ID, title=TITLE, because=lacking) if lacking else None


def _finding(material: Material, seen: PointsSeen, pattern: PointPattern, since: FileEntry) -> Finding:
    told = _told(seen, pattern)
    guessed = "" if seen.points.convention_sure else "how coordinates are to be read is a guess here"
    return Finding(
        id=told.id,
        rules=told.rules,
        title=pattern_title(pattern),
        summary=f"{pattern_text(pattern)}, over {seen.told}",
        severity=told.severity,
        sureness=Sureness.POSSIBLE if guessed else told.sureness,
        since_step=None if since.step is None else float(since.step),
        since_epoch=since.epoch,
        evidence=(*told.evidence, *_worst(seen)),
        why=told.why,
        confirm=told.confirm,
        cures=_cures(material) if isinstance(pattern, Collapsed | AtBorder) else (),
        false_alarm="; ".join(text for text in (told.false_alarm, guessed) if text),
        source=told.source,
    )


_UNDO = "Switch on Undo it in the Points view, and the predictions lie on their objects"


def _told(seen: PointsSeen, pattern: PointPattern) -> _Told:
    match pattern:
        case SwappedAxes():
            return _Told(
                id=SWAPPED_ID,
                severity=Severity.ERROR,
                sureness=_explained(pattern),
                why="The model may be right: its loss, its errors and every score are worked out against swapped axes",
                confirm=f"{_UNDO}; look for (row, column) taken for (x, y) between the head, the loss and the dump",
                false_alarm="Objects along the diagonal of their images fit both ways",
            )
        case ConstantOffset():
            return _offset(seen, pattern)
        case WrongScale():
            return _Told(
                id=SCALE_ID,
                severity=Severity.ERROR,
                sureness=_explained(pattern),
                why="Such a factor is that of two sizes of the image, or of two ranges of coordinates, and was not"
                " learnt",
                confirm=f"{_UNDO}; compare the factor with input size over image size, and −1..1 with 0..1",
                false_alarm="A head that is unsure draws its predictions to the middle, which looks like a scale below"
                " 1 from the centre; it leaves large errors, and a wrong scale leaves none",
            )
        case Collapsed():
            return _collapsed(pattern)
        case AtBorder():
            return _pressed(seen, pattern)


def _offset(seen: PointsSeen, pattern: ConstantOffset) -> _Told:
    way_px = float(np.hypot(pattern.x_px, pattern.y_px))
    return _Told(
        id=OFFSET_ID,
        severity=Severity.ERROR if way_px > seen.goal_px else Severity.WARNING,
        sureness=_explained(pattern),
        why="What is the same in every image was not learnt from it: a crop, padding or half a cell of the feature map"
        " was left out on the way back to pixels",
        confirm=f"{_UNDO}; take the same crop and padding into account for objects and for predictions",
        false_alarm="Marks that stand beside their objects, as on stems, move all objects alike",
    )


def _collapsed(pattern: Collapsed) -> _Told:
    constant = is_constant(pattern)
    own = ("S1.01", Severity.CRITICAL) if pattern.is_corner else ("S1.11", Severity.ERROR)
    rule, severity = own if constant or pattern.is_corner else ("", Severity.WARNING)
    rules = (*((rule,) if rule else ()), "S1.14")
    return _Told(
        id=COLLAPSED_ID,
        severity=severity,
        sureness=Sureness.CERTAIN if constant else Sureness.LIKELY,
        why="A head that says one thing whatever it sees has no gradient towards saying another: it is saturated,"
        " its inputs are dead, or the rate threw it there",
        confirm="Look at the values before the last activation, and at the gradient norm of the coordinate heads",
        false_alarm="Data with one object that is always in the same place; here objects are spread out",
        rules=rules,
        source=f"Rules {' and '.join(rules)}",
    )


def _pressed(seen: PointsSeen, pattern: AtBorder) -> _Told:
    saturated = pattern.share > SATURATED_SHARE
    points = seen.points
    of = points.of
    there = of[at_border(points.prediction_original, points.original_sizes[of])]
    return _Told(
        id=BORDER_ID,
        severity=Severity.ERROR if saturated else Severity.WARNING,
        sureness=Sureness.CERTAIN if saturated else Sureness.LIKELY,
        why="A clamp passes no gradient and a saturated tanh hardly any, so these points cannot come back",
        confirm="Leave the last activation out and punish softly what lies outside, in place of clamping it",
        false_alarm="Objects that truly lie at the border, of which there are few here",
        rules=("S1.05", "S1.06"),
        evidence=tuple(
            seen.of_sample(sample, f"Sample {sample + 1}, whose prediction lies at the border")
            for sample in there[:1].tolist()
        ),
        source="Rules S1.05 and S1.06",
    )


def _explained(pattern: Misplaced) -> Sureness:
    certain = pattern.remaining_px <= SURELY_EXPLAINED * pattern.error_px
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
    rate = material.number("optim.lr")
    lower = None
    if rate is not None and rate > COLLAPSED_RATE:
        reason = "Large steps threw the heads to where they get no gradient (S1.01)"
        lower = edit(material, "optim.lr", COLLAPSED_RATE, reason)
    reason = "tanh saturates at the border, where its gradient ends (S1.01, S1.05)"
    straight = edit(material, "model.coord_activation", "none", reason)
    return (*cure("Start anew with a lower rate", lower), *cure("Predict coordinates without tanh", straight))

"""What to say of a run in one line and one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from inspector.core.language import tr, tr_counted, tr_many
from inspector.core.texts import visible
from inspector.diagnosis.material import Material
from inspector.diagnosis.scores.main_score import best_place, main_score
from inspector.diagnosis.values import Diagnosis, Finding, Severity
from inspector.display.triage.scene import Tone
from inspector.display.triage.since import since_text
from inspector.formats.metric_names import better_of
from inspector.runs.placing import moment_text
from inspector.runs.rising import finite
from inspector.runs.values import Life, Run

_WORDS = (
    tr("one"), tr("two"), tr("three"), tr("four"), tr("five"), tr("six"), tr("seven"), tr("eight"), tr("nine"),
    tr("ten"), tr("eleven"), tr("twelve"),
)  # fmt: skip
_LIVES = {
    Life.LIVE: tr("still training"),
    Life.STALLED: tr("nothing was written for longer than usual"),
    Life.FAILED: tr("the run failed"),
    Life.CRASHED: tr("the run has presumably crashed"),
}
"""What of a run's life is to be said beside a verdict."""

_ENDS = {Life.FAILED: tr("The run failed"), Life.CRASHED: tr("The run has presumably crashed")}
_BECAUSE = 240


class Told(NamedTuple):
    """A verdict: its line, its sentence without a full stop, and the line's tone."""

    headline: str
    sentence: str
    tone: Tone


def looking(run: Run) -> Told:
    """Before there is a diagnosis."""
    if run.unread_bytes:
        return Told(tr("Still reading the logs"), tr("what there is so far stands under Curves"), "text")
    return Told(tr("Looking for what went wrong…"), _joined(_life(run)), "text")


def verdict(
    material: Material, diagnosis: Diagnosis, open_findings: Sequence[Finding], *, moment: bool = False
) -> Told:
    """What is wrong as the findings say that were not put aside; of a moment it is not told how the run fares now."""
    life = "" if moment else _life(material.run)
    grave = [one for one in open_findings if one.severity.rank >= Severity.ERROR.rank]
    mild = [one for one in open_findings if one.severity is Severity.WARNING]
    causes = tr_many("{number} cause", "{number} causes", len(grave))
    warnings = tr_many("{number} warning", "{number} warnings", len(mild))
    best, editable = _best_state(material), bool(material.fields)
    if grave:
        sentence = _joined(_counted(grave, causes, cures=editable), _counted(mild, warnings, cures=False), life, best)
        return Told(_headline(tr("Going wrong"), tr("Going wrong {since}"), grave, material), sentence, "text")
    if material.run.liveness.life in _ENDS and not moment:
        lacking = "" if diagnosis.checked else tr("no check had what it needs")
        sentence = _joined(_why_it_ended(material.run), _counted(mild, warnings, cures=editable), lacking, best)
        return Told(_ENDS[material.run.liveness.life], sentence, "critical")
    if mild:
        sentence = _joined(_counted(mild, warnings, cures=editable), life, best)
        return Told(_headline(tr("Worth a look"), tr("Worth a look {since}"), mild, material), sentence, "text")
    not_made = len(diagnosis.not_assessable)
    if not diagnosis.checked:
        lacking = tr("none of {checks} had what it needs").format(checks=tr_counted(not_made, "check"))
        return Told(tr("Nothing could be assessed"), _joined(lacking, life), "text")
    aside = len(diagnosis.findings) - len(open_findings)
    looked = tr("{checks} found nothing").format(checks=tr_counted(len(diagnosis.passed), "check"))
    lacking = tr("{count} could not be made").format(count=not_made) if not_made else ""
    notes = tr_counted(len(open_findings), "note") if open_findings else ""
    dismissed = tr("{findings} dismissed").format(findings=tr_counted(aside, "finding")) if aside else ""
    sentence = _joined(", ".join(part for part in (looked, lacking, notes, dismissed) if part), life, best)
    if len(diagnosis.passed) < not_made:
        headline = tr("Nothing wrong found so far") if open_findings else tr("Nothing found so far")
        return Told(headline, sentence, "text")
    return Told(tr("Nothing wrong found") if open_findings else tr("Nothing found"), sentence, "good")


def _headline(headline: str, with_since: str, findings: Iterable[Finding], material: Material) -> str:
    """A headline with when the first of the findings began, where one tells."""
    steps = [one for one in findings if one.since_step is not None]
    epochs = [one for one in findings if one.since_epoch is not None]
    if not steps and not epochs:
        return headline
    first = min(steps, key=_step) if steps else min(epochs, key=_epoch)
    return with_since.format(since=since_text(first, material.run.moments))


def _step(finding: Finding) -> float:
    return finding.since_step or 0.0


def _epoch(finding: Finding) -> float:
    return finding.since_epoch or 0.0


def _counted(findings: Sequence[Finding], noun: str, *, cures: bool) -> str:
    """`three causes, each with a cure`, or the number alone; empty of none."""
    if not findings:
        return ""
    count = len(findings)
    named = noun.format(number=_number(count))
    with_cure = sum(bool(one.cures) for one in findings)
    if not cures:
        return named
    if with_cure == 0:
        one, several = tr("{found}, no cure among the settings"), tr("{found}, none with a cure among the settings")
    elif with_cure == count:
        one, several = tr("{found}, with a cure"), tr("{found}, each with a cure")
    else:
        return tr("{found}, {number} with a cure").format(found=named, number=_number(with_cure))
    return (one if count == 1 else several).format(found=named)


def _number(count: int) -> str:
    """`three`, in digits where that is long."""
    return _WORDS[count - 1] if count <= len(_WORDS) else str(count)


def _best_state(material: Material) -> str:
    """`best state is epoch 5`, by the main score; empty where that is the last, or none tells."""
    tag = main_score(material)
    if not tag or not better_of(tag):
        return ""
    one = finite(material.curves[tag])
    place = best_place(one, tag)
    if place is None or place == len(one.values) - 1:
        return ""
    moment = moment_text(material.run.moments, float(one.steps[place]))
    return tr("best state is {moment}").format(moment=moment)


def _why_it_ended(run: Run) -> str:
    return visible(run.liveness.because, _BECAUSE)


def _life(run: Run) -> str:
    return _LIVES.get(run.liveness.life, "")


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)

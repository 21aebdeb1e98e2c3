"""What to say of a run in one line and one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from inspector.core.texts import visible
from inspector.core.units import counted
from inspector.diagnosis.material import Material
from inspector.diagnosis.values import Diagnosis, Finding, Severity
from inspector.display.triage.numbers import best_place, score_tag
from inspector.display.triage.scene import Tone
from inspector.display.triage.since import since_text
from inspector.formats.metric_names import better_of
from inspector.runs.placing import moment_text
from inspector.runs.rising import finite
from inspector.runs.values import Life, Run

_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")

_LIVES = {
    Life.LIVE: "still training",
    Life.STALLED: "nothing was written for longer than usual",
    Life.FAILED: "the run failed",
    Life.CRASHED: "the run has presumably crashed",
}
"""What of a run's life is to be said beside a verdict."""

_ENDS = {Life.FAILED: "The run failed", Life.CRASHED: "The run has presumably crashed"}
_BECAUSE = 240


class Told(NamedTuple):
    """A verdict: its line, its sentence without a full stop, and the line's tone."""

    headline: str
    sentence: str
    tone: Tone


def looking(run: Run) -> Told:
    """Before there is a diagnosis."""
    if run.unread_bytes:
        return Told("Still reading the logs", "what there is so far stands under Curves", "text")
    return Told("Looking for what went wrong…", _joined(_life(run)), "text")


def verdict(
    material: Material, diagnosis: Diagnosis, open_findings: Sequence[Finding], *, moment: bool = False
) -> Told:
    """What is wrong as the findings say that were not put aside; of a moment it is not told how the run fares now."""
    life = "" if moment else _life(material.run)
    grave = [one for one in open_findings if one.severity.rank >= Severity.ERROR.rank]
    mild = [one for one in open_findings if one.severity is Severity.WARNING]
    best, editable = _best_state(material), bool(material.fields)
    if grave:
        sentence = _joined(_counted(grave, "cause", cures=editable), _counted(mild, "warning", cures=False), life, best)
        return Told(f"Going wrong{_since(grave, material)}", sentence, "text")
    if material.run.liveness.life in _ENDS and not moment:
        lacking = "" if diagnosis.checked else "no check had what it needs"
        sentence = _joined(_why_it_ended(material.run), _counted(mild, "warning", cures=editable), lacking, best)
        return Told(_ENDS[material.run.liveness.life], sentence, "critical")
    if mild:
        sentence = _joined(_counted(mild, "warning", cures=editable), life, best)
        return Told(f"Worth a look{_since(mild, material)}", sentence, "text")
    if not diagnosis.checked:
        lacking = f"none of {counted(len(diagnosis.not_assessable), 'check')} had what it needs"
        return Told("Nothing could be assessed", _joined(lacking, life), "text")
    aside = len(diagnosis.findings) - len(open_findings)
    looked = f"{counted(len(diagnosis.passed), 'check')} found nothing"
    lacking = f"{len(diagnosis.not_assessable)} could not be made" if diagnosis.not_assessable else ""
    notes = counted(len(open_findings), "note") if open_findings else ""
    dismissed = f"{counted(aside, 'finding')} dismissed" if aside else ""
    sentence = _joined(", ".join(part for part in (looked, lacking, notes, dismissed) if part), life, best)
    early = len(diagnosis.passed) < len(diagnosis.not_assessable)
    headline = "Nothing found" if not open_findings else "Nothing wrong found"
    return Told(f"{headline} so far", sentence, "text") if early else Told(headline, sentence, "good")


def _since(findings: Iterable[Finding], material: Material) -> str:
    """When the first of them began; empty where none tells."""
    steps = [one for one in findings if one.since_step is not None]
    epochs = [one for one in findings if one.since_epoch is not None]
    if not steps and not epochs:
        return ""
    first = min(steps, key=_step) if steps else min(epochs, key=_epoch)
    return f" {since_text(first, material.run.moments)}"


def _step(finding: Finding) -> float:
    return finding.since_step or 0.0


def _epoch(finding: Finding) -> float:
    return finding.since_epoch or 0.0


def _counted(findings: Sequence[Finding], noun: str, *, cures: bool) -> str:
    """`three causes, each with a cure`, or the number alone; empty of none."""
    if not findings:
        return ""
    count = len(findings)
    number = _COUNTS[count] if count < len(_COUNTS) else str(count)
    named = f"{number} {noun}" if count == 1 else f"{number} {noun}s"
    with_cure = sum(bool(one.cures) for one in findings)
    if not cures:
        return named
    if with_cure == 0:
        return f"{named}, no cure among the settings" if count == 1 else f"{named}, none with a cure among the settings"
    if with_cure == count:
        return f"{named}, with a cure" if count == 1 else f"{named}, each with a cure"
    share = _COUNTS[with_cure] if with_cure < len(_COUNTS) else str(with_cure)
    return f"{named}, {share} with a cure"


def _best_state(material: Material) -> str:
    """`best state is epoch 5`, by the main score; empty where that is the last, or none tells."""
    tag = score_tag(material)
    if not tag or not better_of(tag):
        return ""
    one = finite(material.curves[tag])
    place = best_place(one, tag)
    if place is None or place == len(one.values) - 1:
        return ""
    return f"best state is {moment_text(material.run.moments, float(one.steps[place]))}"


def _why_it_ended(run: Run) -> str:
    return visible(run.liveness.because, _BECAUSE)


def _life(run: Run) -> str:
    return _LIVES.get(run.liveness.life, "")


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)

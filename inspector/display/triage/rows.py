"""Findings, and what could not be looked at, as rows of the triage view."""

from __future__ import annotations

from functools import cache

from inspector.core.language import tr
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.diagnosis.check import About
from inspector.diagnosis.engine import CHECKS
from inspector.diagnosis.material import Material
from inspector.diagnosis.threshold_table import filled
from inspector.diagnosis.values import Cure, Diagnosis, Evidence, Finding, OwnKind
from inspector.display.triage.evidence_text import evidence_words
from inspector.display.triage.pictures import NONE, picture_of
from inspector.display.triage.scene import (
    CureRow,
    EditRow,
    EvidenceRow,
    FindingRow,
    LookedAt,
    TriageAsk,
)
from inspector.display.triage.since import since_text
from inspector.display.triage.subjects import subject_of
from inspector.formats.setting_values import value_text

MOST_PICTURES = 4
"""Of one finding; the rest is told in words."""

_TEXT, _VALUE = 2000, 60
_BRIEF = 150


def finding_rows(material: Material, diagnosis: Diagnosis, ask: TriageAsk, pulse: Pulse) -> tuple[FindingRow, ...]:
    """One row a finding, by weight, those that were put aside among them.

    Raises:
        WorkCancelled: the pulse says so.
    """
    return tuple(_row(finding, material, ask, pulse) for finding in diagnosis.findings)


def not_assessable_rows(diagnosis: Diagnosis) -> tuple[LookedAt, ...]:
    """What could not be looked at, and why."""
    return tuple(
        LookedAt(title=visible(one.title, _TEXT), because=visible(one.because, _TEXT), subject=subject_of(one.id))
        for one in diagnosis.not_assessable
    )


def passed_rows(diagnosis: Diagnosis) -> tuple[LookedAt, ...]:
    """What was looked for and not found."""
    kinds: dict[str, About | OwnKind] = {**_abouts(), **diagnosis.own_kinds}
    titles = {id_: kinds[id_].title if id_ in kinds else id_ for id_ in diagnosis.passed}
    return tuple(LookedAt(title=visible(title, _TEXT), subject=subject_of(id_)) for id_, title in titles.items())


@cache
def _abouts() -> dict[str, About]:
    return {about.id: about for check in CHECKS for about in check.abouts}


def brief(summary: str) -> str:
    """The first sentences of a summary, at least one, in at most so many characters."""
    sentences = summary.split(". ")
    kept = sentences[:1]
    for sentence in sentences[1:]:
        if len(". ".join((*kept, sentence))) > _BRIEF:
            break
        kept.append(sentence)
    return ". ".join(kept)


def _row(finding: Finding, material: Material, ask: TriageAsk, pulse: Pulse) -> FindingRow:
    evidence = tuple(_evidence(place, one, finding, material, pulse) for place, one in enumerate(finding.evidence))
    return FindingRow(
        id=finding.id,
        severity=finding.severity,
        title=visible(finding.title, _TEXT),
        brief=visible(brief(finding.summary), _TEXT),
        summary=visible(finding.summary, _TEXT),
        since=since_text(finding, material.run.moments),
        sureness=tr(finding.sureness.value),
        picture=next((one.picture for one in evidence if not one.picture.blank), NONE),
        evidence=evidence,
        consequences=tuple(visible(one, _TEXT) for one in finding.consequences),
        why=visible(finding.why, _TEXT),
        confirm=visible(finding.confirm, _TEXT),
        false_alarm=visible(finding.false_alarm, _TEXT),
        baseline=visible(finding.baseline, _TEXT),
        source=visible("; ".join(text for text in (finding.source, finding.thresholds) if text), _TEXT),
        cures=tuple(_cure(one, material) for one in finding.cures),
        remedy="" if finding.cures else _remedy(finding),
        dismissed=finding.id in ask.dismissed,
        note=visible(ask.notes.get(finding.id, ""), _TEXT),
        own=visible(finding.own_text, _TEXT),
    )


def _remedy(finding: Finding) -> str:
    """What helps against a finding of its kind, where no setting of the run can be edited for it."""
    about = _abouts().get(finding.id)
    return "" if about is None else visible(filled(about.cure).replace("`", ""), _TEXT)


def _evidence(place: int, one: Evidence, finding: Finding, material: Material, pulse: Pulse) -> EvidenceRow:
    picture = picture_of(one, finding, material, pulse) if place < MOST_PICTURES else NONE
    return EvidenceRow(place=place, words=evidence_words(one), picture=picture)


def _cure(cure: Cure, material: Material) -> CureRow:
    edits = tuple(
        EditRow(
            path=visible(edit.path, _VALUE),
            old=visible(value_text(material.setting(edit.path)), _VALUE),
            new=visible(value_text(edit.new), _VALUE),
            reason=visible(edit.reason, _TEXT),
        )
        for edit in cure.edits
    )
    return CureRow(title=visible(cure.title, _TEXT), edits=edits)

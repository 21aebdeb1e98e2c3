"""A resumed run against its parent, as the triage view tells it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.diagnosis.aftermath import Aftermath, Before, Comparison, compared
from inspector.diagnosis.check import kinds_of
from inspector.diagnosis.engine import CHECKS
from inspector.diagnosis.values import Diagnosis, Severity
from inspector.display.triage.rows import brief
from inspector.display.triage.scene import AgainstParent, BecameRow, Tone
from inspector.runs.values import Run

_NEW = tr("new")

_NAME, _TEXT = 60, 2000
_OUTCOMES: Mapping[Aftermath, tuple[str, Tone]] = {
    Aftermath.GONE: (tr("gone"), "good"),
    Aftermath.NOT_YET: (tr("not assessable yet"), "dim"),
    Aftermath.STILL_THERE: (tr("still there"), "warning"),
}
_TONES_OF_NEW: Mapping[Severity, Tone] = {
    Severity.INFO: "text",
    Severity.WARNING: "warning",
    Severity.ERROR: "critical",
    Severity.CRITICAL: "critical",
}


def against_parent(run: Run, diagnosis: Diagnosis, before: Before | None) -> AgainstParent | None:
    """What became of what was found in the parent; that it is not known where the parent is not; None without one."""
    if before is not None:
        own = {id_: kind.look for id_, kind in diagnosis.own_kinds.items()}
        return _told(compared(before, run, diagnosis, kinds_of(CHECKS) | own), diagnosis)
    parent = run.record.parent if run.record is not None else None
    if parent is None:
        return None
    return AgainstParent(name=visible(PurePath(parent.path).name or parent.id, _NAME), known=False)


def _told(found: Comparison, diagnosis: Diagnosis) -> AgainstParent:
    counts = [(found.count(one), _OUTCOMES[one][0]) for one in reversed(Aftermath)] + [(len(found.new), _NEW)]
    rows = [_row(*_OUTCOMES[one.outcome], one.title, one.because) for one in found.rows]
    new = [
        _row(_NEW, _TONES_OF_NEW[one.severity], one.title, one.summary)
        for one in diagnosis.findings
        if one.id in found.new
    ]
    return AgainstParent(
        name=visible(found.parent, _NAME),
        known=True,
        counts=" · ".join(f"{count} {word}" for count, word in counts if count),
        rows=(*rows, *new),
    )


def _row(word: str, tone: Tone, title: str, because: str) -> BecameRow:
    return BecameRow(word=word, tone=tone, title=visible(title, _TEXT), because=visible(brief(because), _TEXT))

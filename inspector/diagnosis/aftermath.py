"""After a resume: what became of each finding of the parent, and what is new, judged over the resumed part alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

import msgspec

from inspector.core.units import listed
from inspector.diagnosis.values import (
    CurveEvidence,
    Diagnosis,
    Evidence,
    Finding,
    LayerEvidence,
    Severity,
    TensorEvidence,
)
from inspector.runs.values import Run

_SHARE = 0.1
"""Of the parent's steps: so far past the place where a curve went wrong it must have stayed well to count as cured."""


class Aftermath(StrEnum):
    """What became of a finding of the parent."""

    STILL_THERE = "still there"
    NOT_YET = "not assessable yet"
    GONE = "gone"


class PastFinding(msgspec.Struct, frozen=True, kw_only=True):
    """As much of a finding of the parent as tells whether it is still there.

    Attributes:
        subjects: what it is seen in, by kind: the tags of curves, the paths of layers and of modules.
        since_step: where it began, or where its evidence does; None where that cannot be told.
        seen_steps: how far past that place a run must come before a curve without it says anything; 0 without a curve.
    """

    id: str
    title: str
    severity: Severity
    subjects: dict[str, tuple[str, ...]] = {}
    since_step: float | None = None
    seen_steps: float = 0.0


class Before(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in the parent; `told` are the findings that others of it explain, as sentences."""

    name: str
    findings: tuple[PastFinding, ...] = ()
    told: tuple[str, ...] = ()


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """One finding of the parent: what became of it, and one sentence that says by what that is known."""

    id: str
    title: str
    severity: Severity
    outcome: Aftermath
    because: str


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """A resumed run against its parent.

    Attributes:
        parent: its name.
        rows: one of each of the parent's findings: those still there, those not assessable yet, those gone.
        new: ids of findings of the resumed run that the parent did not have, worst first.
    """

    parent: str
    rows: tuple[Compared, ...] = ()
    new: tuple[str, ...] = ()

    def count(self, outcome: Aftermath) -> int:
        """How many of the parent's findings came to this."""
        return sum(row.outcome is outcome for row in self.rows)


def before_of(run: Run, diagnosis: Diagnosis) -> Before:
    """What is to be held against a run that resumes this one."""
    first, last = _span(run) or (0.0, 0.0)
    return Before(
        name=run.name,
        findings=tuple(_past(finding, (last - first) * _SHARE) for finding in diagnosis.findings),
        told=tuple(sentence for finding in diagnosis.findings for sentence in finding.consequences),
    )


def compared(before: Before, run: Run, diagnosis: Diagnosis, kinds: Mapping[str, str]) -> Comparison:
    """A resumed run, with all that was found in it, against its parent.

    Args:
        before: what was found in the parent.
        run: the resumed run.
        diagnosis: what was found in it.
        kinds: as `check.kinds_of` gives them.
    """
    rows = [_compared(past, run, diagnosis, kinds) for past in before.findings]
    order = tuple(Aftermath)
    return Comparison(
        parent=before.name,
        rows=tuple(sorted(rows, key=lambda row: order.index(row.outcome))),
        new=tuple(finding.id for finding in diagnosis.findings if not _was_there(finding, before)),
    )


def _compared(past: PastFinding, run: Run, diagnosis: Diagnosis, kinds: Mapping[str, str]) -> Compared:
    outcome, because = _became(past, run, diagnosis, kinds)
    return Compared(id=past.id, title=past.title, severity=past.severity, outcome=outcome, because=because)


def _became(past: PastFinding, run: Run, diagnosis: Diagnosis, kinds: Mapping[str, str]) -> tuple[Aftermath, str]:
    same = next((finding for finding in diagnosis.findings if finding.id == past.id), None)
    if same is not None:
        elsewhere = _elsewhere(past.subjects, subjects_of(same.evidence))
        if elsewhere:
            return Aftermath.GONE, f"it is no longer seen there, but in {listed(elsewhere)}"
        changed = same.severity is not past.severity
        return Aftermath.STILL_THERE, f"{f'now {same.severity.value}: ' if changed else ''}{same.summary}"
    cause = next((one for one in diagnosis.findings if _tells(one.consequences, past.title)), None)
    if cause is not None:
        return Aftermath.STILL_THERE, f"it follows from: {cause.title}"
    look = kinds.get(past.id, past.id)
    lacking = next((one.because for one in diagnosis.not_assessable if kinds.get(one.id, one.id) == look), None)
    if lacking is not None:
        return Aftermath.NOT_YET, lacking
    other = next((one for one in diagnosis.findings if kinds.get(one.id, one.id) == look), None)
    if other is not None:
        return Aftermath.GONE, f"in its place: {other.title}"
    if look not in diagnosis.passed:
        return Aftermath.NOT_YET, "nothing of the resumed run shows it so far"
    return _by_length(past, run)


def _by_length(past: PastFinding, run: Run) -> tuple[Aftermath, str]:
    """A look that found nothing says something only where the run has come past the place where it went wrong."""
    span = _span(run)
    if span is None:
        return Aftermath.GONE, "looked for and not found"
    first, last = span
    enough = max(first, past.since_step or first) + past.seen_steps
    if past.seen_steps and last < enough:
        return Aftermath.NOT_YET, f"not seen up to step {last:,.0f}, which says something from step {enough:,.0f} on"
    return Aftermath.GONE, f"looked for from step {first:,.0f} to step {last:,.0f} and not found"


def _was_there(finding: Finding, before: Before) -> bool:
    if _tells(before.told, finding.title):
        return True
    subjects = subjects_of(finding.evidence)
    return any(past.id == finding.id and not _elsewhere(past.subjects, subjects) for past in before.findings)


def _past(finding: Finding, share_steps: float) -> PastFinding:
    stretches = [(one.first_step, one.last_step) for one in finding.evidence if isinstance(one, CurveEvidence)]
    since = finding.since_step
    if since is None and stretches:
        since = min(first for first, _last in stretches)
    return PastFinding(
        id=finding.id,
        title=finding.title,
        severity=finding.severity,
        subjects=subjects_of(finding.evidence),
        since_step=since,
        seen_steps=share_steps if stretches else 0.0,
    )


def subjects_of(evidence: Iterable[Evidence]) -> dict[str, tuple[str, ...]]:
    """What evidence is seen in, by kind, each name once."""
    found: dict[str, dict[str, None]] = {}
    for kind, name in _subjects(evidence):
        found.setdefault(kind, {})[name] = None
    return {kind: tuple(names) for kind, names in found.items()}


def _subjects(evidence: Iterable[Evidence]) -> Iterator[tuple[str, str]]:
    for one in evidence:
        match one:
            case CurveEvidence(series=tag):
                yield "curve", tag
            case LayerEvidence(layer=layer):
                yield "layer", layer
            case TensorEvidence(name=name):
                yield "module", name.rpartition(".")[0] or name
            case _:
                pass


def _elsewhere(then: Mapping[str, tuple[str, ...]], now: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """What something is seen in now, where that is none of what it was seen in; empty where any of it is the same."""
    kinds = then.keys() & now.keys()
    if not kinds or any(set(then[kind]) & set(now[kind]) for kind in kinds):
        return ()
    return tuple(name for kind in sorted(kinds) for name in now[kind])


def _tells(sentences: Iterable[str], title: str) -> bool:
    """Whether a finding of this title is among those that another explains."""
    return any(sentence.startswith(f"{title}: ") for sentence in sentences)


def _span(run: Run) -> tuple[float, float] | None:
    """First and last step of a run; a resumed one begins at its checkpoint, unless it counts anew."""
    if not run.moments:
        return None
    first, last = float(run.moments[0].step), float(run.moments[-1].step)
    resumed = run.record.parent.step if run.record is not None and run.record.parent is not None else None
    return (first if resumed is None else min(first, float(resumed))), last

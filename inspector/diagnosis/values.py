"""Findings as values: what is wrong, how sure, since when, the evidence, and the cure as settings edits."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import msgspec

from inspector.core.language import tr_later


class Severity(StrEnum):
    """How bad a finding is, mildest first."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for info to 3 for critical."""
        return tuple(Severity).index(self)

    @property
    def word(self) -> str:
        """What a report calls it, and a window in its language."""
        return _WORDS[self]


_WORDS = {
    Severity.INFO: tr_later("note"),
    Severity.WARNING: tr_later("warning"),
    Severity.ERROR: tr_later("error"),
    Severity.CRITICAL: tr_later("critical"),
}


class Sureness(StrEnum):
    """How sure a finding is."""

    CERTAIN = tr_later("certain")
    LIKELY = tr_later("likely")
    POSSIBLE = tr_later("possible")


class CurveEvidence(msgspec.Struct, frozen=True, kw_only=True, tag="curve"):
    """A stretch of a curve, first to last step."""

    series: str
    first_step: float
    last_step: float
    text: str


class LayerEvidence(msgspec.Struct, frozen=True, kw_only=True, tag="layer"):
    """Channels of a layer in a dump."""

    dump: str
    layer: str
    channels: tuple[int, ...]
    text: str


class SlotEvidence(msgspec.Struct, frozen=True, kw_only=True, tag="slots"):
    """Slots of a sample in a dump.

    Attributes:
        masks: path of the masks in the dump that show it; empty for those that its decoder gives.
    """

    dump: str
    sample: int
    slots: tuple[int, ...]
    masks: str = ""
    text: str


class PointEvidence(msgspec.Struct, frozen=True, kw_only=True, tag="points"):
    """Points of a sample in a dump; or of all samples whose number in a column lies within both ends.

    Attributes:
        sample: the one, or an example of them.
        column: as in `formats.sample_table`, empty for the one sample.
        low, high: None for no end.
    """

    dump: str
    sample: int
    column: str = ""
    low: float | None = None
    high: float | None = None
    text: str


class TensorEvidence(msgspec.Struct, frozen=True, kw_only=True, tag="tensor"):
    """A tensor or a plain value of a checkpoint, by dotted path."""

    checkpoint: str
    name: str
    text: str


class SettingEvidence(msgspec.Struct, frozen=True, kw_only=True, tag="setting"):
    """A setting and its value."""

    path: str
    value: Any
    text: str


class LineEvidence(msgspec.Struct, frozen=True, kw_only=True, tag="line"):
    """The line of a console log that a point of a curve was read from, the nearest to a step."""

    log: str
    series: str
    step: float
    text: str


Evidence = (
    CurveEvidence | LayerEvidence | SlotEvidence | PointEvidence | TensorEvidence | SettingEvidence | LineEvidence
)


class ProposedEdit(msgspec.Struct, frozen=True, kw_only=True):
    """One settings edit of a cure."""

    path: str
    new: Any
    reason: str


class Cure(msgspec.Struct, frozen=True, kw_only=True):
    """Edits that belong together; better cures come first in a finding."""

    title: str
    edits: tuple[ProposedEdit, ...]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a run.

    Attributes:
        id: stable name of the finding (`dead-channels`).
        rules: the ids in `rules.json` that it covers.
        summary: the figures that show it, one or two sentences.
        since_step: where it began, None where that cannot be told.
        why: why it matters; confirm: what would confirm it; false_alarm: how it can be wrong.
        baseline: the trivial score that its numbers must be read against, or empty.
        thresholds: which of those that define it were set anew for this run, or empty.
        consequences: other findings of the run that it explains, title and figures of each.
        rule_file: the file of the user's own rules that makes it, empty for those of this program.
    """

    id: str
    rules: tuple[str, ...]
    title: str
    summary: str
    severity: Severity
    sureness: Sureness
    since_step: float | None = None
    since_epoch: float | None = None
    evidence: tuple[Evidence, ...] = ()
    why: str = ""
    confirm: str = ""
    cures: tuple[Cure, ...] = ()
    false_alarm: str = ""
    baseline: str = ""
    source: str = ""
    thresholds: str = ""
    consequences: tuple[str, ...] = ()
    rule_file: str = ""

    @property
    def own_text(self) -> str:
        """That a rule of the user's own makes it, and by which file; empty for those of this program."""
        return f"your own rule, by {self.rule_file}" if self.rule_file else ""


class NotAssessable(msgspec.Struct, frozen=True, kw_only=True):
    """A check that lacks its inputs; "no alarm" and "not checked" are different."""

    id: str
    title: str
    because: str


UNREAD_RULES = NotAssessable(id="own-rules", title="Rules of your own", because="")
"""What stands for a file of the user's own rules that gives no answer, but for the reason."""


def worst_of(findings: Iterable[Finding]) -> Severity | None:
    """The greatest severity, None of nothing."""
    return max((finding.severity for finding in findings), key=lambda severity: severity.rank, default=None)


def by_weight(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Worst first, then surest, then earliest."""
    return tuple(sorted(findings, key=_order))


def _order(finding: Finding) -> tuple[int, int, float]:
    since = float("inf") if finding.since_step is None else finding.since_step
    return -finding.severity.rank, tuple(Sureness).index(finding.sureness), since


class OwnKind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of finding that the user's own rules look for.

    Attributes:
        look: the id that its rule goes by where it finds nothing.
    """

    title: str
    look: str


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """Every finding, worst first, every check that could not be made, and the ids of those that found nothing.

    Attributes:
        notes: what is wrong with the thresholds that were set anew for the run.
        complete: whether all was looked at; a first look has only what curves tell as far as they were read.
        own_kinds: what the user's own rules look for, by its id.
    """

    findings: tuple[Finding, ...] = ()
    not_assessable: tuple[NotAssessable, ...] = ()
    passed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    complete: bool = True
    own_kinds: dict[str, OwnKind] = {}

    @property
    def worst(self) -> Severity | None:
        """The severity of the run's dot, None where nothing was found."""
        return worst_of(self.findings)

    @property
    def checked(self) -> bool:
        """Whether any check had what it needs."""
        return bool(self.findings or self.passed)


def together(found: Diagnosis, own: Diagnosis | None) -> Diagnosis:
    """A diagnosis with what the user's own rules found in the same run; as it is where there is none."""
    if own is None:
        return found
    return msgspec.structs.replace(
        found,
        findings=by_weight((*found.findings, *own.findings)),
        not_assessable=(*found.not_assessable, *own.not_assessable),
        passed=(*found.passed, *own.passed),
        own_kinds={**found.own_kinds, **own.own_kinds},
    )

"""One thing that is looked for in a run, and what is said of it wherever it is named: in a finding and on its page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from inspector.core.pulse import Pulse
from inspector.diagnosis.material import Material
from inspector.diagnosis.subjects import anything
from inspector.diagnosis.values import Finding, NotAssessable, Severity

Answer = Finding | NotAssessable | None
"""None where a check looked and found nothing."""


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to say of one kind of finding, whatever run it is found in; each text stands here alone.

    Attributes:
        id: stable name of the finding (`dead-channels`).
        title: what is wrong, without figures of a run.
        rules: the ids in the table of rules that it covers.
        symptom: what one sees in the curves or pictures of such a run.
        definition: when it is said, with its formula; Markdown, thresholds by their names in braces (`{mask_entropy}`).
        why: why it matters; confirm: what would confirm it; false_alarm: how it can be wrong.
        cure: what helps, best first, and what it costs.
        source: where definition and thresholds come from.
        acts: its edits are the point of it, also where it is information and nothing worse stands beside it.
    """

    id: str
    title: str
    rules: tuple[str, ...]
    symptom: str
    definition: str
    why: str
    confirm: str
    false_alarm: str
    cure: str
    source: str
    acts: bool = False

    def finding(self, **particulars: Any) -> Finding:
        """It was found: `particulars` are the fields of `Finding` that are this run's own, and any text told better."""
        of_its_kind: dict[str, Any] = {
            "id": self.id,
            "rules": self.rules,
            "title": self.title,
            "why": self.why,
            "confirm": self.confirm,
            "false_alarm": self.false_alarm,
            "source": self.source,
        }
        return Finding(**{**of_its_kind, **particulars})

    def not_assessable(self, because: str) -> NotAssessable:
        """It could not be looked for."""
        return NotAssessable(id=self.id, title=self.title, because=because)


class Check(msgspec.Struct, frozen=True):
    """One look at a run.

    Attributes:
        abouts: the kinds of finding that it makes, the plainest first: what is said where it cannot be made.
        concerns: whether a run has what is looked at; one that lacks it is told neither that nothing was found nor
            that it cannot be assessed.
        opens_files: whether it looks into dumps or checkpoints, which takes longer than a first look may.
    """

    abouts: tuple[About, ...]
    function: Callable[[Material, Pulse], Answer]
    concerns: Callable[[Material], bool] = anything
    opens_files: bool = False


def offered(findings: Iterable[Finding], checks: Iterable[Check]) -> tuple[Finding, ...]:
    """The findings, those of information without edits where nothing worse stands beside them: no run is ill of them.

    Findings of the user's own rules and of kinds that act keep theirs.
    """
    given, acting = tuple(findings), {about.id for check in checks for about in check.abouts if about.acts}
    if any(one.severity is not Severity.INFO for one in given):
        return given
    return tuple(one if one.id in acting or one.rule_file else msgspec.structs.replace(one, cures=()) for one in given)


def kinds_of(checks: Iterable[Check]) -> dict[str, str]:
    """The ids of what checks may find, each with the id that its check goes by where it finds nothing."""
    return {about.id: check.abouts[0].id for check in checks for about in check.abouts}

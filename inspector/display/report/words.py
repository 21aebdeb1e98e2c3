"""Words that a report uses in each of its forms."""

from __future__ import annotations

from inspector.display.report.values import Fact
from inspector.display.triage.scene import FindingRow


def facts_of(row: FindingRow) -> tuple[Fact, ...]:
    """What there is to say of a finding beside its figures."""
    told = {
        "Why it matters": row.why,
        "What would confirm it": row.confirm,
        "A false alarm if": row.false_alarm,
        "Baseline": row.baseline,
        "Source": row.source,
        "Found by": row.own,
    }
    return tuple(Fact(name, text) for name, text in told.items() if text)

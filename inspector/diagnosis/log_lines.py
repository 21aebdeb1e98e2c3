"""The line of a console log where a finding begins."""

from __future__ import annotations

import msgspec

from inspector.diagnosis.material import Material, file_text
from inspector.diagnosis.values import CurveEvidence, Finding, LineEvidence
from inspector.formats.facts import ConsoleFacts
from inspector.runs.values import FileEntry


def with_line(finding: Finding, material: Material) -> Finding:
    """A finding with the line that its first curve shows it at, where the curve was read from a console log."""
    first = next((one for one in finding.evidence if isinstance(one, CurveEvidence)), None)
    entry = _console_with(material, first.series) if first is not None else None
    if first is None or entry is None:
        return finding
    began = first.first_step if finding.since_step is None else finding.since_step
    step = min(max(began, first.first_step), first.last_step)
    line = LineEvidence(
        log=entry.path, series=first.series, step=step, text=f"The line of {file_text(entry)} where it begins"
    )
    return msgspec.structs.replace(finding, evidence=(*finding.evidence, line))


def _console_with(material: Material, tag: str) -> FileEntry | None:
    found = (
        entry
        for entry in material.run.files
        if isinstance(entry.facts, ConsoleFacts) and any(one.tag == tag for one in entry.facts.series)
    )
    return next(found, None)

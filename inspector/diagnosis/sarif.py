"""Findings as SARIF, which services that show code scanning results read.

Source: Static Analysis Results Interchange Format (SARIF) Version 2.1.0, OASIS Standard, sections 3.13 to 3.52.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from inspector import __version__
from inspector.core.texts import visible
from inspector.diagnosis.aftermath import Aftermath, Comparison
from inspector.diagnosis.check import About, Check
from inspector.diagnosis.engine import CHECKS
from inspector.diagnosis.threshold_table import filled
from inspector.diagnosis.values import (
    CurveEvidence,
    Diagnosis,
    Evidence,
    Finding,
    LayerEvidence,
    LineEvidence,
    NotAssessable,
    PointEvidence,
    SettingEvidence,
    Severity,
    SlotEvidence,
)
from inspector.formats.nonfinite import builtins_of
from inspector.runs.log_paths import log_paths_of
from inspector.runs.values import Run

VERSION = "2.1.0"
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

LEVELS = {Severity.INFO: "note", Severity.WARNING: "warning", Severity.ERROR: "error", Severity.CRITICAL: "error"}
"""A level for each severity; the severity itself stands among the properties."""

_ROOT = "RUN"
_LOCATIONS = 10


def sarif_of(
    diagnoses: Iterable[tuple[Run, Diagnosis]],
    against_parents: Mapping[str, Comparison] | None = None,
    checks: Sequence[Check] = CHECKS,
) -> dict[str, Any]:
    """A SARIF log with one run for each training run.

    A finding is a result of kind `fail`, what could not be assessed one of kind `open`. Where a run was held against
    the one that it resumes, that one is the baseline: what is gone is a result that is absent.

    Args:
        diagnoses: runs and what was found in them.
        against_parents: for resumed runs by their key how they compare with their parent.
        checks: what was looked for, rules of the user's own among them.
    """
    rules = [about for check in checks for about in check.abouts]
    against = against_parents or {}
    runs = [_run(run, found, rules, against.get(run.key)) for run, found in diagnoses]
    return {"$schema": _SCHEMA, "version": VERSION, "runs": runs}


def _run(run: Run, found: Diagnosis, abouts: Sequence[About], against: Comparison | None) -> dict[str, Any]:
    rules = [_rule(about) for about in abouts]
    places = {about.id: place for place, about in enumerate(abouts)}
    lacking = [_open_question(one, places) for one in found.not_assessable]
    past = list(_past(found, run, places, against)) if against is not None else []
    return {
        "tool": {"driver": {"name": "Run Inspector", "semanticVersion": __version__, "rules": rules}},
        "automationDetails": {"id": visible(run.name)},
        "originalUriBaseIds": {_ROOT: {"uri": f"{Path(run.root).as_uri().rstrip('/')}/"}},
        "columnKind": "unicodeCodePoints",
        "results": [*(_result(one, run, places, against) for one in found.findings), *lacking, *past],
        "properties": {
            "passed": list(found.passed),
            "notes": [visible(note) for note in found.notes],
            "parent": visible(against.parent) if against is not None else None,
        },
    }


def _rule(about: About) -> dict[str, Any]:
    return {
        "id": about.id,
        "shortDescription": {"text": about.title},
        "fullDescription": {"text": about.why},
        "help": {"text": filled(f"{about.symptom}\n\n{about.definition}\n\n{about.cure}\n\n{about.false_alarm}")},
        "properties": {"tags": list(about.rules), "source": about.source},
    }


def _result(finding: Finding, run: Run, places: dict[str, int], against: Comparison | None) -> dict[str, Any]:
    return {
        **_identity(finding.id, places),
        "kind": "fail",
        "level": LEVELS[finding.severity],
        **({} if against is None else {"baselineState": "new" if finding.id in against.new else "unchanged"}),
        "message": _message(finding.title, finding.summary, *finding.consequences),
        "locations": _locations(finding.evidence, run),
        "properties": {
            "severity": finding.severity.value,
            "sureness": finding.sureness.value,
            "since_step": finding.since_step,
            "since_epoch": finding.since_epoch,
            "cures": [builtins_of(cure) for cure in finding.cures],
            "thresholds": finding.thresholds,
            "baseline": finding.baseline,
            "rule_file": finding.rule_file,
        },
    }


def _past(found: Diagnosis, run: Run, places: dict[str, int], against: Comparison) -> Iterator[dict[str, Any]]:
    """What was found in the parent and is gone, or cannot be assessed yet; what is still there is a result already."""
    asked = {one.id for one in found.not_assessable}
    for row in against.rows:
        if row.outcome is Aftermath.GONE:
            yield {
                **_identity(row.id, places),
                "kind": "fail",
                "level": LEVELS[row.severity],
                "baselineState": "absent",
                "message": _message(row.title, row.because),
                "locations": _locations((), run),
                "properties": {"severity": row.severity.value},
            }
        elif row.outcome is Aftermath.NOT_YET and row.id not in asked:
            yield _open_question(NotAssessable(id=row.id, title=row.title, because=row.because), places)


def _message(*sentences: str) -> dict[str, str]:
    return {"text": ". ".join(visible(text).rstrip(".") for text in sentences if text)}


def _open_question(one: NotAssessable, places: dict[str, int]) -> dict[str, Any]:
    text = f"{visible(one.title)}: not assessable, {visible(one.because)}"
    return {**_identity(one.id, places), "kind": "open", "level": "none", "message": {"text": text}}


def _identity(id_: str, places: dict[str, int]) -> dict[str, Any]:
    return {"ruleId": id_, **({"ruleIndex": places[id_]} if id_ in places else {})}


def _locations(evidence: Iterable[Evidence], run: Run) -> list[dict[str, Any]]:
    """The files that show it; the run's folder where none is named."""
    found = [_location(one, run) for one in evidence][:_LOCATIONS]
    return found or [{"physicalLocation": {"artifactLocation": _artifact("", run)}}]


def _location(evidence: Evidence, run: Run) -> dict[str, Any]:
    path, name, kind = _place(evidence, run)
    return {
        "physicalLocation": {"artifactLocation": _artifact(path, run)},
        "logicalLocations": [{"fullyQualifiedName": visible(name), "kind": kind}],
        "message": {"text": visible(evidence.text)},
    }


def _place(evidence: Evidence, run: Run) -> tuple[str, str, str]:
    """The file that a piece of evidence lies in, empty for the run; what it is of, and of which kind."""
    match evidence:
        case CurveEvidence():
            return next(iter(log_paths_of(run)), ""), evidence.series, "curve"
        case LayerEvidence():
            return evidence.dump, evidence.layer, "layer"
        case SlotEvidence() | PointEvidence():
            return evidence.dump, f"sample {evidence.sample}", "sample"
        case SettingEvidence():
            named = (entry.path for entry in run.files if entry.name == run.settings.source)
            return next(named, ""), evidence.path, "setting"
        case LineEvidence():
            return evidence.log, evidence.series, "line"
        case _:
            return evidence.checkpoint, evidence.name, "tensor"


def _artifact(path: str, run: Run) -> dict[str, str]:
    """A place within the run by its relative path, any other by its own."""
    if not path:
        return {"uri": "./", "uriBaseId": _ROOT}
    file = Path(path)
    if file.is_relative_to(run.root):
        return {"uri": quote(file.relative_to(run.root).as_posix(), errors="surrogateescape"), "uriBaseId": _ROOT}
    return {"uri": file.as_uri()}

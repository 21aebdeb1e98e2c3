"""What `triage --json` prints, as values and as JSON Schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

import msgspec

from inspector.diagnosis.aftermath import Comparison
from inspector.diagnosis.values import Diagnosis, Finding, NotAssessable, Severity
from inspector.runs.values import Run

SCHEMA: Final = "run-inspector-triage/1"

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NOT_FINITE = {"enum": ["NaN", "Infinity", "-Infinity"]}


class TriagedRun(msgspec.Struct, frozen=True, kw_only=True):
    """A run and what was found in it.

    Attributes:
        path: what was asked about.
        worst: the greatest severity among the findings, null where there are none.
        findings: worst first.
        not_assessable: what could not be looked at, and why.
        passed: ids of what was looked for and not found.
        notes: what is wrong with the thresholds that were set anew for the run.
        complete: whether all was looked at.
        against_parent: what became of the findings of the run that it resumes; null where it resumes none, or that
            one could not be read.
    """

    name: str
    path: str
    worst: Severity | None
    findings: tuple[Finding, ...]
    not_assessable: tuple[NotAssessable, ...]
    passed: tuple[str, ...]
    notes: tuple[str, ...]
    complete: bool
    against_parent: Comparison | None


class TriageAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer: one run for each path that was asked about, in their order."""

    schema: Literal["run-inspector-triage/1"] = SCHEMA
    runs: tuple[TriagedRun, ...]


def triage_answer(
    diagnoses: Iterable[tuple[Run, Diagnosis]], against_parents: Mapping[str, Comparison] | None = None
) -> TriageAnswer:
    """The answer for runs and their diagnoses, and for resumed ones by their key how they compare with their parent."""
    return TriageAnswer(
        runs=tuple(
            TriagedRun(
                name=run.name,
                path=run.paths[0],
                worst=found.worst,
                findings=found.findings,
                not_assessable=found.not_assessable,
                passed=found.passed,
                notes=found.notes,
                complete=found.complete,
                against_parent=(against_parents or {}).get(run.key),
            )
            for run, found in diagnoses
        )
    )


def triage_schema() -> dict[str, Any]:
    """The JSON Schema of the answer as it is printed: every field is there, and a number may be a spelled NaN."""
    made: dict[str, Any] = _as_printed(msgspec.json.schema(TriageAnswer))
    return {"$schema": _DIALECT, "title": SCHEMA, **made}


def _as_printed(node: Any) -> Any:
    """A schema of what msgspec reads as one of what is printed."""
    if isinstance(node, list):
        return [_as_printed(item) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("type") == "number":
        return {"anyOf": [node, _NOT_FINITE]}
    told = {key: _as_printed(value) for key, value in node.items() if key != "default"}
    if told.get("type") == "object" and "properties" in told:
        told["required"] = list(told["properties"])
    if isinstance(told.get("description"), str):
        told["description"] = " ".join(told["description"].split())
    return told

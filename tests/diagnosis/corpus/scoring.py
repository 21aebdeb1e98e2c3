"""What a diagnosis made of a planted run, and precision and recall over many."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspector.core.pulse import QUIET
from inspector.diagnosis.causes import folded
from inspector.diagnosis.engine import CHECKS, judged
from inspector.diagnosis.material import material_of
from inspector.diagnosis.values import Severity
from inspector.runs.scan import scan
from tests.diagnosis.corpus.draws import Planted

_LONG_AGO_S = 1_700_000_000
"""What was written just now counts as a run that still lives."""


@dataclass(frozen=True)
class Outcome:
    """One run's.

    Attributes:
        found: ids of all that was found, also of what is told as another one's consequence.
        told: severity of each finding that stands by itself.
        unlabelled: whether what is found beside the labels may be right, as of a run that was really trained.
    """

    run: str
    labels: frozenset[str]
    also: frozenset[str]
    found: frozenset[str]
    told: dict[str, Severity]

    @property
    def missed(self) -> frozenset[str]:
        return self.labels - self.found

    @property
    def false_alarms(self) -> frozenset[str]:
        """Findings of severity error or above that must not come."""
        return frozenset(id_ for id_ in self.told if self.is_error(id_)) - self.labels - self.also

    def is_error(self, id_: str) -> bool:
        return self.told[id_].rank >= Severity.ERROR.rank


def outcome(run: str, folder: Path, labels: frozenset[str], also: frozenset[str] = frozenset()) -> Outcome:
    """What is found in a folder; a check that fails is an error of the corpus itself."""
    material = material_of(scan((folder,), QUIET), QUIET)
    each = [judged(material, QUIET, [check]) for check in CHECKS]
    broken = [one.id for found in each for one in found.not_assessable if "fault of the program" in one.because]
    assert not broken, f"{run}: {', '.join(broken)} failed"
    findings = [one for found in each for one in found.findings]
    told = {one.id: one.severity for one in folded(findings)}
    return Outcome(run, labels, also, frozenset(one.id for one in findings), told)


def planted_outcome(planted: Planted, seed: int) -> Outcome:
    """Write one planted run and diagnose it."""
    with tempfile.TemporaryDirectory(prefix="corpus-") as folder:
        planted.write(Path(folder), planted.draw(seed))
        for path in Path(folder).rglob("*"):
            os.utime(path, (_LONG_AGO_S, _LONG_AGO_S))
        return outcome(f"{planted.name}, seed {seed}", Path(folder), planted.labels, planted.also)


def figures_of(outcomes: Iterable[Outcome]) -> dict[str, Any]:
    """Precision and recall of each kind, misses and false alarms by run.

    Recall: runs that have the fault and in which it was found. Precision, of errors: of all runs in which a kind is
    told with severity error or above, those that have its fault, or rightly have it as a consequence.
    """
    known = list(outcomes)
    table: dict[str, dict[str, Any]] = {}
    for id_ in sorted({id_ for one in known for id_ in (*one.labels, *one.found)}):
        having = [one for one in known if id_ in one.labels]
        alarmed = [one for one in known if id_ in one.told and one.is_error(id_)]
        right = [one for one in alarmed if id_ not in one.false_alarms]
        beside = [
            one for one in known if id_ in one.told and id_ not in one.labels | one.also and not one.is_error(id_)
        ]
        table[id_] = {
            "planted": len(having),
            "recall": _share(sum(id_ in one.found for one in having), len(having)),
            "errors": len(alarmed),
            "precision": _share(len(right), len(alarmed)),
            "milder_beside": len(beside),
        }
    healthy = [one for one in known if not one.labels]
    return {
        "runs": len(known),
        "healthy": len(healthy),
        "healthy_with_an_error": [one.run for one in healthy if one.false_alarms],
        "recall": _share(sum(len(one.labels & one.found) for one in known), sum(len(one.labels) for one in known)),
        "findings": table,
        "misses": {one.run: sorted(one.missed) for one in known if one.missed},
        "false_alarms": {one.run: sorted(one.false_alarms) for one in known if one.false_alarms},
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None

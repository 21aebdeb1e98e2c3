"""The run that this process reads and its last diagnosis: who draws findings need not look for them again."""

from __future__ import annotations

from dataclasses import dataclass

from inspector.diagnosis.values import Diagnosis
from inspector.runs.values import Run


@dataclass(frozen=True, slots=True)
class Kept:
    """A run as last read, and its last diagnosis; None until there is one."""

    run: Run
    diagnosis: Diagnosis | None = None


_kept: dict[str, Kept] = {}


def keep_run(run: Run) -> None:
    """Keep a run as it is now; the diagnosis of what it was stays until there is another."""
    before = _kept.get(run.key)
    _kept.clear()  # a process reads one run
    _kept[run.key] = Kept(run, before.diagnosis if before else None)


def keep_diagnosis(run: Run, diagnosis: Diagnosis) -> None:
    """Keep a run with what was found in it."""
    _kept.clear()
    _kept[run.key] = Kept(run, diagnosis)


def kept_of(key: str) -> Kept | None:
    """What is kept of a run, None where nothing is."""
    return _kept.get(key)

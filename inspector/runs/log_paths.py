"""Which files of a run its curves come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from inspector.formats.facts import ConsoleFacts, Facts, MetricsFacts
from inspector.formats.run_folder import RunRecord
from inspector.runs.values import Run

P = TypeVar("P")


def log_paths(facts: Mapping[P, Facts], record: RunRecord | None) -> tuple[P, ...]:
    """The logs whose curves are drawn: metric records, then consoles, each by name.

    The console of a run of this program repeats its metric record, rounded, so it is left out beside one.
    """
    kinds: tuple[type, ...] = (MetricsFacts,) if record else (MetricsFacts, ConsoleFacts)
    found = {path: kinds.index(type(fact)) for path, fact in facts.items() if isinstance(fact, kinds)}
    return tuple(sorted(found, key=lambda path: (found[path], str(path))))


def log_paths_of(run: Run) -> tuple[str, ...]:
    """As `log_paths`, of a run that was read."""
    return log_paths({entry.path: entry.facts for entry in run.files}, run.record)

"""How the runs that are shown together stand to the chosen one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from inspector.display.curves.merge import RunLink
from inspector.display.curves.of_run import OfRun
from inspector.display.curves.seeds import seed_group
from inspector.formats.run_folder import Parent
from inspector.runs.values import Run


def links_of(runs: Sequence[tuple[str, Run | None]], parent_key: str | None) -> tuple[RunLink, ...]:
    """A link for each run.

    Args:
        runs: key and run of each, the chosen one first; None for one that is not open.
        parent_key: the key of the run that the chosen one is known to resume, None where only its record tells.
    """
    chosen = runs[0][1] if runs else None
    parent = chosen.record.parent if chosen is not None and chosen.record is not None else None
    found = []
    for key, run in runs:
        resumed = parent is not None and run is not chosen and (key == parent_key or _is(run, parent))
        step = parent.step if resumed and parent else None
        found.append(RunLink(resumed_at=None if step is None else float(step), seeds=_seeds(run) if run else ""))
    return tuple(found)


def _is(run: Run | None, parent: Parent) -> bool:
    """Whether a run is the one that a record names as its parent."""
    if run is None:
        return False
    if run.record is not None:
        return run.record.id == parent.id
    return Path(run.root) == Path(parent.path)


_seeds = OfRun(lambda run: seed_group(run.name, run.settings.values))

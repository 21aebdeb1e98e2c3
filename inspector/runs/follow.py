"""How a run grows while it lives: a new snapshot when its files have changed, else nothing."""

from __future__ import annotations

from pathlib import Path

from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.runs.listing import list_files
from inspector.runs.scan import scan
from inspector.runs.values import Run

_seen: dict[str, tuple[tuple[str, int, int], ...]] = {}


def refresh(run: Run, pulse: Pulse) -> Run | None:
    """The run as it is now, or None where no file has changed since the last call."""
    state = _state(run, pulse)
    if _seen.get(run.key) == state and not run.live:  # a heart that stops beating changes no file
        return None
    fresh = scan(run.paths, pulse)
    _seen[run.key] = state
    return None if fresh == run else fresh


def _state(run: Run, pulse: Pulse) -> tuple[tuple[str, int, int], ...]:
    """Name, size and modification time (ns) of every file."""
    found = []
    for path in list_files(tuple(Path(path) for path in run.paths), Notes(), pulse):
        try:
            status = path.stat()
        except OSError:
            continue
        found.append((str(path), status.st_size, status.st_mtime_ns))
    return tuple(found)

"""How a run grows while it lives: a new snapshot when its files have changed, else nothing."""

from __future__ import annotations

from pathlib import Path

import msgspec

from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.runs.listing import list_files
from inspector.runs.liveness import liveness_now
from inspector.runs.scan import INTERNAL_FILES, scan
from inspector.runs.values import Life, Run

_State = tuple[tuple[str, int, int, int], ...]

_seen: dict[str, _State] = {}


def refresh(run: Run, pulse: Pulse) -> Run | None:
    """The run as it is now, or None where no file has changed since the last call."""
    state = _state(run, pulse)
    if _seen.get(run.key) == state:  # a run that dies changes no file
        now = liveness_now(run)
        return None if now == run.liveness else msgspec.structs.replace(run, liveness=now, live=now.life is Life.LIVE)
    fresh = scan(run.paths, pulse)
    _seen[run.key] = state
    return None if fresh == run else fresh


def _state(run: Run, pulse: Pulse) -> _State:
    """Name, inode, size and modification time (ns) of every file that says more than that the trainer lives."""
    found = []
    for path in list_files(tuple(Path(path) for path in run.paths), Notes(), pulse):
        if path.name in INTERNAL_FILES:
            continue
        try:
            status = path.stat()
        except OSError:
            continue
        found.append((str(path), status.st_ino, status.st_size, status.st_mtime_ns))
    return tuple(found)

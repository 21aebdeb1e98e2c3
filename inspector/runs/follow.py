"""How a run grows while it lives: a new snapshot when its files have changed, else nothing."""

from __future__ import annotations

from pathlib import Path

import msgspec

from inspector.artifacts.identity import Identity, is_settled, stamp_of
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.runs.curves import release_curves
from inspector.runs.listing import list_files
from inspector.runs.liveness import liveness_now
from inspector.runs.scan import INTERNAL_FILES, scan
from inspector.runs.values import Life, Run

_seen: dict[str, tuple[tuple[str, Identity], ...]] = {}
"""The files of each run as they were when it was read last; none where one may change without a sign of it."""


def refresh(run: Run, pulse: Pulse) -> Run | None:
    """The run as it is now, or None where nothing of it has changed since the last call."""
    files = _files(run, pulse)
    if _seen.get(run.key) == files and not run.unread_bytes:  # a run that dies changes no file
        now = liveness_now(run)
        return None if now == run.liveness else msgspec.structs.replace(run, liveness=now, live=now.life is Life.LIVE)
    settled = all(is_settled(identity) for _, identity in files)
    release_curves()
    fresh = scan(run.paths, pulse)
    _seen[run.key] = files if settled else ()
    return None if fresh == run else fresh


def _files(run: Run, pulse: Pulse) -> tuple[tuple[str, Identity], ...]:
    """Every file that says more than that the trainer lives, and which file that is now."""
    listed = list_files(tuple(Path(path) for path in run.paths), Notes(), pulse)
    wanted = (path for path in listed if path.name not in INTERNAL_FILES)
    return tuple((str(path), stamp) for path in wanted if (stamp := stamp_of(path)) is not None)

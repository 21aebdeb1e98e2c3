"""The container of whatever was opened."""

from __future__ import annotations

from pathlib import Path

from inspector.artifacts.sniff import sniff
from inspector.core.pulse import QUIET, Pulse


def container_at(path: Path, pulse: Pulse = QUIET) -> str:
    """The container of a file, or of a folder that is one checkpoint; empty for any other folder; raises as `sniff`."""
    if not path.is_dir():
        return sniff(path, pulse).container
    from inspector.artifacts.checkpoints.folders import folder_container  # many patterns, for folders alone

    return folder_container(path)

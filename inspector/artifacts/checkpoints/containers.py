"""The container of whatever was opened."""

from __future__ import annotations

from pathlib import Path

from inspector.artifacts.sniff import sniff
from inspector.core.pulse import QUIET, Pulse


def container_at(path: Path, pulse: Pulse = QUIET) -> str:
    """The container of a file, or of a folder that is one checkpoint or dump; empty for others; raises as `sniff`."""
    if not path.is_dir():
        return sniff(path, pulse).container
    # many patterns, for folders alone
    from inspector.artifacts.checkpoints.folders import folder_container
    from inspector.artifacts.dumps.picture_names import pictures_of

    return folder_container(path) or ("png-folder" if (found := pictures_of(path)) and found.home == path else "")

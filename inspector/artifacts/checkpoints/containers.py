"""The container of whatever was opened."""

from __future__ import annotations

from pathlib import Path

from inspector.artifacts.sniff import sniff


def container_at(path: Path) -> str:
    """The container of a file, or of a folder that is one checkpoint; empty for any other folder; raises as `sniff`."""
    if not path.is_dir():
        return sniff(path).container
    from inspector.artifacts.checkpoints.folders import folder_container  # many patterns, for folders alone

    return folder_container(path)

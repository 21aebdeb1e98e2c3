"""Which files belong to what was opened, bounded in number and depth."""

from __future__ import annotations

import os
from pathlib import Path

from inspector.core.notes import Notes
from inspector.core.pulse import Pulse

MAX_FILES = 5_000
"""A run folder holds tens of files; beyond this the folder is a data set, and a note says what was left out."""

MAX_DEPTH = 8

SKIPPED_FOLDERS = frozenset({".git", "__pycache__", "node_modules", ".venv", "venv", ".ipynb_checkpoints", "code"})


def list_files(paths: tuple[Path, ...], notes: Notes, pulse: Pulse) -> list[Path]:
    """Every file that was named, and every file below the folders that were named, each once, sorted by folder."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            _walk(path, found, notes, pulse)
        else:
            found[path] = None
    return list(found)


def _walk(root: Path, found: dict[Path, None], notes: Notes, pulse: Pulse) -> None:
    for folder, folders, names in os.walk(root, onerror=lambda error: notes.add(f"{error.filename}: {error.strerror}")):
        pulse.beat(len(found), 0, f"looking through {Path(folder).name}")
        depth = len(Path(folder).relative_to(root).parts)
        folders[:] = sorted(name for name in folders if _entered(name) and depth < MAX_DEPTH)
        for name in sorted(names):
            if name.startswith("."):
                continue
            if len(found) >= MAX_FILES:
                notes.add(f"{root.name} holds more than {MAX_FILES:,} files; open a smaller folder to see the rest")
                return
            found[Path(folder) / name] = None


def _entered(name: str) -> bool:
    return name not in SKIPPED_FOLDERS and not name.startswith(".")


def common_root(paths: tuple[Path, ...]) -> Path:
    """The folder that file names are relative to."""
    folders = [path if path.is_dir() else path.parent for path in paths]
    return Path(os.path.commonpath([str(folder) for folder in folders])) if folders else Path()

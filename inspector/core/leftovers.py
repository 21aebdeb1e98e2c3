"""What processes left that ended in the middle of their work: half-written files and private folders, swept."""

from __future__ import annotations

import math
import time
from pathlib import Path

from inspector.core.files import TEMPORARY, remove_flat
from inspector.core.private_folders import remove_folder

_PROCESSES = Path("/proc")


def is_running(process: str) -> bool:
    """Whether a process has that number; what is no number counts as one that has, and so do all without /proc."""
    return not process.isdigit() or not (_PROCESSES / "self").exists() or (_PROCESSES / process).exists()


def sweep_temporaries(folder: Path, name: str = "*", *, older_than_s: float = 0.0) -> None:
    """Remove what dead writers left half-written in a folder.

    Args:
        folder: where to look.
        name: of the file that was written; all of them by default.
        older_than_s: what was written later stays: in a shared folder its writer may live on another machine.
    """
    for path in folder.glob(f".{name}{TEMPORARY}*"):
        owner = path.name.rpartition(TEMPORARY)[2].partition("-")[0]
        late = older_than_s > 0 and _age_s(path) < older_than_s
        if not late and not is_running(owner):
            if path.is_dir():
                remove_flat(path)
            else:
                path.unlink(missing_ok=True)


def sweep_private_folders(inside: Path) -> None:
    """Remove the private folders that dead processes left in one."""
    if inside.is_dir():
        for folder in inside.iterdir():
            if not is_running(folder.name.partition("-")[0]):
                remove_folder(folder)


def _age_s(path: Path) -> float:
    """How long ago a file was written; infinitely long where it is gone."""
    try:
        return time.time() - path.lstat().st_mtime
    except OSError:
        return math.inf

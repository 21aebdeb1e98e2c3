"""The runs that a test's resumes start from: their bytes and times before, held against those after."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
from collections.abc import Sequence
from pathlib import Path

from inspector.formats.checkpoint import SUFFIX
from inspector.formats.run_folder import CHECKPOINT_FOLDER, RUN_FILE

_OURS = ("-o", "--output", "--run")
"""Options that name what is written."""


def state_of(source: Path) -> dict[str, list[int | str]]:
    """Time of change in ns and SHA-256 of every file of a run, or of a single file, by path."""
    files = (path for path in source.rglob("*") if path.is_file()) if source.is_dir() else iter([source])
    return {str(path): [path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest()] for path in files}


def source_of(path: Path) -> Path | None:
    """The run folder that a file or folder is or belongs to, or a checkpoint that stands alone; None of others."""
    if path.is_file() and path.suffix == SUFFIX:
        return path.parent.parent if path.parent.name == CHECKPOINT_FOLDER else path
    is_run = path.is_dir() and ((path / RUN_FILE).is_file() or any(path.glob(f"*{SUFFIX}")))
    return path if is_run else None


def _is_there(word: str) -> bool:
    try:
        return Path(word).exists()
    except OSError:  # no path: a text that is too long
        return False


class Sources:
    """What was resumed from, kept in files so that a fork of this process can add to it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = itertools.count()

    def keep(self, source: Path) -> None:
        """Remember a source as it is now."""
        self._folder.mkdir(exist_ok=True)
        text = json.dumps([str(source), state_of(source)])
        (self._folder / f"{os.getpid()}-{next(self._count)}").write_text(text)

    def hear(self, words: Sequence[str]) -> None:
        """Remember what a command that resumes names."""
        if not any("resume" in word for word in words):
            return
        written = {word for option, word in itertools.pairwise(words) if option in _OURS}
        for source in {source_of(Path(word)) for word in {*words} - written if _is_there(word)}:
            if source is not None:
                self.keep(source)

    def compared(self) -> tuple[int, int, list[str]]:
        """How many sources and files were compared, and the files that were changed, added or taken away."""
        kept = [json.loads(path.read_text()) for path in self._folder.glob("*")]
        changed: set[str] = set()
        for source, before in kept:
            after = state_of(Path(source))
            changed |= {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
        return len(kept), sum(len(before) for _, before in kept), sorted(changed)

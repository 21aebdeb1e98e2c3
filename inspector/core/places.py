"""Where the program keeps its own settings, caches and notes; RUN_INSPECTOR_HOME moves them all.

The folders are made here, once, where they can be; where not, whoever writes into one is told why. No disk is asked
again: one that stopped answering would hold whoever asks where to write.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import platformdirs

_NAME = "run-inspector"
_made: set[Path] = set()


def _place(kind: str, default: str) -> Path:
    home = os.environ.get("RUN_INSPECTOR_HOME")
    path = Path(home) / kind if home else Path(default)
    if path not in _made:
        with suppress(OSError):
            path.mkdir(parents=True, exist_ok=True)
            _made.add(path)
    return path


def config_folder() -> Path:
    """Preferences and the last session."""
    return _place("config", platformdirs.user_config_dir(_NAME))


def cache_folder() -> Path:
    """What can be computed again."""
    return _place("cache", platformdirs.user_cache_dir(_NAME))


def data_folder() -> Path:
    """Triage notes of files whose own folder may not be written."""
    return _place("data", platformdirs.user_data_dir(_NAME))

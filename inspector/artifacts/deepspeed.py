"""Folders that DeepSpeed writes (stub)."""

from __future__ import annotations

from pathlib import Path

from inspector.artifacts.gathering import Gathering
from inspector.core.pulse import Pulse


def read(path: Path, gathering: Gathering, pulse: Pulse) -> None:
    """List a DeepSpeed checkpoint."""
    raise NotImplementedError

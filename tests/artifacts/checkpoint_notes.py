"""What a checkpoint says of itself."""

from __future__ import annotations

from inspector.artifacts.checkpoints.checkpoint import Checkpoint


def said(checkpoint: Checkpoint, *parts: str) -> bool:
    """Whether one of its notes has all of these parts."""
    return any(all(part in note for part in parts) for note in checkpoint.facts.notes)

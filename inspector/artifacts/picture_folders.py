"""Which files are pictures by their names, and which folders hold many."""

from __future__ import annotations

from pathlib import Path

from inspector.artifacts.companions import entries_of

ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".ppm", ".pgm")

MANY = 16
"""From so many on, the pictures of a folder are told of together."""


def is_picture(name: str) -> bool:
    """Whether a file is called as pictures are."""
    return name.lower().endswith(ENDINGS)


def pictures_in(folder: Path) -> int:
    """How many pictures a folder holds; 0 where they are few."""
    count = sum(map(is_picture, entries_of(folder).files))
    return count if count >= MANY else 0

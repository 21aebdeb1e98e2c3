"""Which other files an HDF5 file may lead to: those in folders that the user opened, and no others.

A folder that was opened was named, and all in it is the user's to see; a file that was opened leads nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

_named: tuple[Path, ...] = ()


def name_folders(folders: Iterable[Path]) -> None:
    """Have files lead into these folders from here on, and into no others."""
    global _named  # noqa: PLW0603 - one table a process, as the paths that it was opened with
    _named = tuple(found for folder in folders if (found := _resolved(folder)) is not None)


def named_file(name: str, beside: Path) -> Path | None:
    """The regular file that a name in another file leads to; None where it is not in a named folder, or not there.

    Args:
        name: as it stands in the file, relative to its folder or absolute.
        beside: the file.
    """
    target = _resolved(beside.parent / name) if _named and name and "%" not in name else None
    if target is None or not any(target.is_relative_to(folder) for folder in _named):
        return None
    try:
        return target if target.is_file() else None
    except OSError:
        return None


def _resolved(path: Path) -> Path | None:
    """A path without links; None where it cannot be one."""
    try:
        return path.resolve()
    except (OSError, ValueError, RuntimeError):  # a NUL in it, links in a circle
        return None

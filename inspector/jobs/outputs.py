"""Files that a reader writes: the parent opens a draft beside the target, the reader fills it through a descriptor."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from inspector.core.errors import UsageError
from inspector.core.files import Draft
from inspector.core.texts import visible
from inspector.jobs.bounds import MAX_BLOCK_BYTES, Limits


def begin(sources: Sequence[Path], out: Path) -> Draft:
    """A draft of a file that is made from `sources` and will stand at `out`.

    Raises:
        UsageError: as `check_place`, or it cannot be written there.
    """
    check_place(sources, out)
    try:
        return Draft(out)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or "a name that the system refuses"
        raise UsageError(f"{visible(str(out))}: it cannot be written there ({reason}); choose another place") from error


def check_place(sources: Sequence[Path], out: Path) -> None:
    """See that nothing is written over or into what it is made from.

    Raises:
        UsageError: `out` is one of the sources, or lies in one of them.
    """
    if any(_is_within(out, source) for source in sources if source.is_dir()):
        raise UsageError(f"{visible(out.name)}: it would stand in the run that it is made from; choose another folder")
    if any(_is_within(out, source) for source in sources):
        raise UsageError(f"{visible(out.name)}: it would take the place of what it is made from; choose another name")


def limits_for(draft: Draft) -> Limits:
    """What the reader that fills a draft may use: as every reader, and a file as large as the disk has room for."""
    return limits_in(draft.descriptor)


def limits_in(place: Path | int) -> Limits:
    """What a reader that fills drafts may use where a folder or a descriptor is."""
    return Limits(file_bytes=max(MAX_BLOCK_BYTES, free_bytes(place)))


def free_bytes(place: Path | int) -> int:
    """How much room the disk of a folder or a descriptor has for us."""
    disk = os.statvfs(place)
    return disk.f_bavail * disk.f_frsize


def _is_within(out: Path, source: Path) -> bool:
    """Whether `out` is the source, or one of its files where it is a folder."""
    try:
        target = out.resolve()
        return target.is_relative_to(source.resolve()) or (out.exists() and out.samefile(source))
    except (OSError, ValueError, RuntimeError):  # RuntimeError: links in a circle
        return False

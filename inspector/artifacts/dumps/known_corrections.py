"""The corrections of roles that this process knows, given to it before it opens dumps."""

from __future__ import annotations

from pathlib import Path

from inspector.formats.facts import DumpFacts
from inspector.formats.role_corrections import FileCorrections, corrected, corrections_for

_known: tuple[FileCorrections, ...] = ()


def remember(corrections: tuple[FileCorrections, ...]) -> bool:
    """Know these corrections from here on, and no others; whether that changes any."""
    global _known  # noqa: PLW0603 - one table a process, as the files that it may read
    changed = corrections != _known
    _known = corrections
    return changed


def with_known_corrections(path: Path, facts: DumpFacts) -> DumpFacts:
    """A dump's facts with the corrections that are known for its name."""
    return corrected(facts, corrections_for(path.name, _known))

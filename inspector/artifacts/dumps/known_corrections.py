"""The corrections of roles that this process knows, given to it before it opens dumps."""

from __future__ import annotations

from pathlib import Path

from inspector.formats.facts import DumpFacts
from inspector.formats.role_corrections import FileCorrections, corrected, corrections_for

_known: tuple[FileCorrections, ...] = ()


def remember(corrections: tuple[FileCorrections, ...]) -> None:
    """Know these corrections from here on, and no others; what was opened before stays as it is."""
    global _known  # noqa: PLW0603 - one table a process, as the files that it may read
    _known = corrections


def with_known_corrections(path: Path, facts: DumpFacts) -> DumpFacts:
    """A dump's facts with the corrections that are known for its name."""
    return corrected(facts, corrections_for(path.name, _known))

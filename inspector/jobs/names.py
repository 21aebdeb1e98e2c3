"""What a set of opened paths is called in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from inspector.core.language import tr, tr_listed
from inspector.core.texts import visible


def names_text(paths: Sequence[Path | str]) -> str:
    """`last.h5`, or `last.h5 and 2 more`; folders are left out."""
    if not paths:
        return tr("nothing")
    first = Path(paths[0])
    name = visible(first.name or str(first), 200)
    return tr_listed([name], of=len(paths))

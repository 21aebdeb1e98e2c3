"""What a clean copy says of values that are not in it as they were."""

from __future__ import annotations

from inspector.artifacts.pickles.node_text import cut
from inspector.formats.written import Change

MAX_TOLD = 1_000
"""How many changes are named; the others are counted."""

NAME_CHARACTERS = 1_024


class Told:
    """Changes as they come; the first are kept, all are counted."""

    def __init__(self) -> None:
        self.first: list[Change] = []
        self.count = 0

    def add(self, name: str, was: str, now: str = "", because: str = "") -> None:
        """One more."""
        self.count += 1
        if len(self.first) < MAX_TOLD:
            self.first.append(Change(cut(name, NAME_CHARACTERS), cut(was, 256), now, cut(because, 256)))

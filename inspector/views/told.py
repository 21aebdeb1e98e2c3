"""What a view of samples tells of the chosen one, for the panel beside it."""

from __future__ import annotations

from typing import NamedTuple

from inspector.formats.marks import UNMARKED, Mark


class SampleTold(NamedTuple):
    """The chosen sample in words.

    Attributes:
        title: which sample it is.
        lines: a short name, and what is said under it.
        rows: a small table under them, its heads first; empty for none.
        mark: what was said of it.
        pictured: whether the view has a picture of it to copy.
    """

    title: str
    lines: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, ...], ...] = ()
    mark: Mark = UNMARKED
    pictured: bool = False

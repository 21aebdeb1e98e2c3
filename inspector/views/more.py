"""How many of a list are not shown, in words."""

from __future__ import annotations

from collections.abc import Sequence

from inspector.core.language import tr


def and_more(left_out: int) -> str:
    """`and 3 more`, the last line of a list that is cut."""
    return tr("and {count:,} more").format(count=left_out)


def first_of(notes: Sequence[str]) -> str:
    """The first of some notes, and how many others there are; empty where there is none."""
    if len(notes) > 1:
        return tr("{note} (and {count:,} more)").format(note=notes[0], count=len(notes) - 1)
    return "".join(notes)

"""What a reader left out, counted by reason, with the place where each reason was met first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from inspector.core.notes import Notes
from inspector.core.texts import visible

_MOST_NAMES = 50
"""Listed of what was left out by name."""


@dataclass(frozen=True, slots=True, eq=False)
class Reason:
    """Why something was left out; each is itself alone, so that counting costs no comparison of sentences.

    Attributes:
        one: the sentence for a single case, with `{where}`.
        many: the sentence for several, with `{count}` and `{where}`, the place of the first.
    """

    one: str
    many: str

    def __deepcopy__(self, _memo: dict[int, object]) -> Reason:
        """The same, for a copy of a tally counts on."""
        return self


class Tally:
    """Counts by reason; a million bad lines make one sentence."""

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: dict[Reason, tuple[int, int]] = {}

    def add(self, reason: Reason, where: int, count: int = 1) -> None:
        """Count some cases of a reason, the first of them at `where`."""
        known, first = self._found.get(reason, (0, where))
        self._found[reason] = (known + count, first)

    def count(self, reason: Reason) -> int:
        """How many cases of a reason were met."""
        return self._found.get(reason, (0, 0))[0]

    def texts(self) -> tuple[str, ...]:
        """One sentence a reason, in the order they were first met."""
        notes = Notes()
        for reason, (count, first) in self._found.items():
            template = reason.one if count == 1 else reason.many
            notes.add(template.format(count=f"{count:,}", where=f"{first:,}"))
        return notes.texts()


def left_out_texts(counts: Iterable[tuple[tuple[str, str], int]]) -> list[str]:
    """What was left out under each name, in the order given; of many names the first.

    Args:
        counts: name and sort of what was left out, and how often.
    """
    parts = [f"{visible(name, 200)} ({count:,} × {what})" for (name, what), count in counts]
    if len(parts) > _MOST_NAMES:
        parts[_MOST_NAMES:] = [f"{len(parts) - _MOST_NAMES:,} more names without numbers"]
    return parts

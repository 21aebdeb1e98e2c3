"""Partial damage, said beside what could be read."""

from __future__ import annotations

from inspector.core.errors import LimitError

# A file with a million bad lines must not make a million notes.
MAX_NOTES = 100


class Notes:
    """Collects sentences about what could not be read; equal sentences once, MAX_NOTES at most.

    Attributes:
        limited: whether a limit ended some reading, so that generous limits show more.
    """

    __slots__ = ("_more", "_texts", "limited")

    def __init__(self) -> None:
        self.limited = False
        self._texts: dict[str, None] = {}
        self._more = 0

    def add(self, text: str) -> None:
        """Keep one sentence."""
        if text in self._texts:
            return
        if len(self._texts) >= MAX_NOTES:
            self._more += 1
            return
        self._texts[text] = None

    def limit(self, text: str) -> None:
        """Keep one sentence about a limit that was reached."""
        self.limited = True
        self.add(f"limit reached: {text}")

    def add_error(self, error: Exception, of: str = "") -> None:
        """Keep the sentence of what could not be read, after the name of what it is `of`."""
        self.limited |= isinstance(error, LimitError) and error.more
        self.add(f"{of}: {error}" if of else str(error))

    def extend(self, others: Notes) -> None:
        """Keep the sentences of others."""
        self.limited |= others.limited
        for text in others.texts():
            self.add(text)

    def texts(self) -> tuple[str, ...]:
        """The sentences in the order they came, with a count of those left out."""
        kept = tuple(self._texts)
        return (*kept, f"{self._more} more notes") if self._more else kept

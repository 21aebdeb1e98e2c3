"""What the palette can find, and in which order what was typed finds it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import IntEnum
from functools import partial
from heapq import nsmallest
from itertools import chain, count
from typing import NamedTuple

import msgspec

MOST_FOUND = 60
PIECE = 500
"""Titles that are looked through in well under a millisecond."""

_LONGEST = 200


class Group(msgspec.Struct, frozen=True, eq=False):
    """Things of one kind that can be found.

    Attributes:
        kind: what each is, in one word; typed before a title, it finds these alone.
        titles: what each is found by.
        act: goes to the one at a place of `titles`.
        keys: the shortcut of each, empty for none; shorter than `titles` where the rest has none.
        shown_as: how each is shown, with its `{title}`.
    """

    kind: str
    titles: Sequence[str]
    act: Callable[[int], object]
    keys: tuple[str, ...] = ()
    shown_as: str = "{title}"


class Found(NamedTuple):
    """One thing that was found: smaller ranks are better, and no two are equal."""

    rank: tuple[int, int, int, int]
    group: Group
    place: int

    @property
    def title(self) -> str:
        """As it is shown, not cut."""
        return self.group.shown_as.format(title=self.group.titles[self.place])

    @property
    def keys(self) -> str:
        """Its shortcut, empty for none."""
        return self.group.keys[self.place] if self.place < len(self.group.keys) else ""


class Numbers(Sequence[str]):
    """`1`, `2`, … so many, none of which is kept."""

    def __init__(self, many: int) -> None:
        self._many = range(1, many + 1)

    def __len__(self) -> int:
        return len(self._many)

    def __getitem__(self, place: int | slice) -> str | list[str]:  # type: ignore[override]  # both, as a sequence does
        return [str(one) for one in self._many[place]] if isinstance(place, slice) else str(self._many[place])


class Match(IntEnum):
    """How a title answers what was typed, the best first."""

    EXACT = 0
    PREFIX = 1
    WORDS = 2  # every word that was typed begins one of the title's
    WITHIN = 3
    LETTERS = 4  # in their order, with others between them
    KIND = 5  # nothing but its kind was typed


def matching(wanted: str) -> Callable[[str], Match | None]:
    """What tells how a title answers; None where it does not."""
    typed = " ".join(_folded(wanted).split())
    letters = (re.escape(letter) for letter in typed if letter != " ")
    in_order = re.compile("".join(f"[^{letter}]*{letter}" for letter in letters)).match
    words = [re.compile(rf"(?<![^\W_]){re.escape(word)}").search for word in typed.split()]

    def match(title: str) -> Match | None:
        text = _folded(title[:_LONGEST])
        if not in_order(text) and len(words) == 1:
            return None
        if text.startswith(typed):
            return Match.EXACT if text == typed else Match.PREFIX
        if all(word(text) for word in words):
            return Match.WORDS
        if typed in text:
            return Match.WITHIN
        return Match.LETTERS if in_order(text) else None

    return match


def looked_through(
    wanted: str, groups: Iterable[Group], recent: Sequence[tuple[str, str]] = ()
) -> Iterator[list[Found]]:
    """The best of what was looked through so far, after every few hundred titles; the last time, of all.

    Of what answers equally well, what was taken lately comes first, then the shorter title, then the earlier one.
    Where nothing is typed, everything answers in its own order.

    Args:
        wanted: what was typed.
        groups: where it is looked for.
        recent: kind and title of what was taken, the last first.
    """
    best: list[Found] = []
    number = count()
    lately = {taken: place for place, taken in enumerate(recent)}
    typed = " ".join(_folded(wanted).split())
    everything = matching(typed)
    for group in groups:
        match = everything
        kind = _folded(group.kind)
        if typed == kind or typed.startswith(f"{kind} "):
            rest = typed.removeprefix(kind).strip()
            match = matching(rest) if rest else partial(_of_kind, everything)
        for start in range(0, len(group.titles), PIECE):
            found = []
            worst = best[-1].rank[0] if len(best) == MOST_FOUND else Match.KIND
            for place, title in enumerate(group.titles[start : start + PIECE], start):
                order = next(number)
                how = match(title) if typed else Match.KIND
                if how is not None and how <= worst:
                    rank = (how, lately.get((group.kind, title), len(lately)), len(title) if typed else 0, order)
                    found.append(Found(rank, group, place))
            best = nsmallest(MOST_FOUND, chain(best, found))
            yield best
            if len(best) == MOST_FOUND and not typed and not lately:
                return


def _folded(text: str) -> str:
    """The text without case and accents, as one types it."""
    text = text.casefold()
    if text.isascii():
        return text
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))


def _of_kind(match: Callable[[str], Match | None], title: str) -> Match:
    how = match(title)
    return Match.KIND if how is None else how

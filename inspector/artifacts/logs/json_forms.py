"""JSON records of keys that are known already, decoded as one type made for them: a third of the time of dicts."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
import numpy as np

from inspector.core.arrays import FloatArray

MOST_KEYS = 512
_MOST_FORMS = 64
"""Records that bring ever new keys are read one by one."""

_WORDS = re.compile(rb"(?<=[:\[,\s])(?:NaN|-?Infinity)(?=[,}\]\s])")
"""Numbers that Python's json writes and JSON has not. Within a text the quotes put around them make invalid JSON."""


class Sort(IntEnum):
    """What a key has held so far; a further one includes those before it."""

    NUMBER = 0
    NUMBER_OR_NULL = 1
    ANYTHING = 2


_FIELDS: dict[Sort, tuple[Any, Any]] = {
    Sort.NUMBER: (float, math.nan),
    Sort.NUMBER_OR_NULL: (float | None, math.nan),
    Sort.ANYTHING: (Any, msgspec.UNSET),
}
"""How each is typed, and what stands for a key that is not there; JSON has no NaN."""


def sort_of(types: Iterable[type]) -> Sort:
    """What values of these types are."""
    others = set(types) - {int, float}
    if not others:
        return Sort.NUMBER
    return Sort.NUMBER_OR_NULL if others == {type(None)} else Sort.ANYTHING


class Values(NamedTuple):
    """What records hold under one key.

    Attributes:
        name: the key.
        numbers: (records,) float64, NaN where a record has none; None where there are other things than numbers.
        others: in that case one value a record, `msgspec.UNSET` where it has none.
    """

    name: str
    numbers: FloatArray | None
    others: Sequence[Any] = ()


class Forms:
    """The keys met so far, and the type made for them."""

    __slots__ = ("_decoder", "_fields", "_made", "_sorts")

    def __init__(self) -> None:
        self._sorts: dict[str, Sort] = {}
        self._decoder: msgspec.json.Decoder[list[Any]] | None = None
        self._fields: tuple[tuple[str, Sort, Callable[[Any], Any]], ...] = ()
        self._made = 0

    def __deepcopy__(self, _memo: dict[int, Any]) -> Forms:
        """A type is not copied; a copy of its parser reads on by itself."""
        return Forms()

    @property
    def is_full(self) -> bool:
        """Whether there are so many keys that no type is made for them any more."""
        return len(self._sorts) > MOST_KEYS

    def learn(self, key: str, sort: Sort) -> None:
        """What was met under a key."""
        known = self._sorts.get(key)
        if known is None or sort > known:
            if not self.is_full:
                self._sorts[key] = sort
            self._decoder = None

    def read(self, lines: bytes, count: int) -> list[Values] | None:
        """The values of lines by key; None where any line is no object, or not of the keys and sorts known.

        Args:
            lines: the newline of the last left off.
            count: how many.
        """
        records = self._records(lines)
        if records is None or len(records) != count:
            return None
        found = [_values(key, sort, list(map(value_of, records))) for key, sort, value_of in self._fields]
        return found if _all_filled(found, count) else None

    def _records(self, lines: bytes) -> list[Any] | None:
        if self._decoder is None and not self._make():
            return None
        assert self._decoder is not None
        text = b"[%b]" % lines.replace(b"\n", b",")
        try:
            if b"NaN" in text or b"Infinity" in text:
                text = _WORDS.sub(rb'"\g<0>"', text)
            return self._decoder.decode(text)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return None

    def _make(self) -> bool:
        """Make the type of the keys known; whether there is one."""
        if not self._sorts or self.is_full or self._made >= _MOST_FORMS:
            return False
        self._made += 1
        fields = [
            (f"f{place}", _FIELDS[sort][0], msgspec.field(default=_FIELDS[sort][1], name=key))
            for place, (key, sort) in enumerate(self._sorts.items())
        ]
        form = msgspec.defstruct("Record", fields, forbid_unknown_fields=True, gc=False)
        self._decoder = msgspec.json.Decoder(list[form])  # type: ignore[valid-type]
        self._fields = tuple(
            (key, sort, attrgetter(f"f{place}")) for place, (key, sort) in enumerate(self._sorts.items())
        )
        return True


def _values(key: str, sort: Sort, values: list[Any]) -> Values:
    if sort is Sort.NUMBER:  # half the time that numpy takes
        return Values(key, np.frombuffer(struct.pack(f"{len(values)}d", *values)))
    if sort is Sort.NUMBER_OR_NULL:
        return Values(key, np.array(values, np.float64))
    return Values(key, None, values)


def _all_filled(found: Iterable[Values], count: int) -> bool:
    """Whether every record holds something: empty objects are no records."""
    filled = np.zeros(count, np.bool_)
    for values in found:
        if values.numbers is not None:
            filled |= ~np.isnan(values.numbers)
        else:
            filled |= np.array([value is not msgspec.UNSET for value in values.others], np.bool_)
        if filled.all():
            return True
    return False

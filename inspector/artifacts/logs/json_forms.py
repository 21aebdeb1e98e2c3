"""JSON records of keys that are known already, decoded as one type made for them: a third of the time of dicts."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
import numpy as np

from inspector.core.arrays import FloatArray

MOST_KEYS = 512
_MOST_FORMS = 256
"""Records that bring ever new keys are read one by one."""

_NAN = re.compile(rb"NaN(?<=[:\[,\s]NaN)(?=[,}\]\s])")
_INFINITY = re.compile(rb"(?<=[:\[,\s])-?Infinity(?=[,}\]\s])")
"""Numbers that Python's json writes and JSON has not. Within a text the quotes put around them make invalid JSON.

What a pattern begins with is looked for forty times as fast where it is a word, and NaN stands in many logs.
"""


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


class _Form(NamedTuple):
    """The type of records of some keys: what decodes them, and what gives the value of each key."""

    decoder: msgspec.json.Decoder[list[Any]]
    fields: tuple[tuple[str, Sort, Callable[[Any], Any]], ...]


class Forms:
    """The keys met so far, and the type made for them."""

    __slots__ = ("_form", "_made", "_sorts")

    def __init__(self) -> None:
        self._sorts: dict[str, Sort] = {}
        self._form: _Form | None = None
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
            self._form = None

    def read(self, lines: bytes, count: int) -> list[Values] | None:
        """The values of lines by key; None where any line is no object, or not of the keys and sorts known.

        Args:
            lines: the newline of the last left off.
            count: how many.
        """
        form = self._form = self._form or self._made_now()
        if form is None:
            return None
        records = _records(form, lines)
        if records is None or len(records) != count:
            return None
        if all(sort is Sort.NUMBER for _key, sort, _value_of in form.fields):  # at once: half the time
            cells = chain.from_iterable(map(msgspec.structs.astuple, records))
            table = np.fromiter(cells, np.float64, count * len(form.fields)).reshape(count, -1).T.copy()
            found = [Values(key, numbers) for (key, _sort, _value_of), numbers in zip(form.fields, table, strict=True)]
        else:
            found = [_values(key, sort, list(map(value_of, records))) for key, sort, value_of in form.fields]
        return found if _all_filled(found, count) else None

    def _made_now(self) -> _Form | None:
        """The type of the keys known, if there is to be one."""
        if not self._sorts or self.is_full or self._made >= _MOST_FORMS:
            return None
        self._made += 1
        try:
            return _form(tuple(self._sorts.items()))
        except ValueError:  # a key with a quote, a backslash or half a character is no name of a field
            self._made = _MOST_FORMS
            return None


@lru_cache(_MOST_FORMS)
def _form(sorts: tuple[tuple[str, Sort], ...]) -> _Form:
    """Many runs log the same keys."""
    fields = [
        (f"f{place}", _FIELDS[sort][0], msgspec.field(default=_FIELDS[sort][1], name=key))
        for place, (key, sort) in enumerate(sorts)
    ]
    record = msgspec.defstruct("Record", fields, forbid_unknown_fields=True, gc=False)
    return _Form(
        msgspec.json.Decoder(list[record]),  # type: ignore[valid-type]  # a type that is made here
        tuple((key, sort, attrgetter(f"f{place}")) for place, (key, sort) in enumerate(sorts)),
    )


def _records(form: _Form, lines: bytes) -> list[Any] | None:
    text = b"[%b]" % lines.replace(b"\n", b",")
    try:
        if b"NaN" in text:
            text = _NAN.sub(rb'"NaN"', text)
        if b"Infinity" in text:
            text = _INFINITY.sub(rb'"\g<0>"', text)
        return form.decoder.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


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

"""Which samples a filter keeps: terms between spaces, all of which must hold.

`fg_ari<0.2` and `active_slots>=3` compare a number (`=nan` where it is undefined), `sample` is the number of the sample
from 1; `flagged`, `rejected`, `tagged`, `noted`, `seen` tell what was said of it, `#hard` a tag; `fixed`, `broken` and
`same` what became of it since another dump; any other word is looked for in its note and its tags. A term after `-`
keeps what it would drop.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from inspector.analysis.point_changes import Change
from inspector.core.arrays import FloatArray
from inspector.core.language import tr
from inspector.display.comparisons import COMPARISON, OPERATORS
from inspector.formats.marks import Mark, Marks
from inspector.formats.sample_table import SampleTable
from inspector.session.gallery import NumberRange

Kept = npt.NDArray[np.bool_]
"""(samples,) bool: which are kept."""

SAMPLE = "sample"

_SAID: dict[str, Callable[[Mark], bool]] = {
    "flagged": lambda mark: mark.flagged,
    "rejected": lambda mark: mark.rejected,
    "tagged": lambda mark: bool(mark.tags),
    "noted": lambda mark: bool(mark.note),
    "seen": lambda mark: mark.seen,
}

_CHANGES = {"fixed": Change.FIXED, "broken": Change.BROKEN, "same": Change.SAME}
"""What became of a sample since another dump that it is compared with."""


class Filtered(NamedTuple):
    """What a filter keeps, and which of its terms mean nothing here, one sentence each."""

    kept: Kept
    wrong: tuple[str, ...]


def filtered(table: SampleTable, text: str, ranges: Iterable[NumberRange], marks: Marks) -> Filtered:
    """The samples that all terms and ranges keep; a term that means nothing keeps all."""
    kept: Kept = np.ones(table.samples, bool)
    wrong = []
    for one in ranges:
        column = table.column(one.column)
        if column is not None:
            kept &= (column.values >= one.low) & (column.values <= one.high)
    for term in text.split():
        wanted = term.removeprefix("-")
        if not wanted:  # a minus whose word is still to be typed
            continue
        try:
            held = _holds(wanted, table, marks)
        except ValueError as error:
            wrong.append(str(error))
            continue
        kept &= ~held if term.startswith("-") else held
    return Filtered(kept, tuple(wrong))


def values_of(table: SampleTable, name: str) -> FloatArray:
    """The values of a column by its name, the end of its name or its label, (samples,) float64.

    Raises:
        ValueError: there is no such column, or more than one.
    """
    wanted = name.casefold()
    if wanted == SAMPLE:
        return np.arange(1, table.samples + 1, dtype=np.float64)
    exact = [one for one in table.columns if wanted in (one.name.casefold(), one.label.casefold())]
    found = exact or [one for one in table.columns if one.name.casefold().rpartition("/")[2] == wanted]
    if len(found) == 1:
        return found[0].values
    if found:
        said = tr("'{name}' is the end of several names: {names}")
        raise ValueError(said.format(name=name, names=", ".join(one.name for one in found)))
    known = ", ".join((SAMPLE, *(one.name for one in table.columns)))
    raise ValueError(tr("There is no number '{name}'; there are {names}").format(name=name, names=known))


def _holds(term: str, table: SampleTable, marks: Marks) -> Kept:
    comparison = COMPARISON.fullmatch(term)
    if comparison is not None:
        name, sign, number = comparison.groups()
        return _compared(values_of(table, name), sign, number)
    if term in _SAID:
        return _marked(table.samples, marks, _SAID[term])
    word = term.casefold()
    if word in _CHANGES:
        return np.asarray(_column(table, "change") == _CHANGES[word])
    if word.startswith("#"):
        return _marked(table.samples, marks, lambda mark: any(tag.casefold() == word[1:] for tag in mark.tags))
    return _marked(table.samples, marks, lambda mark: word in "\n".join((mark.note, *mark.tags)).casefold())


def _marked(samples: int, marks: Marks, said: Callable[[Mark], bool]) -> Kept:
    """The samples of whose marks something is true."""
    found: Kept = np.zeros(samples, bool)
    marked = marks.where(said)
    found[marked[marked < samples]] = True
    return found


def _column(table: SampleTable, name: str) -> FloatArray:
    column = table.column(name)
    if column is None:
        raise ValueError(tr("No other dump is compared with, so no sample is fixed, broken or same"))
    return column.values


def _compared(values: FloatArray, sign: str, text: str) -> Kept:
    try:
        number = float(text)
    except ValueError:
        raise ValueError(tr("'{typed}' is not a number").format(typed=text)) from None
    if math.isnan(number):
        undefined: Kept = np.isnan(values)
        return undefined if sign == "=" else ~undefined
    held: Kept = OPERATORS[sign](values, number)
    return held & ~np.isnan(values)

"""Which runs of the table are shown, and in which order.

A filter is terms between spaces, all of which must hold: `best<0.5`, `epochs>=40` and `lr=0.001` compare a number or a
text of a column or a setting, by the end of its name; any other word is looked for in the run's name, status, recipe,
metric and findings. A term after `-` keeps what it would drop.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence

from inspector.display.comparisons import COMPARISON, OPERATORS
from inspector.display.fleet.columns import FIXED, Column, status_text, unread_text, value_of
from inspector.formats.fleet import FleetRow

_COMPARED = tuple(column for column in FIXED if column.key not in ("findings", "age"))
"""Fixed columns that mean something beside a number or a text that is typed."""


def kept(rows: Iterable[FleetRow], text: str) -> list[FleetRow]:
    """The rows that all terms of a filter keep."""
    left = list(rows)
    for term in text.split():
        wanted = term.removeprefix("-")
        if wanted:
            holds = _test_of(left, wanted)
            left = [row for row in left if holds(row) is (wanted == term)]
    return left


def ordered(rows: Sequence[FleetRow], column: Column, *, falling: bool) -> list[FleetRow]:
    """Rows by a column: numbers before texts, rows without a value last either way, those of one value as they were."""
    known: list[tuple[str | float, FleetRow]] = []
    lost: list[FleetRow] = []
    for row in rows:
        value = value_of(row, column)
        if value is None or (isinstance(value, float) and math.isnan(value)):
            lost.append(row)
        else:
            known.append((value, row))
    known.sort(key=lambda pair: _sort_key(pair[0]), reverse=falling)
    return [row for _value, row in known] + lost


def _sort_key(value: str | float) -> tuple[int, float, tuple[tuple[int, str], ...]]:
    """Numbers by their value, texts so that 9 comes before 10."""
    if not isinstance(value, str):
        return 0, value, ()
    parts = re.split(r"(\d+)", value.casefold())
    return 1, 0.0, tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts)


def _test_of(rows: Sequence[FleetRow], term: str) -> Callable[[FleetRow], bool]:
    """What a term asks of a row; a comparison with a name that no row knows is a word."""
    comparison = COMPARISON.fullmatch(term)
    if comparison is not None:
        name, sign, wanted = comparison.groups()
        columns = _named(rows, name.casefold())
        if columns:
            return lambda row: any(_compared(value_of(row, column), sign, wanted) for column in columns)
    word = term.casefold()
    return lambda row: word in _words(row)


def _named(rows: Sequence[FleetRow], name: str) -> list[Column]:
    """The columns and settings that a name means: the one of that name, else those that end in it."""
    fixed = [column for column in _COMPARED if name in (column.key, column.title.casefold())]
    if fixed:
        return fixed
    paths = dict.fromkeys(path for row in rows for path in row.settings)
    exact = [path for path in paths if path.casefold() == name]
    found = exact or [path for path in paths if path.casefold().endswith(f".{name}")]
    return [Column(path, path, "", "setting") for path in found]


def _compared(value: str | float | None, sign: str, wanted: str) -> bool:
    if value is None:
        return False
    try:
        number = float(wanted)
    except ValueError:
        return bool(OPERATORS[sign](str(value).casefold(), wanted.casefold()))
    return not isinstance(value, str) and bool(OPERATORS[sign](value, number))


def _words(row: FleetRow) -> str:
    told = (
        row.run.name,
        row.status,
        status_text(row),
        row.recipe,
        row.score.tag if row.score else "",
        unread_text(row),
    )
    findings = (text for one in row.findings for text in (one.id, one.title, one.severity, *one.consequences))
    return "\n".join((*told, *findings)).casefold()

"""Tables of text: aligned columns below headings, cut where they are long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from inspector.core.texts import visible
from inspector.runs.diff_values import ValueRow

SHOWN_ROWS = 20
"""Of each table, the first rows; `--all` shows the rest."""

NAME_CHARACTERS = 72
VALUE_CHARACTERS = 60


def section(title: str, lines: Iterable[str]) -> Iterator[str]:
    """A heading and its lines; nothing where there are none."""
    found = list(lines)
    if found:
        yield ""
        yield title
        yield from found


def aligned(rows: Sequence[Sequence[str]], right: tuple[int, ...] = ()) -> list[str]:
    """Cells in columns two spaces apart; those named in `right` end at one place."""
    if not rows:
        return []
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(f"  {'  '.join(cells)}".rstrip())
    return lines


def few(lines: list[str], *, every: bool, shown: int = SHOWN_ROWS) -> list[str]:
    """The first lines, and how many more there are; all with `every`."""
    if every or len(lines) <= shown:
        return lines
    return [*lines[:shown], f"  … {len(lines) - shown:,} more, shown with --all"]


def name_text(text: str) -> str:
    """A name on one line; of a long one the middle is left out, for its end tells more than that."""
    shown = visible(text)
    half = NAME_CHARACTERS // 2
    return shown if len(shown) <= NAME_CHARACTERS else f"{shown[: half - 1]}…{shown[-half:]}"


def value_section(title: str, rows: Sequence[ValueRow], *, every: bool) -> Iterator[str]:
    """Plain values that differ."""
    table = [[name_text(row.path), _value_pair(row), f"({visible(row.note)})" if row.note else ""] for row in rows]
    yield from section(title, few(aligned(table), every=every))


def _value_pair(row: ValueRow) -> str:
    if row.state == "added":
        return f"added: {_value(row.second)}"
    if row.state == "removed":
        return f"removed: {_value(row.first)}"
    return f"{_value(row.first)} → {_value(row.second)}"


def _value(value: Any) -> str:
    """A plain value with every digit it has."""
    return visible(value if isinstance(value, str) and value else repr(value), VALUE_CHARACTERS)


def note_section(notes: Sequence[str]) -> Iterator[str]:
    """Sentences to know before reading on."""
    yield from section("Notes", [f"  {visible(note)}" for note in notes])

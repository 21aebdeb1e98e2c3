"""Plain values by dotted path, compared: settings of two runs, objects of two checkpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inspector.runs.diff_values import ValueRow

SHOWN_ITEMS = 6
SHOWN_CHARACTERS = 400


def values_diff(first: Mapping[str, Any], second: Mapping[str, Any]) -> tuple[tuple[ValueRow, ...], int]:
    """The values that differ, in the order of the first with those of the second alone after them; how many do not.

    Whole and floating numbers are the same where they are equal, truth values are not numbers, NaN is the same as NaN.
    """
    rows = []
    same = 0
    for path, value in first.items():
        if path not in second:
            rows.append(ValueRow(path=path, state="removed", first=shortened(value)))
        elif is_same(value, second[path]):
            same += 1
        else:
            other = second[path]
            rows.append(
                ValueRow(
                    path=path,
                    state="changed",
                    first=shortened(value),
                    second=shortened(other),
                    note=_where_they_part(value, other),
                )
            )
    added = [path for path in second if path not in first]
    rows += [ValueRow(path=path, state="added", second=shortened(second[path])) for path in added]
    return tuple(rows), same


def is_same(first: Any, second: Any) -> bool:
    """Whether two plain values, or flat lists of them, are the same."""
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(is_same, first, second))
    numbers = int | float
    if isinstance(first, numbers) and isinstance(second, numbers):
        if isinstance(first, bool) != isinstance(second, bool):
            return False
        return first == second or (first != first and second != second)  # noqa: PLR0124 - NaN
    return type(first) is type(second) and bool(first == second)


def shortened(value: Any) -> Any:
    """A value with all but the beginning of a long list or text left out, and how much that is."""
    if isinstance(value, str) and len(value) > SHOWN_CHARACTERS:
        return f"{value[:SHOWN_CHARACTERS]}… ({len(value):,} characters)"
    if isinstance(value, list):
        shown = [shortened(item) for item in value[:SHOWN_ITEMS]]
        return [*shown, f"… {len(value) - SHOWN_ITEMS:,} more"] if len(value) > SHOWN_ITEMS else shown
    return value


def _where_they_part(first: Any, second: Any) -> str:
    if not (isinstance(first, list) and isinstance(second, list)):
        return ""
    differing = [index for index, pair in enumerate(zip(first, second, strict=False)) if not is_same(*pair)]
    if len(first) == len(second):
        return f"{len(differing):,} of {len(first):,} items differ, the first is item {differing[0]:,}"
    start = f"differ from item {differing[0]:,} on" if differing else "the longer one begins like the shorter"
    return f"{len(first):,} and {len(second):,} items; {start}"

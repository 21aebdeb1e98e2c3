"""The table of thresholds as rows to read, and texts with the values in force."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple, get_type_hints

import msgspec

from inspector.core.units import bytes_text, number_text
from inspector.diagnosis.thresholds import DEFAULTS, Thresholds

NAMED = re.compile(r"\{([a-z0-9_]+)\}")
"""A threshold in a text, by its name in braces."""


class ThresholdRow(NamedTuple):
    """One threshold: what it is, its unit (empty for a plain number), whence its default comes, and its range."""

    name: str
    title: str
    unit: str
    source: str
    default: float
    bounds: str


@cache
def threshold_rows() -> tuple[ThresholdRow, ...]:
    """Every threshold, in the order of the table."""
    schema = msgspec.json.schema(Thresholds)["$defs"]["Thresholds"]["properties"]
    units = {name: _unit(meta) for name, meta in get_type_hints(Thresholds, include_extras=True).items()}
    return tuple(
        ThresholdRow(name, row["title"], units[name], row["description"], getattr(DEFAULTS, name), _bounds(row))
        for name, row in schema.items()
    )


def filled(text: str, thresholds: Thresholds = DEFAULTS) -> str:
    """A text with the values of the thresholds that it names; a unit stands in the text, but for bytes.

    A name that is no threshold stays as it is.
    """
    return NAMED.sub(lambda found: _value_text(found[1], thresholds) or found[0], text)


def _value_text(name: str, thresholds: Thresholds) -> str:
    value = getattr(thresholds, name, None) if name in Thresholds.__struct_fields__ else None
    if value is None:
        return ""
    if name.endswith("_bytes"):
        return bytes_text(int(value))
    return f"{value:,}" if isinstance(value, int) else number_text(value)


def _unit(annotated: Any) -> str:
    return str(annotated.__metadata__[0].extra["unit"])


def _bounds(row: dict[str, Any]) -> str:
    """`above 0, at most 1`; empty where every number will do."""
    words = {"exclusiveMinimum": "above", "minimum": "at least", "exclusiveMaximum": "below", "maximum": "at most"}
    return ", ".join(f"{word} {number_text(row[key])}" for key, word in words.items() if key in row)

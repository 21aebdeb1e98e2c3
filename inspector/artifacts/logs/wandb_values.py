"""Values that W&B keeps as JSON: what is in them by dotted path, and which of it are numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from inspector.analysis.numbers import as_float

_MAX_DEPTH = 16
_WORDS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}

DEEPER = object()
"""Stands for what nests too deep."""

SORTS: dict[type, str] = {list: "list", bool: "flag"}
"""What is said of values that are no numbers; texts are none of these."""


def leaves(name: str, value: Any, depth: int = 1) -> Iterator[tuple[str, Any]]:
    """The plain values of a value by dotted path; DEEPER where it nests too deep."""
    if not isinstance(value, dict):
        yield name, value
    elif depth >= _MAX_DEPTH:
        yield name, DEEPER
    else:
        for key, one in value.items():
            yield from leaves(f"{name}.{key}", one, depth + 1)


def number_of(value: Any) -> float | None:
    """The number of a value, also one of the words that stand for what JSON cannot write."""
    if isinstance(value, str):
        return _WORDS.get(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return as_float(value)

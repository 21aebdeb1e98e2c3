"""Numbers and pairs of numbers among parsed values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from inspector.analysis.numbers import as_float
from inspector.formats.metrics import is_number


def number(value: Any) -> float:
    """A parsed value as a float, NaN where it is no number."""
    if type(value) is float:  # most are
        return value
    if not is_number(value):
        return math.nan
    return as_float(value)


def pair(value: Any) -> tuple[float, float] | None:
    """Two parsed numbers, None where a value is not that; null stands for a missing number."""
    if type(value) is list and len(value) == 2 and type(value[0]) is type(value[1]) is float:  # most are
        return value[0], value[1]
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        return None
    if not all(one is None or is_number(one) for one in value):
        return None
    return number(value[0]), number(value[1])

"""Plain values of a file that are meant to be numbers."""

from __future__ import annotations

import math
from typing import Any


def as_float(value: float) -> float:
    """A number as a float; a whole one that is too large for it is infinite."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def finite_number(value: Any) -> float | None:
    """The value as a float, None where it is no number, not finite, or too large for one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    number = as_float(value)
    return number if math.isfinite(number) else None

"""A place of the x axis in words."""

from __future__ import annotations

import math
from datetime import datetime

from inspector.core.units import number_text
from inspector.session.values import XAxis

_LATEST_S = 32_503_680_000.0
"""The year 3000; what lies beyond is no time of a record."""


def x_text(x: float, axis: XAxis) -> str:
    """`12,400`, `3.25`, `1 h 02 min`, `2024-05-01 13:05:07`; `NaN` for NaN."""
    if math.isnan(x):
        return "NaN"
    if axis == "time":
        return duration_text(x)
    if axis == "wall":
        return clock_text(x)
    if axis in ("step", "samples") and abs(x) < 1e15:
        return f"{round(x):,}"
    return number_text(x)


def duration_text(seconds: float) -> str:
    """`0.25 s`, `12 s`, `3 min 05 s`, `1 h 02 min`, `2 d 03 h`."""
    if not abs(seconds) < 1e12:
        return number_text(seconds)
    size = abs(seconds)
    sign = "−" if seconds < 0 else ""
    if size < 60:
        return f"{sign}{size:.3g} s"
    whole = round(size)
    for unit, name, below, short in ((86_400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= unit:
            return f"{sign}{whole // unit:,} {name} {whole % unit // below:02d} {short}"
    return f"{sign}{whole} s"


def clock_text(seconds: float) -> str:
    """Local date and time of seconds since 1970; the number itself where it is no such time."""
    if not 0 <= seconds < _LATEST_S:
        return number_text(seconds)
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M:%S")

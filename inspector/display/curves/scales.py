"""Linear, logarithmic and symlog axes as values: where a value stands on an axis, and where the ticks do."""

from __future__ import annotations

import math
from datetime import datetime

import numpy as np

from inspector.core.arrays import AnyArray, FloatArray
from inspector.core.dates import day_text
from inspector.display.ticks import Tick, linear_ticks, log_text, log_ticks, time_ticks
from inspector.session.values import AxisScale, XAxis

_LARGEST_POWER = 300
"""Beyond it a power of ten is no float any more."""


def to_axis(values: AnyArray, scale: AxisScale, threshold: float = 1.0) -> FloatArray:
    """Coordinates along an axis, shape kept; NaN, a gap, where the axis has no place for a value.

    Args:
        values: any shape.
        scale: of the axis.
        threshold: of a symlog axis: values well below it are drawn close to linear, above it by powers of ten.

    Source: linear v; log log₁₀ v; symlog sgn(v) · log₁₀(1 + |v| / threshold).
    """
    known = np.asarray(values, np.float64)
    if scale == "linear":
        return known
    if scale == "symlog":
        return np.copysign(np.log1p(np.abs(known) / threshold) / math.log(10), known)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(known > 0, np.log10(known), np.nan)


def from_axis(places: AnyArray, scale: AxisScale, threshold: float = 1.0) -> FloatArray:
    """The values at coordinates along an axis, shape kept; what `to_axis` undoes."""
    known = np.asarray(places, np.float64)
    if scale == "linear":
        return known
    with np.errstate(over="ignore"):
        if scale == "log":
            return np.asarray(10.0**known)
        return np.copysign(threshold * np.expm1(np.abs(known) * math.log(10)), known)


def symlog_threshold(values: AnyArray) -> float:
    """A threshold that leaves most values apart: their lower decile in size, zeros aside, as a power of ten."""
    sizes = np.abs(values[np.isfinite(values) & (values != 0)])
    if not sizes.size:
        return 1.0
    return float(10.0 ** math.floor(math.log10(float(np.quantile(sizes, 0.1)))))


def axis_ticks(
    low: float,
    high: float,
    count: int,
    scale: AxisScale = "linear",
    *,
    threshold: float = 1.0,
    kind: XAxis | None = None,
) -> tuple[Tick, ...]:
    """About `count` ticks of an axis, at its coordinates.

    Args:
        low: first coordinate shown, as `to_axis` gives it.
        high: last coordinate shown.
        count: how many ticks fit.
        scale: of the axis.
        threshold: of a symlog axis.
        kind: what an x axis counts; None for an axis of values.

    Returns:
        Ticks in rising order; none where the range is empty, not finite or beyond what a float holds.
    """
    if scale == "linear":
        return _linear(low, high, count, kind)
    if not (high > low and max(abs(low), abs(high)) <= _LARGEST_POWER):
        return ()
    first, last = (float(value) for value in from_axis(np.array([low, high]), scale, threshold))
    ticks = log_ticks(first, last, count) if scale == "log" else _symlog(first, last, count, threshold)
    places = to_axis(np.array([tick.value for tick in ticks]), scale, threshold)
    return tuple(Tick(float(place), tick.text) for place, tick in zip(places, ticks, strict=True))


def _linear(low: float, high: float, count: int, kind: XAxis | None) -> tuple[Tick, ...]:
    if kind == "time":
        return time_ticks(low, high, count)
    if kind == "wall":
        return clock_ticks(low, high, count)
    return linear_ticks(low, high, count, whole=kind in ("step", "samples"))


def _symlog(low: float, high: float, count: int, threshold: float) -> tuple[Tick, ...]:
    """Powers of ten above the threshold on both sides, as many as fit, and 0 between them."""
    powers = range(math.floor(math.log10(threshold)) + 1, math.floor(math.log10(max(-low, high, threshold))) + 1)
    sides = (low < 0) + (high > 0)
    stride = max(1, math.ceil(len(powers) * sides / max(count - 1, 1)))
    sizes = [10.0**power for power in powers if (powers[-1] - power) % stride == 0]
    values = [*(-size for size in reversed(sizes)), 0.0, *sizes]
    shown = [value for value in values if low <= value <= high]
    if len(shown) < 2:
        return linear_ticks(low, high, count)
    return tuple(Tick(value, _signed(value)) for value in shown)


def _signed(value: float) -> str:
    return "0" if value == 0 else "−" * (value < 0) + log_text(abs(value))


_CLOCK_STEPS_S = (
    1,
    5,
    15,
    60,
    300,
    900,
    3600,
    10_800,
    21_600,
    43_200,
    86_400,
    172_800,
    604_800,
    2_592_000,
    7_776_000,
    31_536_000,
)


def clock_ticks(low_s: float, high_s: float, count: int = 5) -> tuple[Tick, ...]:
    """About `count` ticks of an axis of seconds since 1970, at round local times; the date at midnight."""
    span = high_s - low_s
    if not (span > 0 and math.isfinite(span)) or not 0 <= low_s <= high_s < 32_503_680_000:
        return ()
    rough = span / max(count, 1)
    step = next((step for step in _CLOCK_STEPS_S if step >= rough), _CLOCK_STEPS_S[-1])
    offset = datetime.fromtimestamp(low_s).astimezone().utcoffset()
    shift = offset.total_seconds() if offset else 0.0
    first, last = math.ceil((low_s + shift) / step), math.floor((high_s + shift) / step)
    ticks: list[Tick] = []
    for index in range(first, min(last, first + 4 * max(count, 1)) + 1):
        when = datetime.fromtimestamp(index * step - shift).astimezone()
        ticks.append(Tick(index * step - shift, _clock_text(when, step)))
    return tuple(ticks)


def _clock_text(when: datetime, step_s: int) -> str:
    """A local time as exactly as ticks so far apart need it; the date at midnight."""
    if step_s >= 31_536_000:
        return f"{when:%Y}"
    midnight = (when.hour, when.minute, when.second) == (0, 0, 0)
    if step_s >= 86_400 or midnight:
        return day_text(when, year=step_s >= 2_592_000, digits=2)
    return f"{when:%H:%M}" if step_s >= 60 else f"{when:%H:%M:%S}"

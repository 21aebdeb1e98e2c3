"""Where an axis has ticks, and what stands beside them."""

from __future__ import annotations

import math

import msgspec

from inspector.core.units import count_text


class Tick(msgspec.Struct, frozen=True, array_like=True):
    """One tick: its value on the axis, and its text."""

    value: float
    text: str


_NICE = (1.0, 2.0, 5.0)


# Beyond trillions a count has no short name.
_SCIENTIFIC = 1e12


def _bounds(low: float, high: float, step: float) -> tuple[int, int]:
    """The first and last multiple of a step within a range."""
    return math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)


def _nice_step(low: float, high: float, count: int) -> float:
    """The least round step that puts no more than one above `count` ticks on an axis."""
    magnitude = 10.0 ** (math.floor(math.log10((high - low) / max(count, 1))) - 1)
    while True:
        for nice in _NICE:
            first, last = _bounds(low, high, nice * magnitude)
            if last - first <= count:
                return nice * magnitude
        magnitude *= 10


def linear_ticks(low: float, high: float, count: int = 5, *, whole: bool = False) -> tuple[Tick, ...]:
    """About `count` ticks at round values within low..high.

    Args:
        low: first value of the axis.
        high: last value of the axis.
        count: how many ticks fit.
        whole: the axis counts things, so ticks stand at whole numbers.

    Returns:
        Ticks in rising order; none where the range is empty or not finite.
    """
    span = high - low
    if not (span > 0 and math.isfinite(span)):
        return ()
    step = max(_nice_step(low, high, count), 1.0 if whole else 0.0)
    first, last = _bounds(low, high, step)
    values = [index * step for index in range(first, last + 1)]
    return tuple(Tick(value, _linear_text(value, step)) for value in values)


def _linear_text(value: float, step: float) -> str:
    if value == 0:
        return "0"
    size = abs(value)
    if 10_000 <= size < _SCIENTIFIC and step >= 1:
        return _signed(count_text(round(value)) if step * 100 >= size else f"{value:,.0f}")
    if size < 1e-3 or size >= _SCIENTIFIC:
        digits = max(0, math.floor(math.log10(size)) - math.floor(math.log10(step) + 1e-9))
        mantissa, exponent = f"{value:.{min(digits, 12)}e}".split("e")
        return _signed(f"{mantissa}e{int(exponent)}")
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return _signed(f"{value:,.{decimals}f}")


def _signed(text: str) -> str:
    return "−" + text[1:] if text.startswith("-") else text


def log_ticks(low: float, high: float, count: int = 5) -> tuple[Tick, ...]:
    """About `count` ticks of a logarithmic axis: powers of ten, with 2 and 5 between where there is room.

    Args:
        low: first value of the axis, above 0.
        high: last value of the axis.
        count: how many ticks fit.

    Returns:
        Ticks in rising order; linear ones where the axis spans less than a factor of four.
    """
    if not (low > 0 and high > low and math.isfinite(high)):
        return ()
    decades = math.log10(high / low)
    if decades < math.log10(4):
        return linear_ticks(low, high, count)
    stride = max(1, math.ceil(decades / max(count, 1)))
    parts = (1.0, 2.0, 5.0) if decades * 3 <= count + 1 else (1.0,)
    powers = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
    values = [part * 10.0**power for power in powers if power % stride == 0 for part in parts]
    return tuple(Tick(value, log_text(value)) for value in values if low * (1 - 1e-9) <= value <= high * (1 + 1e-9))


def log_text(value: float) -> str:
    """What stands beside a tick of a logarithmic axis."""
    if 1e-3 <= value < 1e4:
        return f"{value:,.{max(0, -math.floor(math.log10(value) + 1e-9))}f}"
    mantissa, exponent = f"{value:.0e}".split("e")
    return f"{mantissa}e{int(exponent)}"


_TIME_STEPS_S = (
    1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
    172_800, 432_000, 864_000,
)  # fmt: skip
_TIME_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def time_ticks(low_s: float, high_s: float, count: int = 5) -> tuple[Tick, ...]:
    """About `count` ticks of an axis of elapsed seconds, at round times (`30 s`, `10 min`, `2 h`)."""
    span = high_s - low_s
    if not (span > 0 and math.isfinite(span)):
        return ()
    rough = span / max(count, 1)
    if rough < _TIME_STEPS_S[0]:
        return tuple(Tick(tick.value, f"{tick.text} s") for tick in linear_ticks(low_s, high_s, count))
    step = next((step for step in _TIME_STEPS_S if step >= rough), None) or 864_000 * math.ceil(rough / 864_000)
    size, unit = next((size, unit) for size, unit in _TIME_UNITS if step % size == 0)
    first, last = _bounds(low_s, high_s, step)
    return tuple(Tick(index * step, f"{index * step // size:,} {unit}") for index in range(first, last + 1))

"""Numbers as a person reads them; one formatter per unit."""

from __future__ import annotations

import math
from collections.abc import Sequence

_READABLE = 1e6


def bytes_text(count: int) -> str:
    """`18.3 MB`, decimal units as disks are sold."""
    if count < 1000:
        return f"{count} B"
    size = float(count)
    for unit in ("kB", "MB", "GB", "TB"):
        size /= 1000
        if size < 999.95:
            return f"{size:.1f} {unit}"
    return f"{size / 1000:.1f} PB"


def count_text(count: int) -> str:
    """`1.59 M` above ten thousand, `9,216` below."""
    if abs(count) < 10_000:
        return f"{count:,}"
    size = float(count)
    for unit in ("k", "M", "G"):
        size /= 1000
        if abs(size) < 999.5:
            return f"{size:.3g} {unit}"
    return f"{size / 1000:.3g} T"


def counted(count: int, noun: str) -> str:
    """`1 tensor`, `2,500 tensors`, in English; for nouns that take an s."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def listed(names: Sequence[str], most: int = 3) -> str:
    """`a, b, c and 2 more`, in English."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"


def number_text(value: float, digits: int = 4) -> str:
    """So many significant digits, four at most, `NaN`, `∞` or `−∞`; scientific where that is shorter."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{float(f'{value:.{digits}g}'):.4g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        text = f"{mantissa}e{int(exponent)}"
    return text.replace("-", "−", 1) if value < 0 else text


def epoch_text(epoch: float) -> str:
    """`9`, `140`, `5.43`: to its hundredth, which tells checkpoints of one epoch apart; in the first two digits."""
    return f"{epoch:.2g}" if abs(epoch) < 0.995 else f"{round(epoch, 2):.8g}"


def whole_text(value: float) -> str:
    """`1234`, or `4e+12` of what is too large to be read digit by digit; never `-0`."""
    return f"{round(value)}" if abs(value) < _READABLE else f"{value:.0e}"


def pixels_text(value: float) -> str:
    """`12.2 px`, `104 px`, `NaN`: a length in an image, to the tenth below a hundred."""
    if math.isnan(value):
        return "NaN"
    return f"{whole_text(value)} px" if abs(value) >= 99.95 else f"{value:.1f} px"


def percent_text(fraction: float) -> str:
    """`60.5%` of a fraction in 0..1, `NaN` for NaN."""
    return "NaN" if math.isnan(fraction) else f"{fraction * 100:.1f}%"

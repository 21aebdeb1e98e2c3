"""Numbers to colours: viridis by default, a diverging map centred on zero for signed data."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from inspector.core.arrays import AnyArray, FloatArray, Rgba
from inspector.display import colour_tables

ColourMap = Literal["viridis", "inferno", "cividis", "grey", "diverging"]

ENTRIES = 256

# Blue to orange through grey: the pair that all three dichromacies keep apart; grey reads as nothing in both themes.
_DIVERGING_STOPS = ((0.0, "1f6bf0"), (0.25, "5479b6"), (0.5, "808080"), (0.75, "b07845"), (1.0, "f07010"))


def _opaque(colours: FloatArray) -> Rgba:
    table = np.full((ENTRIES, 4), 255, np.uint8)
    table[:, :3] = np.rint(colours)
    return table


def _published(digits: str) -> Rgba:
    return _opaque(np.frombuffer(bytes.fromhex(digits), np.uint8).reshape(ENTRIES, 3).astype(np.float64))


def _through(stops: tuple[tuple[float, str], ...]) -> Rgba:
    places = [place for place, _ in stops]
    colours = np.array([list(bytes.fromhex(digits)) for _, digits in stops], np.float64)
    along = np.linspace(0.0, 1.0, ENTRIES)
    return _opaque(np.stack([np.interp(along, places, colours[:, channel]) for channel in range(3)], axis=1))


COLOUR_MAPS: dict[ColourMap, Rgba] = {
    "viridis": _published(colour_tables.VIRIDIS),
    "inferno": _published(colour_tables.INFERNO),
    "cividis": _published(colour_tables.CIVIDIS),
    "grey": _through(((0.0, "000000"), (1.0, "ffffff"))),
    "diverging": _through(_DIVERGING_STOPS),
}
"""(256, 4) uint8 each, lowest value first."""


def apply_map(values: AnyArray, low: float, high: float, colour_map: ColourMap) -> Rgba:
    """Numbers as colours.

    Args:
        values: any shape, any real dtype.
        low: the value of the first colour; what is below it, −∞ too, takes that colour.
        high: the value of the last colour; what is above it, ∞ too, takes that colour.
        colour_map: a key of `COLOUR_MAPS`.

    Returns:
        values.shape + (4,) uint8; NaN is fully transparent. Where low equals high, or either is not finite, every
        number takes the middle colour.
    """
    numbers = np.asarray(values, np.float64)
    undefined = np.isnan(numbers)
    span = high - low
    if span > 0 and math.isfinite(span):
        with np.errstate(invalid="ignore", over="ignore"):
            places = (numbers - low) * ((ENTRIES - 1) / span)
        places = np.clip(np.where(undefined, 0.0, places), 0, ENTRIES - 1)
    else:
        places = np.full(numbers.shape, (ENTRIES - 1) / 2)
    # A pixel is one number, so that it is picked at once.
    packed = COLOUR_MAPS[colour_map].view(np.uint32)[:, 0][np.rint(places).astype(np.uint8).reshape(-1)]
    packed[undefined.reshape(-1)] = 0
    coloured: Rgba = packed.view(np.uint8).reshape(*numbers.shape, 4)
    return coloured


def finite_range(values: AnyArray) -> tuple[float, float]:
    """Least and greatest finite value of an array of any shape; NaN twice where there is none."""
    numbers = np.asarray(values)
    if numbers.size and math.isfinite(low := float(numbers.min())) and math.isfinite(high := float(numbers.max())):
        return low, high
    finite = numbers[np.isfinite(numbers)]
    return (float(finite.min()), float(finite.max())) if finite.size else (math.nan, math.nan)


def symmetric_range(values: AnyArray) -> tuple[float, float]:
    """The finite range widened to be centred on zero, as signed data needs it; NaN twice where there is none."""
    low, high = finite_range(values)
    reach = max(abs(low), abs(high))
    return -reach, reach

"""Sizes, amounts and stretches as they are typed; what makes no sense is told what is taken."""

from __future__ import annotations

import argparse

_SIDE_PX = range(200, 8001)


def size_px(text: str) -> tuple[int, int]:
    """Width and height of `1600x1000`.

    Raises:
        ArgumentTypeError: it is none, or none that a window can have.
    """
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit() and int(width) in _SIDE_PX and int(height) in _SIDE_PX):
        raise argparse.ArgumentTypeError(f"takes WIDTHxHEIGHT in pixels, found {text}")
    return int(width), int(height)


def dots_an_inch(text: str) -> float:
    """The resolution of a picture.

    Raises:
        ArgumentTypeError: it is no number, or out of range.
    """
    return _number_within(text, 36, 2400, "dots an inch")


def smoothing_amount(text: str) -> float:
    """How much a curve is smoothed.

    Raises:
        ArgumentTypeError: it is no number, or out of range.
    """
    return _number_within(text, 0, 0.999, "an amount of smoothing")


def stretch_of_x(text: str) -> tuple[tuple[float, float] | None, bool]:
    """A stretch of x or None, and whether points without a place on the axis are left out.

    Raises:
        ArgumentTypeError: it is neither `all`, nor `visible`, nor `LOW:HIGH`.
    """
    if text in ("all", "visible"):
        return None, text == "visible"
    low, _, high = text.partition(":")
    try:
        ends = float(low or "-inf"), float(high or "inf")
    except ValueError:
        ends = 1.0, 0.0
    if not ends[0] < ends[1] or ":" not in text:
        raise argparse.ArgumentTypeError(f"takes all, visible or LOW:HIGH, found {text}")
    return ends, False


def _number_within(text: str, low: float, high: float, what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        raise argparse.ArgumentTypeError(f"takes {what} from {low:g} to {high:g}, found {text}")
    return value

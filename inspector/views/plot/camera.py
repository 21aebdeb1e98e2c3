"""Which part of the plane is seen, and where a place of it lies on the screen."""

from __future__ import annotations

import math

import msgspec
import numpy as np

from inspector.core.arrays import AnyArray, FloatArray

Ends = tuple[float, float]

# What is seen is never narrower than so many steps of a float, nor wider than what their difference can hold.
_FINEST = 64 * np.finfo(np.float64).eps
_WIDEST = 1e300


class Camera(msgspec.Struct, frozen=True):
    """What is seen, in coordinates of the axes (logarithms on a logarithmic one).

    Attributes:
        x: least and greatest x.
        y: least and greatest y.
    """

    x: Ends = (0.0, 1.0)
    y: Ends = (0.0, 1.0)

    def panned(self, right: float, up: float) -> Camera:
        """Moved by shares of its width and height."""
        return Camera(_moved(self.x, right), _moved(self.y, up))

    def zoomed(self, x_factor: float, y_factor: float, at: tuple[float, float]) -> Camera:
        """Widened by factors around a place, which stays where it is; below 1 is closer."""
        return Camera(_scaled(self.x, x_factor, at[0]), _scaled(self.y, y_factor, at[1]))

    def boxed(self, one: tuple[float, float], other: tuple[float, float]) -> Camera:
        """What lies between two corners; an axis along which they meet stays."""
        return Camera(
            _allowed((min(one[0], other[0]), max(one[0], other[0])), self.x),
            _allowed((min(one[1], other[1]), max(one[1], other[1])), self.y),
        )


class Area(msgspec.Struct, frozen=True):
    """The rectangle of the screen that the axes enclose, in pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.top + self.height

    def holds(self, x_px: float, y_px: float, margin_px: float = 0.0) -> bool:
        """Whether a pixel lies in it, or no farther off than the margin."""
        return (
            self.left - margin_px <= x_px <= self.right + margin_px
            and self.top - margin_px <= y_px <= self.bottom + margin_px
        )


def x_pixels(area: Area, camera: Camera, x: AnyArray) -> FloatArray:
    """Pixels from the left of the screen, float64, shape kept; NaN stays NaN."""
    low, high = camera.x
    return area.left + (np.asarray(x, np.float64) - low) * (area.width / (high - low))


def y_pixels(area: Area, camera: Camera, y: AnyArray) -> FloatArray:
    """Pixels from the top of the screen, float64, shape kept; NaN stays NaN."""
    low, high = camera.y
    return area.top + (high - np.asarray(y, np.float64)) * (area.height / (high - low))


def place_at(area: Area, camera: Camera, x_px: float, y_px: float) -> tuple[float, float]:
    """The place of the plane under a pixel."""
    x_low, x_high = camera.x
    y_low, y_high = camera.y
    across = (x_px - area.left) / max(area.width, 1.0)
    down = (y_px - area.top) / max(area.height, 1.0)
    return x_low + (x_high - x_low) * across, y_high - (y_high - y_low) * down


def fitted(ends: Ends, margin: float, least: float) -> Ends | None:
    """Ends with a margin of their distance around; None where they are not finite.

    Args:
        ends: least and greatest.
        margin: as a share of their distance.
        least: half of what is seen where both are the same.
    """
    low, high = ends
    if not (math.isfinite(low) and math.isfinite(high)):
        return None
    pad = (high - low) * margin or least
    return _allowed((low - pad, high + pad), (low - 0.5, high + 0.5))


def _moved(ends: Ends, share: float) -> Ends:
    way = (ends[1] - ends[0]) * share
    return _allowed((ends[0] + way, ends[1] + way), ends)


def _scaled(ends: Ends, factor: float, at: float) -> Ends:
    return _allowed((at + (ends[0] - at) * factor, at + (ends[1] - at) * factor), ends)


def _allowed(wanted: Ends, otherwise: Ends) -> Ends:
    """The wanted ends where floats can tell places between them apart."""
    span = wanted[1] - wanted[0]
    size = max(abs(wanted[0]), abs(wanted[1]))
    return wanted if span > size * _FINEST and span > 0 and size < _WIDEST else otherwise

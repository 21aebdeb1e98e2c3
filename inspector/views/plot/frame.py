"""How values come to pixels: the rectangle of the screen, the camera and the scales of both axes."""

from __future__ import annotations

import msgspec
import numpy as np

from inspector.core.arrays import AnyArray, FloatArray
from inspector.display.curves.scales import from_axis, to_axis
from inspector.session.values import AxisScale
from inspector.views.plot.camera import Area, Camera, Ends, place_at, x_pixels, y_pixels


class Scale(msgspec.Struct, frozen=True):
    """How values stand along an axis; `threshold` is of a symlog one."""

    kind: AxisScale = "linear"
    threshold: float = 1.0

    def to(self, values: AnyArray) -> FloatArray:
        """Coordinates of values along the axis; NaN where it has no place for one."""
        return to_axis(values, self.kind, self.threshold)

    def back(self, places: AnyArray) -> FloatArray:
        """Values at coordinates along the axis."""
        return from_axis(places, self.kind, self.threshold)

    def ends_to(self, ends: Ends) -> Ends:
        """Coordinates of two values."""
        low, high = self.to(np.array(ends))
        return float(low), float(high)

    def ends_back(self, ends: Ends) -> Ends:
        """Values at two coordinates."""
        low, high = self.back(np.array(ends))
        return float(low), float(high)


class Frame(msgspec.Struct, frozen=True):
    """One picture's way from values to pixels.

    Attributes:
        area: what the axes enclose, in pixels of the layout.
        ratio: pixels of the screen for one of the layout.
    """

    area: Area = Area(0, 0, 1, 1)
    camera: Camera = Camera()
    x: Scale = Scale()
    y: Scale = Scale()
    ratio: float = 1.0

    def x_px(self, values: AnyArray) -> FloatArray:
        """Pixels of the layout from the left, NaN where the axis has no place."""
        return x_pixels(self.area, self.camera, self.x.to(values))

    def y_px(self, values: AnyArray) -> FloatArray:
        """Pixels of the layout from the top, NaN where the axis has no place."""
        return y_pixels(self.area, self.camera, self.y.to(values))

    def pixel_of(self, x: float, y: float) -> tuple[float, float]:
        """The pixel of one place, NaN where an axis has no place."""
        return float(self.x_px(np.array(x))), float(self.y_px(np.array(y)))

    def across_px(self, x: float) -> float:
        """Pixels of one x from the left, NaN where the axis has no place."""
        return float(self.x_px(np.array(x)))

    def value_at(self, x_px: float, y_px: float) -> tuple[float, float]:
        """The values under a pixel."""
        across, up = place_at(self.area, self.camera, x_px, y_px)
        return float(self.x.back(np.array(across))), float(self.y.back(np.array(up)))

    def x_values(self) -> Ends:
        """Least and greatest x seen."""
        return self.x.ends_back(self.camera.x)

    def y_values(self) -> Ends:
        """Least and greatest y seen."""
        return self.y.ends_back(self.camera.y)

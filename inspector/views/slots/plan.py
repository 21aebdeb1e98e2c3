"""How a large picture and many small ones of the same proportions share an area."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

GAP_PX = 8
BETWEEN_PX = 12
COMPOSITE_SHARE = 0.5
"""Of the width, at most."""

LEAST_STACKED_SHARE = 0.8
"""Of the width, where the tiles stand below the composite."""


class Plan(NamedTuple):
    """Height of the composite, columns and cell width of the tiles, and whether these stand below it or beside it."""

    composite_px: float
    columns: int
    cell_px: float
    below: bool = False

    def height_px(self, count: int, aspect: float) -> float:
        """How high both are together."""
        rows = math.ceil(count / self.columns)
        tiles_px = rows * (self.cell_px / aspect + GAP_PX) - GAP_PX
        return self.composite_px + BETWEEN_PX + tiles_px if self.below else self.composite_px

    def worth(self, count: int, width: float, aspect: float) -> float:
        """How much of the stage is pictures, less where width stays empty; tiles count half as much again."""
        composite_px, tiles_px = self.composite_px * aspect, self.columns * (self.cell_px + GAP_PX) - GAP_PX
        used = (max(composite_px, tiles_px) if self.below else composite_px + BETWEEN_PX + tiles_px) / width
        return (self.composite_px**2 * aspect + 1.5 * count * self.cell_px**2 / aspect) * used


@lru_cache(maxsize=64)
def plan(count: int, width: float, height: float, aspect: float) -> Plan:
    """How a composite and `count` tiles of one aspect (width over height) fill an area best.

    Where there is room, the tiles end level with the composite; below it they stand where it is about as wide as they.
    """

    def stacked(columns: int) -> Plan:
        cell = (width - (columns - 1) * GAP_PX) / columns
        tiles_px = Plan(0.0, columns, cell, below=True).height_px(count, aspect)
        return Plan(min(height - tiles_px, width / aspect), columns, cell, below=True)

    def with_columns(columns: int) -> Plan:
        rows = math.ceil(count / columns)
        gaps = BETWEEN_PX + (columns - 1) * GAP_PX
        level = (rows * (width - gaps) / (columns * aspect) + (rows - 1) * GAP_PX) / (1 + rows / columns)
        composite = max(1.0, min(level, height, COMPOSITE_SHARE * width / aspect))
        across = (width - composite * aspect - gaps) / columns
        down = (composite - (rows - 1) * GAP_PX) / rows * aspect
        return Plan(composite, columns, max(1.0, min(across, down)))

    plans = [with_columns(columns) for columns in range(1, count + 1)]
    wide = [stacked(columns) for columns in range(2, count + 1)]
    plans += [one for one in wide if one.composite_px * aspect >= LEAST_STACKED_SHARE * width]
    return max(plans, key=lambda candidate: candidate.worth(count, width, aspect))

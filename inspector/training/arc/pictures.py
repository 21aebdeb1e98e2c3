"""Grids as pictures, in the colours that everyone knows them in."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from inspector.core.arrays import AnyArray

PALETTE = np.array(
    [[0, 0, 0], [0, 116, 217], [255, 65, 54], [46, 204, 64], [255, 220, 0],
     [170, 170, 170], [240, 18, 190], [255, 133, 27], [127, 219, 255], [135, 12, 37]],
    np.uint8,
)  # fmt: skip
"""(10, 3) uint8, a colour's red, green and blue. Source: the testing interface of the ARC-AGI repository."""

OUTSIDE = np.array([48, 52, 60], np.uint8)
"""Of cells that are in no grid."""


def picture(cells: AnyArray, inside: AnyArray, cell_px: int) -> npt.NDArray[np.uint8]:
    """Canvases as pictures, (grids, rows, columns, 3) uint8, `cell_px` pixels a side of a cell.

    Args:
        cells: (grids, rows, columns) colours 0..9.
        inside: (grids, rows, columns) bool, which cells are in a grid.
        cell_px: at least 1.
    """
    drawn = np.where(inside[..., None], PALETTE[cells], OUTSIDE)
    return enlarged(drawn, cell_px)


def enlarged(maps: npt.NDArray[np.uint8], cell_px: int) -> npt.NDArray[np.uint8]:
    """(grids, rows, columns, ...) with each cell as so many pixels a side."""
    return maps.repeat(cell_px, axis=1).repeat(cell_px, axis=2)

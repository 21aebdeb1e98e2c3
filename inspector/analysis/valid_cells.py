"""Which cells of a map lie within the content of a padded sample."""

from __future__ import annotations

import numpy as np

from inspector.core.arrays import AnyArray, FloatArray, check_axes


def valid_cells(content_px: AnyArray, whole_px: tuple[int, int], grid: tuple[int, int]) -> AnyArray | None:
    """Cells whose centre lies within the content, which stands at the upper left; None where nothing is padded.

    Args:
        content_px: (samples, 2) height and width of the content of each sample; one that does not fit the whole is
            taken as unpadded.
        whole_px: height and width of the padded samples.
        grid: rows and columns of the map.

    Returns:
        (samples, rows, columns) bool.

    Raises:
        ShapeError: the content has not two axes.
    """
    check_axes(content_px, "NS", "heights and widths of the content")
    sizes: FloatArray = np.asarray(content_px, np.float64)
    whole = np.array(whole_px, np.float64)
    with np.errstate(invalid="ignore"):
        fits = np.logical_and(sizes > 0, sizes <= whole).all(axis=1, keepdims=True)
    limits = np.where(fits, sizes, whole)
    rows, columns = ((np.arange(cells) + 0.5) * (side / max(cells, 1)) for cells, side in zip(grid, whole, strict=True))
    valid: AnyArray = (rows < limits[:, :1])[:, :, None] & (columns < limits[:, 1:])[:, None, :]
    return None if valid.all() else valid

"""Rows of a matrix that are the same, as copied filters of a layer are."""

from __future__ import annotations

import numpy as np

from inspector.core.arrays import AnyArray, FloatArray, IntArray
from inspector.core.pulse import QUIET, Pulse

_SLICE_ELEMENTS = 1 << 20


def equal_rows(rows: AnyArray, distance: float, pulse: Pulse = QUIET) -> list[tuple[int, ...]]:
    """Groups of at least two rows that lie next to no distance apart; rows of zeros or not finite are in none.

    Equal rows have equal products with any one vector; in the order of these they are neighbours. Rows that are nearly
    equal may be missed where others lie between them, never the other way round.

    Args:
        rows: (rows, columns) of any real dtype.
        distance: of two rows, relative to the longer one, up to which they are the same.
        pulse: of this work.

    Returns:
        Indices, ascending in each group; groups by their first.
    """
    if not rows.size:
        return []
    count, columns = rows.shape
    direction: FloatArray = np.random.default_rng(0).standard_normal((columns,))
    direction /= np.linalg.norm(direction)
    lengths, products = np.zeros(count), np.zeros(count)
    step = max(1, _SLICE_ELEMENTS // columns)
    for start in range(0, count, step):
        pulse.beat(start, count, "comparing rows")
        part = rows[start : start + step].astype(np.float64)
        with np.errstate(invalid="ignore", over="ignore"):
            lengths[start : start + step] = np.sqrt(np.einsum("ij,ij->i", part, part))
            products[start : start + step] = part @ direction
    usable = np.flatnonzero(np.isfinite(lengths) & (lengths > 0))
    order: IntArray = usable[np.argsort(products[usable], kind="stable")]
    reach = distance * np.maximum(lengths[order[:-1]], lengths[order[1:]])
    near = np.flatnonzero(np.diff(products[order]) <= reach)
    same = np.zeros(reach.size, np.int8)
    for start in range(0, near.size, step):
        pulse.beat(start, near.size, "comparing rows")
        pairs = near[start : start + step]
        apart = rows[order[pairs]].astype(np.float64) - rows[order[pairs + 1]].astype(np.float64)
        same[pairs] = np.sqrt(np.einsum("ij,ij->i", apart, apart)) <= reach[pairs]
    edges = np.flatnonzero(np.diff(same, prepend=0, append=0))
    runs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return sorted(tuple(sorted(order[first : last + 1].tolist())) for first, last in runs)

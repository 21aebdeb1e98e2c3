"""The samples of a gallery in the order they are shown."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from inspector.display.gallery.filters import filtered
from inspector.formats.marks import Marks
from inspector.formats.sample_table import SampleTable
from inspector.session.gallery import GalleryState

Samples = npt.NDArray[np.int64]
"""(shown,) int64 numbers of samples."""


class Shown(NamedTuple):
    """What a gallery shows.

    Attributes:
        samples: those that are kept, in order.
        wrong: what in the filter means nothing, one sentence each.
    """

    samples: Samples
    wrong: tuple[str, ...] = ()


def ordered(table: SampleTable, order: str, *, descending: bool) -> Samples:
    """All samples by a column, equal ones by their number; undefined ones last, in either direction."""
    column = table.column(order)
    if column is None:
        numbers = np.arange(table.samples, dtype=np.int64)
        return numbers[::-1] if descending and not order else numbers
    return np.argsort(-column.values if descending else column.values, kind="stable").astype(np.int64, copy=False)


def shown_samples(table: SampleTable, gallery: GalleryState, marks: Marks, order: Samples | None = None) -> Shown:
    """What a gallery shows.

    Args:
        table: the numbers.
        gallery: how it is sorted and filtered.
        marks: what was said of the samples.
        order: what `ordered` gives of the same, where it is known already.
    """
    if order is None:
        order = ordered(table, gallery.order, descending=gallery.descending)
    kept, wrong = filtered(table, gallery.filter, gallery.ranges, marks)
    return Shown(order[kept[order]], wrong)

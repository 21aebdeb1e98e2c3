"""Which samples of a gallery are written into files, and what of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec
import numpy as np

from inspector.display.gallery.order import Samples, Shown, ordered, shown_samples
from inspector.display.gallery.scene import SamplesAsk
from inspector.formats.marks import Mark, Marks
from inspector.formats.sample_table import SampleTable
from inspector.runs.values import Placed
from inspector.session.gallery import GalleryState

TableForm = Literal["csv", "json"]

SHOWN, SELECTED = "shown", "selected"
FILTERS: Mapping[str, str] = {"flagged": "flagged", "kept": "-rejected", "all": ""}
"""Choices of samples that are filters of their own, whatever the gallery is filtered by."""

_NOTHING = np.zeros(0, np.int64)


class SampleRowsAsk(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers and marks of samples as a table.

    Attributes:
        view: the key of the viewer whose samples they are.
        run: its name.
        step, epoch, placed: where the dump stands in it.
        numbers: how the numbers of all samples are made.
        samples: those that are written, from 0, in their order.
        kinds: the different marks that they have.
        marks: one a sample, which of the kinds it has; below 0 none.
        objects: the points of each sample are written, too.
    """

    view: str
    run: str
    step: int | None = None
    epoch: float | None = None
    placed: Placed = Placed.NOWHERE
    form: TableForm
    numbers: SamplesAsk
    samples: tuple[int, ...]
    kinds: tuple[Mark, ...] = ()
    marks: tuple[int, ...] = ()
    objects: bool = False


def chosen_samples(
    which: str, table: SampleTable, gallery: GalleryState, marks: Marks, selected: Samples = _NOTHING
) -> Shown:
    """The samples of a choice, in the order that the gallery shows them.

    Args:
        which: a key of FILTERS, `shown`, `selected`, or the terms of a filter.
        table: the numbers.
        gallery: how it is sorted and filtered.
        marks: what was said of the samples.
        selected: those that are selected.
    """
    if which == SHOWN:
        return shown_samples(table, gallery, marks)
    if which == SELECTED:
        order = ordered(table, gallery.order, descending=gallery.descending)
        return Shown(order[np.isin(order, selected)])
    text = FILTERS.get(which, which)
    return shown_samples(table, msgspec.structs.replace(gallery, filter=text, ranges=()), marks)


def mark_places(marks: Marks, samples: Samples) -> tuple[int, ...]:
    """Which of the kinds of `marks` each sample has, below 0 where it has none."""
    if not len(marks):
        return (-1,) * len(samples)
    rows = np.minimum(np.searchsorted(marks.samples, samples), len(marks) - 1)
    places = np.where(marks.samples[rows] == samples, marks.places[rows].astype(np.int64), -1)
    return tuple(places.tolist())

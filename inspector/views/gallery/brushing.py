"""The histogram in the head of a gallery: of which number it is, and what it shows."""

from __future__ import annotations

from inspector.display.gallery.bins import bins_of
from inspector.display.gallery.filters import filtered
from inspector.formats.marks import Marks
from inspector.formats.sample_table import SampleColumn, SampleTable
from inspector.session.gallery import GalleryState, with_range
from inspector.views.gallery.head import Head


def brushed_column(table: SampleTable, state: GalleryState) -> SampleColumn | None:
    """The number whose histogram is shown: the one that was chosen, else what the samples are sorted by."""
    name = state.histogram or state.order
    return table.column(name) or next(iter(table.columns), None)


def show_histogram(head: Head, table: SampleTable, state: GalleryState, marks: Marks) -> None:
    """Show the histogram of the samples that the rest of the filter keeps."""
    column = brushed_column(table, state)
    if column is None:
        head.show_bins(None, None, None)
        return
    others = with_range(state.ranges, column.name, None)
    kept = filtered(table, state.filter, others, marks).kept
    head.show_bins(column, bins_of(column.values, kept), state.range_of(column.name))

"""Which samples a gallery shows in which order, and where the chosen one stands among them."""

from __future__ import annotations

from inspector.display.gallery.order import Samples, Shown, ordered, shown_samples
from inspector.formats.marks import Marks
from inspector.formats.sample_table import SampleTable
from inspector.session.gallery import GalleryState
from inspector.views.gallery.model import SampleModel


class ShownOrder:
    """Worked out anew only where what it hangs on has changed.

    Args:
        model: the samples on the grid, which the gallery changes to those of `shown`.

    Attributes:
        shown: the samples, None before the first.
    """

    def __init__(self, model: SampleModel) -> None:
        self.shown: Shown | None = None
        self._model = model
        self._order: tuple[SampleTable, str, bool, Samples] | None = None
        self._shown_of: tuple[object, ...] = ()
        self._vanished_row: int | None = None

    def renewed(self, table: SampleTable, state: GalleryState, marks: Marks, sample: int) -> tuple[Shown, bool, bool]:
        """What is shown of a table; whether that was worked out anew, and if so, whether for the marks alone.

        Args:
            table: the numbers of all samples.
            state: how they are sorted and filtered.
            marks: what was said of them.
            sample: the chosen one.
        """
        by = (table, state.order, state.descending)
        if self._order is None or any(map(_other, self._order[:3], by)):
            self._order = (*by, ordered(table, state.order, descending=state.descending))
        of = (self._order[3], state.filter, state.ranges, state.histogram, marks)
        if self.shown is not None and not any(map(_other, of, self._shown_of)):
            return self.shown, False, False
        row = self._model.row_of(sample)
        by_marks = self.shown is not None and not any(map(_other, of[:-1], self._shown_of))
        if row is not None or not by_marks:
            self._vanished_row = row if by_marks else None
        self._shown_of = of
        self.shown = shown_samples(table, state, marks, self._order[3])
        return self.shown, True, by_marks

    def leave(self) -> None:
        """Another sample is the chosen one: where the last one vanished does not matter any more."""
        self._vanished_row = None

    def row_from(self, sample: int, by: int) -> int:
        """The row so many steps from a sample, also from one that a mark made vanish."""
        row, last = self._model.row_of(sample), len(self._model.samples) - 1
        if row is None:
            gap = self._vanished_row
            row = (-1 if by > 0 else last + 1) if gap is None else gap - (by > 0)
        return min(max(row + by, 0), last)


def _other(one: object, other: object) -> bool:
    """Whether two things differ; arrays and marks by identity."""
    return one is not other and (not isinstance(one, str | tuple) or one != other)

"""What keys say of the selected samples of a gallery."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from inspector.core.units import counted
from inspector.display.gallery.order import Samples
from inspector.formats.marks import NO_MARKS, UNMARKED, FileMarks, Mark, Marks
from inspector.session.intents import Intent
from inspector.session.triage import SamplesFlagged, SamplesNoted, SamplesTagged, marks_of, tags_of
from inspector.views.gallery.grid import SampleGrid
from inspector.views.gallery.head import Heads


class Marking:
    """Flags, tags and notes samples.

    Args:
        grid: where they are selected.
        heads: where tags and notes are typed.
        tell: takes the intents.

    Attributes:
        marks: what was said of the samples of the dump.
    """

    def __init__(self, grid: SampleGrid, heads: Heads, tell: Callable[[Intent], None]) -> None:
        self.marks: Marks = NO_MARKS
        self._grid = grid
        self._heads = heads
        self._tell = tell
        self._path = ""
        self._sample = 0
        self._triage: FileMarks = {}

    def show(self, path: str, sample: int, triage: FileMarks) -> None:
        """Mark samples of this dump, of which one is the chosen one, from now on."""
        self._path, self._sample, self._triage = path, sample, triage
        self.marks = marks_of(triage, path)

    def of(self, sample: int) -> Mark:
        """What was said of a sample."""
        return self.marks.get(sample, UNMARKED)

    def flagged(self) -> int:
        """How many samples are flagged."""
        return int(self.marks.where(lambda mark: mark.flagged).size)

    def selected(self) -> Samples:
        """The samples that a mark is set on: those selected together with the chosen one, else that one alone."""
        samples = self._grid.selected_samples()
        return samples if (samples == self._sample).any() else np.array([self._sample], np.int64)

    def flag(self) -> None:
        """Flag the selected samples, or take their flags where all have one."""
        samples = self.selected()
        flagged = self._all_said(samples, lambda mark: mark.flagged)
        self._tell(SamplesFlagged(self._path, samples, not flagged, time.time()))

    def tag(self) -> None:
        """Have a tag typed that the selected samples get, or lose where all have it."""
        samples = self.selected()

        def said(tag: str) -> None:
            if tag:
                tagged = self._all_said(samples, lambda mark: tag in mark.tags)
                self._tell(SamplesTagged(self._path, samples, tag, not tagged, time.time()))

        self._heads.ask(f"Tag {counted(len(samples), 'sample')}", "", tags_of(self._triage), said, self._grid)

    def note(self) -> None:
        """Have a note typed for the selected samples."""
        samples = self.selected()

        def said(note: str) -> None:
            self._tell(SamplesNoted(self._path, samples, note, time.time()))

        before = self.of(int(samples[0])).note
        self._heads.ask(f"Note on {counted(len(samples), 'sample')}", before, (), said, self._grid)

    def _all_said(self, samples: Samples, said: Callable[[Mark], bool]) -> bool:
        """Whether something is true of the marks of all these samples."""
        true_of = self.marks.where(said)
        return bool(true_of.size >= samples.size and np.isin(samples, true_of).all())

"""What keys and menus say of the selected samples of a gallery."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction

from inspector.core.language import tr, tr_counted
from inspector.display.gallery.order import Samples
from inspector.formats.marks import NO_MARKS, UNMARKED, FileMarks, Mark, Marks
from inspector.session.intents import Intent
from inspector.session.triage import (
    SamplesFlagged,
    SamplesNoted,
    SamplesRejected,
    SamplesTagged,
    marks_of,
    tags_of,
)
from inspector.views.gallery.grid import SampleGrid
from inspector.views.gallery.head import Heads
from inspector.views.gallery.mark_menu import FLAG, NOTE, REJECT, TAG, TAGGED, mark_items
from inspector.views.menu_button import menu_of


class Marking:
    """Flags, rejects, tags and notes samples.

    Args:
        grid: where they are selected.
        heads: where tags and notes are typed.
        tell: takes the intents.

    Attributes:
        marks: what was said of the samples of the dump.
        own_tags: the user's, of which the first nine have a key.
        advancing: whether a marked sample gives way to the next one.
    """

    def __init__(self, grid: SampleGrid, heads: Heads, tell: Callable[[Intent], None]) -> None:
        self.marks: Marks = NO_MARKS
        self.own_tags: tuple[str, ...] = ()
        self.advancing = False
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

    def rejected(self) -> int:
        """How many samples are rejected."""
        return int(self.marks.where(lambda mark: mark.rejected).size)

    def selected(self) -> Samples:
        """The samples that a mark is set on: those selected together with the chosen one, else that one alone."""
        samples = self._grid.selected_samples()
        return samples if (samples == self._sample).any() else np.array([self._sample], np.int64)

    def open_menu(self, place: QPoint) -> None:
        """Offer what can be said of the selected samples, at a place on the screen."""
        items = mark_items(self.of(self._sample), len(self.selected()), self.own_tags)
        menu = menu_of(items, self._grid)
        menu.triggered.connect(self._on_menu)
        menu.popup(place)

    def _on_menu(self, action: QAction) -> None:
        self.do(action.data())

    def do(self, key: str) -> None:
        """Do what an item of `mark_menu` says."""
        doing = {FLAG: self.flag, REJECT: self.reject, TAG: self.tag, NOTE: self.note}
        if key.startswith(TAGGED):
            self.give_tag(key.removeprefix(TAGGED))
        else:
            doing[key]()

    def flag(self) -> None:
        """Flag the selected samples, or take their flags where all have one."""
        samples = self.selected()
        flagged = not self._all_said(samples, lambda mark: mark.flagged)
        self._mark(SamplesFlagged(self._path, samples, flagged, time.time()), samples, given=flagged)

    def reject(self) -> None:
        """Reject the selected samples, or take that back where all are rejected."""
        samples = self.selected()
        rejected = not self._all_said(samples, lambda mark: mark.rejected)
        self._mark(SamplesRejected(self._path, samples, rejected, time.time()), samples, given=rejected)

    def tag(self) -> None:
        """Have a tag typed that the selected samples get, or lose where all have it."""
        samples = self.selected()
        known = tuple(dict.fromkeys((*self.own_tags, *tags_of(self._triage))))
        said = partial(self._tag, samples)
        self._heads.ask(
            tr("Tag {samples}").format(samples=tr_counted(len(samples), "sample")), "", known, said, self._grid
        )

    def give_tag(self, tag: str) -> None:
        """Give the selected samples a tag, or take it where all have it."""
        self._tag(self.selected(), tag)

    def give_own_tag(self, place: int) -> None:
        """As `give_tag`, of the user's own tags; nothing where there are fewer."""
        if place < len(self.own_tags):
            self.give_tag(self.own_tags[place])

    def note(self) -> None:
        """Have a note typed for the selected samples."""
        samples = self.selected()

        def said(note: str) -> None:
            self._tell(SamplesNoted(self._path, samples, note, time.time()))

        before = self.of(int(samples[0])).note
        self._heads.ask(
            tr("Note on {samples}").format(samples=tr_counted(len(samples), "sample")), before, (), said, self._grid
        )

    def _tag(self, samples: Samples, typed: str) -> None:
        tag = "-".join(typed.removeprefix("#").split())  # a term of a filter has no space
        if tag:
            tagged = not self._all_said(samples, lambda mark: tag in mark.tags)
            self._mark(SamplesTagged(self._path, samples, tag, tagged, time.time()), samples, given=tagged)

    def _mark(self, intent: Intent, samples: Samples, *, given: bool) -> None:
        """Say it, and choose the next sample where one that was marked gives way to it."""
        after = self._grid.sample_after(samples) if given and self.advancing else None
        self._tell(intent)
        if after is not None:
            self._grid.chosen.emit(after)

    def _all_said(self, samples: Samples, said: Callable[[Mark], bool]) -> bool:
        """Whether something is true of the marks of all these samples."""
        true_of = self.marks.where(said)
        return bool(true_of.size >= samples.size and np.isin(samples, true_of).all())

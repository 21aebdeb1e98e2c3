"""The base of a view that has a gallery of its samples."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from inspector.display.offer import Scene
from inspector.formats.marks import FileMarks
from inspector.session.sample_lists import SampleLists
from inspector.session.values import ViewState
from inspector.views.gallery.gallery import Gallery
from inspector.views.gallery.told import told_of_table
from inspector.views.told import SampleTold
from inspector.views.view import View


class SampleView(View):
    """A view of one sample over a gallery of all.

    Args:
        gallery: the view lays it out where it belongs.
    """

    def __init__(self, gallery: Gallery, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.gallery = gallery
        gallery.intent.connect(self.tell)
        gallery.opened.connect(self.open_sample)
        gallery.more.connect(self.again)

    def open_sample(self, _sample: int) -> None:
        """Show a sample that was chosen already and is opened now larger, where the view can."""

    def told_sample(self) -> SampleTold | None:
        """What is told of the chosen sample; None where none is shown."""
        sample, gallery = self.gallery.sample, self.gallery
        return told_of_table(gallery.table, sample, gallery.marking.of(sample)) if self._is_sample_shown() else None

    def _is_sample_shown(self) -> bool:
        """Whether there is a chosen sample to mark; behind a message the gallery still holds those of another run."""
        return self.scene is not None and self.gallery.sample < self.gallery.table.samples

    def _are_samples_shown(self) -> bool:
        """Whether there are samples to step through, likewise."""
        return self.scene is not None and self.gallery.ready()

    def read_on(self) -> None:
        """Read past the limit that left something of the dump out."""
        self.command.emit("read_on")

    def reflect_samples(self, view_state: ViewState, triage: FileMarks, lists: SampleLists) -> None:
        self.gallery.reflect(view_state, triage, lists)

    def pending(self) -> bool:
        return super().pending() or self.gallery.pending()

    def draw_part(self, part: str, scene: Scene) -> None:
        self.gallery.draw_part(part, scene)

    def say_of_part(self, part: str, sentence: str) -> None:
        self.gallery.say_of_part(part, sentence)

    def step_sample(self, by: int) -> bool:
        """Choose the next sample of the order shown, or the one before; whether there is any."""
        shown = self._are_samples_shown()
        if shown:
            self.gallery.step(by)
        return shown

    def flag_samples(self) -> None:
        """Flag the selected samples, or take their flags."""
        if self._is_sample_shown():
            self.gallery.marking.flag()

    def reject_samples(self) -> bool:
        """Reject the selected samples, or take that back; whether there are any."""
        shown = self._is_sample_shown()
        if shown:
            self.gallery.marking.reject()
        return shown

    def tag_samples(self) -> None:
        """Have a tag typed for the selected samples."""
        if self._is_sample_shown():
            self.gallery.marking.tag()

    def give_own_tag(self, place: int) -> None:
        """Give the selected samples one of the user's own tags, or take it."""
        if self._is_sample_shown():
            self.gallery.marking.give_own_tag(place)

    def note_samples(self) -> None:
        """Have a note typed for the selected samples."""
        if self._is_sample_shown():
            self.gallery.marking.note()

    def select_all(self) -> bool:
        """Select all samples that are shown; whether there are any."""
        shown = self._are_samples_shown()
        if shown:
            self.gallery.grid.selectAll()
        return shown

    def extend_selection(self, by: int) -> None:
        """Select the next sample too, or the one before."""
        if self._are_samples_shown():
            self.gallery.grid.extend(by)

    def sort_worst_first(self) -> None:
        """Sort as the gallery is sorted at first."""
        if self._are_samples_shown():
            self.gallery.sort_worst_first()

    def save_filter(self) -> None:
        """Have a name typed for the filter of the gallery."""
        if self.scene is not None:
            self.gallery.filtering.save()

    def focus_filter(self) -> None:
        """Type into the filter of the gallery."""
        self.gallery.focus_filter()

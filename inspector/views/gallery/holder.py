"""The base of a view that has a gallery of its samples."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from inspector.display.offer import Scene
from inspector.formats.marks import FileMarks
from inspector.session.values import ViewState
from inspector.views.gallery.gallery import Gallery
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

    def read_on(self) -> None:
        """Read past the limit that left something of the dump out."""
        self.command.emit("read_on")

    def reflect_samples(self, view_state: ViewState, triage: FileMarks) -> None:
        self.gallery.reflect(view_state, triage)

    def pending(self) -> bool:
        return super().pending() or self.gallery.pending()

    def draw_part(self, part: str, scene: Scene) -> None:
        self.gallery.draw_part(part, scene)

    def say_of_part(self, part: str, sentence: str) -> None:
        self.gallery.say_of_part(part, sentence)

    def step_sample(self, by: int) -> bool:
        """Choose the next sample of the order shown, or the one before; whether there is any."""
        if self.gallery.ready():
            self.gallery.step(by)
        return self.gallery.ready()

    def flag_samples(self) -> None:
        """Flag the selected samples, or take their flags."""
        self.gallery.marking.flag()

    def tag_samples(self) -> None:
        """Have a tag typed for the selected samples."""
        self.gallery.marking.tag()

    def note_samples(self) -> None:
        """Have a note typed for the selected samples."""
        self.gallery.marking.note()

    def focus_filter(self) -> None:
        """Type into the filter of the gallery."""
        self.gallery.focus_filter()

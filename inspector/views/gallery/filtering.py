"""What the menu of a gallery's filters does."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from inspector.core.language import tr
from inspector.session.gallery import GalleryState
from inspector.session.intents import (
    FilterDeleted,
    FilterSaved,
    GalleryChanged,
    Intent,
    TagDeleted,
    ViewChanged,
)
from inspector.session.sample_lists import SampleLists
from inspector.views.gallery.filter_menu import ADVANCE, ALL, DELETED, SAVE, SAVED, TAG_DELETED, TERM, toggled
from inspector.views.gallery.head import Heads


class Filtering:
    """Sets, names and deletes filters.

    Args:
        viewer: the key of the tab that the gallery belongs to.
        back: where the focus goes when a name was typed.
        heads: where names are typed.
        tell: takes the intents.
    """

    def __init__(self, viewer: str, back: QWidget, heads: Heads, tell: Callable[[Intent], None]) -> None:
        self._viewer = viewer
        self._back = back
        self._heads = heads
        self._tell = tell
        self._state = GalleryState(viewer=viewer)
        self._lists = SampleLists()
        self._advancing: bool | None = None

    def show(self, state: GalleryState, lists: SampleLists, *, advancing: bool) -> None:
        """Go on from how the gallery is filtered now."""
        known = (self._state.filter, self._state.ranges, self._lists, self._advancing)
        self._state, self._lists, self._advancing = state, lists, advancing
        if known != (state.filter, state.ranges, lists, advancing):
            self._heads.head.show_lists(state, lists, advancing=advancing)

    def do(self, key: str) -> None:
        """Do what an item of `filter_menu` says."""
        if key == ALL:
            self._change(filter="", ranges=())
        elif key == SAVE:
            self.save()
        elif key == ADVANCE:
            self._tell(ViewChanged({"auto_advance": not self._advancing}))
        elif key.startswith(TERM):
            self._change(filter=toggled(self._state.filter, key.removeprefix(TERM)))
        elif key.startswith(SAVED):
            self.choose(key.removeprefix(SAVED))
        elif key.startswith(DELETED):
            self._tell(FilterDeleted(self._viewer, key.removeprefix(DELETED)))
        elif key.startswith(TAG_DELETED):
            self._tell(TagDeleted(key.removeprefix(TAG_DELETED)))

    def choose(self, name: str) -> None:
        """Filter as one that has a name says."""
        for saved in self._lists.of_viewer(self._viewer):
            if saved.name == name:
                self._change(filter=saved.filter, ranges=saved.ranges)

    def save(self) -> None:
        """Have a name typed for how the gallery is filtered; one that is there already takes this in its place."""
        if self._state.filter.strip() or self._state.ranges:
            known = tuple(one.name for one in self._lists.of_viewer(self._viewer))
            self._heads.ask(tr("Name of the filter"), "", known, self._on_named, self._back)

    def _on_named(self, name: str) -> None:
        if name:
            self._tell(FilterSaved(self._viewer, name))

    def _change(self, **changes: object) -> None:
        self._tell(GalleryChanged(self._viewer, changes))

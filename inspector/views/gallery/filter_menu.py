"""The menu of a gallery's filters: quick ones, those that have a name, and what becomes of a marked sample."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.session.gallery import GalleryState
from inspector.session.sample_lists import SampleLists, SavedFilter
from inspector.views.menu_button import MenuItem

TERM, SAVED, DELETED, TAG_DELETED = "term ", "saved ", "deleted ", "untagged "
"""What keys of items begin with; the rest is a term of the filter, or a name."""

ALL, SAVE, ADVANCE = "all", "save", "advance"

_QUICK = (
    ("flagged", tr("Flagged")), ("rejected", tr("Rejected")), ("-rejected", tr("Not rejected")), ("noted", tr("Noted")),
    ("tagged", tr("Tagged")), ("-seen", tr("Not seen")),
)  # fmt: skip
_LONGEST = 40
_DELETE = tr("Delete")


def filter_items(state: GalleryState, lists: SampleLists, *, advancing: bool) -> Iterator[MenuItem]:
    """The items of the menu.

    Args:
        state: how the gallery is filtered.
        lists: the user's named filters and own tags.
        advancing: whether a marked sample gives way to the next one.
    """
    terms, filtering = state.filter.split(), bool(state.filter.strip() or state.ranges)
    yield MenuItem(key=ALL, text=tr("Show all"), enabled=filtering)
    quick = (*_QUICK, *((f"#{tag}", f"#{visible(tag, _LONGEST)}") for tag in lists.tags if not _broken(tag)))
    for place, (term, text) in enumerate(quick):
        yield MenuItem(key=TERM + term, text=text, on=term in terms, heading="" if place else tr("Show only"))
    saved = lists.of_viewer(state.viewer)
    active = saved_as(state, lists)
    title = tr("Saved filters")
    for place, one in enumerate(saved):
        heading = "" if place else title
        yield MenuItem(key=SAVED + one.name, text=visible(one.name, _LONGEST), on=one is active, heading=heading)
    yield MenuItem(key=SAVE, text=tr("Save filter…"), enabled=filtering, heading="" if saved else title)
    for one in saved:
        yield MenuItem(key=DELETED + one.name, text=visible(one.name, _LONGEST), under=_DELETE)
    for tag in lists.tags:
        yield MenuItem(
            key=TAG_DELETED + tag, text=tr("#{tag} from the own tags").format(tag=visible(tag, _LONGEST)), under=_DELETE
        )
    yield MenuItem(key=ADVANCE, text=tr("Go to the next sample"), on=advancing, heading=tr("After marking"))


def saved_as(state: GalleryState, lists: SampleLists) -> SavedFilter | None:
    """The named filter that the gallery is filtered by."""
    shown = state.filter.split(), set(state.ranges)
    named = lists.of_viewer(state.viewer)
    return next((one for one in named if (one.filter.split(), set(one.ranges)) == shown), None)


def toggled(text: str, term: str) -> str:
    """A filter with a term more, or without it; its opposite goes."""
    opposite = term.removeprefix("-") if term.startswith("-") else f"-{term}"
    terms = [one for one in text.split() if one != opposite]
    return " ".join([one for one in terms if one != term] if term in terms else [*terms, term])


def _broken(tag: str) -> bool:
    """Whether a tag is more than one term of a filter."""
    return len(tag.split()) != 1

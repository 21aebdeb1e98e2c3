"""The menu of what can be said of the selected samples."""

from __future__ import annotations

from collections.abc import Sequence

from inspector.core.language import tr, tr_counted
from inspector.core.texts import visible
from inspector.formats.marks import Mark
from inspector.views.menu_button import MenuItem

FLAG, REJECT, TAG, NOTE, TAGGED = "flag", "reject", "tag", "note", "tagged "
"""Keys of items; that of an own tag begins with the last of them."""

_LONGEST = 40


def mark_items(mark: Mark, selected: int, tags: Sequence[str]) -> tuple[MenuItem, ...]:
    """The items of the menu.

    Args:
        mark: what was said of the chosen sample.
        selected: how many samples are selected together with it.
        tags: the user's own.
    """
    return (
        MenuItem(key=FLAG, text=tr("Flagged"), on=mark.flagged, heading=tr_counted(selected, "sample")),
        MenuItem(key=REJECT, text=tr("Rejected"), on=mark.rejected),
        *(MenuItem(key=TAGGED + tag, text=f"#{visible(tag, _LONGEST)}", on=tag in mark.tags) for tag in tags),
        MenuItem(key=TAG, text=tr("Tag…")),
        MenuItem(key=NOTE, text=tr("Note…")),
    )

"""Where named filters and the user's own tags are kept: `sample_lists.json` in the settings folder, for every window.

Windows write only what changed in them, so that none takes back what another was told.
"""

from __future__ import annotations

import msgspec

from inspector.session.kept_files import keep, load_kept
from inspector.session.sample_lists import SampleLists, SavedFilter, with_changes

LISTS_FILE = "sample_lists.json"
SCHEMA = "ri-sample-lists/1"


class ListsFile(msgspec.Struct, frozen=True, kw_only=True):
    """The content of `sample_lists.json`."""

    schema: str = SCHEMA
    filters: tuple[SavedFilter, ...] = ()
    tags: tuple[str, ...] = ()


def load_lists() -> SampleLists:
    """What the user keeps; nothing where the file is absent, damaged or of a later version."""
    found = load_kept(LISTS_FILE, ListsFile)
    if found is None or found.schema != SCHEMA:
        return SampleLists()
    return SampleLists(filters=found.filters, tags=found.tags)


def keep_lists(before: SampleLists, after: SampleLists) -> None:
    """Keep what changed.

    Raises:
        OSError: the settings folder cannot be written.
    """
    kept = with_changes(load_lists(), before, after)
    keep(LISTS_FILE, ListsFile(filters=kept.filters, tags=kept.tags))

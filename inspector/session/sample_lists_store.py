"""Where named filters and the user's own tags are kept: `sample_lists.json` in the settings folder, for every window.

Windows write only what changed in them, so that none takes back what another was told.
"""

from __future__ import annotations

import msgspec

from inspector.core.files import write_atomically
from inspector.core.places import config_folder
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
    try:
        found = msgspec.json.decode((config_folder() / LISTS_FILE).read_bytes(), type=ListsFile)
    except (OSError, msgspec.MsgspecError):
        return SampleLists()
    return SampleLists(filters=found.filters, tags=found.tags) if found.schema == SCHEMA else SampleLists()


def keep_lists(before: SampleLists, after: SampleLists) -> None:
    """Keep what changed.

    Raises:
        OSError: the settings folder cannot be written.
    """
    kept = with_changes(load_lists(), before, after)
    write_atomically(config_folder() / LISTS_FILE, msgspec.json.encode(ListsFile(filters=kept.filters, tags=kept.tags)))

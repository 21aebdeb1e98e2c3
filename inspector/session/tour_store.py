"""Whether the tour of the window was seen: `tour.json` in the settings folder, which is there once it was."""

from __future__ import annotations

from inspector.core.places import config_folder
from inspector.session.kept_files import keep
from inspector.session.store import SESSION_FILE

TOUR_FILE = "tour.json"


def tour_is_due() -> bool:
    """Whether this is a first start: no window was closed before, and the tour was neither gone through nor skipped."""
    return not any((config_folder() / name).exists() for name in (SESSION_FILE, TOUR_FILE))


def keep_tour_seen() -> None:
    """Never offer the tour again.

    Raises:
        OSError: the settings folder cannot be written.
    """
    keep(TOUR_FILE, True)

"""The interpreters that trained lately: `interpreters.json` in the settings folder, for every window."""

from __future__ import annotations

import logging

import msgspec

from inspector.session.kept_files import keep, load_kept

INTERPRETERS_FILE = "interpreters.json"
MOST_KEPT = 6

_log = logging.getLogger(__name__)


class KeptInterpreters(msgspec.Struct, frozen=True, kw_only=True):
    """The content of the file; which one is preferred, the preferences say.

    Attributes:
        recent: paths of others than this program's own, the last first.
    """

    recent: tuple[str, ...] = ()


def recent_interpreters() -> tuple[str, ...]:
    """What was chosen lately; nothing where the file is absent or damaged."""
    return (load_kept(INTERPRETERS_FILE, KeptInterpreters) or KeptInterpreters()).recent


def keep_interpreter(path: str) -> tuple[str, ...]:
    """What was chosen lately with one more; that it cannot be remembered matters to nobody."""
    before = recent_interpreters()
    if not path:
        return before
    recent = (path, *(one for one in before if one != path))[:MOST_KEPT]
    try:
        keep(INTERPRETERS_FILE, KeptInterpreters(recent=recent), durable=False)
    except OSError as error:
        _log.info("the interpreter was not remembered: %s", error)
    return recent

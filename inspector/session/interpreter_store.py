"""The interpreters that trained lately: `interpreters.json` in the settings folder, for every window."""

from __future__ import annotations

import logging

import msgspec

from inspector.session.kept_files import keep, load_kept

INTERPRETERS_FILE = "interpreters.json"
MOST_KEPT = 6

_log = logging.getLogger(__name__)


class KeptInterpreters(msgspec.Struct, frozen=True, kw_only=True):
    """The content of the file.

    Attributes:
        chosen: path of the one that was chosen last; empty for this program's own.
        recent: paths of others, newest first.
    """

    chosen: str = ""
    recent: tuple[str, ...] = ()


def load_interpreters() -> KeptInterpreters:
    """What was chosen lately; nothing where the file is absent or damaged."""
    return load_kept(INTERPRETERS_FILE, KeptInterpreters) or KeptInterpreters()


def keep_interpreter(path: str) -> KeptInterpreters:
    """What was chosen lately with one more; that it cannot be remembered matters to nobody."""
    before = load_interpreters().recent
    rest = tuple(one for one in before if one != path)
    kept = KeptInterpreters(chosen=path, recent=((path, *rest)[:MOST_KEPT] if path else before))
    try:
        keep(INTERPRETERS_FILE, kept, durable=False)
    except OSError as error:
        _log.info("the interpreter was not remembered: %s", error)
    return kept

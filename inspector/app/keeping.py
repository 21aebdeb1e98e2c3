"""What is kept for the next start: at the end what is open, and what holds for any run as soon as the user said it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from inspector.app.news import Message
from inspector.core.language import tr
from inspector.session.preferences_store import keep_preferences
from inspector.session.role_store import keep_roles
from inspector.session.sample_lists_store import keep_lists
from inspector.session.store import save_session
from inspector.session.values import State
from inspector.session.writing import writing

_KEPT: tuple[tuple[str, Callable[[Any, Any], None], str], ...] = (
    ("preferences", keep_preferences, tr("Preferences are not kept for the next start: {why}")),
    ("role_corrections", keep_roles, tr("What datasets hold is not kept for the next start: {why}")),
    ("sample_lists", keep_lists, tr("Filters and tags are not kept for the next start: {why}")),
)
"""Fields of the state, what keeps each, and the sentence where that failed."""


def keep_changes(before: State, after: State) -> Iterator[Message]:
    """Keep what changed; a message for each part that could not be."""
    for field, keep, sentence in _KEPT:
        was, now = getattr(before, field), getattr(after, field)
        try:
            if was != now:
                writing(partial(keep, was, now))
        except OSError as error:
            yield Message(sentence.format(why=error.strerror))


def keep_session(state: State) -> None:
    """Keep what is open; nobody is left to tell where it could not be."""
    try:
        writing(partial(save_session, state))
    except OSError as error:
        logging.getLogger(__name__).warning("the session was not saved: %s", error)

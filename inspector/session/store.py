"""What the next start finds: the last session and the recent list."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Collection
from functools import partial
from typing import Any

import msgspec

from inspector.core.places import config_folder
from inspector.jobs.reach import folder_there, reach
from inspector.session.interpreter_store import INTERPRETERS_FILE, KeptInterpreters
from inspector.session.kept_files import keep, load_kept, set_aside
from inspector.session.own_folder import window_alone
from inspector.session.preferences_store import PREFERENCES_FILE, load_preferences
from inspector.session.role_store import ROLES_FILE, RolesFile, keep_roles, load_roles
from inspector.session.sample_lists_store import LISTS_FILE, ListsFile, load_lists
from inspector.session.values import State
from inspector.session.writing import writing

SESSION_FILE = "session.json"
RECENT_FILE = "recent.json"
FOLDER_FILE = "folder.json"
MAX_RECENT = 20

_log = logging.getLogger(__name__)


class Recent(msgspec.Struct, frozen=True):
    """One line of the recent list; `when` is seconds since 1970."""

    name: str
    paths: tuple[str, ...]
    when: float


def save_session(state: State) -> None:
    """Keep the state for the next start.

    Raises:
        OSError: the settings folder cannot be written.
    """
    keep(SESSION_FILE, window_alone(state))


def is_saved(state: State) -> bool:
    """Whether the next start finds just this state."""
    try:
        return (config_folder() / SESSION_FILE).read_bytes() == msgspec.json.encode(window_alone(state))
    except OSError:
        return False


def set_aside_damaged() -> tuple[str, ...]:
    """Move files that cannot be read out of the way of those that are written anew; one sentence each."""
    kinds: tuple[tuple[str, Any], ...] = (
        (SESSION_FILE, State),
        (RECENT_FILE, tuple[Recent, ...]),
        (FOLDER_FILE, str),
        (ROLES_FILE, RolesFile),
        (LISTS_FILE, ListsFile),
        (INTERPRETERS_FILE, KeptInterpreters),
        (PREFERENCES_FILE, dict[str, Any]),
    )
    return tuple(sentence for name, kind in kinds if (sentence := set_aside(name, kind)))


def load_session() -> State:
    """The state of the last session, with the runs that are not there now as lost; a fresh one where there is none."""
    state = load_kept(SESSION_FILE, State)
    if state is None:
        return State(preferences=load_preferences()[0], role_corrections=load_roles(), sample_lists=load_lists())
    if state.role_corrections:  # a session of an earlier version
        _keep_earlier(state)
    keys = {run.key for run in state.every_run if not any(map(_is_gone, run.paths))}
    runs = tuple(run for run in state.every_run if run.key in keys)
    chosen = state.chosen if state.chosen in keys else (runs[0].key if runs else None)
    compared = tuple(key for key in state.compared if key in keys)
    return msgspec.structs.replace(
        state,
        runs=runs,
        lost=tuple(run for run in state.every_run if run.key not in keys),
        chosen=chosen,
        compared=compared,
        preferences=load_preferences()[0],
        role_corrections=load_roles() or state.role_corrections,
        sample_lists=load_lists(),
    )


def may_come_back(paths: Collection[str]) -> bool:
    """Whether any of these is not there, or is on a disk that does not answer: a disk may be mounted again."""
    try:
        reach(*paths)
        return any(map(_is_gone, paths))
    except OSError:
        return True


def _is_gone(path: str) -> bool:
    """Whether nothing stands there now, or an empty folder, as where a disk is not mounted.

    Of what may not be looked at, or hangs, its reader tells more.
    """
    try:
        reach(path)
        with os.scandir(path) as entries:
            return next(entries, None) is None
    except NotADirectoryError:
        return not os.path.exists(path)  # noqa: PTH110 - a file, or below one
    except (FileNotFoundError, ValueError):
        return True
    except OSError:
        return False


def _keep_earlier(state: State) -> None:
    try:
        keep_roles((), state.role_corrections)
    except OSError as error:
        _log.info("roles of an earlier session were not kept: %s", error)


def load_recent() -> tuple[Recent, ...]:
    """What was opened lately, newest first."""
    return load_kept(RECENT_FILE, tuple[Recent, ...]) or ()


def add_recent(name: str, paths: tuple[str, ...]) -> tuple[Recent, ...]:
    """The recent list with one entry moved to its top, saved where it was not there.

    Raises:
        OSError: the settings folder cannot be written.
    """
    known = load_recent()
    if known and known[0].paths == paths:
        return known
    rest = tuple(entry for entry in known if entry.paths != paths)
    recent = (Recent(name, paths, time.time()), *rest)[:MAX_RECENT]
    keep(RECENT_FILE, recent)
    return recent


def load_folder() -> str:
    """Where a file was saved last; empty where none was, or where it is gone."""
    read = writing(partial(load_kept, FOLDER_FILE, str))
    folder = (read.value if read is not None else None) or ""
    return folder if folder and folder_there(folder) else ""


def save_folder(folder: str) -> None:
    """Remember where a file was saved; that it cannot be remembered matters to nobody."""
    try:
        writing(partial(keep, FOLDER_FILE, folder, durable=False))
    except OSError as error:
        _log.info("the folder was not remembered: %s", error)
